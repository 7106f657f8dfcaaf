"""Places an edit names that lie where there is no picture."""

from __future__ import annotations

from collections.abc import Mapping

from finisher.event import Event
from finisher.facts import Facts
from finisher.geometry import Framing
from finisher.plan.placing import outside
from finisher.presets.model import Preset
from finisher.problems import Problem
from finisher.timeline import Timeline


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
