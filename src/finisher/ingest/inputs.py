"""Input transforms as cubes in the store: what takes of other spaces are looked at through."""

from __future__ import annotations

from pathlib import Path

from finisher.canonical import digest
from finisher.color.bake import path_text, size_for
from finisher.look import Grade, Space
from finisher.ocio import cubes
from finisher.store import Store

_REVISION = 1
"""Raised when the same space would be brought to Rec.709 differently by this code."""


def input_cube(space: Space, store: Store) -> Path | None:
    """The .cube that brings a space to Rec.709; None where nothing is to be done."""
    if space is Space.REC709:
        return None
    grade = Grade(input=space)
    size = size_for(grade)

    def write(destination: Path) -> None:
        destination.write_text(path_text(cubes.cube(grade, size)), encoding="ascii")

    key = digest(["input", space, size, cubes.version(), _REVISION])
    return store.make("cubes", key, ".cube", write)
