"""Parts of chosen pictures, kept at full size as a take is decoded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from finisher.facts import FrameIndex
from finisher.geometry import Box, Raster
from finisher.sighting import MarkPlace

Corner = tuple[int, int]
"""Left and top of a part, in pixels of the take; even, so that 4:2:0 chroma is cut exactly."""
Cut = Callable[[Box, VideoFrame], NDArray[np.uint8]]
"""A box of a picture as (height, width, 4): display-encoded Rec.709 RGB and limited-range luma."""

A_SECOND = 8
"""Pictures of each second: moving content has changed from one to the next."""
MOST = 96
"""Pictures of one place."""
FEWEST = 4
"""Pictures of one place: with fewer, moving content does not average out."""
BUDGET = 64 << 20
"""Bytes of all parts of one mark in one take, but for the fewest pictures of its first place."""
_GOLDEN, _WHOLE = 40503, 1 << 16
"""The golden section of a whole: its multiples fill it more evenly than those of any other part."""
_TIMES = 3
"""How many times as wide and high as the box its surroundings are, box included."""
_ROOM = 32
"""Pixels of surroundings on each side of a small box."""


@dataclass(frozen=True, slots=True)
class CloseUps:
    """Which part of which pictures to keep: all of one size."""

    size: Raster
    corners: tuple[tuple[int, Corner], ...]
    """By ordinal of the picture, in rising order."""

    def rows(self, corner: Corner) -> dict[int, int]:
        """Ordinals of the pictures whose part lies at a corner, each with its row."""
        return {o: row for row, (o, one) in enumerate(self.corners) if one == corner}


def surroundings(box: Box, raster: Raster) -> Raster:
    """How large a part to keep around a box: three times its size, where the picture has that."""
    width, height = (
        min(max(_TIMES * side, side + 2 * _ROOM), Fraction(limit))
        for side, limit in ((box.width, raster.width), (box.height, raster.height))
    )
    return Raster(max(2, int(width) // 2 * 2), max(2, int(height) // 2 * 2))


def close_ups(places: Sequence[MarkPlace], raster: Raster, index: FrameIndex) -> CloseUps | None:
    """What to keep of a mark's surroundings where it stands; None where there is no such time.

    Of a mark at several places each has its own pictures, away from its first and last; all parts
    are as large as the largest.
    """
    there = [place for place in places if place.start < place.end <= len(index)]
    if not there:
        return None
    sizes = [surroundings(place.box, raster) for place in there]
    size = Raster(max(s.width for s in sizes), max(s.height for s in sizes))
    room = max(FEWEST, BUDGET // (size.width * size.height * 4))
    each = max(FEWEST, min(MOST, room // len(there)))
    corners: dict[int, Corner] = {}
    for place in there[: max(1, room // each)]:
        wanted = min(each, _wanted(place, index))
        there_is = corner(place.box, size, raster)
        corners |= dict.fromkeys(throughout(place, wanted), there_is)
    return CloseUps(size, tuple(sorted(corners.items())))


def corner(box: Box, size: Raster, raster: Raster) -> Corner:
    """Where a part lies around a box: moved to where the picture has all of it."""
    left = _even(box.x + (box.width - size.width) / 2, raster.width - size.width)
    top = _even(box.y + (box.height - size.height) / 2, raster.height - size.height)
    return left, top


def inside(box: Box, corner: Corner) -> tuple[float, float, float, float]:
    """x, y, width and height of a box in a part that lies at a corner."""
    x, y, width, height = box.numbers
    return x - corner[0], y - corner[1], width, height


def _even(start: Fraction, most: int) -> int:
    """The even number below, from 0 to the most there is."""
    return min(max(0, math.floor(start)), max(0, most)) // 2 * 2


def _wanted(place: MarkPlace, index: FrameIndex) -> int:
    """How many pictures of a place would do: by how long it is on screen."""
    last = index.pts[place.end] if place.end < len(index) else index.end
    seconds = (last - index.pts[place.start]) * index.time_base
    return max(FEWEST, int(A_SECOND * seconds))


def throughout(place: MarkPlace, wanted: int) -> list[int]:
    """Ordinals spread over a place's time, one of each of its equal parts, away from both its ends.

    Not one every so many: of what comes and goes with every third picture they see its share.
    """
    length = place.end - place.start
    even = spread(length, wanted)
    edges = [length * part // len(even) for part in range(len(even) + 1)] if even else []
    drawn = [
        start + number * _GOLDEN % _WHOLE * (end - start) // _WHOLE
        for number, (start, end) in enumerate(pairwise(edges))
    ]
    return [place.start + i for i in [*even[:1], *drawn[1:-1], *even[1:][-1:]]]


def spread(count: int, wanted: int) -> list[int]:
    """As many as wanted of the numbers below a count, evenly and away from both ends."""
    wanted = min(wanted, count)
    return [(2 * i + 1) * count // (2 * wanted) for i in range(wanted)]


class Keeper:
    """Writes the close-ups of a take to a .npy file, as its pictures pass in order."""

    def __init__(self, wanted: CloseUps, file: BinaryIO) -> None:
        """Begin the file: (pictures, height, width, 4) bytes, see `Cut`."""
        self._corners: Mapping[int, Corner] = dict(wanted.corners)
        self._size, self._file = wanted.size, file
        write_head(file, len(wanted.corners), wanted.size)

    def see(self, ordinal: int, picture: VideoFrame, cut: Cut) -> None:
        """Keep a picture's part, if it is wanted."""
        corner = self._corners.get(ordinal)
        if corner is not None:
            box = Box.of(*corner, self._size.width, self._size.height)
            self._file.write(cut(box, picture).tobytes())


def write_head(file: BinaryIO, count: int, size: Raster) -> None:
    """The head of a .npy file of so many pictures with four bytes to a pixel."""
    descr = np.lib.format.dtype_to_descr(np.dtype(np.uint8))
    head = {
        "descr": descr,
        "fortran_order": False,
        "shape": (count, size.height, size.width, 4),
    }
    np.lib.format.write_array_header_1_0(file, head)


@dataclass(frozen=True, slots=True, eq=False)
class Kept:
    """Close-ups of a mark as they were kept."""

    wanted: CloseUps
    pictures: NDArray[np.uint8]
    """(pictures, height, width, 4), in the order of `wanted.corners`."""


def kept(wanted: CloseUps, path: Path) -> Kept | None:
    """The close-ups in a file; None where it holds something else."""
    try:
        pictures = np.load(path, mmap_mode="r")
    except (OSError, ValueError):
        return None
    shape = (len(wanted.corners), wanted.size.height, wanted.size.width, 4)
    return Kept(wanted, pictures) if pictures.shape == shape else None
