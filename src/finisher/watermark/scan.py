"""Where a mark that jumps stands in a take, found by its template: each place, to the picture.

Pictures pass by once. Averages of three to two dozen of them are compared with the template all
over, and so is what changed from one average to the next: scenery that stands still is in neither,
scenery that moves blurs. What stands out is followed from then on, and a little way back, picture
by picture. Memory does not grow with the take but for a few numbers a picture and place.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Box
from finisher.sighting import MarkPlace, Plane
from finisher.watermark.averages import CLEAR, KNEE, blurred, gradient
from finisher.watermark.dwells import dwells
from finisher.watermark.learnt import Learnt
from finisher.watermark.levels import NOTED, PER_Z, Followed, Look
from finisher.watermark.outline import ONE_TONE, tone_of
from finisher.watermark.planes import Floats
from finisher.watermark.template import Template, place

Codes = NDArray[np.int8]
Sums = NDArray[np.int16]

_STEPS = 127
_MASK = 0.15
_FLOOR, _FLOOR_OF_ONE = 0.03, 0.1
"""Energy at least assumed, of averages and of one picture, where noise does not cancel."""
_ROOM = 2
_SHORT_SIDE = 22.0
"""Pixels of the mark's shorter side at the size that is searched: enough for its letters."""
_LONGEST = 1280
"""Pixels of the picture's longer side at that size."""
_GROUP = 3
"""Pictures that are added up at once: half of the shortest time at a place."""
_WINDOWS = ((1, 1), (2, 1), (4, 2), (8, 4))
"""Groups that are averaged, and every how many of them."""
_CHANGES = ((2, 1), (4, 2))
"""The same, to be held against as many before."""
_BACK = 30
"""Pictures that are kept to look back at: the longest average, and until the next."""
_WORTH = 0.36
"""Score above which a place is followed."""
_AT_ONCE = 8
"""Places followed anew after one look."""
_MOST = 112
"""Places followed in all."""
_NEAR = 3
"""Pixels around a followed place that belong to it..."""
_CLEARER = 0.06
"""...unless one of them shows more than it ever did, by so much."""
_DARK, _LIGHT = 80.0, 180.0
"""Luma between which a mark is darker than some surroundings and lighter than others."""
_USUAL, _GREY = 90.0, 128.0
"""Luma of surroundings in general, and their chroma."""
_GROUND = 2 * int(0.4 * _SHORT_SIDE) + 1
"""Side of the square, in pixels, whose mean a pixel of it lies on."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """A template's gradient at search size."""

    edges: Floats
    """(2, height, width): along x and y; its squares add up to 1."""
    mask: Floats
    """(height, width): 1 where there are edges."""
    either: bool
    """Whether the mark's sign depends on what it lies on."""
    level: float | None
    """The code of a mark of one: its edges turn round where it lies on more."""

    @property
    def least(self) -> float:
        """Norm of a plane of ones under the mask."""
        return float(np.sqrt(self.mask.sum()))


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """A few pictures' gradients added up, and their products with the template all over."""

    along: Sums
    across: Sums
    match: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Map:
    """Scores of one average at every position of the template's top left corner."""

    start: int
    end: int
    scores: Floats
    unit: float
    """Their standard deviation."""

    def look(self, score: float) -> Look:
        return Look(self.start, self.end, score, abs(score) / self.unit)


class Scan:
    """Looks for a mark's places in the pictures of one take, handed over in order of display."""

    def __init__(self, template: Template | Learnt, size: tuple[int, int]) -> None:
        """Look for a template that is `size` (width, height) pixels of the take large."""
        self._size = size
        self._scale = min(1.0, _SHORT_SIDE / max(1, min(size)))
        self._template = template
        self._shape: _Shape | None = None
        self._raster = (0, 0)
        self._count = 0
        self._recent: deque[Codes] = deque(maxlen=_BACK)
        self._groups: deque[_Group] = deque(maxlen=max(many for many, _ in _WINDOWS))
        self._followed: list[Followed] = []

    @property
    def plane(self) -> Plane:
        """The plane of the pictures that is looked at."""
        return self._template.plane

    def add(self, plane: NDArray[np.uint8]) -> None:
        """Look at the next picture: its whole plane."""
        if self._shape is None:
            self._begin(plane.shape)
        if self._shape is None:
            return
        size = (round(plane.shape[1] * self._scale), round(plane.shape[0] * self._scale))
        small = plane
        if size != (plane.shape[1], plane.shape[0]):
            small = np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)
        one = _normalised(small, self._shape.level)
        self._recent.append(one)
        self._count += 1
        for followed in self._followed:
            followed.scores.append(_at(one, self._shape, followed.x, followed.y))
        if self._count % _GROUP == 0:
            self._look(self._shape)

    def _begin(self, raster: tuple[int, ...]) -> None:
        """Draw the template at the size that pictures of this one are searched at."""
        self._raster = (raster[1], raster[0])
        self._scale = min(self._scale, _LONGEST / max(raster))
        wide, high = (side * self._scale for side in self._size)
        if min(wide, high) >= 3 and self._size[0] <= raster[1] and self._size[1] <= raster[0]:
            self._shape = _drawn(self._template, (wide, high))

    def _look(self, shape: _Shape) -> None:
        """Compare the last pictures with the template all over, and with those before."""
        self._groups.append(_grouped(list(self._recent)[-_GROUP:], shape))
        groups, number = list(self._groups), self._count // _GROUP
        for many, every in _WINDOWS:
            if number % every == 0 and len(groups) >= many:
                start = self._count - many * _GROUP
                self._weigh(_compared((start, self._count), groups[-many:], [], shape), shape)
        for many, every in _CHANGES:
            if number % every == 0 and len(groups) >= 2 * many:
                at = self._count - many * _GROUP
                before = groups[-2 * many : -many]
                self._weigh(_compared((at, at), groups[-many:], before, shape), shape)

    def _weigh(self, found: _Map, shape: _Shape) -> None:
        """Note how followed places stand out, and follow what else does."""
        for known in self._followed:
            _revisit(known, found)
        self._pick(found, shape, 1.0)
        if found.start == found.end and not shape.either:
            np.negative(found.scores, out=found.scores)
            self._pick(found, shape, -1.0)

    def _pick(self, found: _Map, shape: _Shape, sign: float) -> None:
        """Follow what stands out most; takes it off the map."""
        rows, columns = shape.mask.shape
        scores = found.scores
        for _ in range(_AT_ONCE):
            y, x = divmod(int(scores.argmax()), scores.shape[1])
            score = float(scores[y, x])
            if score < _WORTH:
                return
            self._follow((x, y), found.look(sign * score), _peak(scores, x, y), shape)
            top, left = max(0, y - rows // 2), max(0, x - columns // 2)
            scores[top : y + rows // 2 + 1, left : x + columns // 2 + 1] = 0

    def _follow(
        self, at: tuple[int, int], look: Look, sub: tuple[float, float], shape: _Shape
    ) -> None:
        """Follow a place; where too many are, the one that showed least ends."""
        if len(self._followed) >= _MOST:
            least = min(self._followed, key=lambda one: one.best)
            if least.best >= look.evidence:
                return
            self._followed.remove(least)
        new = Followed(*at, self._count - len(self._recent), look.evidence, sub)
        new.scores.extend(_at(one, shape, *at) for one in self._recent)
        new.looks.append(look)
        self._followed.append(new)

    def places(self) -> tuple[MarkPlace, ...]:
        """Where it stands and when, in order; nothing where it was not found.

        Call it once, after the last picture.
        """
        wide, high = (round(side * self._scale) for side in self._size)
        found = dwells(self._followed, self._count, (wide, high))
        return tuple(MarkPlace(one.start, one.end, self._box(one.where)) for one in found)

    def _box(self, followed: Followed) -> Box:
        """A followed place in whole pixels of the take."""
        width, height = self._size
        # The template is drawn with room around it.
        x, y = (round((part + _ROOM) / self._scale) for part in followed.sub)
        x = min(max(0, x), self._raster[0] - width)
        y = min(max(0, y), self._raster[1] - height)
        return Box(Fraction(x), Fraction(y), Fraction(width), Fraction(height))


def _drawn(template: Template | Learnt, size: tuple[float, float]) -> _Shape | None:
    """A template's gradient at a size; None where nothing is left of it."""
    either, level = False, None
    if isinstance(template, Learnt):
        fine = (max(1, round(size[0])), max(1, round(size[1])))
        along, across = (
            np.pad(cv2.resize(plane * template.weight, fine, interpolation=cv2.INTER_AREA), _ROOM)
            for plane in (template.along, template.across)
        )
        either = template.told.either
    else:
        tone, spread = tone_of(template)
        placed = place(template, (0.0, 0.0, *size), _ROOM)
        if spread < ONE_TONE:
            level, plane = tone, placed.alpha
        else:
            bright = template.plane is Plane.LUMA
            either = bright and _DARK < tone < _LIGHT
            plane = placed.field(0.0 if either else _USUAL if bright else _GREY)
        along, across = gradient(blurred(plane))
    edges = np.stack((along, across))
    steepness = np.hypot(along, across)
    most = float(steepness.max())
    if most <= 0:
        return None
    mask = (steepness > _MASK * most).astype(np.float32)
    edges = edges * mask
    norm = float(np.sqrt((edges**2).sum()))
    return _Shape(np.asarray(edges / norm, np.float32), mask, either, level)


def _normalised(small: NDArray[np.uint8], level: float | None) -> Codes:
    """A picture's gradient g as g / (|g| + 4), in 127ths, (2, height, width).

    Under a mark of one tone it counts as far as that can be seen there, and the other way round
    where the mark is darker.
    """
    plane = small.astype(np.float32)
    along, across = gradient(blurred(plane))
    scale = np.asarray(cv2.magnitude(along, across), np.float32)
    scale += np.float32(KNEE)
    np.divide(np.float32(_STEPS), scale, out=scale)
    if level is not None:
        ground = np.asarray(cv2.blur(plane, (_GROUND, _GROUND)), np.float32)
        np.subtract(np.float32(level), ground, out=ground)
        ground *= np.float32(1 / CLEAR)
        scale *= np.clip(ground, -1, 1, out=ground)
    out = np.empty((2, *small.shape), np.int8)
    for number, part in enumerate((along, across)):
        out[number] = np.rint(np.multiply(part, scale, out=part), out=part)
    return out


def _grouped(pictures: list[Codes], shape: _Shape) -> _Group:
    """Pictures added up and held against the template."""
    total = np.asarray(np.sum(pictures, axis=0, dtype=np.int16), np.int16)
    along, across = total
    match = cv2.matchTemplate(along.astype(np.float32), shape.edges[0], cv2.TM_CCORR)
    match += cv2.matchTemplate(across.astype(np.float32), shape.edges[1], cv2.TM_CCORR)
    return _Group(along, across, np.asarray(match, np.float32))


def _compared(
    when: tuple[int, int], after: list[_Group], before: list[_Group], shape: _Shape
) -> _Map:
    """Masked normalised correlation of an average, or of its difference from another."""
    along, across, match = after[0].along.copy(), after[0].across.copy(), after[0].match.copy()
    for group in after[1:]:
        along += group.along
        across += group.across
        match += group.match
    for group in before:
        along -= group.along
        across -= group.across
        match -= group.match
    unit = _STEPS * _GROUP * len(after)
    energy = np.square(along, dtype=np.float32)
    energy += np.square(across, dtype=np.float32)
    there = np.asarray(cv2.matchTemplate(energy, shape.mask, cv2.TM_CCORR), np.float32)
    np.maximum(there, np.float32((_FLOOR * shape.least * unit) ** 2), out=there)
    match /= np.sqrt(there, out=there)
    if shape.either:
        np.abs(match, out=match)
    return _Map(*when, match, max(_FLOOR, float(match.std())))


def _revisit(known: Followed, found: _Map) -> None:
    """Note how a followed place stands out on a map, and take it off."""
    left, top = max(0, known.x - _NEAR), max(0, known.y - _NEAR)
    around = found.scores[top : known.y + _NEAR + 1, left : known.x + _NEAR + 1]
    y, x = divmod(int(around.argmax()), around.shape[1])
    look = found.look(float(around[y, x]))
    here = abs(left + x - known.x) <= 1 and abs(top + y - known.y) <= 1
    if here and look.evidence >= NOTED:
        known.looks.append(look)
        if look.evidence > known.best:
            known.best, known.sub = look.evidence, _peak(found.scores, left + x, top + y)
    if found.start == found.end:
        gone = found.look(min(0.0, float(around.min())))
        if gone.evidence >= NOTED:
            known.looks.append(gone)
    if here or look.evidence < known.best + _CLEARER * (1 + PER_Z / found.unit):
        around[...] = 0


def _at(one: Codes, shape: _Shape, x: int, y: int) -> float:
    """The score of a picture at a place."""
    rows, columns = shape.mask.shape
    here = one[:, y : y + rows, x : x + columns].astype(np.float32)
    match = float(np.vdot(here, shape.edges))
    np.square(here, out=here)
    there = float(np.vdot(here[0], shape.mask) + np.vdot(here[1], shape.mask))
    score: float = match / max(float(np.sqrt(there)), _FLOOR_OF_ONE * _STEPS * shape.least)
    return abs(score) if shape.either else score


def _peak(scores: Floats, x: int, y: int) -> tuple[float, float]:
    """The top of a parabola through a peak and its neighbours, along each axis."""

    def top(before: float, at: float, after: float) -> float:
        bend = before - 2 * at + after
        return 0.0 if bend >= 0 else min(0.5, max(-0.5, (before - after) / (2 * bend)))

    rows, columns = scores.shape
    dx = top(*scores[y, x - 1 : x + 2].tolist()) if 0 < x < columns - 1 else 0.0
    dy = top(*scores[y - 1 : y + 2, x].tolist()) if 0 < y < rows - 1 else 0.0
    return x + dx, y + dy
