"""A mark learnt from takes that have nothing else in common: where their gradient fields agree.

Each take's normalised gradient is averaged over frames: moving content cancels, what stands still
stays. Content differs from take to take, the mark does not: the local correlation of one take's
field with another's, averaged over all pairs, is high where the mark is and about zero elsewhere.
Soft scenery is the exception: a slope has one direction all over, and a few takes share one by
chance. So what takes agree on must be drawn: its field must change within a few pixels.
Only that field is kept: what verifies a mark, and nothing that could draw it or take it away.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.sighting import Plane
from finisher.watermark.averages import KNEE, blurred, gradient
from finisher.watermark.planes import Floats

Codes = NDArray[np.int8]

FEWEST_TAKES = 4
"""Of three unrelated takes two may agree by chance where no mark is."""
_ENOUGH = ((8, 0.36), (6, 0.40), (4, 0.50))
"""Takes, and the coherence from which on what they agree on is a mark in luma: of unmarked ones
four came to 0.44 at most, eight to 0.11, and eight of 320 by 180 under one pan to 0.31."""
_FEW, _MORE = 12, 0.1
"""Fewer pictures than these of any take, and how much more coherence is asked for then: next to
nothing has moved, so that scenery counts as much as the mark does."""

_STEPS = 127
_SEARCH_SIDE = 960
"""Pixels along the longer side that a mark is looked for at."""
_SCALES = (0.03, 0.06)
"""Sides of the windows that takes are compared in, in parts of the picture's shorter side."""
_FLOOR = 0.02
"""Gradient, normalised, below which a window is empty: what agrees in it is noise."""
_STRIDE = 4
"""Pixels from one window to the next."""
_EXTENT = 0.2
"""Part of the agreement at a mark's heart that its outermost pixels have."""
_REACH = 0.2
"""How far from the heart a mark may extend, in parts of the picture's longer side."""
_GAP = 0.012
"""Gap between letters, in parts of the longer side, across which a mark is one."""
_LEAST_GAP = 9
_SOFT = 6.0
"""Pixels at search size, standard deviation: what of a field is left when it is blurred so far is
soft."""
_DRAWN = 0.3
"""Part of its field's energy that must not be soft: marks have 0.6 to 0.9 of it, natural texture
half, blurred scenery a tenth at most."""
_DRAWN_NEAR = 0.2
"""The same in a window of any place worth looking at, where takes are not yet held together."""
_TRIES = 4
"""Peaks looked at for each area wanted: some are too small, or soft."""
_SMALLEST = 8
"""Pixels of the shorter side of a mark at search size: smaller ones can't be told from chance."""


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A take's averaged, normalised gradient in 127ths, each plane of shape (height, width)."""

    along: Codes
    across: Codes
    pictures: int
    """How many it is the average of."""


@dataclass(frozen=True, slots=True)
class Area:
    """A place where takes agree, in whole pixels."""

    x: int
    y: int
    width: int
    height: int
    coherence: float
    """How far one field explains those of all takes, 0 to 1; their mean correlation."""
    signs: tuple[float, ...]
    """Which way round each take shows it, 1 or -1."""
    plane: Plane = Plane.LUMA
    """Of the takes' pictures, in which they agree."""

    @property
    def slices(self) -> tuple[slice, slice]:
        """Rows and columns of it."""
        return slice(self.y, self.y + self.height), slice(self.x, self.x + self.width)


def shared(one: Area, other: Area) -> int:
    """Pixels that lie in both of two areas."""
    wide = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    high = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    return max(0, wide) * max(0, high)


def averaged(frames: Iterable[NDArray[np.uint8]]) -> Field | None:
    """A take's field from planes of one kind and shape, None where there are none."""
    total: tuple[Floats, Floats] | None = None
    count = 0
    for frame in frames:
        one = gradients(frame)
        total = one if total is None else (total[0] + one[0], total[1] + one[1])
        count += 1
    if total is None:
        return None
    along, across = (np.rint(plane * np.float32(_STEPS / count)) for plane in total)
    return Field(along.astype(np.int8), across.astype(np.int8), count)


def gradients(codes: NDArray[np.uint8]) -> tuple[Floats, Floats]:
    """A plane's gradient g along x and y as g / (|g| + 4); zero on the border."""
    along, across = gradient(blurred(codes.astype(np.float32)))
    length = np.hypot(along, across) + np.float32(KNEE)
    return along / length, across / length


def common(fields: Sequence[Field], most: int = 3) -> tuple[Area, ...]:
    """Where the fields of several takes of one size agree, and how far, strongest first.

    Agreement is measured all over in windows of two sizes: from the correlations of every two
    takes there, how far one field explains them all, be it the other way round in some: a mark of
    middling brightness is darker than some scenes and lighter than others. A mark extends around
    each peak as far as the takes agree pixel by pixel. What is soft, as blurred scenery is, is
    left out.
    """
    planes = [planes_of(one) for one in fields]
    along, across = (np.stack([one[i] for one in planes]) for i in (0, 1))
    sides = _sides(*along.shape[1:])
    agreement = np.max([_agreement(along, across, side) for side in sides], axis=0)
    agreement[_drawn_near(along, across, max(sides)) < _DRAWN_NEAR] = 0
    areas: list[Area] = []
    for _ in range(_TRIES * most):
        row, column = divmod(int(agreement.argmax()), agreement.shape[1])
        if len(areas) == most or agreement[row, column] <= 0:
            break
        x, y = column * _STRIDE, row * _STRIDE
        area = _area(along, across, (x, y), sides)
        _strike(agreement, area or Area(x, y, 1, 1, 0.0, ()), max(sides))
        agreement[row, column] = 0
        if area is not None:
            areas.append(area)
    areas.sort(key=lambda area: -area.coherence)
    scale = fields[0].along.shape[1] / along.shape[2]
    return tuple(_scaled(area, scale, fields[0].along.shape) for area in areas)


def _strike(agreement: Floats, area: Area, pad: int) -> None:
    """Take an area, and the windows that reach into it, off the map."""
    bottom, right = area.y + area.height + pad, area.x + area.width + pad
    rows = slice(max(0, area.y - pad) // _STRIDE, bottom // _STRIDE + 1)
    agreement[rows, slice(max(0, area.x - pad) // _STRIDE, right // _STRIDE + 1)] = 0


def _area(along: Floats, across: Floats, at: tuple[int, int], sides: Sequence[int]) -> Area | None:
    """What the takes agree on around a pixel; None where it is smaller than any mark, or soft."""
    x, y = at
    half = max(sides) // 2
    heart = np.s_[:, max(0, y - half) : y + half + 1, max(0, x - half) : x + half + 1]
    signs = _signs(_table(along[heart], across[heart]))
    flip = signs[:, None, None]
    left, top, right, bottom = _extent(_pixels(along * flip, across * flip), x, y)
    if min(right - left, bottom - top) < _SMALLEST:
        return None
    here = np.s_[:, top:bottom, left:right]
    if _drawn(along * flip, across * flip, here) < _DRAWN:
        return None
    table = _table(along[here], across[here])
    return Area(
        left, top, right - left, bottom - top, _explained(table), tuple(_signs(table).tolist())
    )


def _drawn(along: Floats, across: Floats, here: tuple[slice, slice, slice]) -> float:
    """Part of the energy of takes' mean field in an area that is not soft, 0 to 1 and little more.

    Of the mean: what single takes draw there, and others don't, is not what they agree on.
    """
    means = [plane.mean(axis=0) for plane in (along, across)]
    fine = [_fine(mean)[here[1:]] for mean in means]
    whole = sum(float((mean[here[1:]] ** 2).sum()) for mean in means)
    return sum(float((plane**2).sum()) for plane in fine) / max(whole, 1e-9)


def _drawn_near(along: Floats, across: Floats, side: int) -> Floats:
    """The same of all takes' energies in a window around every fourth pixel."""
    rows, columns = along.shape[1:]
    whole, fine = (np.zeros((rows, columns), np.float32) for _ in range(2))
    for plane in (*along, *across):
        whole += plane**2
        fine += _fine(plane) ** 2
    sums = [cv2.blur(plane, (side, side))[::_STRIDE, ::_STRIDE] for plane in (fine, whole)]
    return np.asarray(sums[0] / np.maximum(sums[1], 1e-9), np.float32)


def _fine(plane: Floats) -> Floats:
    """A plane without what is soft of it."""
    return plane - np.asarray(cv2.GaussianBlur(plane, (0, 0), _SOFT), np.float32)


def planes_of(one: Field) -> tuple[Floats, Floats]:
    """A field at the size that marks are looked for at, -1 to 1."""
    rows, columns = one.along.shape
    scale = min(1.0, _SEARCH_SIDE / max(rows, columns))
    size = (round(columns * scale), round(rows * scale))
    along, across = (
        cv2.resize(plane.astype(np.float32) / _STEPS, size, interpolation=cv2.INTER_AREA)
        for plane in (one.along, one.across)
    )
    return np.asarray(along, np.float32), np.asarray(across, np.float32)


def _sides(rows: int, columns: int) -> list[int]:
    """Odd sides of the windows in which takes are compared."""
    return [2 * round(part * min(rows, columns) / 2) + 1 for part in _SCALES]


def _agreement(along: Floats, across: Floats, side: int) -> Floats:
    """How far takes agree in a window around every fourth pixel, 0 to 1."""
    count = len(along)

    def summed(values: Floats) -> Floats:
        return np.asarray(cv2.blur(values, (side, side))[::_STRIDE, ::_STRIDE], np.float32)

    own = [summed(a**2 + b**2) + np.float32(_FLOOR**2) for a, b in zip(along, across, strict=True)]
    tables = np.zeros((*own[0].shape, count, count), np.float32)
    for i in range(count):
        tables[..., i, i] = 1
        for j in range(i):
            pair = summed(along[i] * along[j] + across[i] * across[j])
            tables[..., i, j] = tables[..., j, i] = pair / np.sqrt(own[i] * own[j])
    highest = np.linalg.eigvalsh(tables)[..., -1]
    return np.asarray((highest - 1) / (count - 1), np.float32)


def _table(along: Floats, across: Floats) -> NDArray[np.float64]:
    """Correlations of every two takes' fields over an area."""
    flat = np.concatenate([plane.reshape(len(plane), -1) for plane in (along, across)], axis=1)
    length = np.sqrt((flat.astype(np.float64) ** 2).sum(1) + _FLOOR**2 * flat.shape[1] / 2)
    unit = flat / length[:, None]
    table = unit @ unit.T
    np.fill_diagonal(table, 1.0)
    return np.asarray(table, np.float64)


def _explained(table: NDArray[np.float64]) -> float:
    """How far one field explains all takes: the mean correlation where all agree alike."""
    return float((np.linalg.eigvalsh(table)[-1] - 1) / (len(table) - 1))


def _signs(table: NDArray[np.float64]) -> NDArray[np.float32]:
    """1 or -1 for each take: which way round it shows what is common; most show it upright."""
    way = np.where(np.linalg.eigh(table)[1][:, -1] < 0, -1, 1).astype(np.float32)
    return way if way.sum() > 0 or (way.sum() == 0 and way[0] > 0) else -way


def _pixels(along: Floats, across: Floats) -> Floats:
    """How far takes agree in each pixel, in gradient squared."""
    count = len(along)
    pairs = along.sum(0) ** 2 + across.sum(0) ** 2 - (along**2 + across**2).sum(0)
    smooth = cv2.GaussianBlur(pairs / np.float32(count * (count - 1)), (0, 0), 1.0)
    return np.asarray(smooth, np.float32)


def _extent(pixels: Floats, x: int, y: int) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what takes agree on around a pixel."""
    rows, columns = pixels.shape
    reach = round(_REACH * max(rows, columns))
    left, top = max(0, x - reach), max(0, y - reach)
    near = pixels[top : y + reach, left : x + reach]
    heart = pixels[max(0, y - 12) : y + 13, max(0, x - 12) : x + 13]
    level = _EXTENT * float(np.quantile(heart, 0.97))
    mask = (near > level).astype(np.uint8)
    gap = max(_LEAST_GAP, 2 * round(_GAP * max(rows, columns) / 2) + 1)
    joined = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    around = labels[
        max(0, y - top - gap) : y - top + gap + 1, max(0, x - left - gap) : x - left + gap + 1
    ]
    counts = np.bincount(around.ravel(), minlength=len(stats))
    counts[0] = 0
    if not counts.any():
        return x, y, x, y
    at = stats[int(counts.argmax())]
    return left + int(at[0]), top + int(at[1]), left + int(at[0] + at[2]), top + int(at[1] + at[3])


def _scaled(area: Area, scale: float, shape: tuple[int, ...]) -> Area:
    """An area in pixels of the takes."""
    x, y = round(area.x * scale), round(area.y * scale)
    width, height = round(area.width * scale), round(area.height * scale)
    return replace(area, x=x, y=y, width=min(width, shape[1] - x), height=min(height, shape[0] - y))


def enough(takes: int, pictures: int) -> float:
    """The coherence from which on what so many takes agree on is a mark.

    `pictures` is how many were averaged of the take that had the fewest.

    Raises:
        ValueError: when they are fewer than `FEWEST_TAKES`.
    """
    for fewest, coherence in _ENOUGH:
        if takes >= fewest:
            return coherence + (_MORE if pictures < _FEW else 0.0)
    raise ValueError(f"{takes} takes are too few to learn from")


def mean_field(fields: Sequence[Field], area: Area) -> tuple[Floats, Floats, Floats]:
    """What takes agree on in an area, at full size: gradients along x and y, -1 to 1, and weight.

    The weight of a pixel is how far the takes agree around it, 0 to 1. The steepest gradient is 1:
    how strong the mark is in the takes is not kept.
    """
    rows, columns = area.slices
    signs = np.asarray(area.signs, np.float32)[:, None, None] / np.float32(_STEPS)
    along = np.stack([one.along[rows, columns] for one in fields]) * signs
    across = np.stack([one.across[rows, columns] for one in fields]) * signs
    count = len(fields)
    energy = (along**2 + across**2).sum(0)
    total = along.sum(0), across.sum(0)
    pairs = (total[0] ** 2 + total[1] ** 2 - energy) / (count - 1)
    smooth, own = (cv2.GaussianBlur(plane, (0, 0), 1.0) for plane in (pairs, energy))
    weight = np.clip(smooth / np.maximum(own, 1e-6), 0, 1).astype(np.float32)
    steepest = max(float(np.hypot(*total).max()), 1e-6)
    return total[0] / np.float32(steepest), total[1] / np.float32(steepest), weight


def support(fields: Sequence[Field], area: Area) -> tuple[float, ...]:
    """Correlation of each take's field in an area with the mean of the others', -1 to 1."""
    rows, columns = area.slices
    flat = np.stack(
        [
            sign * np.concatenate([one.along[rows, columns], one.across[rows, columns]]).ravel()
            for one, sign in zip(fields, area.signs, strict=True)
        ]
    ).astype(np.float64)
    unit = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1.0)
    others = unit.sum(0) - unit
    lengths = np.maximum(np.linalg.norm(others, axis=1), 1e-9)
    return tuple(float(value) for value in (unit * others).sum(1) / lengths)
