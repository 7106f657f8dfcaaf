"""Regions of speech are found whatever the recording's level and noise."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from finisher.sound.speech import regions

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
