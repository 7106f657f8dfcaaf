"""The boxes an MP4 or MOV is a sequence of, as far as signing one has to know them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Box:
    """One of the outermost boxes (ISO 14496-12, 4.2)."""

    kind: bytes
    start: int
    size: int
    head: int = 8
    """Bytes of it that come before its content."""

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.size


def walk(stream: IO[bytes]) -> Iterator[Box]:
    """The outermost boxes of an open file, in order; it is left wherever that was found out.

    Raises:
        OSError: when it can't be read.
        ValueError: where it is no longer a sequence of boxes.
    """
    end = stream.seek(0, os.SEEK_END)
    at = count = 0
    while at < end:
        stream.seek(at)
        head = stream.read(16)
        size, length = int.from_bytes(head[:4], "big"), 8
        if size == 1:
            size, length = int.from_bytes(head[8:16], "big"), 16
        box = Box(head[4:8], at, size or end - at, length)
        if box.size < length or box.end > end or count == _MOST:
            raise ValueError("no sequence of boxes")
        yield box
        at, count = box.end, count + 1


def boxes(stream: IO[bytes]) -> tuple[Box, ...]:
    """The outermost boxes of an open file that is nothing else.

    Raises:
        OSError, ValueError: as `walk`.
    """
    return tuple(walk(stream))


def in_pieces(stream: io.BufferedReader, least: int) -> bool:
    """Whether a file's media is best hashed in pieces: a large film with all media in one box.

    Hashed whole, media goes through memory in pieces of hundreds of megabytes. With several boxes
    of media the SDK gets the pieces wrong.
    """
    try:
        found = boxes(stream)
    except ValueError:
        return False
    finally:
        stream.seek(0)
    media = [box for box in found if box.kind == b"mdat"]
    return bool(found) and found[0].kind == b"ftyp" and len(media) == 1 and media[0].size >= least
