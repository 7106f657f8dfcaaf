"""What is done to colour, as values: CDLs, looks, and the grade an event carries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Triple = tuple[float, float, float]


class Space(StrEnum):
    """What a take's R'G'B' values mean; everything after the input transform is `REC709`."""

    REC709 = "rec709"
    """Rec.709 primaries, encoded for an SDR display."""
    P3 = "p3"
    """P3 primaries with D65 white, encoded for an SDR display."""
    REC2020 = "rec2020"
    """Rec.2020 primaries, encoded for an SDR display."""
    PQ = "rec2100-pq"
    """Rec.2020 primaries, SMPTE ST 2084."""
    HLG = "rec2100-hlg"
    """Rec.2020 primaries, ARIB STD-B67."""


@dataclass(frozen=True, slots=True)
class ColorTags:
    """The four tags of a picture stream, by FFmpeg's names; None where nothing is said."""

    range: str | None = None
    matrix: str | None = None
    primaries: str | None = None
    transfer: str | None = None


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
class Residual:
    """What a session match does beyond its CDL: a coarse, smooth table kept as a plain .cube.

    For display-encoded RGB over 0 to 1 it holds what is added, times `strength`, to what the
    match's CDL makes of the same RGB.
    """

    path: str
    sha256: str
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Grade:
    """Everything done to an event's colour, in this order: input, session match, CDL, look.

    The match is a CDL and, where the evidence carried more, a residual. What comes out is Rec.709
    display-encoded, and so is everything between the input transform and the end.
    """

    match: CDL = CDL()
    cdl: CDL = CDL()
    look: Look | None = None
    residual: Residual | None = None
    input: Space = Space.REC709

    @property
    def identity(self) -> bool:
        """Whether the colour passes untouched, so that no filter is needed."""
        changed = (self.look, self.residual) != (None, None) or self.input is not Space.REC709
        return self.match.identity and self.cdl.identity and not changed
