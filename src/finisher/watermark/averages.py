"""Averages of a shot in which moving content cancels and a steady mark stays.

Every frame's gradient g counts as g / (|g| + 4), so that no edge dominates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.template import Floats

Area = tuple[int, int, int, int]
"""x, y, width, height in whole pixels."""

BLUR = 0.7
"""Pixels: takes the noise of single pixels from gradients, and no more."""
KNEE = 4.0
"""Codes a pixel: steeper edges all count alike."""


_CLEAR = 24.0
"""Codes between a mark and what it lies on from which a frame counts fully."""


@dataclass(frozen=True, slots=True)
class Tone:
    """What is known of a mark of one luma: over brighter and darker ground its edges turn round."""

    level: float
    """Its luma, in codes of limited range."""
    around: int
    """Pixels, odd: the side of the square whose mean luma a pixel of it lies on."""


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """Means over frames of an area, each of its shape.

    Of a mark of one luma, gradients count as often as it is brighter than what it lies on as they
    are told to, the other way round where it is darker, and hardly where it can't be seen.
    """

    luma: Floats
    normal_x: Floats
    """The normalised gradient along x, -1 to 1."""
    normal_y: Floats
    plain_x: Floats
    """The gradient itself, in codes a pixel, times the mark's contrast where that is known."""
    plain_y: Floats
    power: Floats
    """Mean square of that contrast; 1 where it is not known."""


def averaged(
    frames: Iterable[NDArray[np.uint8]], area: Area | None = None, tone: Tone | None = None
) -> Averages | None:
    """Means over luma planes of one shape, of an area or of all; None without any frame.

    Memory does not grow with the number of frames.
    """
    sums: list[Floats] = []
    count = 0
    for frame in frames:
        x, y, width, height = area or (0, 0, frame.shape[1], frame.shape[0])
        parts = _parts(frame[y : y + height, x : x + width], tone)
        if not sums:
            sums = [np.zeros_like(part) for part in parts]
        for number, part in enumerate(parts):
            sums[number] += part
        count += 1
    return Averages(*(total / np.float32(count) for total in sums)) if count else None


def _parts(frame: NDArray[np.uint8], tone: Tone | None) -> list[Floats]:
    """One frame's share of each average, in their order."""
    luma = frame.astype(np.float32)
    along, across = gradient(blurred(luma))
    length = np.asarray(cv2.magnitude(along, across), np.float32)
    weight: Floats = np.float32(1) / (length + np.float32(KNEE))
    if tone is None:
        normal = [np.multiply(along, weight), np.multiply(across, weight)]
        return [luma, *normal, along, across, np.ones_like(luma)]
    ground = np.asarray(cv2.blur(luma, (tone.around, tone.around)), np.float32)
    contrast: Floats = np.float32(tone.level) - ground
    weight *= np.clip(contrast / np.float32(_CLEAR), -1, 1)
    normal = [np.multiply(along, weight), np.multiply(across, weight)]
    plain = [np.multiply(along, contrast), np.multiply(across, contrast)]
    return [luma, *normal, *plain, np.multiply(contrast, contrast)]


def blurred(plane: Floats) -> Floats:
    """A plane without the noise of single pixels."""
    return np.asarray(cv2.GaussianBlur(plane, (0, 0), BLUR), np.float32)


def gradient(values: Floats) -> tuple[Floats, Floats]:
    """Central differences along x and y; zero on the border."""
    along, across = np.zeros_like(values), np.zeros_like(values)
    np.subtract(values[:, 2:], values[:, :-2], out=along[:, 1:-1])
    np.subtract(values[2:, :], values[:-2, :], out=across[1:-1, :])
    along *= np.float32(0.5)
    across *= np.float32(0.5)
    return along, across
