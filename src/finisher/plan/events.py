"""Each event resolved for one deliverable: framing, grade, marks, and what is done to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from finisher.event import Event
from finisher.facts import Facts
from finisher.geometry import Framing
from finisher.look import CDL, Grade
from finisher.plan.decode import read_as
from finisher.plan.doings import doings
from finisher.plan.hidden import unheard
from finisher.plan.marks import Sighting, Standing, Unworked, planned, sightings, standing
from finisher.plan.model import Mix, Picture, PlannedEvent, PlannedMark, Shot, Working
from finisher.plan.picture import Track, unworked
from finisher.plan.placing import placed
from finisher.timecode import Span
from finisher.timeline import Carrier, Timeline


@dataclass(frozen=True, slots=True)
class _Context:
    """What every event is resolved against."""

    timeline: Timeline
    facts: Facts
    framings: Mapping[str, Framing]
    layout: Track
    unworked: Unworked
    standing: Mapping[str, tuple[Standing, ...]]
    """Where marks stand in the takes that carry any."""
    seen: Mapping[int, list[Sighting]]
    """Frames that show events of such takes."""
    sound: bool
    """Whether sound is delivered at all."""


def resolve(
    timeline: Timeline,
    facts: Facts,
    framings: Mapping[str, Framing],
    layout: Track,
    *,
    sound: bool = True,
) -> tuple[PlannedEvent, ...]:
    """The events of the timeline as this deliverable shows them.

    `framings` go by their names; `sound` is whether the deliverable has any.
    """
    indexes = {name: take.index for name, take in facts.takes.items()}
    worked = unworked(timeline, indexes, layout, facts.motions)
    events = [item for item in timeline.items if isinstance(item, Event)]
    stood = {
        take.id: tuple(
            standing(timeline.mark(name), facts.takes[take.id], timeline.rate)
            for name in take.marks
        )
        for take in timeline.takes
        if take.marks
    }
    wanted = {number for number, event in enumerate(events) if event.take in stood}
    seen = sightings(layout, worked, wanted) if wanted else {}
    context = _Context(timeline, facts, framings, layout, worked, stood, seen, sound)
    return tuple(_event(context, event, i) for i, event in enumerate(events))


def _event(context: _Context, event: Event, number: int) -> PlannedEvent:
    """One event, resolved."""
    timeline, take = context.timeline, context.facts.takes[event.take]
    framing, record = context.framings[event.id], context.layout.records[number]
    grade = grade_of(timeline, context.facts, event)
    done = doings(event, take, framing, grade, timeline.rate)
    return PlannedEvent(
        id=event.id,
        take=event.take,
        record=record,
        source=event.source,
        framing=framing,
        grade=grade,
        marks=tuple(_marks(context, event, number)),
        may_crop=event.may_crop,
        own_frames=_own_frames(context.layout.pictures, number, record),
        edits=tuple(name for name, _ in done),
        seam=context.facts.loops.get(event.id),
        working=_working(context, event, number),
        told=tuple((name, words) for name, words in done if words),
        hidden=tuple(_hidden(context, event)),
    )


def _marks(context: _Context, event: Event, number: int) -> Iterator[PlannedMark]:
    """The marks an event shows, in each of their boxes."""
    for stood in context.standing.get(event.take, ()):
        yield from planned(stood, context.seen.get(number, ()), context.framings[event.id])


def _hidden(context: _Context, event: Event) -> Iterator[str]:
    """Hidden marks in the pictures an event shows, or in its own sound where that is heard."""
    timeline = context.timeline
    for name in timeline.take(event.take).hidden:
        in_picture = timeline.hidden_mark(name).carrier is Carrier.PICTURE
        if in_picture or (context.sound and not unheard(timeline, event)):
            yield name


def _working(context: _Context, event: Event, number: int) -> Working | None:
    """What an event's effects are laid on, None where it has none or is never on screen."""
    if number not in context.unworked:
        return None
    first, pictures = context.unworked[number]
    effects = tuple(placed(effect, context.framings[event.id]) for effect in event.effects)
    return Working(first, pictures, context.timeline.rate, effects)


def grade_of(timeline: Timeline, facts: Facts, event: Event) -> Grade:
    """The grade of an event: its session's match and look, unless the event overrides them.

    It begins with what brings its take to Rec.709. Strength scales the session's match; an event's
    own CDL is applied as given.
    """
    session = timeline.session(timeline.take(event.take).session)
    matched, cdl, look = Grade(), CDL(), None
    if session is not None:
        look = session.look
        cdl = session.cdl or CDL()
        strength = session.strength if event.strength is None else event.strength
        if session.id in facts.matches:
            matched = facts.matches[session.id].grade(strength)
    if event.cdl is not None:
        cdl = event.cdl
    if event.look is not None:
        look = event.look
    take = facts.takes[event.take]
    space = read_as(take.tags, take.pixel_format, take.raster).space
    return replace(
        matched, cdl=cdl, look=facts.looks[look] if look is not None else None, input=space
    )


def _own_frames(pictures: tuple[Picture, ...], number: int, record: Span) -> int:
    """Frames of an event that show its generator's pictures alone, one after the other."""
    own, last = 0, None
    for picture in pictures[record.start : record.end]:
        if isinstance(picture, Shot) and picture.event == number:
            own += last is None or picture.picture == last + 1
            last = picture.picture
        elif isinstance(picture, Mix):
            last = None
    return own
