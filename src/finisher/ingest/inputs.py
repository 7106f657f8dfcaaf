"""Takes looked at as Rec.709, whatever they are: sketches by way of their input transform."""

from __future__ import annotations

from pathlib import Path

from finisher.canonical import digest
from finisher.color.bake import path_text, size_for
from finisher.look import Grade, Space
from finisher.media.index import PictureShape
from finisher.media.sketch import Closer, Kept, sketch
from finisher.ocio import cubes
from finisher.plan.decode import read_as
from finisher.store import Store

_REVISION = 1
"""Raised when the same space would be brought to Rec.709 differently by this code."""


def looked_at(
    path: Path, shape: PictureShape, closer: Closer, destination: Path | None, store: Store
) -> dict[int, Kept]:
    """Sketch a take's pictures as its tags say they are to be read.

    Raises:
        MediaError, OSError: as `finisher.media.sketch.sketch`.
        MachineError: when the store can't be written.
    """
    read = read_as(shape.tags, shape.pixel_format, shape.raster)
    lut = input_cube(read.space, store)
    return sketch(path, shape, (read.matrix, read.range), closer, destination, lut)


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
