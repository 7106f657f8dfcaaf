"""Everybody an edit shows or lets speak, held against the log of consents before a render."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from finisher.consent.deciding import decide
from finisher.consent.idle import alike, concerning
from finisher.consent.model import Decision, Log, Outcome, Proof, Use
from finisher.consent.people import person
from finisher.problems import Problem, Severity, Where, nearest
from finisher.timeline import Release, Timeline

_SOON = timedelta(days=30)
"""How long before its end a consent is worth a word."""


@dataclass(frozen=True, slots=True)
class Appearance:
    """Somebody in a take or a sound layer."""

    person: str
    what: str
    where: Where | None


@dataclass(frozen=True, slots=True)
class _Refusal:
    """How an outcome is told."""

    code: str
    hint: str


_REFUSALS = {
    Outcome.MISSING: _Refusal(
        "consent-missing", "log their consent: `finish consent grant NAME --scope … --territory …`"
    ),
    Outcome.REVOKED: _Refusal(
        "consent-revoked", "leave them out, or ask again and log what they grant anew"
    ),
    Outcome.EXPIRED: _Refusal("consent-expired", "ask them to extend it, and log that"),
    Outcome.NOT_YET: _Refusal("consent-not-yet", "wait, or ask them to let it begin earlier"),
    Outcome.OUT_OF_SCOPE: _Refusal(
        "consent-scope", 'say what the film is for with "release", or ask them for more'
    ),
    Outcome.OUT_OF_TERRITORY: _Refusal(
        "consent-territory", 'say where it is shown with "release", or ask them for more'
    ),
    Outcome.UNPROVEN: _Refusal(
        "consent-unproven", "put the signed document back, or log a consent that rests on another"
    ),
}


def use_of(release: Release) -> Use:
    """What an edit is released for, as consents are asked about it."""
    return Use(release.scope, release.territories, release.until)


def over(release: Release, on: date) -> tuple[Problem, ...]:
    """A word on a release that ended before a day."""
    if release.until is None or release.until >= on:
        return ()
    told = f"the release ended on {release.until}: consent is asked for no later day than today"
    hint = 'say until when the film is shown with "release": {"until": …}'
    return (Problem("release-over", told, release.where, hint, Severity.WARNING),)


def appearances(
    timeline: Timeline, takes: Collection[str], layers: Collection[str]
) -> tuple[Appearance, ...]:
    """Everybody in some takes and layers, in the edit's order."""
    seen = [
        Appearance(person(name), f"take {take.id!r}", take.where)
        for take in timeline.takes
        if take.id in takes
        for name in take.cameos
    ]
    heard = [
        Appearance(person(name), f"layer {layer.id!r}", layer.where)
        for layer in timeline.layers
        if layer.id in layers
        for name in layer.cameos
    ]
    return tuple(seen + heard)


def unconsented(
    shown: Sequence[Appearance], log: Log | None, use: Use, on: date
) -> tuple[Problem, ...]:
    """One problem for each person who did not agree to a use, at the first place they appear.

    A log whose rows were altered decides nothing: then its flaws are the problems.
    """
    if shown and log is not None and log.flaws:
        return log.flaws
    problems = []
    for name in dict.fromkeys(one.person for one in shown):
        decision = _asked(log, name, use, on)
        if not decision.granted:
            problems.append(_refused([o for o in shown if o.person == name], decision, log, use))
    return tuple(problems)


def _asked(log: Log | None, name: str, use: Use, on: date) -> Decision:
    if log is None:
        return Decision(Outcome.MISSING, None, "there is no log of consents")
    return decide(log, name, use, on)


def _refused(shown: Sequence[Appearance], decision: Decision, log: Log | None, use: Use) -> Problem:
    """The problem with one person."""
    refusal, name = _REFUSALS[decision.outcome], shown[0].person
    places = ", ".join(dict.fromkeys(one.what for one in shown))
    row = f" ({decision.row.where})" if decision.row is not None else ""
    hint = refusal.hint
    if decision.outcome is Outcome.MISSING and log is not None:
        hint = nearest(name, log.persons) or hint
    if decision.outcome is Outcome.OUT_OF_SCOPE and log is not None:
        granted = [word for row in log.rows if row.person == name for word in row.scopes]
        hint = alike(use.scope, granted) or hint
    message = f"{name!r} in {places}: {decision.words}{row}"
    return Problem(refusal.code, message, shown[0].where, hint)


def remarks(
    shown: Sequence[Appearance], log: Log | None, use: Use, on: date
) -> tuple[Problem, ...]:
    """What is granted and should still be known: its end, its documents, a log without links.

    A revocation that takes nothing back is told too: it may be meant for what is granted.
    """
    if not shown or log is None:
        return ()
    warned = Severity.WARNING
    problems = []
    if not log.chained:
        told = "the rows of this log carry no links, so that one altered would not show"
        hint = "`finish consent` begins logs that have them"
        problems.append(Problem("consent-unchained", told, Where(log.path), hint, warned))
    problems += concerning(log, {one.person for one in shown})
    for name in dict.fromkeys(one.person for one in shown):
        decision, row = decide(log, name, use, on), None
        if decision.granted:
            row = decision.row
        if row is not None and row.proof is Proof.ABSENT:
            told = f"the document {name!r} agreed in is not here: {row.evidence}"
            problems.append(Problem("consent-evidence-absent", told, row.where, severity=warned))
        if decision.until is not None and use.until is None and decision.until - on <= _SOON:
            told = f"the consent of {name!r} ends on {decision.until}: audits fail from then on"
            hint = 'say when the film is taken down with "release": {"until": …}'
            where = row.where if row is not None else None
            problems.append(Problem("consent-ends", told, where, hint, warned))
    return tuple(problems)
