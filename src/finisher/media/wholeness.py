"""Whether a media file breaks off: demuxers read what is there and end early, in silence."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

_TS_PACKETS = ((188, 0), (192, 4))
"""Lengths of transport packets, and where in them the sync byte lies: plain, and Blu-ray's."""
_EBML = b"\x1a\x45\xdf\xa3"
_SEGMENT, _CLUSTER = 0x18538067, 0x1F43B675


def breaks_off(path: Path) -> bool:
    """Whether a file ends before what its container says it holds; unknown containers do not.

    Containers that state no length (MPEG-TS, live Matroska) are held to whole packets or
    clusters: one that was cut between two of them is a shorter whole one.
    """
    length = path.stat().st_size
    with path.open("rb") as file:
        head = file.read(12).ljust(12, b"\0")
        if head[4:8] == b"ftyp":
            return _iso(file, length)
        if head[:4] == _EBML:
            return _matroska(file, length)
        if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
            return _riff(file, length)
        packet = _transport_packet(file, length)
        if packet is not None:
            return length % packet != 0
    return False


def _iso(file: BinaryIO, length: int) -> bool:
    """The boxes at the top of MP4 and MOV, as far as they make sense (ISO/IEC 14496-12, 4.2)."""
    at, kind = 0, b""
    while at + 8 <= length:
        file.seek(at)
        size, kind, large = struct.unpack(">I4sQ", file.read(16).ljust(16, b"\0"))
        size = large if size == 1 else size
        if size < 8:
            return False
        at += size
    return kind in (b"mdat", b"moof") and at > length


def _riff(file: BinaryIO, length: int) -> bool:
    """The RIFF lists of AVI; long files have several."""
    at = 0
    while at + 8 <= length:
        file.seek(at)
        kind, size = struct.unpack("<4sI", file.read(8))
        if kind != b"RIFF":
            return False
        at += 8 + size + size % 2
    # The byte that makes a list even may be left out at the end.
    return at > length + 1


def _matroska(file: BinaryIO, length: int) -> bool:
    """The segment of Matroska and WebM, or its clusters where it states no size (RFC 8794)."""
    at = 0
    while at < length:
        file.seek(at)
        element = _element(file)
        if element is None:
            return False
        kind, size = element
        at = file.tell()
        if size is None:
            # Live: what is inside follows, one element after the other.
            if kind not in (_SEGMENT, _CLUSTER):
                return False
            continue
        if at + size > length:
            return True
        at += size
    return False


def _element(file: BinaryIO) -> tuple[int, int | None] | None:
    """An element's number and the size of its data, None for unknown; None where none begins."""
    first = file.read(1)
    if not first or first[0] < 0x10:
        return None
    kind = int.from_bytes(first + file.read(8 - first[0].bit_length()))
    first = file.read(1)
    if not first or first[0] == 0:
        return None
    width = 8 - first[0].bit_length()
    rest = file.read(width)
    size = int.from_bytes(first + rest) & ((1 << 7 * (width + 1)) - 1)
    unknown = size == (1 << 7 * (width + 1)) - 1
    return kind, None if unknown else size


def _transport_packet(file: BinaryIO, length: int) -> int | None:
    """The length of the packets a file begins with (ISO/IEC 13818-1, 2.4.3.2); None of others."""
    for size, sync in _TS_PACKETS:
        file.seek(0)
        start = file.read(3 * size)
        if length >= 3 * size and all(start[n * size + sync] == 0x47 for n in range(3)):
            return size
    return None
