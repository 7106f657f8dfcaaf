"""A shift of one sample is seen in sound of any kind, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.sound.offset import Excerpt, loudest_second, offset
from finisher.timecode import Span

RATE = 48_000
TIME = np.arange(RATE) / RATE


def noise(level: float = 0.1) -> NDArray[np.float32]:
    return np.random.default_rng(1).normal(0, level, (RATE, 2)).astype(np.float32)


def tone(hertz: float) -> NDArray[np.float32]:
    return np.repeat(0.2 * np.sin(2 * np.pi * hertz * TIME)[:, None], 2, 1).astype(np.float32)


def moved(signal: NDArray[np.float32], by: int) -> NDArray[np.float32]:
    return np.roll(signal, by, axis=0)


@pytest.mark.parametrize("by", [-1_024, -1, 0, 1, 312, 1_024])
@pytest.mark.parametrize("signal", [noise(), tone(440) + noise(0.001)], ids=["noise", "tone"])
def test_a_shift_is_found_to_the_sample(signal: NDArray[np.float32], by: int) -> None:
    coded = moved(signal, by) + np.random.default_rng(2).normal(0, 1e-4, signal.shape)
    assert offset(signal, coded.astype(np.float32)) == by


def test_a_bass_whose_phase_was_turned_is_where_it_was() -> None:
    # What a high-pass at 3 Hz does to 50 Hz: 3 degrees, 9 samples.
    turned = 0.2 * np.sin(2 * np.pi * 50 * TIME + np.radians(2.4))
    heard = np.repeat(turned[:, None], 2, 1).astype(np.float32)
    assert offset(tone(50), heard) == 0


def test_silence_has_no_offset() -> None:
    silent = np.zeros((RATE, 2), np.float32)
    assert offset(silent, noise()) is None
    assert offset(noise(), silent) is None
    assert offset(noise()[:0], noise()) is None


def test_an_excerpt_is_kept_across_blocks() -> None:
    signal = noise()
    excerpt = Excerpt(Span(700, 2_900))
    passed = list(excerpt.passing(signal[at : at + 999] for at in range(0, RATE, 999)))
    np.testing.assert_array_equal(np.concatenate(passed), signal)
    np.testing.assert_array_equal(excerpt.samples(), signal[700:2_900])


def test_the_loudest_second_is_found() -> None:
    powers = np.full(10 * 2_000, 0.01, np.float32)
    powers[13_000:14_500] = 1.0
    found = loudest_second(powers, 10 * RATE)
    assert found.start <= 13_000 * 24
    assert found.end >= 14_500 * 24
    assert len(found) == RATE
    assert loudest_second(powers[:500], 12_000) == Span(0, 12_000)
