"""What a framing makes of a part of a picture, pixel by pixel, as the renderer's scaler does."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Box, Framing

Planes = NDArray[np.float32]

_LOBES = 3.0
"""libswscale's Lanczos filter reaches three samples to each side, of the coarser of both grids."""


@dataclass(frozen=True, slots=True, eq=False)
class Axis:
    """One axis of a scaling: which pixels come out, which go in, and their weights."""

    first: int
    """The first that comes out, in pixels of the deliverable."""
    low: int
    """The first that goes in, counted from the part's beginning."""
    weights: NDArray[np.float32]
    """(pixels out, pixels in)."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """From a part of a take's picture to the pixels of a deliverable that follow from it alone."""

    across: Axis
    down: Axis
    shrinks: bool
    """Whether pictures get smaller: they are graded at their smaller size then."""

    @property
    def region(self) -> tuple[int, int, int, int]:
        """x, y, width and height of what comes out, in the deliverable's pixels."""
        width, height = len(self.across.weights), len(self.down.weights)
        return self.across.first, self.down.first, width, height

    def needed(self, part: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """What of a part (height, width, channels) goes in."""
        across, down = self.across, self.down
        rows = slice(down.low, down.low + down.weights.shape[1])
        columns = slice(across.low, across.low + across.weights.shape[1])
        return part[rows, columns]

    def __call__(self, plane: Planes) -> Planes:
        """A needed plane (height, width), scaled."""
        return np.asarray(self.down.weights @ plane @ self.across.weights.T, np.float32)


def scaling(framing: Framing, part: Box) -> Scaling | None:
    """How a framing scales a part of a take's picture; None where it shows nothing of it.

    `part` is in whole pixels of the take. What comes out leaves out pixels that the part's
    neighbours have a share in.
    """
    crop, place = framing.crop, framing.place
    across = _axis(
        (int(part.x), int(part.width)),
        (int(crop.x), int(crop.width)),
        (int(place.x), int(place.width)),
    )
    down = _axis(
        (int(part.y), int(part.height)),
        (int(crop.y), int(crop.height)),
        (int(place.y), int(place.height)),
    )
    if across is None or down is None:
        return None
    return Scaling(across, down, place.area < crop.area)


def _axis(part: tuple[int, int], crop: tuple[int, int], place: tuple[int, int]) -> Axis | None:
    """Weights along one axis, each range by its start and length.

    Coefficients as in libswscale's `initFilter`: a Lanczos window over samples whose middles lie
    half a pixel in, stretched where pictures shrink, samples beyond the crop counted at its edge.
    """
    step = crop[1] / place[1]
    stretch = max(1.0, step)
    # Where a pixel of the place has its middle among the crop's samples.
    middles = (np.arange(place[1]) + 0.5) * step - 0.5
    reach = _LOBES * stretch if step != 1 else 0.0
    begin, end = part[0] - crop[0], part[0] + part[1] - crop[0]
    lowest = np.clip(np.ceil(middles - reach), 0, crop[1] - 1)
    highest = np.clip(np.floor(middles + reach), 0, crop[1] - 1)
    inside = np.flatnonzero((lowest >= begin) & (highest < end))
    if not len(inside):
        return None
    low, high = int(lowest[inside[0]]), int(highest[inside[-1]])
    middles = middles[inside]
    taps = np.ceil(middles - reach)[:, None] + np.arange(int(2 * reach) + 1)
    distances = np.abs(taps - middles[:, None]) / stretch
    shares = np.where(distances < _LOBES, np.sinc(distances) * np.sinc(distances / _LOBES), 0.0)
    weights = np.zeros((len(inside), high - low + 1))
    meant = (np.clip(taps, 0, crop[1] - 1) - low).astype(np.intp)
    rows = np.broadcast_to(np.arange(len(inside))[:, None], taps.shape)
    # A last tap may lie a sample out of reach, where it has no share.
    np.add.at(weights, (rows, np.clip(meant, 0, high - low)), shares)
    weights /= weights.sum(axis=1, keepdims=True)
    return Axis(place[0] + int(inside[0]), low - begin, weights.astype(np.float32))
