"""Where a mark that jumps stands in a take, found by its template: each place, to the picture.

Pictures pass by once. Every few are averaged and compared with the template all over; what stands
out is followed from then on, and a little way back, picture by picture. In the end the sequence of
places that explains all pictures best, with few changes, is chosen. Memory does not grow with the
take but for two numbers a picture and place.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Box
from finisher.sighting import MarkPlace
from finisher.watermark.learnt import Floats, Learnt
from finisher.watermark.template import Template, place

Codes = NDArray[np.int8]

SURE = 0.60
"""A score of a few averaged pictures, anywhere, that is a mark: of unmarked pictures' best scores
over the whole picture one in two hundred was higher."""

_BLUR, _KNEE, _STEPS = 0.7, 4.0, 127
_MASK = 0.15
_ENERGY_FLOOR = 0.03
_ROOM = 2
_SHORT_SIDE = 22.0
"""Pixels of the mark's shorter side at the size that is searched: enough for its letters."""
_LONGEST = 1280
"""Pixels of the picture's longer side at that size."""
_WINDOW = 3
"""Pictures averaged for a look at the whole: half of the shortest time at a place."""
_BACK = 24
"""Pictures that are kept to look back at."""
_WORTH = 0.36
"""Score above which a place is followed."""
_LIKELY = 0.45
"""The same for a place that the mark comes to or leaves, where another place is sure."""
_STEP = 0.25
"""How far the score of a single picture must rise and fall where a mark comes and goes."""
_SUDDEN = 0.4
"""Part of that by which it must do so from one picture to the next."""
_STEPPED = 4
"""Pictures on either side that tell."""
_AT_ONCE = 12
"""Places followed anew after one look."""
_MOST = 160
"""Places followed in all."""
_HOLE = 6
"""Pictures without a place from which on a mark is looked for that was there all the time."""
_MARGIN = 0.08
"""By how much it must then stand out against every other place."""
_NEAR = 3
"""Pixels apart within which two places are one."""
_HALF = 0.45
"""Between the lowest and the highest score at a place, where it is as likely there as not."""
_CHANGE = 0.7
"""What a change of place must explain: two pictures that are sure, or more that are not."""
_GLANCES = 3
"""Fewest pictures at a place."""
_DARK, _LIGHT = 80.0, 180.0
"""Luma between which a mark is darker than some surroundings and lighter than others."""
_USUAL = 90.0
"""Luma of surroundings in general."""


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """A template's gradient at search size."""

    along: Floats
    across: Floats
    mask: Floats
    either: bool
    """Whether the mark's sign depends on what it lies on."""

    @property
    def energy(self) -> float:
        return float((self.along**2 + self.across**2).sum())


@dataclass(slots=True, eq=False)
class _Followed:
    """A place that stood out once, and its score in each picture since."""

    x: int
    y: int
    first: int
    """The first picture that was scored."""
    best: float
    sub: tuple[float, float]
    """Its position to a part of a pixel, when it was at its best."""
    scores: list[float] = field(default_factory=list)

    @property
    def low(self) -> float:
        """Its score in pictures that speak least for it: high where a structure stands still."""
        return max(0.0, float(np.mean(sorted(self.scores)[:_STEPPED])))

    @property
    def high(self) -> float:
        """Its score in pictures that speak most for it."""
        return float(np.mean(sorted(self.scores)[-_STEPPED:]))

    @property
    def steps(self) -> bool:
        """Whether something came or went there from one picture to the next.

        A structure of the scene that passes by comes and goes too, but little by little.
        """
        reach = self.high - self.low
        if len(self.scores) <= 2 * _STEPPED or reach <= _STEP:
            return False
        return float(np.abs(np.diff(self.scores)).max()) > _SUDDEN * reach


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
        self._recent: deque[tuple[Codes, Codes]] = deque(maxlen=_BACK)
        self._followed: list[_Followed] = []

    def add(self, luma: NDArray[np.uint8]) -> None:
        """Look at the next picture: its whole luma plane."""
        if self._shape is None:
            self._begin(luma.shape)
        if self._shape is None:
            return
        size = (round(luma.shape[1] * self._scale), round(luma.shape[0] * self._scale))
        small = luma
        if size != (luma.shape[1], luma.shape[0]):
            small = np.asarray(cv2.resize(luma, size, interpolation=cv2.INTER_AREA), np.uint8)
        one = _normalised(small.astype(np.float32))
        self._recent.append(one)
        self._count += 1
        for followed in self._followed:
            followed.scores.append(_at(one, self._shape, followed.x, followed.y))
        if self._count % _WINDOW == 0:
            self._look(self._shape)

    def _begin(self, raster: tuple[int, ...]) -> None:
        """Draw the template at the size that pictures of this one are searched at."""
        self._raster = (raster[1], raster[0])
        self._scale = min(self._scale, _LONGEST / max(raster))
        wide, high = (side * self._scale for side in self._size)
        if min(wide, high) >= 3 and self._size[0] <= raster[1] and self._size[1] <= raster[0]:
            self._shape = _drawn(self._template, (wide, high))

    def _look(self, shape: _Shape) -> None:
        """Compare the last pictures' average with the template all over; follow what stands out."""
        window = list(self._recent)[-_WINDOW:]
        part = np.float32(1 / (_STEPS * _WINDOW))
        along, across = (
            np.asarray(np.sum([one[i] for one in window], axis=0, dtype=np.float32) * part)
            for i in (0, 1)
        )
        scores = _scores(along, across, shape)
        for known in self._followed:
            self._revisit(known, scores)
        for _ in range(_AT_ONCE):
            y, x = divmod(int(scores.argmax()), scores.shape[1])
            score = float(scores[y, x])
            if score < _WORTH:
                return
            self._follow(x, y, score, _peak(scores, x, y))
            rows, columns = shape.mask.shape
            top, left = max(0, y - rows // 2), max(0, x - columns // 2)
            scores[top : y + rows // 2 + 1, left : x + columns // 2 + 1] = -1

    @staticmethod
    def _revisit(known: _Followed, scores: Floats) -> None:
        """Note how a followed place stands out now, and take it off the map."""
        top, left = max(0, known.y - _NEAR), max(0, known.x - _NEAR)
        around = scores[top : known.y + _NEAR + 1, left : known.x + _NEAR + 1]
        y, x = divmod(int(around.argmax()), around.shape[1])
        if float(around[y, x]) > known.best:
            known.best, known.sub = float(around[y, x]), _peak(scores, left + x, top + y)
        around[...] = -1

    def _follow(self, x: int, y: int, score: float, sub: tuple[float, float]) -> None:
        """Follow a place; where too many are, the one that told least of coming and going ends."""
        if len(self._followed) >= _MOST:
            least = min(self._followed, key=lambda one: (one.steps, one.best))
            if least.steps and least.best >= score:
                return
            self._followed.remove(least)
        shape = self._shape
        if shape is not None:
            new = _Followed(x, y, self._count - len(self._recent), score, sub)
            new.scores.extend(_at(one, shape, x, y) for one in self._recent)
            self._followed.append(new)

    def places(self) -> tuple[MarkPlace, ...]:
        """Where it stands and when, in order; nothing where it was not found.

        Call it once, after the last picture.
        """
        if not any(one.best >= SURE for one in self._followed):
            return ()
        moving = [one for one in self._followed if one.steps and one.best >= _LIKELY]
        if not any(one.best >= SURE for one in moving):
            moving = []
        still = [one for one in self._followed if one.best >= SURE and one not in moving]
        found: list[MarkPlace] = []
        for start, end, which in _runs(_path(_evidence(moving, self._count))):
            one = moving[which] if which >= 0 else _constant(still, start, end)
            if one is not None and end - start >= min(_GLANCES, self._count):
                found.append(MarkPlace(start, end, self._box(one)))
        return tuple(found)

    def _box(self, followed: _Followed) -> Box:
        """A followed place in whole pixels of the take."""
        width, height = self._size
        # The template is drawn with room around it.
        x, y = (round((part + _ROOM) / self._scale) for part in followed.sub)
        x = min(max(0, x), self._raster[0] - width)
        y = min(max(0, y), self._raster[1] - height)
        return Box(Fraction(x), Fraction(y), Fraction(width), Fraction(height))


def _drawn(template: Template | Learnt, size: tuple[float, float]) -> _Shape | None:
    """A template's gradient at a size; None where nothing is left of it."""
    either = False
    if isinstance(template, Learnt):
        fine = (max(1, round(size[0])), max(1, round(size[1])))
        along, across = (
            np.pad(cv2.resize(plane * template.weight, fine, interpolation=cv2.INTER_AREA), _ROOM)
            for plane in (template.along, template.across)
        )
    else:
        weight = float(template.alpha.sum())
        mean = float((template.alpha * template.luma).sum()) / max(weight, 1e-6)
        either = _DARK < mean < _LIGHT
        placed = place(template, (0.0, 0.0, *size), _ROOM)
        background = _USUAL if not either else 0.0
        along, across = _gradient(_blurred(placed.field(background)))
    steepness = np.hypot(along, across)
    most = float(steepness.max())
    if most <= 0:
        return None
    mask = (steepness > _MASK * most).astype(np.float32)
    along, across = (np.asarray(plane * mask / most, np.float32) for plane in (along, across))
    return _Shape(along, across, mask, either)


def _blurred(plane: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), _BLUR), np.float32)


def _gradient(plane: Floats) -> tuple[Floats, Floats]:
    along, across = np.zeros_like(plane), np.zeros_like(plane)
    along[:, 1:-1] = (plane[:, 2:] - plane[:, :-2]) / 2
    across[1:-1, :] = (plane[2:, :] - plane[:-2, :]) / 2
    return along, across


def _normalised(plane: Floats) -> tuple[Codes, Codes]:
    """A picture's gradient g as g / (|g| + 4), in 127ths: a quarter of the memory."""
    along, across = _gradient(_blurred(plane))
    scale = np.float32(_STEPS) / (cv2.magnitude(along, across) + np.float32(_KNEE))
    return np.rint(along * scale).astype(np.int8), np.rint(across * scale).astype(np.int8)


def _scores(along: Floats, across: Floats, shape: _Shape) -> Floats:
    """Masked normalised correlation at every position of the template's top left corner."""
    match = cv2.matchTemplate(along, shape.along, cv2.TM_CCORR)
    match = match + cv2.matchTemplate(across, shape.across, cv2.TM_CCORR)
    there = cv2.matchTemplate(along**2 + across**2, shape.mask, cv2.TM_CCORR)
    return _divided(match, np.maximum(there, 0.0), shape)


def _divided(match: Floats, there: Floats, shape: _Shape) -> Floats:
    """Correlations from products and energies."""
    floor = _ENERGY_FLOOR * np.sqrt(float(shape.mask.sum()))
    match = np.abs(match) if shape.either else match
    return np.asarray(
        match / (np.sqrt(shape.energy) * np.maximum(np.sqrt(there), floor)), np.float32
    )


def _at(one: tuple[Codes, Codes], shape: _Shape, x: int, y: int) -> float:
    """The score of a picture at a place."""
    rows, columns = shape.mask.shape
    here = np.s_[y : y + rows, x : x + columns]
    along, across = (plane[here].astype(np.float32) / np.float32(_STEPS) for plane in one)
    match = np.vdot(along, shape.along) + np.vdot(across, shape.across)
    there = np.vdot(along * along + across * across, shape.mask)
    return float(_divided(np.asarray(match), np.asarray(there), shape))


def _peak(scores: Floats, x: int, y: int) -> tuple[float, float]:
    """The top of a parabola through a peak and its neighbours, along each axis."""

    def top(before: float, at: float, after: float) -> float:
        bend = before - 2 * at + after
        return 0.0 if bend >= 0 else min(0.5, max(-0.5, (before - after) / (2 * bend)))

    rows, columns = scores.shape
    dx = top(*scores[y, x - 1 : x + 2].tolist()) if 0 < x < columns - 1 else 0.0
    dy = top(*scores[y - 1 : y + 2, x].tolist()) if 0 < y < rows - 1 else 0.0
    return x + dx, y + dy


def _evidence(followed: list[_Followed], count: int) -> NDArray[np.float64]:
    """(places, pictures): how much each picture speaks for each place; unseen ones against it.

    What counts is where between the place's own extremes a picture lies: a structure beneath the
    mark lifts both. Of two places that both come and go the one more like it counts more.
    """
    table = np.full((len(followed), count), -_HALF)
    for row, one in zip(table, followed, strict=True):
        part = (np.asarray(one.scores) - one.low) / max(one.high - one.low, _STEP)
        row[one.first : one.first + len(one.scores)] = one.best * np.clip(
            part - _HALF, -_HALF, _HALF
        )
    return table


def _constant(still: list[_Followed], start: int, end: int) -> _Followed | None:
    """The place where a mark stood through a stretch and beyond, if one alone stands out."""
    if end - start < _HOLE:
        return None
    means = [
        (float(np.mean(one.scores[max(0, start - one.first) : end - one.first] or [0.0])), one)
        for one in still
    ]
    means.sort(key=lambda pair: -pair[0])
    sure = means and means[0][0] >= SURE
    alone = len(means) < 2 or means[0][0] - means[1][0] >= _MARGIN
    return means[0][1] if sure and alone else None


def _path(table: NDArray[np.float64]) -> list[int]:
    """The place in each picture, -1 for none: the most evidence, less what changes cost."""
    places, count = table.shape
    gains = np.vstack([table, np.zeros((1, count))])
    came = np.zeros((places + 1, count), np.intp)
    total = gains[:, 0].copy()
    for at in range(1, count):
        best = int(total.argmax())
        stay = total >= total[best] - _CHANGE
        came[:, at] = np.where(stay, np.arange(places + 1), best)
        total = np.where(stay, total, total[best] - _CHANGE) + gains[:, at]
    path = [int(total.argmax())]
    for at in range(count - 1, 0, -1):
        path.append(int(came[path[-1], at]))
    return [one if one < places else -1 for one in reversed(path)]


def _runs(path: list[int]) -> list[tuple[int, int, int]]:
    """Stretches of one place: first picture, the one after the last, the place."""
    edges = [0, *(i for i in range(1, len(path)) if path[i] != path[i - 1]), len(path)]
    return [(a, b, path[a]) for a, b in pairwise(edges)]
