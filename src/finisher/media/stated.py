"""What a file says of itself beside its credentials: an AIGC label, a digital source type."""

from __future__ import annotations

import mmap
import re
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from finisher.media import xmp
from finisher.media.box_file import Box, BoxFile
from finisher.media.index import open_media
from finisher.problems import MediaError, Problem, Where

_AIGC = "aigc"
_SOURCE_TYPE = "digitalsourcetype"
_BOXED = b"ftyp"
_WHOLE = 64 << 20
"""Bytes up to which a file that is no MP4 or MOV is searched from end to end: pictures, sounds."""
_ENDS = 4 << 20
_PACKET = re.compile(rb"<x:xmpmeta\b|<rdf:RDF\b")
_CLOSED = re.compile(rb"</x:xmpmeta\s*>|</rdf:RDF\s*>")
_MOST_PACKETS = 16
_LONGEST = 8192
"""Characters of a label that are kept; real ones have some hundred."""


@dataclass(frozen=True, slots=True)
class Stated:
    """Labels a file carries; None where it says nothing."""

    aigc: str | None = None
    """China's AIGC label (GB 45438-2025), JSON as it stands there."""
    source_type: str | None = None
    """IPTC digital source type, an address or the bare word."""


def stated(path: Path) -> Stated:
    """Read the labels of a picture, film or sound.

    Raises:
        MediaError: when there is no such file, or it is no media that can be read.
    """
    with open_media(path) as media:
        tags: dict[str, str] = {}
        for stream in media.streams:
            tags |= stream.metadata
        tags |= media.metadata
    named = {key.casefold().rpartition(":")[2]: value for key, value in tags.items() if value}
    packets = _packets(path)
    return Stated(
        aigc=_kept(named.get(_AIGC) or xmp.aigc(packets)),
        source_type=_kept(xmp.source_type(packets) or named.get(_SOURCE_TYPE)),
    )


def _kept(value: str | None) -> str | None:
    """A value as it can be carried on: no longer than any real one, and without zeros."""
    return value.replace("\0", "")[:_LONGEST] or None if value else None


def _packets(path: Path) -> bytes:
    """The XMP packets of a file, one after the other; of one that contradicts itself, none."""
    try:
        with path.open("rb") as stream:
            if stream.read(8)[4:] == _BOXED:
                return b"".join(_boxed(BoxFile(stream, path.name)))
            return _searched(stream)
    except OSError as error:
        message = error.strerror or "unreadable"
        raise MediaError(Problem("media-unreadable", message, Where(str(path)))) from error
    except (MediaError, struct.error, ValueError):
        return b""


def _boxed(file: BoxFile) -> list[bytes]:
    """Packets where MP4 and MOV have them: in a `uuid` box, and in `moov/udta/XMP_`."""
    found: list[bytes] = []
    for box in file.boxes(0, file.length):
        if box.kind == b"uuid" and file.bytes_at(box.body, 16) == xmp.XMP_UUID:
            found.append(_held(file, box, 16))
        elif box.kind == b"moov":
            user = file.inside(box).get(b"udta")
            packet = file.inside(user).get(b"XMP_") if user is not None else None
            if packet is not None:
                found.append(_held(file, packet, 0))
    return found[:_MOST_PACKETS]


def _held(file: BoxFile, box: Box, skip: int) -> bytes:
    start = box.body + skip
    return file.bytes_at(start, min(box.end - start, xmp.LARGEST))


def _searched(stream: IO[bytes]) -> bytes:
    """Packets of other formats, found by how they begin and end."""
    with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if len(content) <= _WHOLE:
            return b"".join(_packets_in(content))
        return b"".join(_packets_in(content[:_ENDS]) + _packets_in(content[-_ENDS:]))


def _packets_in(content: bytes | mmap.mmap) -> list[bytes]:
    """The packets in a file's bytes; a beginning without an end is none."""
    found: list[bytes] = []
    at = 0
    for _ in range(_MOST_PACKETS):
        head = _PACKET.search(content, at)
        if head is None:
            break
        tail = _CLOSED.search(content, head.end(), head.end() + xmp.LARGEST)
        at = tail.end() if tail is not None else head.end()
        if tail is not None:
            found.append(content[head.start() : at])
    return found
