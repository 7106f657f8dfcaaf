"""Which marks a grade would bury: how much of their contrast its cube leaves, before rendering."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from finisher.audit.marks import BURIED_BELOW
from finisher.canonical import digest
from finisher.color.bake import apply
from finisher.event import Event
from finisher.ingest.gather import Gathered
from finisher.ingest.marks import kept_of
from finisher.look import Grade
from finisher.media.closeups import FEWEST, Kept, corner, inside
from finisher.plan.keeping import by_mark
from finisher.plan.model import Plan, PlannedEvent, PlannedMark
from finisher.pledge.operators import luma
from finisher.problems import FinisherError, Problem, Severity
from finisher.render.grades import Baked, bake, behind_input
from finisher.sighting import Plane
from finisher.store import Store
from finisher.timeline import Mark, Timeline
from finisher.watermark.evidence import amplitude
from finisher.watermark.planes import carried, coded, plane_of
from finisher.watermark.template import AnyTemplate, read_template, sha256, views

_LOOKED_AT = 6
"""Pictures of a take that a mark's contrast is measured in: a grade does to all alike."""
_KIND, _REVISION = "contrast", 2
"""Raised when the same contrast would be measured differently by this code."""


def buried_marks(
    plan: Plan, timeline: Timeline, found: Gathered, store: Store
) -> tuple[Problem, ...]:
    """A warning for each mark of which an event's grade leaves less than the audit asks for.

    Measured where its take shows it, by its template, in pictures that were kept of it. A draft is
    not looked at, nor what effects do: those are known once they are laid on.
    """
    graded = [e for e in plan.events if e.marks and not behind_input(e.grade).identity]
    if plan.preset.draft or not graded:
        return ()
    baked: dict[Grade, Baked] = {}
    # A look that can't be read is told where it is needed to render.
    with suppress(FinisherError):
        baked = bake({behind_input(event.grade) for event in graded}, store)
    edited = {item.id: item for item in timeline.items if isinstance(item, Event)}
    return tuple(
        _told(edited[event.id], timeline.mark(mark), part)
        for event in graded
        if behind_input(event.grade) in baked
        for mark, part in _left(event, baked[behind_input(event.grade)], found, store)
        if part < BURIED_BELOW
    )


def _told(event: Event, mark: Mark, part: float) -> Problem:
    """The warning."""
    message = f"event {event.id!r}: its grade leaves {part:.0%} of the contrast of the mark "
    message += repr(mark.id)
    if mark.may_lose is not None:
        message += f"; allowed because: {mark.may_lose}"
    hint = "a gentler grade keeps it in sight; the finished file's audit calls it degraded at best"
    return Problem("mark-buried", message, event.where, hint, Severity.WARNING)


def _left(
    event: PlannedEvent, baked: Baked, found: Gathered, store: Store
) -> Iterator[tuple[str, float]]:
    """Marks of a graded event that its take shows, each with the part of its contrast left."""
    facts = dict(found.facts.takes[event.take].marks)
    for name, places in by_mark(event).items():
        key, png = found.surroundings.get((event.take, name)), found.templates.get(name)
        if key is None or png is None or name not in facts or not facts[name].found:
            continue
        parts = (_part(place, event, (key, png), baked, store) for place in places)
        # A grade does the same wherever a mark stands: one place tells.
        part = next((one for one in parts if one is not None), None)
        if part is not None:
            yield name, part


def _part(
    mark: PlannedMark, event: PlannedEvent, known: tuple[str, bytes], baked: Baked, store: Store
) -> float | None:
    """How much of a mark's contrast is left at one of its places, measured once and kept.

    `known` are the key of what was kept of it, and its template. None where too little was kept.
    """
    key, png = known
    box = event.framing.origin(mark.box)
    name = digest([key, box.numbers, sha256(png), baked.key, _REVISION])
    stored = store.read(_KIND, name)
    if isinstance(stored, float):
        return stored
    seen = kept_of(key, store)
    if seen is None:
        return None
    at = corner(box, seen.wanted.size, event.framing.source)
    rows = list(seen.wanted.rows(at).values())
    if len(rows) < FEWEST:
        return None
    step = max(1, len(rows) // _LOOKED_AT)
    looked_at, there = rows[::step][:_LOOKED_AT], inside(box, at)
    part = _measured(seen, looked_at, read_template(png), there, baked.cube)
    if part is not None:
        store.write(_KIND, name, part)
    return part


def _measured(
    seen: Kept,
    rows: Sequence[int],
    template: AnyTemplate,
    box: tuple[float, float, float, float],
    cube: NDArray[np.float32],
) -> float | None:
    """A mark's strength behind a cube, as a part of its strength before it.

    Of a coloured mark the larger part: in either of its planes it may be made out.
    """
    parts = []
    for view in views(template):
        plain = amplitude([plane_of(seen.pictures[row], view.plane) for row in rows], view, box)
        if plain > 0:
            graded = [_graded(seen.pictures[row, ..., :3], cube, view.plane) for row in rows]
            parts.append(round(max(0.0, amplitude(graded, view, box) / plain), 4))
    return max(parts, default=None)


def _graded(rgb: NDArray[np.uint8], cube: NDArray[np.float32], plane: Plane) -> NDArray[np.uint8]:
    """A plane, in limited range, of a picture behind a cube."""
    through = np.clip(apply(cube, rgb.astype(np.float32) / np.float32(255)), 0, 1)
    if plane is Plane.LUMA:
        return np.rint(luma(through.astype(np.float64))).astype(np.uint8)
    return carried(coded(through, plane), plane)
