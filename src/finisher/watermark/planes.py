"""The plane of a picture in which a mark is looked for, worked out from red, green and blue.

A coloured mark is often as bright as what it lies on, and its edges vanish in luma; natural
pictures have little in chroma, where it stands out.
"""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.sighting import Plane

Floats = NDArray[np.float32]

# Rec. ITU-R BT.709, items 3.2 to 3.4: luma, and colour differences scaled to -0.5..0.5.
_RED, _GREEN, _BLUE = 0.2126, 0.7152, 0.0722
_WEIGHTS = {
    Plane.LUMA: (_RED, _GREEN, _BLUE),
    Plane.CB: tuple(part / (2 - 2 * _BLUE) for part in (-_RED, -_GREEN, 1 - _BLUE)),
    Plane.CR: tuple(part / (2 - 2 * _RED) for part in (1 - _RED, -_GREEN, -_BLUE)),
}
# Limited range in 8 bits, items 5.4 and 5.6: the code of nothing, and codes from end to end.
_ZERO = {Plane.LUMA: 16.0, Plane.CB: 128.0, Plane.CR: 128.0}
_SPAN = {Plane.LUMA: 219.0, Plane.CB: 224.0, Plane.CR: 224.0}

_COLOURED, _ALL = 40.0, 0.95
"""Codes of chroma, and the part of a mark that must have as many to be looked for there too: a
vivid colour has 60 to 110. Of a mark that is coloured in part chroma would vouch for that part,
whatever became of the rest."""


def coded(rgb: NDArray[np.float32], plane: Plane) -> Floats:
    """Code values in limited range of display-encoded Rec.709 RGB from 0 to 1, unrounded.

    `rgb` is (..., 3); the result has its shape without that axis.
    """
    weights = np.asarray(_WEIGHTS[plane], np.float32)
    return np.asarray(_ZERO[plane] + _SPAN[plane] * (rgb @ weights), np.float32)


def carried(codes: Floats, plane: Plane, sharing: tuple[int, int] = (2, 2)) -> NDArray[np.uint8]:
    """Codes of a plane (height, width) as a file carries them, chroma at half size unless told.

    `sharing` is how many pixels across and down share one sample of it. It is brought back by a
    cubic, as the readers of takes and of finished files bring theirs.
    """
    if plane is not Plane.LUMA and sharing != (1, 1):
        rows, columns = codes.shape
        size = -(-columns // sharing[0]), -(-rows // sharing[1])
        small = cv2.resize(codes, size, interpolation=cv2.INTER_AREA)
        codes = np.asarray(cv2.resize(small, (columns, rows), interpolation=cv2.INTER_CUBIC))
    return np.clip(np.rint(codes), 0, 255).astype(np.uint8)


def plane_of(picture: NDArray[np.uint8], plane: Plane) -> NDArray[np.uint8]:
    """A plane of a picture kept as (height, width, 4): red, green, blue, and luma as coded."""
    if plane is Plane.LUMA:
        return picture[..., 3]
    return carried(coded(picture[..., :3].astype(np.float32) / np.float32(255), plane), plane)


def stands_out(alpha: Floats, codes: Mapping[Plane, Floats]) -> Plane | None:
    """The plane of chroma in which all of a mark of an opacity and of these codes stands out."""
    weight = alpha.astype(np.float64) ** 2

    def coloured(plane: Plane) -> float:
        away = np.abs(codes[plane] - _ZERO[plane]) >= _COLOURED
        return float((weight * away).sum() / weight.sum())

    def strength(plane: Plane) -> float:
        return float((weight * np.abs(codes[plane] - _ZERO[plane])).sum())

    best = max((Plane.CB, Plane.CR), key=strength)
    return best if coloured(best) >= _ALL else None
