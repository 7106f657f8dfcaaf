"""What is left of a mark piece by piece and frame by frame, with nothing to hold the file against.

Pieces and frames tell in which the scenery's own edges come to little against the mark's.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.watermark.averages import blurred, gradient
from finisher.watermark.lens import (
    GONE,
    SEEN,
    SHARE,
    Lens,
    Place,
    cells_of,
    lens_over,
    summed,
)
from finisher.watermark.outline import NEAR
from finisher.watermark.planes import Floats
from finisher.watermark.seen import Left
from finisher.watermark.template import AnyTemplate, PlacedBox

_PIECES = (6, 2)
"""Pieces along a mark's longer side and across it: about half a letter each."""
_NOISE = 0.2
"""Part of a mark's amplitude up to which the scenery's own lets a frame or a piece tell: of 900
exports none has a frame below `GONE` then, and 42 of 43 that every third was taken from do."""
_CLEAR = 48.0
"""Codes between a mark of one tone and what it lies on, root mean square, from which a frame tells
by itself: a grade nobody told of may have moved that tone by half as much."""
_FEWEST, _PIECEWISE = 4, 3
"""Frames and pieces that must tell."""
_FAR = 2.5
"""How far around a mark the scenery is looked at, in its shorter sides."""


def told_alone(
    frames: Iterable[NDArray[np.uint8]], template: AnyTemplate, box: PlacedBox
) -> Left | None:
    """What is left of a mark, by frames of an export and nothing else.

    A piece is told by all frames together, a frame by itself. None where hardly any of them tells.
    """
    planes = list(frames)
    lens = lens_over(planes, template, box, int(_FAR * min(box[2:])) + NEAR) if planes else None
    if lens is None:
        return None
    total = _Weighed.of(lens, lens.cut(planes[0]))
    for frame in planes[1:]:
        total += _Weighed.of(lens, lens.cut(frame))
    here = max(lens.near(), key=lambda at: total.strength(lens, at), default=None)
    if here is None:
        return None
    least = _weakest(lens, total, here)
    gone, telling = _gone(lens, (_Weighed.of(lens, lens.cut(frame)) for frame in planes), here)
    if least is None and not telling:
        return None
    return Left(1.0 if least is None else least, gone, telling)


@dataclass(frozen=True, slots=True, eq=False)
class _Weighed:
    """A plane's gradient times a mark's contrast, and the square of that; of one frame or more."""

    along: Floats
    across: Floats
    squares: Floats

    @classmethod
    def of(cls, lens: Lens, codes: Floats) -> _Weighed:
        contrast = lens.contrast(codes)
        along, across = gradient(blurred(codes))
        return cls(along * contrast, across * contrast, contrast * contrast)

    def __add__(self, other: _Weighed) -> _Weighed:
        return _Weighed(
            self.along + other.along, self.across + other.across, self.squares + other.squares
        )

    def match(self, lens: Lens, at: Place) -> Floats:
        """How it matches the mark laid at a place, pixel by pixel."""
        here = lens.at(at)
        return self.along[here] * lens.shape.along + self.across[here] * lens.shape.across

    def power(self, lens: Lens, at: Place) -> Floats:
        """What it would match there if it were the mark in all its strength."""
        edges = lens.shape.along**2 + lens.shape.across**2
        return np.asarray(self.squares[lens.at(at)] * edges, np.float32)

    def matched(self, lens: Lens, at: Place) -> float:
        """How it matches the mark laid at a place, in all: nothing is copied on the way."""
        here = lens.at(at)
        along = np.einsum("ij,ij", self.along[here], lens.shape.along)
        return float(along + np.einsum("ij,ij", self.across[here], lens.shape.across))

    def strength(self, lens: Lens, at: Place) -> float:
        return self.matched(lens, at) / max(float(self.power(lens, at).sum()), 1e-6)


def _weakest(lens: Lens, total: _Weighed, here: Place) -> float | None:
    """Strength of the piece that has least, as part of the whole; None where few would tell."""
    cells, away = cells_of(lens.shape, *_PIECES), lens.away()
    match, power = (summed(one(lens, here), cells) for one in (total.match, total.power))
    if len(away) < _FEWEST or match.sum() <= 0:
        return None
    due = power * match.sum() / max(float(power.sum()), 1e-6)
    noise = np.std([summed(total.match(lens, at), cells) for at in away], axis=0)
    telling = (due >= SHARE * due.sum()) & (noise < _NOISE * due)
    if telling.sum() < _PIECEWISE:
        return None
    return float((match[telling] / due[telling]).min())


def _gone(lens: Lens, frames: Iterable[_Weighed], here: Place) -> tuple[int, int]:
    """How many frames show nothing of a mark, and how many by themselves would."""
    away = lens.away()
    if len(away) < _FEWEST:
        return 0, 0
    rows = []
    for one in frames:
        noise = np.std([one.matched(lens, at) for at in away])
        rows.append((one.matched(lens, here), one.power(lens, here).sum(), noise))
    match, power, noises = np.array(rows, np.float64).T
    seen = power >= SEEN * power.mean()
    strength = float(np.median(match[seen] / power[seen])) if power.any() else 0.0
    telling = seen & (noises < _NOISE * strength * power)
    if lens.tone is not None:
        telling &= power >= _CLEAR**2 * lens.shape.energy
    if telling.sum() < _FEWEST:
        return 0, 0
    gone = match[telling] < GONE * strength * power[telling]
    return int(gone.sum()), int(telling.sum())
