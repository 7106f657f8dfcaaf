"""The fingerprint of every programme frame, foretold from sketches of the takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from finisher.event import TransitionKind
from finisher.geometry import Fit, Framing, Raster, frame
from finisher.look import Grade
from finisher.media.motion import between, meet, motion
from finisher.plan.model import Fill, Mix, Picture, Plan, PlannedEvent, Shot, Worked
from finisher.pledge.operators import BLACK, Matrix, Operator, luma, operator
from finisher.promises import GRID

Sketches = Mapping[str, NDArray[np.uint8]]
"""Sketches by take: (pictures, height, width, 4) display-encoded RGB and luma, see
`finisher.media.sketch.sketch`."""
Grid = tuple[int, int]
PictureOf = TypeVar("PictureOf", Shot, Worked)
_FINER = 16
"""Rows and columns a cell is parted in where pictures are moved: what sketches can tell apart."""
Grading = Callable[[Grade, NDArray[np.float64]], NDArray[np.float64] | None]
"""Applies a grade to RGB of any leading shape, 0 to 1; None where it leaves colours alone."""


def foretell(
    plan: Plan,
    sketches: Sketches,
    grading: Grading,
    worked: Mapping[int, NDArray[np.uint8]] | None = None,
) -> bytes:
    """Fingerprints of all frames, one byte a cell, frame after frame.

    Nothing of the renderer takes part: a wrong frame, framing or grade in the export shows as a
    difference from these. What an effect makes of a picture nobody can foretell: of an event with
    effects, `worked` holds sketches of what came of them, by its number.
    """
    oracle = _Oracle(plan.events, sketches, grading, worked or {})
    cells = [oracle.cells(picture) for picture in plan.pictures]
    levels = np.clip(np.rint(np.array(cells)), 0, 255)
    return levels.astype(np.uint8).tobytes()


@dataclass(slots=True)
class _Oracle:
    """Foretells pictures as grids of luma; keeps each take picture's once it is known."""

    events: Sequence[PlannedEvent]
    sketches: Sketches
    grading: Grading
    worked: Mapping[int, NDArray[np.uint8]]
    known: dict[tuple[Picture, Grid], Matrix] = field(default_factory=dict)
    operators: dict[tuple[Framing, Raster, Grid], Operator] = field(default_factory=dict)

    def cells(self, picture: Picture) -> Matrix:
        """Mean luma of each cell of a frame."""
        if not _moves(picture):
            return self._luma(picture, GRID)
        # Motion can't be seen in 64 cells.
        fine = self._luma(picture, (GRID[0] * _FINER, GRID[1] * _FINER))
        parts = fine.reshape(GRID[0], _FINER, GRID[1], _FINER)
        return np.asarray(parts.mean(axis=(1, 3)), np.float64)

    def _luma(self, picture: Picture, grid: Grid) -> Matrix:
        """A frame's luma in a grid."""
        match picture:
            case Fill():
                return np.full(grid, BLACK)
            case Shot():
                return self._kept(picture, grid, self._shot)
            case Worked():
                return self._kept(picture, grid, self._worked)
            case Mix(outgoing=outgoing, incoming=incoming):
                return _mixed(picture, self._luma(outgoing, grid), self._luma(incoming, grid))

    def _kept(
        self, picture: PictureOf, grid: Grid, make: Callable[[PictureOf, Grid], Matrix]
    ) -> Matrix:
        """A picture's luma, made once."""
        if (picture, grid) not in self.known:
            self.known[picture, grid] = make(picture, grid)
        return self.known[picture, grid]

    def _shot(self, shot: Shot, grid: Grid) -> Matrix:
        """A take's picture, graded and framed."""
        event = self.events[shot.event]
        sketch = self.sketches[event.take][shot.picture]
        rgb = self.grading(event.grade, sketch[..., :3].astype(np.float64) / 255)
        # A picture that is not graded never goes through RGB, whose gamut would cut off what is
        # strongly saturated: its luma is what was coded.
        graded = sketch[..., 3].astype(np.float64) if rgb is None else luma(rgb)
        return self._framed(graded, event.framing, grid)

    def _worked(self, picture: Worked, grid: Grid) -> Matrix:
        """An event's picture with its effects, which fills the frame as it is."""
        event = self.events[picture.event]
        first = event.working.first if event.working is not None else 0
        sketch = self.worked[picture.event][picture.position - first]
        raster = event.framing.raster
        whole = frame(raster, raster, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
        return self._framed(sketch[..., 3].astype(np.float64), whole, grid)

    def _framed(self, plane: Matrix, framing: Framing, grid: Grid) -> Matrix:
        """A sketch's luma as the framing shows it."""
        size = Raster(plane.shape[1], plane.shape[0])
        key = (framing, size, grid)
        if key not in self.operators:
            self.operators[key] = operator(framing, size, grid)
        return self.operators[key](plane)


def _moves(picture: Picture) -> bool:
    """Whether any part of a picture lies along some motion."""
    if not isinstance(picture, Mix):
        return False
    inside = _moves(picture.outgoing) or _moves(picture.incoming)
    return inside or picture.kind is TransitionKind.BLEND


def _mixed(mix: Mix, old: Matrix, new: Matrix) -> Matrix:
    """Luma of a frame on the way from one picture to another."""
    weight = (mix.step + 1) / (mix.of + 1)
    match mix.kind:
        case TransitionKind.DISSOLVE:
            return old * (1 - weight) + new * weight
        case TransitionKind.DIP:
            through = float(luma(np.array(mix.color or (0, 0, 0)) / 255))
            picture, left = (old, 1 - 2 * weight) if 2 * weight <= 1 else (new, 2 * weight - 1)
            return through + (picture - through) * left
        case TransitionKind.WIPE:
            columns = old.shape[1]
            uncovered: Matrix = np.clip(weight * columns - np.arange(columns), 0, 1)
            return old * (1 - uncovered) + new * uncovered
        case TransitionKind.BLEND:
            codes = [np.clip(np.rint(grid), 0, 255).astype(np.uint8) for grid in (old, new)]
            at = meet(motion(*codes), weight)
            return np.asarray(between(old, new, at, weight), np.float64)
