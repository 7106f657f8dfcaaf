"""An audit as SARIF 2.1.0, the form code-scanning services read."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from urllib.parse import quote

from finisher.canonical import Json
from finisher.findings import FileAudit, Finding, Status, Verdict, Weight
from finisher.report import mark_view
from finisher.report.plain import plain
from finisher.report.policy_view import policy_findings
from finisher.report.words import VERDICTS, group_of, held_against, passes

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
_LONGEST = 1000


def audit_sarif(audits: Sequence[FileAudit], version: str) -> str:
    """One run over all files: a result for every check that did not pass.

    What was not checked and was not required is a note on the run, so that it can be seen without
    being taken for a defect. A file has no lines, so results carry no region.
    """
    reported = [(a, c) for a in audits for c in _results_of(a)]
    rules = sorted({_rule(check) for _, check in reported})
    artifacts: list[Json] = []
    for audit in audits:
        if (artifact := _artifact(audit)) not in artifacts:
            artifacts.append(artifact)
    run: dict[str, Json] = {
        "tool": {"driver": _driver(version, rules)},
        "invocations": [
            {"executionSuccessful": True, "toolExecutionNotifications": _notes(audits)}
        ],
        "columnKind": "unicodeCodePoints",
        "artifacts": artifacts,
        "results": [_result(audit, check, rules) for audit, check in reported],
    }
    document: Json = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2) + "\n"


def _message(text: str) -> Json:
    """A text that viewers show as it is: `[words](address)` would be a link to them."""
    return {"text": plain(text, _LONGEST).replace("](", "] (")}


def _results_of(audit: FileAudit) -> list[Finding]:
    """The checks worth a result; a file that did not pass has at least one."""
    found = [
        check
        for check in (*audit.checks, *policy_findings(audit))
        if held_against(check) or check.status in {Status.FAILED, Status.WARNED}
    ]
    if not passes(audit) and not any(map(held_against, found)):
        found.append(Finding("verdict", Status.FAILED, VERDICTS[audit.verdict]))
    return found


def _rule(check: Finding) -> str:
    """A check's id as a rule's."""
    return plain(check.id, 200)


def _driver(version: str, rules: Sequence[str]) -> Json:
    return {
        "name": "finisher",
        "semanticVersion": plain(version, 40),
        "rules": [{"id": rule, "shortDescription": {"text": group_of(rule)}} for rule in rules],
    }


def _uri(name: str) -> str:
    """A file's name as a relative reference: never a scheme, never another host."""
    return quote(re.sub(r"^[/\\]+", "/", name), safe="/", errors="replace")


def _artifact(audit: FileAudit) -> Json:
    artifact: dict[str, Json] = {"location": {"uri": _uri(audit.name)}}
    if audit.verdict is not Verdict.UNREADABLE and audit.sha256:
        artifact |= {"length": audit.bytes, "hashes": {"sha-256": plain(audit.sha256, 64)}}
    return artifact


def _result(audit: FileAudit, check: Finding, rules: Sequence[str]) -> Json:
    """A check that did not pass; the fingerprint keeps it the same finding from run to run."""
    same = hashlib.sha256(f"{audit.name}\0{check.id}".encode(errors="replace")).hexdigest()
    level = "warning"
    if held_against(check):
        level = "error"
    elif check.severity is Weight.ADVISORY and check.status is Status.WARNED:
        level = "note"
    return {
        "ruleId": _rule(check),
        "ruleIndex": rules.index(_rule(check)),
        "level": level,
        "message": _message(check.detail or _rule(check)),
        "locations": [{"physicalLocation": {"artifactLocation": {"uri": _uri(audit.name)}}}],
        "partialFingerprints": {"finisherCheck/v1": same},
        **_marks(audit, check),
    }


def _marks(audit: FileAudit, check: Finding) -> dict[str, Json]:
    """What is known of each watermark, with the result on them."""
    told: list[Json] = list(mark_view.lines(audit)) if check.id == mark_view.CHECK else []
    return {"properties": {"watermarks": told}} if told else {}


def _notes(audits: Sequence[FileAudit]) -> Json:
    """What was not checked."""
    return [
        {"level": "note", "message": _message(f"{plain(a.name, 200)}: {what}")}
        for a in audits
        for what in (
            *a.not_checked,
            *(
                f"{c.id}: {c.detail}"
                for c in (*a.checks, *policy_findings(a))
                if c.status is Status.NOT_CHECKED and not held_against(c)
            ),
        )
    ]
