"""Loops measured on sketches of their takes: how much a seam shows, or where it shows least."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.event import Event, Seam
from finisher.facts import LoopFacts, TakeFacts
from finisher.loops.footage import Footage, footage
from finisher.loops.seam import judge, turn
from finisher.loops.search import best
from finisher.store import Store
from finisher.timecode import Rate
from finisher.timeline import Timeline

_FEWEST = 3
"""Frames without which nothing moves."""
_REVISION = 1
"""Raised when the same loop would be measured differently by this code."""


def loops(
    timeline: Timeline,
    takes: Mapping[str, TakeFacts],
    sketches: Mapping[str, Path],
    store: Store,
) -> dict[str, LoopFacts]:
    """Each event's loop by the event's id; for an `auto` seam the best there is.

    Retimed loops, and those that reach beyond their takes, are not measured; nor is a range too
    short to loop in found anything for.
    """
    found = {}
    for item in timeline.items:
        if isinstance(item, Event) and item.loop is not None and not item.retimed:
            take = takes[item.take]
            if item.source.end <= take.index.frames_at(timeline.rate):
                seam = _recalled(item, take, sketches[item.take], timeline.rate, store)
                if seam is not None:
                    found[item.id] = seam
    return found


def _recalled(
    event: Event, take: TakeFacts, sketches: Path, rate: Rate, store: Store
) -> LoopFacts | None:
    """An event's loop, remembered by all it depends on."""
    seam = event.loop.seam if event.loop is not None else Seam.CUT
    frames = event.loop.frames if event.loop is not None else 0
    key = digest([_REVISION, take.picture_key, str(rate), event.source, seam, frames])
    known = store.read("loops", key)
    if known is not None:
        return from_json(LoopFacts, known)
    clip = timed(sketches, take, rate)
    found = None if clip is None else _measured(event, seam, frames, clip)
    if found is not None:
        store.write("loops", key, to_json(found))
    return found


def _measured(event: Event, seam: Seam, frames: int, clip: Footage) -> LoopFacts | None:
    """An event's loop, measured."""
    start, end = event.source.start, event.source.end
    if seam is Seam.AUTO:
        return next(iter(best(clip, event.source)), None)
    if seam is Seam.PINGPONG:
        return turn(clip, start, end)
    return judge(clip, start, end, frames)


def timed(sketches: Path, take: TakeFacts, rate: Rate) -> Footage | None:
    """A take's sketches as the programme shows them; None of fewer than three frames."""
    pictures: NDArray[np.uint8] = np.load(sketches, mmap_mode="r")[..., :3]
    count = take.index.frames_at(rate)
    if count < _FEWEST:
        return None
    return footage(pictures[[take.index.at(rate.seconds(frame)) for frame in range(count)]])
