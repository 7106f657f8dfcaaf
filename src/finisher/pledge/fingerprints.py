"""The fingerprint of every programme frame, foretold from sketches of the takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Fit, Raster, frame
from finisher.look import Grade
from finisher.plan.model import Fill, Mix, Picture, Plan, PlannedEvent, Shot, Worked
from finisher.pledge.operators import BLACK, Matrix, Operator, operator
from finisher.promises import GRID
from finisher.timeline import TransitionKind

# Luma weights of Rec. ITU-R BT.709.
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])

Sketches = Mapping[str, NDArray[np.uint8]]
"""Sketches by take: (pictures, height, width, 3) display-encoded RGB."""
Grading = Callable[[Grade, NDArray[np.float64]], NDArray[np.float64]]
"""Applies a grade to RGB of any leading shape, 0 to 1."""


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
    cells = [oracle.cells(picture) for unit in plan.units for picture in unit.pictures]
    levels = np.clip(np.rint(np.array(cells)), 0, 255)
    return levels.astype(np.uint8).tobytes()


@dataclass(slots=True)
class _Oracle:
    """Foretells cells; keeps each take picture's once it is known."""

    events: Sequence[PlannedEvent]
    sketches: Sketches
    grading: Grading
    worked: Mapping[int, NDArray[np.uint8]]
    known: dict[tuple[int, int], Matrix] = field(default_factory=dict)
    operators: dict[int, Operator] = field(default_factory=dict)

    def cells(self, picture: Picture) -> Matrix:
        """Mean luma of each cell of a frame."""
        match picture:
            case Fill():
                return np.full(GRID, BLACK)
            case Shot():
                return self._shot(picture)
            case Worked():
                return self._worked(picture)
            case Mix(kind, outgoing, incoming, step, of):
                return _mixed(
                    kind, self.cells(outgoing), self.cells(incoming), (step + 1) / (of + 1)
                )

    def _worked(self, picture: Worked) -> Matrix:
        """An event's picture with its effects, which fills the frame as it is."""
        event = self.events[picture.event]
        first = event.working.first if event.working is not None else 0
        sketch = self.worked[picture.event][picture.position - first]
        raster = event.framing.raster
        whole = frame(raster, raster, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
        luma: Matrix = BLACK + 219 * (sketch.astype(np.float64) / 255 @ _WEIGHTS)
        return operator(whole, Raster(sketch.shape[1], sketch.shape[0]))(luma)

    def _shot(self, shot: Shot) -> Matrix:
        key = (shot.event, shot.picture)
        if key not in self.known:
            event = self.events[shot.event]
            sketch = self.sketches[event.take][shot.picture]
            if shot.event not in self.operators:
                size = Raster(sketch.shape[1], sketch.shape[0])
                self.operators[shot.event] = operator(event.framing, size)
            rgb = self.grading(event.grade, sketch.astype(np.float64) / 255)
            luma: Matrix = BLACK + 219 * (rgb @ _WEIGHTS)
            self.known[key] = self.operators[shot.event](luma)
        return self.known[key]


def _mixed(kind: TransitionKind, old: Matrix, new: Matrix, weight: float) -> Matrix:
    """Cells of a frame on the way from one picture to another."""
    match kind:
        case TransitionKind.DISSOLVE:
            return old * (1 - weight) + new * weight
        case TransitionKind.DIP:
            picture, left = (old, 1 - 2 * weight) if 2 * weight <= 1 else (new, 2 * weight - 1)
            return BLACK + (picture - BLACK) * left
        case TransitionKind.WIPE:
            uncovered: Matrix = np.clip(weight * GRID[1] - np.arange(GRID[1]), 0, 1)
            return old * (1 - uncovered) + new * uncovered
