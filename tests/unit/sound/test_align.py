"""One performance is found to the millisecond; whatever is not it is refused."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from tests.voices import PAD, RATE, Voice, line, other, speak, taken

from finisher.sound.align import AGREEMENT, LONGEST, align, heard

Mono = NDArray[np.float64]


def music(rng: np.random.Generator, length: int) -> Mono:
    time = np.arange(length) / RATE
    chords = rng.choice([220.0, 277.2, 329.6, 392.0, 440.0], (length // 20_000 + 1, 3))
    notes = chords.repeat(20_000, axis=0)[:length]
    return np.sin(2 * np.pi * notes * time[:, None] + rng.uniform(0, 6, 3)).sum(axis=1)


def bed(rng: np.random.Generator, length: int) -> Mono:
    return rng.normal(size=length) + music(rng, length)


def compared(sound: Mono) -> NDArray[np.float32]:
    return heard(np.stack([sound, sound], 1).astype(np.float32))


def scene(seed: int) -> tuple[list[tuple[float, ...]], Voice, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return line(rng, 9), Voice(pitch=rng.uniform(95, 200), seed=seed), rng


@pytest.mark.parametrize("snr", [0, 20])
@pytest.mark.parametrize("seed", range(3))
def test_the_same_performance_is_found_to_the_millisecond(seed: int, snr: int) -> None:
    words, voice, rng = scene(seed)
    spoken = speak(words, voice)
    delay = int(rng.integers(-RATE, RATE))
    found = align(compared(taken(spoken, rng, snr, delay, bed)), compared(0.1 * spoken), PAD, RATE)
    assert found.refused == ""
    assert abs(found.at - PAD - delay) <= RATE / 1000


CHANGES = {
    "another voice": {"pitch": 1.7, "size": 1.15},
    "another take": {},
    "another pitch": {"pitch": 1.06},
    "eight per cent slower": {"pace": 1.08},
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("change", CHANGES)
def test_another_performance_is_refused(change: str, seed: int) -> None:
    words, voice, rng = scene(seed)
    factors = CHANGES[change]
    second = other(
        voice,
        pitch=voice.pitch * factors.get("pitch", 1),
        size=voice.size * factors.get("size", 1),
        pace=factors.get("pace", 1.0),
        seed=voice.seed + (100 if change == "another take" else 0),
        breath=1,
    )
    sound = taken(speak(words, voice), rng, 20, 0, bed)
    found = align(compared(sound), compared(speak(words, second)), PAD, RATE)
    assert "not the same performance" in found.refused


@pytest.mark.parametrize("seed", range(3))
def test_another_line_is_refused(seed: int) -> None:
    words, voice, rng = scene(seed)
    sound = taken(speak(words, voice), rng, 20, 0, bed)
    wrong = speak(line(np.random.default_rng(seed + 50), 9), voice)
    assert "not the same performance" in align(compared(sound), compared(wrong), PAD, RATE).refused


def test_music_and_noise_are_refused() -> None:
    words, voice, rng = scene(5)
    sound = compared(taken(speak(words, voice), rng, 20, 0, bed))
    for thing in (music(rng, 2 * RATE), rng.normal(size=2 * RATE)):
        assert "not the same performance" in align(sound, compared(thing), PAD, RATE).refused


def test_silence_on_either_side_is_named() -> None:
    words, voice, _ = scene(6)
    spoken, silence = compared(speak(words, voice)), compared(np.zeros(RATE))
    assert align(spoken, silence, 0, RATE).refused == "the recording is silent"
    assert align(silence, spoken, 0, RATE).refused == "the take's own sound is silent"
    assert "silent" in align(spoken, compared(np.zeros(0)), 0, RATE).refused


def test_a_performance_out_of_reach_says_where_it_lies() -> None:
    words, voice, rng = scene(7)
    spoken = speak(words, voice)
    sound = compared(taken(spoken, rng, 20, 48_000, bed))
    assert "1.000 s later than asked" in align(sound, compared(spoken), PAD, RATE // 2).refused


def test_a_line_whose_middle_was_moved_is_refused() -> None:
    words, voice, rng = scene(8)
    spoken = speak(words, voice)
    middle = len(spoken) // 2
    moved = np.concatenate([spoken[:middle], np.zeros(RATE // 10), spoken[middle:]])
    found = align(compared(taken(spoken, rng, 20, 0, bed)), compared(moved), PAD, RATE)
    assert f"not {AGREEMENT:.0%}" in found.refused


def test_a_take_that_begins_in_mid_line_is_enough() -> None:
    words, voice, rng = scene(9)
    spoken = speak(words, voice)
    sound = taken(spoken, rng, 10, 0, bed)[PAD + len(spoken) // 2 :]
    found = align(compared(sound), compared(spoken), -len(spoken) // 2, RATE)
    assert found.refused == ""
    assert abs(found.at + len(spoken) // 2) <= RATE / 1000


def test_a_syllable_is_too_little_to_tell() -> None:
    words, voice, rng = scene(10)
    spoken = speak(words, voice)[: 2 * RATE // 5]
    found = align(compared(taken(spoken, rng, 20, 0, bed)), compared(spoken), PAD, RATE)
    assert "half a second of voice" in found.refused


def test_no_more_than_a_minute_is_heard() -> None:
    assert len(heard(np.zeros((LONGEST + 10_000, 1), np.float32))) == LONGEST // 4
