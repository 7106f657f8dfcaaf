"""What reads hidden marks: the interface that a package's `finisher.watermark_detectors` offer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from finisher.timeline import Carrier

GROUP = "finisher.watermark_detectors"
"""Entry points of installed packages: a name to a class, or a function without arguments, that
makes a `Detector`."""

Picture = NDArray[np.uint8]
"""(height, width, 3), display-encoded RGB, full range."""


class Reading(StrEnum):
    """What a detector found out."""

    FOUND = "found"
    INVERTED = "inverted"
    """The payload with every bit the other way round: a grade can do that."""
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    """Nothing could be said: too small, too short, nothing declared to hold it against."""


@dataclass(frozen=True, slots=True)
class Capability:
    """What a detector reads, and what it takes."""

    id: str
    """As edits name it."""
    version: str
    carrier: Carrier
    bits: int | None
    """Length of a payload; None where any length can be read."""
    c2pa: str | None = None
    """Its entry in C2PA's list of soft-binding algorithms."""
    weights: bool = False
    """Whether `open` needs a path of weights."""
    network: bool = False
    """Whether what is looked at leaves this machine."""


@dataclass(frozen=True, slots=True)
class Declared:
    """What the edit says of a hidden mark."""

    payload: str
    """Bits, as 0 and 1; empty where none was declared."""
    canvas: tuple[int, int]
    """Width and height it was embedded at."""


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """One picture to look at."""

    picture: Picture
    """As delivered."""
    aligned: Picture | None = None
    """Brought back to the size and place the mark was embedded at; None where that is unknown."""
    valid: NDArray[np.bool_] | None = None
    """(height, width): which pixels of `aligned` the delivered picture shows."""
    source: Picture | None = None
    """The take's own picture, of the canvas's size, where it is at hand: for its colours alone."""


@dataclass(frozen=True, slots=True, eq=False)
class Hearing:
    """Sound to listen to."""

    samples: NDArray[np.float32]
    """(samples, channels), -1 to 1."""
    rate: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was read, blind (from what was delivered alone) or with the source's help."""

    reading: Reading
    variant: str
    """`blind`, `aligned` or `aligned and coloured`."""
    matched: int | None = None
    """Bits of the payload that agree."""
    bits: int | None = None
    """How many there are."""
    p: float | None = None
    """Probability, over all variants tried, that bits nobody embedded agree as well."""
    correlation: float | None = None
    """Of soft bits with the payload, -1 to 1, where the detector has soft bits."""
    pictures: int = 0
    """How many it rests on."""
    reason: str = ""
    """What kept it from reading; empty where nothing did."""


class Detector(Protocol):
    """Reads one kind of hidden mark. Only `open` may load weights, and only from given paths."""

    @property
    def capability(self) -> Capability:
        """What it reads."""
        ...

    def available(self) -> str | None:
        """Why it can't be used here, None where it can; nothing is loaded to find out."""
        ...

    def open(self, options: Mapping[str, str]) -> None:
        """Get ready.

        Raises:
            MediaError: when weights are missing or are not what it expects.
        """
        ...

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        """Look for the declared payload: one result for each variant, `blind` first."""
        ...

    def close(self) -> None:
        """Let go of what `open` loaded."""
        ...
