"""What a Matroska or WebM file states of itself: its kind, and its tracks.

The head is read from its bytes, after RFC 8794 (EBML) and RFC 9559 (Matroska).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from finisher.media.index import open_media
from finisher.problems import MediaError

_MAGIC = b"\x1a\x45\xdf\xa3"
_DOC_TYPE = 0x4282
_HEAD = 256
"""Bytes within which the head ends: it holds a handful of numbers and one word."""
_KINDS = {"video": "vide", "audio": "soun"}


@dataclass(frozen=True, slots=True)
class MatroskaFacts:
    """A file's structure."""

    doc_type: str
    """`webm` or `matroska`."""
    tracks: tuple[str, ...]
    """Handlers as MP4 calls them, in order: `vide`, `soun`; others by their own name."""
    sound_codec: str
    sound_start: Fraction
    """Seconds at which the first sound track is heard; 0 where there is none."""


def matroska(path: Path) -> MatroskaFacts | None:
    """The structure of a file; None for one of another kind.

    Raises:
        MediaError: when it can't be opened.
    """
    with path.open("rb") as file:
        doc_type = _doc_type(file.read(_HEAD))
    if doc_type is None:
        return None
    with open_media(path) as container:
        kinds = tuple(_KINDS.get(stream.type, stream.type) for stream in container.streams)
        sound = next(iter(container.streams.audio), None)
        start = Fraction(0)
        if sound is not None and sound.time_base is not None:
            start = (sound.start_time or 0) * sound.time_base
        codec = sound.codec_context.name if sound is not None else ""
    return MatroskaFacts(doc_type, kinds, codec, start)


def _doc_type(data: bytes) -> str | None:
    """The word in the head that says what kind of EBML file this is."""
    if data[:4] != _MAGIC:
        return None
    try:
        size, at = _number(data, 4)
        end = min(at + size, len(data))
        while at < end:
            length = _length(data[at])
            name, at = int.from_bytes(data[at : at + length]), at + length
            size, at = _number(data, at)
            if name == _DOC_TYPE:
                return data[at : at + size].rstrip(b"\0").decode("ascii", "replace")
            at += size
    except (IndexError, MediaError):
        return None
    return None


def _length(first: int) -> int:
    """Bytes of a number by its first one: as many as zeros lead it, and one."""
    return 9 - first.bit_length()


def _number(data: bytes, at: int) -> tuple[int, int]:
    """A number of variable length without its marker, and where it ends."""
    length = _length(data[at])
    value = int.from_bytes(data[at : at + length])
    return value & ((1 << 7 * length) - 1), at + length
