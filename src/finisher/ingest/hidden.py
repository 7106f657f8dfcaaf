"""A take's declared hidden marks, read by the detectors that are installed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest
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

    @property
    def parts(self) -> tuple[object, ...]:
        """All that decides what is read."""
        mark, canvas = self.mark, str(self.mark.canvas or "")
        told = (mark.id, mark.payload, str(mark.carrier), canvas)
        return (*told, mark.detector, self.detector, self.options, self.upload)


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
    options = [(key, _content(value, store)) for key, value in mark.options]
    return HiddenToFind(mark, detectors.title(mark.detector), digest(options), upload)


def _content(value: str, store: Store) -> str:
    """What an option stands for: a file's content, where it names one."""
    path = Path(value)
    try:
        return sha256_of(path, store) if path.is_file() else value
    except (FinisherError, OSError, ValueError):
        return value


def read(one: HiddenToFind, source: Source) -> HiddenFacts:
    """Whether a take carries a mark; whatever keeps its detector from telling is its reason."""
    mark = one.mark
    refused = _refusal(one)
    if refused:
        return HiddenFacts(one.detector, found=False, reason=refused)
    canvas = mark.canvas or source.raster
    declared = Declared(mark.payload, (canvas.width, canvas.height))
    try:
        seen = _heard(source) if mark.carrier is Carrier.SOUND else _seen(source, canvas)
        if seen is None:
            return HiddenFacts(one.detector, found=False, reason="the take has no sound")
        evidence = detectors.look(mark.detector, dict(mark.options), seen, declared)
    # A stranger's detector may raise anything; no export depends on what it would have read.
    except Exception as error:  # noqa: BLE001
        reason = f"its detector failed: {type(error).__name__}: {error}"
        return HiddenFacts(one.detector, found=False, reason=_told(mark, reason))
    facts = _facts(one.detector, evidence)
    return replace(facts, reason=_told(mark, facts.reason))


def _told(mark: HiddenMark, reason: str) -> str:
    """A reason as it may travel in a file: no folder of this machine, nor more than a sentence."""
    for _, value in mark.options:
        reason = reason.replace(value, Path(value).name)
    return reason[:_REASON]


def _refusal(one: HiddenToFind) -> str:
    """Why a mark is not even looked for; empty where it is."""
    if not one.mark.payload:
        return "no payload is declared: bits alone prove nothing"
    try:
        uploads = detectors.found(one.mark.detector).capability.network
    except FinisherError:
        return ""  # why it can't be had is told where it is opened
    if uploads and not one.upload:
        return "its detector would upload pictures: that takes --allow-upload"
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


def _heard(source: Source) -> Hearing | None:
    if source.sound is None:
        return None
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
