"""Grades baked into cubes: one for each distinct chain, kept in the store."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest
from finisher.color.bake import path_text, size_for, thinned
from finisher.look import Grade, Space
from finisher.ocio import cubes
from finisher.store import Store

_REVISION = 4
"""Raised when the same grade would be baked differently by this code."""


@dataclass(frozen=True, slots=True)
class Baked:
    """A grade as a lattice: the .cube file for libavfilter, the array for everyone else."""

    key: str
    path: Path
    cube: NDArray[np.float32]


def bake(grades: Iterable[Grade], store: Store) -> dict[Grade, Baked]:
    """Every grade that changes anything, baked; those of other spaces also from Rec.709.

    Raises:
        DocumentError: when a look can't be read or gives values that are not finite.
    """
    wanted = {made for grade in grades for made in (grade, behind_input(grade))}
    return {grade: _baked(grade, store) for grade in wanted if not grade.identity}


def behind_input(grade: Grade) -> Grade:
    """A grade without its input transform, for pictures that went through that already."""
    return replace(grade, input=Space.REC709)


def _baked(grade: Grade, store: Store) -> Baked:
    size = size_for(grade)
    # Files count by what they hold, wherever they lie.
    look = grade.look and grade.look.sha256
    residual = grade.residual and replace(grade.residual, path="")
    content = replace(grade, look=None, residual=residual)
    key = digest([content, look, size, cubes.version(), _REVISION])

    def write_array(destination: Path) -> None:
        with destination.open("wb") as file:
            np.save(file, thinned(cubes.cube(grade, size)))

    array = store.make("cubes", key, ".npy", write_array)
    cube: NDArray[np.float32] = np.load(array)

    def write_text(destination: Path) -> None:
        destination.write_text(path_text(cube), encoding="ascii")

    return Baked(key, store.make("cubes", key, ".cube", write_text), cube)
