"""Finds the detectors of hidden marks that are installed, and uses one for as long as needed."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import EntryPoint, entry_points

from finisher.problems import DocumentError, FinisherError, MachineError, Problem, nearest
from finisher.watermark.detector import (
    GROUP,
    Capability,
    Declared,
    Detector,
    Evidence,
    Hearing,
    Sight,
)
from finisher.watermark.foreign import admitted
from finisher.watermark.hidden.judging import unreadable

OURS: Mapping[str, str] = {
    "imwatermark.dwtDct": "finisher.watermark.hidden.builtin:dwt_dct",
    "imwatermark.dwtDctSvd": "finisher.watermark.hidden.builtin:dwt_dct_svd",
    "blind_watermark": "finisher.watermark.hidden.builtin:blind_watermark",
    "trustmark": "finisher.watermark.adapters.trustmark:TrustMarkDetector",
    "videoseal": "finisher.watermark.adapters.videoseal:VideoSealDetector",
    "audioseal": "finisher.watermark.adapters.audioseal:AudioSealDetector",
}
"""Our own, by this table, so that no other package can take one of these names."""


def names() -> tuple[str, ...]:
    """Every detector installed: our own, then those of other packages in alphabetical order."""
    return (*OURS, *sorted(set(_others()) - set(OURS)))


def found(name: str) -> Detector:
    """The detector of that name, not opened yet.

    Raises:
        DocumentError: when none of that name is installed.
        MachineError: when the package that offers it fails to load, or offers something else.
        FinisherError: what that package raised of its own.
    """
    others = {} if name in OURS else _others()
    if name not in OURS and name not in others:
        message = f"no detector of hidden marks named {name!r} is installed"
        raise DocumentError(Problem("unknown-detector", message, hint=nearest(name, names())))
    return _ours(name)() if name in OURS else admitted(name, others[name].load)


def capabilities() -> dict[str, Capability]:
    """What each detector reads; those that fail to load are left out. Nothing is opened."""
    known = {}
    for name in names():
        try:
            known[name] = found(name).capability
        except FinisherError:
            continue
    return known


def title(name: str) -> str:
    """A detector's name, version and C2PA algorithm; the name alone where it is not installed."""
    try:
        told = found(name).capability
    except FinisherError:
        return name
    return f"{name} {told.version}" + (f" ({told.c2pa})" if told.c2pa else "")


@contextmanager
def opened(name: str, options: Mapping[str, str]) -> Iterator[Detector]:
    """A detector ready for use, closed in the end.

    Raises:
        DocumentError: when none of that name is installed, or an option is not as it expects.
        MachineError: when its package is broken, or something it needs is not on this machine.
        MediaError: when weights are missing or unfit.
    """
    detector = found(name)
    reason = detector.available()
    if reason is not None:
        raise MachineError(Problem("detector-not-available", f"{name}: {reason}"))
    try:
        detector.open(options)
        yield detector
    finally:
        detector.close()


def look(
    name: str,
    options: Mapping[str, str],
    seen: Iterable[Sight] | Hearing,
    declared: Declared,
) -> tuple[Evidence, ...]:
    """Read a hidden mark, or say in one piece of evidence why that can't be done here."""
    try:
        with opened(name, options) as detector:
            return detector.detect(seen, declared)
    except FinisherError as error:
        return (unreadable(reasons(error)),)


def hindrance(name: str) -> str:
    """Why a detector can't be used here; empty where it can. Nothing is opened to find out."""
    try:
        return found(name).available() or ""
    except FinisherError as error:
        return reasons(error)


def reasons(error: FinisherError) -> str:
    """An error as the reason of a reading that was not made, with the way out of it."""
    told = ((p.message, f" ({p.hint})" if p.hint else "") for p in error.problems)
    return "; ".join(message + hint for message, hint in told)


def _others() -> dict[str, EntryPoint]:
    """Entry points of installed packages; of two of one name the first installed counts."""
    listed: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        listed.setdefault(point.name, point)
    return listed


def _ours(name: str) -> Callable[[], Detector]:
    module, _, attribute = OURS[name].partition(":")
    make: Callable[[], Detector] = getattr(importlib.import_module(module), attribute)
    return make
