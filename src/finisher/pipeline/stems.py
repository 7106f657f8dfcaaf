"""Stems beside a deliverable: laid there as one folder, and put back where they were changed."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from finisher.canonical import from_json, to_json
from finisher.pipeline.names import Destination, claim, workshop, writing
from finisher.store import Store

KIND = "stems"
"""What is remembered of a delivery's stems."""


@dataclass(frozen=True, slots=True)
class KeptStem:
    """A stem as it was delivered."""

    name: str
    path: str
    """Where it lies in the store, from the store's own folder."""
    sha256: str


def lay(stems: Mapping[str, Path], destination: Destination) -> tuple[Path, ...]:
    """Lay copies of stems in their folder, in place of all that lay there; where they lie.

    The folder is put together beside its place and appears whole; without stems there is none.

    Raises:
        MachineError: when there is no room, or the place can't be written.
    """
    if not stems:
        destination.remove_stems()
        return ()
    claim(destination)
    place = destination.stems
    with workshop(destination) as shop, writing(place):
        made, old = Path(shop) / "new", Path(shop) / "old"
        made.mkdir()
        for name, path in stems.items():
            shutil.copyfile(path, made / f"{name}.wav")
        if place.exists():
            place.rename(old)
        made.rename(place)
    return tuple(place / f"{name}.wav" for name in stems)


def remember(store: Store, key: str, stems: Mapping[str, Path]) -> None:
    """Keep in mind which entries of the store were delivered as stems.

    Raises:
        MachineError: when the store can't be written.
    """
    kept = [
        KeptStem(name, str(path.relative_to(store.root)), sha256)
        for name, path in stems.items()
        if (sha256 := sha256_of(path)) is not None
    ]
    store.write(KIND, key, [to_json(stem) for stem in kept])


def recall(store: Store, key: str) -> tuple[KeptStem, ...] | None:
    """The stems of a delivery; None where that is not known."""
    value = store.read(KIND, key)
    try:
        return None if value is None else from_json(tuple[KeptStem, ...], value)
    except (TypeError, ValueError, KeyError):
        return None


def put(store: Store, kept: tuple[KeptStem, ...], destination: Destination) -> bool | None:
    """Make the destination hold a delivery's stems; whether anything had to be written.

    None, and nothing written, where the store has not the bytes that were delivered.

    Raises:
        MachineError: when it can't be written.
    """
    places = {stem.name: destination.stems / f"{stem.name}.wav" for stem in kept}
    there = set(destination.stems.iterdir()) if destination.stems.is_dir() else set()
    if there == set(places.values()) and all(
        _holds(places[stem.name], stem.sha256) for stem in kept
    ):
        return False
    stored = {stem.name: store.root / stem.path for stem in kept}
    if not all(_holds(stored[stem.name], stem.sha256) for stem in kept):
        return None
    lay(stored, destination)
    return bool(kept)


def _holds(path: Path, sha256: str) -> bool:
    """Whether a file is there and has those bytes now."""
    return sha256_of(path) == sha256


def sha256_of(path: Path) -> str | None:
    """The hash of the bytes as they are now, None where none can be read.

    It is computed each time: a disk that rots changes no date.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
