"""The JSON Schema of `finisher/audit@1`, for programs that read audits."""

from __future__ import annotations

from finisher.findings import Status, Verdict, Weight
from finisher.report.schema_parts import (
    COUNT,
    DIALECT,
    PERHAPS,
    TEXT,
    TRUTH,
    Schema,
    list_of,
    object_of,
)

_NUMBER: Schema = {"type": ["number", "null"]}
_SHA256: Schema = {"type": "string", "pattern": "^([0-9a-f]{64})?$"}
_ANY: Schema = {}


def audit_schema() -> Schema:
    """The schema, in draft 2020-12; keys may be added to the document, and none taken away."""
    return {
        "$schema": DIALECT,
        "title": "finisher/audit@1",
        **object_of(
            {
                "schema": {"const": "finisher/audit@1"},
                "verdict": _verdict(),
                "passed": _told(TRUTH, "Whether every file passed"),
                "files": {"type": "array", "minItems": 1, "items": _file()},
                "trust_lists": list_of(_trust_list()),
            },
            "What an audit found; `verdict` is the worst file's",
        ),
    }


def _file() -> Schema:
    return object_of(
        {
            "name": TEXT,
            "bytes": COUNT,
            "sha256": _told(_SHA256, "Of the file; empty where it could not be opened"),
            "verdict": _verdict(),
            "passed": _told(TRUTH, "Whether no required check failed, or was not made"),
            "checks": list_of(_check()),
            "active": {"anyOf": [_active(), {"type": "null"}]},
            "ingredients": list_of(_ingredient()),
            "watermarks": list_of(_mark()),
            "labels": _told({"type": "object"}, "Labels besides the credentials, by kind"),
            "not_checked": _told(list_of(TEXT), "What nobody looked at, and so proves nothing"),
            "policies": list_of(_policy()),
        },
        "One audited file",
    )


def _check() -> Schema:
    return object_of(
        {
            "id": TEXT,
            "status": {"enum": [str(status) for status in Status]},
            "severity": {"enum": [str(weight) for weight in Weight]},
            "codes": list_of(TEXT),
            "detail": TEXT,
            "promised": _ANY,
            "measured": _ANY,
        },
        "One comparison of what was promised with what was measured",
    )


def _active() -> Schema:
    return object_of(
        {
            "urn": TEXT,
            "generator": TEXT,
            "issuer": _told(PERHAPS, "A mere name, unless `anchor` says who vouches for it"),
            "common_name": PERHAPS,
            "anchor": _told(PERHAPS, "The trust lists that vouch for the signer"),
            "time": PERHAPS,
            "time_trusted": TRUTH,
            "source_type": PERHAPS,
            "actions": list_of(TEXT),
        },
        "The claim that speaks for the file",
    )


def _ingredient() -> Schema:
    return object_of(
        {
            "title": TEXT,
            "depth": {"type": "integer", "minimum": 1},
            "recorded": _told(list_of(TEXT), "Failure codes its owner's signer recorded"),
            "now": _told(list_of(TEXT), "Failure codes found reading now"),
            "source_rechecked": {"enum": ["same", "changed", "not-checked"]},
            "manifest": PERHAPS,
            "issuer": PERHAPS,
            "source_type": PERHAPS,
            "sha256": PERHAPS,
            "generator": PERHAPS,
            "trusted": TRUTH,
            "anchor": PERHAPS,
        },
        "A file that went in; each stands before its own, which are one deeper",
    )


def _mark() -> Schema:
    box: Schema = {"type": ["array", "null"], "items": {"type": "number"}}
    pair: Schema = {"type": ["array", "null"], "items": COUNT}
    return object_of(
        {
            **dict.fromkeys(("event", "mark"), TEXT),
            "verdict": _told(TEXT, "One of docs/audit.md's verdicts on marks"),
            **dict.fromkeys(("score", "threshold", "z", "retention"), _NUMBER),
            "frames": _told(COUNT, "How many the evidence rests on"),
            "box": box,
            "detail": TEXT,
            "kind": {"enum": ["visible", "hidden", "sound"]},
            "fidelity": _told(_NUMBER, "Of its surroundings with the take's, -1 to 1"),
            "control": _told(_NUMBER, "The same of areas beside it"),
            "false_positives": _told(PERHAPS, "How often the threshold is passed by no mark"),
            "coverage": {"anyOf": [_coverage(), {"type": "null"}]},
            "span": _told(pair, "First programme frame concerned, and the one after the last"),
            "detector": PERHAPS,
            "matched": _told(pair, "Bits of the payload that agree, and how many there are"),
            "p": _told(_NUMBER, "Chance that bits nobody embedded agree as well"),
            "variant": _told(PERHAPS, "`blind`, or with which help of the source"),
            "allowed": _told(PERHAPS, "Why the edit lets it be cut or lost"),
        },
        "A watermark on one event; of a whole film where that is empty",
    )


def _coverage() -> Schema:
    return object_of(
        {
            **dict.fromkeys(("confirmed", "predicted", "total"), COUNT),
            "seconds": {"type": "number"},
        },
        "Frames in which it was found, should show and the event has; how long the first last",
    )


def _policy() -> Schema:
    return object_of(
        {
            **dict.fromkeys(("id", "title", "date"), TEXT),
            "stale": TRUTH,
            "disclaimer": TEXT,
            "sources": list_of(TEXT),
            "checks": list_of(_check()),
        },
        "What a law or a platform asks; information, not legal advice",
    )


def _trust_list() -> Schema:
    return object_of(
        {"name": TEXT, "sha256": _SHA256, "date": TEXT, "certificates": COUNT},
        "A list of whom to trust that counted in this audit",
    )


def _verdict() -> Schema:
    return {"enum": [str(verdict) for verdict in Verdict]}


def _told(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}
