"""What would happen, as tables: events, units, marks."""

from __future__ import annotations

from collections.abc import Collection
from itertools import groupby
from typing import TextIO

from finisher.console.problems import show_problems
from finisher.console.table import show_table
from finisher.plan.model import Plan, Unit
from finisher.report import phrases, sound_phrases
from finisher.report.figures import frames, timecodes
from finisher.report.passages import into, passages
from finisher.report.words import plural
from finisher.timecode import Span


def show_plan(
    plan: Plan, cached: Collection[int] | None = None, stream: TextIO | None = None
) -> None:
    """What would happen: events, units (cached where their start is in `cached`), repairs."""
    facts = f"{plan.raster}, {plan.rate} fps, {plural(plan.frames, 'frame')}"
    title = f"{plan.title}, {plan.preset.name}: {facts}"
    show_table(title, _EVENT_COLUMNS, _event_rows(plan), stream)
    show_table("Units", ("frames", "units", "state"), _unit_rows(plan, cached), stream)
    show_table("Encoded", ("because", "events"), _encoded_rows(plan), stream)
    show_table("Sound", ("what", "how", "where"), sound_phrases.rows(plan), stream)
    marks = [
        (event.id, line, event.may_crop or "")
        for event in plan.events
        for line in (*phrases.marks(event), *phrases.hidden(event))
    ]
    if marks:
        show_table("Marks", ("event", "predicted", "may be cut because"), marks, stream)
    show_problems((*plan.repairs, *plan.warnings), stream)


def _encoded_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Why pictures are encoded instead of copied, with the events each reason holds for."""
    told: dict[str, list[str]] = {}
    for event in plan.events:
        if event.encoded_because:
            part = f" ({event.copied} of {len(event.record)} copied)" if event.copied else ""
            told.setdefault(event.encoded_because, []).append(f"{event.id}{part}")
    return [(reason, ", ".join(names)) for reason, names in told.items()]


_EVENT_COLUMNS = ("event", "take", "frames", "in", "out", "source", "comes in", "framing", "edits")


def _event_rows(plan: Plan) -> list[tuple[str, ...]]:
    """Each event's place, source and treatment."""
    found = passages(plan)
    return [
        (
            event.id,
            event.take,
            frames(event.record),
            *timecodes(event.record, plan.rate),
            frames(event.source),
            phrases.arrival(plan, into(plan, found, index)),
            phrases.framing_in_brief(event.framing),
            phrases.edits_in_brief(event),
        )
        for index, event in enumerate(plan.events)
    ]


def _unit_rows(plan: Plan, cached: Collection[int] | None) -> list[tuple[str, ...]]:
    """Neighbouring units in the same state, a row each."""

    def state(unit: Unit) -> str:
        if cached is None:
            return "to be copied" if unit.copied else "planned"
        if unit.start in cached:
            return "cached"
        return "to copy" if unit.copied else "to render"

    rows: list[tuple[str, ...]] = []
    for what, run in groupby(plan.units, key=state):
        units = list(run)
        span = Span(units[0].start, units[-1].span.end)
        rows.append((frames(span), str(len(units)), what))
    return rows
