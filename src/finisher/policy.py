"""What finisher refuses to do: lose a credential in silence, or cut a generator's mark."""

from __future__ import annotations

from finisher.effects import tonal
from finisher.event import Event
from finisher.facts import CredentialFacts, Facts, Integrity
from finisher.geometry import framings_that_keep
from finisher.plan.model import Plan, PlannedEvent, PlannedMark
from finisher.presets.model import ContainerFormat
from finisher.problems import Problem, Severity, Where
from finisher.timeline import Layer, Take, Timeline

_WHOLE = 0.999
"""The visible part at which a mark counts as whole: a thousandth is less than a pixel of it."""


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


def cropped_marks(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Marks this deliverable would cut, with the framings that keep them.

    An event that says `may_crop` with a reason gets a warning instead of an error.
    """
    edited = {item.id: item for item in timeline.items if isinstance(item, Event)}
    return tuple(
        _cropped(plan, event, edited[event.id], mark, timeline)
        for event in plan.events
        for mark in event.marks
        if mark.visible < _WHOLE
    )


def _cropped(
    plan: Plan, planned: PlannedEvent, event: Event, mark: PlannedMark, timeline: Timeline
) -> Problem:
    """One mark that a framing would cut."""
    box = timeline.mark(mark.mark).box
    what = (
        f"event {event.id!r}: {plan.preset.name} ({plan.raster}) would keep {mark.visible:.0%} of "
        f"the mark {mark.mark!r}"
    )
    if event.may_crop is not None:
        return Problem(
            "mark-cropped",
            f"{what}; allowed because: {event.may_crop}",
            event.where,
            severity=Severity.WARNING,
        )
    ways = framings_that_keep(planned.framing.source, plan.raster, box, event.focus)
    return Problem(
        "mark-cropped",
        what,
        event.where,
        hint="kept by " + ", or ".join(map(str, ways)),
    )


def worked_marks(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Marks that an effect would move, cover or dissolve: all but those of light and colour may.

    An event that says `may_crop` with a reason gets a warning instead of an error.
    """
    edited = {item.id: item for item in timeline.items if isinstance(item, Event)}
    return tuple(
        _worked(event, edited[event.id], [e.name for e in event.working.effects if not tonal(e)])
        for event in plan.events
        if event.marks and event.working is not None and not all(map(tonal, event.working.effects))
    )


def _worked(planned: PlannedEvent, event: Event, names: list[str]) -> Problem:
    """One event whose effects don't leave its marks alone."""
    marks = ", ".join(repr(mark.mark) for mark in planned.marks)
    what = f"event {event.id!r}: {', '.join(names)} can move, cover or dissolve the mark {marks}"
    if event.may_crop is not None:
        allowed = f"{what}; allowed because: {event.may_crop}"
        return Problem("effect-on-mark", allowed, event.where, severity=Severity.WARNING)
    hint = "effects of light and colour leave marks alone; or say why with may_crop"
    return Problem("effect-on-mark", what, event.where, hint)


def own_code(plan: Plan, timeline: Timeline) -> tuple[Problem, ...]:
    """Events with effects that are not finisher's or moviepy's: they run with all one's rights."""
    edited = {item.id: item for item in timeline.items if isinstance(item, Event)}
    return tuple(
        Problem(
            "code-not-allowed",
            f"event {event.id!r} runs code of its own: {effect.name}",
            edited[event.id].where,
            hint="--allow-code runs it, with all the rights you have",
        )
        for event in plan.events
        if event.working is not None
        for effect in event.working.effects
        if effect.own
    )
