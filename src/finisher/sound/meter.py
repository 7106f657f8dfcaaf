"""Loudness and true peak of a stream by ITU-R BS.1770-4, EBU Tech 3341 and 3342."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from finisher.sound.peaks import REACH, true_peaks
from finisher.sound.windows import Window, windows

HOP = 480
"""Samples between two values of a series: 10 ms. At 100 ms short peaks fall between (3341-13)."""

_MOMENTARY = 40  # hops in 400 ms
_SHORT_TERM = 300  # hops in 3 s
_BLOCK = 10  # hops between two gating blocks: 400 ms overlapping by 75 %
_ABSOLUTE_GATE = -70.0
_OFFSET = -0.691

# The K-weighting filters at 48 kHz, BS.1770-4 tables 1 and 2: numerator, denominator.
_K_WEIGHTING = (
    (
        (1.53512485958697, -2.69169618940638, 1.19839281085285),
        (1.0, -1.69065929318241, 0.73248077421585),
    ),
    ((1.0, -2.0, 1.0), (1.0, -1.99004745483398, 0.99007225036621)),
)
# The filter is applied by fast convolution. Its response has fallen by 330 dB after _RINGING
# samples (a double pole at 0.995), so what wraps around is far below a float's last bit.
_TRANSFORM = 32_768
_RINGING = 7_784
_STEP = _TRANSFORM - _RINGING - REACH  # 52 HOPs: no 10 ms is split between two transforms


@dataclass(frozen=True, slots=True)
class Reading:
    """What a meter shows at the end of a programme; levels in LUFS, LU and dBTP."""

    integrated: float | None
    """None where no 400 ms are louder than -70 LUFS: such sound has no loudness."""
    range: float | None
    """Loudness range, LU; None like `integrated`, or for less than 3 s."""
    true_peak: float
    """Minus infinity for digital silence."""
    momentary: NDArray[np.float64]
    """Loudness of the 400 ms that begin at each 10 ms."""
    short_term: NDArray[np.float64]
    """Loudness of the 3 s that begin at each 10 ms."""
    over: int
    """Sample values beyond full scale."""


def measure(
    blocks: Iterable[NDArray[np.float32]], weights: Sequence[float] | None = None
) -> Reading:
    """Meter a stream of (n, channels) blocks at 48 kHz in one pass.

    Args:
        blocks: the programme; memory holds one block and 8 bytes for each 10 ms.
        weights: gain of each channel's power, 1 by default (1.41 for surrounds in BS.1770).
    """
    powers: list[NDArray[np.float64]] = []
    peak, over = 0.0, 0
    for window in windows(blocks, _STEP, _RINGING, REACH):
        powers.append(_powers(window, weights))
        # One sample more to the left: a programme may peak on its way up to its first sample.
        around = window.samples[_RINGING - REACH - 1 :]
        peak = max(peak, float(true_peaks(around, peak).max()))
        over += int(np.count_nonzero(np.abs(_step_of(window)) > 1.0))
    series = np.concatenate(powers) if powers else np.empty(0)
    return Reading(
        integrated=integrated(series),
        range=loudness_range(series),
        true_peak=20 * math.log10(peak) if peak > 0 else -math.inf,
        momentary=sliding(series, _MOMENTARY),
        short_term=sliding(series, _SHORT_TERM),
        over=over,
    )


def loudness(blocks: Iterable[NDArray[np.float32]]) -> float | None:
    """Integrated loudness alone, LUFS; None like `Reading.integrated`."""
    powers = [_powers(window, None) for window in windows(blocks, _STEP, _RINGING, REACH)]
    return integrated(np.concatenate(powers)) if powers else None


def integrated(powers: NDArray[np.float64]) -> float | None:
    """Gated loudness, LUFS, of the weighted power of each 10 ms (BS.1770-4, annex 1)."""
    gating = _means(powers, _MOMENTARY)[::_BLOCK]
    kept = gating[_levels(gating) > _ABSOLUTE_GATE]
    if not len(kept):
        return None
    kept = kept[_levels(kept) > _level(kept.mean()) - 10.0]
    return _level(kept.mean())


def loudness_range(powers: NDArray[np.float64]) -> float | None:
    """Loudness range, LU (EBU Tech 3342): 10th to 95th percentile of the gated 3 s values."""
    spans = _means(powers, _SHORT_TERM)[::_BLOCK]
    kept = spans[_levels(spans) > _ABSOLUTE_GATE]
    if not len(kept):
        return None
    kept = kept[_levels(kept) >= _level(kept.mean()) - 20.0]
    low, high = np.percentile(_levels(kept), [10, 95], method="nearest")
    return float(high - low)


def sliding(powers: NDArray[np.float64], hops: int) -> NDArray[np.float64]:
    """Ungated loudness, LUFS, of every stretch of that many 10 ms."""
    return _levels(_means(powers, hops))


def _step_of(window: Window) -> NDArray[np.float32]:
    """The window without its context."""
    return window.samples[_RINGING : _RINGING + window.valid]


def _powers(window: Window, weights: Sequence[float] | None) -> NDArray[np.float64]:
    """Weighted mean square of every whole 10 ms of a window's step, summed over channels."""
    line = window.samples[:_TRANSFORM].astype(np.float64)
    spectrum = np.fft.rfft(line, axis=0) * _k_response()[:, np.newaxis]
    filtered = np.fft.irfft(spectrum, _TRANSFORM, axis=0)[_RINGING : _RINGING + window.valid]
    whole = len(filtered) // HOP
    squares = np.square(filtered[: whole * HOP]).reshape(whole, HOP, line.shape[1]).mean(axis=1)
    gains = np.ones(squares.shape[1]) if weights is None else np.asarray(weights, np.float64)
    return np.asarray(squares @ gains, np.float64)


@cache
def _k_response() -> NDArray[np.complex128]:
    """The K-weighting filters' response at the transform's frequencies."""
    z = np.exp(-2j * np.pi * np.arange(_TRANSFORM // 2 + 1) / _TRANSFORM)
    response: NDArray[np.complex128] = np.ones_like(z)
    for numerator, denominator in _K_WEIGHTING:
        response *= np.polyval(numerator[::-1], z) / np.polyval(denominator[::-1], z)
    return response


def _means(powers: NDArray[np.float64], hops: int) -> NDArray[np.float64]:
    """Mean of every stretch of that many values; none where there are fewer."""
    if len(powers) < hops:
        return np.empty(0)
    stretches = np.lib.stride_tricks.sliding_window_view(powers, hops)
    return np.asarray(stretches.mean(axis=1), np.float64)


def _levels(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Loudness of powers; minus infinity for none."""
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET + 10 * np.log10(powers), np.float64)


def _level(power: np.floating | float) -> float:
    """Loudness of one power above zero."""
    return _OFFSET + 10 * math.log10(float(power))
