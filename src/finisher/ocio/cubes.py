"""Grades evaluated into cubes.

Behind the input transform colour is Rec.709 display-encoded, so the configuration is OpenColorIO's
raw one: a default that changes with the package would change pictures.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyOpenColorIO import GetVersion, GroupTransform

from finisher.look import CDL, Grade, Look
from finisher.ocio.cdl import transform
from finisher.ocio.looks import bad_look, read_look
from finisher.ocio.spaces import to_rec709
from finisher.ocio.through import through


def version() -> str:
    """The version of OpenColorIO at work."""
    return str(GetVersion())


def cube(grade: Grade, size: int) -> NDArray[np.float32]:
    """A grade evaluated on a lattice of `size`³ points over 0 to 1, in its input's own encoding.

    Indexed [b, g, r], the last axis holding the R, G, B that come out. Values may lie outside 0
    to 1: clipping is left to whatever stores the picture, so that interpolation near black and
    white stays true. CDLs are evaluated without clamping between steps; in OpenColorIO's
    no-clamp style a value below zero passes the power unchanged.

    Raises:
        DocumentError: the look is missing, unreadable, changed since it was named by its hash,
            or gives values that are not finite.
    """
    rgb = to_rec709(grade.input, _lattice(size))
    result = through(_cdls(grade.match), rgb)
    if grade.residual is not None:
        table = Look("residual", grade.residual.path, grade.residual.sha256)
        result += np.float32(grade.residual.strength) * through(read_look(table), rgb)
    last = _cdls(grade.cdl)
    if grade.look is not None:
        last.appendTransform(read_look(grade.look))
    result = through(last, result)
    if not np.isfinite(result).all():
        name = grade.look.path if grade.look is not None else "cdl"
        raise bad_look(Path(name), "grade-not-finite", "the grade gives values that are not finite")
    return result


def _lattice(size: int) -> NDArray[np.float32]:
    """Every R, G, B of a lattice over 0 to 1, indexed [b, g, r]."""
    steps = np.linspace(0.0, 1.0, size, dtype=np.float32)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    return np.stack([r, g, b], axis=-1)


def _cdls(*cdls: CDL) -> GroupTransform:
    """Those CDLs that change anything, one after the other."""
    return GroupTransform([transform(cdl) for cdl in cdls if not cdl.identity])
