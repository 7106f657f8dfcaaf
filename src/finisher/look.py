"""What is done to colour, as values: CDLs, looks, and the grade an event carries."""

from __future__ import annotations

from dataclasses import dataclass

Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class CDL:
    """ASC colour decision list: out = (in · slope + offset) ^ power, then saturation.

    Works on Rec.709 display-encoded RGB, 0 to 1, in OCIO's no-clamp style; luma weights of the
    saturation step are Rec.709's.
    """

    slope: Triple = (1.0, 1.0, 1.0)
    offset: Triple = (0.0, 0.0, 0.0)
    power: Triple = (1.0, 1.0, 1.0)
    saturation: float = 1.0

    @property
    def identity(self) -> bool:
        """Whether it changes nothing."""
        return self == CDL()

    def scaled(self, strength: float) -> CDL:
        """The same correction at part strength: each figure moves that far from identity."""

        def part(values: Triple, rest: float) -> Triple:
            r, g, b = (rest + (value - rest) * strength for value in values)
            return (r, g, b)

        return CDL(
            part(self.slope, 1.0),
            part(self.offset, 0.0),
            part(self.power, 1.0),
            1.0 + (self.saturation - 1.0) * strength,
        )


@dataclass(frozen=True, slots=True)
class Look:
    """A creative look: a file OCIO can read, named by the SHA-256 of its content."""

    name: str
    path: str
    sha256: str


@dataclass(frozen=True, slots=True)
class Grade:
    """Everything done to an event's colour, in this order: session match, CDL, look.

    Input and output are Rec.709 display-encoded, as the takes are.
    """

    match: CDL = CDL()
    cdl: CDL = CDL()
    look: Look | None = None

    @property
    def identity(self) -> bool:
        """Whether the colour passes untouched, so that no filter is needed."""
        return self.match.identity and self.cdl.identity and self.look is None
