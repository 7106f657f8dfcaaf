"""What ingest measured about media: values only, no way to measure anything."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from enum import StrEnum
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from finisher.geometry import Raster
from finisher.hearing import AlignmentFacts, SoundFacts, TempoFacts, ToneFacts
from finisher.look import CDL, ColorTags, Grade, Look, Residual
from finisher.sighting import HiddenFacts, MarkFacts
from finisher.timecode import Rate


@dataclass(frozen=True, slots=True)
class FrameIndex:
    """Every displayed picture of a stream: when it appears and how to reach it.

    `pts` are in `time_base` units in presentation order, absolute as in the file; `keys` are the
    ordinals at which decoding may start. `end` is the instant the last picture leaves the screen.
    """

    time_base: Fraction
    pts: tuple[int, ...]
    keys: tuple[int, ...]
    end: int

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.pts)

    def at(self, seconds: Fraction) -> int:
        """The ordinal of the picture on screen at an instant after the first: last at or before."""
        ticks = self.pts[0] + seconds / self.time_base
        # Times are whole ticks: comparing whole numbers tells the same, a hundred times as fast.
        found = max(0, bisect_right(self.pts, math.floor(ticks)) - 1)
        following = self.pts[found + 1 : found + 2]
        # A rounded time may lie a fraction of a tick behind the instant it stands for.
        late = bool(following) and following[0] - ticks < 1 and self.rounded
        return found + late

    def between(self, seconds: Fraction) -> tuple[int, Fraction]:
        """The picture at or before an instant, and how far it is on the way to the next, below 1.

        The way is rounded to thousandths at most, which no picture can tell; on the last picture
        it is 0, as it is where the time base can't tell it from 0.
        """
        ordinal = self.at(seconds)
        if ordinal + 1 >= len(self.pts):
            return ordinal, Fraction(0)
        start, end = self.pts[ordinal], self.pts[ordinal + 1]
        into = self.pts[0] + seconds / self.time_base - start
        if into <= int(self.rounded):
            return ordinal, Fraction(0)
        part = (into / (end - start)).limit_denominator(1000)
        return ordinal, min(part, Fraction(999, 1000))

    def frames_at(self, rate: Rate) -> int:
        """How many programme frames begin while a picture is on screen."""
        ticks = self.end - self.pts[0] - int(self.rounded)
        return max(1, math.ceil(rate.frames(ticks * self.time_base)))

    @property
    def rounded(self) -> bool:
        """Whether the times stand for others that the time base can't express."""
        return _rounded(self.pts)

    @property
    def uniform(self) -> bool:
        """Whether every picture stays on screen for equally long (constant frame rate)."""
        steps = {b - a for a, b in pairwise(self.pts)}
        # A rate that the time base can't express alternates between two neighbouring steps.
        return len(steps) <= 1 or (self.rounded and max(steps) - min(steps) <= 1)

    def steady(self, expected: Rate) -> Rate | None:
        """The rate of evenly timed pictures, None where it is none a programme has.

        It is the expected one where all that is missing is rounding of times to whole ticks.
        """
        steps = len(self) - 1
        if not self.uniform:
            return None
        ticks = expected.seconds(steps) / self.time_base
        if steps and self.rounded and abs(self.pts[-1] - self.pts[0] - ticks) < 1:
            return expected
        lasting = (self.end - self.pts[0]) * self.time_base
        try:
            return Rate((len(self) / lasting).limit_denominator(1001))
        except (ValueError, ZeroDivisionError):
            return None


_FINE = 8
"""Ticks from one picture to the next from which on rounding to a tick does not move pictures."""


@lru_cache(maxsize=64)
def _rounded(pts: tuple[int, ...]) -> bool:
    """Whether times were rounded to a clock that can't express them, as 1/24 s in milliseconds.

    Exact times of regular pictures, dropped ones included, are multiples of one picture's time;
    rounded ones share no measure but the tick.
    """
    steps = [b - a for a, b in pairwise(pts)]
    return len(steps) > 1 and min(steps) >= _FINE and math.gcd(*steps) == 1


class Integrity(StrEnum):
    """What became of a file's Content Credentials."""

    INTACT = "intact"
    """A manifest is embedded and everything it binds still agrees."""
    BROKEN = "broken"
    """A manifest is embedded and something it binds was changed."""
    ABSENT = "absent"
    """No manifest is embedded."""


@dataclass(frozen=True, slots=True)
class CredentialFacts:
    """A file's Content Credentials as found at ingest; a later loss can be proven from it."""

    integrity: Integrity
    manifest: str | None = None
    """URN of the active manifest."""
    issuer: str | None = None
    generator: str | None = None
    trusted: bool | None = None
    """Whether the signer is on a trust list that was given; None where there is no manifest."""
    codes: tuple[str, ...] = ()
    """Validation codes other than success, integrity and trust alike."""
    source_type: str | None = None
    """IPTC digital source type of the `c2pa.created` action."""
    ingredients: int = 0
    integrity_codes: tuple[str, ...] = ()
    """Those of `codes` that say that something was changed, or does not show that nothing was."""
    trust_codes: tuple[str, ...] = ()
    """Those of `codes` that speak of who signed and when, and of nothing else."""
    fingerprint: str | None = None
    """SHA-256 of what the active manifest says: a look-alike under the same URN differs."""
    training: tuple[tuple[str, str, str], ...] = ()
    """What machines may do with it, the strictest word of its chain: use (`ai_training`, ...),
    choice (`allowed`, `constrained`, `notAllowed`), terms."""
    persons: tuple[tuple[str, str, tuple[str, ...]], ...] = ()
    """Whom it promises to show where it is a finished film, and those that went into it: each
    one's edit list by SHA-256, its title, and the digests salted with both."""


@dataclass(frozen=True, slots=True)
class ConformedCopy:
    """The pictures that stand for a take's own where those can't be used as they are."""

    path: str
    key: str
    """Digest of the take's content and of what was done to it."""
    repairs: tuple[str, ...]
    """What was done to it because it could not be used otherwise, in words."""
    steadied: bool = False
    """Whether flicker was taken out of it, as the edit asks."""


@dataclass(frozen=True, slots=True)
class CodingFacts:
    """How an H.264 take's pictures are coded, as far as copying them asks for it."""

    profile: int
    """`profile_idc`: 66 is Baseline, 77 Main, 100 High."""
    parameters: bytes
    """The track's parameter sets as its head has them."""
    numbers: tuple[int, ...]
    """What those go by."""
    tags: ColorTags
    """What the pictures say themselves, whatever the container says."""
    order: tuple[int, ...]
    """Ordinals in the order of decoding; -1 for what is never displayed."""
    entries: tuple[int, ...]
    """Ordinals of pictures that forget all before them."""
    sizes: tuple[int, ...]
    """Bytes of each, in the order of decoding."""


@dataclass(frozen=True, slots=True)
class SteadinessFacts:
    """How steadily a take is exposed, and what would make it steady."""

    flicker: float
    """Root mean square of the change of exposure that comes and goes from picture to picture, as
    a natural logarithm of display-encoded levels: 0.01 is one per cent."""
    drift: float
    """How far exposure slowly moves from first to last picture, as a logarithm too."""
    gains: tuple[float, ...]
    """Factor on display-encoded R, G and B of each picture that takes the flicker out; empty
    where there is none to take out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureFacts:
    """What it takes to read a take's pictures: size and format are its copy's where it has one."""

    path: str
    sha256: str
    raster: Raster
    pixel_format: str
    tags: ColorTags
    index: FrameIndex
    copy: ConformedCopy | None = None

    @property
    def picture(self) -> str:
        """The file that pictures are read from."""
        return self.copy.path if self.copy is not None else self.path

    @property
    def picture_key(self) -> str:
        """What decides those pictures: the file's SHA-256, or the copy's key."""
        return self.copy.key if self.copy is not None else self.sha256


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeFacts(PictureFacts):
    """One take, measured."""

    bytes: int
    codec: str
    sample_aspect: Fraction
    rotation: int
    sound: SoundFacts | None
    credentials: CredentialFacts
    stated: ColorTags | None = None
    """What its file says of its colour, where the edit says otherwise."""
    marks: tuple[tuple[str, MarkFacts], ...] = ()
    interlaced: bool = False
    aigc: str | None = None
    """China's AIGC label (GB 45438-2025) as found in the container."""
    stated_source: str | None = None
    """IPTC digital source type its own metadata state (XMP), apart from its credentials."""
    coding: CodingFacts | None = None
    """None where its coded pictures can't be carried into another file as they are."""
    steadiness: SteadinessFacts | None = None
    """None where there are too few pictures to tell."""
    hidden: tuple[tuple[str, HiddenFacts], ...] = ()
    """What was read of each hidden mark it is said to carry."""


@dataclass(frozen=True, slots=True)
class FileFacts:
    """A sound file laid in as a layer, measured."""

    path: str
    sha256: str
    bytes: int
    sound: SoundFacts
    credentials: CredentialFacts
    aigc: str | None = None
    stated_source: str | None = None
    """As in `TakeFacts`."""


class Evidence(StrEnum):
    """What a session match rests on."""

    PATCHES = "patches"
    """Areas that the edit says should agree."""
    PLACES = "common places"
    COLOURS = "colours that look alike"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MatchFacts:
    """The colour transform estimated from one session to another, and how far to trust it."""

    session: str
    reference: str
    cdl: CDL
    confidence: float
    """0 to 1; 0 means no reliable match was found and the CDL is identity."""
    distance_before: float
    """Mean ΔE2000 between corresponding areas before matching."""
    distance_after: float
    pairs: int
    """Corresponding areas the estimate rests on."""
    evidence: Evidence = Evidence.NONE
    residual: Residual | None = None
    """What it does beyond the CDL; None where the CDL is all."""
    takes: tuple[tuple[str, str], ...] = ()
    """Pairs of takes, ours and theirs, that it rests on."""
    reason: str = ""
    """Why there is no match or less than a whole one, in words; empty where there is."""

    def grade(self, strength: float = 1.0) -> Grade:
        """The match alone, at part or full strength."""
        residual = self.residual
        if residual is not None:
            residual = replace(residual, strength=strength) if strength > 0 else None
        return Grade(match=self.cdl.scaled(strength), residual=residual)


class SeamVerdict(StrEnum):
    """Whether a loop's seam is seen."""

    HIDDEN = "hidden"
    SLIGHT = "slight"
    SHOWS = "shows"


@dataclass(frozen=True, slots=True)
class LoopFacts:
    """A loop of a take as measured: where it begins and ends, and how much its seam shows.

    Frames are counted at the programme's rate. Measures are in the clip's own change from frame
    to frame: at 0 both ends meet, at 1 they are a step apart.
    """

    start: int
    end: int
    frames: int
    """Length of the blend at the seam, 0 for a cut."""
    visibility: float
    appearance: float
    """How far the picture after the last is from the first."""
    motion: float
    """How far the movement at the end is from that at the beginning."""

    @property
    def verdict(self) -> SeamVerdict:
        """Whether it is seen: up to a step is lost among the others, more than two are a jump."""
        if self.visibility <= _HIDDEN_SEAM:
            return SeamVerdict.HIDDEN
        return SeamVerdict.SLIGHT if self.visibility <= _SEEN_SEAM else SeamVerdict.SHOWS


_HIDDEN_SEAM, _SEEN_SEAM = 1.0, 2.5


@dataclass(frozen=True, slots=True)
class MotionFacts:
    """How well the motion from one picture to another can be followed, where an edit needs it."""

    agreement: float
    """The part of the pictures whose motion is told the same from either side, 0 to 1: the least
    of the pairs looked at."""
    pairs: int
    broken: tuple[int, ...] = ()
    """Pictures of an event's take from which its motion can't be followed to the next."""
    reason: str = ""
    """Why it was not even looked at; empty where it was."""

    @property
    def followed(self) -> bool:
        """Whether pictures along all of it are worth making."""
        return self.agreement >= FOLLOWED


FOLLOWED = 0.7
"""Agreement from which on a motion is followed. Moments of one shot were measured at 0.79 and above
when eight frames apart, neighbours at 0.9 and above, unrelated pictures at 0.02 and below; between,
a plain mix is safer."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything measured before planning, by take, layer and session."""

    takes: dict[str, TakeFacts]
    layers: dict[str, FileFacts]
    matches: dict[str, MatchFacts]
    looks: dict[str, Look]
    """Looks by the name the EDL uses."""
    loops: dict[str, LoopFacts] = field(default_factory=dict)
    """By the id of an event that loops."""
    motions: dict[str, MotionFacts] = field(default_factory=dict)
    """By the id of an event for its own pictures, by `<id>/in` for the transition into it."""
    tones: dict[str, ToneFacts] = field(default_factory=dict)
    """Room tones by take."""
    tempos: dict[str, TempoFacts] = field(default_factory=dict)
    """By layer, of those that go round and have a steady tempo."""
    alignments: dict[str, AlignmentFacts] = field(default_factory=dict)
    """By layer, of those whose place is to be found."""
