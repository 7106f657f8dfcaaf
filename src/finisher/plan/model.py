"""The plan as plain data: for every programme frame, the source pictures it is made of."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.channels import Layout, Matrix
from finisher.effects import Effect
from finisher.event import Color, TransitionKind
from finisher.facts import CredentialFacts, LoopFacts
from finisher.geometry import Box, Framing, Raster
from finisher.look import ColorTags, Grade
from finisher.plan.decode import Decoding
from finisher.presets.model import Loudness, Preset
from finisher.problems import Problem
from finisher.timecode import Rate, Span
from finisher.timeline import Role


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture of an event's take: `picture` is its ordinal in the take's frame index."""

    event: int
    picture: int


@dataclass(frozen=True, slots=True)
class Worked:
    """A picture of an event with effects: `position` counts from the event's first frame.

    Handles that a transition borrows lie before 0 and behind the event's last.
    """

    event: int
    position: int


@dataclass(frozen=True, slots=True)
class Fill:
    """A plain black picture."""


@dataclass(frozen=True, slots=True)
class Mix:
    """Two pictures under way from one to the other.

    The incoming one weighs (step + 1) / (of + 1). A blend of kind `BLEND` lies along their motion.
    """

    kind: TransitionKind
    outgoing: Picture
    incoming: Picture
    step: int
    of: int
    color: Color | None = None
    """What a dip goes through; None for black."""


Picture = Shot | Worked | Fill | Mix


@dataclass(frozen=True, slots=True)
class Working:
    """What effects are to be laid on: an event's pictures from its first on screen to its last."""

    first: int
    """The event's position of the first of them; the effects' time begins with it."""
    pictures: tuple[Picture, ...]
    rate: Rate
    """The edit's, at which they follow each other."""
    effects: tuple[Effect, ...]
    """With places and lengths in the deliverable's pixels."""


@dataclass(frozen=True, slots=True)
class PlannedMark:
    """A take's mark at one of its places, where geometry puts it in this deliverable."""

    mark: str
    box: Box
    """In the deliverable's pixels."""
    visible: float
    """The part of it that the framing keeps, 0 to 1."""
    shown: tuple[Span, ...] = ()
    """Programme frames that show pictures in which it stands there, alone or in transition."""


@dataclass(frozen=True, slots=True)
class PlannedEvent:
    """An event, resolved for one deliverable."""

    id: str
    take: str
    record: Span
    source: Span
    framing: Framing
    grade: Grade
    marks: tuple[PlannedMark, ...]
    """One for each place that the event shows."""
    may_crop: str | None
    own_frames: int
    """Frames of `record` that show the generator's own frames in its own order and speed."""
    edits: tuple[str, ...]
    """Standard names of what is done to it besides placing: trimmed, changedSpeed, cropped…"""
    seam: LoopFacts | None = None
    """How much the seam of its loop shows, where that was measured."""
    working: Working | None = None
    """None without effects; with some, it is shown by `Worked` pictures alone."""
    copied: int = 0
    """Frames whose coded pictures are the take's own."""
    encoded_because: str = ""
    """Why the others are encoded; empty where there are none."""
    told: tuple[tuple[str, str], ...] = ()
    """What there is to say of its edits, in words by name."""
    hidden: tuple[str, ...] = ()
    """Hidden marks of its take that lie in what it shows, or in the sound it keeps."""


@dataclass(frozen=True, slots=True)
class PlannedTake:
    """A take that the programme shows or sounds."""

    id: str
    path: str
    sha256: str
    raster: Raster
    credentials: CredentialFacts
    aigc: str | None
    tags: ColorTags
    """What the file says of its colour, or the edit in its place."""
    read: Decoding
    """How its pictures are therefore read."""
    steadied: float | None = None
    """Flicker that is taken out of its pictures, as in `SteadinessFacts`; None for none."""
    stated_source: str | None = None
    """Digital source type its own metadata state."""
    repairs: tuple[str, ...] = ()
    """What was done to its pictures so that they can be used, in words."""
    generated: bool = False
    """Whether the edit declares that a model made it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of one conformed sound placed in the programme; positions are samples."""

    source: str
    """`take:<id>` or `layer:<id>`."""
    source_start: int
    start: int
    length: int
    fade_in: int = 0
    fade_out: int = 0
    equal_power: bool = False
    """Whether the fades are halves of a crossfade (equal power) or plain fades."""

    @property
    def span(self) -> Span:
        """Its samples of the programme."""
        return Span(self.start, self.start + self.length)


@dataclass(frozen=True, slots=True)
class SoundTrack:
    """Pieces that share a role, a gain and a gain curve."""

    id: str
    role: Role | None
    """None for the takes' native sound."""
    gain_db: float
    pieces: tuple[Piece, ...]
    curve: tuple[tuple[int, float], ...] = ()
    """Breakpoints (sample, dB), linear in dB between them and level outside; empty for 0 dB."""
    speech: tuple[Span, ...] = ()
    """Where somebody speaks in it, in samples of the programme."""
    ducked: tuple[Span, ...] = ()
    """Where it is held down under speech, likewise; the ways down and up lie beside."""


@dataclass(frozen=True, slots=True)
class SoundPan:
    """How a conformed sound comes into a programme that is laid out otherwise."""

    source: str
    """`take:<id>` or `layer:<id>`."""
    layout: Layout
    """What its conformed file holds."""
    gains: Matrix


@dataclass(frozen=True, slots=True)
class SoundPlan:
    """The programme's sound: tracks that are summed, and the loudness to reach."""

    samples: int
    tracks: tuple[SoundTrack, ...]
    loudness: Loudness | None
    layout: Layout = Layout.STEREO
    pans: tuple[SoundPan, ...] = ()
    """Of sounds that are not laid out like the programme; others go channel by channel."""

    @property
    def silent(self) -> bool:
        """Whether nothing at all is placed."""
        return not any(track.pieces for track in self.tracks)


@dataclass(frozen=True, slots=True)
class PlannedLayer:
    """A sound file laid in."""

    id: str
    path: str
    sha256: str
    role: Role
    credentials: CredentialFacts
    aigc: str | None = None
    stated_source: str | None = None
    replaces: tuple[str, ...] = ()
    """Events whose own sound it stands for."""
    generated: bool = False
    """Whether the edit declares that a model made it."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of the programme rendered in one piece, beginning with a key frame."""

    start: int
    pictures: tuple[Picture, ...]
    copied: bool = False
    """Whether its coded pictures are carried over from the take as they are."""

    @property
    def span(self) -> Span:
        """Its programme frames."""
        return Span(self.start, self.start + len(self.pictures))


@dataclass(frozen=True, slots=True)
class Plan:
    """One deliverable, decided: the only thing that is rendered, claimed and audited."""

    title: str
    edl_path: str
    edl_sha256: str
    preset: Preset
    raster: Raster
    rate: Rate
    frames: int
    events: tuple[PlannedEvent, ...]
    takes: tuple[PlannedTake, ...]
    layers: tuple[PlannedLayer, ...]
    units: tuple[Unit, ...]
    sound: SoundPlan | None
    """None when the preset delivers no sound track."""
    part: Span | None = None
    """The edit's frames that are shown, where they are not all."""
    stamp: Box | None = None
    """Where a draft says that it is one, in its own pixels."""
    parameter_set: int = 0
    """Number of the encoder's own parameter sets, apart from those of pictures carried over."""
    training: tuple[tuple[str, str, str], ...] = ()
    """What machines may do with it, as the edit says."""
    repairs: tuple[Problem, ...] = ()
    """Everything done to the input without being asked, as notes with their places."""
    warnings: tuple[Problem, ...] = ()

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """The picture of every programme frame, made anew each time it is asked for."""
        return tuple(picture for unit in self.units for picture in unit.pictures)
