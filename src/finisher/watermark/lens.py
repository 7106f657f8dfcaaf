"""A mark's gradient over what surrounds it, in pieces: what single frames are looked at by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.agreement import Reals
from finisher.watermark.averages import Area, Tone, plainly
from finisher.watermark.outline import Shape, around, cut_to, outline, tone_in
from finisher.watermark.planes import Floats
from finisher.watermark.template import AnyTemplate, PlacedBox

Pictures = Sequence[NDArray[np.uint8]] | NDArray[np.uint8]
"""Planes of one shape, or (frames, height, width) of them."""
Place = tuple[int, int]
"""First row and column of a mark."""
Cells = tuple[NDArray[np.int64], NDArray[np.int64]]
"""First rows and columns of pieces."""

SHARE = 0.05
"""Part of a mark's contrast that a piece must have to speak for itself."""
SEEN = 0.3
"""Part of its mean contrast that a mark must have in a frame for it to tell anything."""
GONE = 0.15
"""Part of what is left in most frames below which one shows nothing of a mark: 0.25 and above in
737 exports, below 0.0 where the mark was taken out."""
_TOLERANCE = 2
_STEPS = 6
"""Places across and down that the scenery is looked at."""


@dataclass(frozen=True, slots=True, eq=False)
class Lens:
    """A mark's gradient over a part of the picture, and what a frame there is looked at by."""

    area: Area
    shape: Shape
    tone: Tone | None

    def contrast(self, codes: Floats) -> Floats:
        """The mark's contrast to what it lies on; 1 where it is not known."""
        if self.tone is None:
            return np.ones_like(codes)
        side = (self.tone.around, self.tone.around)
        return np.float32(self.tone.level) - np.asarray(cv2.boxFilter(codes, cv2.CV_32F, side))

    def cut(self, frame: NDArray[np.uint8] | Floats) -> Floats:
        """What of a picture is looked at, as numbers that may be subtracted."""
        x, y, width, height = self.area
        return np.asarray(frame[y : y + height, x : x + width], np.float32)

    def at(self, place: Place) -> tuple[slice, slice]:
        """The pixels of it that the mark would cover at a place."""
        (y, x), (rows, columns) = place, self.shape.along.shape
        return np.s_[y : y + rows, x : x + columns]

    @property
    def here(self) -> tuple[slice, slice]:
        """The mark's own."""
        return self.at((self.shape.y, self.shape.x))

    def near(self) -> list[Place]:
        """Places that the mark may be at, within tolerance."""
        reach = range(-_TOLERANCE, _TOLERANCE + 1)
        places = ((self.shape.y + y, self.shape.x + x) for y, x in product(reach, reach))
        down, right = self._room
        return [(y, x) for y, x in places if 0 <= y <= down and 0 <= x <= right]

    def away(self) -> list[Place]:
        """Places all over that it is not at."""
        rows, columns = self.shape.along.shape
        apart = max(4, rows // 2), max(4, columns // 2)
        down, right = (np.linspace(0, room, _STEPS).astype(int).tolist() for room in self._room)
        return [
            (y, x)
            for y, x in product(down, right)
            if abs(y - self.shape.y) >= apart[0] or abs(x - self.shape.x) >= apart[1]
        ]

    @property
    def _room(self) -> Place:
        """How far down and right the mark can be laid."""
        rows, columns = self.shape.along.shape
        return self.area[3] - rows, self.area[2] - columns


def lens_over(frames: Pictures, template: AnyTemplate, box: PlacedBox, room: int) -> Lens | None:
    """What a mark is looked at by; None where too little of it lies in the picture.

    Of one that may be darker than its scenery or lighter, frames tell which.
    """
    area = around(box, room, (frames[0].shape[1], frames[0].shape[0]))
    if min(area[2:]) < 3:
        return None
    tone = tone_in(template, box)
    here = (box[0] - area[0], box[1] - area[1], box[2], box[3])
    plain = plainly(frames, area, tone)
    shape = cut_to(outline(plain, template, here), area[2:])
    if shape is None:
        return None
    lens = Lens(area, shape, tone)
    at = lens.here
    match = float((plain.along[at] * shape.along + plain.across[at] * shape.across).sum())
    if shape.either and match < 0:
        return replace(lens, shape=replace(shape, along=-shape.along, across=-shape.across))
    return lens


def cells_of(shape: Shape, along: int, across: int) -> Cells:
    """First rows and columns of a mark's pieces, so many along its longer side and across it."""
    rows, columns = shape.along.shape
    right, down = (along, across) if columns >= rows else (across, along)
    ys, xs = (
        np.arange(min(many, side)) * side // min(many, side)
        for many, side in ((down, rows), (right, columns))
    )
    return ys, xs


def summed(values: Floats, cells: Cells) -> Reals:
    """Sums over the pieces of a mark, (pieces,)."""
    rows = np.add.reduceat(values, cells[0], axis=0)
    return np.asarray(np.add.reduceat(rows, cells[1], axis=1).ravel(), np.float64)
