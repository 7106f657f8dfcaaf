"""Loudness and true peak of a stream by ITU-R BS.1770-4, EBU Tech 3341 and 3342."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.sound.kweighting import GROUP, RUN, KWeighting
from finisher.sound.peaks import REACH, true_peaks
from finisher.sound.windows import windows

HOP = RUN * GROUP
"""Samples between two values of a series: 10 ms. At 100 ms short peaks fall between (3341-13)."""

_MOMENTARY = 40  # hops in 400 ms
_SHORT_TERM = 300  # hops in 3 s
_BLOCK = 10  # hops between two gating blocks: 400 ms overlapping by 75 %
_ABSOLUTE_GATE = -70.0
_OFFSET = -0.691

STEP = 60 * HOP
"""Samples read at a time: few enough for a processor's cache."""

BEFORE = RUN + REACH
"""A run more than the context to the left: a programme may peak on its way to its first sample."""


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


@dataclass(frozen=True, slots=True)
class _Step:
    """What is read of one window."""

    powers: NDArray[np.float64]
    """Weighted power of each run, summed over channels."""
    peak: float
    """The highest true peak, no less than any that was found before."""
    over: int


def measure(
    blocks: Iterable[NDArray[np.float32]], weights: Sequence[float] = (1.0, 1.0)
) -> Reading:
    """Meter a stream of (n, channels) blocks at 48 kHz in one pass.

    Args:
        blocks: the programme; memory holds one block and 8 bytes for each 10 ms.
        weights: gain of each channel's power, see `finisher.channels.Layout.weights`.
    """
    return _metered(blocks, weights, lambda _: None)


def observe(
    blocks: Iterable[NDArray[np.float32]], weights: Sequence[float] = (1.0, 1.0)
) -> tuple[Reading, NDArray[np.float32]]:
    """Like `measure`, with the weighted power of each run: 4 bytes for each half millisecond."""
    # Bytes grow in their place, where a list of arrays would be held twice when it is joined.
    kept = bytearray()
    reading = _metered(blocks, weights, lambda p: kept.extend(p.astype(np.float32).tobytes()))
    return reading, np.frombuffer(kept, np.float32)


def _metered(
    blocks: Iterable[NDArray[np.float32]],
    weights: Sequence[float],
    keep: Callable[[NDArray[np.float64]], None],
) -> Reading:
    """Meter a stream, and hand out the power of its runs."""
    hops: list[NDArray[np.float64]] = []
    peak, over = 0.0, 0
    for step in _steps(blocks, weights):
        keep(step.powers)
        hops.append(by_hop(step.powers))
        peak, over = step.peak, over + step.over
    return _reading(np.concatenate(hops) if hops else np.empty(0), peak, over)


def by_hop(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean power of every whole 10 ms, of that of its runs."""
    whole = len(powers) // GROUP
    return np.asarray(powers[: whole * GROUP].reshape(whole, GROUP).mean(axis=1), np.float64)


def integrated(powers: NDArray[np.float64]) -> float | None:
    """Gated loudness, LUFS, of the weighted power of each 10 ms (BS.1770-4, annex 1)."""
    gating = _means(powers, _MOMENTARY, _BLOCK)
    kept = gating[_levels(gating) > _ABSOLUTE_GATE]
    if not len(kept):
        return None
    kept = kept[_levels(kept) > _level(kept.mean()) - 10.0]
    return _level(kept.mean())


def loudness_range(powers: NDArray[np.float64]) -> float | None:
    """Loudness range, LU (EBU Tech 3342): 10th to 95th percentile of the gated 3 s values."""
    spans = _means(powers, _SHORT_TERM, _BLOCK)
    kept = spans[_levels(spans) > _ABSOLUTE_GATE]
    if not len(kept):
        return None
    kept = kept[_levels(kept) >= _level(kept.mean()) - 20.0]
    low, high = np.percentile(_levels(kept), [10, 95], method="nearest")
    return float(high - low)


def sliding(powers: NDArray[np.float64], hops: int) -> NDArray[np.float64]:
    """Ungated loudness, LUFS, of every stretch of that many 10 ms."""
    return _levels(_means(powers, hops, 1))


def _steps(blocks: Iterable[NDArray[np.float32]], weights: Sequence[float]) -> Iterator[_Step]:
    """Read a stream window by window."""
    weighting, gains, peak = KWeighting(len(weights)), np.asarray(weights, np.float64), 0.0
    for window in windows(blocks, STEP, BEFORE, REACH):
        lines = np.ascontiguousarray(window.samples.T)
        powers = gains @ weighting.powers(_step_of(lines).astype(np.float64))
        peak = max(peak, float(true_peaks(lines, peak).max()))
        over = int(np.count_nonzero(np.abs(_step_of(lines)) > 1.0))
        yield _Step(powers[: window.valid // RUN], peak, over)


def _step_of(lines: NDArray[np.float32]) -> NDArray[np.float32]:
    """A window's lines without their context."""
    return lines[:, BEFORE : BEFORE + STEP]


def _reading(powers: NDArray[np.float64], peak: float, over: int) -> Reading:
    """What the power of each 10 ms amounts to."""
    return Reading(
        integrated=integrated(powers),
        range=loudness_range(powers),
        true_peak=20 * math.log10(peak) if peak > 0 else -math.inf,
        momentary=sliding(powers, _MOMENTARY),
        short_term=sliding(powers, _SHORT_TERM),
        over=over,
    )


def _means(powers: NDArray[np.float64], hops: int, every: int) -> NDArray[np.float64]:
    """Mean of the stretches of that many values that begin at every so many of them."""
    if len(powers) < hops:
        return np.empty(0)
    stretches = np.lib.stride_tricks.sliding_window_view(powers, hops)[::every]
    return np.asarray(stretches.mean(axis=1), np.float64)


def _levels(powers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Loudness of powers; minus infinity for none."""
    with np.errstate(divide="ignore"):
        return np.asarray(_OFFSET + 10 * np.log10(powers), np.float64)


def _level(power: np.floating | float) -> float:
    """Loudness of one power above zero."""
    return _OFFSET + 10 * math.log10(float(power))
