"""What was found of watermarks in takes, as facts: where they stand, how clearly, what they say."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.geometry import Box


@dataclass(frozen=True, slots=True)
class MarkPlace:
    """Where a mark stands for a while."""

    start: int
    """Ordinal of the first picture that shows it there."""
    end: int
    """Ordinal after the last."""
    box: Box
    """In pixels of the take."""


@dataclass(frozen=True, slots=True)
class MarkFacts:
    """How clearly a declared mark shows in the take itself."""

    score: float
    """Normalised correlation with its template at its place, -1 to 1."""
    z: float
    """Standard deviations above the same measure elsewhere in the picture."""
    found: bool
    strength: float = 0.0
    """Amplitude of the template in the picture; what an export keeps of it is its retention."""
    places: tuple[MarkPlace, ...] = ()
    """Where one that jumps was found, in order; empty where its places were declared."""
    least: float = 1.0
    """What its weakest third has of its strength: where a part is covered, next to nothing."""


@dataclass(frozen=True, slots=True)
class HiddenFacts:
    """What a detector read of a declared hidden mark in the take itself."""

    detector: str
    """Its name and version."""
    found: bool
    """Whether the declared payload is there: only then can an export be held to it."""
    p: float | None = None
    """Probability that bits nobody embedded agree as well."""
    reason: str = ""
    """Why nothing could be read; empty where something was looked for."""
