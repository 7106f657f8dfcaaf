"""What platforms ask of whoever uploads a file: `finisher/publish@1`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from finisher.canonical import Json
from finisher.compliance.evidence import CONSENT, Evidence, evidence
from finisher.compliance.flags import flags
from finisher.compliance.judge import APART, BY_HAND, judge
from finisher.compliance.model import DISCLAIMER, Policy
from finisher.findings import FileAudit, Finding, PolicyAudit, Status
from finisher.report.document import strict
from finisher.report.plain import plain
from finisher.report.policy_view import stale_words

Document = dict[str, Json]
PUBLISH_SCHEMA = "finisher/publish@1"


def publish_document(
    found: FileAudit, preset: str, platforms: Sequence[Policy], today: date
) -> Document:
    """The fields each platform wants set, the reasons, and what is left to be done by hand.

    Args:
        found: the file's audit; policies it was held against are told as well.
        preset: what was delivered.
        platforms: whose fields are told.
        today: decides whether a page is stale.
    """
    shown = evidence(found)
    told = {policy.id for policy in platforms}
    document: Document = {
        "schema": PUBLISH_SCHEMA,
        "disclaimer": DISCLAIMER,
        "file": {"name": plain(found.name), "bytes": found.bytes, "sha256": found.sha256},
        "preset": preset,
        "ai": {"part": str(shown.part), "because": [plain(reason) for reason in shown.because]},
        "people": _people(shown),
        "marks": {str(mark): plain(said) for mark, said in shown.marks.items()},
        "platforms": [
            _platform(policy, judge(policy, found, today), shown) for policy in platforms
        ],
        "policies": [_policy(asked) for asked in found.policies if asked.id not in told],
    }
    # As in reports: a text may be of any length, and of anybody's making.
    return {name: strict(part) for name, part in document.items()}


def _people(shown: Evidence) -> Document:
    """Whether the edit names people, and whether they agreed."""
    check = shown.findings.get(CONSENT)
    consent = None if check is None else str(check.status)
    return {"named": shown.people, "consent": consent}


def _platform(policy: Policy, judged: PolicyAudit, shown: Evidence) -> Document:
    """A platform's fields, and all that is said of a policy."""
    fields: list[Json] = [
        {
            "field": one.flag.field,
            "value": one.value,
            "because": plain(one.because),
            "meaning": one.flag.text,
            "api": one.flag.api,
            "setting": one.flag.setting,
        }
        for one in flags(policy, shown)
    ]
    return {**_policy(judged), "fields": fields, "uncertain": list(policy.uncertain)}


def _policy(judged: PolicyAudit) -> Document:
    """A policy's outcome: what is left to be done by hand, what is missing, what is open."""
    by_hand = [check for check in judged.checks if _act(check) is not None]
    missing = [c for c in judged.checks if c.status in (Status.FAILED, Status.WARNED)]
    unsure = [
        check
        for check in judged.checks
        if check.status is Status.NOT_CHECKED and check not in by_hand and not _apart(check)
    ]
    return {
        "id": plain(judged.id),
        "title": plain(judged.title),
        "date": plain(judged.date),
        "stale": judged.stale,
        "remark": stale_words(judged) or None,
        "todo": [{**_said(check), "by": _act(check)} for check in by_hand],
        "missing": [_said(check) for check in missing],
        "open": [_said(check) for check in unsure],
        "sources": [plain(source) for source in judged.sources],
    }


def _said(check: Finding) -> Document:
    return {"id": plain(check.id), "text": plain(check.detail)}


def _act(check: Finding) -> str | None:
    """What somebody does about a check by hand, None for one that was measured."""
    acts = (code.removeprefix(BY_HAND) for code in check.codes if code.startswith(BY_HAND))
    return next(acts, None)


def _apart(check: Finding) -> bool:
    """Whether a check is not for this file."""
    return APART in check.codes
