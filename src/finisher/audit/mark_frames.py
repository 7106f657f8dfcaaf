"""Which frames of a finished file are looked at for its marks, and where they are found again."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Raster
from finisher.promises import PromisedMark
from finisher.timecode import Span
from finisher.watermark import rules
from finisher.watermark.reference import Reference

FRAMES = 16
"""Frames looked at for a mark that stands still, spread over the time it stands alone."""
_SEVERAL = 8
"""The same for each stretch of one that has several: what is shorter is looked at together."""
_ROOM = 1 << 30
"""Bytes of disk that whole frames may take for a while."""
_MOST = 2_048
"""Stretches looked at: with more, an hour would not do."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time for which a mark stands at one place, looked at as one."""

    mark: int
    """Which of the promised marks."""
    spans: tuple[Span, ...]
    frames: tuple[int, ...]
    """Those looked at; none where there is no room for them."""


def spread(spans: Sequence[Span], most: int, name: str) -> tuple[int, ...]:
    """Frames of a time: one of each of its equal parts, at most so many.

    Which one follows from `name`. A hash of the finished file can't be known while it is made, so
    that nobody can show a mark in just the frames that are looked at.
    """
    length = sum(map(len, spans))
    count = min(most, length)
    edges = [length * part // count for part in range(count + 1)] if count > 0 else []
    return tuple(
        _shown(spans, start + _drawn(f"{name}/{start}", end - start))
        for start, end in pairwise(edges)
    )


def _shown(spans: Sequence[Span], number: int) -> int:
    """The frame of a time by its number in it."""
    for span in spans:
        if number < len(span):
            return span.start + number
        number -= len(span)
    raise IndexError("beyond that time")


def parted(spans: Sequence[Span], parts: int) -> tuple[tuple[Span, ...], ...]:
    """A time cut into parts, each as long as the next."""
    length = sum(map(len, spans))
    edges = [length * part // parts for part in range(parts + 1)]
    return tuple(_cut(spans, start, end) for start, end in pairwise(edges))


def _cut(spans: Sequence[Span], start: int, end: int) -> tuple[Span, ...]:
    """A time's frames from one to before another, by their numbers in it."""
    found, before = [], 0
    for span in spans:
        first, last = max(start - before, 0), min(end - before, len(span))
        if first < last:
            found.append(Span(span.start + first, span.start + last))
        before += len(span)
    return tuple(found)


def _drawn(name: str, below: int) -> int:
    """A number from 0 that nobody chose, the same for the same name."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8]) % below


def stretches_of(
    marks: Sequence[PromisedMark], raster: Raster, seed: str, spared: int = 0
) -> tuple[Stretch, ...]:
    """The stretches of all marks, with the frames looked at: as many as there is room for.

    Where there is no room for the fewest that say anything, the last get none. `spared` is how many
    frames something else is kept of.
    """
    apart = [(number, spans) for number, mark in enumerate(marks) for spans in _apart(mark.spans)][
        :_MOST
    ]
    room = max(0, _ROOM // (raster.width * raster.height) - spared)
    each = max(rules.FEWEST_FRAMES, room // max(1, len(apart)))
    several = Counter((marks[number].event, marks[number].mark) for number, _ in apart)
    found = []
    for position, (number, spans) in enumerate(apart):
        mark = marks[number]
        most = _SEVERAL if several[mark.event, mark.mark] > 1 else FRAMES
        fits = position < room // each
        name = f"{seed}/{mark.event}/{mark.mark}/{spans[0].start}"
        frames = spread(spans, min(most, each), name) if fits else ()
        found.append(Stretch(number, spans, frames))
    return tuple(found)


def _apart(spans: Sequence[Span]) -> list[tuple[Span, ...]]:
    """The stretches of a time: those long enough each for itself, the others together."""
    whole = [(span,) for span in spans if len(span) >= _SEVERAL]
    rest = tuple(span for span in spans if 0 < len(span) < _SEVERAL)
    enough = sum(map(len, rest)) >= rules.FEWEST_FRAMES
    return [*whole, rest] if rest and (enough or not whole) else list(whole)


def references_with(references: Sequence[Reference], raster: Raster) -> dict[int, tuple[int, ...]]:
    """Which pictures of each reference are compared, by its number: as many as half the room takes.

    They are counted as the reference counts them.
    """
    room = _ROOM // (raster.width * raster.height) // 2
    each = max(1, room // max(1, len(references)))
    kept = {}
    for number, reference in enumerate(references[:room]):
        count = len(reference.frames)
        step = -(-count // each) if count else 1
        kept[number] = tuple(range(0, count, step))
    return kept


def chosen_frames(looked_at: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """All frames to keep whole, in order.

    The first is always among them: the decoder takes it for an error when none of them exists.
    """
    chosen = {frame for frames in looked_at for frame in frames}
    return tuple(sorted(chosen | {0})) if chosen else ()


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Frames that were kept whole, by their numbers in the programme."""

    planes: NDArray[np.uint8]
    """(frames, height, width) of a plane, or with a fourth axis of red, green and blue."""
    row: dict[int, int]
    """Where each of them stands; those the file does not have are missing."""

    def of(self, frames: Sequence[int]) -> list[NDArray[np.uint8]]:
        """Those of these frames that the file has."""
        return [self.planes[self.row[frame]] for frame in frames if frame in self.row]


NONE = Frames(np.zeros((0, 0, 0), np.uint8), {})


def kept_in(raw: Path, chosen: Sequence[int], shape: tuple[int, ...]) -> Frames | None:
    """The frames of a file of bare pixels, opened and not read; None where it holds none.

    `shape` is that of one frame.
    """
    size = int(np.prod(shape))
    there = raw.stat().st_size // size if raw.exists() else 0
    if there == 0:
        return None
    planes = np.memmap(raw, np.uint8, "r", shape=(there, *shape))
    return Frames(planes, {frame: row for row, frame in enumerate(chosen[:there])})
