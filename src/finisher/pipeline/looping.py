"""Looking for loops: the best of a take, a sheet of their seams, the choice in the edit list."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from finisher.canonical import Json
from finisher.contents import sha256_of
from finisher.edl.read import read
from finisher.edl.rewrite import with_members
from finisher.edl.source import Source, scan
from finisher.event import Event
from finisher.facts import LoopFacts, TakeFacts
from finisher.ingest import take as takes
from finisher.ingest.loops import timed
from finisher.ingest.take import TakeJob
from finisher.loops.search import best, calmest
from finisher.media.index import picture_shape
from finisher.media.reader import PictureReader
from finisher.media.sheet import Pixels, Row, difference, sheet
from finisher.media.sketch import rgb
from finisher.pipeline.names import write_whole, writing
from finisher.pipeline.settings import Settings
from finisher.problems import WORKER_LOST, DocumentError, MachineError, Problem, Where
from finisher.store import Store
from finisher.timecode import Rate, Span
from finisher.timeline import Timeline

_SIDE = 240
"""Pixels along the longer side of a sheet's pictures."""
_AROUND = 3
"""Frames shown to either side of a seam."""


@dataclass(frozen=True, slots=True)
class Search:
    """What is looked for: a take, a range in frames at a rate, and the event it is for."""

    take: Path
    rate: Rate
    span: Span
    shortest: int | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """A take's best loops, best first."""

    search: Search
    facts: TakeFacts
    loops: tuple[LoopFacts, ...]
    back: LoopFacts
    """Where a ping-pong would show least: told beside them, never chosen."""


def measured(take: Path, settings: Settings, workers: Executor) -> tuple[TakeFacts, Path]:
    """A take's facts, and where its sketches lie.

    Raises:
        MediaError: when it can't be read.
        MachineError: when a worker is killed.
    """
    store = Store(settings.cache)
    job = TakeJob(str(take.resolve()), sha256_of(take, store), (), settings.anchor_text())
    facts = takes.measured(job, store)
    if facts is None:
        try:
            facts = workers.submit(takes.measure, job, store.root).result()
        except BrokenExecutor as error:
            raise MachineError(WORKER_LOST) from error
    return facts, store.path("sketches", job.content_key, ".npy")


def own_rate(facts: TakeFacts) -> Rate:
    """The rate a take's pictures come at.

    Raises:
        DocumentError: where they come unevenly, or at none a programme has.
    """
    index = facts.index
    lasting = (index.end - index.pts[0]) * index.time_base
    try:
        if index.uniform:
            return Rate((len(index) / lasting).limit_denominator(1001))
    except (ValueError, ZeroDivisionError):
        pass
    raise DocumentError(
        Problem("rate-unknown", "the take has no even frame rate", Where(facts.path), "--rate 24")
    )


def find(search: Search, facts: TakeFacts, sketches: Path) -> Found:
    """The best loops of a take in a range.

    Raises:
        DocumentError: when the range is not in the take, or too short to loop in.
    """
    available = facts.index.frames_at(search.rate)
    span = search.span
    if not 0 <= span.start < span.end <= available:
        message = (
            f"frames [{span.start}, {span.end}) are not all in the take, which has {available}"
        )
        raise DocumentError(Problem("range", message, Where(str(search.take))))
    clip = timed(sketches, facts, search.rate)
    loops = best(clip, span, search.shortest) if clip is not None else ()
    if clip is None or not loops:
        message = f"there is no room for a loop in {len(span)} frames"
        raise DocumentError(Problem("loop-too-short", message, Where(str(search.take))))
    return Found(search, facts, loops, calmest(clip, span, search.shortest))


def write_sheet(found: Found, destination: Path) -> None:
    """A picture of every seam: its last frames, its first, and what the one should have been.

    Raises:
        MediaError: when the take can't be read.
        MachineError: when the sheet can't be written.
    """
    wanted = sorted({frame for seam in found.loops for frame in _shown(seam, found)})
    pictures = dict(zip(wanted, _pictures(found, wanted), strict=True))
    rows = [_row(number, seam, pictures) for number, seam in enumerate(found.loops, 1)]
    write_whole(destination, sheet(rows))


def _shown(seam: LoopFacts, found: Found) -> list[int]:
    """The frames of a seam's row."""
    available = found.facts.index.frames_at(found.search.rate)
    before = range(max(0, seam.end - _AROUND), seam.end)
    after = range(seam.start, min(seam.start + _AROUND, available))
    return [*before, *after, min(seam.end, available - 1)]


def _pictures(found: Found, frames: Sequence[int]) -> list[Pixels]:
    """Frames of the take, small."""
    path, rate = Path(found.facts.picture), found.search.rate
    ordinals = [found.facts.index.at(rate.seconds(frame)) for frame in frames]
    small = []
    with PictureReader(path, picture_shape(path).index) as reader:
        for picture in reader.pictures(ordinals):
            pixels = rgb(picture)
            scale = _SIDE / max(pixels.shape[:2])
            size = (round(pixels.shape[1] * scale), round(pixels.shape[0] * scale))
            resized = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)
            small.append(np.asarray(resized, np.uint8))
    return small


def _row(number: int, seam: LoopFacts, pictures: dict[int, Pixels]) -> Row:
    """One seam: what comes before it, after it, and how far it is from what the take does."""
    blend = f"blend {seam.frames}" if seam.frames else "cut"
    title = (
        f"{number}: [{seam.start}, {seam.end})  {seam.end - seam.start} frames, {blend}  "
        f"{seam.verdict}  visibility {seam.visibility:.2f}  position {seam.appearance:.2f}  "
        f"motion {seam.motion:.2f}"
    )
    before = range(max(0, seam.end - _AROUND), seam.end)
    after = [frame for frame in range(seam.start, seam.start + _AROUND) if frame in pictures]
    following = pictures[seam.end] if seam.end in pictures else pictures[seam.end - 1]
    return Row(
        title,
        (
            *((f"last {frame}", pictures[frame]) for frame in before),
            *((f"first {frame}", pictures[frame]) for frame in after),
            (f"{seam.start} less {seam.end}, x4", difference(pictures[seam.start], following)),
        ),
    )


def event_of(edl: Path, name: str, settings: Settings) -> tuple[Timeline, Event]:
    """An event of an edit list, by its id.

    Raises:
        DocumentError: when the edit list is wrong, or has no such event.
    """
    timeline = read(edl, settings.roots)
    for item in timeline.items:
        if isinstance(item, Event) and item.id == name:
            return timeline, item
    ids = [item.id for item in timeline.items if isinstance(item, Event)]
    message = f"there is no event {name!r}"
    raise DocumentError(
        Problem("unknown-event", message, Where(str(edl)), f"events: {', '.join(ids)}")
    )


def write_choice(edl: Path, event: Event, seam: LoopFacts) -> None:
    """Write a loop into an event of an edit list; all else in the text stays as it is.

    Raises:
        DocumentError: when the edit list can't be read any more.
        MachineError: when it can't be written.
    """
    with writing(edl):
        data = edl.read_bytes()
    source = scan(data, str(edl))
    pointer = event.where.pointer if event.where is not None else ""
    write_whole(
        edl, with_members(data.decode("utf-8"), source, pointer, _members(source, pointer, seam))
    )


def _members(source: Source, pointer: str, seam: LoopFacts) -> dict[str, Json]:
    """The members of an event that say a loop."""
    given = _object(source, pointer)
    loop = given.get("loop")
    kept: dict[str, Json] = dict(loop) if isinstance(loop, dict) else {"times": 2}
    kept["seam"] = "blend" if seam.frames else "cut"
    kept.pop("frames", None)
    if seam.frames:
        kept["frames"] = seam.frames
    members: dict[str, Json] = {"in": seam.start, "loop": kept}
    if "duration" in given:
        members["duration"] = seam.end - seam.start
    else:
        members["out"] = seam.end
    return members


def _object(source: Source, pointer: str) -> dict[str, Json]:
    """The object at a pointer of a document."""
    value = source.value
    for part in pointer.split("/")[1:]:
        value = value[int(part)] if isinstance(value, list) else _member(value, part)
    return value if isinstance(value, dict) else {}


def _member(value: Json, key: str) -> Json:
    return value.get(key) if isinstance(value, dict) else None
