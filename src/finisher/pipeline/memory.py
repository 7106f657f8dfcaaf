"""Deliveries made before: the same plan signed by the same signer is not made twice."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from finisher.canonical import digest, from_json, to_json
from finisher.findings import FileAudit
from finisher.pipeline.names import Destination, writing
from finisher.store import Store

KIND = "deliveries"
_REVISION = 1
"""Raised when deliveries made before should be made again."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A delivery in the store: its media, its reports and its audit."""

    media: Path
    json: Path
    html: Path
    audit: FileAudit


def key_of(*parts: object) -> str:
    """The key of a delivery: everything that decides what it holds and how it is judged."""
    return digest([_REVISION, *parts])


def recall(store: Store, key: str, suffix: str) -> Remembered | None:
    """The delivery of that key, None unless all of it is there."""
    value = store.read(KIND, key)
    media = store.get(KIND, key, suffix)
    json, html = store.get(KIND, key, ".report.json"), store.get(KIND, key, ".report.html")
    if value is None or media is None or json is None or html is None:
        return None
    try:
        audit = from_json(FileAudit, value)
    except (TypeError, ValueError, KeyError):
        return None
    return Remembered(media, json, html, audit)


def remember(store: Store, key: str, destination: Destination, audit: FileAudit) -> None:
    """Keep copies of a delivery that passed."""
    for path, suffix in (
        (destination.media, destination.media.suffix),
        (destination.json, ".report.json"),
        (destination.html, ".report.html"),
    ):
        store.path(KIND, key, suffix).unlink(missing_ok=True)
        store.make(KIND, key, suffix, _copier(path))
    store.write(KIND, key, to_json(audit))


def put(known: Remembered, destination: Destination) -> bool | None:
    """Make the destination hold a remembered delivery; whether anything had to be written.

    None, and nothing written, where what is remembered has not the bytes that were audited.

    Raises:
        MachineError: when it can't be written.
    """
    audited = known.audit.sha256
    there = _sha256(destination.media) == audited
    if not there and _sha256(known.media) != audited:
        return None
    wrote = False
    for source, target, same in (
        (known.json, destination.json, _same(known.json, destination.json)),
        (known.html, destination.html, _same(known.html, destination.html)),
        (known.media, destination.media, there),
    ):
        if not same:
            with writing(target):
                _copy_whole(source, target)
            wrote = True
    return wrote


def _same(source: Path, target: Path) -> bool:
    """Whether two files are there and hold the same bytes."""
    found = _sha256(source)
    return found is not None and found == _sha256(target)


def _sha256(path: Path) -> str | None:
    """The hash of the bytes as they are now, None where none can be read.

    It is computed each time: a disk that rots changes no date.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def _copier(source: Path) -> Callable[[Path], None]:
    def copy(target: Path) -> None:
        shutil.copyfile(source, target)

    return copy


def _copy_whole(source: Path, target: Path) -> None:
    """Copy a file so that it appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".finisher-") as folder:
        copy = Path(folder) / target.name
        shutil.copyfile(source, copy)
        copy.replace(target)
