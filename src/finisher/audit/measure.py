"""Measure a finished file: one decode of its picture, then its sound."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.audit.closely import NOTHING, LookedFor, closely
from finisher.audit.hear import MeasuredSound, hear
from finisher.audit.hidden_evidence import HiddenSample
from finisher.audit.mark_evidence import MarkSample
from finisher.facts import FrameIndex
from finisher.ffmpeg import pictures
from finisher.geometry import Raster
from finisher.media import boxes
from finisher.media.boxes import ContainerFacts
from finisher.media.copying import digest_of
from finisher.media.index import PictureShape, picture_shape
from finisher.media.matroska import MatroskaFacts, matroska
from finisher.problems import MediaError, RenderError
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.promises import GRID, Promises

_LONG_SIDE = 128
"""Pixels of a small plane's longer side: 16 for each cell of a fingerprint."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """A finished file as found."""

    shape: PictureShape
    container: ContainerFacts | None
    """None for a file that is neither MP4 nor MOV."""
    cells: NDArray[np.float32]
    """Mean luma of each fingerprint cell: (frames, rows, columns), in presentation order."""
    complaints: tuple[str, ...]
    """What the decoder complained of."""
    sound: MeasuredSound | None
    marks: tuple[MarkSample, ...] = ()
    """One for each promised mark; none where none was looked at."""
    hidden: tuple[HiddenSample, ...] = ()
    """One for each promised hidden mark, likewise."""
    bindings: tuple[HiddenSample, ...] = ()
    """One for each soft binding that was to be looked for."""
    copies: tuple[str | None, ...] = ()
    """For each promised copy, the SHA-256 of what stands there, None where that is not alone."""
    matroska: MatroskaFacts | None = None
    """What a file states that is Matroska or WebM."""


def measure(
    path: Path,
    promises: Promises | None,
    listen: Listener,
    seed: str = "",
    looked_for: LookedFor = NOTHING,
) -> Measured:
    """Measure a file; `promises` and `seed` decide which frames are looked at closely.

    Raises:
        MediaError: when it holds no picture that can be read.
    """
    shape = picture_shape(path)
    listen(Started("audit", len(shape.index), "frames"))
    complaints: list[str] = []
    container, stated = _container(path), matroska(path)
    with tempfile.TemporaryDirectory(prefix="finisher-audit-") as folder:
        close = closely(promises, shape, seed, looked_for, Path(folder))
        means = []
        planes = pictures.measure(path, plane_size(shape.raster), close.kept, complaints)
        for plane in planes:
            means.append(cell_means(plane))
            listen(Advanced("audit"))
        cells = np.stack(means) if means else np.zeros((0, *GRID), np.float32)
        marks = close.marks()
        hidden = close.hidden(path, listen)
        bindings = close.bound(listen)
    copies = _copies(path, promises, shape.index) if promises is not None else ()
    sound = hear(path, promises.sound if promises is not None else None, complaints)
    listen(Finished("audit"))
    return Measured(
        shape=shape,
        container=container,
        cells=cells,
        complaints=tuple(complaints),
        sound=sound,
        marks=marks,
        hidden=hidden,
        bindings=bindings,
        copies=copies,
        matroska=stated,
    )


def _copies(path: Path, promises: Promises, index: FrameIndex) -> tuple[str | None, ...]:
    """What stands in the file where pictures were to be carried over."""
    found: list[str | None] = []
    for copy in promises.copies:
        try:
            shown = range(copy.start, copy.start + copy.frames)
            found.append(digest_of(path, index, shown) if shown.stop <= len(index) else None)
        except (MediaError, RenderError):
            found.append(None)
    return tuple(found)


def plane_size(raster: Raster) -> tuple[int, int]:
    """Width and height of the small planes: whole pixels for each cell, near the raster's shape."""
    longer = max(raster.width, raster.height)
    rows, columns = GRID
    return (
        columns * max(1, round(_LONG_SIDE * raster.width / longer / columns)),
        rows * max(1, round(_LONG_SIDE * raster.height / longer / rows)),
    )


def cell_means(plane: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Mean of each fingerprint cell of a small plane."""
    rows, columns = GRID
    height, width = plane.shape
    cells = plane.reshape(rows, height // rows, columns, width // columns)
    return np.asarray(cells.mean(axis=(1, 3)), np.float32)


def _container(path: Path) -> ContainerFacts | None:
    """The file's structure; a container of another kind has none that is checked."""
    try:
        return boxes.walk(path)
    except MediaError:
        return None
