"""Regions of speech are found whatever the recording's level and noise."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests.voices import Voice, line, speak

from finisher.channels import Layout
from finisher.plan.ducking import duck_curve
from finisher.sound.speech import regions
from finisher.timeline import Duck, Role

RATE = 48_000
SPOKEN = ((1.0, 2.2), (3.0, 3.9), (5.5, 6.0))


def recording(path: Path, level: float, noise: float) -> Path:
    """Bursts of a buzz with syllables, over noise."""
    rng = np.random.default_rng(11)
    time = np.arange(8 * RATE) / RATE
    buzz = sum(np.sin(2 * np.pi * 120 * k * time + k * k) / k for k in range(1, 20))
    syllables = 0.55 + 0.45 * np.sin(2 * np.pi * 4 * time)
    spoken = sum(((time >= a) & (time < b)) for a, b in SPOKEN)
    wave = level * buzz * syllables * spoken + noise * rng.normal(size=len(time))
    np.stack([wave, wave], 1).astype(np.float32).tofile(path)
    return path


@pytest.mark.parametrize("level", [0.2, 0.02, 0.005])
@pytest.mark.parametrize("noise", [0.0, 0.1], ids=["clean", "noisy"])
def test_every_region_and_no_other(tmp_path: Path, level: float, noise: float) -> None:
    found = regions(recording(tmp_path / "a.f32", level, noise * level))
    assert len(found) == len(SPOKEN)
    for span, (start, end) in zip(found, SPOKEN, strict=True):
        # The soft half of a syllable lasts 120 ms and may lie at either end.
        assert abs(span.start / RATE - start) < 0.12
        assert abs(span.end / RATE - end) < 0.12


def test_short_pauses_do_not_split(tmp_path: Path) -> None:
    time = np.arange(3 * RATE) / RATE
    wave = 0.1 * np.sin(2 * np.pi * 200 * time) * ((time > 0.5) & (time < 2.5))
    wave[int(1.4 * RATE) : int(1.6 * RATE)] = 0
    np.stack([wave, wave], 1).astype(np.float32).tofile(tmp_path / "a.f32")
    assert len(regions(tmp_path / "a.f32")) == 1


def test_a_click_is_no_speech(tmp_path: Path) -> None:
    wave = np.zeros((3 * RATE, 2), np.float32)
    wave[RATE : RATE + 200] = 0.5
    wave.tofile(tmp_path / "a.f32")
    assert regions(tmp_path / "a.f32") == ()


def test_a_recording_without_pauses_is_one_region(tmp_path: Path) -> None:
    wave = np.random.default_rng(3).normal(0, 0.1, (2 * RATE, 2)).astype(np.float32)
    wave.tofile(tmp_path / "a.f32")
    (whole,) = regions(tmp_path / "a.f32")
    assert (whole.start, whole.end) == (0, 2 * RATE)


@pytest.mark.parametrize("samples", [0, 100, RATE])
def test_silence_holds_none(tmp_path: Path, samples: int) -> None:
    np.zeros((samples, 2), np.float32).tofile(tmp_path / "a.f32")
    assert regions(tmp_path / "a.f32") == ()


def dialogue(seed: int) -> tuple[NDArray[np.float64], list[int]]:
    """Three lines with pauses, a breath before the second, and the samples they begin at."""
    rng = np.random.default_rng(seed)
    parts, onsets = [np.zeros(RATE)], []
    for number in range(3):
        if number == 1:
            breath = rng.normal(size=RATE // 4) * np.hanning(RATE // 4) * 0.004
            parts += [breath, np.zeros(RATE // 10)]
        onsets.append(sum(map(len, parts)))
        spoken = speak(line(rng, 5), Voice(pitch=110 + 40 * seed, seed=seed))
        parts += [spoken, np.zeros(int(1.2 * RATE))]
    return np.concatenate(parts), onsets


@pytest.mark.parametrize("floor", [-90, -55])
@pytest.mark.parametrize("level", [0, -10, -20])
def test_the_duck_is_down_before_every_onset(tmp_path: Path, level: int, floor: int) -> None:
    duck = Duck((Role.DIALOGUE,), -9.0)
    for seed in range(2):
        spoken, onsets = dialogue(seed)
        noise = np.random.default_rng(seed).normal(size=len(spoken)) * 10 ** (floor / 20)
        sound = 10 ** (level / 20) * spoken + noise
        np.stack([sound, sound], 1).astype(np.float32).tofile(tmp_path / "a.f32")
        found = regions(tmp_path / "a.f32")
        places, gains = zip(*duck_curve(found, duck), strict=True)
        for onset in onsets:
            # Reached by the onset, and held through the first syllable.
            for at in (onset, onset + RATE // 10):
                assert np.interp(at, places, gains) == pytest.approx(duck.depth_db, abs=0.3)
        # And up again where nobody speaks: before the first word.
        assert np.interp(onsets[0] - RATE // 2, places, gains) == 0


@pytest.mark.parametrize("silence", [0, 2_400, 4_800])
def test_a_trimmed_line_is_speech_from_its_first_consonant(tmp_path: Path, silence: int) -> None:
    for seed in range(6):
        spoken = speak(line(np.random.default_rng(seed), 8), Voice(pitch=110, seed=seed))
        trimmed = np.concatenate([np.zeros(silence), spoken, np.zeros(silence)])
        np.stack([trimmed, trimmed], 1).astype(np.float32).tofile(tmp_path / "a.f32")
        found = regions(tmp_path / "a.f32")
        # Within what a duck leads by.
        assert found[0].start <= silence + 4_800


def test_speech_in_the_centre_of_six_channels_is_found(tmp_path: Path) -> None:
    spoken, onsets = dialogue(4)
    sound = np.zeros((len(spoken), 6), np.float32)
    sound[:, 2] = spoken
    sound.tofile(tmp_path / "a.f32")
    found = regions(tmp_path / "a.f32", Layout.SURROUND)
    assert found[0].start == pytest.approx(onsets[0], abs=4_800)
    assert found[-1].end <= len(spoken)


def test_words_joined_by_what_is_faint_are_one_region(tmp_path: Path) -> None:
    time = np.arange(4 * RATE) / RATE
    loud = ((time > 1) & (time < 1.5)) | ((time > 2) & (time < 2.5))
    level = np.where(loud, 0.1, np.where((time > 1) & (time < 2.5), 0.005, 0.0))
    wave = level * np.sin(2 * np.pi * 200 * time)
    np.stack([wave, wave], 1).astype(np.float32).tofile(tmp_path / "a.f32")
    (span,) = regions(tmp_path / "a.f32")
    assert span.start / RATE == pytest.approx(1.0, abs=0.04)
    assert span.end / RATE == pytest.approx(2.5, abs=0.04)


@given(
    st.lists(st.tuples(st.integers(1, 60), st.sampled_from([0.0, 1e-3, 3e-3, 0.1])), max_size=20)
)
def test_regions_are_in_order_apart_and_within(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[int, float]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "regions.f32"
    wave = np.concatenate([np.zeros(1), *(np.full(480 * n, level) for n, level in parts)])
    np.stack([wave, wave], 1).astype(np.float32).tofile(path)
    found = regions(path)
    ends = [0, *(place for span in found for place in (span.start, span.end)), len(wave)]
    assert ends == sorted(ends)
    assert all(a.end < b.start for a, b in pairwise(found))
