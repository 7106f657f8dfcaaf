"""What was found of watermarks in takes, as facts: where they stand, how clearly, what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from finisher.geometry import Box


class Plane(StrEnum):
    """A plane of a Y'CbCr picture, in limited range."""

    LUMA = "y"
    CB = "cb"
    CR = "cr"


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
    least: float = 1.0
    """What its weakest third has of its strength: where a part is covered, next to nothing."""
    plane: Plane = Plane.LUMA
    """Where it was looked for."""
    places: tuple[MarkPlace, ...] = ()
    """Where one that jumps was found, in order; empty where its places were declared."""
    others: tuple[MarkFacts, ...] = ()
    """The same in other planes that a coloured mark is looked for in, where it is less clear."""

    @property
    def planes(self) -> tuple[MarkFacts, ...]:
        """What is known of it in every plane, the clearest first."""
        return (self, *self.others)


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
