"""Room in an MP4 or MOV file that no player reads, and what lies there.

`free` and `skip` boxes are left out of the hash that Content Credentials bind a file by, so bytes
there can change unnoticed; private boxes and bytes behind the last box are bound, and read by
nobody.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finisher.media.box_file import Box, BoxFile, text
from finisher.media.xmp import XMP_UUID
from finisher.problems import MediaError

C2PA_UUID = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""Type of the `uuid` box that holds a Content Credentials store (C2PA specification, BMFF)."""

_STORE, _PACKET = "store", "packet"
_FREE = (b"free", b"skip", b"wide")
_HOLDERS = (
    *(b"moov", b"trak", b"mdia", b"minf", b"stbl", b"udta", b"edts", b"dinf", b"mvex"),
    *(b"moof", b"traf", b"mfra"),
)
_TOP = frozenset(
    (
        *(b"ftyp", b"styp", b"moov", b"mdat", b"moof", b"mfra", b"meta", b"uuid", b"sidx", b"ssix"),
        *(b"emsg", b"prft", b"pdin", b"pnot", b"udta", b"imda", *_FREE),
    )
)
"""Boxes of ISO/IEC 14496-12 and QuickTime that may stand at the top of a file."""
_MOST_READ = 16 << 20
"""Bytes of free space that are read; nobody needs as much."""
_MAGIC = (
    (b"ftyp", "a film"), (b"moov", "a film"), (b"mdat", "a film"),
    (b"\x00\x00\x00\x01\x67", "coded pictures"), (b"\xff\xd8\xff", "a JPEG picture"),
    (b"\x89PNG", "a PNG picture"), (b"RIFF", "a RIFF file"), (b"ID3", "an MP3 file"),
    (b"\x1aE\xdf\xa3", "a Matroska file"), (b"OggS", "an Ogg file"), (b"fLaC", "a FLAC file"),
    (b"PK\x03\x04", "an archive"), (b"%PDF", "a document"), (b"\x7fELF", "a program"),
    (b"jumb", "a store of credentials"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Spare:
    """What lies in a file beside what players read."""

    free: int = 0
    """Payload bytes of free boxes, in the index too."""
    filled: int = 0
    """How many of them are not zero."""
    looks_like: tuple[str, ...] = ()
    """What the filled ones look like, by the marks that such files begin with."""
    stores: int = 0
    """`uuid` boxes that hold a store of Content Credentials."""
    packets: int = 0
    """`uuid` boxes of XMP."""
    private: tuple[str, ...] = ()
    """Other `uuid` boxes at any depth, those of credentials that hold no store, which lie outside
    their hash, and boxes at the top that no standard has."""
    trailing: int = 0
    """Bytes behind the last box."""


def spare(file: BoxFile, top: Sequence[Box]) -> Spare:
    """Look through a file's boxes and those that hold others.

    Raises:
        MediaError: when boxes contradict each other.
    """
    waiting, free = list(top), list[Box]()
    uuids: list[str] = []
    private = [text(box.kind) for box in top if box.kind not in _TOP]
    while waiting:
        box = waiting.pop()
        if box.kind in _FREE:
            free.append(box)
        elif box.kind == b"uuid" and box.end - box.body >= 16:
            uuids.append(_purpose(file, box))
        elif box.kind in _HOLDERS:
            waiting += file.boxes(box.body, box.end)
        elif box.kind == b"meta":
            waiting += _metadata(file, box)
    filled, looks_like = _content(file, free)
    return Spare(
        free=sum(box.end - box.body for box in free),
        filled=filled,
        looks_like=looks_like,
        stores=uuids.count(_STORE),
        packets=uuids.count(_PACKET),
        private=(*private, *(name for name in uuids if name not in (_STORE, _PACKET))),
        trailing=file.length - (top[-1].end if top else 0),
    )


def _metadata(file: BoxFile, box: Box) -> list[Box]:
    """What a box of metadata holds, after the version that ISO's has and QuickTime's has not.

    Nobody plays it: one that contradicts itself holds nothing to look through.
    """
    versioned = file.bytes_at(box.body, min(8, box.end - box.body))[4:] != b"hdlr"
    try:
        return list(file.boxes(box.body + 4 if versioned else box.body, box.end))
    except MediaError:
        return []


def _purpose(file: BoxFile, box: Box) -> str:
    """What a `uuid` box is for, in words where it is private."""
    kind = file.bytes_at(box.body, 16)
    if kind == XMP_UUID:
        return _PACKET
    if kind != C2PA_UUID:
        return f"uuid {kind.hex()}"
    # Version, flags and a purpose end with a zero; only the store's own box is ever read whole.
    start = box.body + 20
    purpose = file.bytes_at(start, max(0, min(32, box.end - start))).partition(b"\0")[0]
    if purpose == b"manifest":
        return _STORE
    return f"credentials for {text(purpose)!r}, {box.end - box.body} bytes"


def _content(file: BoxFile, free: Sequence[Box]) -> tuple[int, tuple[str, ...]]:
    """How much of free space is not zero, and what it looks like."""
    left, filled = _MOST_READ, 0
    looks_like: dict[str, None] = {}
    for box in free:
        data = file.bytes_at(box.body, min(box.end - box.body, left))
        left -= len(data)
        filled += len(data) - data.count(0)
        looks_like |= {name: None for mark, name in _MAGIC if mark in data}
    return filled, tuple(looks_like)
