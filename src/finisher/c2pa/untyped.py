"""Values in documents nobody vouches for: of the type they should have, or empty."""

from __future__ import annotations

from typing import Any

Document = dict[str, Any]


def map_of(value: object) -> Document:
    """A value that should be an object."""
    return value if isinstance(value, dict) else {}


def maps_of(value: object) -> list[Document]:
    """A value that should be a list of objects; what is none of them is left out."""
    return [item for item in list_of(value) if isinstance(item, dict)]


def list_of(value: object) -> list[Any]:
    """A value that should be a list."""
    return value if isinstance(value, list) else []


def text_of(value: object) -> str:
    """A value that should be text."""
    return value if isinstance(value, str) else ""
