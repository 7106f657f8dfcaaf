"""A mark learnt from takes, as a file: its normalised gradient alone, for verification only.

The picture is a PNG of 8 bits: red and green hold the averaged, normalised gradient along x and y
around 128, blue how far the takes agree on it. Neither colour nor opacity of the mark is kept, so
nothing can be drawn or taken away with it. A text chunk tells where it was learnt, and from what.
The sheet to confirm it by has such a text as well, by which it is known for one.
"""

from __future__ import annotations

import contextlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import cv2
import numpy as np

from finisher.canonical import Json, from_json, to_json
from finisher.geometry import Box, Raster
from finisher.problems import DocumentError, Problem
from finisher.sighting import Plane
from finisher.watermark.planes import Floats
from finisher.watermark.png import HEAD, MAX_PIXELS, stated_size, too_large

SCHEMA = "finisher/mark@1"
SHEET = "finisher/mark-sheet@1"
"""What the text of a sheet says that it is of."""
_KEYWORD = b"finisher\0"
_NAMED = b'"finisher/mark@'
_MAX_TEXT = 1 << 16
_ZERO, _STEPS = 128, 127.0
_MOST_TAKES = 512
_OFF, _OFF_PIXELS = Fraction(3, 20), 2
"""How far a declared side may be from a learnt one: a field stretched further fits no mark."""
_QUIET, _STILL = 8, 32
"""Where takes agree this little (of 255), their mean gradient is this small (of 127)."""
_EVEN = 16.0
"""A mark has an edge down for each edge up: its gradients' mean is this near to none."""
_COLOURS, _DEPTH_8 = (2, 3, 6), 8
"""PNG's kinds of pictures in colour, and its depth that a learnt mark has."""


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
    plane: Plane = Plane.LUMA
    """The plane of the takes in which its gradient was learnt."""


@dataclass(frozen=True, slots=True, eq=False)
class Learnt:
    """A mark as a field of normalised gradients, each plane of shape (height, width)."""

    along: Floats
    """The gradient along x, -1 to 1, as `finisher.watermark.evidence` averages it."""
    across: Floats
    weight: Floats
    """How far the takes agree, 0 to 1."""
    told: Told

    @property
    def plane(self) -> Plane:
        """The plane it is looked for in."""
        return self.told.plane


def learnt_png(learnt: Learnt) -> bytes:
    """The file of a learnt mark."""
    gradients = (np.rint(plane * _STEPS) + _ZERO for plane in (learnt.along, learnt.across))
    red, green = (np.clip(plane, 1, 255).astype(np.uint8) for plane in gradients)
    blue = np.rint(np.clip(learnt.weight, 0, 1) * 255).astype(np.uint8)
    _, data = cv2.imencode(".png", np.dstack((blue, green, red)))
    members = to_json(learnt.told)
    return _telling(data.tobytes(), {"schema": SCHEMA, "told": members})


def sheet_png(png: bytes) -> bytes:
    """The PNG file of a sheet, made known for one."""
    return _telling(png, {"schema": SHEET})


def _telling(png: bytes, document: dict[str, Json]) -> bytes:
    """A PNG file with a text chunk of ours."""
    text = json.dumps(document, separators=(",", ":"))
    end = len(HEAD) + 25  # the header chunk comes first, and has 13 bytes
    return png[:end] + _chunk(b"tEXt", _KEYWORD + text.encode("ascii")) + png[end:]


def schema_of(png: bytes) -> str | None:
    """`SCHEMA` of a learnt mark, `SHEET` of its sheet, None of any other file, damaged or not.

    Neither is read any further: this tells whose work a file is, not whether it can be used.
    """
    start = png.find(b"tEXt" + _KEYWORD) if png.startswith(HEAD) else -1
    if start < 0:
        return None
    size = int.from_bytes(png[start - 4 : start], "big")
    text = png[start + 4 + len(_KEYWORD) : start + 4 + size]
    with contextlib.suppress(ValueError, RecursionError):
        document = json.loads(text) if size <= _MAX_TEXT else None
        schema = document.get("schema") if isinstance(document, dict) else None
        return schema if schema in (SCHEMA, SHEET) else None
    return None


def _chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    check = zlib.crc32(kind + data)
    return len(data).to_bytes(4, "big") + kind + data + check.to_bytes(4, "big")


def read_learnt(png: bytes) -> Learnt | None:
    """The learnt mark that a PNG file holds, None where it is an ordinary picture.

    Raises:
        DocumentError: when it says that it is one and is damaged, or contradicts itself; or when
            it looks like one and its text is lost or damaged.
    """
    if not png.startswith(HEAD):
        return None
    if b"tEXt" + _KEYWORD not in png:
        if _KEYWORD in png or _NAMED in png or _looks_learnt(png):
            raise _bad("it has lost the text that tells where it was learnt: learn it again")
        return None
    told = _told(_text(png))
    box = told.box
    sizes = tuple(int(side) for side in (box.width, box.height))
    if stated_size(png) != sizes:
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


def _looks_learnt(png: bytes) -> bool:
    """Whether a picture's pixels are those of a learnt mark, whatever is told of it.

    The steepest gradient of such a field is 1 by its making (127 steps and what rounding adds),
    gradients are small where takes don't agree, even out over the mark, and run both ways. No
    picture of grey, and none with anything white or black, is like that.
    """
    size = stated_size(png)
    likely = len(png) > 25 and png[24] == _DEPTH_8 and png[25] in _COLOURS
    if size is None or not likely or too_large(size):
        return False
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_UNCHANGED)
    if image is None or image.ndim != 3 or int(image[..., 3:].min(initial=255)) < 255:
        return False
    weight, across, along = (image[..., i].astype(np.float32) for i in range(3))
    slopes = np.hypot(along - _ZERO, across - _ZERO)
    steepest = abs(float(slopes.max()) - _STEPS) <= 1
    even = max(abs(float(p.mean()) - _ZERO) for p in (along, across)) <= _EVEN
    still = float(slopes[weight <= _QUIET].max(initial=0)) <= _STILL
    both = float(np.abs(along - across).mean()) > 1
    return steepest and even and still and both and float(np.abs(along - weight).mean()) > _EVEN


def fits(told: Told, box: Box, raster: Raster) -> bool:
    """Whether a box in takes of a size is as large as the mark that was learnt.

    In takes of another size it may be of any, for generators scale their marks by rules of their
    own; but then it has the mark's shape, or grows and shrinks as the takes' sides do.
    """
    own, learnt_on = told.box, told.raster
    scales = [(Fraction(1), Fraction(1))]
    if raster != learnt_on:
        scales += [
            (box.width / own.width,) * 2,
            (Fraction(raster.width, learnt_on.width), Fraction(raster.height, learnt_on.height)),
        ]
    return any(
        _near(box.width, own.width * wider) and _near(box.height, own.height * higher)
        for wider, higher in scales
    )


def _near(side: Fraction, own: Fraction) -> bool:
    return abs(side - own) <= max(own * _OFF, Fraction(_OFF_PIXELS))


def _text(png: bytes) -> bytes:
    """The text of a learnt mark; every chunk's checksum must be right.

    Raises:
        DocumentError: when the file is damaged, absurdly large, or has several such texts.
    """
    size = stated_size(png)
    if len(png) > 8 * MAX_PIXELS or (size is not None and too_large(size)):
        raise _bad("it is larger than any mark")
    found = [d[len(_KEYWORD) :] for kind, d in _chunks(png) if kind == b"tEXt"]
    if len(found) != 1 or len(found[0]) > _MAX_TEXT:
        raise _bad("it does not tell once, and briefly, where it was learnt")
    return found[0]


def _chunks(png: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kinds and contents of a PNG's chunks to its end."""
    at = len(HEAD)
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
