"""True peaks: what a signal reaches between its samples, by 8-fold oversampling."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

REACH = 24
"""Samples on either side that a peak at one sample depends on."""

_TAPS = 2 * REACH
_PHASES = 8
_RUN = REACH  # samples interpolated by one row of the matrix product
# Rows a product: so small that no BLAS splits it over threads, which costs more than it saves.
_BATCH = 16


def true_peaks(samples: NDArray[np.float32], matters: float = 0.0) -> NDArray[np.float32]:
    """The largest magnitude near each sample, over all channels.

    Interpolates by ITU-R BS.1770-4, annex 2, with 8 phases of 48 taps instead of the 4 phases of
    12 given there as an example: 4-fold reading misses up to 0.2 dB of percussive material.

    Args:
        samples: (n + 2 REACH, channels), where the first and last REACH samples are context.
        matters: magnitude below which a true peak is of no interest. Stretches that can't reach
            it are not interpolated, which saves most of the work.

    Returns:
        (n,) for the samples between: the maximum of each one's own magnitude and that of the
        points between it and the next one; where that is below `matters`, possibly less.
    """
    count = max(0, len(samples) - 2 * REACH)
    rows = -(-count // _RUN)
    peaks = np.zeros((rows, _RUN), np.float32)
    for channel in samples.T:
        line = np.zeros((rows + 2) * _RUN, np.float32)
        line[: len(channel)] = channel
        own = np.abs(line).reshape(-1, _RUN)
        np.maximum(peaks, own[1:-1], out=peaks)
        _raise_to_interpolated(peaks, line, own.max(axis=1), matters)
    return peaks.reshape(-1)[:count]


def _raise_to_interpolated(
    peaks: NDArray[np.float32],
    line: NDArray[np.float32],
    loudest: NDArray[np.float32],
    matters: float,
) -> None:
    """Raise peaks, a row for each run, to the interpolated points of a channel."""
    matrix, most = _interpolator()
    around = np.maximum(np.maximum(loudest[:-2], loudest[1:-1]), loudest[2:])
    rows = np.flatnonzero(around * most > matters)
    views = np.lib.stride_tricks.sliding_window_view(line, _RUN + _TAPS - 1)[::_RUN]
    rows = np.resize(rows, -(-len(rows) // _BATCH) * _BATCH)
    points = (views[rows].reshape(-1, _BATCH, views.shape[1]) @ matrix).reshape(-1, matrix.shape[1])
    np.abs(points, out=points)
    highest = peaks[rows]
    for at in range(0, points.shape[1], _RUN):
        np.maximum(highest, points[:, at : at + _RUN], out=highest)
    peaks[rows] = highest


@cache
def _interpolator() -> tuple[NDArray[np.float32], float]:
    """What takes _RUN + _TAPS - 1 samples to the points between _RUN of them, and its gain.

    Columns go by phase, then by sample; phase 0 is the sample itself and left out. One product
    for many runs is several times faster than a filter for each phase. The gain is the highest
    ratio of a point to the largest sample around it.
    """
    phases = np.arange(1, _PHASES) / _PHASES
    # Tap t stands t - REACH samples from the sample in question.
    distance = phases[np.newaxis, :] + REACH - np.arange(_TAPS)[:, np.newaxis]
    # Kaiser window, beta 7: 70 dB of stop band.
    shape = np.sqrt(np.clip(1 - (distance / REACH) ** 2, 0, None))
    taps = np.sinc(distance) * np.i0(7.0 * shape) / np.i0(7.0)
    taps /= taps.sum(axis=0)
    matrix = np.zeros((_RUN + _TAPS - 1, _RUN * len(phases)), np.float32)
    for at in range(_RUN):
        matrix[at : at + _TAPS, at::_RUN] = taps
    return matrix, float(np.abs(taps).sum(axis=0).max())
