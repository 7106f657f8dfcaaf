"""What the surroundings of a mark must look like in an export: the take's, graded and framed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.sighting import Plane


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """A mark and what is around it, foretold in the deliverable's pixels before any encoder."""

    event: str
    mark: str
    frames: tuple[int, ...]
    """Programme frames that it is foretold of, in order."""
    region: tuple[int, int, int, int]
    """x, y, width, height of what is foretold, in whole pixels of the deliverable."""
    box: tuple[float, float, float, float]
    """The mark's own box, as promised, in the deliverable's pixels."""
    luma: NDArray[np.uint8]
    """(frames, height, width), limited range."""
    own: NDArray[np.uint8] | None = None
    """The same in the plane in which the mark is looked for, where that is another."""
    plane: Plane = Plane.LUMA
    """That plane."""
