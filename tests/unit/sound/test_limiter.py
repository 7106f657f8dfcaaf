"""The limiter keeps true peaks under its ceiling, moves nothing, and leaves the rest alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.sound.limiter import limit, peaks_of, reduction, run_gains
from finisher.sound.meter import measure

RATE = 48_000


def bursts(seed: int, level: float, samples: int = RATE) -> NDArray[np.float32]:
    """Noise in bursts: what makes peaks between samples."""
    rng = np.random.default_rng(seed)
    shape = np.repeat(rng.uniform(0, 1, samples // 2400 + 1) ** 3, 2400)[:samples]
    return (rng.normal(0, level, (samples, 2)) * shape[:, np.newaxis]).astype(np.float32)


def curve_of(signal: NDArray[np.float32], gain: float, ceiling: float) -> NDArray[np.float32]:
    return reduction(peaks_of([signal], 10 ** ((ceiling - gain) / 20)), gain, ceiling)


def after(signal: NDArray[np.float32], gain: float, ceiling: float) -> NDArray[np.float32]:
    return np.concatenate(list(limit([signal], curve_of(signal, gain, ceiling), gain)))


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
    assert curve_of(signal, 3.0, -1.0).max() == pytest.approx(peak + 3.0 + 1.0, abs=1e-3)


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
    curve = reduction(peaks_of(parts, 0.5), 2.0, -3.0)
    np.testing.assert_array_equal(curve, reduction(peaks_of([signal], 0.5), 2.0, -3.0))
    streamed = np.concatenate(list(limit(parts, curve, 2.0)))
    np.testing.assert_array_equal(streamed, np.concatenate(list(limit([signal], curve, 2.0))))


def test_a_long_programme_is_worked_on_in_parts_that_do_not_show(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    peaks = (np.random.default_rng(5).uniform(0, 1.2, 3_000) ** 6).astype(np.float32)
    whole = reduction(peaks, 3.0, -2.0)
    monkeypatch.setattr("finisher.sound.limiter._CHUNK", 170)
    np.testing.assert_allclose(reduction(peaks, 3.0, -2.0), whole, atol=1e-5)


def test_six_channels_are_limited_by_the_loudest() -> None:
    signal = np.repeat(bursts(6, 0.2)[:, :1], 6, axis=1)
    signal[:, 3] *= 8
    limited = after(signal, 0.0, -6.0)
    assert measure([limited], [1] * 6).true_peak <= -6.0 + 0.05
    np.testing.assert_allclose(limited[:, 3], limited[:, 0] * 8, rtol=1e-5, atol=1e-9)


def test_a_wave_that_peaks_before_its_first_sample_is_held_down_there() -> None:
    signal = np.zeros((RATE // 10, 2), np.float32)
    # A pulse whose top lies between the silence before and sample 0.
    signal[:40] = 2 * np.sinc(np.arange(40) + 0.5)[:, np.newaxis]
    assert measure([after(signal, 0.0, -3.0)]).true_peak <= -3.0 + 0.05


def test_the_gain_is_never_abrupt() -> None:
    curve = curve_of(bursts(7, 1.0), 6.0, -3.0).astype(np.float64)
    # 5 ms for the whole way down, in a triangle: 1/6 of it at most in half a millisecond.
    assert np.abs(np.diff(curve)).max() <= curve.max() / 6 + 1e-6


def test_the_mean_power_of_the_gain_is_that_of_its_samples() -> None:
    signal = bursts(8, 0.9)
    curve = curve_of(signal, 3.0, -6.0)
    ones = np.ones((RATE, 2), np.float32)
    factors = np.concatenate(list(limit([ones], curve, 3.0)))[:, 0].astype(np.float64)
    # Samples stand at a line's beginning and within, its integral knows its end too.
    np.testing.assert_allclose(
        np.square(factors).reshape(-1, 24).mean(axis=1), run_gains(curve, 3.0), rtol=0.02
    )


def test_nothing_in_nothing_out() -> None:
    assert list(limit([], reduction(peaks_of([], 0.5), 0.0, -1.0), 0.0)) == []
