"""The parts that the JSON Schemas of published documents are put together from."""

from __future__ import annotations

from collections.abc import Mapping

from finisher.canonical import Json

Schema = dict[str, Json]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TEXT: Schema = {"type": "string"}
PERHAPS: Schema = {"type": ["string", "null"]}
"""Text, or null."""
COUNT: Schema = {"type": "integer", "minimum": 0}
TRUTH: Schema = {"type": "boolean"}


def list_of(items: Schema) -> Schema:
    """A list of any length."""
    return {"type": "array", "items": items}


def object_of(members: Mapping[str, Schema], description: str = "") -> Schema:
    """An object that has all of these members."""
    told: Schema = {"description": description} if description else {}
    return {"type": "object", **told, "properties": dict(members), "required": list(members)}
