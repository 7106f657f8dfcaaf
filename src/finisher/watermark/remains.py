"""What remains of a mark in each piece of it and in each frame, where an average would hide it.

Held against what was foretold, the scenery is in both and cancels: what is missing along the mark's
own edges was taken from the mark.
"""

from __future__ import annotations

import numpy as np

from finisher.watermark.agreement import Reals, moved, times
from finisher.watermark.averages import blurred, gradient
from finisher.watermark.lens import (
    GONE,
    SEEN,
    SHARE,
    Lens,
    Pictures,
    cells_of,
    lens_over,
    summed,
)
from finisher.watermark.outline import AROUND, NEAR
from finisher.watermark.planes import Floats
from finisher.watermark.seen import Left
from finisher.watermark.template import AnyTemplate, PlacedBox

_PIECES = (6, 3)
"""Pieces along a mark's longer side and across it."""
_TIME = 0.1
"""Part of a mark's contrast that a third of its time must have to speak for itself."""
_FAINT = 0.35
"""Part of its strength that a mark must have in most frames for one without it to tell."""


def left_of(
    expected: Pictures,
    shown: Pictures,
    template: AnyTemplate,
    box: PlacedBox,
    by: tuple[int, int] = (0, 0),
) -> Left | None:
    """What is left of a mark, by the same frames of a region as foretold and as shown.

    Both are planes of one shape of the kind that the template is looked for in; what is shown lies
    `by` so many pixels right and down. None where nothing was foretold of the mark itself.
    """
    lens = lens_over(expected, template, box, 2 * int(AROUND * min(box[2:])) + NEAR)
    if lens is None:
        return None
    cells = cells_of(lens.shape, *_PIECES)
    told, lost, power = [], [], []
    for before, after in zip(expected, shown, strict=True):
        codes = lens.cut(before)
        taken = codes - lens.cut(moved(np.asarray(after, np.float32), by))
        contrast = lens.contrast(codes)[lens.here]
        told.append(summed(_match(lens, codes) * contrast, cells))
        lost.append(summed(_match(lens, taken) * contrast, cells))
        power.append(summed((lens.shape.along**2 + lens.shape.across**2) * contrast**2, cells))
    return _left(*(np.array(one, np.float64) for one in (told, lost, power)))


def _left(told: Reals, lost: Reals, power: Reals) -> Left | None:
    """What is left, by sums over (frame, piece)."""
    strength = told.sum() / max(float(power.sum()), 1e-6)
    # The scenery's own edges are in what was foretold; over all frames they cancel.
    due = strength * power
    if due.sum() <= 0:
        return None
    whole = float(1 - lost.sum() / due.sum())
    frames = due.sum(axis=1)
    seen = frames >= SEEN * frames.mean()
    kept = 1 - lost.sum(axis=1)[seen] / frames[seen]
    usual = float(np.median(kept))
    gone = int((kept < GONE * usual).sum()) if usual >= _FAINT else 0
    if whole <= 0:
        return Left(0.0, gone, len(kept), whole, 0.0, 0.0)
    thirds = [np.s_[start:end] for start, end in times(len(due))]
    by_time = [one for one in thirds if due[one].sum() >= _TIME * due.sum()]
    later = min((_weakest(due[one].sum(), lost[one].sum()) for one in by_time), default=whole)
    pieces = due.sum(axis=0)
    telling = pieces >= SHARE * pieces.sum()
    least = _weakest(due[:, telling].sum(axis=0), lost[:, telling].sum(axis=0))
    cells = [(due[one].sum(axis=0), lost[one].sum(axis=0)) for one in by_time]
    shown = [one >= SHARE * due.sum() / len(thirds) for one, _ in cells]
    both = ((d[s], taken[s]) for (d, taken), s in zip(cells, shown, strict=True) if s.any())
    then = min((_weakest(*one) for one in both), default=whole)
    return Left(least / whole, gone, len(kept), whole, later / whole, then / whole)


def _weakest(due: Reals, lost: Reals) -> float:
    """Part that is left of what was due, where that is least."""
    return float((1 - lost / np.maximum(due, 1e-6)).min())


def _match(lens: Lens, codes: Floats) -> Floats:
    """A plane's gradient along the mark's, pixel by pixel of it."""
    along, across = gradient(blurred(codes))
    here = lens.here
    return np.asarray(along[here] * lens.shape.along + across[here] * lens.shape.across)
