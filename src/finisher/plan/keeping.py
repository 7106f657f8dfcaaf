"""Which framings keep an event's marks whole and large enough to be seen, from geometry alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from fractions import Fraction

from finisher.event import Event
from finisher.geometry import Box, Fit, Raster, Suggestion, frame, framings_that_keep, hull
from finisher.plan.model import PlannedEvent, PlannedMark

WHOLE = 0.999
"""The visible part at which a mark counts as whole: a thousandth is less than a pixel of it."""
SEEN, CLEAR = 12, 16
"""Pixels of its shorter side from which a mark can be seen at all, and told for certain."""
_SIMPLE = 64
"""Figures up to which a shape is told as a ratio."""

Places = dict[str, list[PlannedMark]]


def by_mark(event: PlannedEvent) -> Places:
    """An event's marks, each with the places it is shown at."""
    found: Places = {}
    for mark in event.marks:
        found.setdefault(mark.mark, []).append(mark)
    return found


def frames(mark: PlannedMark) -> int:
    """Programme frames that show a mark at one of its places."""
    return sum(map(len, mark.shown))


def short_side(box: Box) -> Fraction:
    """The shorter side of a box."""
    return Fraction(min(box.width, box.height))


def shape_words(raster: Raster) -> str:
    """A raster's shape: `9:16`, or its size where that is no plain ratio."""
    ratio = Fraction(raster.width, raster.height)
    plain = max(ratio.numerator, ratio.denominator) <= _SIMPLE
    return f"{ratio.numerator}:{ratio.denominator}" if plain else str(raster)


def holds(event: PlannedEvent, names: Iterable[str]) -> bool:
    """Whether some crop of the deliverable's shape holds these marks at all places shown."""
    framing, keep = event.framing, hull(_boxes(event, names))
    whole = frame(framing.source, framing.raster, Fit.COVER, (Fraction(1, 2),) * 2, keep)
    return whole.visible(keep) == 1


def ways(event: PlannedEvent, edited: Event, names: Sequence[str]) -> tuple[str, ...]:
    """What keeps these marks of an event whole, as the edit would say it; least change first.

    Each was tried: it holds every place the event shows, and shrinks no mark out of sight.
    """
    framing, boxes = event.framing, _boxes(event, names)
    keep = hull(boxes)
    found = framings_that_keep(framing.source, framing.raster, keep, edited.focus)
    return tuple(_words(way, edited, names) for way in found if _seen(way, event, boxes))


def _boxes(event: PlannedEvent, names: Iterable[str]) -> list[Box]:
    """Where marks stand in the take, at each place the event shows."""
    wanted = set(names)
    return [event.framing.origin(mark.box) for mark in event.marks if mark.mark in wanted]


def _seen(way: Suggestion, event: PlannedEvent, boxes: list[Box]) -> bool:
    """Whether a framing keeps every mark large enough, or as large as it is in its take."""
    framing = way.framing(event.framing.source, event.framing.raster, hull(boxes))
    sides = ((short_side(framing.project(box)), short_side(box)) for box in boxes)
    return all(shown >= SEEN or shown >= own for shown, own in sides)


def _words(way: Suggestion, edited: Event, names: Sequence[str]) -> str:
    """The lines to put on the event, whatever it says there now."""
    keep = f'"keep_visible": {json.dumps(names, ensure_ascii=False)}'
    fit = f'"fit": "{way.fit}"'
    if way.fit is Fit.COVER:
        across, down = map(float, way.focus)
        first = "" if edited.fit is Fit.COVER else f"{fit}, "
        return f'{first}"focus": [{across:.3f}, {down:.3f}] (or {first}{keep})'
    return f"{fit}, {keep}" if way.fit is Fit.WIDEN else fit
