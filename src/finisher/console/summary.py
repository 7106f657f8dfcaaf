"""The last word of a run: what was delivered, and what to make of it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from finisher.console.terminal import LONGEST, console, text
from finisher.findings import FileAudit
from finisher.report.delivery import Delivery
from finisher.report.figures import seconds, size
from finisher.report.plain import plain
from finisher.report.policy_view import policy_findings, stale_words
from finisher.report.words import VERDICTS, headline, held_against

_MOST_NAMED = 8
"""Checks that are named one by one; a broken file fails many for one reason."""


def show_summary(deliveries: Sequence[Delivery], stream: TextIO | None = None) -> None:
    """What was delivered, what was done without being asked, the verdicts, and where to read on."""
    shown = console(stream)
    for delivery in deliveries:
        length = seconds(delivery.rate.seconds(delivery.frames))
        facts = f"  {size(delivery.bytes)}, {length}, {delivery.raster}, {delivery.rate} fps"
        sign = ("✓ ", "bold green") if delivery.passed else ("✗ ", "bold red")
        shown.print(text(*sign, plain(delivery.path), "bold", facts, "dim"), soft_wrap=True)
        for line, style in _lines(delivery):
            shown.print(text("  ", "", plain(line, LONGEST), style), soft_wrap=True)


def _lines(delivery: Delivery) -> list[tuple[str, str]]:
    """What there is to say of a deliverable, each line with its style."""
    audit = delivery.audit
    if audit is None:
        lines = [("a draft: neither signed nor audited, and nothing is proven of it", "yellow")]
    else:
        lines = _verdict(audit)
    lines += [
        (f"{note.severity}: {note.message}", "dim")
        for note in (*delivery.repairs, *delivery.warnings)
    ]
    if audit is not None:
        lines += [(f"not checked: {what}", "dim") for what in audit.not_checked]
        lines.append((f"report: {delivery.report_html}", ""))
    if delivery.sidecar is not None:
        lines.append((f"credentials, to be delivered with it: {delivery.sidecar}", ""))
    if delivery.publish is not None:
        lines.append((f"to publish it: {delivery.publish}", ""))
    if delivery.stems:
        names = ", ".join(Path(path).stem for path in delivery.stems)
        lines.append((f"stems: {Path(delivery.stems[0]).parent} ({names})", ""))
    return lines


def _verdict(audit: FileAudit) -> list[tuple[str, str]]:
    """What an audit comes to, in a few lines."""
    lines = [
        (headline(audit), "green" if audit.passed else "red"),
        (VERDICTS[audit.verdict], ""),
    ]
    if audit.active is not None:
        signer = audit.active.common_name or audit.active.issuer or "a key without a name"
        lines.append((f"signed by {signer}", ""))
    against = list(filter(held_against, (*audit.checks, *policy_findings(audit))))
    lines += [(f"{check.id}: {check.detail}", "red") for check in against[:_MOST_NAMED]]
    if len(against) > _MOST_NAMED:
        lines.append((f"and {len(against) - _MOST_NAMED} more, in the report", "red"))
    lines += [
        (f"warning: policy {policy.id}, {told}", "yellow")
        for policy in audit.policies
        if (told := stale_words(policy))
    ]
    # Of all checks the one whose figure was asked for, whether it was reached or not.
    lines += [(check.detail, "") for check in audit.checks if check.id == "picture-quality"]
    return lines
