"""The JSON Schema of `finisher/publish@1`, for programs that upload films."""

from __future__ import annotations

from finisher.canonical import Json
from finisher.compliance.evidence import Part
from finisher.compliance.model import Act, Mark
from finisher.findings import Status
from finisher.report.publish import PUBLISH_SCHEMA

Schema = dict[str, Json]

_TEXT: Schema = {"type": "string"}
_TEXTS: Schema = {"type": "array", "items": _TEXT}
_TRUTH: Schema = {"type": "boolean"}


def publish_schema() -> Schema:
    """The schema, in draft 2020-12; keys may be added to the document, and none taken away."""
    members: dict[str, Schema] = {
        "schema": {"const": PUBLISH_SCHEMA},
        "disclaimer": _TEXT,
        "file": _object(
            {"name": _TEXT, "bytes": {"type": "integer", "minimum": 0}, "sha256": _TEXT}
        ),
        "preset": _TEXT,
        "ai": _object({"part": _enum([*Part]), "because": _TEXTS}),
        "people": _object({"named": _TRUTH, "consent": _enum([*Status, None])}),
        "marks": {
            "type": "object",
            "description": "Machine-readable marks of AI, and what each says",
            "properties": {str(mark): _TEXT for mark in Mark},
            "additionalProperties": False,
        },
        "platforms": _list(_object({**_policy(), "fields": _list(_field()), "uncertain": _TEXTS})),
        "policies": _list(_object(_policy())),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": PUBLISH_SCHEMA,
        "description": "What platforms ask of whoever uploads a file",
        **_object(members),
    }


def _field() -> Schema:
    """A field of a platform's interface."""
    value: Schema = {
        "type": ["boolean", "null"],
        "description": "null where somebody has to decide",
    }
    texts = dict.fromkeys(("field", "because", "meaning", "api", "setting"), _TEXT)
    return _object({**texts, "value": value})


def _policy() -> dict[str, Schema]:
    """What is said of each policy."""
    said: dict[str, Schema] = {"id": _TEXT, "text": _TEXT}
    return {
        **dict.fromkeys(("id", "title", "date"), _TEXT),
        "stale": _TRUTH,
        "remark": {"type": ["string", "null"]},
        "todo": _list(_object({**said, "by": _enum([*Act])})),
        "missing": _list(_object(said)),
        "open": _list(_object(said)),
        "sources": _TEXTS,
    }


def _enum(words: list[str | None]) -> Schema:
    return {"enum": [word if word is None else str(word) for word in words]}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _object(members: dict[str, Schema]) -> Schema:
    """An object that has all of these."""
    return {"type": "object", "properties": dict(members), "required": list(members)}
