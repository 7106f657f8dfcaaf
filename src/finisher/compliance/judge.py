"""A file held against a policy: each rule against the evidence; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from finisher.canonical import Json
from finisher.compliance.evidence import Evidence, Part, evidence
from finisher.compliance.model import (
    Act,
    Ask,
    ByHand,
    Carries,
    Labelled,
    Mark,
    Passes,
    Policy,
    Rule,
    When,
)
from finisher.findings import FileAudit, Finding, PolicyAudit, Status, Weight

BY_HAND = "by-hand."
"""Begins the code of a check that is for a person; the act follows."""
APART = "does-not-apply"
"""The code of a check that is not for this file."""
EARLY = "not-yet-asked"
"""The code of a check that weighs nothing until a day to come."""
_ACTS = {
    Act.SEE: "look",
    Act.UPLOAD: "set it where the file is published",
    Act.DETECTOR: "ask the maker's detector",
}
_MARKS = {
    Mark.CREDENTIALS: "Content Credentials",
    Mark.METADATA: "metadata (XMP, IPTC)",
    Mark.LABEL: "AIGC label",
}


def held(found: FileAudit, policies: Sequence[Policy], today: date) -> FileAudit:
    """An audit with what these policies ask of the file; what was asked before is replaced."""
    return replace(found, policies=tuple(judge(policy, found, today) for policy in policies))


def judge(policy: Policy, found: FileAudit, today: date) -> PolicyAudit:
    """What one policy asks of an audited file, and whether the file has it.

    A check passes only where its evidence was found. One that is required and can't be made stays
    `not-checked`, and so counts against the file.
    """
    shown = evidence(found)
    return PolicyAudit(
        id=policy.id,
        title=policy.title,
        date=policy.checked.isoformat(),
        stale=policy.stale(today),
        sources=tuple(map(str, policy.sources)),
        checks=tuple(_check(policy.id, rule, shown, today) for rule in policy.rules),
    )


def _check(policy: str, rule: Rule, shown: Evidence, today: date) -> Finding:
    """One rule."""
    name, weight = f"{policy}/{rule.id}", rule.severity
    apart = _apart(rule.when, shown)
    if apart is not None:
        detail = f"{rule.text} Does not apply: {apart}."
        return Finding(name, Status.NOT_CHECKED, detail, Weight.ADVISORY, (APART,))
    early = rule.since is not None and today < rule.since
    if early:
        weight = Weight.ADVISORY
    if isinstance(rule.ask, ByHand):
        detail = f"{rule.text} To be done by hand: {_ACTS[rule.ask.act]}."
        codes: tuple[str, ...] = (f"{BY_HAND}{rule.ask.act}",)
        return Finding(name, Status.NOT_CHECKED, detail, weight, codes)
    status, told, measured = _answer(rule.ask, rule.when, shown)
    if status is Status.FAILED and weight is Weight.ADVISORY:
        status = Status.WARNED
    codes = ()
    if early:
        told = f"{told} Asked from {rule.since} on."
        codes = (EARLY,)
    promised: Json = _asked(rule.ask)
    return Finding(name, status, f"{rule.text} {told}", weight, codes, promised, measured)


def _apart(when: When, shown: Evidence) -> str | None:
    """Why a rule is not for this file, None where it is."""
    if when is When.AI and shown.part is Part.NO:
        return shown.because[0]
    if when is When.PEOPLE and not shown.people:
        return "the file names no people; whether some are to be seen or heard is for a person"
    return None


def _answer(ask: Ask, when: When, shown: Evidence) -> tuple[Status, str, Json]:
    """The outcome, in words, and what was found."""
    if isinstance(ask, Passes):
        return _passes(ask, shown)
    if isinstance(ask, Carries):
        there = [mark for mark in ask.marks if mark in shown.marks]
        measured: Json = {str(mark): shown.marks[mark] for mark in there}
        told = ", ".join(_MARKS[mark] for mark in there) or "no mark that says so"
        return *_outcome(f"Found: {told}.", when, shown, good=len(there) >= ask.least), measured
    if isinstance(ask, Labelled):
        good = shown.degree is not None and shown.degree in ask.degrees
        told = "no AIGC label" if shown.degree is None else f"an AIGC label with {shown.degree}"
        return *_outcome(f"Found: {told}.", when, shown, good=good), shown.degree
    return Status.NOT_CHECKED, "Not measured.", None


def _outcome(told: str, when: When, shown: Evidence, *, good: bool) -> tuple[Status, str]:
    """Passed or failed; what is asked of AI alone is open while it is not known to be in there."""
    if good:
        return Status.PASSED, told
    if when is When.AI and shown.part is Part.UNKNOWN:
        return Status.NOT_CHECKED, f"Not known whether it applies: {shown.because[0]}."
    return Status.FAILED, told


def _passes(ask: Passes, shown: Evidence) -> tuple[Status, str, Json]:
    """Checks of the audit: the worst of them decides, one that was not made leaves it open."""
    status = {
        name: shown.findings[name].status if name in shown.findings else Status.NOT_CHECKED
        for name in ask.findings
    }
    order = (Status.FAILED, Status.NOT_CHECKED, Status.WARNED, Status.PASSED)
    worst = min(status.values(), key=order.index)
    told = ", ".join(f"{name} {outcome}" for name, outcome in status.items())
    measured: Json = {name: str(outcome) for name, outcome in status.items()}
    return worst, f"The audit's own checks: {told}.", measured


def _asked(ask: Ask) -> Json:
    """What was asked for, as data."""
    if isinstance(ask, Passes):
        return list(ask.findings)
    if isinstance(ask, Carries):
        return {"marks": [str(mark) for mark in ask.marks], "least": ask.least}
    return list(ask.degrees) if isinstance(ask, Labelled) else None
