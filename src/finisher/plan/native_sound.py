"""Place the sound that takes came with: one piece per continuous run of a take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from finisher.event import Event, Seam, Sounding
from finisher.facts import Facts
from finisher.plan.model import Piece
from finisher.plan.native_runs import Run, runs, silenced, source_of, through, wanted
from finisher.plan.split_sound import Split, split_notes, splits
from finisher.problems import Problem, Severity, Where
from finisher.timecode import Span
from finisher.timeline import Timeline


@dataclass(frozen=True, slots=True)
class _Overlap:
    """Frames on both sides of a boundary over which one picture becomes another."""

    before: int
    after: int
    event: Event


@dataclass(frozen=True, slots=True)
class _Edge:
    """How a run begins or ends: frames of fade on both sides of its boundary; 0 for a cut."""

    before: int = 0
    after: int = 0
    crossed: bool = False
    """Whether another run fades the other way over the same frames."""


_CUT = _Edge()


@dataclass(frozen=True, slots=True)
class NativeSounds:
    """Pieces in order, each with what its event asks of its sound, and what to report."""

    pieces: tuple[tuple[Sounding, Piece], ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Table:
    """What every run is placed against."""

    timeline: Timeline
    facts: Facts
    splits: dict[int, Split]
    """Cuts of the sound that are not the picture's, by the frame of the picture's."""
    entries: dict[int, _Edge]
    exits: dict[int, _Edge]


def place_native(timeline: Timeline, facts: Facts) -> NativeSounds:
    """Every event's native sound as pieces.

    Starts and ends are the samples at which frames begin, so a programme of any length has no
    rounding to add up. Sound plays forwards and at its own speed, or stretched where the event
    asks for it: other retimed, reversed and extended frames are silent. Where two runs meet at a
    cut both fade for as long as their events say; across a transition or a blended loop seam they
    crossfade at equal power if both have sound to borrow. A J- or L-cut moves the cut of the sound
    alone.
    """
    events = tuple(_sounding(timeline, facts))
    problems = [*_absent(timeline, facts), *_left_out(events), *split_notes(timeline)]
    overlaps = dict(_overlaps(timeline))
    every = (run for event, record in events for run in runs(event, record))
    placed = through(every, frozenset(overlaps))
    entries, exits = _edges(timeline, facts, placed, overlaps)
    problems += _uncrossed(placed, overlaps, entries)
    table = _Table(timeline, facts, splits(timeline), entries, exits)
    pieces = []
    for run in placed:
        piece, late, lack = _piece(table, run)
        if piece.length > 0:
            pieces.append((run.event.sound, piece))
        problems += _beyond(run.event, late, lack, timeline.rate.samples(1))
    return NativeSounds(tuple(pieces), tuple(dict.fromkeys(problems)))


def _beyond(event: Event, late: int, lack: int, frame: int) -> Iterator[Problem]:
    """Notes where an event is longer than its sound, given samples before that and behind it."""
    # Less than a frame is how codecs begin and end, not a fault of the edit.
    if late > frame:
        yield note(
            "sound-late",
            f"the sound of take {event.take} begins {late} samples after event {event.id} does; "
            f"{_instead(event)} until then",
            event.where,
        )
    if lack > frame:
        yield note(
            "sound-short",
            f"the sound of take {event.take} ends {lack} samples before event {event.id} does; "
            f"{_instead(event)} from there",
            event.where,
        )


def note(code: str, message: str, where: Where | None) -> Problem:
    """Something done or left out without being asked."""
    return Problem(code, message, where, severity=Severity.NOTE)


def _sounding(timeline: Timeline, facts: Facts) -> Iterator[tuple[Event, Span]]:
    """Wanted events whose takes have sound."""
    for event, record in wanted(timeline):
        if facts.takes[event.take].sound is not None:
            yield event, record


def _absent(timeline: Timeline, facts: Facts) -> Iterator[Problem]:
    """A note for every take that is silent though its sound is wanted."""
    uses: dict[str, list[str]] = {}
    for event, _ in wanted(timeline):
        if facts.takes[event.take].sound is None:
            uses.setdefault(event.take, []).append(event.id)
    for take, events in uses.items():
        yield note(
            "sound-absent",
            f"take {take} has no sound; silent in {', '.join(events)}",
            timeline.take(take).where,
        )


def _instead(event: Event) -> str:
    """What is heard of an event where its own sound is not."""
    return "room tone" if event.sound.room_tone is not None else "silent"


def _left_out(events: tuple[tuple[Event, Span], ...]) -> Iterator[Problem]:
    """A note for all sound that can't go with its picture."""
    for event, _ in events:
        instead = "has room tone" if event.sound.room_tone is not None else "is silent"
        if silenced(event):
            speed = "a changing speed" if event.ramp is not None else f"speed {event.speed}"
            message = f"event {event.id} plays at {speed}: its own sound is left out"
            yield note("sound-retimed", message, event.where)
            continue
        if event.extend is not None:
            added, slow = event.extend.frames + event.slowed, event.slowed > 0
            which = f"last {added} frames, slowed down" if slow else f"{added} frames added to it"
            message = f"event {event.id} {instead} for the {which}"
            yield note("sound-extended", message, event.where)
        if event.loop is not None and event.loop.seam is Seam.PINGPONG and event.single > 2:
            message = f"event {event.id} {instead} on its way back"
            yield note("sound-backwards", message, event.where)


def _overlaps(timeline: Timeline) -> Iterator[tuple[int, _Overlap]]:
    """Boundaries, in programme frames, at which pictures overlap."""
    for item, record in zip(timeline.items, timeline.record_spans(), strict=True):
        if not isinstance(item, Event):
            continue
        if item.transition is not None:
            before = item.transition.before if record.start else 0
            yield record.start, _Overlap(before, item.transition.frames - before, item)
        if item.loop is not None and item.loop.seam is Seam.BLEND and item.loop.frames:
            before = item.loop.frames // 2
            for seam in range(item.period, item.unextended, item.period):
                yield record.start + seam, _Overlap(before, item.loop.frames - before, item)


def _edges(
    timeline: Timeline, facts: Facts, placed: list[Run], overlaps: dict[int, _Overlap]
) -> tuple[dict[int, _Edge], dict[int, _Edge]]:
    """How runs begin and how they end at the boundaries where pictures overlap."""
    starts = {run.record.start: run for run in placed}
    ends = {run.record.end: run for run in placed}
    entries, exits = {}, {}
    for place, overlap in overlaps.items():
        incoming, outgoing = starts.get(place), ends.get(place)
        leads = incoming is not None and _leads(timeline, facts, incoming, overlap.before)
        tails = outgoing is not None and _tails(timeline, facts, outgoing, overlap)
        if incoming is not None and outgoing is not None:
            crossed = _Edge(overlap.before, overlap.after, crossed=True)
            entries[place] = exits[place] = crossed if leads and tails else _CUT
        elif incoming is not None:
            entries[place] = _Edge(overlap.before if leads else 0, overlap.after)
        elif outgoing is not None:
            exits[place] = _Edge(overlap.before, overlap.after if tails else 0)
    return entries, exits


def _leads(timeline: Timeline, facts: Facts, run: Run, frames: int) -> bool:
    """Whether a run has that many frames of sound before it."""
    rate, start = timeline.rate, run.record.start
    before = rate.samples(start) - rate.samples(start - frames)
    source = source_of(timeline, facts, run.event)
    return source.at(run.source) - before >= source.late


def _tails(timeline: Timeline, facts: Facts, run: Run, overlap: _Overlap) -> bool:
    """Whether a run has sound all through the overlap at its end."""
    source, samples = source_of(timeline, facts, run.event), timeline.rate.samples
    begins = source.at(run.source) - samples(run.record.start)
    first = begins + samples(max(run.record.start, run.record.end - overlap.before))
    last = begins + samples(run.record.end + overlap.after)
    return source.late <= first and last <= source.samples


def _uncrossed(
    placed: list[Run], overlaps: dict[int, _Overlap], entries: dict[int, _Edge]
) -> Iterator[Problem]:
    """A note for each event at whose start two sounds meet in a cut under a soft picture."""
    ends = {run.record.end for run in placed}
    told = set()
    for run in placed:
        overlap = overlaps.get(run.record.start)
        if overlap is None or run.record.start not in ends or overlap.event.id in told:
            continue
        if not entries[run.record.start].crossed:
            told.add(overlap.event.id)
            yield note(
                "sound-handles",
                f"event {overlap.event.id}: too little sound around the cut for a crossfade of "
                f"{overlap.before + overlap.after} frames; its sound is cut",
                overlap.event.where,
            )


def _piece(table: _Table, run: Run) -> tuple[Piece, int, int]:
    """A run as a piece, and the samples its take's sound lacks before it and behind it."""
    samples, cut_fade = table.timeline.rate.samples, run.event.sound.cut_fade
    entry, leaving = table.entries.get(run.record.start), table.exits.get(run.record.end)
    begins, ends = entry or _CUT, leaving or _CUT
    start = samples(run.record.start - begins.before)
    end = samples(run.record.end + ends.after)
    fade_in = samples(run.record.start + begins.after) - start
    fade_out = end - samples(run.record.end - ends.before)
    asked = _within_splits(table, run, Span(start, end))
    source = source_of(table.timeline, table.facts, run.event)
    origin = source.at(run.source) - samples(run.record.start)
    late = min(len(asked), max(0, source.late - origin - asked.start))
    heard = Span(asked.start + late, asked.end)
    if heard.start != start:
        fade_in = 0
    if heard.end != end:
        fade_out = 0
    source_start = origin + heard.start
    length = max(0, min(len(heard), source.samples - source_start))
    piece = Piece(
        source=source.name,
        source_start=source_start,
        start=heard.start,
        length=length,
        fade_in=min(length, fade_in or cut_fade),
        fade_out=min(length, (fade_out if length == len(heard) else 0) or cut_fade),
        equal_power=begins.crossed or ends.crossed,
    )
    return piece, late, len(heard) - length


def _within_splits(table: _Table, run: Run, heard: Span) -> Span:
    """What is left of a run, or added to it, by J- and L-cuts at its event's ends."""
    samples, (first, last) = table.timeline.rate.samples, (run.whole.start, run.whole.end)
    start, end = heard.start, heard.end
    if first in table.splits:
        opens = samples(first) + table.splits[first].incoming
        start = opens if run.record.start == first else max(start, opens)
    if last in table.splits:
        closes = samples(last) + table.splits[last].outgoing
        end = closes if run.record.end == last else min(end, closes)
    return Span(start, end) if start < end else Span(start, start)
