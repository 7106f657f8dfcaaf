"""Each event resolved for one deliverable: framing, grade, marks, and what is done to it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from finisher.event import Event
from finisher.facts import Facts
from finisher.geometry import Raster, frame
from finisher.look import CDL, Grade
from finisher.plan.decode import read_as
from finisher.plan.doings import doings
from finisher.plan.model import Mix, Picture, PlannedEvent, PlannedMark, Shot, Working
from finisher.plan.picture import Track, unworked
from finisher.plan.placing import placed
from finisher.timecode import Span
from finisher.timeline import Timeline


@dataclass(frozen=True, slots=True)
class _Context:
    """What every event is resolved against."""

    timeline: Timeline
    facts: Facts
    raster: Raster
    unworked: dict[int, tuple[int, tuple[Picture, ...]]]


def resolve(
    timeline: Timeline, facts: Facts, raster: Raster, layout: Track
) -> tuple[PlannedEvent, ...]:
    """The events of the timeline as this deliverable shows them."""
    indexes = {name: take.index for name, take in facts.takes.items()}
    context = _Context(timeline, facts, raster, unworked(timeline, indexes, layout, facts.motions))
    events = [item for item in timeline.items if isinstance(item, Event)]
    return tuple(
        replace(
            _event(context, event, record, _own_frames(layout.pictures, i, record)),
            seam=facts.loops.get(event.id),
            working=_working(context, event, i),
        )
        for i, (event, record) in enumerate(zip(events, layout.records, strict=True))
    )


def _event(context: _Context, event: Event, record: Span, own_frames: int) -> PlannedEvent:
    """One event, resolved."""
    take = context.facts.takes[event.take]
    framing = frame(take.raster, context.raster, event.fit, event.focus)
    boxes = [
        (mark, context.timeline.mark(mark).box) for mark in context.timeline.take(event.take).marks
    ]
    grade = grade_of(context.timeline, context.facts, event)
    marks = tuple(
        PlannedMark(mark, framing.project(box), float(framing.visible(box))) for mark, box in boxes
    )
    done = doings(event, take, framing, grade, context.timeline.rate)
    return PlannedEvent(
        id=event.id,
        take=event.take,
        record=record,
        source=event.source,
        framing=framing,
        grade=grade,
        marks=marks,
        may_crop=event.may_crop,
        own_frames=own_frames,
        edits=tuple(name for name, _ in done),
        told=tuple((name, words) for name, words in done if words),
    )


def _working(context: _Context, event: Event, number: int) -> Working | None:
    """What an event's effects are laid on, None where it has none or is never on screen."""
    if number not in context.unworked:
        return None
    first, pictures = context.unworked[number]
    framing = frame(context.facts.takes[event.take].raster, context.raster, event.fit, event.focus)
    effects = tuple(placed(effect, framing) for effect in event.effects)
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
