"""Where marks stand in their takes, and which programme frames show them there."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from finisher.facts import FrameIndex, TakeFacts
from finisher.geometry import Box, Framing
from finisher.plan.model import Mix, Picture, PlannedMark, Shot, Worked
from finisher.plan.picture import Track
from finisher.sighting import MarkPlace
from finisher.timecode import Rate, Span, runs
from finisher.timeline import Mark

Unworked = Mapping[int, tuple[int, tuple[Picture, ...]]]
"""Events with effects by number: their first position on screen, and their pictures from it on."""
Sighting = tuple[int, tuple[int, ...]]
"""A programme frame, and the pictures of one event's take that it is made of."""


def places(mark: Mark, take: TakeFacts, rate: Rate) -> tuple[MarkPlace, ...]:
    """Where a mark stands in a take, and when, by ordinals of its pictures; in order.

    `rate` is the edit's. A mark that is scanned for stands where it was found.
    """
    if not mark.scan:
        return declared(mark, take.index, rate)
    found = dict(take.marks).get(mark.id)
    return found.places if found is not None else ()


def declared(mark: Mark, index: FrameIndex, rate: Rate) -> tuple[MarkPlace, ...]:
    """Where the edit says that a mark stands in a take of that index; as `places`.

    A frame at the edit's rate means the picture on screen at its instant.
    """
    frames = index.frames_at(rate)

    def ordinal(frame: int | None) -> int:
        late = frame is None or frame >= frames
        return len(index) if late else index.at(rate.seconds(frame or 0))

    stood = ((ordinal(dwell.start), ordinal(dwell.end), dwell.box) for dwell in mark.places)
    return tuple(MarkPlace(start, end, box) for start, end, box in stood if start < end)


def sightings(
    layout: Track, unworked: Unworked, wanted: Container[int]
) -> dict[int, list[Sighting]]:
    """The programme frames that each wanted event is seen in, by its number, handles among them."""
    found: dict[int, list[Sighting]] = {}
    for frame, picture in enumerate(layout.pictures):
        seen: dict[int, tuple[int, ...]] = {}
        for event, ordinal in _shots(picture, unworked):
            if event in wanted:
                seen[event] = (*seen.get(event, ()), ordinal)
        for event, ordinals in seen.items():
            found.setdefault(event, []).append((frame, ordinals))
    return found


def _shots(picture: Picture, unworked: Unworked) -> Iterator[tuple[int, int]]:
    """The pictures of takes that a picture is made of: event and ordinal."""
    match picture:
        case Shot(event=event, picture=ordinal):
            yield event, ordinal
        case Mix(outgoing=outgoing, incoming=incoming):
            yield from _shots(outgoing, unworked)
            yield from _shots(incoming, unworked)
        case Worked(event=event, position=position):
            first, pictures = unworked[event]
            yield from _shots(pictures[position - first], unworked)
        case _:
            pass


@dataclass(frozen=True, slots=True)
class Standing:
    """A mark in a take: the boxes it stands in, each once, and which of them when."""

    mark: str
    boxes: tuple[Box, ...]
    starts: tuple[int, ...]
    """First ordinal of each of its places, in order."""
    ends: tuple[int, ...]
    which: tuple[int, ...]
    """Number of each place's box: a mark that comes back stands in the same one again."""

    def at(self, ordinal: int) -> int | None:
        """The number of the box it stands in on a picture; None for nowhere."""
        place = bisect_right(self.starts, ordinal) - 1
        return self.which[place] if place >= 0 and ordinal < self.ends[place] else None


def standing(mark: Mark, take: TakeFacts, rate: Rate) -> Standing:
    """Where a mark stands in a take; as `places`."""
    stood = places(mark, take, rate)
    numbers: dict[Box, int] = {}
    which = tuple(numbers.setdefault(place.box, len(numbers)) for place in stood)
    starts, ends = (tuple(p.start for p in stood), tuple(p.end for p in stood))
    return Standing(mark.id, tuple(numbers), starts, ends, which)


def shown(stood: Standing, seen: Iterable[Sighting]) -> dict[Box, tuple[Span, ...]]:
    """For each box a mark stands in, the frames all of whose pictures show it there.

    Boxes that are never shown are left out.
    """
    frames: dict[int, list[int]] = {}
    for frame, (first, *others) in seen:
        there = stood.at(first)
        if there is not None and all(stood.at(other) == there for other in others):
            frames.setdefault(there, []).append(frame)
    return {stood.boxes[number]: runs(frames[number]) for number in sorted(frames)}


def planned(stood: Standing, seen: Iterable[Sighting], framing: Framing) -> Iterator[PlannedMark]:
    """A mark in each box that an event shows it in, where a framing puts it."""
    for box, spans in shown(stood, seen).items():
        visible = float(framing.visible(box))
        yield PlannedMark(stood.mark, framing.project(box), visible, spans)
