"""Place the sound that takes came with: one piece per continuous run of a take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from finisher.event import MICRO_FADE, Event, NativeSound, Seam, Sounding
from finisher.facts import Facts
from finisher.plan.model import Piece
from finisher.problems import Problem, Severity, Where
from finisher.timecode import Rate, Span
from finisher.timeline import Timeline


@dataclass(frozen=True, slots=True)
class _Run:
    """Programme frames during which a take's sound plays on from a source frame."""

    event: Event
    record: Span
    source: int


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


def stretched(take: str, speed: Fraction) -> str:
    """What a take's sound is called among sounds where it plays at another speed."""
    return f"take:{take}@{speed}"


@dataclass(frozen=True, slots=True)
class _Source:
    """The sound a run plays from: its name, its length, and where source frames begin in it."""

    name: str
    samples: int
    rate: Rate
    speed: Fraction

    def at(self, frame: int) -> int:
        """The sample at which a source frame begins."""
        return round(self.rate.samples(frame) / self.speed)


def _source(timeline: Timeline, facts: Facts, event: Event) -> _Source:
    """The sound of an event's take; stretched where the event asks for it and is retimed."""
    sound = facts.takes[event.take].sound
    samples = sound.samples if sound is not None else 0
    if not event.retimed:
        return _Source(f"take:{event.take}", samples, timeline.rate, Fraction(1))
    name = stretched(event.take, event.speed)
    return _Source(name, round(samples / event.speed), timeline.rate, event.speed)


def place_native(timeline: Timeline, facts: Facts) -> NativeSounds:
    """Every event's native sound as pieces.

    Starts and ends are the samples at which frames begin, so a programme of any length has no
    rounding to add up. Sound plays forwards and at its own speed, or stretched where the event
    asks for it: other retimed, reversed and extended frames are silent. Where two runs meet at a
    cut both fade for 5 ms; across a transition or a blended loop seam they crossfade at equal
    power if both have sound to borrow.
    """
    events = tuple(_sounding(timeline, facts))
    problems = [*_absent(timeline, facts), *_left_out(events)]
    overlaps = dict(_overlaps(timeline))
    runs = _through(_runs(events), overlaps)
    entries, exits = _edges(timeline, facts, runs, overlaps)
    problems += _uncrossed(runs, overlaps, entries)
    placed = []
    for run in runs:
        entry, exit_ = entries.get(run.record.start, _CUT), exits.get(run.record.end, _CUT)
        piece, lack = _piece(timeline, facts, run, (entry, exit_))
        if piece.length > 0:
            placed.append((run.event.sound, piece))
        # Less than a frame is how codecs end, not a fault of the edit.
        if lack > timeline.rate.samples(1):
            problems.append(
                note(
                    "sound-short",
                    f"the sound of take {run.event.take} ends {lack} samples before event "
                    f"{run.event.id} does; silent from there",
                    run.event.where,
                )
            )
    return NativeSounds(tuple(placed), tuple(problems))


def note(code: str, message: str, where: Where | None) -> Problem:
    """Something done or left out without being asked."""
    return Problem(code, message, where, severity=Severity.NOTE)


def _wanted(timeline: Timeline) -> Iterator[tuple[Event, Span]]:
    """Events whose native sound the edit wants, with their programme frames."""
    replaced = {name for layer in timeline.layers for name in layer.replaces}
    for item, record in zip(timeline.items, timeline.record_spans(), strict=True):
        if not isinstance(item, Event) or item.id in replaced:
            continue
        if item.sound.native is not NativeSound.MUTE:
            yield item, record


def _sounding(timeline: Timeline, facts: Facts) -> Iterator[tuple[Event, Span]]:
    """Wanted events whose takes have sound."""
    for event, record in _wanted(timeline):
        if facts.takes[event.take].sound is not None:
            yield event, record


def _absent(timeline: Timeline, facts: Facts) -> Iterator[Problem]:
    """A note for every take that is silent though its sound is wanted."""
    uses: dict[str, list[str]] = {}
    for event, _ in _wanted(timeline):
        if facts.takes[event.take].sound is None:
            uses.setdefault(event.take, []).append(event.id)
    for take, events in uses.items():
        yield note(
            "sound-absent",
            f"take {take} has no sound; silent in {', '.join(events)}",
            timeline.take(take).where,
        )


def _left_out(events: tuple[tuple[Event, Span], ...]) -> Iterator[Problem]:
    """A note for all sound that can't go with its picture."""
    for event, _ in events:
        if _silenced(event):
            speed = "a changing speed" if event.ramp is not None else f"speed {event.speed}"
            message = f"event {event.id} plays at {speed}: its own sound is left out"
            yield note("sound-retimed", message, event.where)
            continue
        if event.extend is not None:
            silent, slow = event.extend.frames + event.slowed, event.slowed > 0
            which = f"last {silent} frames, slowed down" if slow else f"{silent} frames added to it"
            message = f"event {event.id} is silent for the {which}"
            yield note("sound-extended", message, event.where)
        if event.loop is not None and event.loop.seam is Seam.PINGPONG and event.single > 2:
            message = f"event {event.id} is silent on its way back"
            yield note("sound-backwards", message, event.where)


def _runs(events: tuple[tuple[Event, Span], ...]) -> Iterator[_Run]:
    """Each pass of each event that plays forwards at its own speed."""
    for event, record in events:
        if _silenced(event):
            continue
        own = event.unextended - event.slowed
        for first in range(0, own, event.period):
            end = min(first + event.single, own)
            span = Span(record.start + first, record.start + end)
            yield _Run(event, span, event.source.start)


def _silenced(event: Event) -> bool:
    """Whether an event's own sound can't go with its picture."""
    return event.retimed and event.sound.native is not NativeSound.STRETCH


def _through(runs: Iterator[_Run], overlaps: dict[int, _Overlap]) -> list[_Run]:
    """Make one run of those that only go on, as where a take was cut and nothing removed."""
    done: list[_Run] = []
    for run in runs:
        last = done[-1] if done else None
        if (
            last is not None
            and last.record.end == run.record.start
            and last.source + len(last.record) == run.source
            and (last.event.take, last.event.sound) == (run.event.take, run.event.sound)
            and not run.event.retimed
            and not last.event.retimed
            and run.record.start not in overlaps
        ):
            done[-1] = replace(last, record=Span(last.record.start, run.record.end))
        else:
            done.append(run)
    return done


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
    timeline: Timeline, facts: Facts, runs: list[_Run], overlaps: dict[int, _Overlap]
) -> tuple[dict[int, _Edge], dict[int, _Edge]]:
    """How runs begin and how they end at the boundaries where pictures overlap."""
    starts = {run.record.start: run for run in runs}
    ends = {run.record.end: run for run in runs}
    entries, exits = {}, {}
    for place, overlap in overlaps.items():
        incoming, outgoing = starts.get(place), ends.get(place)
        leads = incoming is not None and _leads(timeline, facts, incoming, overlap.before)
        tails = outgoing is not None and _tails(timeline, facts, outgoing, overlap.after)
        if incoming is not None and outgoing is not None:
            crossed = _Edge(overlap.before, overlap.after, crossed=True)
            entries[place] = exits[place] = crossed if leads and tails else _CUT
        elif incoming is not None:
            entries[place] = _Edge(overlap.before if leads else 0, overlap.after)
        elif outgoing is not None:
            exits[place] = _Edge(overlap.before, overlap.after if tails else 0)
    return entries, exits


def _leads(timeline: Timeline, facts: Facts, run: _Run, frames: int) -> bool:
    """Whether a run has that many frames of sound before it."""
    rate, start = timeline.rate, run.record.start
    before = rate.samples(start) - rate.samples(start - frames)
    return _source(timeline, facts, run.event).at(run.source) >= before


def _tails(timeline: Timeline, facts: Facts, run: _Run, frames: int) -> bool:
    """Whether a run has that many frames of sound after it."""
    source, samples = _source(timeline, facts, run.event), timeline.rate.samples
    length = samples(run.record.end + frames) - samples(run.record.start)
    return source.at(run.source) + length <= source.samples


def _uncrossed(
    runs: list[_Run], overlaps: dict[int, _Overlap], entries: dict[int, _Edge]
) -> Iterator[Problem]:
    """A note for each event at whose start two sounds meet in a cut under a soft picture."""
    ends = {run.record.end for run in runs}
    told = set()
    for run in runs:
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


def _piece(
    timeline: Timeline, facts: Facts, run: _Run, edges: tuple[_Edge, _Edge]
) -> tuple[Piece, int]:
    """A run as a piece, and the samples its take's sound is too short by."""
    samples = timeline.rate.samples
    entry, leaving = edges
    start = samples(run.record.start - entry.before)
    wanted = samples(run.record.end + leaving.after) - start
    source = _source(timeline, facts, run.event)
    source_start = source.at(run.source) - (samples(run.record.start) - start)
    length = max(0, min(wanted, source.samples - source_start))
    fade_in = samples(run.record.start + entry.after) - start
    fade_out = start + wanted - samples(run.record.end - leaving.before)
    piece = Piece(
        source=source.name,
        source_start=source_start,
        start=start,
        length=length,
        fade_in=min(length, fade_in or MICRO_FADE),
        fade_out=min(length, (fade_out if length == wanted else 0) or MICRO_FADE),
        equal_power=entry.crossed or leaving.crossed,
    )
    return piece, wanted - length
