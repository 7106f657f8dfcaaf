"""Places an edit names that lie where there is no picture."""

from __future__ import annotations

from collections.abc import Mapping

from finisher.event import Event
from finisher.facts import Facts
from finisher.geometry import Framing, Raster
from finisher.plan.placing import outside
from finisher.presets.model import Preset
from finisher.problems import Problem
from finisher.timeline import Timeline

_REACH = 8
"""How many times a take may be as wide, or as high, as what its hidden mark was embedded in."""


def misplaced_marks(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Marks declared where their take has no picture."""
    return [
        Problem(
            "mark-outside",
            f"mark {name!r} lies outside take {take.id!r}, which is {facts.takes[take.id].raster}",
            timeline.mark(name).where,
            hint="its box is [x, y, width, height] in the take's own pixels",
        )
        for take in timeline.takes
        for name in take.marks
        if not all(
            dwell.box.within(facts.takes[take.id].raster) for dwell in timeline.mark(name).places
        )
    ]


def misplaced_canvases(timeline: Timeline, facts: Facts) -> list[Problem]:
    """Hidden marks said to be embedded at sizes their takes can't have come from."""
    found = []
    for take in timeline.takes:
        for mark in map(timeline.hidden_mark, take.hidden):
            raster = facts.takes[take.id].raster
            if mark.canvas is not None and out_of_reach(mark.canvas, raster):
                words = f"mark {mark.id!r} is said to be embedded at {mark.canvas}, "
                words += f"and take {take.id!r} is {raster}"
                hint = (
                    f'"canvas" is at most {_REACH} times as large or small; left out, the take\'s'
                )
                found.append(Problem("mark-canvas", words, mark.where, hint))
    return found


def out_of_reach(canvas: Raster, take: Raster) -> bool:
    """Whether a canvas is so much larger or smaller than a take that it can't be its own."""
    sides = ((canvas.width, take.width), (canvas.height, take.height))
    return any(max(pair) > _REACH * min(pair) for pair in sides)


def misplaced_effects(
    timeline: Timeline, preset: Preset, framings: Mapping[str, Framing]
) -> list[Problem]:
    """Effects with a box that is none, or where their take has no picture to show.

    `framings` go by the names of events.
    """
    return [
        Problem(
            "effect-outside",
            f"event {item.id!r}, preset {preset.name}: {effect.name}: {words}",
            item.where,
            hint="places are in the take's own pixels, whatever is delivered",
        )
        for item in timeline.items
        if isinstance(item, Event)
        for effect in item.effects
        if (words := outside(effect, framings[item.id])) is not None
    ]
