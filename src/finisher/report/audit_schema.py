"""The JSON Schema of `finisher/audit@1`, for programs that read audits."""

from __future__ import annotations

from finisher.canonical import Json
from finisher.findings import Status, Verdict, Weight

Schema = dict[str, Json]

_TEXT: Schema = {"type": "string"}
_PERHAPS: Schema = {"type": ["string", "null"]}
_NUMBER: Schema = {"type": ["number", "null"]}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_TRUTH: Schema = {"type": "boolean"}
_SHA256: Schema = {"type": "string", "pattern": "^([0-9a-f]{64})?$"}
_ANY: Schema = {}


def audit_schema() -> Schema:
    """The schema, in draft 2020-12; keys may be added to the document, and none taken away."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "finisher/audit@1",
        **_object(
            "What an audit found; `verdict` is the worst file's",
            {
                "schema": {"const": "finisher/audit@1"},
                "verdict": _verdict(),
                "passed": _told(_TRUTH, "Whether every file passed"),
                "files": {"type": "array", "minItems": 1, "items": _file()},
                "trust_lists": _list(_trust_list()),
            },
        ),
    }


def _file() -> Schema:
    return _object(
        "One audited file",
        {
            "name": _TEXT,
            "bytes": _COUNT,
            "sha256": _told(_SHA256, "Of the file; empty where it could not be opened"),
            "verdict": _verdict(),
            "passed": _told(_TRUTH, "Whether no required check failed, or was not made"),
            "checks": _list(_check()),
            "active": {"anyOf": [_active(), {"type": "null"}]},
            "ingredients": _list(_ingredient()),
            "watermarks": _list(_mark()),
            "labels": _told({"type": "object"}, "Labels besides the credentials, by kind"),
            "not_checked": _told(_list(_TEXT), "What nobody looked at, and so proves nothing"),
            "policies": _list(_policy()),
        },
    )


def _check() -> Schema:
    return _object(
        "One comparison of what was promised with what was measured",
        {
            "id": _TEXT,
            "status": {"enum": [str(status) for status in Status]},
            "severity": {"enum": [str(weight) for weight in Weight]},
            "codes": _list(_TEXT),
            "detail": _TEXT,
            "promised": _ANY,
            "measured": _ANY,
        },
    )


def _active() -> Schema:
    return _object(
        "The claim that speaks for the file",
        {
            "urn": _TEXT,
            "generator": _TEXT,
            "issuer": _told(_PERHAPS, "A mere name, unless `anchor` says who vouches for it"),
            "common_name": _PERHAPS,
            "anchor": _told(_PERHAPS, "The trust lists that vouch for the signer"),
            "time": _PERHAPS,
            "time_trusted": _TRUTH,
            "source_type": _PERHAPS,
            "actions": _list(_TEXT),
        },
    )


def _ingredient() -> Schema:
    return _object(
        "A file that went in; each stands before its own, which are one deeper",
        {
            "title": _TEXT,
            "depth": {"type": "integer", "minimum": 1},
            "recorded": _told(_list(_TEXT), "Failure codes its owner's signer recorded"),
            "now": _told(_list(_TEXT), "Failure codes found reading now"),
            "source_rechecked": {"enum": ["same", "changed", "not-checked"]},
            "manifest": _PERHAPS,
            "issuer": _PERHAPS,
            "source_type": _PERHAPS,
            "sha256": _PERHAPS,
            "generator": _PERHAPS,
            "trusted": _TRUTH,
            "anchor": _PERHAPS,
        },
    )


def _mark() -> Schema:
    box: Schema = {"type": ["array", "null"], "items": {"type": "number"}}
    return _object(
        "A declared watermark on one event",
        {
            **dict.fromkeys(("event", "mark", "verdict"), _TEXT),
            **dict.fromkeys(("score", "threshold", "z", "retention"), _NUMBER),
            "frames": _COUNT,
            "box": box,
            "detail": _TEXT,
        },
    )


def _policy() -> Schema:
    return _object(
        "What a law or a platform asks; information, not legal advice",
        {
            **dict.fromkeys(("id", "title", "date"), _TEXT),
            "stale": _TRUTH,
            "disclaimer": _TEXT,
            "sources": _list(_TEXT),
            "checks": _list(_check()),
        },
    )


def _trust_list() -> Schema:
    return _object(
        "A list of whom to trust that counted in this audit",
        {"name": _TEXT, "sha256": _SHA256, "date": _TEXT, "certificates": _COUNT},
    )


def _verdict() -> Schema:
    return {"enum": [str(verdict) for verdict in Verdict]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _told(schema: Schema, description: str) -> Schema:
    return {**schema, "description": description}


def _object(description: str, members: dict[str, Schema]) -> Schema:
    """An object that has all of these."""
    return {
        "type": "object",
        "description": description,
        "properties": dict(members),
        "required": list(members),
    }
