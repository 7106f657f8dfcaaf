"""What the head of a WAVE file says of its length, which may be more than the file holds."""

from __future__ import annotations

import struct
from pathlib import Path

_PLAIN = (1, 3, 0xFFFE)
"""Integers, floats, and either with more said: all of one size a sample."""
_UNKNOWN = 0xFFFF_FF00
"""From here on, a length was not known when the head was written; 0 says the same."""
_CHUNKS = 64


def stated_samples(path: Path) -> int | None:
    """The samples, at its own rate, that a plain WAVE file's head states.

    None for any other file, for coded sound, and where the head leaves it open, as that of a file
    that was streamed does.
    """
    with path.open("rb") as file:
        head = file.read(12)
        if head[:4] != b"RIFF" or head[8:] != b"WAVE":
            return None
        width = 0
        for _ in range(_CHUNKS):
            chunk = file.read(8)
            if len(chunk) < 8:
                return None
            name, size = struct.unpack("<4sI", chunk)
            if name == b"data":
                return size // width if width and 0 < size < _UNKNOWN else None
            if name == b"fmt ":
                width = _width(file.read(size)[:16])
                file.seek(size % 2, 1)
            else:
                file.seek(size + size % 2, 1)
    return None


def _width(chunk: bytes) -> int:
    """Bytes of a sample of all channels; 0 where that is not how the sound is held."""
    if len(chunk) < 16:
        return 0
    kind, channels, _, _, _, bits = struct.unpack("<HHIIHH", chunk)
    return channels * (-(-bits // 8)) if kind in _PLAIN else 0
