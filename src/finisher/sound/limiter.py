"""A look-ahead limiter on true peaks that delays nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.sound.peaks import REACH, true_peaks
from finisher.sound.windows import windows

LOOK_AHEAD = 240
"""Samples over which the gain goes down before a peak: 5 ms."""

_RELEASE = 4_800.0
"""Time constant in samples of the way back up, 100 ms: decibels of reduction fall by 1/e."""

_STEP = 24_000
_NONE = 1e-6  # decibels that count as no reduction, so that logarithms stay finite


@dataclass(frozen=True, slots=True)
class Limited:
    """A block after the limiter, and the most it was turned down within it."""

    samples: NDArray[np.float32]
    reduction_db: float


def limit(
    blocks: Iterable[NDArray[np.float32]], gain_db: float, ceiling_db: float
) -> Iterator[Limited]:
    """Apply a static gain, then keep true peaks under a ceiling; all channels move together.

    Each sample's reduction is what its own true peak asks for, held down by an exponential
    release, raised over the look-ahead before it and smoothed by a triangle as long, so that the
    gain never moves abruptly and is always low enough at the peak itself. Output and input have
    the same length and place.

    Args:
        blocks: (n, channels) arrays at 48 kHz.
        gain_db: gain before the limiter.
        ceiling_db: dBTP not to exceed.
    """
    gain = 10.0 ** (gain_db / 20.0)
    allowed = 10.0 ** ((ceiling_db - gain_db) / 20.0)
    past = np.zeros(LOOK_AHEAD)
    for window in windows(blocks, _STEP, REACH + 1, REACH + LOOK_AHEAD):
        wanted = _wanted(true_peaks(window.samples, allowed), gain_db - ceiling_db)
        envelope = np.concatenate((past, _released(wanted, past[-1])))
        past = envelope[_STEP : _STEP + LOOK_AHEAD]
        step = window.samples[REACH + 1 : REACH + 1 + window.valid]
        reduction = _smoothed(_raised(envelope))[: window.valid]
        most = float(reduction.max())
        if most <= _NONE:
            yield Limited((step * gain).astype(np.float32), 0.0)
            continue
        factor = gain * 10.0 ** (reduction / -20.0)
        yield Limited((step * factor[:, np.newaxis]).astype(np.float32), most)


def _wanted(peaks: NDArray[np.float32], over_db: float) -> NDArray[np.float64]:
    """Decibels of reduction each sample asks for.

    A point between two samples counts for both; `peaks` begins one sample early for that.
    """
    both = np.maximum(peaks[1:], peaks[:-1]).astype(np.float64)
    levels = 20 * np.log10(np.maximum(both, 1e-12)) + over_db
    return np.maximum(levels, 0.0)


def _released(wanted: NDArray[np.float64], before: float) -> NDArray[np.float64]:
    """Let reduction fall no faster than exponentially: y[n] = max(x[n], y[n-1] e^(-1/T)).

    In logarithms a steady decay is a slope, so the recursion is a running maximum over x without
    that slope: exact, and without a loop over samples.
    """
    line = np.log(np.maximum(np.concatenate(([before], wanted)), _NONE))
    slope = np.arange(len(line)) / _RELEASE
    falling = np.exp(np.maximum.accumulate(line + slope) - slope)[1:]
    return np.where(falling > 2 * _NONE, falling, 0.0)


def _raised(envelope: NDArray[np.float64]) -> NDArray[np.float64]:
    """Maximum of each value and the LOOK_AHEAD that follow; as many shorter."""
    covered, line = 1, envelope
    while covered < LOOK_AHEAD + 1:
        shift = min(covered, LOOK_AHEAD + 1 - covered)
        line = np.maximum(line[:-shift], line[shift:])
        covered += shift
    return line


def _smoothed(line: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean by a triangle of LOOK_AHEAD + 1 values (two boxes); LOOK_AHEAD values shorter."""
    half = LOOK_AHEAD // 2 + 1
    for _ in range(2):
        sums = np.concatenate(([0.0], np.cumsum(line)))
        line = (sums[half:] - sums[:-half]) / half
    return line
