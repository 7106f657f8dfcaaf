"""A take's declared hidden marks, read by the detectors that are installed."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.contents import sha256_of
from finisher.geometry import Raster
from finisher.problems import FinisherError
from finisher.sighting import HiddenFacts
from finisher.store import Store
from finisher.timecode import SAMPLE_RATE
from finisher.timeline import Carrier, HiddenMark
from finisher.watermark import detectors
from finisher.watermark.detector import Declared, Evidence, Hearing, Picture, Reading, Sight
from finisher.watermark.hidden.aligning import aligned

PICTURES = 16
"""Pictures of a take that a mark is read from, spread over it."""
_LONGEST = 120 * SAMPLE_RATE
"""Samples of its sound, from its beginning."""
_REASON = 300
"""Characters of a reason."""
_REVISION = 1
"""Raised when the same take would be read differently by this code."""
_KIND = "hidden"
_WEIGHTS = "weights"
_FILES = 1024
"""Files of a folder of weights whose content counts."""


@dataclass(frozen=True, slots=True)
class HiddenToFind:
    """A declared hidden mark, and what reads it here."""

    mark: HiddenMark
    detector: str
    """Its name and version."""
    options: str
    """Digest of what it is opened with, files by their content."""
    upload: bool
    """Whether what is looked at may leave this machine."""
    hindrance: str = ""
    """Why its detector can't be used here, as far as that is known before it is opened."""

    @property
    def parts(self) -> tuple[object, ...]:
        """All that decides what is read."""
        mark, canvas = self.mark, str(self.mark.canvas or "")
        told = (mark.id, mark.payload, str(mark.carrier), canvas)
        return (*told, mark.detector, self.detector, self.options, self.upload, self.hindrance)

    def key(self, content_key: str) -> str:
        """The key of what is read of it in a take of that content."""
        return digest([content_key, self.parts, _REVISION])


@dataclass(frozen=True, slots=True)
class Source:
    """Where a take's pictures and sound are to be had."""

    raster: Raster
    pictures: Callable[[], Iterator[Picture]]
    """A few of them, decoded as they are asked for."""
    sound: Path | None
    """Conformed to 48 kHz: float32, channels side by side."""
    channels: int


def to_find(mark: HiddenMark, store: Store, *, upload: bool) -> HiddenToFind:
    """What there is to know of a mark before its take is opened."""
    name = mark.detector
    return HiddenToFind(
        mark,
        detectors.title(name),
        digest(contents(mark.options, store)),
        upload,
        detectors.hindrance(name),
    )


def contents(options: Iterable[tuple[str, str]], store: Store) -> list[tuple[str, object]]:
    """What options stand for: files by their content, of folders of weights all that lie there."""
    told: list[tuple[str, object]] = []
    for key, value in options:
        path = Path(value)
        whole = key.startswith(_WEIGHTS) and path.is_dir()
        told.append((key, _folder(path, store) if whole else _content(path, value, store)))
    return told


def _folder(path: Path, store: Store) -> list[tuple[str, str]]:
    """Names in a folder, and what lies there; links to folders are not followed."""
    return [
        (file.relative_to(path).as_posix(), _content(file, "", store))
        for file in islice(_below(path), _FILES)
    ]


def _below(path: Path) -> Iterator[Path]:
    """Files in a folder, in an order that a change of one does not change."""
    for folder, inner, names in os.walk(path):
        inner.sort()
        yield from (Path(folder) / name for name in sorted(names))


def _content(path: Path, otherwise: str, store: Store) -> str:
    """A file's content, and something else where there is none."""
    try:
        return sha256_of(path, store) if path.is_file() else otherwise
    except (FinisherError, OSError, ValueError):
        return otherwise


def recalled(
    one: HiddenToFind, content_key: str, store: Store, *, sounding: bool
) -> HiddenFacts | None:
    """What is known of a mark without reading a take; None where it is to be read.

    Only readings are remembered. What kept a detector from one may be gone by the next run.
    """
    reason = _refusal(one, sounding=sounding)
    if reason:
        return HiddenFacts(one.detector, found=False, reason=_told(one.mark, reason))
    with contextlib.suppress(TypeError, ValueError, KeyError):
        return from_json(HiddenFacts, store.read(_KIND, one.key(content_key)))
    return None


def read(one: HiddenToFind, content_key: str, source: Source, store: Store) -> HiddenFacts:
    """Whether a take carries a mark, remembered where its detector could tell.

    Raises:
        MachineError: when the store can't be written.
    """
    known = recalled(one, content_key, store, sounding=source.sound is not None)
    if known is not None:
        return known
    facts, told = _asked(one, source)
    if told:
        store.write(_KIND, one.key(content_key), to_json(facts))
    return facts


def _asked(one: HiddenToFind, source: Source) -> tuple[HiddenFacts, bool]:
    """Whether a take carries a mark, and whether its detector could tell."""
    mark = one.mark
    canvas = mark.canvas or source.raster
    declared = Declared(mark.payload, (canvas.width, canvas.height))
    try:
        seen = _heard(source) if mark.carrier is Carrier.SOUND else _seen(source, canvas)
        evidence = detectors.look(mark.detector, dict(mark.options), seen, declared)
    # Ours may fail too; no export depends on what it would have read.
    except Exception as error:  # noqa: BLE001
        reason = f"its detector failed: {type(error).__name__}: {error}"
        return HiddenFacts(one.detector, found=False, reason=_told(mark, reason)), False
    facts = _facts(one.detector, evidence)
    told = any(piece.reading is not Reading.UNREADABLE for piece in evidence)
    return replace(facts, reason=_told(mark, facts.reason)), told


def _told(mark: HiddenMark, reason: str) -> str:
    """A reason as it may travel in a file: no folder of this machine, nor more than a sentence."""
    for _, value in mark.options:
        reason = reason.replace(value, Path(value).name)
    return reason[:_REASON]


def _refusal(one: HiddenToFind, *, sounding: bool) -> str:
    """Why a mark is not even looked for; empty where it is."""
    if not one.mark.payload:
        return "no payload is declared: bits alone prove nothing"
    if one.hindrance:
        return one.hindrance
    try:
        uploads = detectors.found(one.mark.detector).capability.network
    except FinisherError as error:  # on another machine than the one that planned
        return detectors.reasons(error)
    if uploads and not one.upload:
        return "its detector would upload pictures: that takes --allow-upload"
    if one.mark.carrier is Carrier.SOUND and not sounding:
        return "the take has no sound"
    return ""


def _seen(source: Source, canvas: Raster) -> Iterator[Sight]:
    """Pictures as they are, and at the size the mark was embedded at."""
    size = (canvas.width, canvas.height)
    for picture in source.pictures():
        height, width = picture.shape[:2]
        whole = (0.0, 0.0, float(canvas.width), float(canvas.height))
        place = (0.0, 0.0, float(width), float(height))
        brought, valid = aligned(picture, size, whole, place)
        yield Sight(picture, brought, valid)


def _heard(source: Source) -> Hearing:
    if source.sound is None:
        raise ValueError("the take has no sound")
    flat: NDArray[np.float32] = np.fromfile(
        source.sound, np.float32, count=_LONGEST * source.channels
    )
    return Hearing(flat.reshape(-1, source.channels), SAMPLE_RATE)


def _facts(detector: str, evidence: Sequence[Evidence]) -> HiddenFacts:
    """What pieces of evidence, blind or aligned, say together."""
    found = [one for one in evidence if one.reading is Reading.FOUND]
    told = found or list(evidence)
    odds = [one.p for one in told if one.p is not None]
    reasons = [one.reason for one in evidence if one.reason]
    inverted = any(one.reading is Reading.INVERTED for one in evidence)
    reason = "its bits are the other way round" if inverted else "; ".join(dict.fromkeys(reasons))
    return HiddenFacts(detector, bool(found), min(odds) if odds else None, "" if found else reason)
