"""Which promised frame every frame of a file shows: the likeliest course through the programme."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from finisher.timecode import Rate, Span, timecode_of_frame

Cells = NDArray[np.float32]

_REACH = 16
"""Frames to either side that are thought of: what is further away is nothing in particular."""
_TURN = 0.3
"""Codes that leaving the course costs: a wrong frame must fit its other place better by more than
all turns together, and noise, of which there is a tenth of a code, must not."""
_STRANGE = 6.0
"""Codes beyond which a frame is none of those near it; another shot differs by more."""
_STEADY = 1.0
"""Codes of a steady error of a cell that is taken off an event: a grade foretold a little off."""


@dataclass(frozen=True, slots=True)
class Displaced:
    """Frames of an event that show what was promised elsewhere."""

    event: str
    span: Span
    shift: int | None
    """By how many frames later what they show belongs; None where it belongs nowhere near."""
    still: bool = False
    """Whether all of them show the frame before them."""

    def words(self, rate: Rate | None) -> str:
        """The frames by number and timecode, and what they show; no timecode without a rate."""
        first, last = self.span.start, self.span.end - 1
        place, verb = f"frame {named(first, rate)}", "shows"
        if last > first:
            place, verb = f"frames {named(first, rate)} to {named(last, rate)}", "show"
        place += f" of {self.event}"
        if self.still:
            return f"{place} {verb} frame {first - 1} again"
        if self.shift is None:
            return f"{place} {verb} nothing that was promised near"
        way = "later" if self.shift > 0 else "earlier"
        return f"{place} {verb} what belongs {abs(self.shift)} {way}"


def named(frame: int, rate: Rate | None) -> str:
    """A frame by its number and, where the rate is known, its timecode."""
    return str(frame) if rate is None else f"{frame} ({timecode_of_frame(frame, rate)})"


def displaced(
    events: Sequence[tuple[str, Span]], wanted: Cells, found: Cells
) -> tuple[Displaced, ...]:
    """The stretches of a programme that are not in their place, in order.

    Args:
        events: every event with its frames; together they tile the programme.
        wanted: promised cells, (frames, cells).
        found: measured cells, as many frames.
    """
    shifts = _course(_costs(events, wanted, found))
    names = np.empty(len(wanted), object)
    for event, span in events:
        names[span.start : span.end] = event
    told: list[Displaced] = []
    at = 0
    for (event, still, shift), run in groupby(
        range(len(wanted)), key=lambda k: (names[k], _stands(shifts, k), shifts[k])
    ):
        length = len(list(run))
        if still:
            _grow(told, Displaced(str(event), Span(at, at + length), None, still=True))
        elif shift != 0:
            nowhere = abs(int(shift)) > _REACH
            told.append(
                Displaced(str(event), Span(at, at + length), None if nowhere else int(shift))
            )
        at += length
    return tuple(told)


def _grow(told: list[Displaced], more: Displaced) -> None:
    """Add a frame that stands still to those before it, if they do too."""
    last = told[-1] if told else None
    together = last is not None and last.still and last.event == more.event
    if last is not None and together and last.span.end == more.span.start:
        told[-1] = Displaced(last.event, Span(last.span.start, more.span.end), None, still=True)
    else:
        told.append(more)


def _stands(shifts: NDArray[np.int64], frame: int) -> bool:
    """Whether a frame shows what the one before it does."""
    if frame == 0 or abs(shifts[frame]) > _REACH:
        return False
    return bool(shifts[frame] == shifts[frame - 1] - 1 and shifts[frame] < 0)


def _costs(events: Sequence[tuple[str, Span]], wanted: Cells, found: Cells) -> Cells:
    """How unlike each frame is to the promised ones around its place: (frames, 2 * reach + 2).

    The last column is for belonging nowhere near.
    """
    count = len(wanted)
    level = found.copy()
    for _, span in events:
        own = slice(span.start, span.end)
        steady = np.median(found[own] - wanted[own], axis=0)
        level[own] -= np.clip(steady, -_STEADY, _STEADY)
    costs = np.full((count, 2 * _REACH + 2), np.inf, np.float32)
    for column, shift in enumerate(range(-_REACH, _REACH + 1)):
        low, high = max(0, -shift), min(count, count - shift)
        if low < high:
            apart = np.abs(level[low:high] - wanted[low + shift : high + shift]).mean(axis=1)
            costs[low:high, column] = apart
    costs[:, -1] = _STRANGE
    return costs


def _course(costs: Cells) -> NDArray[np.int64]:
    """The shift of every frame on the cheapest course (Viterbi); beyond reach is nowhere."""
    count, states = costs.shape
    best = costs[0].astype(np.float64)
    best[np.arange(states) != _REACH] += _TURN
    came = np.zeros((count, states), np.int64)
    for frame in range(1, count):
        cheapest = int(best.argmin())
        turned = best[cheapest] + _TURN
        came[frame] = np.where(best <= turned, np.arange(states), cheapest)
        best = np.minimum(best, turned) + costs[frame]
    # Nothing is gained by ending off the course.
    best[np.arange(states) != _REACH] += _TURN / 2
    state = int(best.argmin())
    shifts = np.zeros(count, np.int64)
    for frame in range(count - 1, -1, -1):
        shifts[frame] = state - _REACH
        state = int(came[frame, state])
    return shifts
