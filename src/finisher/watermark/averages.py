"""Averages of a shot in which moving content cancels and a steady mark stays.

Every frame's gradient g counts as g / (|g| + 4), so that no edge dominates.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.planes import Floats

Area = tuple[int, int, int, int]
"""x, y, width, height in whole pixels."""

BLUR = 0.7
"""Pixels: takes the noise of single pixels from gradients, and no more."""
_SOFT = cv2.getGaussianKernel(7, BLUR, cv2.CV_32F)
"""As far as four times that."""
KNEE = 4.0
"""Codes a pixel: steeper edges all count alike."""
CLEAR = 24.0
"""Codes between a mark and what it lies on from which a frame counts fully."""


@dataclass(frozen=True, slots=True)
class Tone:
    """What is known of a mark of one tone: over ground of more and of less its edges turn round."""

    level: float
    """Its code value in its plane, of limited range."""
    around: int
    """Pixels, odd: the side of the square whose mean a pixel of it lies on."""


@dataclass(frozen=True, slots=True, eq=False)
class Plain:
    """Means over frames of an area, by which it is told how strong a mark is."""

    x: int
    """Where its top left corner lies in the area that was looked at with it."""
    y: int
    codes: Floats
    along: Floats
    """The gradient itself, in codes a pixel, times the mark's contrast where that is known."""
    across: Floats
    power: Floats
    """Mean square of that contrast; 1 where it is not known."""


@dataclass(frozen=True, slots=True, eq=False)
class Averages:
    """Means over frames of an area.

    Of a mark of one tone, gradients count as often as it has more of the plane than what it lies on
    as they are told to, the other way round where it has less, and hardly where it can't be seen.
    """

    normal_x: Floats
    """The normalised gradient along x, -1 to 1."""
    normal_y: Floats
    plain: Plain
    """Of a part of the area."""


def averaged(
    frames: Iterable[NDArray[np.uint8]],
    area: Area | None = None,
    tone: Tone | None = None,
    near: Area | None = None,
) -> Averages:
    """Means over planes of one shape, of an area or of all.

    Plain ones are of what is `near` in it, or of all of it. Memory does not grow with the number of
    frames.

    Raises:
        ValueError: without any frame.
    """
    sums = _added(frames, area, tone, near, normal=True)
    return Averages(*sums.normal(), sums.plain())


def plainly(frames: Iterable[NDArray[np.uint8]], area: Area, tone: Tone | None = None) -> Plain:
    """The plain ones alone, for a part of the time.

    Raises:
        ValueError: without any frame.
    """
    return _added(frames, area, tone, None, normal=False).plain()


def _added(
    frames: Iterable[NDArray[np.uint8]],
    area: Area | None,
    tone: Tone | None,
    near: Area | None,
    *,
    normal: bool,
) -> _Sums:
    sums: _Sums | None = None
    for frame in frames:
        if sums is None:
            whole = area or (0, 0, frame.shape[1], frame.shape[0])
            sums = _Sums(whole, near or (0, 0, *whole[2:]), tone, normal=normal)
        sums.add(frame)
    if sums is None:
        raise ValueError("an average of no frames")
    return sums


class _Sums:
    """Sums over frames, and planes that every frame is worked out in: memory is slow to get."""

    def __init__(self, area: Area, near: Area, tone: Tone | None, *, normal: bool) -> None:
        self._area, self._near, self._tone, self._count = area, near, tone, 0
        shape = (area[3], area[2])
        self._inner = np.s_[near[1] : near[1] + near[3], near[0] : near[0] + near[2]]
        self._normal = [np.zeros(shape, np.float32) for _ in range(2 * normal)]
        # A frame's gradient, whose borders stay zero, its weight and the contrast.
        self._along, self._across, self._weight, self._contrast = (
            np.zeros(shape, np.float32) for _ in range(4)
        )
        inner = (near[3], near[2])
        self._codes, self._plain_x, self._plain_y, self._power = (
            np.zeros(inner, np.float32) for _ in range(4)
        )

    def add(self, frame: NDArray[np.uint8]) -> None:
        x, y, width, height = self._area
        piece = frame[y : y + height, x : x + width]
        self._count += 1
        cv2.accumulate(piece[self._inner], self._codes)
        if not self._normal and self._tone is None:
            return
        cv2.sepFilter2D(piece, cv2.CV_32F, _SOFT, _SOFT, self._weight)
        _doubled(self._weight, self._along, self._across)
        if self._tone is not None:
            side = (self._tone.around, self._tone.around)
            cv2.boxFilter(piece, cv2.CV_32F, side, self._contrast)
            np.subtract(np.float32(self._tone.level), self._contrast, out=self._contrast)
            self._measure()
        if self._normal:
            self._weigh()

    def _measure(self) -> None:
        """The gradient times a mark's contrast, and the square of that."""
        contrast = self._contrast[self._inner]
        cv2.accumulateProduct(self._along[self._inner], contrast, self._plain_x)
        cv2.accumulateProduct(self._across[self._inner], contrast, self._plain_y)
        cv2.accumulateSquare(contrast, self._power)

    def _weigh(self) -> None:
        """The gradient as it counts. It comes doubled, so that its knee is."""
        weight = self._weight
        cv2.magnitude(self._along, self._across, weight)
        weight += np.float32(2 * KNEE)
        np.reciprocal(weight, out=weight)
        if self._tone is not None:
            self._contrast *= np.float32(1 / CLEAR)
            weight *= np.clip(self._contrast, -1, 1, out=self._contrast)
        cv2.accumulateProduct(self._along, weight, self._normal[0])
        cv2.accumulateProduct(self._across, weight, self._normal[1])

    def normal(self) -> tuple[Floats, Floats]:
        along, across = (total / np.float32(self._count) for total in self._normal)
        return along, across

    def plain(self) -> Plain:
        count = np.float32(self._count)
        codes = self._codes / count
        if self._tone is None:
            # The mean of gradients is the gradient of the mean.
            along, across = gradient(blurred(codes))
            return Plain(*self._near[:2], codes, along, across, np.ones_like(codes))
        along, across = self._plain_x / (2 * count), self._plain_y / (2 * count)
        return Plain(*self._near[:2], codes, along, across, self._power / count)


def blurred(plane: NDArray[np.uint8] | Floats) -> Floats:
    """A plane without the noise of single pixels."""
    return np.asarray(cv2.sepFilter2D(plane, cv2.CV_32F, _SOFT, _SOFT), np.float32)


def gradient(values: Floats) -> tuple[Floats, Floats]:
    """Central differences along x and y; zero on the border."""
    along, across = np.zeros_like(values), np.zeros_like(values)
    _doubled(values, along, across)
    along *= np.float32(0.5)
    across *= np.float32(0.5)
    return along, across


def _doubled(values: Floats, along: Floats, across: Floats) -> None:
    """Writes twice the central differences; what stands on the border stays."""
    np.subtract(values[:, 2:], values[:, :-2], out=along[:, 1:-1])
    np.subtract(values[2:, :], values[:-2, :], out=across[1:-1, :])
