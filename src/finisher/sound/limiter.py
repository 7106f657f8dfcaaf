"""A look-ahead limiter on true peaks that delays nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from finisher.sound.kweighting import RUN
from finisher.sound.meter import BEFORE, STEP
from finisher.sound.peaks import REACH, true_peaks
from finisher.sound.windows import windows
from finisher.timecode import Span

LOOK_AHEAD = 240
"""Samples over which the gain goes down before a peak: 5 ms."""

_RELEASE = 4_800.0 / RUN
"""Time constant in runs of the way back up, 100 ms: decibels of reduction fall by 1/e."""

_AHEAD = LOOK_AHEAD // RUN
_NONE = 1e-6  # decibels that count as no reduction, so that logarithms stay finite
_CHUNK = 1 << 16
_RISE = np.arange(RUN) / RUN
# Two boxes as long as the look-ahead together: a triangle, so that the gain has no corners.
_TRIANGLE = np.convolve(np.ones(_AHEAD // 2 + 1), np.ones(_AHEAD // 2 + 1))
_TRIANGLE /= _TRIANGLE.sum()


def peaks_of(blocks: Iterable[NDArray[np.float32]], matters: float) -> NDArray[np.float32]:
    """The true peak of every run of a stream, and first of the one before it begins.

    Args:
        blocks: (n, channels) arrays at 48 kHz.
        matters: magnitude below which a peak may be given too low.

    Returns:
        (runs + 1,), 4 bytes for each half millisecond: points between the silence before a stream
        and its first sample belong to the run before.
    """
    # Bytes grow in their place, where a list of arrays would be held twice when it is joined.
    found = bytearray()
    for window in windows(blocks, STEP, BEFORE, REACH):
        peaks = true_peaks(np.ascontiguousarray(window.samples.T), matters)
        runs = -(-window.valid // RUN)
        found += peaks[bool(found) : runs + 1].tobytes()
    return np.frombuffer(found, np.float32) if found else np.zeros(1, np.float32)


def reduction(peaks: NDArray[np.float32], gain_db: float, ceiling_db: float) -> NDArray[np.float32]:
    """Decibels by which a gain is reduced to keep true peaks under a ceiling.

    Each run's reduction is what its own true peak asks for, held down by an exponential release,
    raised over the look-ahead before it and smoothed by a triangle as long, so that the gain
    never moves abruptly and is low enough from a run's beginning to its end.

    Args:
        peaks: of the sound before the gain, as from `peaks_of`.
        gain_db: gain before the limiter.
        ceiling_db: dBTP not to exceed.

    Returns:
        (runs + 1,) at the beginning of each run and the end of the last.
    """
    # Silence around it, over which the look-ahead and the triangle may reach.
    envelope = np.zeros(len(peaks) + 2 * _AHEAD + 2, np.float32)
    before = 0.0
    for at in range(0, len(peaks), _CHUNK):
        released = _released(_wanted(peaks[at : at + _CHUNK], gain_db - ceiling_db), before)
        before = float(released[-1])
        envelope[_AHEAD + 1 + at : _AHEAD + 1 + at + len(released)] = released
    for at in range(0, len(peaks), _CHUNK):
        count = min(_CHUNK, len(peaks) - at)
        part = envelope[at + 1 : at + count + 2 * _AHEAD + 2]
        # Written over what no later part looks at.
        envelope[at : at + count] = (
            _smoothed(_raised(np.maximum(part[:-1], part[1:]))) if part.any() else 0.0
        )
    return envelope[: len(peaks)]


def limit(
    blocks: Iterable[NDArray[np.float32]], curve: NDArray[np.float32], gain_db: float
) -> Iterator[NDArray[np.float32]]:
    """Apply a gain and its reduction; all channels move together.

    Output and input have the same length and place.

    Args:
        blocks: (n, channels) arrays at 48 kHz, those that the peaks were found in.
        curve: as from `reduction`.
        gain_db: gain before the limiter.
    """
    at = 0
    for block in blocks:
        factors = gains(curve, gain_db, Span(at, at + len(block)))
        at += len(block)
        yield (block * factors).astype(np.float32)


def gains(curve: NDArray[np.float32], gain_db: float, span: Span) -> NDArray[np.float64]:
    """Gain with its reduction over a span of samples, a row for each or one for all.

    Between the beginnings of two runs it is a straight line.
    """
    first, last = span.start // RUN, -(-span.end // RUN)
    ends = 10.0 ** ((gain_db - curve[first : last + 1].astype(np.float64)) / 20.0)
    if (ends == ends[:1]).all():
        return ends[:1, np.newaxis]
    lines = ends[:-1, np.newaxis] + np.diff(ends)[:, np.newaxis] * _RISE
    offset = span.start - first * RUN
    return np.asarray(lines.reshape(-1, 1)[offset : offset + len(span)], np.float64)


def run_gains(curve: NDArray[np.float32], gain_db: float) -> NDArray[np.float64]:
    """Mean power of the gain over each run, straight lines squared: (a² + ab + b²) / 3."""
    ends = 10.0 ** ((gain_db - curve.astype(np.float64)) / 20.0)
    start, end = ends[:-1], ends[1:]
    return np.asarray((start * start + start * end + end * end) / 3.0, np.float64)


def _wanted(peaks: NDArray[np.float32], over_db: float) -> NDArray[np.float64]:
    """Decibels of reduction each run asks for."""
    levels = 20 * np.log10(np.maximum(peaks.astype(np.float64), 1e-12)) + over_db
    return np.maximum(levels, 0.0)


def _released(wanted: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Let reduction fall no faster than exponentially: y[n] = max(x[n], y[n-1] e^(-1/T)).

    In logarithms a steady decay is a slope, so the recursion is a running maximum over x without
    that slope: exact, and without a loop over runs.
    """
    if before <= _NONE and not wanted.any():
        return wanted
    line = np.log(np.maximum(np.concatenate(([before], wanted)), _NONE))
    slope = np.arange(len(line)) / _RELEASE
    falling = np.exp(np.maximum.accumulate(line + slope) - slope)[1:]
    return np.where(falling > 2 * _NONE, falling, 0.0)


def _raised(envelope: NDArray[np.float32]) -> NDArray[np.float32]:
    """Maximum of each value and those of the look-ahead that follow; as many shorter."""
    covered, line = 1, envelope
    while covered < _AHEAD + 1:
        shift = min(covered, _AHEAD + 1 - covered)
        line = np.maximum(line[:-shift], line[shift:])
        covered += shift
    return line


def _smoothed(line: NDArray[np.float32]) -> NDArray[np.float64]:
    """Mean by the triangle; as much shorter as the look-ahead is long."""
    return np.convolve(line.astype(np.float64), _TRIANGLE, "valid")
