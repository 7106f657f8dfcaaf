"""One check for all marks of a finished file, drawn from what became of each."""

from __future__ import annotations

from collections.abc import Sequence

from finisher.audit.marks import HARM, PARTLY, UNKNOWN
from finisher.findings import Finding, MarkFinding, Status, Weight
from finisher.problems import listed
from finisher.watermark.rules import MarkVerdict

CHECK = "watermarks"
"""The check that all of them are drawn together into."""
_WHOLE = frozenset({MarkVerdict.INTACT, MarkVerdict.INTACT_BIT_IDENTICAL})
"""Verdicts of a mark that nothing happened to."""


def marks_check(findings: Sequence[MarkFinding]) -> tuple[Finding, ...]:
    """One check for all marks: harm without leave fails, harm with it and weakness are told.

    Takes that nobody said anything about are no finding on any mark.
    """
    declared = [one for one in findings if one.verdict != MarkVerdict.NOT_DECLARED]
    if not declared:
        return ()
    of: dict[str, list[str]] = {}
    for one in declared:
        verdict = f"{one.verdict}-allowed" if one.allowed and one.verdict in HARM else one.verdict
        of.setdefault(verdict, []).append(name_of(one))
    status, weight = _outcome(of)
    detail = "; ".join(f"{verdict}: {listed(names)}" for verdict, names in of.items())
    reserved = [name_of(one) for one in declared if partly(one)]
    if reserved:
        detail += f"; not shown by their takes at all of their places: {listed(reserved)}"
        status = Status.WARNED if status is Status.PASSED else status
    finding = Finding(
        "watermarks",  # spelt out: the page of checks is held to the ids that stand here
        status,
        detail,
        weight,
        codes=tuple(f"mark.{word}" for word in of if word not in _WHOLE),
        promised=len(declared),
        measured={verdict: len(names) for verdict, names in of.items()},
    )
    return (finding,)


def _outcome(of: dict[str, list[str]]) -> tuple[Status, Weight]:
    """What follows from the verdicts there are."""
    told = frozenset(of)
    if told & HARM:
        return Status.FAILED, Weight.REQUIRED
    if told & UNKNOWN:
        return Status.NOT_CHECKED if told <= UNKNOWN else Status.WARNED, Weight.ADVISORY
    return Status.PASSED if told <= _WHOLE else Status.WARNED, Weight.REQUIRED


def unharmed(findings: Sequence[MarkFinding]) -> bool:
    """Whether every mark is intact wherever it should show, and nobody left one undeclared."""
    return all(one.verdict in _WHOLE and not partly(one) for one in findings)


def partly(one: MarkFinding) -> bool:
    """Whether a finding speaks for some of a mark's places alone."""
    return PARTLY in one.detail


def name_of(one: MarkFinding) -> str:
    """A mark and where it is."""
    return f"{one.mark} on {one.event}" if one.event else one.mark
