"""How loud each event is, read off what the master measured: nothing is measured anew."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from finisher.plan.model import Plan
from finisher.sound.master import Mastered
from finisher.timecode import SAMPLE_RATE, Span, joined

STEP = SAMPLE_RATE // 10
"""Samples between two values of the master's series."""
MASTER = "master"
"""Name of the outline of the sound as delivered."""

_MOMENTARY, _SHORT_TERM = 4 * STEP, 30 * STEP
_OFFSET = -0.691
_ABSOLUTE_GATE, _RELATIVE_GATE = -70.0, -10.0


@dataclass(frozen=True, slots=True)
class EventReading:
    """One event's sound; None where it is too short, or silent."""

    event: str
    integrated: float | None
    """LUFS, of the 400 ms blocks that lie inside it, gated among themselves."""
    momentary: float | None
    """LUFS, the loudest 400 ms inside it."""
    short_term: float | None
    """LUFS, the loudest 3 s inside it."""
    sample_peak: float | None
    """dBFS, of the tenths of a second that it touches."""
    speech: Fraction | None
    """Share of it in which somebody speaks; None where no track was listened to for speech."""


def readings(plan: Plan, mastered: Mastered) -> tuple[EventReading, ...]:
    """A reading of each event, in the plan's order."""
    peaks = next((e.peaks for e in mastered.envelopes if e.name == MASTER), ())
    spoken = speech(plan)
    listened = any(track.speech for track in plan.sound.tracks) if plan.sound else False
    found = []
    for event in plan.events:
        span = Span(plan.rate.samples(event.record.start), plan.rate.samples(event.record.end))
        blocks = _inside(mastered.momentary, span, _MOMENTARY)
        longer = _inside(mastered.short_term, span, _SHORT_TERM)
        touched = peaks[span.start // STEP : -(-span.end // STEP)]
        found.append(
            EventReading(
                event.id,
                integrated(blocks),
                _audible(max(blocks, default=-math.inf)),
                _audible(max(longer, default=-math.inf)),
                _audible(max(touched, default=-math.inf)),
                _share(spoken, span) if listened else None,
            )
        )
    return tuple(found)


def integrated(blocks: Sequence[float]) -> float | None:
    """Gated loudness, LUFS, of 400 ms blocks every 100 ms (ITU-R BS.1770-4, annex 1)."""
    kept = [_power(level) for level in blocks if level > _ABSOLUTE_GATE]
    if not kept:
        return None
    gate = _level(math.fsum(kept) / len(kept)) + _RELATIVE_GATE
    loud = [power for power in kept if _level(power) > gate]
    return _level(math.fsum(loud) / len(loud)) if loud else None


def speech(plan: Plan) -> tuple[Span, ...]:
    """Where anybody speaks in the programme, in samples; regions that touch are one."""
    if plan.sound is None:
        return ()
    return tuple(joined(span for track in plan.sound.tracks for span in track.speech))


def _inside(series: Sequence[float], span: Span, window: int) -> Sequence[float]:
    """The values whose windows lie within a span; value k begins at k steps."""
    first = -(-span.start // STEP)
    last = (span.end - window) // STEP
    return series[first : max(first, last + 1)]


def _audible(level: float) -> float | None:
    """A level, None for silence: the series end at -120."""
    return level if level > -119.0 else None


def _share(spans: Sequence[Span], whole: Span) -> Fraction:
    """The part of a span that others cover."""
    met = (span.meet(whole) for span in spans)
    return Fraction(sum(len(span) for span in met if span is not None), max(1, len(whole)))


def _power(level: float) -> float:
    return math.exp((level - _OFFSET) * math.log(10) / 10)


def _level(power: float) -> float:
    return _OFFSET + 10 * math.log10(power)
