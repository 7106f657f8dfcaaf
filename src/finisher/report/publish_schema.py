"""The JSON Schema of `finisher/publish@1`, for programs that upload films."""

from __future__ import annotations

from finisher.compliance.evidence import Part
from finisher.compliance.model import Act, Mark
from finisher.findings import Status
from finisher.report.publish import PUBLISH_SCHEMA
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

_TEXTS = list_of(TEXT)


def publish_schema() -> Schema:
    """The schema, in draft 2020-12; keys may be added to the document, and none taken away."""
    members: dict[str, Schema] = {
        "schema": {"const": PUBLISH_SCHEMA},
        "disclaimer": TEXT,
        "file": object_of({"name": TEXT, "bytes": COUNT, "sha256": TEXT}),
        "preset": TEXT,
        "ai": object_of({"part": _enum([*Part]), "because": _TEXTS}),
        "people": object_of({"named": TRUTH, "consent": _enum([*Status, None])}),
        "marks": {
            "type": "object",
            "description": "Machine-readable marks of AI, and what each says",
            "properties": {str(mark): TEXT for mark in Mark},
            "additionalProperties": False,
        },
        "platforms": list_of(
            object_of({**_policy(), "fields": list_of(_field()), "uncertain": _TEXTS})
        ),
        "policies": list_of(object_of(_policy())),
    }
    return {
        "$schema": DIALECT,
        "title": PUBLISH_SCHEMA,
        "description": "What platforms ask of whoever uploads a file",
        **object_of(members),
    }


def _field() -> Schema:
    """A field of a platform's interface."""
    value: Schema = {
        "type": ["boolean", "null"],
        "description": "null where somebody has to decide",
    }
    texts = dict.fromkeys(("field", "because", "meaning", "api", "setting"), TEXT)
    return object_of({**texts, "value": value})


def _policy() -> dict[str, Schema]:
    """What is said of each policy."""
    said: dict[str, Schema] = {"id": TEXT, "text": TEXT}
    return {
        **dict.fromkeys(("id", "title", "date"), TEXT),
        "stale": TRUTH,
        "remark": PERHAPS,
        "todo": list_of(object_of({**said, "by": _enum([*Act])})),
        "missing": list_of(object_of(said)),
        "open": list_of(object_of(said)),
        "sources": _TEXTS,
    }


def _enum(words: list[str | None]) -> Schema:
    return {"enum": [word if word is None else str(word) for word in words]}
