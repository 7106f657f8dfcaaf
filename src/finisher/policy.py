"""What finisher refuses to do: lose a credential in silence, or cut a generator's mark."""

from __future__ import annotations

from finisher.effects import tonal
from finisher.event import Event
from finisher.facts import Facts, Integrity
from finisher.geometry import framings_that_keep
from finisher.plan.model import Plan, PlannedEvent, PlannedMark
from finisher.presets.model import ContainerFormat
from finisher.problems import Problem, Severity, Where
from finisher.timeline import Timeline

_WHOLE = 0.999
"""The visible part at which a mark counts as whole: a thousandth is less than a pixel of it."""


_TRUST = ("signingCredential.untrusted", "signingCredential.expired", "timeStamp.")
"""Codes that speak of who signed, not of what was changed."""


def tampered_takes(timeline: Timeline, facts: Facts) -> tuple[Problem, ...]:
    """Files whose credentials no longer agree with their content."""
    sources = [(take.id, "take", facts.takes[take.id].credentials, take) for take in timeline.takes]
    problems = []
    for take_id, word, credentials, take in sources:
        if credentials.integrity is Integrity.BROKEN:
            problems.append(_tampered(word, take_id, credentials.codes, take.path))
    for layer in timeline.layers:
        credentials = facts.layers[layer.id].credentials
        if credentials.integrity is Integrity.BROKEN:
            problems.append(_tampered("layer", layer.id, credentials.codes, layer.path))
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


def unsignable(plan: Plan, *, signs: bool) -> tuple[Problem, ...]:
    """What can't be delivered in a container that Content Credentials have no place in.

    Files with credentials of their own would lose them there, whoever signs. `signs` is whether
    the export is to be signed.
    """
    if plan.preset.container.format is not ContainerFormat.WEBM or plan.preset.draft:
        return ()
    sources = (
        *((take.id, take.credentials) for take in plan.takes),
        *((layer.id, layer.credentials) for layer in plan.layers),
    )
    proven = [name for name, known in sources if known.integrity is not Integrity.ABSENT]
    if proven:
        message = f"{plan.preset.name}: webm can't carry Content Credentials, and those of "
        message += f"{', '.join(map(repr, proven))} would be lost"
        return (Problem("credential-lost", message, hint="deliver mp4 or mov, which carry them"),)
    if signs:
        message = f"{plan.preset.name}: webm can't carry Content Credentials, so none are signed"
        hint = "--no-sign delivers it without; mp4 and mov carry them"
        return (Problem("format-unsigned", message, hint=hint),)
    return ()


def unsigned(plan: Plan) -> tuple[Problem, ...]:
    """A word on an export that nobody could sign."""
    if plan.preset.container.format is not ContainerFormat.WEBM or plan.preset.draft:
        return ()
    message = "webm can't carry Content Credentials: it is delivered without any"
    return (Problem("format-unsigned", message, severity=Severity.WARNING),)


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
