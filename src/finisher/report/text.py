"""An audit as text for people, safe for any terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finisher.findings import FileAudit, Finding, Ingredient, Status, TrustList, Weight
from finisher.report import mark_view
from finisher.report.figures import size, value
from finisher.report.plain import plain
from finisher.report.policy_view import policy_lines
from finisher.report.sources import facts, state
from finisher.report.words import VERDICTS, grouped, headline, passes, plural

SIGNS = {Status.PASSED: "✓", Status.FAILED: "✗", Status.WARNED: "!", Status.NOT_CHECKED: "–"}
_LONGEST = 400


def audit_text(audits: Sequence[FileAudit], trust_lists: Sequence[TrustList] = ()) -> str:
    """Every file's verdict, checks and sources; ends with a line break."""
    lines: list[str] = []
    for audit in audits:
        lines += [*_file(audit), ""]
    shown = ", ".join(map(trust_list, trust_lists)) or "none given"
    passed = sum(map(passes, audits))
    lines += [f"Trust lists: {shown}", f"{passed} of {plural(len(audits), 'file')} passed."]
    return "\n".join(lines) + "\n"


def trust_list(one: TrustList) -> str:
    """A trust list in a few words."""
    held = plural(one.certificates, "certificate")
    return f"{plain(one.name, 120)} ({plain(one.date, 40)}, {held})"


def _file(audit: FileAudit) -> Iterator[str]:
    """One file, verdict first."""
    outcome = "PASSED" if passes(audit) else "NOT PASSED"
    yield f"{plain(audit.name, _LONGEST)}: {outcome}, {audit.verdict}"
    yield f"  {headline(audit)}"
    if audit.checks:
        yield f"  {VERDICTS[audit.verdict]}"
    yield f"  {size(audit.bytes)}, SHA-256 {plain(audit.sha256, 64)}"
    if audit.active is not None:
        signer = plain(audit.active.common_name or audit.active.issuer or "unnamed", _LONGEST)
        known = plain(audit.active.anchor or "", 120)
        proven = f"on {known}" if known else "a name that nobody vouches for"
        yield f"  signed by {signer} ({proven}), {plain(audit.active.time or 'no time', 40)}"
    for group, checks in grouped(audit.checks):
        yield f"  {group}"
        for check in checks:
            yield from _check(check)
    yield from policy_lines(audit, _check)
    yield from (f"  {line}" for line in mark_view.lines(audit))
    if audit.ingredients:
        yield "  Made from"
        yield from map(_ingredient, audit.ingredients)
    if audit.not_checked:
        yield "  Not checked"
        yield from (f"    – {plain(what, _LONGEST)}" for what in audit.not_checked)


def _check(check: Finding) -> Iterator[str]:
    """A check's outcome; the figures as well where it did not simply pass."""
    weight = "" if check.severity is Weight.REQUIRED else " (advisory)"
    name = plain(check.id, 80)
    yield f"    {SIGNS[check.status]} {name}{weight}: {plain(check.detail, _LONGEST)}"
    if check.status is Status.PASSED:
        return
    if check.promised is not None or check.measured is not None:
        yield f"      promised {value(check.promised)}; measured {value(check.measured)}"
    if check.codes:
        yield f"      {plain(', '.join(check.codes), _LONGEST)}"


def _ingredient(part: Ingredient) -> str:
    """A source, indented by its depth in the chain."""
    # A chain deeper than this is an attack on the margin.
    margin = "  " * min(max(part.depth, 0), 12)
    told = "; ".join((state(part), *facts(part)))
    return f"    {margin}{plain(part.title, 120)}: {plain(told, _LONGEST)}"
