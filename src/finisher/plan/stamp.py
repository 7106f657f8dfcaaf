"""Where a draft says that it is one: across the picture, clear of every mark."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from finisher.geometry import Box, Raster
from finisher.plan.model import PlannedEvent
from finisher.problems import PolicyError, Problem

_WIDTH, _HEIGHT = Fraction(7, 10), Fraction(1, 8)
"""Of the picture's own; the letters fill the lower of the two."""
_MIDDLES = tuple(Fraction(part, 16) for part in (8, 6, 10, 4, 12, 2, 14))
"""Heights it may stand at, the best first."""


def stamp_box(raster: Raster, events: Sequence[PlannedEvent]) -> Box:
    """The box of a draft's stamp: one for the whole programme.

    Raises:
        PolicyError: when marks leave no place for it: a draft that can't be told from a finished
            film is not made, and no mark is covered.
    """
    width, height = round(raster.width * _WIDTH), round(raster.height * _HEIGHT)
    marks = [mark.box for event in events for mark in event.marks]
    for middle in _MIDDLES:
        top = round(raster.height * middle - Fraction(height, 2))
        # Even, so that chroma samples lie whole inside.
        x, y = (raster.width - width) // 4 * 2, top // 2 * 2
        box = Box.of(x, y, width // 2 * 2, height // 2 * 2)
        if not any(_meet(box, mark) for mark in marks):
            return box
    raise PolicyError(
        Problem(
            "draft-unmarked",
            "marks leave no place for what tells a draft from a finished film",
            hint="render without --draft",
        )
    )


def _meet(one: Box, other: Box) -> bool:
    """Whether two boxes overlap."""
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )
