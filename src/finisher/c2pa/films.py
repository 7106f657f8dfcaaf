"""The boxes an MP4 or MOV is a sequence of, as far as signing one has to know them."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import IO

_MOST = 100_000


@dataclass(frozen=True, slots=True)
class Box:
    """One of the outermost boxes (ISO 14496-12, 4.2)."""

    kind: bytes
    start: int
    size: int

    @property
    def end(self) -> int:
        """Where the next one begins."""
        return self.start + self.size


def boxes(stream: IO[bytes]) -> tuple[Box, ...]:
    """The outermost boxes of an open file, in order; it is left wherever that was found out.

    Raises:
        OSError: when it can't be read.
        ValueError: when it is no sequence of boxes.
    """
    end = stream.seek(0, os.SEEK_END)
    found: list[Box] = []
    at = 0
    while at < end:
        stream.seek(at)
        head = stream.read(16)
        size = int.from_bytes(head[:4], "big")
        if size == 1:
            size = int.from_bytes(head[8:16], "big")
        box = Box(head[4:8], at, size or end - at)
        if box.size < 8 or box.end > end or len(found) == _MOST:
            raise ValueError("no sequence of boxes")
        found.append(box)
        at = box.end
    return tuple(found)


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
