"""What finisher refuses to do: lose a credential in silence, or cut a generator's mark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from finisher.effects import tonal
from finisher.event import Event
from finisher.facts import CredentialFacts, Facts, Integrity
from finisher.plan.hidden import unheard
from finisher.plan.keeping import (
    CLEAR,
    SEEN,
    WHOLE,
    by_mark,
    frames,
    holds,
    shape_words,
    short_side,
    ways,
)
from finisher.plan.model import Plan, PlannedEvent, PlannedMark
from finisher.presets.model import ContainerFormat
from finisher.problems import Problem, Severity, Where
from finisher.timeline import HiddenMark, Layer, Mark, Take, Timeline

_TRUST = ("signingCredential.untrusted", "signingCredential.expired", "timeStamp.")
"""Codes that speak of who signed, not of what was changed."""


_FOREIGN = "sidecar-foreign"
"""The code of a file whose credentials, beside it, are another file's."""


def tampered_takes(timeline: Timeline, facts: Facts) -> tuple[Problem, ...]:
    """Files whose credentials don't agree with their content: any more, or from the start."""
    sources: list[tuple[Take | Layer, str, CredentialFacts]] = [
        *((take, "take", facts.takes[take.id].credentials) for take in timeline.takes),
        *((layer, "layer", facts.layers[layer.id].credentials) for layer in timeline.layers),
    ]
    problems = []
    for source, word, known in sources:
        if _FOREIGN in known.codes:
            problems.append(_foreign(word, source.id, source.path))
        elif known.integrity is Integrity.BROKEN:
            problems.append(_tampered(word, source.id, known.codes, source.path))
    return tuple(problems)


def _tampered(word: str, name: str, codes: tuple[str, ...], path: str) -> Problem:
    """A file that is not what its credentials were signed for."""
    told = [code for code in codes if not code.startswith(_TRUST)]
    return Problem(
        "tampered-take",
        f"{word} {name!r} is not what was signed: {', '.join(told) or 'integrity failed'}",
        Where(path),
        hint="fetch the original again; --allow-tampered-take goes on and records it in the export",
    )


def _foreign(word: str, name: str, path: str) -> Problem:
    """A file beside which lies another's store, or what became of its own."""
    hint = "fetch the original again, or take that file away; --allow-tampered-take goes on and "
    hint += "records it in the export"
    message = f"{word} {name!r}: the .c2pa file beside it is not made for it"
    return Problem("tampered-take", message, Where(path), hint)


def beside(plan: Plan, *, signs: bool) -> tuple[Problem, ...]:
    """A word on credentials that the container has no place for.

    `signs` is whether the export is to be signed.
    """
    webm = plan.preset.container.format is ContainerFormat.WEBM
    if not signs or not webm or plan.preset.draft:
        return ()
    message = "webm has no place for Content Credentials: they lie beside the film, in a .c2pa "
    message += "file to be delivered with it"
    return (Problem("credentials-beside", message, severity=Severity.WARNING),)


@dataclass(frozen=True, slots=True)
class _Case:
    """A visible mark of one event, wherever the event shows it."""

    plan: Plan
    planned: PlannedEvent
    event: Event
    mark: Mark
    places: Sequence[PlannedMark]
    timeline: Timeline

    def told(self, code: str, what: str) -> Problem:
        """That it would be lost: refused, or allowed with the reason that was given."""
        event, reason = self.event, _excuse(self.event, self.mark)
        if reason is not None:
            return _allowed(code, what, event.where, reason)
        asked = (self.mark.id, *event.keep_visible)
        # The mark, and all others of the event that may not be lost.
        held = [
            name
            for name in by_mark(self.planned)
            if name in asked or self.timeline.mark(name).may_lose is None
        ]
        kept_by = ways(self.planned, event, held)
        none = "no framing keeps it at this size"
        hint = "kept by " + ", or ".join(kept_by) if kept_by else none
        return Problem(code, what, event.where, hint)


def _allowed(code: str, what: str, where: Where | None, reason: str) -> Problem:
    """What would be refused, had no reason been given for it."""
    message = f"{what}; allowed because: {reason}"
    return Problem(code, message, where, severity=Severity.WARNING)


def _excuse(event: Event, mark: Mark) -> str | None:
    """Why an event may lose a mark; nothing excuses the loss of one that it asks for."""
    return None if mark.id in event.keep_visible else event.may_crop or mark.may_lose


def _cases(plan: Plan, timeline: Timeline) -> Iterator[_Case]:
    """Every visible mark of every event."""
    for planned, event in _shown(plan, timeline):
        for name, places in by_mark(planned).items():
            yield _Case(plan, planned, event, timeline.mark(name), places, timeline)


def cropped_marks(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Marks this deliverable would cut, with the framings that keep them; one for each mark.

    An event that says `may_crop`, or a mark that says `may_lose`, gets a warning instead of an
    error; but not where the event asks for the mark by `keep_visible`.
    """
    return tuple(
        _cropped(case)
        for case in _cases(plan, timeline)
        if any(place.visible < WHOLE for place in case.places)
    )


def _cropped(case: _Case) -> Problem:
    """One mark that a framing would cut at some of its places."""
    cut = [place for place in case.places if place.visible < WHOLE]
    preset, raster = case.plan.preset.name, case.plan.raster
    kept = min(place.visible for place in cut)
    what = (
        f"event {case.event.id!r}: {preset} ({raster}) would keep {int(100 * kept)}% of the mark "
        f"{case.mark.id!r}"
    )
    jumps, asked = len(case.places) > 1, case.mark.id in case.event.keep_visible
    if jumps:
        lost, seen = (sum(map(frames, places)) for places in (cut, case.places))
        what += f" at {len(cut)} of its {len(case.places)} places ({lost} of {seen} frames)"
    shape = shape_words(raster)
    if not holds(case.planned, [case.mark.id]):
        if jumps:
            what += f": it jumps, and no {shape} crop holds all its places"
        elif asked:
            what += f": no {shape} crop holds it"
    elif asked:
        what += f": no {shape} crop holds it with what else is to be kept"
    return case.told("mark-cropped", what)


def small_marks(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Marks that this deliverable would show too small to be seen; one for each mark of an event.

    Those it shrinks below that are refused unless the event says `may_crop`, or the mark
    `may_lose`; but not where the event asks for the mark by `keep_visible`. A draft is not looked
    at: it is small on purpose, and delivered to nobody.
    """
    if plan.preset.draft:
        return ()
    return tuple(problem for case in _cases(plan, timeline) for problem in _small(case))


def _small(case: _Case) -> Iterator[Problem]:
    """One mark that would be hard to see, if it is the framing that makes it so."""
    boxes = [place.box for place in case.places if place.visible >= WHOLE]
    box = min(boxes, key=short_side, default=None)
    if box is None or (side := short_side(box)) >= CLEAR:
        return
    shrunk = side < short_side(case.planned.framing.origin(box))
    what = (
        f"event {case.event.id!r}: {case.plan.preset.name} ({case.plan.raster}) shows the mark "
        f"{case.mark.id!r} {float(side):.3g} pixels high or wide"
    )
    if side < SEEN and shrunk:
        yield case.told("mark-too-small", f"{what}: it can be seen from {SEEN} on")
    elif side < SEEN or shrunk:
        words = f"{what}: it is told for certain from {CLEAR} on"
        yield Problem("mark-too-small", words, case.event.where, severity=Severity.WARNING)


def worked_marks(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Marks that an effect would move, cover or dissolve: all but those of light and colour may.

    An event that says `may_crop` with a reason gets a warning instead of an error, as do marks
    that say `may_lose`; but not where the event asks for the mark by `keep_visible`.
    """
    found = []
    for planned, event in _shown(plan, timeline):
        effects = planned.working.effects if planned.working is not None else ()
        names = [effect.name for effect in effects if not tonal(effect)]
        if names:
            marks = [timeline.mark(name) for name in by_mark(planned)]
            held = [mark for mark in marks if _excuse(event, mark) is None]
            free = [mark for mark in marks if _excuse(event, mark) is not None]
            found += [_worked(event, some, names) for some in (held, free) if some]
    return tuple(found)


def _worked(event: Event, marks: Sequence[Mark], names: Sequence[str]) -> Problem:
    """One event whose effects don't leave its marks alone."""
    told = ", ".join(repr(mark.id) for mark in marks)
    what = f"event {event.id!r}: {', '.join(names)} can move, cover or dissolve the mark {told}"
    reason = _excuse(event, marks[0])
    if reason is not None:
        return _allowed("effect-on-mark", what, event.where, reason)
    hint = "effects of light and colour leave marks alone; or say why with may_crop"
    if any(mark.id in event.keep_visible for mark in marks):
        hint += ", and leave them out of keep_visible"
    return Problem("effect-on-mark", what, event.where, hint)


def lost_marks(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Marks hidden in takes' own sound that is muted, replaced, stretched, or not delivered.

    A mark that says `may_lose` gets a warning instead of an error.
    """
    return tuple(
        _lost(plan, timeline, event, timeline.hidden_mark(name))
        for planned, event in _shown(plan, timeline)
        for name in timeline.take(event.take).hidden
        if name not in planned.hidden
    )


def _lost(plan: Plan, timeline: Timeline, event: Event, mark: HiddenMark) -> Problem:
    """One mark that is gone with the sound it lies in."""
    why = unheard(timeline, event) or f"{plan.preset.name} has no sound"
    what = f"event {event.id!r}: the mark {mark.id!r} in the sound of its take is lost: {why}"
    if mark.may_lose is not None:
        return _allowed("mark-lost", what, event.where, mark.may_lose)
    hint = 'keep the sound as it is, or say why with "may_lose" on the mark'
    return Problem("mark-lost", what, event.where, hint)


def _shown(plan: Plan, timeline: Timeline) -> Iterator[tuple[PlannedEvent, Event]]:
    """The events of a plan, each with what the edit says of it."""
    edited = {item.id: item for item in timeline.items if isinstance(item, Event)}
    return ((planned, edited[planned.id]) for planned in plan.events)


def own_code(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Events with effects that are not finisher's or moviepy's: they run with all one's rights."""
    return tuple(
        Problem(
            "code-not-allowed",
            f"event {event.id!r} runs code of its own: {effect.name}",
            event.where,
            hint="--allow-code runs it, with all the rights you have",
        )
        for planned, event in _shown(plan, timeline)
        if planned.working is not None
        for effect in planned.working.effects
        if effect.own
    )
