"""Room tone: what a take's quietest stretch fills where an event's own sound is not heard."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from finisher.event import MICRO_FADE, Event
from finisher.facts import Facts
from finisher.hearing import ToneFacts
from finisher.plan.model import Piece, SoundTrack
from finisher.problems import Problem, Severity
from finisher.timecode import Span
from finisher.timeline import Role, Timeline

_CROSSFADE = 2_400
"""50 ms from one pass to the next: long enough that hiss shows no seam, short enough to be lost."""

_TURNS = (0, 5, 2, 7, 4, 1, 6, 3)
"""Where passes begin, in sixteenths of the stretch: a stretch that always begins at one place is
heard going round."""


@dataclass(frozen=True, slots=True)
class _Covered:
    """Programme samples that native sound fills without a break, and its fades at both ends."""

    start: int
    end: int
    fade_in: int
    fade_out: int


@dataclass(frozen=True, slots=True)
class _Hole:
    """Programme samples without native sound, how long those beside it fade, and what fills it."""

    span: Span
    before: int
    after: int
    take: str
    gain: float


def room_tones(
    timeline: Timeline, facts: Facts, native: Sequence[Piece]
) -> tuple[tuple[SoundTrack, ...], tuple[Problem, ...]]:
    """Tracks of room tone, one for each gain, and warnings where there is none to be had.

    It is heard in the frames of each event that asks for it wherever no native sound is, an
    event's own or one that reaches over a cut, and fades against what is beside it.

    Args:
        timeline: the edit.
        facts: with the stretch to take of each take whose room is wanted.
        native: all native sound as placed.
    """
    holes: list[_Hole] = []
    problems, covered = [], _covered(native)
    programme = timeline.rate.samples(timeline.length)
    for item, record in zip(timeline.items, timeline.record_spans(), strict=True):
        if not isinstance(item, Event) or item.sound.room_tone is None:
            continue
        span = Span(timeline.rate.samples(record.start), timeline.rate.samples(record.end))
        found = list(_holes(span, covered, item.sound.room_tone, item.sound.gain_db))
        if item.sound.room_tone in facts.tones:
            holes += found
        elif found:
            problems.append(_none(item))
    pieces: dict[float, list[Piece]] = {}
    for hole in _joined(holes):
        into = pieces.setdefault(hole.gain, [])
        into += _filled(_widened(hole, programme), facts.tones[hole.take], len(into))
    tracks = (
        SoundTrack(_name(gain), Role.AMBIENCE, gain, tuple(placed))
        for gain, placed in pieces.items()
    )
    return tuple(tracks), tuple(problems)


def _name(gain: float) -> str:
    """`room-tone`, `room-tone-6dB`."""
    return f"room-tone{gain:+g}dB" if gain else "room-tone"


def _none(event: Event) -> Problem:
    return Problem(
        "room-tone-none",
        f"event {event.id}: no quiet stretch was found in the sound of take "
        f"{event.sound.room_tone}; it is silent where its own sound is not heard",
        event.where,
        hint="name a take of the same room",
        severity=Severity.WARNING,
    )


def _covered(native: Iterable[Piece]) -> list[_Covered]:
    """What native sound fills, in order and apart."""
    found: list[_Covered] = []
    for piece in sorted(native, key=lambda piece: piece.start):
        end, last = piece.start + piece.length, found[-1] if found else None
        if last is None or piece.start > last.end:
            found.append(_Covered(piece.start, end, piece.fade_in, piece.fade_out))
        elif end > last.end:
            found[-1] = replace(last, end=end, fade_out=piece.fade_out)
    return found


def _holes(span: Span, covered: Sequence[_Covered], take: str, gain: float) -> Iterator[_Hole]:
    """What no native sound covers of an event, with the fades of those it meets."""
    at, fade = span.start, 0
    first = bisect_left(covered, span.start, key=lambda part: part.end)
    for part in itertools.islice(covered, first, None):
        if part.start > span.end:
            break
        if part.start > at:
            yield _Hole(Span(at, part.start), fade, part.fade_in, take, gain)
        at, fade = part.end, part.fade_out
    if at < span.end:
        yield _Hole(Span(at, span.end), fade, 0, take, gain)


def _joined(holes: Iterable[_Hole]) -> list[_Hole]:
    """Holes that touch made one where the same tone fills both, and crossed into where not."""
    done: list[_Hole] = []
    for hole in holes:
        last = done[-1] if done else None
        if last is None or last.span.end != hole.span.start:
            done.append(hole)
        elif (last.take, last.gain) == (hole.take, hole.gain):
            done[-1] = replace(last, span=Span(last.span.start, hole.span.end), after=hole.after)
        else:
            done[-1] = replace(last, after=MICRO_FADE)
            done.append(hole)
    return done


def _widened(hole: _Hole, programme: int) -> _Hole:
    """A hole that reaches under the fades beside it, inside the programme."""
    start, end = hole.span.start - hole.before, hole.span.end + hole.after
    reach = Span(max(0, start), min(programme, end))
    before, after = hole.before or MICRO_FADE, hole.after or MICRO_FADE
    return replace(hole, span=reach, before=before, after=after)


def _filled(hole: _Hole, tone: ToneFacts, done: int) -> Iterator[Piece]:
    """Passes of the stretch from end to end of a hole, each crossing into the next."""
    whole = len(tone.span)
    cross = min(_CROSSFADE, whole // 4)
    start = hole.span.start
    for turn in itertools.count(done):
        into = whole * _TURNS[turn % len(_TURNS)] // 16
        left = hole.span.end - start
        length = min(left, whole - into)
        if whole >= left > length:
            into, length = whole - left, left  # the last pass, when one is enough
        first, last = start == hole.span.start, length == left
        yield Piece(
            source=f"take:{hole.take}",
            source_start=tone.span.start + into,
            start=start,
            length=length,
            fade_in=min(length, hole.before if first else cross),
            fade_out=min(length, hole.after if last else cross),
            equal_power=True,
        )
        if last:
            return
        start += length - cross
