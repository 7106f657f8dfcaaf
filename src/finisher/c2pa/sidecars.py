"""Where a manifest store lies that is not embedded: beside its file, named alike."""

from __future__ import annotations

from pathlib import Path

SUFFIX = ".c2pa"


def sidecar(media: Path) -> Path:
    """The place of a file's store beside it: `film.webm` has `film.c2pa`, as c2patool names it."""
    return media.with_suffix(SUFFIX)
