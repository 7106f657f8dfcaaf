"""Where named documents lie: beside the edit list, among the user's own, among those shipped."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from finisher.problems import nearest
from finisher.shipped import folder as shipped_folder

SUFFIX = ".toml"


def places(kind: str, folder: Path | None) -> tuple[Path, ...]:
    """The folders documents of a kind are looked for in, first come first served.

    Args:
        kind: the folders' name: `presets`, `policies`.
        folder: the edit list's, where there is one.
    """
    user = Path(platformdirs.user_config_dir("finisher", appauthor=False)) / kind
    beside = () if folder is None else (folder / kind,)
    return (*beside, user, shipped_folder(kind))


def names_in(shelves: Sequence[Path], form: re.Pattern[str]) -> list[str]:
    """The names of all documents there, in alphabetical order; files of other names are none."""
    return sorted(
        {
            path.stem
            for shelf in shelves
            if shelf.is_dir()
            for path in shelf.glob(f"*{SUFFIX}")
            if form.fullmatch(path.stem)
        }
    )


def files_in(shelves: Sequence[Path]) -> list[Path]:
    """The folders, and every document's file there."""
    return [*shelves, *(path for shelf in shelves for path in sorted(shelf.glob(f"*{SUFFIX}")))]


def offered(name: str, known: Sequence[str]) -> str:
    """What there is in place of a name that there is not: the nearest, and all."""
    listed = f"there are: {', '.join(known)}" if known else "there are none"
    closest = nearest(name, known)
    return f"{closest} {listed}" if closest else listed
