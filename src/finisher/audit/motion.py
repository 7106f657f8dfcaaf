"""Whether the picture moves as promised: a frozen, shuffled or reversed one does not.

The gain of a stretch is the part of the promised movement that is found in the file:
sum(found * promised) / (sum(promised ** 2) - rounding), over the changes of all cells. Promised
cells are rounded to whole code values, which adds a sixth to the mean square of their changes.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.timecode import Span

Cells = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Scale:
    """One way of looking: the changes across `lag` frames, `size` of them together."""

    lag: int
    size: int
    energy: float
    """Mean square, in code values, that the promised changes must have beyond rounding."""
    gain: float
    """Least part of the movement that must be found."""


# Measured on finished programmes, some encoded again at crf 23 to 28 with grain: of six changes
# together 0.70 is found at least, 0.32 of a shimmer of 1.4 code values encoded again at crf 28.
# Frozen: 0.00; shuffled or reversed: at most 0.14.
_STRETCH = Scale(lag=1, size=6, energy=0.15, gain=0.22)
# Single changes: 0.69 and 0.16 by the same measures; a frame shown twice: at most 0.02.
_STEP = Scale(lag=1, size=1, energy=0.35, gain=0.1)
# Movement too slow to tell one frame from the next still tells one second from another.
_SLOW = tuple(Scale(lag, size=6, energy=0.5, gain=0.22) for lag in (4, 16))
SCALES = (_STEP, _STRETCH, *_SLOW)

_ROUNDING = 1 / 6
_CLEAR = 3.0
"""How many times that doubt a single change must be, to be told from it."""
_LOUDEST = 4.0
"""Mean square beyond which a single change counts no more: one jump must not hide a freeze."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames that the promised movement leads to, and how much of it is there."""

    span: Span
    gain: float
    moves: bool
    """Whether enough of it is found."""
    slow: bool
    """Whether it tells of its frames together only, not of each one's place."""


def stretches(span: Span, wanted: Cells, found: Cells) -> list[Stretch]:
    """All stretches of an event in which the promised picture moves enough to tell.

    `wanted` and `found` are the cells of the whole programme, of shape (frames, cells).
    """
    return [
        stretch
        for scale in SCALES
        if len(span) > scale.lag
        for stretch in _at(scale, span, wanted, found)
    ]


def _at(scale: Scale, span: Span, wanted: Cells, found: Cells) -> list[Stretch]:
    """The stretches of an event at one scale."""
    promised, shown = (
        cells[span.start + scale.lag : span.end] - cells[span.start : span.end - scale.lag]
        for cells in (wanted, found)
    )
    energy = np.square(promised).mean(axis=1)
    weight = np.minimum(1.0, _LOUDEST / np.maximum(energy, _LOUDEST))
    energy, common = weight * energy, weight * (promised * shown).mean(axis=1)
    parts = max(1, len(energy) // scale.size)
    edges = np.arange(parts + 1) * len(energy) // parts
    counts = np.diff(edges)
    own = np.add.reduceat(energy, edges[:-1]) / counts - _ROUNDING
    gains = np.add.reduceat(common, edges[:-1]) / counts / np.maximum(own, scale.energy)
    least = max(scale.energy, _CLEAR * _doubt(promised, shown) if scale.size == 1 else 0.0)
    first = span.start + scale.lag
    return [
        Stretch(
            Span(first + int(edges[part]), first + int(edges[part + 1])),
            float(gains[part]),
            moves=bool(gains[part] >= scale.gain),
            slow=scale.lag > 1,
        )
        for part in np.flatnonzero(own >= least)
    ]


def _doubt(promised: Cells, shown: Cells) -> float:
    """How far promised changes are from shown ones where they agree best, as a mean square.

    Fine texture that moves by single pixels through a tight framing changes its cells by less
    than coarse sketches err. A quarter of an event's changes tells: however much of the rest was
    tampered with.
    """
    return float(np.quantile(np.square(promised - shown).mean(axis=1), 0.25))
