"""What every form of a report says of the policies a file was held against."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from finisher.canonical import Json
from finisher.compliance.model import DISCLAIMER
from finisher.findings import FileAudit, Finding, PolicyAudit, Status, Weight
from finisher.report import audit_view
from finisher.report.plain import plain

_LINE = 400
HEADING = f"Policies ({DISCLAIMER[:1].lower()}{DISCLAIMER[1:].rstrip('.')})"


@dataclass(frozen=True, slots=True)
class PolicyView:
    """One policy's section of a page."""

    title: str
    date: str
    stale: str
    """What to say of its age, empty while there is nothing to say."""
    checks: tuple[audit_view.CheckView, ...]
    sources: tuple[str, ...]


def stale_words(policy: PolicyAudit) -> str:
    """A warning where a page is older than it keeps, or of a day to come; empty otherwise."""
    if not policy.stale:
        return ""
    day = plain(policy.date, 40)
    return (
        f"held against its sources on {day}: longer ago than it keeps, or yet to come; look again"
    )


def policy_document(
    policy: PolicyAudit, check: Callable[[Finding], dict[str, Json]]
) -> dict[str, Json]:
    """One policy's part of `finisher/audit@1`; `check` tells a finding as the document does."""
    return {
        "id": plain(policy.id),
        "title": plain(policy.title),
        "date": plain(policy.date),
        "stale": policy.stale,
        "disclaimer": DISCLAIMER,
        "sources": [plain(source) for source in policy.sources],
        "checks": [check(finding) for finding in policy.checks],
    }


def policy_lines(audit: FileAudit, check: Callable[[Finding], Iterable[str]]) -> Iterator[str]:
    """The policies' part of an audit as text; `check` tells a finding as the text does.

    Nothing at all where none was asked for.
    """
    if not audit.policies:
        return
    yield f"  {HEADING}"
    for policy in audit.policies:
        yield f"  {plain(policy.title, _LINE)}, as of {plain(policy.date, 40)}"
        if told := stale_words(policy):
            yield f"    STALE: {told}"
        for finding in policy.checks:
            yield from check(finding)


def policy_suites(audit: FileAudit) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    """A name and findings for each policy, its staleness among them, for JUnit and SARIF."""
    return tuple(
        (
            f"{plain(policy.title, _LINE)} ({plain(policy.date, 40)})",
            (*policy.checks, *_stale(policy)),
        )
        for policy in audit.policies
    )


def policy_findings(audit: FileAudit) -> tuple[Finding, ...]:
    """The findings of all policies, one after the other."""
    return tuple(finding for _, findings in policy_suites(audit) for finding in findings)


def policy_views(audit: FileAudit) -> tuple[PolicyView, ...]:
    """What a page shows of each policy."""
    return tuple(
        PolicyView(
            title=plain(policy.title, _LINE),
            date=plain(policy.date, 40),
            stale=stale_words(policy),
            checks=tuple(map(audit_view.check, policy.checks)),
            sources=tuple(plain(source, _LINE) for source in policy.sources),
        )
        for policy in audit.policies
    )


def _stale(policy: PolicyAudit) -> tuple[Finding, ...]:
    """A remark on a page that is too old."""
    told = stale_words(policy)
    if not told:
        return ()
    return (Finding(f"{policy.id}/stale", Status.WARNED, told, Weight.ADVISORY),)
