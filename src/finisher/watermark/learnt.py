"""A mark learnt from takes, as a file: its normalised gradient alone, for verification only.

The picture is a PNG of 8 bits: red and green hold the averaged, normalised gradient along x and y
around 128, blue how far the takes agree on it. Neither colour nor opacity of the mark is kept, so
nothing can be drawn or taken away with it. A text chunk tells where it was learnt, and from what.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.canonical import Json, from_json, to_json
from finisher.geometry import Box, Raster
from finisher.problems import DocumentError, Problem

Floats = NDArray[np.float32]

SCHEMA = "finisher/mark@1"
_HEAD = b"\x89PNG\r\n\x1a\n"
_KEYWORD = b"finisher\0"
_MAX_TEXT = 1 << 16
_MAX_SIDE, _MAX_PIXELS = 8192, 1 << 22
_ZERO, _STEPS = 128, 127.0
_MOST_TAKES = 512


@dataclass(frozen=True, slots=True)
class Told:
    """Where a mark was learnt, and from what."""

    box: Box
    """In pixels of the takes; of a mark that jumps, one of its places."""
    raster: Raster
    """Size of the takes."""
    takes: tuple[str, ...]
    """Their SHA-256."""
    coherence: float
    """How far they agree on it: mean correlation of one take's field with another's, -1 to 1."""
    either: bool = False
    """Whether it is darker than some takes and lighter than others: its field may be inverted."""


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """A mark as a field of normalised gradients, each plane of shape (height, width)."""

    along: Floats
    """The gradient along x, -1 to 1, as `finisher.watermark.evidence` averages it."""
    across: Floats
    weight: Floats
    """How far the takes agree, 0 to 1."""
    told: Told


def learnt_png(learnt: Learnt) -> bytes:
    """The file of a learnt mark."""
    gradients = (np.rint(plane * _STEPS) + _ZERO for plane in (learnt.along, learnt.across))
    red, green = (np.clip(plane, 1, 255).astype(np.uint8) for plane in gradients)
    blue = np.rint(np.clip(learnt.weight, 0, 1) * 255).astype(np.uint8)
    _, data = cv2.imencode(".png", np.dstack((blue, green, red)))
    members = to_json(learnt.told)
    text = json.dumps({"schema": SCHEMA, "told": members}, separators=(",", ":"))
    png, end = data.tobytes(), len(_HEAD) + 25  # the header chunk comes first, and has 13 bytes
    return png[:end] + _chunk(b"tEXt", _KEYWORD + text.encode("ascii")) + png[end:]


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    check = zlib.crc32(kind + data)
    return len(data).to_bytes(4, "big") + kind + data + check.to_bytes(4, "big")


def read_learnt(png: bytes) -> Learnt | None:
    """The learnt mark that a PNG file holds, None where it is an ordinary picture.

    Raises:
        DocumentError: when it says that it is one and is damaged, or contradicts itself.
    """
    if not png.startswith(_HEAD) or b"tEXt" + _KEYWORD not in png:
        return None
    told = _told(_text(png))
    box = told.box
    sizes = tuple(int(side) for side in (box.width, box.height))
    if _stated(png) != sizes:
        raise _bad("its size is not that of the box it is told to be")
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.shape != (sizes[1], sizes[0], 3) or image.dtype != np.uint8:
        raise _bad("it is a damaged PNG picture, or none of three channels of 8 bits")
    planes = image.astype(np.float32)
    along, across = ((planes[..., i] - _ZERO) / np.float32(_STEPS) for i in (2, 1))
    weight = planes[..., 0] / np.float32(255)
    if float((weight * np.hypot(along, across)).max()) < 2 / _STEPS:
        raise _bad("it is empty")
    return Learnt(along, across, weight, told)


def _stated(png: bytes) -> tuple[int, int]:
    return int.from_bytes(png[16:20], "big"), int.from_bytes(png[20:24], "big")


def _text(png: bytes) -> bytes:
    """The text of a learnt mark; every chunk's checksum must be right.

    Raises:
        DocumentError: when the file is damaged, absurdly large, or has several such texts.
    """
    width, height = _stated(png)
    if len(png) > 8 * _MAX_PIXELS or max(width, height) > _MAX_SIDE:
        raise _bad("it is larger than any mark")
    if width * height > _MAX_PIXELS:
        raise _bad("it is larger than any mark")
    found = [d[len(_KEYWORD) :] for kind, d in _chunks(png) if kind == b"tEXt"]
    if len(found) != 1 or len(found[0]) > _MAX_TEXT:
        raise _bad("it does not tell once, and briefly, where it was learnt")
    return found[0]


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kinds and contents of a PNG's chunks to its end."""
    at = len(_HEAD)
    while at < len(png):
        size = int.from_bytes(png[at : at + 4], "big")
        kind, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + size]
        check = png[at + 8 + size : at + 12 + size]
        if len(check) < 4 or int.from_bytes(check, "big") != zlib.crc32(kind + data):
            raise _bad("one of its chunks is damaged")
        at += 12 + size
        yield kind, data


def _told(text: bytes) -> Told:
    """What the text of a learnt mark tells.

    Raises:
        DocumentError: when it is not of the schema, or its box is no box of whole pixels inside
            its raster.
    """
    try:
        told = from_json(Told, _members(text))
    except (TypeError, ValueError, KeyError, RecursionError, ZeroDivisionError) as error:
        raise _bad(f"what it tells can't be understood: {error}"[:200]) from error
    box, sides = told.box, (told.raster.width, told.raster.height)
    whole = all(part.denominator == 1 for part in (box.x, box.y, box.width, box.height))
    inside = whole and min(box.width, box.height) >= 1 and box.within(told.raster)
    if not inside or max(sides) > 1 << 16 or len(told.takes) > _MOST_TAKES:
        raise _bad("it tells of a box that is not inside its takes")
    if not all(_is_digest(one) for one in told.takes) or not -1 <= told.coherence <= 1:
        raise _bad("what it tells of its takes can't be")
    return told


def _members(text: bytes) -> Json:
    document: Json = json.loads(text)
    if not isinstance(document, dict) or document.get("schema") != SCHEMA:
        raise ValueError(f"it is not of {SCHEMA}")
    return document.get("told")


def _is_digest(text: str) -> bool:
    return len(text) == 64 and set(text) <= set("0123456789abcdef")


def _bad(what: str) -> DocumentError:
    return DocumentError(Problem("bad-template", f"the learnt mark can't be used: {what}"))
