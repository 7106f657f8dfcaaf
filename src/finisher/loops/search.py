"""The best places in a range to loop from and to: all pairs of frames, then the best blends."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from finisher.facts import LoopFacts
from finisher.loops.footage import BEYOND, Footage
from finisher.loops.seam import judge, turn
from finisher.timecode import Span

BLENDS = (0, 4, 8, 12, 16, 24)
"""Blend lengths that are tried: none, and up to a second."""
_SHORTEST = 8
"""Frames a loop has at least, a third of a second: shorter ones flicker."""
_MOST = 60
"""Pairs that are looked at closely, of all that are better than their neighbours."""
_KERNEL = np.array([1, 4, 6, 4, 1]) / 16
"""Weights of the frames around a seam that must agree in order, so that what moves goes on moving:
the dynamics-preserving filter of Schödl et al., "Video Textures", SIGGRAPH 2000, section 3.1."""
_ENOUGH = 0.5
"""Visibility below which a longer blend gains nothing: half a step is lost among the others."""
_AS_GOOD = (1.15, 0.1)
"""A seam within this factor, or this much, of the best is as good; the longest loop of those is
taken, because what comes back later is noticed less."""


def best(
    clip: Footage, span: Span, shortest: int | None = None, wanted: int = 5
) -> tuple[LoopFacts, ...]:
    """The best loops inside a range of a take, best first; none where the range is too short.

    Args:
        clip: the whole take, so that handles around the range can be borrowed by a blend.
        span: frames the loop must lie in; at least three.
        shortest: frames it has at least; a third of the range by default.
        wanted: how many that differ by more than two frames.
    """
    least = _least(span, shortest)
    if len(span) < max(least, 3):
        return ()
    found = [_blended(clip, start, end) for start, end in _pairs(clip, span, least)]
    found.sort(key=_visibility)
    return tuple(_apart(_longest_first(found))[:wanted])


def calmest(clip: Footage, span: Span, shortest: int | None = None) -> LoopFacts:
    """Where in a range a ping-pong's turns show least; the longest of those as good.

    Arguments are those of `best`; of a range with no room for a loop it is the whole.
    """
    least = min(_least(span, shortest), len(span))
    speeds = [float(np.linalg.norm(clip.velocity(f))) for f in range(span.start, span.end)]
    table = np.maximum.outer(np.array(speeds), np.array(speeds))
    first, last = np.indices(table.shape)
    table[last - first + 1 < least] = np.inf
    as_good = table <= table.min() * _AS_GOOD[0]
    row, column = np.unravel_index(np.argmax(np.where(as_good, last - first, -1)), table.shape)
    return turn(clip, span.start + int(row), span.start + int(column) + 1)


def _least(span: Span, shortest: int | None) -> int:
    """Frames a loop of a range has at least."""
    return max(_SHORTEST, len(span) // 3 if shortest is None else shortest)


def _blended(clip: Footage, start: int, end: int) -> LoopFacts:
    """A loop with the blend that hides its seam best, or the shortest that hides it well enough."""
    seams = [judge(clip, start, end, frames) for frames in _blends(clip, start, end)]
    hidden = (seam for seam in seams if seam.visibility <= _ENOUGH)
    return next(hidden, None) or min(seams, key=_visibility)


def _visibility(seam: LoopFacts) -> float:
    return seam.visibility


def _blends(clip: Footage, start: int, end: int) -> list[int]:
    """Blend lengths for which the take has the frames to borrow, and the loop the room."""
    return [
        n
        for n in BLENDS
        if n <= (end - start) // 2 and start - n // 2 >= 0 and end + n - n // 2 <= clip.count
    ]


def _pairs(clip: Footage, span: Span, least: int) -> list[tuple[int, int]]:
    """Starts and ends whose surroundings are most alike, each better than those next to it."""
    apart = _in_order(clip.distances())
    starts = np.arange(span.start, span.end - least + 1)
    ends = np.arange(span.start + least, span.end + 1)
    # Frame f stands in row f + 3 of the distances; the filter has cut two rows off.
    cut = BEYOND - len(_KERNEL) // 2
    table = apart[np.ix_(starts + cut, ends + cut)].astype(np.float64)
    table[ends[None, :] - starts[:, None] < least] = np.inf
    lowest = _lowest(table)
    order = np.argsort(table[lowest])[:_MOST]
    rows, columns = (axis[order] for axis in lowest)
    return [(int(starts[r]), int(ends[c])) for r, c in zip(rows, columns, strict=True)]


def _in_order(apart: NDArray[np.float32]) -> NDArray[np.float32]:
    """Distances of pairs with their surroundings: entry (i, j) of frames i and j themselves."""
    size = len(apart) - len(_KERNEL) + 1
    shifted = (apart[k : k + size, k : k + size] * w for k, w in enumerate(_KERNEL))
    return np.asarray(sum(shifted), np.float32)


def _lowest(table: NDArray[np.float64]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Places no larger than the eight around them."""
    around = np.pad(table, 1, constant_values=np.inf)
    rows, columns = table.shape
    lowest = np.isfinite(table)
    for down, across in itertools.product((0, 1, 2), repeat=2):
        lowest &= table <= around[down : down + rows, across : across + columns]
    found = np.nonzero(lowest)
    return found[0], found[1]


def _longest_first(found: list[LoopFacts]) -> list[LoopFacts]:
    """Sorted by visibility, but the longest of those as good as the best before all."""
    if not found:
        return []
    limit = max(found[0].visibility * _AS_GOOD[0], found[0].visibility + _AS_GOOD[1])
    as_good = [seam for seam in found if seam.visibility <= limit]
    as_good.sort(key=lambda seam: seam.start - seam.end)
    return as_good + found[len(as_good) :]


def _apart(found: list[LoopFacts]) -> list[LoopFacts]:
    """Those that are not all but the same as one before."""
    kept: list[LoopFacts] = []
    for seam in found:
        near = (abs(seam.start - k.start) + abs(seam.end - k.end) <= 4 for k in kept)
        if not any(near):
            kept.append(seam)
    return kept
