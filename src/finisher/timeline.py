"""The edit as pure data: takes, sessions, the track of events and gaps, sound layers, marks."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from finisher.event import Event, Item
from finisher.geometry import Box, Raster
from finisher.look import CDL, ColorTags
from finisher.problems import Where
from finisher.timecode import Rate, Span


class Role(StrEnum):
    """What a sound is in the mix; stems are made by role."""

    DIALOGUE = "dialogue"
    NARRATION = "narration"
    MUSIC = "music"
    EFFECTS = "effects"
    AMBIENCE = "ambience"


@dataclass(frozen=True, slots=True)
class Duck:
    """Lower a layer while others speak: depth in dB (negative), times in samples."""

    under: tuple[Role, ...]
    depth_db: float = -9.0
    attack: int = 7_200
    """150 ms ramp down, ending before the speech starts."""
    lead: int = 4_800
    """100 ms between the end of the ramp and the onset."""
    hold: int = 12_000
    """250 ms after the last of the speech."""
    release: int = 21_600
    """450 ms back up."""


class Filling(StrEnum):
    """How a layer comes to the length it is to have in the programme."""

    NONE = "none"
    """As long as it is, whatever the length."""
    TRIM = "trim"
    """What is beyond it is cut off."""
    PAD = "pad"
    """What is missing is silent."""
    LOOP = "loop"
    """Round and round; music by whole beats, where it has a steady tempo."""
    STRETCH = "stretch"
    """Slower or faster by 6 % at most, its pitch kept."""


@dataclass(frozen=True, slots=True)
class Layer:
    """A sound file laid into the programme; every position and length is in samples."""

    id: str
    path: str
    role: Role
    at: int = 0
    source_in: int = 0
    source_out: int | None = None
    fit: Filling = Filling.NONE
    length: int | None = None
    """What `fit` brings it to; None for all that is left of the programme."""
    gain_db: float = 0.0
    fade_in: int = 0
    fade_out: int = 0
    duck: Duck | None = None
    automation: tuple[tuple[int, float], ...] = ()
    """Breakpoints (samples from its beginning, dB): straight in dB between them, level outside."""
    replaces: tuple[str, ...] = ()
    align: int | None = None
    """Samples around `at` within which its place is found, against the native sound of the one
    event it replaces; None where `at` is its place."""
    cameos: tuple[str, ...] = ()
    """Persons whose voice is heard in it."""
    generated: bool = False
    """Whether the edit says that a generative model made it."""
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Take:
    """A generated rendition of a shot: where its file lies and what is declared of it."""

    id: str
    path: str
    session: str | None = None
    scene: str | None = None
    marks: tuple[str, ...] = ()
    cameos: tuple[str, ...] = ()
    color: ColorTags | None = None
    """What the edit says of its colour in place of the file's own tags."""
    steady: bool = False
    """Whether its flicker is taken out."""
    generated: bool = False
    """Whether the edit says that a generative model made it."""
    hidden: tuple[str, ...] = ()
    """Hidden marks it carries."""
    marks_told: bool = False
    """Whether the edit says which marks it carries, be it none."""
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Area:
    """A part of one picture of a take: the frame at the edit's rate, a box in the take's pixels."""

    take: str
    at: int
    box: Box


@dataclass(frozen=True, slots=True)
class Patch:
    """Two areas that should agree in colour: one of the session's, one of its reference's."""

    ours: Area
    theirs: Area


@dataclass(frozen=True, slots=True)
class Session:
    """A generation session: takes made together share its colour."""

    id: str
    match: str | None = None
    look: str | None = None
    cdl: CDL | None = None
    strength: float = 1.0
    patches: tuple[Patch, ...] = ()
    """What the match is made of where they are given, in place of what the takes show."""
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ColorConfig:
    """An OpenColorIO configuration whose looks may be named like files of looks."""

    path: str
    space: str
    """Its colour space for finished pictures as the takes are: Rec.709, display-encoded."""
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Dwell:
    """A stretch of a take in which a mark stands at one place; frames at the edit's rate."""

    start: int
    end: int | None
    """The frame after its last; None for the take's end."""
    box: Box
    """In pixels of the take."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A visible watermark, in pixels of the take that carries it."""

    id: str
    box: Box
    """Where it stands; of one that jumps, where it stands first, and its size everywhere."""
    template: str | None = None
    """Path of its picture, drawn or learnt; without one its surroundings alone can be compared."""
    where: Where | None = field(default=None, compare=False)
    dwells: tuple[Dwell, ...] = ()
    """Where one that jumps stands, and when; empty for one that stands still."""
    scan: bool = False
    """Whether the places it jumps to are found in the takes, by its template."""
    may_lose: str | None = None
    """Why it may be lost or weakened in any deliverable."""
    calibration: str | None = None
    """Path of what was measured of it on footage like this."""

    @property
    def places(self) -> tuple[Dwell, ...]:
        """Where it stands and when, as declared; none for one that is looked for."""
        if self.scan:
            return ()
        return self.dwells or (Dwell(0, None, self.box),)


class Carrier(StrEnum):
    """What of a take a hidden mark lies in."""

    PICTURE = "picture"
    SOUND = "sound"


@dataclass(frozen=True, slots=True)
class HiddenMark:
    """A watermark that is not to be seen or heard: bits that a detector reads."""

    id: str
    detector: str
    """Name of the entry point that reads it."""
    payload: str = ""
    """The bits it carries, as 0 and 1; without them nothing can be held against the export."""
    carrier: Carrier = Carrier.PICTURE
    canvas: Raster | None = None
    """The size it was embedded at, where that is not the take's."""
    options: tuple[tuple[str, str], ...] = ()
    """What the detector is opened with: paths of weights, keys."""
    may_lose: str | None = None
    """Why it may be lost: what the edit does to the pictures may be more than it survives."""
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Deliverable:
    """One delivery asked for by the EDL; overrides are preset keys to values."""

    preset: str
    overrides: tuple[tuple[str, object], ...] = ()
    where: Where | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Release:
    """What the film is for: how far consent of everybody in it has to reach."""

    scope: str = "*"
    """One word for the use, as consents have it; `*` for any use at all."""
    territories: tuple[str, ...] = ("worldwide",)
    until: date | None = None
    """The last day it is shown; None for no end."""
    where: Where | None = field(default=None, compare=False)


TrainingUse = tuple[str, str, str]
"""A use (`ai_training`, `ai_inference`, `ai_generative_training`, `data_mining`), the choice
(`allowed`, `notAllowed`, `constrained`), and the terms, empty but for the last."""


@dataclass(frozen=True, slots=True)
class Timeline:
    """A whole edit: takes, sessions, the picture track, sound layers, marks, deliverables."""

    title: str
    rate: Rate
    canvas: Raster
    takes: tuple[Take, ...]
    sessions: tuple[Session, ...]
    items: tuple[Item, ...]
    layers: tuple[Layer, ...] = ()
    marks: tuple[Mark, ...] = ()
    hidden: tuple[HiddenMark, ...] = ()
    deliverables: tuple[Deliverable, ...] = ()
    ocio: ColorConfig | None = None
    consent: str | None = None
    """Path of the log of consents, None where the edit names none."""
    release: Release = Release()
    training: tuple[TrainingUse, ...] = ()
    """What machines may do with the export, by use, as far as anything is said."""
    path: str = "edl.json"
    sha256: str = ""

    @property
    def length(self) -> int:
        """Frames of the programme."""
        return sum(item.length for item in self.items)

    @property
    def used(self) -> tuple[Take, ...]:
        """The takes that events use, in the order of the EDL."""
        used = {item.take for item in self.items if isinstance(item, Event)}
        return tuple(take for take in self.takes if take.id in used)

    def record_spans(self) -> tuple[Span, ...]:
        """The programme range of each item; together they tile the track."""
        spans, start = [], 0
        for item in self.items:
            spans.append(Span(start, start + item.length))
            start += item.length
        return tuple(spans)

    def take(self, take_id: str) -> Take:
        """The take of that name.

        Raises:
            KeyError: if there is none; a timeline read from an EDL never names one.
        """
        for take in self.takes:
            if take.id == take_id:
                return take
        raise KeyError(take_id)

    def session(self, session_id: str | None) -> Session | None:
        """The session of that name, None when it is not declared."""
        return next((s for s in self.sessions if s.id == session_id), None)

    def mark(self, mark_id: str) -> Mark:
        """The mark of that name.

        Raises:
            KeyError: if there is none.
        """
        for mark in self.marks:
            if mark.id == mark_id:
                return mark
        raise KeyError(mark_id)

    def hidden_mark(self, mark_id: str) -> HiddenMark:
        """The hidden mark of that name.

        Raises:
            KeyError: if there is none.
        """
        for mark in self.hidden:
            if mark.id == mark_id:
                return mark
        raise KeyError(mark_id)
