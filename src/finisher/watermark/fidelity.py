"""Whether a mark's place still shows what it should: the export held against what was foretold.

Both are freed of everything slow (beyond 6 pixels) and correlated frame by frame, the mark's box
in parts, so that half a mark can't speak for the other half, nor half of its time. Areas of the
same size beside it tell how much the encoder, grain or a scaler takes from everything: only what
the box loses beyond them was done to the mark.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.sighting import Plane
from finisher.watermark.evidence import amplitude
from finisher.watermark.planes import Floats
from finisher.watermark.rules import AGREEING, Fidelity
from finisher.watermark.template import AnyTemplate, PlacedBox

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
_LOOKED_AT = 12
"""Frames, about, whose medians tell how far they agree; strength is measured in all."""
_TEXTURE = 1.0
"""Codes, root mean square, below which an area shows nothing that could be compared."""
_LEGIBLE = 4.0
"""The same of what is held part by part against areas that agree well: encoders take what is
fainter from one part and leave it in the next."""
_PARTS, _ACROSS = 3, 2
"""A box is cut into as many along its longer side, and once more across its shorter one."""
_TIMES, _EACH = 3, 2
"""Parts of its time that are compared each by itself, and frames that one must have for it."""


def compare(
    expected: NDArray[np.uint8],
    shown: NDArray[np.uint8],
    box: PlacedBox,
    template: AnyTemplate | None = None,
    own: tuple[NDArray[np.uint8], NDArray[np.uint8]] | None = None,
) -> Fidelity | None:
    """Hold a mark's surroundings in an export against what they were to be.

    `expected` and `shown` are (frames, height, width) in luma of limited range, the same frames of
    the same region; `box` is the mark's within it. `own` is both in the template's plane, where
    that is another: without it nothing is said of the mark's strength. None where there is nothing
    to compare: no frames, another shape, a box that is not inside, a place without any texture.
    """
    rows, columns = expected.shape[1:]
    area = _whole(box, columns, rows)
    if expected.shape != shown.shape or expected.shape[0] == 0 or area is None:
        return None
    step = max(1, len(expected) // _LOOKED_AT)
    told = [_high_passed(frame) for frame in expected[::step]]
    seen = _aligned(told, [_high_passed(frame) for frame in shown[::step]])
    others = _beside(area, columns, rows)
    both = _Both(told, seen, [area, *others])
    here = both.agreement(area)
    if here is None:
        return None
    said = [one for other in others if (one := both.agreement(other)) is not None]
    control = float(np.median([one[0] for one in said])) if said else None
    around = float(np.median([one[1] for one in said])) if said else None
    kept: float | None = here[1]
    if template is not None:
        pair = (expected, shown) if template.plane is Plane.LUMA else own
        kept = None if pair is None else _strength_kept(*pair, box, template)
    return Fidelity(here[0], control, kept, around, _least(both, area, others))


def _least(both: _Both, area: Area, others: Sequence[Area]) -> float | None:
    """Part of the agreement beside it that a mark has in that part of its time that has least.

    None where nothing beside it agrees well enough to hold it against.
    """
    found = []
    for start, end in times(both.count):
        here = both.agreement(area, _LEGIBLE, (start, end))
        every = (both.agreement(other, when=(start, end)) for other in others)
        said = [one[0] for one in every if one is not None]
        control = float(np.median(said)) if said else 0.0
        if here is not None and control >= AGREEING:
            found.append(here[0] / control)
    return min(found, default=None)


def times(count: int) -> list[tuple[int, int]]:
    """First frame, and that after the last, of the parts of a time that are held side by side."""
    parts = max(1, min(_TIMES, count // _EACH))
    return list(pairwise(count * part // parts for part in range(parts + 1)))


def _whole(box: PlacedBox, columns: int, rows: int) -> Area | None:
    """The whole pixels that a box touches, None where they are not inside."""
    if not np.isfinite(box).all():
        return None
    x, y = int(np.floor(box[0])), int(np.floor(box[1]))
    right, bottom = int(np.ceil(box[0] + box[2])), int(np.ceil(box[1] + box[3]))
    inside = min(x, y) >= 0 and right <= columns and bottom <= rows
    return (x, y, right - x, bottom - y) if inside and right - x > 2 and bottom - y > 2 else None


def _high_passed(frame: NDArray[np.uint8]) -> Floats:
    plane = frame.astype(np.float32)
    plane -= cv2.GaussianBlur(plane, (0, 0), _HIGH_PASS)
    return plane


def _aligned(told: Sequence[Floats], seen: list[Floats]) -> list[Floats]:
    """What is shown, moved by the whole pixels that bring it onto what was foretold."""
    rows, columns = told[0].shape
    if min(rows, columns) <= 4 * _SHIFT:
        return seen
    inner = np.s_[_SHIFT : rows - _SHIFT, _SHIFT : columns - _SHIFT]
    total = np.zeros((2 * _SHIFT + 1, 2 * _SHIFT + 1), np.float32)
    for number in range(0, len(told), max(1, len(told) // _ALIGNING)):
        piece = np.ascontiguousarray(told[number][inner])
        total += cv2.matchTemplate(seen[number], piece, cv2.TM_CCORR)
    _, _, _, (x, y) = cv2.minMaxLoc(total)
    if (x, y) == (_SHIFT, _SHIFT):
        return seen
    shift = np.array([[1.0, 0.0, _SHIFT - x], [0.0, 1.0, _SHIFT - y]])
    border = cv2.BORDER_REPLICATE
    return [
        np.asarray(cv2.warpAffine(one, shift, (columns, rows), borderMode=border), np.float32)
        for one in seen
    ]


class _Both:
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
        self, area: Area, texture: float = _TEXTURE, when: tuple[int, int] | None = None
    ) -> tuple[float, float] | None:
        """Correlation of an area's weakest part, and the part of its contrast that is left.

        Both are medians over frames, of all or of some of them; None where no part has so much
        texture in half of them.
        """
        rows = slice(*self._rows[area])
        here = rows, slice(*(when or (0, self.count)))
        power, other, product = self._power[here], self._other[here], self._product[here]
        least = np.where(self._across[rows], max(texture, _LEGIBLE), texture)
        told = power >= least[:, None] ** 2
        there = 2 * told.sum(axis=1) >= told.shape[1]
        if not there.any():
            return None
        power, other, product, told = (one[there] for one in (power, other, product, told))
        power = np.maximum(power, 1e-6)
        scores = _medians(product / np.sqrt(power * np.maximum(other, 1e-6)), told)
        weakest = [int(scores.argmin())]
        slopes = _medians(product[weakest] / power[weakest], told[weakest])
        return float(scores.min()), float(slopes[0])


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


def _beside(area: Area, columns: int, rows: int) -> list[Area]:
    """Areas around the mark's that leave it alone, of its size or, for want of room, smaller."""
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


def _strength_kept(
    expected: NDArray[np.uint8], shown: NDArray[np.uint8], box: PlacedBox, template: AnyTemplate
) -> float | None:
    """The mark's strength against its foretold one."""
    before = amplitude(expected, template, box)
    return amplitude(shown, template, box) / before if before > 0 else None
