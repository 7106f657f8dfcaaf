"""Geometry and words of the report's sound: an outline for each part, and readings of events.

Outlines are drawn in a box 1000 wide and 100 high that is stretched to fit: level goes by decibels
from the middle line outwards, as a mirrored waveform does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from finisher.plan.model import Plan, SoundTrack
from finisher.report.charts import Bar, Tick, percent
from finisher.report.figures import clock, number
from finisher.report.model import Report
from finisher.report.plain import plain
from finisher.report.readings import MASTER, STEP, EventReading, readings
from finisher.sound.master import Mastered
from finisher.sound.stems import stem_of
from finisher.timecode import SAMPLE_RATE, Span

QUIETEST = -60.0
"""dBFS at the middle line."""
DEEPEST = -24.0
"""dB at the foot of a lane for gain curves; 0 dB is at its head."""
_POINTS = 1000
_NAME = 120
_DASH = "–"

Row = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GainView:
    """A track's gain over time."""

    path: str
    told: str


@dataclass(frozen=True, slots=True)
class SoundLane:
    """A part of the programme's sound."""

    label: str
    outline: str
    told: str
    gains: tuple[GainView, ...]
    speech: tuple[Bar, ...]
    limit: str = ""
    """Distance of the highest true peak allowed from head and foot; "" where none is."""


@dataclass(frozen=True, slots=True)
class SoundView:
    """All there is to be seen of the sound, but for the loudness curve."""

    lanes: tuple[SoundLane, ...]
    cuts: tuple[Tick, ...]
    rows: tuple[Row, ...]
    facts: tuple[tuple[str, str], ...]
    caption: str


HEAD = ("Event", "Integrated", "Loudest 400 ms", "Loudest 3 s", "Sample peak", "Speech")


def sound(report: Report) -> SoundView | None:
    """The sound of a delivery; None where it has none, or none was measured."""
    plan, mastered = report.plan, report.mastered
    if plan.sound is None or mastered is None:
        return None
    lanes = tuple(_lane(plan, envelope.name, envelope.peaks) for envelope in mastered.envelopes)
    return SoundView(
        lanes=lanes,
        cuts=_cuts(plan),
        rows=tuple(map(_row, readings(plan, mastered))),
        facts=_facts(report, mastered),
        caption=_caption(lanes),
    )


def _caption(lanes: Sequence[SoundLane]) -> str:
    """What the lanes show, in words."""
    told = ["Each part of the mix, from −60 dBFS at the middle line to full scale."]
    told.append("Upright lines are cuts.")
    if any(lane.limit for lane in lanes):
        told.append("The dashed line is the highest true peak allowed.")
    gains = [gain.told for lane in lanes for gain in lane.gains]
    if gains:
        told.append(
            f"Lines across are gain, 0 dB at the head of a lane and {number(DEEPEST)} dB at its "
            f"foot: {'; '.join(gains)}."
        )
    if any(lane.speech for lane in lanes):
        told.append("Speech is underlined.")
    return " ".join(told)


def _lane(plan: Plan, name: str, peaks: Sequence[float]) -> SoundLane:
    """One part with the gain curves and the speech of its tracks."""
    tracks = [t for t in plan.sound.tracks if stem_of(t.role) == name] if plan.sound else []
    samples = max(1, plan.sound.samples) if plan.sound else 1
    loudest = max(peaks, default=-120.0)
    told = "silent" if loudest <= QUIETEST else f"at most {number(loudest)} dBFS"
    target = plan.sound.loudness if plan.sound else None
    limit = ""
    if name == MASTER and target is not None:
        limit = f"{50 - _half(target.true_peak_dbtp):.2f}%"
    return SoundLane(
        label="as delivered" if name == MASTER else name,
        outline=_outline(peaks),
        told=told,
        gains=tuple(_gain(track, samples) for track in tracks if _lowered(track)),
        speech=tuple(_region(span, samples) for track in tracks for span in track.speech),
        limit=limit,
    )


def _half(level: float) -> float:
    """How far from the middle line a level lies: 50 at full scale."""
    return 50.0 * min(1.0, max(0.0, 1.0 - level / QUIETEST))


def _outline(peaks: Sequence[float]) -> str:
    """Peaks as a closed shape about the middle line; the loudest of each bucket."""
    buckets: dict[int, float] = {}
    for place, level in enumerate(peaks):
        x = place * _POINTS // max(1, len(peaks))
        buckets[x] = max(buckets.get(x, 0.0), _half(level))
    if not buckets:
        return ""
    # The last one lasts until the end.
    line = [*sorted(buckets.items()), (_POINTS, buckets[max(buckets)])]
    above = " L".join(f"{x} {50 - half:.1f}" for x, half in line)
    below = " L".join(f"{x} {50 + half:.1f}" for x, half in reversed(line))
    return f"M{above} L{below} Z"


def _lowered(track: SoundTrack) -> bool:
    """Whether a track's gain moves."""
    return any(level != track.curve[0][1] for _, level in track.curve)


def _gain(track: SoundTrack, samples: int) -> GainView:
    """A track's gain as a line."""
    ends = [(0, track.curve[0][1]), *track.curve, (samples, track.curve[-1][1])]
    points = [
        f"{float(Fraction(1000 * min(max(at, 0), samples), samples)):.2f} {_depth(level):.1f}"
        for at, level in ends
    ]
    deepest = min(level for _, level in track.curve)
    return GainView(
        "M" + " L".join(points),
        f"{plain(track.id, _NAME)}, lowered by up to {number(-deepest)} dB",
    )


def _depth(level: float) -> float:
    """Where a gain lies in its lane, from the head down."""
    return 100.0 * min(1.0, max(0.0, level / DEEPEST))


def _region(span: Span, samples: int) -> Bar:
    """A stretch of speech."""
    told = f"{clock(span.start)} to {clock(span.end)}"
    return Bar(percent(span.start, samples), percent(len(span), samples), "", told)


def _cuts(plan: Plan) -> tuple[Tick, ...]:
    """Where events begin, but for the first."""
    return tuple(
        Tick(percent(event.record.start, plan.frames), plain(event.id, _NAME))
        for event in plan.events
        if event.record.start
    )


def _row(reading: EventReading) -> Row:
    """An event's reading in words."""
    share = reading.speech
    return (
        plain(reading.event, _NAME),
        _with(reading.integrated, "LUFS"),
        _with(reading.momentary, "LUFS"),
        _with(reading.short_term, "LUFS"),
        _with(reading.sample_peak, "dBFS"),
        _DASH if share is None else f"{number(round(float(100 * share)))} %",
    )


def _with(value: float | None, unit: str) -> str:
    """A figure with its unit, a dash where there is none."""
    return _DASH if value is None else f"{number(round(value, 1))} {unit}"


def _facts(report: Report, mastered: Mastered) -> tuple[tuple[str, str], ...]:
    """What was done to reach the level, and where the sound lies against the picture."""
    rows = [
        ("Gain", f"{number(round(mastered.gain_db, 2))} dB over the whole programme"),
        ("Limiting", f"up to {number(round(mastered.limiting_db, 1))} dB off the peaks"),
        ("Passes", f"{mastered.passes}, each encoded, decoded and measured"),
    ]
    if mastered.range_lu is not None:
        rows.append(("Loudness range", f"{number(round(mastered.range_lu, 1))} LU"))
    if mastered.offset is not None:
        rows.append(("Against the mix", _off(mastered.offset)))
    found = next((c for c in report.audit.checks if c.id == "sound-offset"), None)
    measured = found.measured if found is not None else None
    if isinstance(measured, dict) and isinstance(off := measured.get("samples"), int):
        rows.append(("Against the picture", f"{_off(off)}, by the audit"))
    return tuple(rows)


def _off(samples: int) -> str:
    """How far sound lies off its place."""
    if not samples:
        return "in place to the sample"
    way = "late" if samples > 0 else "early"
    told = number(round(abs(samples) * 1000 / SAMPLE_RATE, 2))
    return f"{abs(samples):,} samples ({told} ms) {way}"


def sampled(peaks: Sequence[float], most: int) -> tuple[int, list[float]]:
    """Peaks thinned to so many, the loudest of each bucket kept, and the samples of a step."""
    each = max(1, -(-len(peaks) // most))
    thin = [max(peaks[at : at + each]) for at in range(0, len(peaks), each)]
    return each * STEP, thin
