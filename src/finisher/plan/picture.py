"""The picture track frame by frame: which source pictures every programme frame is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType

from finisher.event import Blend, Cel, Conform, Event, Gap, Item, Transition, TransitionKind
from finisher.facts import FrameIndex, MotionFacts
from finisher.plan.model import Fill, Mix, Picture, Shot, Worked
from finisher.problems import Problem, Severity
from finisher.timecode import Rate, Span
from finisher.timeline import Timeline

Motions = Mapping[str, MotionFacts]
_NO_MOTIONS: Motions = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Track:
    """The picture track: one `Picture` a programme frame, and the range of each event."""

    pictures: tuple[Picture, ...]
    records: tuple[Span, ...]
    """One span per event, in the order of the events; gaps are left out."""


class _Resolver:
    """Turns positions inside events into pictures of takes, and notes what is not there."""

    def __init__(
        self,
        timeline: Timeline,
        indexes: dict[str, FrameIndex],
        motions: Motions,
    ) -> None:
        self.motions = motions
        self.events = [item for item in timeline.items if isinstance(item, Event)]
        self.rate = timeline.rate
        self.indexes = indexes
        self.number = {id(event): i for i, event in enumerate(self.events)}
        self.shown = {
            take: [index.at(self.rate.seconds(k)) for k in range(index.frames_at(self.rate))]
            for take, index in indexes.items()
        }
        """The picture on screen at each programme frame of a take."""

    def available(self, event: Event) -> int:
        """Programme frames the event's take can show."""
        return len(self.shown[event.take])

    def picture(self, item: Item, position: int) -> Picture:
        """What an item shows at a position, its own or a handle's."""
        if isinstance(item, Gap):
            return Fill()
        if item.effects:
            return Worked(self.number[id(item)], position)
        return self._of_cel(item, item.cel(position))

    def unworked(self, number: int, position: int) -> Picture:
        """What an event shows at a position before any effect."""
        event = self.events[number]
        return self._of_cel(event, event.cel(position))

    def _of_cel(self, event: Event, cel: Cel) -> Picture:
        if isinstance(cel, Blend):
            old, new = (self._of_cel(event, part) for part in (cel.outgoing, cel.incoming))
            kind = self._between(event, old) if cel.motion else TransitionKind.DISSOLVE
            return Mix(kind, old, new, cel.step, cel.of)
        index, number = self.indexes[event.take], self.number[id(event)]
        if isinstance(cel, int):
            if cel < 0:
                raise IndexError(f"take {event.take} has no frame {cel}")
            return Shot(number, self.shown[event.take][cel])
        ordinal, part = index.between(self.rate.seconds(cel))
        if part == 0:
            return Shot(number, ordinal)
        old, moving = Shot(number, ordinal), event.conform is Conform.MOTION
        return Mix(
            self._between(event, old) if moving else TransitionKind.DISSOLVE,
            old,
            Shot(number, ordinal + 1),
            part.numerator - 1,
            part.denominator - 1,
        )

    def _between(self, event: Event, outgoing: Picture) -> TransitionKind:
        """How a picture between two of an event's own is made: along its motion, if it has one."""
        motion = self.motions.get(event.id)
        if motion is None:
            return TransitionKind.BLEND
        lost = not isinstance(outgoing, Shot) or outgoing.picture in motion.broken
        return TransitionKind.DISSOLVE if lost else TransitionKind.BLEND

    def into(self, event: Event, transition: Transition) -> TransitionKind:
        """How an event comes in: a blend along a motion that can't be followed is a dissolve."""
        motion = self.motions.get(coming_in(event.id))
        if transition.kind is TransitionKind.BLEND and motion is not None and not motion.followed:
            return TransitionKind.DISSOLVE
        return transition.kind


def coming_in(event: str) -> str:
    """What the transition into an event is called among motions, where events go by their ids.

    No id holds a slash.
    """
    return f"{event}/in"


def _frames_of(event: Event, positions: range) -> Iterator[int]:
    """Source frames an event touches at these positions, the first and the last among them."""
    if event.loop is None and event.extend is None and len(positions) > 2:
        # A single pass goes one way.
        positions = positions[:: len(positions) - 1]
    for position in positions:
        yield from map(math.floor, parts(event.cel(position)))


def parts(cel: Cel) -> Iterator[int | Fraction]:
    """The source positions a frame is made of."""
    if isinstance(cel, Blend):
        yield from parts(cel.outgoing)
        yield from parts(cel.incoming)
    else:
        yield cel


def missing_media(timeline: Timeline, indexes: dict[str, FrameIndex]) -> tuple[Problem, ...]:
    """Events that reach beyond their takes, and transitions without the handles they borrow."""
    resolver = _Resolver(timeline, indexes, _NO_MOTIONS)
    problems: list[Problem] = []
    for before, item, after in _neighbours(timeline.items):
        if not isinstance(item, Event):
            continue
        available = resolver.available(item)
        problems += _beyond(item, range(item.length), available, "the event")
        coming = item.transition
        if coming is not None and before is not None:
            problems += _beyond(item, range(-coming.before, 0), available, _words(coming))
        going = after.transition if isinstance(after, Event) else None
        if going is not None:
            borrowed = range(item.length, item.length + going.after)
            problems += _beyond(item, borrowed, available, _words(going, of=after))
    return tuple(problems)


def _neighbours(items: tuple[Item, ...]) -> Iterator[tuple[Item | None, Item, Item | None]]:
    """Each item with the one before and the one after it."""
    for i, item in enumerate(items):
        yield (items[i - 1] if i else None), item, (items[i + 1] if i + 1 < len(items) else None)


def _words(transition: Transition, of: Item | None = None) -> str:
    """A transition as a message names it."""
    into = f" into {of.id!r}" if isinstance(of, Event) else ""
    return f"its {transition.frames}-frame {transition.kind}{into}"


def _beyond(event: Event, positions: range, available: int, why: str) -> list[Problem]:
    """A problem where some source frame lies outside [0, available)."""
    frames = list(_frames_of(event, positions))
    if not frames:
        return []
    low, high = min(frames), max(frames)
    if low >= 0 and high < available:
        return []
    short = -low if low < 0 else high - available + 1
    side = "before its first" if low < 0 else "after its last"
    return [
        Problem(
            "handles" if positions.start < 0 or positions.start >= event.length else "range",
            f"{why} needs source frames [{low}, {high + 1}) of take {event.take!r}, "
            f"which has [0, {available}): {short} too few {side} frame",
            event.where,
            f'a still is held by "freeze": {event.length}' if available == 1 else None,
        )
    ]


def track(
    timeline: Timeline,
    indexes: dict[str, FrameIndex],
    motions: Motions = _NO_MOTIONS,
) -> Track:
    """Lay out the whole picture track; every frame it names must exist (`missing_media`).

    `motions` are known by the ids of events, and those of transitions by `coming_in`: where one
    can't be followed a plain mix stands for the blend along it.
    """
    resolver = _Resolver(timeline, indexes, motions)
    pictures: list[Picture] = []
    records: list[Span] = []
    for before, item, after in _neighbours(timeline.items):
        start = len(pictures)
        pictures += [resolver.picture(item, k) for k in range(item.length)]
        if isinstance(item, Event):
            records.append(Span(start, len(pictures)))
            if item.transition is not None:
                _overlay_after(pictures, resolver, before, item, start)
        if isinstance(after, Event) and after.transition is not None:
            _overlay_before(pictures, resolver, after)
    return Track(tuple(pictures), tuple(records))


def _span_of(transition: Transition, *, first: bool) -> tuple[int, int]:
    """Frames before and after the cut; into the first event everything comes after it."""
    if first:
        return 0, transition.frames
    return transition.before, transition.after


def _overlay_after(
    pictures: list[Picture],
    resolver: _Resolver,
    outgoing: Item | None,
    event: Event,
    start: int,
) -> None:
    """Mix the outgoing item's handles into an event's first frames; from black at the start."""
    transition = event.transition
    if transition is None:
        return
    before, after = _span_of(transition, first=outgoing is None)
    for k in range(after):
        old = Fill() if outgoing is None else resolver.picture(outgoing, outgoing.length + k)
        pictures[start + k] = Mix(
            resolver.into(event, transition),
            old,
            pictures[start + k],
            before + k,
            transition.frames,
            transition.color,
        )


def _overlay_before(pictures: list[Picture], resolver: _Resolver, event: Event) -> None:
    """Mix an event's handles into the last frames of the item before it."""
    transition = event.transition
    if transition is None:
        return
    for k in range(transition.before):
        at = len(pictures) - transition.before + k
        new = resolver.picture(event, k - transition.before)
        kind = resolver.into(event, transition)
        pictures[at] = Mix(kind, pictures[at], new, k, transition.frames, transition.color)


def unworked(
    timeline: Timeline,
    indexes: dict[str, FrameIndex],
    layout: Track,
    motions: Motions = _NO_MOTIONS,
) -> dict[int, tuple[int, tuple[Picture, ...]]]:
    """For each event with effects, by number: its first position on screen, and its pictures.

    They run to its last position on screen, handles among them, as they are before any effect.
    """
    if not any(isinstance(item, Event) and item.effects for item in timeline.items):
        return {}
    shown: dict[int, list[int]] = {}
    for picture in layout.pictures:
        for worked in _worked(picture):
            shown.setdefault(worked.event, []).append(worked.position)
    resolver = _Resolver(timeline, indexes, motions)
    spans = {number: range(min(at), max(at) + 1) for number, at in shown.items()}
    return {
        number: (span.start, tuple(resolver.unworked(number, k) for k in span))
        for number, span in spans.items()
    }


def _worked(picture: Picture) -> Iterator[Worked]:
    """The pictures with effects that a picture is made of."""
    if isinstance(picture, Worked):
        yield picture
    elif isinstance(picture, Mix):
        yield from _worked(picture.outgoing)
        yield from _worked(picture.incoming)


def close_loop(
    layout: Track,
    timeline: Timeline,
    indexes: dict[str, FrameIndex],
    frames: int,
    motions: Motions = _NO_MOTIONS,
) -> tuple[Track, Problem | None]:
    """Dissolve the programme's end into its beginning, so that playing it over shows no jump.

    The first event's handles are borrowed, or black where the programme comes from black. Where
    they are too short the loop closes with a cut, and the problem says so.
    """
    resolver = _Resolver(timeline, indexes, motions)
    first, last = timeline.items[0], timeline.items[-1]
    from_black = isinstance(first, Gap) or first.transition is not None
    short = (
        _beyond(first, range(-frames, 0), resolver.available(first), "the closing loop")
        if isinstance(first, Event) and not from_black
        else []
    )
    worked = isinstance(first, Event) and bool(first.effects) and not from_black
    if short or worked or last.length < frames:
        reason = f"the last event is shorter than {frames} frames"
        if short:
            reason = short[0].message
        elif worked:
            reason = "the effects on its first event begin with the programme, not before it"
        return layout, Problem(
            "loop-cut",
            f"the programme loops with a plain cut: {reason}",
            first.where,
            severity=Severity.WARNING,
        )
    pictures = list(layout.pictures)
    for k in range(frames):
        at = len(pictures) - frames + k
        new = Fill() if from_black else resolver.picture(first, k - frames)
        pictures[at] = Mix(TransitionKind.DISSOLVE, pictures[at], new, k, frames)
    return Track(tuple(pictures), layout.records), None


def at_rate(layout: Track, edit: Rate, delivery: Rate) -> Track:
    """The track at another frame rate: frame k shows what is on screen at its instant."""
    if edit == delivery:
        return layout
    ratio = edit.fraction / delivery.fraction
    total = math.ceil(len(layout.pictures) / ratio)
    pictures = tuple(layout.pictures[math.floor(k * ratio)] for k in range(total))
    records = tuple(
        Span(_first_at(record.start, ratio), _first_at(record.end, ratio))
        for record in layout.records
    )
    return Track(pictures, records)


def _first_at(frame: int, ratio: Fraction) -> int:
    """The first delivered frame whose instant lies at or after an edit frame's."""
    return math.ceil(frame / ratio)
