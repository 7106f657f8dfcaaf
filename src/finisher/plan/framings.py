"""How each event is framed for a deliverable, and what is moved so that its marks stay whole."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain, zip_longest

from finisher.event import Event, Item
from finisher.facts import Facts, TakeFacts
from finisher.geometry import Box, Fit, Framing, Raster, frame, hull
from finisher.plan.marks import Standing, standing
from finisher.plan.picture import parts
from finisher.timecode import Rate
from finisher.timeline import Timeline


def framings(
    timeline: Timeline, facts: Facts, raster: Raster, closing: int = 0
) -> dict[str, Framing]:
    """The framing of each event, by its name.

    It holds what the event shows in the whole edit at its own rate, so that a part of it, or
    another rate, is framed alike. `closing` are the frames in which the programme's end dissolves
    into its beginning.
    """
    found: dict[str, Framing] = {}
    stood: dict[str, list[Standing]] = {}
    for number, (item, after) in enumerate(zip_longest(timeline.items, timeline.items[1:])):
        if not isinstance(item, Event):
            continue
        take, keep = facts.takes[item.take], None
        if item.keep_visible and item.fit in (Fit.COVER, Fit.WIDEN):
            if item.take not in stood:
                marks = map(timeline.mark, timeline.take(item.take).marks)
                stood[item.take] = [standing(mark, take, timeline.rate) for mark in marks]
            positions = _positions(item, after, 0 if number else closing)
            keep = _kept(item, stood[item.take], _pictures(item, positions, take, timeline.rate))
        found[item.id] = frame(take.raster, raster, item.fit, item.focus, keep)
    return found


def unkept(framing: Framing, event: Event) -> Framing:
    """How an event would be framed if nothing had to be kept."""
    return frame(framing.source, framing.raster, event.fit, event.focus)


def moved(framing: Framing, event: Event) -> str:
    """What was done to keep an event's marks whole, in words; empty where nothing was."""
    if not event.keep_visible or framing == (plain := unkept(framing, event)):
        return ""
    names = ", ".join(map(repr, event.keep_visible))
    if framing.place != plain.place or framing.crop.area != plain.crop.area:
        crop = framing.crop
        return f"widened to {crop.width}x{crop.height}, between bars, to keep {names} whole"
    across, down = framing.crop.x - plain.crop.x, framing.crop.y - plain.crop.y
    ways = ((across, "right", "left"), (down, "down", "up"))
    told = [f"{abs(by)} pixels {more if by > 0 else less}" for by, more, less in ways if by]
    return f"moved {' and '.join(told)} to keep {names} whole"


def _positions(event: Event, after: Item | None, closing: int) -> range:
    """An event's positions that are on screen, handles lent to either side among them."""
    coming, going = event.transition, after.transition if isinstance(after, Event) else None
    before = max(closing, coming.before if coming is not None else 0)
    return range(-before, event.length + (going.after if going is not None else 0))


def _kept(event: Event, stood: Sequence[Standing], seen: Collection[int]) -> Box | None:
    """The box around every box of the marks that an event keeps; None for nothing.

    `seen` are the pictures of its take that it shows.
    """
    boxes = {
        one.boxes[number]
        for one in stood
        if one.mark in event.keep_visible
        for number in {one.at(ordinal) for ordinal in seen}
        if number is not None
    }
    return hull(boxes) if boxes else None


def _pictures(event: Event, positions: range, take: TakeFacts, rate: Rate) -> set[int]:
    """Ordinals of the take's pictures that an event shows at these positions."""
    seen: set[int] = set()
    for part in chain.from_iterable(parts(event.cel(position)) for position in positions):
        instant = rate.seconds(part)
        if isinstance(part, int):
            seen.add(take.index.at(instant))
        else:
            ordinal, way = take.index.between(instant)
            seen |= {ordinal, ordinal + (way > 0)}
    return seen
