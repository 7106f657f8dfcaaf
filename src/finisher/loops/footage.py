"""A take's frames as small, comparable pictures, and how far any two of them lie apart."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

_SIDE = 64
"""Longer side at which frames are compared: small enough that all pairs take no time, large enough
that a shift of a fiftieth of its pixels still tells one frame from the next."""
BEYOND = 3
"""Frames before the first and after the last that are guessed by going on as they moved: what
surrounds a seam at the very end."""
_QUIET = 0.25
"""Codes between neighbours below which a clip stands still: rounding alone makes as much."""
_CHROMA = 0.5
"""What a code of colour difference counts against one of luma: the eye is that much duller."""

Features = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Footage:
    """Frames 0 to count - 1 of a take at the programme's rate, ready to be compared."""

    features: Features
    """(count + 6, values): three guessed frames at each end."""
    count: int
    pixels: int
    """How many of the values are luma; they come first."""
    contrast: float
    """Spread of luma inside a frame, in codes, typical of the clip."""
    change: float
    """Difference from one frame to the next, in codes, typical of the clip."""

    def at(self, frame: int) -> Features:
        """A frame's values; up to three beyond each end are guessed, none further out."""
        row: Features = self.features[min(max(frame + BEYOND, 0), len(self.features) - 1)]
        return row

    def velocity(self, frame: int) -> Features:
        """How a frame moves, per frame, from its neighbours."""
        return np.asarray((self.at(frame + 1) - self.at(frame - 1)) / 2, np.float32)

    def distances(self) -> NDArray[np.float32]:
        """Root mean square difference of all pairs, in codes, guessed frames among them."""
        values = self.features.astype(np.float64)
        squares = (values * values).sum(axis=1)
        apart = squares[:, None] + squares[None, :] - 2 * values @ values.T
        return np.asarray(np.sqrt(np.maximum(apart, 0) / values.shape[1]), np.float32)


def footage(sketches: NDArray[np.uint8]) -> Footage:
    """Frames (count, height, width, 3), display-encoded RGB, as comparable pictures.

    Raises:
        ValueError: for fewer than three frames, which don't move in any way that can be told.
    """
    count, height, width = sketches.shape[:3]
    if count < 3:
        raise ValueError("a loop needs three frames at least")
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(4, round(width * scale)), max(4, round(height * scale)))
    rows = [_values(cv2.resize(frame, size, interpolation=cv2.INTER_AREA)) for frame in sketches]
    features = np.stack(rows)
    pixels = size[0] * size[1]
    steps = np.sqrt(np.mean((features[1:] - features[:-1]) ** 2, axis=1))
    return Footage(
        features=_continued(features),
        count=count,
        pixels=pixels,
        contrast=max(1.0, float(np.median(features[:, :pixels].std(axis=1)))),
        change=max(_QUIET, float(np.median(steps))),
    )


def _values(frame: NDArray[np.generic]) -> Features:
    """Luma and two colour differences of a small picture, one after the other."""
    rgb = np.asarray(frame, np.float32)
    luma = rgb @ np.array([0.2126, 0.7152, 0.0722], np.float32)
    blue = (rgb[..., 2] - luma) * _CHROMA
    red = (rgb[..., 0] - luma) * _CHROMA
    return np.concatenate([luma.ravel(), blue.ravel(), red.ravel()])


def _continued(features: Features) -> Features:
    """Frames more at each end, going on as straight as the last two went."""
    steps = range(1, BEYOND + 1)
    before = [features[0] - k * (features[1] - features[0]) for k in reversed(steps)]
    after = [features[-1] + k * (features[-1] - features[-2]) for k in steps]
    return np.concatenate([before, features, after]).astype(np.float32)
