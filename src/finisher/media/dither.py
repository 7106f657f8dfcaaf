"""Deep pictures brought to the bits that are delivered, by dither that keeps the mean of areas."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from finisher.media.blend import tag
from finisher.media.planes import Plane, samples

_DEPTH = 16
_SIDE = 8
_CELL = 4
# A way through a cell on which each place touches the one before: what is left of one sample
# goes to a neighbour.
_WAY = (
    *((0, 0), (0, 1), (1, 1), (1, 0), (2, 0), (3, 0), (3, 1), (2, 1)),
    *((2, 2), (3, 2), (3, 3), (2, 3), (1, 3), (1, 2), (0, 2), (0, 3)),
)


def deep(pixel_format: str) -> str:
    """The format of 16 bits that pictures are worked on in on their way to a planar Y'CbCr one."""
    return pixel_format.removesuffix("10le").removesuffix("16le") + "16le"


def dithered(picture: VideoFrame, pixel_format: str) -> VideoFrame:
    """A picture of 16 bits in a format of 8 or 10 bits and the same planes, tagged BT.709.

    Luma is dithered in order by an 8 by 8 matrix (Bayer 1973), which grain and motion hide best.
    Chroma has a quarter of the samples to tell the same mean with: there, what rounding leaves is
    passed on through cells of 4 by 4, so that a cell's mean is right to a sixteenth of a code.
    What has no finer bits passes exactly. Its place in the picture decides a pixel's threshold:
    what stands still keeps still.
    """
    finished = VideoFrame(picture.width, picture.height, pixel_format)
    bits = finished.format.components[0].bits
    for i in range(len(finished.planes)):
        lay = _ordered if i == 0 else _diffused
        lay(samples(picture, i), samples(finished, i), bits)
    tag(finished)
    return finished


def _ordered(plane: Plane, out: NDArray[np.generic], bits: int) -> None:
    """Each sample rounded up where what it loses is above the threshold of its place."""
    left = _DEPTH - bits
    raised = _capped(plane, left) + _thresholds(*plane.shape, left)
    np.right_shift(raised, left, out=out, casting="unsafe")


def _diffused(plane: Plane, out: NDArray[np.generic], bits: int) -> None:
    """Each sample rounded down, and what it loses added to the next one of its cell."""
    left = _DEPTH - bits
    plane = _capped(plane, left)
    height, width = plane.shape
    # What is left at the end of a cell is lost: beginning with thresholds, not with zero, keeps
    # the mean of many.
    carried = _thresholds(-(-height // _CELL), -(-width // _CELL), left).copy()
    for row, column in _WAY:
        given = plane[row::_CELL, column::_CELL]
        # Cells at the right and lower edge may be cut.
        sums = carried[: given.shape[0], : given.shape[1]]
        sums += given
        np.right_shift(sums, left, out=out[row::_CELL, column::_CELL], casting="unsafe")
        sums &= np.uint16((1 << left) - 1)


def _capped(plane: Plane, left: int) -> Plane:
    """Samples that no threshold carries over the top."""
    most = 0x10000 - (1 << left)
    # Looking is ten times as quick as capping, and only whites above white need it.
    return np.minimum(plane, np.uint16(most)) if int(plane.max()) > most else plane


@lru_cache(maxsize=8)
def _thresholds(height: int, width: int, left: int) -> NDArray[np.uint16]:
    """Thresholds over a plane, in steps of the bits that are left out: 0 to 2^left - 1."""
    matrix = np.zeros((1, 1), np.int64)
    while len(matrix) < _SIDE:
        matrix = np.block([[4 * matrix, 4 * matrix + 2], [4 * matrix + 3, 4 * matrix + 1]])
    # In the middle of each of its 64 steps, so that nothing is rounded up or down more often.
    levels = ((2 * matrix + 1) << left) // (2 * _SIDE * _SIDE)
    tiles = np.tile(levels, (-(-height // _SIDE), -(-width // _SIDE)))
    return np.ascontiguousarray(tiles[:height, :width], dtype="<u2")
