"""Takes a grade back, as far as a polynomial of the second degree does, before a code is read."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.detector import Picture
from finisher.watermark.hidden.blocks import SIDE, Doubles, Halves, grid_of

_FEWEST = 100
"""Blocks needed to fit ten coefficients so that no block has a say of its own."""


def recoloured(delivered: Picture, used: NDArray[np.bool_], take: Halves) -> Halves | None:
    """Coarse halves of a delivered picture, in the take's colours; None where too little shows.

    `used` are the blocks to go by. One map for the whole picture, fitted to the means of blocks,
    with ten coefficients for each plane: far too few to carry over what a block of the take holds.
    """
    rows, columns = grid_of(take)
    picture = delivered[: rows * SIDE, : columns * SIDE]
    if int(used.sum()) < _FEWEST or picture.shape[:2] != (rows * SIDE, columns * SIDE):
        return None
    seen = _powers(_shrunk(picture, (columns, rows)).reshape(-1, 3)[used])
    goal = np.stack(
        [_shrunk(half[: rows * 4, : columns * 4], (columns, rows)).ravel()[used] for half in take]
    )
    fitted = np.linalg.lstsq(seen.T, goal.T, rcond=None)[0]
    fine = fitted.T @ _powers(_shrunk(picture, (columns * 4, rows * 4)).reshape(-1, 3))
    return np.asarray(fine.reshape(len(take), rows * 4, columns * 4), np.float64)


def _shrunk(values: Picture | Doubles, size: tuple[int, int]) -> NDArray[np.float64]:
    """Means over equal areas; `size` is columns and rows."""
    return np.asarray(
        cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_AREA), np.float64
    )


def _powers(colours: Doubles) -> Doubles:
    """One, the three of a colour, and their products by twos: (10, n), of about unit size."""
    red, green, blue = np.ascontiguousarray(colours.T) / 255.0
    products = (red * red, green * green, blue * blue, red * green, red * blue, green * blue)
    return np.stack((np.ones_like(red), red, green, blue, *products))
