"""What a delivery report is made of: the plan, the audit, and what was seen on the way."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from finisher.color.scopes import Levels
from finisher.facts import MatchFacts
from finisher.findings import FileAudit
from finisher.plan.model import Plan
from finisher.problems import Problem
from finisher.sound.master import Mastered
from finisher.timecode import Span


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage of the work took, in seconds on the clock on the wall."""

    stage: str
    seconds: float


@dataclass(frozen=True, slots=True)
class UnitEncoding:
    """A stretch of the programme as it was encoded."""

    start: int
    frames: int
    crf: float
    vmaf: float | None = None
    """Mean of all its frames against the pictures its encoder was given; None if not measured."""


@dataclass(frozen=True, slots=True)
class Encoding:
    """What the encoder was set to, where that was found for a score or a size asked for."""

    units: tuple[UnitEncoding, ...]
    vmaf: float | None = None
    """The score asked for, of every unit."""
    file_bytes: int | None = None
    """The size asked for, of the whole file."""

    @property
    def reached(self) -> float | None:
        """Mean VMAF of the whole programme; None where it was not measured."""
        scored = [(unit.vmaf, unit.frames) for unit in self.units if unit.vmaf is not None]
        if not scored or len(scored) < len(self.units):
            return None
        return math.fsum(vmaf * n for vmaf, n in scored) / sum(n for _, n in scored)


@dataclass(frozen=True, slots=True)
class Scopes:
    """A picture's scopes as JPEG files, and its levels."""

    waveform: bytes
    parade: bytes
    vectorscope: bytes
    levels: Levels


@dataclass(frozen=True, slots=True)
class EventColour:
    """An event's colour: its take's own, and as delivered."""

    picture: bytes
    """A picture of the take near the event's middle, brought to Rec.709, not graded, and cut as the
    event frames it: JPEG."""
    before: Scopes
    """The scopes of that picture."""
    after: Scopes
    """The scopes of the event's middle frame as delivered, without what it is padded with."""


@dataclass(frozen=True, slots=True)
class SheetRow:
    """What a session match does to one take, as JPEG files beside its reference."""

    ours: str
    theirs: str
    reference: bytes
    before: bytes
    after: bytes | None
    """None where nothing was matched."""


@dataclass(frozen=True, slots=True)
class Report:
    """One finished deliverable, ready to be told; nothing in it is measured by the report."""

    plan: Plan
    audit: FileAudit
    output: str
    """Name of the delivered file."""
    version: str
    """Version of finisher that made it."""
    created: str
    """ISO 8601 instant, handed in so that the same work gives the same report."""
    pictures: Mapping[str, tuple[bytes, ...]] = field(default_factory=dict)
    """JPEG files by event: its first, middle and last frame as delivered."""
    loudness: tuple[tuple[int, float], ...] = ()
    """Momentary loudness: the sample at which the 400 ms window ends, and LUFS."""
    short_term: tuple[tuple[int, float], ...] = ()
    """Short-term loudness likewise, of 3 s."""
    ducking: tuple[Span, ...] = ()
    """Stretches, in samples, over which a sound is lowered under another."""
    mastered: Mastered | None = None
    """What the sound came to; None where there is none."""
    stems: tuple[str, ...] = ()
    """Names of the files of the programme's parts, in their folder beside the film."""
    stages: tuple[StageTime, ...] = ()
    cached_units: int = 0
    """Picture units taken from the store instead of rendered."""
    matches: Mapping[str, MatchFacts] = field(default_factory=dict)
    """Colour matches by session."""
    colours: Mapping[str, EventColour] = field(default_factory=dict)
    """Colour before and after by event; only so many events have theirs."""
    sheets: Mapping[str, tuple[SheetRow, ...]] = field(default_factory=dict)
    """Contact sheets of matches by session."""
    encoding: Encoding | None = None
    """How the encoder's crf was found; None where the preset gives it."""
    identity: str = ""
    """Who signed, and what it would take to be trusted publicly."""
    told: tuple[Problem, ...] = ()
    """What there is to say of the signature."""
    sidecar: str = ""
    """Name of the file beside it that holds its credentials; empty where they are embedded."""

    @property
    def remarks(self) -> tuple[Problem, ...]:
        """What there is to say of the sound, once it was mastered, and of the signature."""
        return (*(self.mastered.problems if self.mastered is not None else ()), *self.told)
