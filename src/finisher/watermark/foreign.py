"""Detectors of other packages: what they state and read is checked, and taken over as our own."""

from __future__ import annotations

import logging
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from finisher.problems import FinisherError, Problem
from finisher.timeline import Carrier
from finisher.watermark.border import Unfit, abroad, sentence
from finisher.watermark.detector import (
    Capability,
    Declared,
    Detector,
    Evidence,
    Hearing,
    Reading,
    Sight,
)
from finisher.watermark.hidden.judging import ALIGNED, BLIND, COLOURED

_LOG = logging.getLogger(__name__)
_VARIANTS = (BLIND, ALIGNED, COLOURED)
_MOST_EVIDENCE = 16
"""Pieces; there are three ways to look."""
_MOST = 1 << 24
"""Bits or pictures."""
_ROUNDED = 1e-3
"""By how much a correlation of half or single precision may exceed 1."""


@dataclass(frozen=True, slots=True, eq=False)
class Foreign:
    """A detector of another package behind the border."""

    name: str
    capability: Capability
    """As it was stated, checked."""
    made: Any
    """The package's own object."""

    def available(self) -> str | None:
        """Why it can't be used here; failing to say so is a reason too."""
        try:
            with abroad(self._failed):
                reason = self.made.available()
                return None if reason is None else _text(reason, "reason not to be used")
        except FinisherError as error:
            return "; ".join(problem.message for problem in error.problems)

    def open(self, options: Mapping[str, str]) -> None:
        """Get ready.

        Raises:
            FinisherError: `detector-failed`, or what it raised of its own.
        """
        with abroad(self._failed):
            self.made.open(options)

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        """Its evidence, checked.

        Raises:
            FinisherError: `detector-failed`, or what it raised of its own.
        """
        with abroad(self._failed):
            given = self.made.detect(seen, declared)
            if isinstance(given, str | bytes | Mapping) or not isinstance(given, Iterable):
                raise Unfit(f"it gave {_kind(given)}, not a tuple of Evidence")
            pieces = tuple(islice(given, _MOST_EVIDENCE + 1))
            if not 0 < len(pieces) <= _MOST_EVIDENCE:
                raise Unfit("it gave no evidence" if not pieces else "it gave too much evidence")
            return tuple(map(_evidence, pieces))

    def close(self) -> None:
        """Let go; what was read stays read where that fails."""
        try:
            with abroad(self._failed):
                self.made.close()
        except FinisherError as error:
            _LOG.warning("%s, when it was closed", error)

    def _failed(self, why: str) -> Problem:
        return Problem("detector-failed", f"{self.name}: {why}")


def admitted(name: str, load: Callable[[], Any]) -> Detector:
    """The detector that a loaded entry point makes.

    Raises:
        MachineError: `broken-detector`, when it does not load or is no detector.
        FinisherError: what it raised of its own.
    """
    with abroad(partial(broken, name)):
        made = load()()
        stated = _capability(made.capability)
        methods = ("available", "open", "detect", "close")
        if not all(callable(getattr(made, each, None)) for each in methods):
            raise Unfit("what it offers is no detector")
        return Foreign(name, stated, made)


def broken(name: str, why: str) -> Problem:
    """A package that offers no detector."""
    message = f"the detector {name!r} can't be loaded: {why}"
    return Problem("broken-detector", message, hint="reinstall or remove the package offering it")


def _capability(stated: object) -> Capability:
    """What a detector states, in plain types.

    Raises:
        Unfit: when it is not what the interface asks for.
    """
    if not isinstance(stated, Capability):
        raise Unfit(f"its capability is {_kind(stated)}, not a Capability")
    return Capability(
        _text(stated.id, "id"),
        _text(stated.version, "version"),
        _carrier(stated.carrier),
        _count(stated.bits, "count of bits"),
        None if stated.c2pa is None else _text(stated.c2pa, "C2PA algorithm"),
        weights=_yes(stated.weights, "weights"),
        network=_yes(stated.network, "network"),
    )


def _evidence(given: object) -> Evidence:
    """What a detector read, in plain types.

    Raises:
        Unfit: when it is no evidence, or its figures can't be.
    """
    if not isinstance(given, Evidence):
        raise Unfit(f"it gave {_kind(given)} where Evidence belongs")
    if given.variant not in _VARIANTS:
        raise Unfit(f"its variant is none of {', '.join(_VARIANTS)}")
    matched, bits = _count(given.matched, "count of bits"), _count(given.bits, "count of bits")
    if matched is not None and bits is not None and matched > bits:
        raise Unfit(f"of {bits} bits it matched {matched}")
    close = _real(given.correlation, "correlation", -1 - _ROUNDED, 1 + _ROUNDED)
    return Evidence(
        _reading(given.reading),
        str(given.variant),
        matched=matched,
        bits=bits,
        p=_real(given.p, "p", 0.0, 1.0),
        correlation=None if close is None else max(-1.0, min(1.0, close)),
        pictures=_count(given.pictures, "count of pictures") or 0,
        reason=_text(given.reason, "reason"),
    )


def _reading(value: object) -> Reading:
    if not isinstance(value, Reading):
        raise Unfit(f"its reading is {_kind(value)}, not a Reading")
    return value


def _carrier(value: object) -> Carrier:
    if not isinstance(value, Carrier):
        raise Unfit(f"its carrier is {_kind(value)}, not a Carrier")
    return value


def _text(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise Unfit(f"its {what} is {_kind(value)}, not text")
    return sentence(value)


def _yes(value: object, what: str) -> bool:
    if not isinstance(value, bool | np.bool_):
        raise Unfit(f"its {what} is {_kind(value)}, neither True nor False")
    return bool(value)


def _count(value: Any, what: str) -> int | None:
    """A whole number of any package as Python's own."""
    if value is None:
        return None
    try:
        number = -1 if isinstance(value, bool | np.bool_) else operator.index(value)
    except TypeError:
        number = -1
    if not 0 <= number <= _MOST:
        raise Unfit(f"its {what} is {_shown(value)}")
    return number


def _real(value: Any, what: str, least: float, most: float) -> float | None:
    """A number of any package as Python's own."""
    if value is None:
        return None
    try:
        number = math.nan if isinstance(value, bool | str | bytes) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not least <= number <= most:  # NaN is nowhere
        raise Unfit(f"its {what} is {_shown(value)}, not from {least:.0f} to {most:.0f}")
    return number


def _shown(value: object) -> str:
    """A value that can't be taken, short."""
    return sentence(repr(value))[:40]


def _kind(value: object) -> str:
    return f"a {type(value).__name__}" if value is not None else "nothing"
