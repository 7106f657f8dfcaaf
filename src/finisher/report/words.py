"""What verdicts, outcomes and checks are called in front of people."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from finisher.findings import FileAudit, Finding, Status, Verdict, Weight

VERDICTS = {
    Verdict.INTACT: "Content Credentials are intact and the signer is trusted.",
    Verdict.INTACT_UNTRUSTED: (
        "Content Credentials are intact, but the signer could not be traced to a trust list."
    ),
    Verdict.INCOMPLETE: (
        "Content Credentials are incomplete: a source that had its own is missing from the chain."
    ),
    Verdict.ABSENT: "The file carries no Content Credentials.",
    Verdict.TAMPERED: "Content Credentials are broken: something they vouch for was changed.",
    Verdict.UNREADABLE: "The file can't be read as media.",
}
STATUSES = {
    Status.PASSED: "Passed",
    Status.FAILED: "Failed",
    Status.WARNED: "Warning",
    Status.NOT_CHECKED: "Not checked",
}
EDITS = {
    "trimmed": "trimmed",
    "looped": "looped",
    "changedSpeed": "changed in speed",
    "resized": "resized",
    "cropped": "cropped",
    "adjustedColor": "graded",
    "filtered": "given effects",
    "dubbed": "given other sound",
    "edited": "edited",
    "resized.proportional": "scaled",
    "orientation": "turned",
}
"""Plain words for the names of edits; others are shown as they are."""

# A check belongs to the first group that shares a word with its id.
_GROUPS = (
    ("Watermarks", "watermarks watermark mark marks"),
    (
        "Credentials",
        (
            "manifest integrity store actions ingredients trust stamp disclosure remote promises"
            " credentials claim signature signer takes sources"
            " sidecar redactions aigc type consent training"
        ),
    ),
    ("Sound", "sound loudness peak meters silence starts sync audio stems"),
    ("Container", "container moov edit fragmented decodes readable size tracks display hdr"),
    (
        "Picture",
        (
            "picture frame frames cuts codec raster pixel pixels upright rate color tags profile"
            " fingerprints"
        ),
    ),
)
_OTHER = "Other checks"
_POLICIES = "Policies"
_ORDER = ("Picture", "Sound", "Watermarks", "Credentials", "Container", _POLICIES, _OTHER)
_URGENCY = (Status.FAILED, Status.NOT_CHECKED, Status.WARNED, Status.PASSED)


def group_of(check_id: str) -> str:
    """The heading a check stands under."""
    if "/" in check_id:
        return _POLICIES
    words = set(re.split(r"[^a-z]+", check_id.lower()))
    return next((name for name, known in _GROUPS if words & set(known.split())), _OTHER)


def grouped(checks: Iterable[Finding]) -> tuple[tuple[str, tuple[Finding, ...]], ...]:
    """Checks under their headings; within each, what went wrong comes first."""
    groups: dict[str, list[Finding]] = {name: [] for name in _ORDER}
    for check in checks:
        groups[group_of(check.id)].append(check)
    return tuple(
        (name, tuple(sorted(found, key=lambda check: _URGENCY.index(check.status))))
        for name, found in groups.items()
        if found
    )


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of several verdicts.

    Raises:
        ValueError: when there is none; nothing audited is not something intact.
    """
    return max(verdicts, key=list(Verdict).index)


def passes(audit: FileAudit) -> bool:
    """Whether a file passed; one that can't be read, or of which nothing was checked, never did."""
    return audit.passed and bool(audit.checks) and audit.verdict is not Verdict.UNREADABLE


def counts(as_required: Sequence[Finding]) -> tuple[tuple[Status, int], ...]:
    """How many checks had each outcome, in the order they are told."""
    order = (Status.PASSED, Status.WARNED, Status.FAILED, Status.NOT_CHECKED)
    return tuple((s, sum(check.status is s for check in as_required)) for s in order)


def held_against(check: Finding) -> bool:
    """Whether a check alone keeps its file from passing."""
    return check.severity is Weight.REQUIRED and check.status in {
        Status.FAILED,
        Status.NOT_CHECKED,
    }


def headline(audit: FileAudit) -> str:
    """The outcome in one short sentence."""
    if audit.verdict is Verdict.UNREADABLE:
        return VERDICTS[Verdict.UNREADABLE]
    asked = [check for policy in audit.policies for check in policy.checks]
    against = sum(map(held_against, (*audit.checks, *asked)))
    if against:
        return f"{plural(against, 'required check')} did not pass."
    if not audit.checks:
        return "Nothing was checked."
    # A file that came without promises can keep none.
    promised = any(check.promised is not None for check in audit.checks)
    outcome = "Everything promised was found in the file" if promised else "The file passed"
    remarks = any(check.status in {Status.FAILED, Status.WARNED} for check in audit.checks)
    return f"{outcome}, with remarks." if remarks else f"{outcome}."


def plural(count: int, noun: str) -> str:
    """`1 frame`, `2 frames`, `3 passes`, `4 boxes`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count:,} {noun}{'es' if noun.endswith(('s', 'x', 'ch')) else 's'}"
