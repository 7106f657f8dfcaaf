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
    """The delivery of that key, None unless it is there whole and unchanged."""
    value = store.read(KIND, key)
    media = store.get(KIND, key, suffix)
    json, html = store.get(KIND, key, ".report.json"), store.get(KIND, key, ".report.html")
    if value is None or media is None or json is None or html is None:
        return None
    try:
        audit = from_json(FileAudit, value)
        if _sha256(media) != audit.sha256:
            return None
    except (OSError, TypeError, ValueError, KeyError):
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


def put(known: Remembered, destination: Destination) -> bool:
    """Make the destination hold a remembered delivery; whether anything had to be written.

    Raises:
        MachineError: when it can't be written.
    """
    wrote = False
    for source, target in (
        (known.json, destination.json),
        (known.html, destination.html),
        (known.media, destination.media),
    ):
        with writing(target):
            if not _same(source, target):
                _copy_whole(source, target)
                wrote = True
    return wrote


def _same(source: Path, target: Path) -> bool:
    """Whether a file is there and holds the same bytes."""
    if not target.is_file() or target.stat().st_size != source.stat().st_size:
        return False
    try:
        return _sha256(source) == _sha256(target)
    except OSError:
        return False


def _sha256(path: Path) -> str:
    """The hash of the bytes as they are now: a disk that rots changes no date."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


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
