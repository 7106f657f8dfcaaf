"""Where one event passes into another, read from the pictures the plan lists."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.event import TransitionKind
from finisher.plan.model import Fill, Mix, Picture, Plan, Shot, Worked
from finisher.timecode import Span


@dataclass(frozen=True, slots=True)
class Passage:
    """A transition as the programme shows it; None stands for black."""

    kind: TransitionKind
    span: Span
    outgoing: int | None
    incoming: int | None


def _owner(picture: Picture) -> int | None:
    """The event a picture speaks for; of a mix, the one that is coming."""
    match picture:
        case Shot() | Worked():
            return picture.event
        case Fill():
            return None
        case Mix():
            return _owner(picture.incoming)


def _passage_at(frame: int, picture: Picture) -> Passage | None:
    """The one frame of a transition a picture is; a loop's own seam is none."""
    if not isinstance(picture, Mix):
        return None
    outgoing, incoming = _owner(picture.outgoing), _owner(picture.incoming)
    if outgoing == incoming:
        return None
    return Passage(picture.kind, Span(frame, frame + 1), outgoing, incoming)


def passages(plan: Plan) -> tuple[Passage, ...]:
    """Every transition between two events, or an event and black, in programme order."""
    found: list[Passage] = []
    for unit in plan.units:
        for frame, picture in enumerate(unit.pictures, unit.start):
            here = _passage_at(frame, picture)
            if here is None:
                continue
            if found and _continues(found[-1], here):
                here = Passage(
                    here.kind, Span(found.pop().span.start, frame + 1), here.outgoing, here.incoming
                )
            found.append(here)
    return tuple(found)


def _continues(last: Passage, here: Passage) -> bool:
    """Whether a frame goes on with the transition before it."""
    same = (last.kind, last.outgoing, last.incoming) == (here.kind, here.outgoing, here.incoming)
    return same and last.span.end == here.span.start


def into(plan: Plan, found: tuple[Passage, ...], event: int) -> Passage | None:
    """The transition by which an event comes in; None for a cut.

    One that closes a looping programme leads to its first event too, but does not stand at its
    beginning.
    """
    start = plan.events[event].record.start
    return next(
        (p for p in found if p.incoming == event and p.span.start <= start <= p.span.end), None
    )


def gaps(plan: Plan) -> tuple[Span, ...]:
    """Stretches of the programme that belong to no event: black and silent."""
    found, reached = [], 0
    for event in plan.events:
        if event.record.start > reached:
            found.append(Span(reached, event.record.start))
        reached = max(reached, event.record.end)
    if reached < plan.frames:
        found.append(Span(reached, plan.frames))
    return tuple(found)
