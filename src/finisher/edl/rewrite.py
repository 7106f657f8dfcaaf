"""Changing single values of an edit list; every other character stays as its writer left it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from finisher.canonical import Json
from finisher.edl.source import Source, pointer_to


@dataclass(frozen=True, slots=True)
class _Change:
    """Text to stand for what lies between two offsets."""

    start: int
    end: int
    text: str


def with_members(text: str, source: Source, pointer: str, members: Mapping[str, Json]) -> str:
    """The text with members of the object at a pointer set; new ones come first in it.

    Args:
        text: the document, as `source` was scanned from it.
        source: where in it everything stands.
        pointer: an object of the document.
        members: keys and their new values, written on one line each.

    Raises:
        KeyError: when there is no such object.
    """
    place = source.places.find(pointer)
    if place is None or text[place.value] != "{":
        raise KeyError(pointer)
    changes, added = [], []
    for key, value in members.items():
        there = source.places.find(pointer_to(pointer, key))
        if there is None:
            added.append(f"{json.dumps(key)}: {_written(value)}")
        else:
            changes.append(_Change(there.value, _end(text, there.value), _written(value)))
    if added:
        at = place.value + 1
        rest = text[at:].lstrip()
        comma = "" if rest.startswith("}") else ", "
        changes.append(_Change(at, at, ", ".join(added) + comma))
    for change in sorted(changes, key=lambda change: -change.start):
        text = text[: change.start] + change.text + text[change.end :]
    return text


def _written(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _end(text: str, start: int) -> int:
    """Where the value that begins at an offset ends."""
    _, end = json.JSONDecoder().raw_decode(text, start)
    return end
