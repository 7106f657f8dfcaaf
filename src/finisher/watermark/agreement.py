"""How far two series of pictures agree in an area, part by part: what was foretold, and what shows.

Parts, so that half a mark can't speak for the other half. Both are freed of everything slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.planes import Floats

Area = tuple[int, int, int, int]
"""x, y, width, height in whole pixels."""
Reals = NDArray[np.float64]

_HIGH_PASS = 6.0
_SHIFT = 2
"""Pixels the export may lie beside what was foretold: scalers round, encoders move edges."""
_GAP = 4
"""Pixels between a mark's place and what it is held against."""
_ALIGNING = 6
"""Frames by which that is found out."""
TEXTURE = 1.0
"""Codes, root mean square, below which an area shows nothing that could be compared."""
LEGIBLE = 4.0
"""The same of what is held part by part against areas that agree well: encoders take what is
fainter from one part and leave it in the next."""
_ALLOWED = 2.0
"""Times what an encoder or grain adds beside it, that a part may show where it was to be flat."""
_TIMES, _EACH = 3, 2
"""Parts of a time that are compared each by itself, and frames that one must have for it."""
_PARTS, _ACROSS = 3, 2
"""A box is cut into as many along its longer side, and once more across its shorter one."""


def high_passed(frame: NDArray[np.uint8]) -> Floats:
    """A plane without anything slow."""
    plane = frame.astype(np.float32)
    plane -= cv2.GaussianBlur(plane, (0, 0), _HIGH_PASS)
    return plane


def shift(told: Sequence[Floats], seen: Sequence[Floats]) -> tuple[int, int]:
    """How many whole pixels right and down of what was foretold is what is shown."""
    rows, columns = told[0].shape
    if min(rows, columns) <= 4 * _SHIFT:
        return 0, 0
    inner = np.s_[_SHIFT : rows - _SHIFT, _SHIFT : columns - _SHIFT]
    total = np.zeros((2 * _SHIFT + 1, 2 * _SHIFT + 1), np.float32)
    for number in range(0, len(told), max(1, len(told) // _ALIGNING)):
        piece = np.ascontiguousarray(told[number][inner])
        total += cv2.matchTemplate(seen[number], piece, cv2.TM_CCORR)
    _, _, _, (x, y) = cv2.minMaxLoc(total)
    return x - _SHIFT, y - _SHIFT


def moved(frame: Floats, by: tuple[int, int]) -> Floats:
    """What is shown, moved onto what was foretold, from which it lies so far."""
    if by == (0, 0):
        return frame
    rows, columns = frame.shape
    matrix = np.array([[1.0, 0.0, -by[0]], [0.0, 1.0, -by[1]]])
    border = cv2.BORDER_REPLICATE
    return np.asarray(cv2.warpAffine(frame, matrix, (columns, rows), borderMode=border), np.float32)


def times(count: int) -> list[tuple[int, int]]:
    """First frame, and that after the last, of the parts of a time that are held side by side."""
    parts = max(1, min(_TIMES, count // _EACH))
    return list(pairwise(count * part // parts for part in range(parts + 1)))


class Weakest(NamedTuple):
    """That part of an area which agrees least."""

    score: float
    """Its correlation."""
    kept: float
    """Part of its contrast that is left."""
    contrast: float
    """What it was to have: codes, root mean square."""


class Both:
    """What was foretold and what is shown, each part of some areas taken together in each frame."""

    def __init__(
        self, told: Sequence[Floats], seen: Sequence[Floats], areas: Sequence[Area]
    ) -> None:
        cuts = [_parts(area) for area in areas]
        parts = np.array([part for along, across in cuts for part in (*along, *across)])
        self.count = len(told)
        ends = np.cumsum([len(along) + len(across) for along, across in cuts])
        self._rows = dict(zip(areas, pairwise([0, *ends.tolist()]), strict=True))
        # Encoders smooth the faint edges of a whole side sooner than those of a third of them all.
        self._across = np.concatenate(
            [[False] * len(along) + [True] * len(across) for along, across in cuts]
        )
        pairs = list(zip(told, seen, strict=True))
        # Means over (part, frame).
        self._power = np.stack([_means(one * one, parts) for one, _ in pairs], 1)
        self._other = np.stack([_means(other * other, parts) for _, other in pairs], 1)
        self._product = np.stack([_means(one * other, parts) for one, other in pairs], 1)

    def agreement(
        self, area: Area, texture: float = TEXTURE, when: tuple[int, int] | None = None
    ) -> Weakest | None:
        """How an area's weakest part agrees.

        All are medians over frames, of all or of some of them; None where no part has so much
        texture in half of them.
        """
        rows = slice(*self._rows[area])
        here = rows, slice(*(when or (0, self.count)))
        power, other, product = self._power[here], self._other[here], self._product[here]
        told = self._told(rows, power, texture)
        there = 2 * told.sum(axis=1) >= told.shape[1]
        if not there.any():
            return None
        power, other, product, told = (one[there] for one in (power, other, product, told))
        power = np.maximum(power, 1e-6)
        scores = _medians(product / np.sqrt(power * np.maximum(other, 1e-6)), told)
        weakest = [int(scores.argmin())]
        slopes = _medians(product[weakest] / power[weakest], told[weakest])
        rms = float(np.sqrt(_medians(power[weakest], told[weakest])[0]))
        return Weakest(float(scores.min()), float(slopes[0]), rms)

    def plainness(self, area: Area, others: Sequence[Area]) -> float:
        """How plain an area is where it was to be plain, 0 to 1: 1 where nothing was added to it.

        What an encoder or grain adds to the other areas is allowed for.
        """
        rows = slice(*self._rows[area])
        told = self._told(rows, self._power[rows], TEXTURE)
        flat = 2 * told.sum(axis=1) < told.shape[1]
        if not flat.any():
            return 1.0
        shown = np.sqrt(np.median(self._other[rows][flat], axis=1)).max()
        allowed = max(LEGIBLE, _ALLOWED * self.noise(others))
        return float(min(1.0, allowed / max(shown, 1e-6)))

    def noise(self, areas: Sequence[Area]) -> float:
        """Codes, root mean square, of what is shown in areas that is nothing of what they were."""
        found = [0.0]
        for area in areas:
            rows = slice(*self._rows[area])
            known = self._product[rows] ** 2 / np.maximum(self._power[rows], 1e-6)
            rest = np.maximum(self._other[rows] - known, 0)
            found.append(float(np.sqrt(np.median(rest))))
        return float(np.median(found[1:] or found))

    def _told(self, rows: slice, power: Reals, texture: float) -> NDArray[np.bool_]:
        """Which parts show enough to be compared, in which frames."""
        least = np.where(self._across[rows], max(texture, LEGIBLE), texture)
        return np.asarray(power >= least[:, None] ** 2)


def _means(values: Floats, parts: NDArray[np.int64]) -> Reals:
    """The means of a plane over parts of it."""
    # Summed up from a corner on, each part's sum is told by its own four corners.
    sums = cv2.integral(values)
    x, y, width, height = parts.T
    right, bottom = x + width, y + height
    total = sums[bottom, right] - sums[y, right] - sums[bottom, x] + sums[y, x]
    return np.asarray(total / np.maximum(width * height, 1), np.float64)


def _medians(values: Reals, which: NDArray[np.bool_]) -> Reals:
    """The median of each row's values that count; at least one of each does."""
    ranked = np.sort(np.where(which, values, np.inf), axis=1)
    count, row = which.sum(axis=1), np.arange(len(values))
    return np.asarray((ranked[row, (count - 1) // 2] + ranked[row, count // 2]) / 2, np.float64)


def _parts(area: Area) -> tuple[list[Area], list[Area]]:
    """An area cut along its longer side, and the same area cut across its shorter one."""
    x, y, width, height = area
    wide = width >= height
    columns = [(x + at, y, long, height) for at, long in _cuts(width, _PARTS if wide else _ACROSS)]
    rows = [(x, y + at, width, long) for at, long in _cuts(height, _ACROSS if wide else _PARTS)]
    return (columns, rows) if wide else (rows, columns)


def _cuts(length: int, parts: int) -> list[tuple[int, int]]:
    """Starts and lengths of equal parts."""
    edges = [length * part // parts for part in range(parts + 1)]
    return [(start, end - start) for start, end in pairwise(edges)]


def beside(area: Area, columns: int, rows: int) -> list[Area]:
    """Areas around one that leave it alone, of its size or, for want of room, smaller."""
    x, y, width, height = area
    across, down = _spans(x, width, columns), _spans(y, height, rows)
    return [
        (left, top, wide, high)
        for top, high in down
        for left, wide in across
        if (left, top) != (x, y)
    ]


def _spans(start: int, length: int, end: int) -> list[tuple[int, int]]:
    """Starts and lengths before, at and after a span, each at least half as long as it."""
    before, after = max(0, start - length - _GAP), start + length + _GAP
    spans = [(before, start - _GAP - before), (start, length), (after, min(length, end - after))]
    return [(at, long) for at, long in spans if 2 * long >= length]
