"""Where a take's picture lands in a deliverable's raster, and what of it stays visible."""

from __future__ import annotations

import math
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

    def visible(self, box: Box) -> Fraction:
        """The part of a take's box that the framing keeps, 0 to 1."""
        return box.meet(self.crop).area / box.area


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


def _contain_place(source: Raster, raster: Raster) -> Box:
    """The largest box of the take's shape inside the raster, centred."""
    scale = min(Fraction(raster.width, source.width), Fraction(raster.height, source.height))
    width = min(max(2, _even(source.width * scale)), raster.width)
    height = min(max(2, _even(source.height * scale)), raster.height)
    x, y = _even(Fraction(raster.width - width, 2)), _even(Fraction(raster.height - height, 2))
    return Box.of(min(x, raster.width - width), min(y, raster.height - height), width, height)


@lru_cache(maxsize=1024)
def frame(source: Raster, raster: Raster, fit: Fit, focus: tuple[Fraction, Fraction]) -> Framing:
    """Frame a take for a raster; focus is a point of the take, 0 to 1 across and down."""
    if fit is Fit.COVER:
        crop = _cover_crop(source, raster, focus)
        return Framing(source, raster, fit, crop, Box.of(0, 0, raster.width, raster.height))
    crop = Box.of(0, 0, source.width, source.height)
    return Framing(source, raster, fit, crop, _contain_place(source, raster))


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A framing that keeps a box whole, as an event would ask for it."""

    fit: Fit
    focus: tuple[Fraction, Fraction]

    def __str__(self) -> str:
        """The lines to put on the event."""
        if self.fit is Fit.COVER:
            return f'"focus": [{float(self.focus[0]):.3f}, {float(self.focus[1]):.3f}]'
        return f'"fit": "{self.fit}"'


def framings_that_keep(
    source: Raster, raster: Raster, box: Box, focus: tuple[Fraction, Fraction]
) -> tuple[Suggestion, ...]:
    """Framings that keep a take's box whole, least change first.

    The crop is shifted only as far as needed; where no window holds the box, or the take is to
    stay whole, bars or a blurred surround remain.
    """
    crop = _cover_crop(source, raster, focus)
    wanted = (
        _nearest_start(crop.x, crop.width, box.x, box.width),
        _nearest_start(crop.y, crop.height, box.y, box.height),
    )
    shifted = (
        (wanted[0] + crop.width / 2) / source.width,
        (wanted[1] + crop.height / 2) / source.height,
    )
    # Thousandths are what the EDL would carry: round away from the edge the box sits on.
    for rounding in (math.floor, math.ceil):
        focus_x = Fraction(rounding(shifted[0] * 1000), 1000)
        focus_y = Fraction(rounding(shifted[1] * 1000), 1000)
        suggestion = Suggestion(Fit.COVER, (focus_x, focus_y))
        if frame(source, raster, Fit.COVER, suggestion.focus).visible(box) == 1:
            return (
                suggestion,
                Suggestion(Fit.PAD, focus),
                Suggestion(Fit.BLUR_PAD, focus),
            )
    return (Suggestion(Fit.PAD, focus), Suggestion(Fit.BLUR_PAD, focus))


def _nearest_start(start: Fraction, length: Fraction, low: Fraction, extent: Fraction) -> Fraction:
    """The start nearest to `start` of a window that holds [low, low + extent)."""
    return min(max(start, low + extent - length), low)
