"""Whether a mark's place still shows what it should: the export held against what was foretold.

They are correlated frame by frame, in luma and in the plane that the mark is looked for in, the
mark's box in parts, so that half a mark can't speak for the other half, nor half of its time. Areas
of the same size beside it tell how much the encoder, grain or a scaler takes from everything: only
what the box loses beyond them was done to the mark.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from finisher.sighting import Plane
from finisher.watermark.agreement import (
    LEGIBLE,
    Area,
    Both,
    beside,
    high_passed,
    moved,
    shift,
    times,
)
from finisher.watermark.evidence import amplitude
from finisher.watermark.remains import left_of
from finisher.watermark.rules import AGREEING
from finisher.watermark.seen import Agreement, Fidelity, Left
from finisher.watermark.template import AnyTemplate, PlacedBox

Planes = NDArray[np.uint8]
"""(frames, height, width)."""

_LOOKED_AT = 12
"""Frames, about, whose medians tell how far they agree; strength is measured in all."""


def compare(
    expected: Planes,
    shown: Planes,
    box: PlacedBox,
    template: AnyTemplate | None = None,
    own: tuple[Planes, Planes] | None = None,
) -> Fidelity | None:
    """Hold a mark's surroundings in an export against what they were to be.

    `expected` and `shown` are (frames, height, width) in luma of limited range, the same frames of
    the same region; `box` is the mark's within it. `own` is both in the template's plane, where
    that is another: without it nothing is said of the mark's strength. None where there is nothing
    to compare: no frames, another shape, a box that is not inside, a place without any texture
    that is still without.
    """
    area = _whole(box, *expected.shape[:0:-1])
    if expected.shape != shown.shape or expected.shape[0] == 0 or area is None:
        return None
    in_luma = _Held(expected, shown, area)
    coloured = _Held(*own, area) if own is not None else None
    luma, chroma = in_luma.agreement(), None if coloured is None else coloured.agreement()
    if luma is None and chroma is None:
        return None
    kept: float | None = None if luma is None else luma.kept
    left: Left | None = None
    if template is not None:
        held = in_luma if template.plane is Plane.LUMA else coloured
        kept = None if held is None else held.strength(template, box)
        left = None if held is None else left_of(held.told, held.seen, template, box, held.by)
    return Fidelity(luma, chroma, kept, left)


class _Held:
    """A plane of the export held against the same as foretold."""

    def __init__(self, told: Planes, seen: Planes, area: Area) -> None:
        self.told, self.seen, self._area = told, seen, area
        step = max(1, len(told) // _LOOKED_AT)
        before = [high_passed(frame) for frame in told[::step]]
        after = [high_passed(frame) for frame in seen[::step]]
        self.by = shift(before, after)
        self._others = beside(area, *told.shape[:0:-1])
        after = [moved(one, self.by) for one in after]
        self._both = Both(before, after, [area, *self._others])

    def agreement(self) -> Agreement | None:
        """How far the mark's place agrees; None where it is as flat as it was to be."""
        here = self._both.agreement(self._area)
        plain = self._both.plainness(self._area, self._others)
        if here is None and plain == 1:
            return None
        every = (self._both.agreement(other) for other in self._others)
        said = [one for one in every if one is not None]
        control = float(np.median([one.score for one in said])) if said else None
        around = float(np.median([one.kept for one in said])) if said else None
        if here is None:
            return Agreement(plain, control, None, around)
        noise = self._both.noise(self._others) / here.contrast
        box = min(here.score, plain)
        return Agreement(box, control, here.kept, around, self._least(), noise)

    def _least(self) -> float | None:
        """Part of the agreement beside it that a mark has in that part of its time that has least.

        None where nothing beside it agrees well enough to hold it against.
        """
        found = []
        for start, end in times(self._both.count):
            here = self._both.agreement(self._area, LEGIBLE, (start, end))
            every = (self._both.agreement(other, when=(start, end)) for other in self._others)
            said = [one.score for one in every if one is not None]
            control = float(np.median(said)) if said else 0.0
            if here is not None and control >= AGREEING:
                found.append(here.score / control)
        return min(found, default=None)

    def strength(self, template: AnyTemplate, box: PlacedBox) -> float | None:
        """The mark's strength against its foretold one."""
        before = amplitude(self.told, template, box)
        return amplitude(self.seen, template, box) / before if before > 0 else None


def _whole(box: PlacedBox, columns: int, rows: int) -> Area | None:
    """The whole pixels that a box touches, None where they are not inside."""
    if not np.isfinite(box).all():
        return None
    x, y = int(np.floor(box[0])), int(np.floor(box[1]))
    right, bottom = int(np.ceil(box[0] + box[2])), int(np.ceil(box[1] + box[3]))
    inside = min(x, y) >= 0 and right <= columns and bottom <= rows
    return (x, y, right - x, bottom - y) if inside and right - x > 2 and bottom - y > 2 else None
