"""The limiter keeps true peaks under its ceiling, moves nothing, and leaves the rest alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.sound.limiter import limit
from finisher.sound.meter import measure

RATE = 48_000


def bursts(seed: int, level: float, samples: int = RATE) -> NDArray[np.float32]:
    """Noise in bursts: what makes peaks between samples."""
    rng = np.random.default_rng(seed)
    shape = np.repeat(rng.uniform(0, 1, samples // 2400 + 1) ** 3, 2400)[:samples]
    return (rng.normal(0, level, (samples, 2)) * shape[:, np.newaxis]).astype(np.float32)


def after(signal: NDArray[np.float32], gain: float, ceiling: float) -> NDArray[np.float32]:
    return np.concatenate([block.samples for block in limit([signal], gain, ceiling)])


@settings(max_examples=12, deadline=None)
@given(
    seed=st.integers(0, 1000),
    level=st.floats(0.05, 1.5),
    gain=st.floats(-6, 12),
    ceiling=st.floats(-9, 0),
)
def test_no_true_peak_above_the_ceiling(
    seed: int, level: float, gain: float, ceiling: float
) -> None:
    limited = after(bursts(seed, level), gain, ceiling)
    # The gain moves between samples too; over 5 ms that is worth some hundredths of a decibel.
    assert measure([limited]).true_peak <= ceiling + 0.05


def test_output_is_the_input_in_its_place_where_nothing_is_too_loud() -> None:
    signal = bursts(1, 0.05)
    np.testing.assert_allclose(after(signal, 0.0, -1.0), signal, rtol=1e-7)
    np.testing.assert_allclose(after(signal, 6.0, -0.1), signal * 10 ** (6 / 20), rtol=1e-6)


def test_a_loud_moment_stays_in_its_place() -> None:
    signal = np.zeros((RATE, 2), np.float32)
    signal[20_000] = 1.0
    limited = after(signal, 6.0, -6.0)
    assert np.flatnonzero(limited[:, 0]).tolist() == [20_000]
    # A lone sample is its own true peak; the ceiling is met there exactly.
    assert limited[20_000, 0] == pytest.approx(10 ** (-6 / 20), rel=1e-4)


def test_the_reduction_reported_is_that_of_the_highest_peak() -> None:
    signal = bursts(2, 0.5)
    peak = measure([signal]).true_peak
    most = max(block.reduction_db for block in limit([signal], 3.0, -1.0))
    assert most == pytest.approx(peak + 3.0 + 1.0, abs=1e-3)


def test_gain_recovers_after_a_peak() -> None:
    signal = np.full((RATE, 2), 0.1, np.float32)
    signal[4000] = 1.0
    limited = after(signal, 0.0, -12.0)
    assert limited[4000 + 400, 0] < 0.05
    assert limited[-1, 0] == pytest.approx(0.1, rel=1e-3)


def test_channels_move_together() -> None:
    signal = bursts(3, 0.8)
    signal[:, 1] = signal[:, 0] * np.float32(0.25)
    limited = after(signal, 0.0, -6.0)
    np.testing.assert_allclose(limited[:, 1], limited[:, 0] * 0.25, rtol=1e-5, atol=1e-9)


@pytest.mark.parametrize("size", [1, 999, 24_000, 40_000])
def test_block_size_changes_nothing(size: int) -> None:
    signal = bursts(4, 0.8, 60_000 if size > 1 else 3_000)
    parts = [signal[at : at + size] for at in range(0, len(signal), size)]
    streamed = np.concatenate([block.samples for block in limit(parts, 2.0, -3.0)])
    np.testing.assert_array_equal(streamed, after(signal, 2.0, -3.0))


def test_nothing_in_nothing_out() -> None:
    assert list(limit([], 0.0, -1.0)) == []
