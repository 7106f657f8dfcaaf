"""The JSON Schema of the edit list, for editors and other programs."""

from __future__ import annotations

from finisher.edl.document import SCHEMA, EdlDoc
from finisher.presets.strict import schema_of


def json_schema() -> dict[str, object]:
    """The schema of `finisher/edl@1`, draft 2020-12; it names no host and needs none."""
    return schema_of(EdlDoc, SCHEMA)
