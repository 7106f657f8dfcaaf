"""Deliveries made before: the same plan signed by the same signer is not made twice."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from finisher.c2pa.sidecars import SUFFIX
from finisher.canonical import digest, from_json, to_json
from finisher.findings import FileAudit
from finisher.pipeline import stems as stemming
from finisher.pipeline.names import Destination, writing
from finisher.pipeline.stems import KeptStem, sha256_of
from finisher.problems import Problem
from finisher.store import Store

KIND = "deliveries"
_REMARKS = "remarks"
_SIDECARS = "sidecars"
_REVISION = 6
"""Raised when deliveries made before should be made again."""
_BESIDE = (".report.json", ".report.html", ".publish.json")
"""Suffixes of what lies beside the media."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """A delivery in the store: its media, what lies beside it, and its audit."""

    media: Path
    json: Path
    html: Path
    publish: Path
    sidecar: tuple[Path, str] | None
    """Its credentials where they are not embedded, and their SHA-256."""
    audit: FileAudit
    stems: tuple[KeptStem, ...]
    remarks: tuple[Problem, ...]
    """What there was to say of its sound."""
    store: Store


def key_of(*parts: object) -> str:
    """The key of a delivery: everything that decides what it holds and how it is judged."""
    return digest([_REVISION, *parts])


def recall(store: Store, key: str, suffix: str) -> Remembered | None:
    """The delivery of that key, None unless all of it is there."""
    value = store.read(KIND, key)
    media = store.get(KIND, key, suffix)
    json, html, publish = (store.get(KIND, key, suffix) for suffix in _BESIDE)
    stems = stemming.recall(store, key)
    if value is None or media is None or json is None or html is None:
        return None
    if publish is None or stems is None:
        return None
    try:
        audit = from_json(FileAudit, value)
        remarks = from_json(tuple[Problem, ...], store.read(_REMARKS, key))
        known = from_json(str, store.read(_SIDECARS, key))
    except (TypeError, ValueError, KeyError):
        return None
    beside = store.get(KIND, key, SUFFIX) if known else None
    if known and beside is None:
        return None
    sidecar = (beside, known) if beside is not None else None
    return Remembered(media, json, html, publish, sidecar, audit, stems, remarks, store)


def remember(
    store: Store,
    key: str,
    destination: Destination,
    audit: FileAudit,
    stems: Mapping[str, Path],
    remarks: Sequence[Problem] = (),
) -> None:
    """Keep copies of a delivery that passed, and its remarks; `stems` lie in the store already."""
    for path, suffix in (
        (destination.media, destination.media.suffix),
        *zip((destination.json, destination.html, destination.publish), _BESIDE, strict=True),
    ):
        store.path(KIND, key, suffix).unlink(missing_ok=True)
        store.make(KIND, key, suffix, _copier(path))
    store.write(_SIDECARS, key, _keep_sidecar(store, key, destination))
    stemming.remember(store, key, stems)
    store.write(_REMARKS, key, [to_json(remark) for remark in remarks])
    store.write(KIND, key, to_json(audit))


def _keep_sidecar(store: Store, key: str, destination: Destination) -> str:
    """Keep a copy of the credentials beside a delivery: their SHA-256, or nothing."""
    store.path(KIND, key, SUFFIX).unlink(missing_ok=True)
    if not destination.sidecarred:
        return ""
    kept = store.make(KIND, key, SUFFIX, _copier(destination.sidecar))
    return sha256_of(kept) or ""


def put(known: Remembered, destination: Destination) -> bool | None:
    """Make the destination hold a remembered delivery; whether anything had to be written.

    None, and nothing written, where what is remembered has not the bytes that were audited.

    Raises:
        MachineError: when it can't be written.
    """
    audited = known.audit.sha256
    there = sha256_of(destination.media) == audited
    if not there and sha256_of(known.media) != audited:
        return None
    if known.sidecar is not None and sha256_of(known.sidecar[0]) != known.sidecar[1]:
        return None
    laid = stemming.put(known.store, known.stems, destination)
    if laid is None:
        return None
    wrote = laid
    beside: tuple[tuple[Path, Path, bool], ...] = ()
    if known.sidecar is not None:
        credentials = known.sidecar[0]
        same = _same(credentials, destination.sidecar)
        beside = ((credentials, destination.sidecar, same),)
    for source, target, same in (
        *beside,
        (known.json, destination.json, _same(known.json, destination.json)),
        (known.html, destination.html, _same(known.html, destination.html)),
        (known.publish, destination.publish, _same(known.publish, destination.publish)),
        (known.media, destination.media, there),
    ):
        if not same:
            with writing(target):
                _copy_whole(source, target)
            wrote = True
    return wrote


def _same(source: Path, target: Path) -> bool:
    """Whether two files are there and hold the same bytes."""
    found = sha256_of(source)
    return found is not None and found == sha256_of(target)


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
