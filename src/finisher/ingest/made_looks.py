"""Looks made into files that OpenColorIO reads, kept in the store.

A Hald picture and a configuration's look become plain cubes, a correction of a collection a `.cc`.
They go by the names of what they were made from.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest
from finisher.color import bake, hald
from finisher.look import Look
from finisher.ocio import cdl, config, cubes
from finisher.ocio.looks import bad_look, content_of
from finisher.store import Store

HALD = ".png"
"""Suffix of Hald pictures."""
_KIND = "looks"
_REVISION = 1
"""Raised when the same look would be made into another file by this code."""


def of_correction(path: Path, identifier: str, store: Store) -> Look:
    """The correction of that id in a collection.

    Raises:
        DocumentError: the file is no collection, or has no such correction.
        MachineError: when the store can't be written.
    """
    content = content_of(path)

    def write(destination: Path) -> None:
        correction = cdl.read_correction(path, identifier)
        destination.write_text(cdl.cdl_text(correction, ".cc", identifier), encoding="utf-8")

    key = ["correction", _sha256(content), identifier]
    return _made(f"{path.name}#{identifier}", key, ".cc", store, write)


def of_hald(path: Path, store: Store) -> Look:
    """A Hald picture as a plain cube.

    Raises:
        DocumentError: the picture is no Hald CLUT.
        MachineError: when the store can't be written.
    """
    png = content_of(path)

    def write(destination: Path) -> None:
        try:
            table = hald.read(png)
        except hald.NoHald as no:
            raise bad_look(path, "look-unreadable", no.message, no.hint) from None
        _write_cube(_resampled(table), destination)

    return _made(path.name, ["hald", _sha256(png)], ".cube", store, write)


def of_config(opened: config.Opened, name: str, store: Store) -> Look:
    """A look of an OpenColorIO configuration as a plain cube, from finished pictures to the same.

    Raises:
        DocumentError: as `config.cube`.
        MachineError: when the store can't be written.
    """
    # What lies at each place, there or not, decides which file is read.
    files = [_sha256(content_of(p)) if p.is_file() else "" for p in config.files(opened, name)]
    told = [_sha256(opened.content), opened.declared.space, name]
    key = ["config", *told, *files, cubes.version()]

    def write(destination: Path) -> None:
        _write_cube(config.cube(opened, name, bake.FINE), destination)

    return _made(name, key, ".cube", store, write)


def _made(
    name: str, key: Sequence[str], suffix: str, store: Store, write: Callable[[Path], None]
) -> Look:
    """The look in the store, made if it was not there."""
    path = store.make(_KIND, digest([_REVISION, *key]), suffix, write)
    return Look(name, str(path), _sha256(path.read_bytes()))


def _resampled(table: NDArray[np.float32]) -> NDArray[np.float32]:
    """A table [b, g, r, channel] on the lattice of a fine cube, in tetrahedra."""
    steps = np.linspace(0.0, 1.0, bake.FINE, dtype=np.float32)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    return bake.apply(table, np.stack([r, g, b], axis=-1)).astype(np.float32)


def _write_cube(cube: NDArray[np.float32], destination: Path) -> None:
    destination.write_text(bake.cube_text(cube), encoding="ascii", newline="\n")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
