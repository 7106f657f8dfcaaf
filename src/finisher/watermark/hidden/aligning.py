"""Brings a delivered picture back to the size and place a hidden mark was embedded at."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.detector import Picture
from finisher.watermark.template import softening

Rect = tuple[float, float, float, float]
"""x, y, width, height in pixels; fractions count."""

_SURE = 0.999
"""Part of a pixel that the delivered picture must show for it to count."""


def aligned(
    picture: Picture, canvas: tuple[int, int], crop: Rect, place: Rect
) -> tuple[Picture, NDArray[np.bool_]]:
    """Undo a framing: the picture of the canvas's size, and which of its pixels were delivered.

    `crop` is what the framing shows, in pixels of the canvas, `place` where that lies in the
    delivered picture, in its pixels. What was not delivered is grey.
    """
    width, height = canvas
    rows, columns = picture.shape[:2]
    whole = (0.0, 0.0, float(width), float(height))
    if (columns, rows) == canvas and tuple(crop) == whole == tuple(place):
        return picture, np.ones((height, width), np.bool_)
    across, down = crop[2] / place[2], crop[3] / place[3]
    # Pixel centres lie at half-integers: OpenCV counts from the centre of the first.
    matrix = np.array(
        [
            [across, 0.0, crop[0] - place[0] * across + across / 2 - 0.5],
            [0.0, down, crop[1] - place[1] * down + down / 2 - 0.5],
        ]
    )
    shrunk = _softened(picture, across, down)
    drawn = cv2.warpAffine(
        shrunk, matrix, canvas, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    valid = _shown(canvas, crop, (columns, rows), place)
    drawn[~valid] = 128
    return np.asarray(drawn, np.uint8), valid


def _softened(picture: Picture, across: float, down: float) -> Picture:
    """Blurred by what sampling at a smaller size needs; as it is where it grows."""
    sigmas = softening(across, down)
    if max(sigmas) < 0.2:
        return picture
    sigma_x, sigma_y = (max(sigma, 1e-3) for sigma in sigmas)
    return np.asarray(cv2.GaussianBlur(picture, (0, 0), sigma_x, sigmaY=sigma_y), np.uint8)


def _shown(
    canvas: tuple[int, int], crop: Rect, delivered: tuple[int, int], place: Rect
) -> NDArray[np.bool_]:
    """Pixels of the canvas that lie wholly inside the crop and inside the delivered picture."""
    parts = []
    for side, begin, length, put, size, limit in (
        (canvas[1], crop[1], crop[3], place[1], place[3], delivered[1]),
        (canvas[0], crop[0], crop[2], place[0], place[2], delivered[0]),
    ):
        scale = length / size
        first = max(begin, begin + (0 - put) * scale)
        last = min(begin + length, begin + (limit - put) * scale)
        edges = np.arange(side, dtype=np.float64)
        inside = np.minimum(edges + 1, last) - np.maximum(edges, first)
        parts.append(inside >= _SURE)
    return np.asarray(parts[0][:, None] & parts[1][None, :], np.bool_)
