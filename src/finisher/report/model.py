"""What a delivery report is made of: the plan, the audit, and what was seen on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from finisher.facts import MatchFacts
from finisher.findings import FileAudit
from finisher.plan.model import Plan
from finisher.timecode import Span


@dataclass(frozen=True, slots=True)
class StageTime:
    """How long a stage of the work took, in seconds on the clock on the wall."""

    stage: str
    seconds: float


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
    ducking: tuple[Span, ...] = ()
    """Stretches, in samples, over which a sound is lowered under another."""
    stages: tuple[StageTime, ...] = ()
    cached_units: int = 0
    """Picture units taken from the store instead of rendered."""
    matches: Mapping[str, MatchFacts] = field(default_factory=dict)
    """Colour matches by session."""
    identity: str = ""
    """Who signed, and what it would take to be trusted publicly."""
