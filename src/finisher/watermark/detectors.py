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
    """
    others = {} if name in OURS else _others()
    if name not in OURS and name not in others:
        message = f"no detector of hidden marks named {name!r} is installed"
        raise DocumentError(Problem("unknown-detector", message, hint=nearest(name, names())))
    try:
        make = _ours(name) if name in OURS else others[name].load()
        detector = make()
        stated = detector.capability.id
    # A stranger's package may raise anything while it loads.
    except Exception as error:
        raise MachineError(_broken(name, f"{type(error).__name__}: {error}")) from error
    if not isinstance(stated, str) or not all(map(callable, _methods(detector))):
        raise MachineError(_broken(name, "what it offers is no detector"))
    checked: Detector = detector
    return checked


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
        return (unreadable("; ".join(problem.message for problem in error.problems)),)
    except Exception as error:
        # A stranger's detector may raise anything; what ours raises by mistake is to be seen.
        if name in OURS:
            raise
        return (unreadable(f"{name} ended with {type(error).__name__}: {error}"),)


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


def _methods(detector: object) -> tuple[object, ...]:
    return tuple(getattr(detector, each, None) for each in ("available", "open", "detect", "close"))


def _broken(name: str, why: str) -> Problem:
    message = f"the detector {name!r} can't be loaded: {why}"
    return Problem("broken-detector", message, hint="reinstall or remove the package offering it")
