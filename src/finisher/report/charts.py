"""Geometry of the report's two drawings: the programme as a bar, and its loudness as a curve.

Horizontal places are percentages of the drawing's width, as text; the loudness curve is drawn in a
box 1000 wide and 100 high that is stretched to fit.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from finisher.plan.model import Plan
from finisher.report.figures import clock, number, timecodes
from finisher.report.model import Report
from finisher.report.passages import Passage, gaps, passages
from finisher.report.plain import plain
from finisher.report.words import plural
from finisher.timecode import SAMPLE_RATE, Span, joined

_LONGEST_NAME = 80
QUIETEST = -54.0
"""LUFS at the foot of the curve; below it nobody hears a difference."""
_POINTS = 1000
"""Buckets the curve is thinned to: one a unit of its box."""
_TICKS = 8


@dataclass(frozen=True, slots=True)
class Bar:
    """A stretch of the programme."""

    x: str
    width: str
    label: str
    told: str
    """The same in words, for those who don't see it."""


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on a scale."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Lane:
    """A row under the picture: a sound track, or a mark."""

    label: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Programme:
    """The whole programme from left to right."""

    events: tuple[Bar, ...]
    names: tuple[Bar, ...]
    """Where each event's name has room: behind the transition it comes in by."""
    passages: tuple[Bar, ...]
    gaps: tuple[Bar, ...]
    sounds: tuple[Lane, ...]
    marks: tuple[Lane, ...]
    ticks: tuple[Tick, ...]


@dataclass(frozen=True, slots=True)
class Curve:
    """Momentary loudness over the programme."""

    path: str
    area: str
    longer: str
    """Short-term loudness, "" for a programme of less than 3 s."""
    levels: tuple[Tick, ...]
    ticks: tuple[Tick, ...]
    target: str
    """Height of the target, "" where none is promised."""
    told_target: str
    ducks: tuple[Bar, ...]
    loudest: str


def percent(part: Fraction | int, whole: int) -> str:
    """A share of a whole as SVG takes it."""
    return f"{float(Fraction(100 * part, max(1, whole))):.4f}%"


def _bar(span: Span, whole: int, label: str, told: str) -> Bar:
    """A stretch in its place."""
    return Bar(percent(span.start, whole), percent(len(span), whole), label, told)


def _ticks(length: Fraction) -> list[Fraction]:
    """Round instants along a length in seconds, about `_TICKS` of them."""
    steps = [Fraction(n, d) for d in (10, 1, Fraction(1, 60)) for n in (1, 2, 5, 10, 15, 30)]
    step = next((s for s in sorted(steps) if length / s <= _TICKS), length / _TICKS)
    # A label needs room to its right: none begins in the last twelfth.
    return [step * n for n in range(math.ceil(length * 11 / 12 / step))] if step else []


def _passage_bar(plan: Plan, passage: Passage) -> Bar:
    """A transition on the bar."""

    def name(event: int | None) -> str:
        return "black" if event is None else plain(plan.events[event].id, _LONGEST_NAME)

    told = (
        f"{passage.kind} of {plural(len(passage.span), 'frame')}, "
        f"{name(passage.outgoing)} to {name(passage.incoming)}"
    )
    return _bar(passage.span, plan.frames, str(passage.kind), told)


def programme(plan: Plan) -> Programme:
    """The programme's events, transitions, gaps, sounds and marks in their places."""
    found = passages(plan)
    events = tuple(
        _bar(
            event.record,
            plan.frames,
            plain(event.id, _LONGEST_NAME),
            f"{plain(event.id, _LONGEST_NAME)}: {' to '.join(timecodes(event.record, plan.rate))}",
        )
        for event in plan.events
    )
    names = tuple(
        _bar(_clear(event.record, found), plan.frames, bar.label, "")
        for event, bar in zip(plan.events, events, strict=True)
    )
    length = plan.rate.seconds(plan.frames)
    ticks = tuple(
        Tick(
            f"{float(100 * at / length):.4f}%",
            timecodes(Span(0, math.floor(plan.rate.frames(at))), plan.rate)[1],
        )
        for at in _ticks(length)
    )
    return Programme(
        events=events,
        names=names,
        passages=tuple(_passage_bar(plan, passage) for passage in found),
        gaps=tuple(_bar(gap, plan.frames, "gap", "black") for gap in gaps(plan)),
        sounds=_sound_lanes(plan),
        marks=_mark_lanes(plan),
        ticks=ticks,
    )


def _clear(record: Span, found: Sequence[Passage]) -> Span:
    """An event's stretch without the transition it begins under."""
    start = max((p.span.end for p in found if record.start in p.span), default=record.start)
    return Span(min(start, record.end), record.end)


def _sound_lanes(plan: Plan) -> tuple[Lane, ...]:
    """Each sound track and where it sounds."""
    if plan.sound is None:
        return ()
    whole = plan.sound.samples
    return tuple(
        Lane(
            plain(track.id, _LONGEST_NAME) + (f" ({track.role})" if track.role else ""),
            tuple(
                _bar(span, whole, "", f"{clock(span.start)} to {clock(span.end)}")
                for span in _within([piece.span for piece in track.pieces], whole)
            ),
        )
        for track in plan.sound.tracks
        if track.pieces
    )


def _within(spans: Iterable[Span], whole: int) -> list[Span]:
    """What spans share with a programme of that length; those that touch are one."""
    met = (span.meet(Span(0, whole)) for span in spans)
    return joined(span for span in met if span is not None)


def _mark_lanes(plan: Plan) -> tuple[Lane, ...]:
    """Each declared mark, and when it is shown."""
    lanes: dict[str, list[Bar]] = {}
    for event in plan.events:
        for mark in event.marks:
            told = f"{plain(event.id, _LONGEST_NAME)}: {number(100 * mark.visible)} % kept"
            spans = mark.shown or (event.record,)
            bars = [_bar(span, plan.frames, "", told) for span in spans if mark.visible > 0]
            lanes.setdefault(mark.mark, []).extend(bars)
    lanes = {name: bars for name, bars in lanes.items() if bars}
    return tuple(Lane(plain(name, _LONGEST_NAME), tuple(bars)) for name, bars in lanes.items())


def _height(lufs: float) -> float:
    """A level's height in the curve's box, 0 at full scale, 100 at `QUIETEST` and below."""
    if math.isnan(lufs):
        return 100.0
    return 100 * min(1.0, max(0.0, lufs / QUIETEST))


def _buckets(series: Iterable[tuple[int, float]], samples: int) -> dict[int, float]:
    """Heights by place; the loudest of each bucket, so that thinning hides no peak."""
    buckets: dict[int, float] = {}
    for sample, lufs in series:
        x = min(_POINTS, max(0, sample * _POINTS // samples))
        buckets[x] = min(buckets.get(x, 100.0), _height(lufs))
    return buckets


def _line(buckets: dict[int, float]) -> str:
    """Heights as a line, "" for none."""
    points = " L".join(f"{x} {y:.2f}" for x, y in sorted(buckets.items()))
    return f"M{points}" if points else ""


def curve(report: Report) -> Curve | None:
    """The loudness curve against its target; None where no curve was measured."""
    if not report.loudness or report.plan.sound is None:
        return None
    samples = max(1, report.plan.sound.samples)
    buckets = _buckets(report.loudness, samples)
    path = _line(buckets)
    audio = report.plan.preset.audio
    target = audio.loudness if audio else None
    heard = [lufs for _, lufs in report.loudness if math.isfinite(lufs)]
    return Curve(
        path=path,
        area=f"{path} L{max(buckets)} 100 L{min(buckets)} 100 Z",
        longer=_line(_buckets(report.short_term, samples)),
        levels=tuple(Tick(f"{_height(level):.2f}%", number(level)) for level in _LEVELS),
        ticks=tuple(
            Tick(percent(at * SAMPLE_RATE, samples), clock(round(at * SAMPLE_RATE)))
            for at in _ticks(Fraction(samples, SAMPLE_RATE))
        ),
        target=f"{_height(target.target_lufs):.2f}%" if target else "",
        told_target=f"{number(target.target_lufs)} LUFS" if target else "",
        ducks=tuple(
            _bar(span, samples, "", f"{clock(span.start)} to {clock(span.end)}")
            for span in _within(report.ducking, samples)
        ),
        loudest=f"{number(round(max(heard), 1))} LUFS" if heard else "silence",
    )


_LEVELS = (-9.0, -18.0, -27.0, -36.0, -45.0)
