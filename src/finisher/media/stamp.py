"""A word across a picture, as large as its box allows: what a draft is told by."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

WORD = "DRAFT"
_WHITE, _BLACK, _GREY = 235, 16, 128
_BOLD = 3
_STRENGTH = 0.75
"""How much of the picture the letters and their outline take; the rest shines through."""

Corners = tuple[int, int, int, int]


def stamped(picture: VideoFrame, box: Corners) -> VideoFrame:
    """A copy of a picture with the word in a box (x, y, width, height), all even.

    Takes 4:2:0 pictures of 8 bits, as drafts are.
    """
    x, y, width, height = box
    whole: NDArray[np.uint8] = np.asarray(picture.to_ndarray(), np.uint8)
    letters, cover = _letters(width, height)
    rows, columns = picture.height, picture.width
    luma = whole[:rows]
    place = luma[y : y + height, x : x + width]
    place[:] = _mixed(place, letters, cover)
    # Chroma planes lie below, half as wide and high, row after row.
    chroma = whole[rows:].reshape(2, rows // 2, columns // 2)
    small = cover[::2, ::2]
    for plane in chroma:
        half = plane[y // 2 : (y + height) // 2, x // 2 : (x + width) // 2]
        half[:] = _mixed(half, np.full_like(half, _GREY), small)
    made = VideoFrame.from_ndarray(whole, format=picture.format.name)
    made.colorspace, made.color_range = picture.colorspace, picture.color_range
    made.color_primaries, made.color_trc = picture.color_primaries, picture.color_trc
    return made


def _mixed(
    under: NDArray[np.uint8], over: NDArray[np.uint8], cover: NDArray[np.float32]
) -> NDArray[np.uint8]:
    """One over the other, as far as it covers."""
    return np.asarray(under + (over.astype(np.float32) - under) * cover + 0.5, np.uint8)


@lru_cache(maxsize=4)
def _letters(width: int, height: int) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """The word's luma, white on a dark outline, and how far it covers what is under it."""
    font, wanted = cv2.FONT_HERSHEY_DUPLEX, min(height * 0.7, width / 4.5)
    (_, tall), _ = cv2.getTextSize(WORD, font, 1.0, 1)
    scale = wanted / tall
    (wide, tall), _ = cv2.getTextSize(WORD, font, scale, _BOLD)
    fill = np.zeros((height, width), np.uint8)
    origin = ((width - wide) // 2, (height + tall) // 2)
    cv2.putText(fill, WORD, origin, font, scale, 255, _BOLD, cv2.LINE_AA)
    # The font's own strokes differ between releases of OpenCV; a grown copy is an edge in all.
    reach = 2 * max(1, height // 24) + 1
    edge = cv2.dilate(fill, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (reach, reach)))
    part = fill.astype(np.float32) / 255
    luma = np.asarray(_BLACK + (_WHITE - _BLACK) * part + 0.5, np.uint8)
    cover = np.maximum(edge, fill).astype(np.float32) * np.float32(_STRENGTH / 255)
    return luma, cover
