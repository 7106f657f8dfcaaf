"""A mark's gradient where it lies, over what it lies on.

Of a mark of one tone it is known but for its contrast; of one with a rim it takes the ground into
account; a learnt one is its gradient.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np

from finisher.watermark.averages import Area, Plain, Tone, blurred, gradient
from finisher.watermark.learnt import Learnt
from finisher.watermark.planes import Floats
from finisher.watermark.template import (
    AnyTemplate,
    PlacedBox,
    Template,
    place,
    place_learnt,
)

ROOM = 3
"""Pixels around a mark that its edges reach into."""
_MOST = 0.5
"""Part of the template's edges that must lie inside the picture to be looked for."""
AROUND = 0.4
"""Part of the mark's shorter side over which what it lies on is taken together."""
ONE_TONE = 24.0
"""Codes, standard deviation, up to which a mark counts as of one tone."""
NEAR = 16
"""Pixels beyond which blurs do not reach."""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A template's gradient and where its top left corner lies."""

    x: int
    y: int
    along: Floats
    across: Floats
    covered: float = 0.0
    """Part of the ground under its edges that it covers itself where it is opaque."""
    either: bool = False
    """Whether it may be darker than what it lies on as well as lighter: the sign tells nothing."""

    @property
    def energy(self) -> float:
        """The sum of its squares."""
        return float((self.along**2 + self.across**2).sum())


def around(box: PlacedBox, room: int, size: tuple[int, int]) -> Area:
    """A box with room around it, as far as a picture of a size (width, height) goes."""
    left, top = max(0, int(box[0] - room)), max(0, int(box[1] - room))
    right = min(size[0], int(box[0] + box[2]) + room)
    bottom = min(size[1], int(box[1] + box[3]) + room)
    return left, top, right - left, bottom - top


def tone_in(template: AnyTemplate, box: PlacedBox) -> Tone | None:
    """The one code of a mark that has one; None of a mark with a rim, and of a learnt one."""
    if isinstance(template, Learnt):
        return None
    level, spread = tone_of(template)
    side = 2 * int(AROUND * min(box[2:])) + 1
    return Tone(level, max(9, side)) if spread < ONE_TONE else None


@lru_cache(maxsize=8)
def tone_of(template: Template) -> tuple[float, float]:
    """Mean and standard deviation of a template's codes, by opacity: a faint rim counts little."""
    weight = template.alpha.astype(np.float64) ** 2
    mean = float((weight * template.codes).sum() / weight.sum())
    return mean, float(np.sqrt((weight * (template.codes - mean) ** 2).sum() / weight.sum()))


def outline(plain: Plain, template: AnyTemplate, box: PlacedBox) -> Shape:
    """A template's gradient at its place."""
    if isinstance(template, Learnt):
        field = place_learnt(template, box, ROOM)
        either = template.told.either
        return Shape(field.x, field.y, field.along, field.across, either=either)
    placed = place(template, box, ROOM)
    tone = tone_in(template, box)
    if tone is not None:
        along, across = gradient(blurred(placed.alpha))
        ground = np.asarray(cv2.blur(placed.alpha, (tone.around, tone.around)), np.float32)
        edges = along**2 + across**2
        covered = float((ground * edges).sum() / max(float(edges.sum()), 1e-9))
        return Shape(placed.x, placed.y, along, across, covered)
    rows, columns = placed.alpha.shape
    left, top = placed.x - plain.x, placed.y - plain.y
    under = _ground(plain.codes, box, left, top)[:rows, :columns]
    added = placed.lit - placed.alpha * under
    return Shape(placed.x, placed.y, *gradient(blurred(added)))


def _ground(codes: Floats, box: PlacedBox, left: int, top: int) -> Floats:
    """What a mark lies on, from a corner on: what surrounds it shows through where it ends."""
    sigma = ground_sigma(box)
    room = int(3 * sigma) + 1
    rows, columns = codes.shape
    wide, high = int(np.ceil(box[2])) + 2 * ROOM + 2, int(np.ceil(box[3])) + 2 * ROOM + 2
    ys = np.clip(np.arange(top - room, top + high + room), 0, rows - 1)
    xs = np.clip(np.arange(left - room, left + wide + room), 0, columns - 1)
    near = np.asarray(cv2.GaussianBlur(codes[np.ix_(ys, xs)], (0, 0), sigma), np.float32)
    return near[room:-room, room:-room]


def ground_sigma(box: PlacedBox) -> float:
    """Pixels by which what a mark lies on is blurred."""
    return max(4.0, AROUND * min(box[2:]))


def cut_to(shape: Shape, size: tuple[int, int]) -> Shape | None:
    """The part of a template's gradient inside a width and height; None when too little is."""
    rows, columns = shape.along.shape
    left, top = max(0, -shape.x), max(0, -shape.y)
    right, bottom = min(columns, size[0] - shape.x), min(rows, size[1] - shape.y)
    if right - left < 3 or bottom - top < 3:
        return None
    inside = np.s_[top:bottom, left:right]
    cut = replace(
        shape,
        x=shape.x + left,
        y=shape.y + top,
        along=shape.along[inside],
        across=shape.across[inside],
    )
    return cut if 0 < cut.energy >= _MOST * shape.energy else None
