"""A small take with a mark burnt in, that stands still or jumps, over a moving background."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from tests import barcode

from finisher.geometry import Box
from finisher.sighting import MarkPlace

WIDTH, HEIGHT = barcode.WIDTH, barcode.HEIGHT
SIZE = (60, 24)
"""Width and height of the mark."""
PLACES = ((248, 148), (12, 20))
"""Left and top of where it stands."""
OPACITY = 0.5


@lru_cache
def template() -> NDArray[np.uint8]:
    """The mark as a PNG's pixels: white letters, opaque."""
    image = np.zeros((SIZE[1], SIZE[0], 4), np.uint8)
    cv2.putText(image, "Ai9", (4, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.75, (255, 255, 255, 255), 2)
    image[..., :3] = 255
    return image


def png(path: Path) -> Path:
    """The template as a file."""
    cv2.imwrite(str(path), template())
    return path


@lru_cache
def _scenery() -> NDArray[np.float64]:
    noise = np.random.default_rng(3).normal(size=(HEIGHT, WIDTH))
    wide = cv2.GaussianBlur(np.pad(noise, 20, mode="wrap"), (0, 0), 5)
    soft = wide[20:-20, 20:-20]
    return np.asarray(110 + soft / soft.std() * 22, np.float64)


def standing(start: int = 0, end: int = 1 << 30) -> Callable[[int], tuple[int, int] | None]:
    """A mark at its first place, for as long as it is there."""
    return lambda number: PLACES[0] if start <= number < end else None


def jumping(every: int) -> Callable[[int], tuple[int, int] | None]:
    """A mark that changes its place."""
    return lambda number: PLACES[number // every % 2]


def places(count: int, every: int) -> tuple[MarkPlace, ...]:
    """Where a jumping one stands."""
    return tuple(
        MarkPlace(start, min(count, start + every), Box.of(*PLACES[start // every % 2], *SIZE))
        for start in range(0, count, every)
    )


def write(path: Path, count: int, where: Callable[[int], tuple[int, int] | None]) -> Path:
    """A take of so many pictures."""

    def draw(number: int) -> NDArray[np.uint8]:
        luma = np.roll(_scenery(), (5 * number, 11 * number), (0, 1))
        at = where(number)
        if at is not None:
            here = np.s_[at[1] : at[1] + SIZE[1], at[0] : at[0] + SIZE[0]]
            alpha = OPACITY * template()[..., 3] / 255.0
            luma[here] += alpha * (235 - luma[here])
        return np.clip(np.rint(luma), 16, 235).astype(np.uint8)

    barcode.write_take(path, count, options={"crf": "14", "preset": "veryfast"}, draw=draw)
    return path
