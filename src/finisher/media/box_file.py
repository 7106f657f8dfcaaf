"""The boxes of an MP4 or MOV file: found by their sizes, believed only as far as the bytes go."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from finisher.problems import MediaError, Problem, Where

_MAX_BOXES = 100_000
_MAX_TABLE = 256 << 20


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box lies: bytes from the file's start."""

    kind: bytes
    start: int
    body: int
    end: int


class BoxFile:
    """An open file with its length and a budget of boxes."""

    def __init__(self, stream: IO[bytes], name: str) -> None:
        self.stream, self.name, self.left = stream, name, _MAX_BOXES
        self.length = stream.seek(0, os.SEEK_END)

    def wrong(self, message: str) -> MediaError:
        """The error for a file whose boxes contradict themselves."""
        return MediaError(Problem("media-damaged", message, where=Where(self.name)))

    def bytes_at(self, start: int, length: int) -> bytes:
        """Bytes of the file.

        Raises:
            MediaError: when they are not there, or more than any table holds.
        """
        if length > _MAX_TABLE:
            raise self.wrong(f"a table of {length} bytes is larger than any programme needs")
        self.stream.seek(start)
        data = self.stream.read(length)
        if len(data) < length:
            raise self.wrong(f"the file ends at byte {self.length}, inside a box")
        return data

    def body(self, box: Box) -> bytes:
        """What a box holds."""
        return self.bytes_at(box.body, box.end - box.body)

    def boxes(self, start: int, end: int) -> Iterator[Box]:
        """The boxes that tile [start, end)."""
        while start + 8 <= end:
            self.left -= 1
            if self.left < 0:
                raise self.wrong(f"more than {_MAX_BOXES} boxes")
            size, kind = struct.unpack(">I4s", self.bytes_at(start, 8))
            body = start + 8
            if size == 1:
                size = struct.unpack(">Q", self.bytes_at(body, 8))[0]
                body += 8
            elif size == 0:
                size = end - start
            if size < body - start or start + size > end:
                raise self.wrong(
                    f"box {text(kind)} at byte {start} claims {size} bytes "
                    f"where {end - start} are left"
                )
            yield Box(kind, start, body, start + size)
            start += size

    def inside(self, box: Box, skip: int = 0) -> dict[bytes, Box]:
        """A box's children by kind; the first of each."""
        children: dict[bytes, Box] = {}
        for child in self.boxes(box.body + skip, box.end):
            children.setdefault(child.kind, child)
        return children

    def every(self, box: Box, kind: bytes) -> Iterator[Box]:
        """A box's children of one kind."""
        return (child for child in self.boxes(box.body, box.end) if child.kind == kind)


def text(kind: bytes) -> str:
    """A four-character code as text."""
    return kind.decode("latin-1")
