"""What is worth knowing of marks before anything is rendered, and is not forbidden."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from finisher.event import Event
from finisher.plan.framings import moved
from finisher.plan.hidden import crossfaded, treated
from finisher.plan.model import PlannedEvent
from finisher.presets.model import Preset
from finisher.problems import Problem, Severity, Where, listed
from finisher.timeline import Carrier, HiddenMark, Timeline

_NAMED = 8
"""Takes or events that one remark names; it counts the others."""

Pairs = Sequence[tuple[Event, PlannedEvent]]


def mark_remarks(
    timeline: Timeline, preset: Preset, planned: Sequence[PlannedEvent]
) -> list[Problem]:
    """What is to be said of marks; `planned` are the events of the timeline, in their order.

    Windows that were moved to keep marks whole, hidden marks that are not sure to be read again,
    and takes of which nobody told what they carry.
    """
    events = (item for item in timeline.items if isinstance(item, Event))
    pairs = list(zip(events, planned, strict=True))
    return [
        *_moved(preset, pairs),
        *_in_pictures(timeline, preset, pairs),
        *_in_sound(timeline, pairs),
        *_untold(timeline),
    ]


def _moved(preset: Preset, pairs: Pairs) -> Iterator[Problem]:
    """A note for each window that is not where the event has it."""
    for event, planned in pairs:
        words = moved(planned.framing, event)
        if words:
            message = f"event {event.id!r}, preset {preset.name}: its window is {words}"
            yield Problem("framing-moved", message, event.where, severity=Severity.NOTE)


def _in_pictures(timeline: Timeline, preset: Preset, pairs: Pairs) -> Iterator[Problem]:
    """A warning for each mark in pictures that are not only cut to length and encoded."""
    for mark in _hidden(timeline, Carrier.PICTURE):
        events, what = _worked(mark, pairs, lambda _, planned: _done(planned))
        if not events:
            continue
        message = (
            f"the hidden mark {mark.id!r}, preset {preset.name}: the pictures of {_list(events)} "
            f"are {what}: who has not the take will hardly read it again"
        )
        if mark.may_lose is not None:
            message += f"; allowed because: {mark.may_lose}"
        hint = "what is left of it is looked for in the finished file"
        yield Problem("hidden-mark-worked", message, mark.where, hint, Severity.WARNING)


def _done(planned: PlannedEvent) -> list[str]:
    """What is done to an event's pictures that a reader without the take can't undo."""
    framing = planned.framing
    crop, place = framing.crop, framing.place
    told = (
        ("cropped", crop.area != framing.source.width * framing.source.height),
        ("scaled", (crop.width, crop.height) != (place.width, place.height)),
        ("graded", not planned.grade.identity),
        ("worked on by effects", planned.working is not None),
    )
    return [words for words, done in told if done]


def _in_sound(timeline: Timeline, pairs: Pairs) -> Iterator[Problem]:
    """A note for each mark in sound of which nobody can say whether it comes through."""
    marks = list(_hidden(timeline, Carrier.SOUND))
    faded = crossfaded(timeline) if marks else frozenset()
    for mark in marks:
        events, what = _worked(
            mark, pairs, lambda event, _: treated(timeline, event, crossfaded=event.id in faded)
        )
        if events:
            message = f"the mark {mark.id!r} in the sound of {_list(events)} is {what}: whether "
            message += "it can still be read is not promised"
            yield Problem("mark-unpromised", message, mark.where, severity=Severity.NOTE)


def _worked(
    mark: HiddenMark, pairs: Pairs, done: Callable[[Event, PlannedEvent], Sequence[str]]
) -> tuple[list[str], str]:
    """The events that carry a mark and have something done to them, and all of it in words."""
    told = {event.id: done(event, one) for event, one in pairs if mark.id in one.hidden}
    what = ", ".join(dict.fromkeys(word for words in told.values() for word in words))
    return [name for name, words in told.items() if words], what


def _hidden(timeline: Timeline, carrier: Carrier) -> Iterator[HiddenMark]:
    return (mark for mark in timeline.hidden if mark.carrier is carrier)


def untold(timeline: Timeline) -> tuple[str, ...]:
    """Takes that events use and of which the edit does not say which marks they carry."""
    return tuple(take.id for take in timeline.used if not take.marks_told)


def _untold(timeline: Timeline) -> Iterator[Problem]:
    """One note for all such takes."""
    takes = untold(timeline)
    if not takes:
        return
    yield Problem(
        "marks-untold",
        f"nothing is said of watermarks in {_list(takes)}: none is looked for or kept there",
        Where(timeline.path),
        hint='"watermark" on a take names what it carries, [] that it carries none',
        severity=Severity.NOTE,
    )


def _list(names: Sequence[str]) -> str:
    """Names as a remark tells them."""
    return listed([repr(name) for name in names], _NAMED)
