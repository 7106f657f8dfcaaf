"""Takes that can't be used as they are get a copy that can: made once, kept, and reported."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from finisher.canonical import digest
from finisher.facts import ConformedCopy, PictureFacts
from finisher.media.index import PictureShape, picture_shape
from finisher.media.lossless import SUFFIX
from finisher.media.upright import recipe_for, write_copy
from finisher.problems import MediaError, Problem, Where
from finisher.store import Store

__all__ = ["KIND", "SUFFIX", "conform", "found"]

KIND = "copies"
Pictured = TypeVar("Pictured", bound=PictureFacts)
_REVISION = 2
"""Raised when the same take would be copied differently by this code."""


def conform(
    path: Path,
    original: PictureShape,
    content_key: str,
    store: Store,
    steady: Callable[[], None] = lambda: None,
) -> tuple[PictureShape, ConformedCopy | None]:
    """The shape of the pictures to use, and the copy that holds them; None for the take's own.

    `steady` raises where the take is not any more what it was: then no copy is kept.

    The copy holds every picture of the take in order; when each is shown, and what its colour
    means, the take alone tells.

    Raises:
        MediaError: when no copy can be made, or it does not hold every picture.
    """
    recipe = recipe_for(original)
    if recipe is None:
        return original, None
    key = digest([content_key, recipe.filters, _REVISION])

    def write(destination: Path) -> None:
        write_copy(path, original, recipe, destination)
        steady()

    copy = store.make(KIND, key, SUFFIX, write)
    shape = picture_shape(copy)
    if len(shape.index) != len(original.index):
        message = f"its copy holds {len(shape.index)} pictures of {len(original.index)}"
        raise MediaError(Problem("not-conformable", message, Where(str(path))))
    tags = original.tags
    if tags.range is None and original.pixel_format.startswith("yuvj"):
        # Its format alone said so, and the copy's does not.
        tags = replace(tags, range="pc")
    shape = replace(shape, tags=tags)
    return shape, ConformedCopy(str(copy), key, recipe.repairs)


def found(facts: Pictured, path: str, store: Store) -> Pictured | None:
    """The same facts with the file of their copy as it is now, None where that is gone.

    The same content may have been measured under another name: it goes by this one.
    """
    copy = facts.copy
    if copy is None:
        return replace(facts, path=path)
    held = store.get(KIND, copy.key, SUFFIX)
    return None if held is None else replace(facts, path=path, copy=replace(copy, path=str(held)))
