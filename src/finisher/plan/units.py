"""Cutting the programme into units: long enough to compress well, short enough to share out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from finisher.plan.model import Fill, Mix, Picture, Shot, Unit, Worked
from finisher.timecode import Span

SHORTEST = 48
"""Frames below which a unit costs bits: 12-frame units were measured at up to +19 % size."""
LONGEST = 192
"""Frames above which a unit is split, so that several workers share a long shot."""


def cut(pictures: Sequence[Picture], copied: Sequence[Span] = ()) -> tuple[Unit, ...]:
    """Units that tile the programme, cut where the picture's make-up changes.

    Boundaries fall at cuts and at the edges of transitions; short stretches are merged with
    what follows, long ones split evenly. What is copied is a unit each; what lies between may be
    as short as it is.
    """
    units: list[Unit] = []
    done = 0
    for span in (*copied, Span(len(pictures), len(pictures))):
        stretches = _merge(_stretches(pictures[done : span.start]))
        for start, end in stretches:
            for a, b in _split(done + start, done + end):
                units.append(Unit(a, tuple(pictures[a:b])))
        if len(span):
            units.append(Unit(span.start, tuple(pictures[span.start : span.end]), copied=True))
        done = span.end
    return tuple(units)


def _make_up(picture: Picture) -> object:
    """What stays the same along a stretch: the event shown, or the events under way."""
    match picture:
        case Shot(event=event) | Worked(event=event):
            return event
        case Fill():
            return None
        case Mix(outgoing=outgoing, incoming=incoming):
            old, new = _make_up(outgoing), _make_up(incoming)
            return old if old == new else (old, new)


def _stretches(pictures: Sequence[Picture]) -> list[tuple[int, int]]:
    """Maximal ranges of one make-up."""
    if not pictures:
        return []
    edges = [0]
    edges += [
        i for i in range(1, len(pictures)) if _make_up(pictures[i]) != _make_up(pictures[i - 1])
    ]
    edges.append(len(pictures))
    return list(itertools.pairwise(edges))


def _merge(stretches: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Join neighbours until none is shorter than a unit should be."""
    merged: list[tuple[int, int]] = []
    for start, end in stretches:
        if merged and merged[-1][1] - merged[-1][0] < SHORTEST:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    if len(merged) > 1 and merged[-1][1] - merged[-1][0] < SHORTEST:
        last = merged.pop()
        merged[-1] = (merged[-1][0], last[1])
    return merged


def _split(start: int, end: int) -> list[tuple[int, int]]:
    """Even parts no longer than a unit may be."""
    parts = -(-(end - start) // LONGEST)
    edges = [start + (end - start) * i // parts for i in range(parts + 1)]
    return list(itertools.pairwise(edges))
