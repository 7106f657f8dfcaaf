"""Whether a mark shows at its predicted place: a matched filter over normalised gradients.

Every frame's gradient g counts as g / (|g| + 4), so that no edge dominates; averaged over frames,
moving content cancels and a steady mark stays. The score is the masked correlation of that
average with the template's gradient at the predicted place, z its distance from the same measure
elsewhere in the same average, strength the amplitude of the template in the plain average.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.facts import MarkFacts
from finisher.watermark.rules import found
from finisher.watermark.template import Floats, PlacedBox, Template, place

TOLERANCE = 2
"""Pixels the mark may lie from its predicted place: encoders and scalers move edges by less."""

_BLUR = 0.7
_KNEE = 4.0
_MASK = 0.15
"""Part of the template's steepest gradient above which a pixel takes part."""
_ENERGY_FLOOR = 0.03
_ROOM = 3
_MOST = 0.5
"""Part of the template's edges that must lie inside the picture to be looked for."""
_RING = 12
"""Pixels around the box whose mean stands for the background the mark lies on."""
_BACKGROUNDS = 32
"""Fewest places elsewhere that make a distribution."""

NOTHING = MarkFacts(score=0.0, z=0.0, found=False, strength=0.0)


@dataclass(frozen=True, slots=True, eq=False)
class _Averages:
    """Means over frames, each of the frame's shape."""

    luma: Floats
    normal_x: Floats
    normal_y: Floats
    plain_x: Floats
    plain_y: Floats


@dataclass(frozen=True, slots=True, eq=False)
class _Shape:
    """A template's gradient and where its top left corner lies."""

    x: int
    y: int
    along: Floats
    across: Floats

    @property
    def energy(self) -> float:
        return float((self.along**2 + self.across**2).sum())


def presence(frames: Iterable[NDArray[np.uint8]], template: Template, box: PlacedBox) -> MarkFacts:
    """Measure how clearly a mark shows at a place.

    `frames` are luma planes of one shape, spread over the shot (8 to 16 are plenty; with moving
    content fewer than 4 say little); `box` is where the template's full extent must lie, in their
    pixels. A place outside the picture, or no frames at all, yields a score of 0.
    """
    averages = _averaged(frames)
    if averages is None or not _reaches(averages.luma, box):
        return NOTHING
    placed = place(template, box, _ROOM)
    field = placed.field(_background(averages.luma, box))
    shape = _cut_to(_Shape(placed.x, placed.y, *_gradient(_blurred(field))), averages.luma.shape)
    if shape is None:
        return NOTHING
    widest = _dilated(_scores(averages, shape))
    hit = float(widest[shape.y, shape.x])
    z = _distance(widest, shape, hit)
    return MarkFacts(hit, z, found(hit, z), _strength(averages, shape))


def _reaches(luma: Floats, box: PlacedBox) -> bool:
    """Whether a box touches the picture and is no larger than it; it may come from a stranger."""
    x, y, width, height = box
    rows, columns = luma.shape
    small = 1 <= width <= columns and 1 <= height <= rows
    return bool(small and -width < x < columns and -height < y < rows)


def _averaged(frames: Iterable[NDArray[np.uint8]]) -> _Averages | None:
    """Means of luma and of both gradients; memory does not grow with the number of frames."""
    sums: list[Floats] | None = None
    count = 0
    for frame in frames:
        luma = frame.astype(np.float32)
        along, across = _gradient(_blurred(luma))
        length = np.hypot(along, across) + np.float32(_KNEE)
        parts = [luma, along / length, across / length, along, across]
        sums = parts if sums is None else [a + b for a, b in zip(sums, parts, strict=True)]
        count += 1
    if sums is None:
        return None
    return _Averages(*(total / np.float32(count) for total in sums))


def _blurred(plane: Floats) -> Floats:
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), _BLUR), np.float32)


def _gradient(values: Floats) -> tuple[Floats, Floats]:
    """Central differences along x and y; zero on the border."""
    along, across = np.zeros_like(values), np.zeros_like(values)
    along[:, 1:-1] = (values[:, 2:] - values[:, :-2]) / 2
    across[1:-1, :] = (values[2:, :] - values[:-2, :]) / 2
    return along, across


def _cut_to(shape: _Shape, picture: tuple[int, ...]) -> _Shape | None:
    """The part of a template's gradient inside the picture; None when too little is."""
    rows, columns = shape.along.shape
    left, top = max(0, -shape.x), max(0, -shape.y)
    right, bottom = min(columns, picture[1] - shape.x), min(rows, picture[0] - shape.y)
    if right - left < 3 or bottom - top < 3:
        return None
    inside = np.s_[top:bottom, left:right]
    cut = _Shape(shape.x + left, shape.y + top, shape.along[inside], shape.across[inside])
    return cut if 0 < cut.energy >= _MOST * shape.energy else None


def _background(luma: Floats, box: PlacedBox) -> float:
    """Mean luma of a ring around the box."""
    x, y, width, height = box
    top, left = max(0, int(y) - _RING), max(0, int(x) - _RING)
    bottom, right = int(y + height) + _RING, int(x + width) + _RING
    ring = luma[top:bottom, left:right]
    inner = luma[max(0, int(y)) : int(y + height), max(0, int(x)) : int(x + width)]
    area = ring.size - inner.size
    return float((ring.sum() - inner.sum()) / area) if area > 0 else float(luma.mean())


def _scores(averages: _Averages, shape: _Shape) -> Floats:
    """Masked normalised correlation at every position of the template's top left corner."""
    steepness = np.hypot(shape.along, shape.across)
    mask = (steepness > _MASK * float(steepness.max())).astype(np.float32)
    along, across = shape.along * mask, shape.across * mask
    energy = float((along**2 + across**2).sum())
    match = cv2.matchTemplate(averages.normal_x, along, cv2.TM_CCORR)
    match = match + cv2.matchTemplate(averages.normal_y, across, cv2.TM_CCORR)
    squares = averages.normal_x**2 + averages.normal_y**2
    there = np.maximum(cv2.matchTemplate(squares, mask, cv2.TM_CCORR), 0.0)
    # Where next to nothing is drawn, noise must not be scaled up to a match.
    floor = _ENERGY_FLOOR * np.sqrt(float(mask.sum()))
    return np.asarray(match / (np.sqrt(energy) * np.maximum(np.sqrt(there), floor)), np.float32)


def _dilated(scores: Floats) -> Floats:
    """The best score within the tolerance of each position."""
    side = 2 * TOLERANCE + 1
    return np.asarray(cv2.dilate(scores, np.ones((side, side), np.uint8)), np.float32)


def _distance(widest: Floats, shape: _Shape, hit: float) -> float:
    """Standard deviations of the hit above the same measure away from the predicted place."""
    step = 2 * TOLERANCE + 1
    ys = np.arange(0, widest.shape[0], step)
    xs = np.arange(0, widest.shape[1], step)
    rows, columns = np.meshgrid(ys, xs, indexing="ij")
    away = (abs(rows - shape.y) >= shape.along.shape[0]) | (
        abs(columns - shape.x) >= shape.along.shape[1]
    )
    others = widest[rows[away], columns[away]]
    if others.size < _BACKGROUNDS:
        return 0.0
    # A blank surround has no spread of its own; the floor is that of the energy floor's noise.
    return (hit - float(others.mean())) / max(float(others.std()), _ENERGY_FLOOR)


def _strength(averages: _Averages, shape: _Shape) -> float:
    """Least-squares amplitude of the template's gradient in the plain average, best in tolerance.

    1 means the mark stands out as its template would over this background.
    """
    rows, columns = shape.along.shape
    best = 0.0
    for dy in range(-TOLERANCE, TOLERANCE + 1):
        for dx in range(-TOLERANCE, TOLERANCE + 1):
            top, left = max(0, shape.y + dy), max(0, shape.x + dx)
            here = np.s_[top : top + rows, left : left + columns]
            if averages.plain_x[here].shape != shape.along.shape:
                continue
            product = averages.plain_x[here] * shape.along + averages.plain_y[here] * shape.across
            best = max(best, float(product.sum()) / shape.energy)
    return best
