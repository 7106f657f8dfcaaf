"""What is measured of sounds: shape, speech, room tone, beat, and where a performance lies."""

from __future__ import annotations

from dataclasses import dataclass

from finisher.channels import Layout
from finisher.timecode import Span


@dataclass(frozen=True, slots=True)
class SoundFacts:
    """A sound conformed to 48 kHz, placed against its picture's first frame."""

    samples: int
    channels: int
    source_rate: int
    speech: tuple[Span, ...] = ()
    """Regions of speech in samples, for ducking."""
    non_finite: int = 0
    """Values that were no numbers and are silent now."""
    decode_errors: int = 0
    """Packets that did not decode and are silent now."""
    missing: int = 0
    """Samples at 48 kHz that the file declares and does not hold."""
    layout: Layout = Layout.STEREO
    """What its conformed file holds: stereo of one channel or two, 5.1 of more."""
    late: int = 0
    """Samples at 48 kHz, counted in `samples`, by which it begins after its picture."""


@dataclass(frozen=True, slots=True)
class ToneFacts:
    """The stretch of a take's sound, in samples, that is best taken for the room's own."""

    span: Span
    level_dbfs: float


@dataclass(frozen=True, slots=True)
class TempoFacts:
    """The beat of a piece of music, and the stretch of it to go round by."""

    bpm: float
    confidence: float
    """How far the best period stands out from the next unrelated one; 1 for not at all."""
    loop: Span
    """In samples: a whole number of bars, or of beats where it holds no bar twice."""
    beats: int
    seam_db: float
    """How much louder the 50 ms around the seam change than those around the beats within."""


@dataclass(frozen=True, slots=True)
class AlignmentFacts:
    """Where a recording of the same performance lies against an event's native sound."""

    at: int
    """Programme sample at which the layer is to begin."""
    confidence: float
    """How far the best place stands out from the next; 1 for not at all."""
    likeness: float
    """Normalised correlation at the best place, -1 to 1."""
    refused: str = ""
    """Why it is not the same performance, in words; empty where it is."""
