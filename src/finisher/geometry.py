"""Where a take's picture lands in a deliverable's raster, and what of it stays visible."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache


class Fit(StrEnum):
    """How a take fills a raster of another shape."""

    COVER = "cover"
    """Fill the raster, cutting what does not fit."""
    PAD = "pad"
    """Show the whole picture between black bars."""
    BLUR_PAD = "blur-pad"
    """Show the whole picture over a blurred, covering copy of itself."""
    WIDEN = "widen"
    """Fill like `COVER`, and show more between black bars where what is to be kept asks for it."""


@dataclass(frozen=True, slots=True)
class Raster:
    """Width and height in square pixels."""

    width: int
    height: int

    def __str__(self) -> str:
        """`1920x1080`."""
        return f"{self.width}x{self.height}"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels; x and y name its top left corner and may be fractions of a pixel."""

    x: Fraction
    y: Fraction
    width: Fraction
    height: Fraction

    @classmethod
    def of(cls, x: int, y: int, width: int, height: int) -> Box:
        """A box of whole pixels."""
        return cls(Fraction(x), Fraction(y), Fraction(width), Fraction(height))

    @property
    def area(self) -> Fraction:
        """Square pixels."""
        return self.width * self.height

    @property
    def numbers(self) -> tuple[float, float, float, float]:
        """x, y, width and height as floats."""
        return float(self.x), float(self.y), float(self.width), float(self.height)

    def meet(self, other: Box) -> Box:
        """What both cover; zero wide or high where they do not touch."""
        x, y = max(self.x, other.x), max(self.y, other.y)
        right = min(self.x + self.width, other.x + other.width)
        bottom = min(self.y + self.height, other.y + other.height)
        return Box(x, y, max(Fraction(0), right - x), max(Fraction(0), bottom - y))

    def within(self, raster: Raster) -> bool:
        """Whether all of it lies inside a picture of that size."""
        return (
            min(self.x, self.y) >= 0
            and self.x + self.width <= raster.width
            and self.y + self.height <= raster.height
        )

    def whole(self) -> tuple[int, int, int, int]:
        """x, y, width and height of the smallest box of whole pixels around it."""
        x, y = math.floor(self.x), math.floor(self.y)
        return x, y, math.ceil(self.x + self.width) - x, math.ceil(self.y + self.height) - y


@dataclass(frozen=True, slots=True)
class Framing:
    """The map from a take's pixels to a deliverable's: cut `crop` out, scale it onto `place`.

    Both rectangles lie on even pixels, so that 4:2:0 chroma is cut and placed exactly.
    """

    source: Raster
    raster: Raster
    fit: Fit
    crop: Box
    place: Box

    @property
    def untouched(self) -> bool:
        """Whether the picture passes through pixel by pixel."""
        whole = Box.of(0, 0, self.raster.width, self.raster.height)
        return self.crop == whole == self.place and self.source == self.raster

    def project(self, box: Box) -> Box:
        """A box of the take in the deliverable's pixels; it may lie outside the raster."""
        sx, sy = self.place.width / self.crop.width, self.place.height / self.crop.height
        return Box(
            self.place.x + (box.x - self.crop.x) * sx,
            self.place.y + (box.y - self.crop.y) * sy,
            box.width * sx,
            box.height * sy,
        )

    def origin(self, box: Box) -> Box:
        """A box of the deliverable in the take's pixels: the inverse of `project`."""
        sx, sy = self.crop.width / self.place.width, self.crop.height / self.place.height
        return Box(
            self.crop.x + (box.x - self.place.x) * sx,
            self.crop.y + (box.y - self.place.y) * sy,
            box.width * sx,
            box.height * sy,
        )

    def visible(self, box: Box) -> Fraction:
        """The part of a take's box that the framing keeps, 0 to 1."""
        return box.meet(self.crop).area / box.area


def hull(boxes: Iterable[Box]) -> Box:
    """The smallest box around all of them, of which there is at least one."""
    every = tuple(boxes)
    x, y = min(box.x for box in every), min(box.y for box in every)
    right = max(box.x + box.width for box in every)
    bottom = max(box.y + box.height for box in every)
    return Box(x, y, right - x, bottom - y)


def _even(value: Fraction) -> int:
    """The nearest even number, halves upwards."""
    return 2 * math.floor(value / 2 + Fraction(1, 2))


def _cover_crop(source: Raster, raster: Raster, focus: tuple[Fraction, Fraction]) -> Box:
    """The largest window of the raster's shape, as near the focus as the take allows."""
    scale = max(Fraction(raster.width, source.width), Fraction(raster.height, source.height))
    width = min(max(2, _even(raster.width / scale)), source.width)
    height = min(max(2, _even(raster.height / scale)), source.height)
    x = _even(focus[0] * source.width - Fraction(width, 2))
    y = _even(focus[1] * source.height - Fraction(height, 2))
    return Box.of(
        min(max(0, x), source.width - width), min(max(0, y), source.height - height), width, height
    )


def _shifted(crop: Box, keep: Box, source: Raster) -> Box:
    """A window moved no further than it takes to hold a box; unmoved where it can't."""
    x = _nearest_start(crop.x, crop.width, (keep.x, keep.width), source.width)
    y = _nearest_start(crop.y, crop.height, (keep.y, keep.height), source.height)
    return crop if x is None or y is None else Box(x, y, crop.width, crop.height)


def _nearest_start(
    start: Fraction, length: Fraction, keep: tuple[Fraction, Fraction], extent: int
) -> Fraction | None:
    """The even start nearest to `start` of a window that holds what is to be kept; None for none.

    `keep` is where that begins and how long it is.
    """
    low = max(0, 2 * math.ceil((keep[0] + keep[1] - length) / 2))
    high = min(2 * math.floor(keep[0] / 2), math.floor(extent - length))
    return min(max(start, Fraction(low)), Fraction(high)) if low <= high else None


def _widened(crop: Box, keep: Box, source: Raster) -> Box:
    """A window stretched along either way just as far as holding a box takes."""
    x, width = _stretched((crop.x, crop.width), (keep.x, keep.width), source.width)
    y, height = _stretched((crop.y, crop.height), (keep.y, keep.height), source.height)
    return Box(x, y, width, height)


def _stretched(
    window: tuple[Fraction, Fraction], keep: tuple[Fraction, Fraction], extent: int
) -> tuple[Fraction, Fraction]:
    """Start and length of a window that holds what is to be kept: shifted, or else stretched."""
    start = _nearest_start(*window, keep, extent)
    if start is not None:
        return start, window[1]
    low = Fraction(max(0, 2 * math.floor(keep[0] / 2)))
    high = Fraction(min(extent, 2 * math.ceil((keep[0] + keep[1]) / 2)))
    return low, high - low


def _contain_place(source: Raster, raster: Raster) -> Box:
    """The largest box of the take's shape inside the raster, centred."""
    scale = min(Fraction(raster.width, source.width), Fraction(raster.height, source.height))
    width = min(max(2, _even(source.width * scale)), raster.width)
    height = min(max(2, _even(source.height * scale)), raster.height)
    x, y = _even(Fraction(raster.width - width, 2)), _even(Fraction(raster.height - height, 2))
    return Box.of(min(x, raster.width - width), min(y, raster.height - height), width, height)


@lru_cache(maxsize=1024)
def frame(
    source: Raster,
    raster: Raster,
    fit: Fit,
    focus: tuple[Fraction, Fraction],
    keep: Box | None = None,
) -> Framing:
    """Frame a take for a raster; focus is a point of the take, 0 to 1 across and down.

    `keep` is a box of the take that a cut window holds whole: it is shifted from the focus only as
    far as that needs. Where no window of the raster's shape can, `COVER` leaves it where it was and
    `WIDEN` shows more of the take, between bars.
    """
    full, take = (Box.of(0, 0, one.width, one.height) for one in (raster, source))
    if fit in (Fit.COVER, Fit.WIDEN):
        crop = _cover_crop(source, raster, focus)
        keep = keep.meet(take) if keep is not None else crop
        crop = _shifted(crop, keep, source)
        if fit is Fit.COVER or keep.meet(crop) == keep:
            return Framing(source, raster, fit, crop, full)
        crop = _widened(crop, keep, source)
        size = Raster(int(crop.width), int(crop.height))
        return Framing(source, raster, fit, crop, _contain_place(size, raster))
    return Framing(source, raster, fit, take, _contain_place(source, raster))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A framing that keeps boxes whole, as an event would ask for it."""

    fit: Fit
    focus: tuple[Fraction, Fraction]

    def framing(self, source: Raster, raster: Raster, keep: Box) -> Framing:
        """The framing it asks for; `keep` is what is to be kept whole."""
        return frame(source, raster, self.fit, self.focus, keep if self.fit is Fit.WIDEN else None)


def framings_that_keep(
    source: Raster, raster: Raster, box: Box, focus: tuple[Fraction, Fraction]
) -> tuple[Suggestion, ...]:
    """Framings that keep a take's box whole, least change first; each was tried.

    The crop is shifted only as far as needed; where no window holds the box it is widened between
    bars; or the take stays whole, between bars or over a blurred surround.
    """
    shifted = frame(source, raster, Fit.COVER, focus, box).crop
    middle = (shifted.x + shifted.width / 2, shifted.y + shifted.height / 2)
    across, down = middle[0] / source.width, middle[1] / source.height
    # Thousandths are what the EDL would carry: round away from the edge the box sits on.
    points = (
        (Fraction(rounding(across * 1000), 1000), Fraction(rounding(down * 1000), 1000))
        for rounding in (math.floor, math.ceil)
    )
    covering = (Suggestion(Fit.COVER, point) for point in points)
    shift = next((s for s in covering if s.framing(source, raster, box).visible(box) == 1), None)
    first = Suggestion(Fit.WIDEN, focus) if shift is None else shift
    ways = (first, Suggestion(Fit.PAD, focus), Suggestion(Fit.BLUR_PAD, focus))
    return tuple(way for way in ways if way.framing(source, raster, box).visible(box) == 1)
