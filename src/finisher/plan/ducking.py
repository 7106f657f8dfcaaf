"""Gain curves over the programme: ducking under speech, long fades, and their sum."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from itertools import pairwise

from finisher.plan.model import Piece
from finisher.timecode import Span
from finisher.timeline import Duck

Curve = tuple[tuple[int, float], ...]
"""Breakpoints (sample, dB) at rising samples; linear in dB between them and level outside."""

_HALVINGS = 32
"""A fade follows a straight line down to -96 dB in steps of 3 dB, within 0.15 dB of it."""

_STEP_DB = 3.010299956639812


def placed_speech(pieces: Iterable[Piece], speech: Sequence[Span]) -> tuple[Span, ...]:
    """Where a sound's regions of speech lie in the programme."""
    found = []
    for piece in pieces:
        window = Span(piece.source_start, piece.source_start + piece.length)
        shift = piece.start - piece.source_start
        heard = (window.meet(region) for region in speech)
        found += [Span(span.start + shift, span.end + shift) for span in heard if span]
    return tuple(sorted(found))


def duck_curve(speech: Iterable[Span], duck: Duck) -> Curve:
    """Down before each region of speech, back up after it; nothing where there is none.

    Regions so close that the way up would meet the next way down are one region.
    """
    down, up = duck.attack + duck.lead, duck.hold + duck.release
    merged: list[Span] = []
    for region in sorted(speech):
        if merged and region.start - down <= merged[-1].end + up:
            region = Span(merged[-1].start, max(merged[-1].end, region.end))  # noqa: PLW2901
            merged.pop()
        merged.append(region)
    points: list[tuple[int, float]] = []
    for region in merged:
        onset, end = region.start - duck.lead, region.end + duck.hold
        # Two breakpoints on one sample would leave open which of them counts.
        points += [
            (onset - max(1, duck.attack), 0.0),
            (onset, duck.depth_db),
            (end, duck.depth_db),
            (end + max(1, duck.release), 0.0),
        ]
    return tuple(points)


def held_down(curve: Curve) -> tuple[Span, ...]:
    """Where a duck's curve, or a part of one, is down all the way."""
    return tuple(
        Span(start, end)
        for (start, level), (end, following) in pairwise(curve)
        if level < 0 and level == following
    )


def fade_curve(start: int, length: int, end: int, length_out: int) -> Curve:
    """A straight fade in from `start` and out to `end`, for what is longer than one piece."""
    rising: dict[int, float] = {}
    falling: dict[int, float] = {}
    for step in range(_HALVINGS, -1, -1):
        part = 2.0 ** (-step / 2)
        if length:
            rising[start + round(part * length)] = -_STEP_DB * step
        if length_out:
            falling[end - round(part * length_out)] = -_STEP_DB * step
    return summed(tuple(sorted(rising.items())), tuple(sorted(falling.items())))


def summed(first: Curve, second: Curve) -> Curve:
    """Both curves at once."""
    if not first or not second:
        return first or second
    places = sorted({place for place, _ in first + second})
    return tuple((place, _at(first, place) + _at(second, place)) for place in places)


def within(curve: Curve, span: Span) -> Curve:
    """A curve with no more breakpoints than say what it is inside a span; none where it is 0 dB."""
    first = max(0, bisect_right(curve, span.start, key=lambda point: point[0]) - 1)
    last = bisect_left(curve, span.end, key=lambda point: point[0]) + 1
    kept = curve[first:last]
    return kept if any(level for _, level in kept) else ()


def _at(curve: Curve, place: int) -> float:
    """A curve's level in dB at a sample."""
    after = bisect_right(curve, place, key=lambda point: point[0])
    if after == 0:
        return curve[0][1]
    if after == len(curve):
        return curve[-1][1]
    (left, low), (right, high) = curve[after - 1], curve[after]
    return low + (high - low) * (place - left) / (right - left)
