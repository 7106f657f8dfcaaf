"""Looks kept as pictures: Hald CLUTs in PNG files, read to tables.

A Hald CLUT of level L is a picture of L³ × L³ pixels, after Eskil Steenberg's scheme: pixel by
pixel it holds what becomes of every colour of a lattice of L² points a side, red running fastest,
blue slowest.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

LEVELS = range(2, 17)
"""Levels that are read: 4 to 256 points a side, pictures of 8 to 4096 pixels a side."""

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_KINDS = {0: "greyscale", 3: "palette", 4: "greyscale with alpha"}


class NoHald(Exception):
    """Why a picture is no Hald CLUT, and a way out where one is known."""

    def __init__(self, message: str, hint: str | None = None) -> None:
        """Keep the two apart for whoever knows the file."""
        super().__init__(message)
        self.message, self.hint = message, hint


@dataclass(frozen=True, slots=True)
class _Head:
    """What a PNG says of itself before any of it is unpacked (PNG, third edition, 11.2.1)."""

    width: int
    height: int
    depth: int
    kind: int


def read(png: bytes) -> NDArray[np.float32]:
    """A Hald CLUT as a table [b, g, r, channel] over 0 to 1.

    8 and 16 bits are read, interlaced or not. An alpha channel is taken where it is opaque
    throughout, as programs add one unasked; anything else would mean a look that depends on what
    lies beneath. The picture's own gamma and profile chunks are left alone: its values are the
    look's.

    Raises:
        NoHald: for what is no whole PNG, of a size no level has, greyscale, of a palette, or
            transparent.
    """
    head = _head(png)
    level = _level(head)
    _require_whole(png)
    picture = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if picture is None or picture.shape[:2] != (head.height, head.width):
        raise NoHald("the picture can't be unpacked", "is the file whole?")
    most = 65535 if head.depth == 16 else 255
    if picture.shape[2] == 4 and int(picture[..., 3].min()) < most:
        raise NoHald("the picture is transparent in places", "save it without an alpha channel")
    side = level * level
    table = picture[..., 2::-1].reshape(side, side, side, 3).astype(np.float32)
    table /= np.float32(most)
    return table


def _head(png: bytes) -> _Head:
    """The picture's size and form."""
    if not png.startswith(_SIGNATURE) or png[12:16] != b"IHDR" or len(png) < 33:
        raise NoHald("the file is no PNG")
    width, height, depth, kind = struct.unpack(">IIBB", png[16:26])
    return _Head(width, height, depth, kind)


def _level(head: _Head) -> int:
    """The level of a picture of this size, judged before anything is unpacked."""
    sizes = {level**3: level for level in LEVELS}
    if head.width != head.height or head.width not in sizes:
        raise NoHald(
            f"the picture has {head.width} × {head.height} pixels, as no Hald CLUT has",
            "8 × 8, 27 × 27, 64 × 64, 125 × 125 … 512 × 512 … 4096 × 4096",
        )
    if head.kind in _KINDS or head.depth not in (8, 16):
        what = _KINDS.get(head.kind, f"of {head.depth} bits")
        raise NoHald(f"the picture is {what}", "save it as RGB of 8 or 16 bits")
    return sizes[head.width]


def _require_whole(png: bytes) -> None:
    """Refuse a picture that breaks off or was damaged: readers fill in what is missing."""
    kinds = list(_chunks(png))
    if not kinds or kinds[-1] != b"IEND" or b"IDAT" not in kinds:
        raise NoHald("the picture breaks off", "is the file whole?")


def _chunks(png: bytes) -> Iterator[bytes]:
    """The kinds of a PNG's chunks up to its end, or up to where one is damaged."""
    view, at = memoryview(png), len(_SIGNATURE)
    while at + 12 <= len(png):
        (length,) = struct.unpack(">I", view[at : at + 4])
        end = at + 12 + length
        if (
            end > len(png)
            or zlib.crc32(view[at + 4 : end - 4]) != struct.unpack(">I", view[end - 4 : end])[0]
        ):
            return
        kind = bytes(view[at + 4 : at + 8])
        yield kind
        if kind == b"IEND":
            return
        at = end
