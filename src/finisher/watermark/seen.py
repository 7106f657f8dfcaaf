"""All that is known of a mark on an event of an export, before any verdict."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.findings import Coverage
from finisher.sighting import MarkFacts


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far a mark's place agrees with what it was foretold to show, in one plane."""

    box: float
    """Correlation of the mark's box, -1 to 1: of the part of it that agrees least."""
    control: float | None
    """The same of areas of its size beside it; None where none of them has any texture."""
    kept: float | None
    """Part of its contrast that the box kept; None where it was to have none."""
    around: float | None = None
    """The same of the areas beside it."""
    least: float | None = None
    """Part of the agreement beside it that it has in the part of its time that has least; None
    where nothing beside it agrees well."""
    noise: float = 0.0
    """What areas beside it show that they were not to, against the contrast of the part of it that
    agrees least."""


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a mark, piece by piece and frame by frame."""

    least: float
    """Strength in the piece that has least, as part of that of the whole."""
    gone: int
    """How many frames show nothing of it, of those that would."""
    frames: int
    """How many would."""
    whole: float | None = None
    """Part of its strength at its very place and in its very shape; None where nothing was
    foretold."""
    later: float = 1.0
    """Strength in the third of its time that has least, as part of that of the whole."""
    then: float = 1.0
    """The same of a piece in a third of its time."""


@dataclass(frozen=True, slots=True)
class Fidelity:
    """What became of a mark's place, held against what was foretold: in luma, in chroma or both."""

    luma: Agreement | None
    """None where there is nothing to compare in luma, and nothing was added to it."""
    chroma: Agreement | None
    """In the plane that the mark is looked for in, where that is not luma."""
    kept: float | None
    """Part of its foretold strength; None where that can't be told."""
    left: Left | None = None
    """None where that can't be told, or the mark is gone."""

    @property
    def planes(self) -> tuple[Agreement, ...]:
        """What is known of either plane."""
        return tuple(one for one in (self.luma, self.chroma) if one is not None)

    @property
    def place(self) -> Agreement:
        """The plane that agrees less."""
        return min(self.planes, key=lambda one: one.box)

    @property
    def own(self) -> Agreement | None:
        """The plane that the mark is looked for in."""
        return self.chroma or self.luma

    @property
    def around(self) -> float | None:
        """Part of their contrast that the areas beside it kept, in its own plane."""
        return None if self.own is None else self.own.around


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that is known of a mark on an event of an export."""

    source: MarkFacts
    """In its take; its strength as it is to be in the export."""
    export: MarkFacts | None
    """None where nothing could be measured."""
    visible: float
    """The part of it inside the export's picture, 0 to 1."""
    frames: int
    """How many frames of the export the evidence rests on."""
    alone: Left | None = None
    """Piece by piece and frame by frame, by the file alone; None where that can't be told."""
    turned: str = ""
    """`mirrored` or `inverted`, where it was found so and not as it was."""
    fidelity: Fidelity | None = None
    """None where nothing was foretold."""
    coverage: Coverage | None = None
    """Of a mark that jumps."""
    places: int = 1
    """Stretches that it stands in."""
