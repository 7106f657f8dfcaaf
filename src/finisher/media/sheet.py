"""Contact sheets: rows of labelled pictures as one PNG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3) display-encoded RGB."""

_GAP = 6
_LINE = 22
_PAPER, _INK = 24, (210, 210, 210)


@dataclass(frozen=True, slots=True)
class Row:
    """A line of text over pictures of one size, each with a word beneath."""

    title: str
    pictures: tuple[tuple[str, Pixels], ...]


def sheet(rows: Sequence[Row]) -> bytes:
    """The rows beneath each other, as a PNG; letters outside ASCII become question marks."""
    drawn = [_drawn(row) for row in rows]
    width = max(picture.shape[1] for picture in drawn)
    padded = [
        np.pad(picture, ((0, _GAP), (0, width - picture.shape[1]), (0, 0)), constant_values=_PAPER)
        for picture in drawn
    ]
    _, data = cv2.imencode(".png", np.vstack(padded)[:, :, ::-1])
    return data.tobytes()


def difference(one: Pixels, other: Pixels) -> Pixels:
    """How two pictures differ, four times as strong, on grey."""
    apart = one.astype(np.int16) - other.astype(np.int16)
    return np.clip(128 + 4 * apart, 0, 255).astype(np.uint8)


def _drawn(row: Row) -> Pixels:
    """One row."""
    height, width = row.pictures[0][1].shape[:2]
    step = width + _GAP
    size = (2 * _LINE + height, len(row.pictures) * step + _GAP, 3)
    canvas = np.full(size, _PAPER, np.uint8)
    _write(canvas, row.title, (_GAP, _LINE - 6))
    for number, (word, picture) in enumerate(row.pictures):
        left = _GAP + number * step
        canvas[_LINE : _LINE + height, left : left + width] = picture
        _write(canvas, word, (left, height + 2 * _LINE - 6))
    return canvas


def _write(canvas: Pixels, text: str, at: tuple[int, int]) -> None:
    plain = text.encode("ascii", "replace").decode("ascii")
    cv2.putText(canvas, plain, at, cv2.FONT_HERSHEY_SIMPLEX, 0.45, _INK, 1, cv2.LINE_AA)
