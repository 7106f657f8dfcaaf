"""Takes that are to be steadied: a copy without their flicker stands for their pictures."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from finisher.canonical import digest
from finisher.facts import ConformedCopy
from finisher.look import Space
from finisher.media.index import PictureShape, picture_shape
from finisher.media.lossless import SUFFIX
from finisher.media.steady import write_steadied
from finisher.plan.decode import read_as
from finisher.problems import MediaError, Problem, Where
from finisher.store import Store

KIND = "copies"
_REVISION = 1
"""Raised when the same take would be steadied differently by this code."""


def steadied(
    usable: ConformedCopy,
    shape: PictureShape,
    gains: Sequence[float],
    store: Store,
    hold: Callable[[], None],
) -> tuple[PictureShape, ConformedCopy]:
    """The shape of a take's steadied pictures, and the copy that holds them.

    `usable` holds them as they are: the take itself or the copy that stands for it. `hold` raises
    where the take is not any more what it was: then no copy is kept.

    Raises:
        MediaError: when no copy can be made, or it does not hold every picture.
    """
    path = Path(usable.path)
    read = read_as(shape.tags, shape.pixel_format, shape.raster)
    if read.space in (Space.PQ, Space.HLG):
        message = f"pictures encoded as {read.space} can't be steadied"
        raise MediaError(Problem("not-steadiable", message, Where(str(path))))
    span = read.range
    key = digest([usable.key, span, list(gains), _REVISION])

    def write(destination: Path) -> None:
        write_steadied(path, shape, span, gains, destination)
        hold()

    copy = store.make(KIND, key, SUFFIX, write)
    kept = picture_shape(copy)
    if len(kept.index) != len(shape.index):
        message = f"its steadied copy holds {len(kept.index)} pictures of {len(shape.index)}"
        raise MediaError(Problem("not-steadiable", message, Where(str(path))))
    kept = replace(kept, tags=replace(shape.tags, range=span))
    return kept, ConformedCopy(str(copy), key, usable.repairs, steadied=True)
