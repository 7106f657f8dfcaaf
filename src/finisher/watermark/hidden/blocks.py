"""Pictures as the codes see them: YUV, the coarse half of a Haar step, blocks of four by four."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.detector import Picture

Doubles = NDArray[np.float64]
Halves = NDArray[np.float64]
"""(planes, rows, columns): the coarse halves of the planes a code uses, twice their means."""

_TAP = 0.7071067811865476

SIDE = 8
"""Pixels of the picture along a block: four samples of the coarse half."""


def yuv_bytes(picture: Picture, plane: slice) -> NDArray[np.float64]:
    """(planes, height, width): some of YUV rounded to bytes, as a package gets it from bytes."""
    planes = cv2.cvtColor(picture, cv2.COLOR_RGB2YUV)
    return np.asarray(np.moveaxis(planes[..., plane], 2, 0), np.float64)


def yuv_floats(picture: Picture) -> NDArray[np.float64]:
    """(3, height, width): YUV as OpenCV computes it of floats, chroma centred on a half."""
    planes = cv2.cvtColor(picture.astype(np.float32), cv2.COLOR_RGB2YUV)
    return np.asarray(np.moveaxis(planes, 2, 0), np.float64)


def coarse(planes: NDArray[np.float64]) -> Halves:
    """The low-pass half of one Haar step, twice the mean of each two by two; sides are even.

    Down first, then across, each sample times the filter's tap: PyWavelets rounds like this, and
    flat areas lie so exactly between two bits that rounding decides what a package reads there.
    """
    rows = planes[:, 0::2] * _TAP + planes[:, 1::2] * _TAP
    return np.asarray(rows[:, :, 0::2] * _TAP + rows[:, :, 1::2] * _TAP, np.float64)


def grid_of(halves: Halves) -> tuple[int, int]:
    """Rows and columns of blocks; what is left over at the right and below carries nothing."""
    return halves.shape[1] // 4, halves.shape[2] // 4


def blocks_of(half: Doubles) -> Doubles:
    """(blocks, 4, 4), row by row, of one plane's coarse half."""
    rows, columns = half.shape[0] // 4, half.shape[1] // 4
    cut = half[: rows * 4, : columns * 4].reshape(rows, 4, columns, 4)
    return np.ascontiguousarray(cut.swapaxes(1, 2).reshape(-1, 4, 4))


def blocks_shown(valid: NDArray[np.bool_], grid: tuple[int, int]) -> NDArray[np.bool_]:
    """Which blocks of a grid lie wholly inside the pixels that are valid."""
    rows, columns = grid
    height, width = valid.shape
    beyond = ((0, max(0, rows * SIDE - height)), (0, max(0, columns * SIDE - width)))
    cut = np.pad(valid, beyond)[: rows * SIDE, : columns * SIDE]
    return np.asarray(cut.reshape(rows, SIDE, columns, SIDE).all(axis=(1, 3)).ravel(), np.bool_)
