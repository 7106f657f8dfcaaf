"""The meter against EBU Tech 3341 and 3342, whose signals are given by formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.sound.meter import loudness, measure

RATE = 48_000
BLOCK = 70_001  # no divisor of anything the meter does inside


def tone(*steps: tuple[float, float], hertz: float = 1000.0) -> NDArray[np.float32]:
    """A stereo sine in phase: (peak level dBFS, seconds) after each other."""
    gains = np.concatenate([np.full(round(s * RATE), 10 ** (level / 20)) for level, s in steps])
    wave = gains * np.sin(2 * np.pi * hertz * np.arange(len(gains)) / RATE)
    return np.repeat(wave[:, np.newaxis], 2, axis=1).astype(np.float32)


def blocks(signal: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    return [signal[at : at + BLOCK] for at in range(0, len(signal), BLOCK)]


# Tech 3341 table 1: 0.1 LU is its own tolerance.
@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ([(-23, 20)], -23),
        ([(-33, 20)], -33),
        ([(-36, 10), (-23, 60), (-36, 10)], -23),
        ([(-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)], -23),
        ([(-26, 20), (-20, 20.1), (-26, 20)], -23),
    ],
    ids=["1", "2", "3", "4", "5"],
)
def test_integrated_loudness(steps: list[tuple[float, float]], expected: float) -> None:
    assert loudness(blocks(tone(*steps))) == pytest.approx(expected, abs=0.1)


def test_five_channels_weigh_as_the_standard_says() -> None:
    levels = (-28, -28, -24, -30, -30)  # L R C Ls Rs, case 6
    signal = np.concatenate([tone((level, 20))[:, :1] for level in levels], axis=1)
    reading = measure(blocks(signal), weights=(1, 1, 1, 1.41, 1.41))
    assert reading.integrated == pytest.approx(-23, abs=0.1)


def test_short_term_loudness_of_a_steady_alternation() -> None:
    signal = tone(*[(-20, 1.34), (-30, 1.66)] * 3)  # case 9, constant after 3 s
    assert measure(blocks(signal)).short_term == pytest.approx(-23, abs=0.1)


def test_momentary_loudness_of_a_steady_alternation() -> None:
    signal = tone(*[(-20, 0.18), (-30, 0.22)] * 10)  # case 12, constant after 1 s
    assert measure(blocks(signal)).momentary[60:] == pytest.approx(-23, abs=0.1)


@pytest.mark.parametrize("late", [0, 7, 19], ids=["13-1", "13-8", "13-20"])
def test_the_loudest_moment_is_caught_wherever_it_lies(late: int) -> None:
    silence = (-200.0, 0.02 * late)
    signal = tone(silence, (-23, 0.4), (-200.0, 1.0))
    assert measure(blocks(signal)).momentary.max() == pytest.approx(-23, abs=0.1)


# Tech 3341 cases 15 to 19: the tolerance is +0.2/-0.4 dB, asymmetric in the standard.
@pytest.mark.parametrize(
    ("divisor", "degrees", "amplitude", "expected"),
    [
        (4, 0, 0.50, -6),
        (4, 45, 0.50, -6),
        (6, 60, 0.50, -6),
        (8, 67.5, 0.50, -6),
        (4, 45, 1.41, 3),
    ],
    ids=["15", "16", "17", "18", "19"],
)
def test_true_peak(divisor: int, degrees: float, amplitude: float, expected: float) -> None:
    phase = 2 * np.pi * np.arange(2 * RATE) / divisor + math.radians(degrees)
    swell = np.clip(np.minimum(np.arange(2 * RATE), np.arange(2 * RATE)[::-1]) / 4800, 0, 1)
    wave = (amplitude * swell * np.sin(phase)).astype(np.float32)
    peak = measure(blocks(np.stack([wave, wave], 1))).true_peak
    assert expected - 0.4 <= peak <= expected + 0.2


# Tech 3342 table 1; its tolerance is 1 LU.
@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ((-20, -30), 10),
        ((-20, -15), 5),
        ((-40, -20), 20),
        ((-50, -35, -20, -35, -50), 15),
    ],
    ids=["1", "2", "3", "4"],
)
def test_loudness_range(levels: tuple[float, ...], expected: float) -> None:
    reading = measure(blocks(tone(*[(level, 20) for level in levels])))
    assert reading.range == pytest.approx(expected, abs=1)


def test_a_peak_between_samples_shows_at_the_very_ends() -> None:
    signal = np.zeros((RATE, 2), np.float32)
    signal[:2] = signal[-2:] = 0.5  # two equal samples: the wave between them is higher
    assert measure([signal[: RATE // 2]]).true_peak > -4.5
    assert measure([signal[RATE // 2 :]]).true_peak > -4.5


def test_block_size_changes_nothing() -> None:
    noise = np.random.default_rng(5).normal(0, 0.1, (3 * RATE, 2)).astype(np.float32)
    whole, parts = measure([noise]), measure(blocks(noise))
    assert whole.integrated == parts.integrated
    assert whole.true_peak == parts.true_peak
    np.testing.assert_array_equal(whole.momentary, parts.momentary)


def test_silence_has_no_loudness_and_no_peak() -> None:
    reading = measure([np.zeros((RATE, 2), np.float32)])
    assert reading.integrated is None
    assert reading.range is None
    assert reading.true_peak == -math.inf


def test_less_than_a_gating_block_has_no_loudness() -> None:
    assert measure([tone((-20, 0.39))]).integrated is None


def test_nothing_at_all_reads_as_silence() -> None:
    assert measure([]).integrated is None
    assert loudness([]) is None


def test_values_beyond_full_scale_are_counted() -> None:
    signal = np.zeros((RATE, 2), np.float32)
    signal[100] = (1.5, -1.0)
    signal[200] = (-1.01, 0.2)
    assert measure(blocks(signal)).over == 2
