"""Pictures of a place that takes share, for the sheet that a learnt mark is confirmed by."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Raster
from finisher.media.sheet import Pixels
from finisher.sighting import Plane
from finisher.watermark.learn import Area, Field

_SIDE = 320
"""Pixels along the longer side of a sheet's pictures."""
_AROUND = 1.5
"""How much more than the mark an enlargement shows."""
_FRAME = (255, 60, 60)


def framed(colour: Pixels, raster: Raster, area: Area) -> Pixels:
    """A take's picture with the mark's box drawn into it."""
    size = _size(raster)
    picture = np.ascontiguousarray(cv2.resize(colour, size, interpolation=cv2.INTER_AREA))
    scale = size[0] / raster.width
    low = round(area.x * scale) - 2, round(area.y * scale) - 2
    high = round((area.x + area.width) * scale) + 2, round((area.y + area.height) * scale) + 2
    cv2.rectangle(picture, low, high, _FRAME, 1)
    return np.asarray(picture, np.uint8)


def enlarged(planes: Mapping[Plane, NDArray[np.uint8]], raster: Raster, area: Area) -> Pixels:
    """The mark and its surroundings in the plane that shows it, chroma twice as strong."""
    rows, columns = _around(area, raster)
    codes = planes[area.plane][rows, columns]
    if area.plane is not Plane.LUMA:
        codes = np.clip(2.0 * codes - 128, 0, 255).astype(np.uint8)
    return _filled(codes, _size(raster))


def edges(standing: Field, area: Area) -> Pixels:
    """How strong what stands still is around the mark."""
    raster = Raster(standing.along.shape[1], standing.along.shape[0])
    rows, columns = _around(area, raster)
    strength = np.hypot(
        standing.along[rows, columns].astype(np.float32), standing.across[rows, columns]
    )
    return _filled(np.clip(2 * strength, 0, 255).astype(np.uint8), _size(raster))


def _around(area: Area, raster: Raster) -> tuple[slice, slice]:
    """Rows and columns of an area with some of what is around it."""
    wide, high = (round(side * _AROUND / 2) for side in (area.width, area.height))
    x, y = area.x + area.width // 2, area.y + area.height // 2
    columns = slice(max(0, x - wide), min(raster.width, x + wide))
    return slice(max(0, y - high), min(raster.height, y + high)), columns


def fitted(plane: NDArray[np.float32], raster: Raster) -> Pixels:
    """A plane of codes enlarged to fit into a sheet's pictures of takes of a size."""
    return _filled(np.clip(plane, 0, 255).astype(np.uint8), _size(raster))


def _filled(gray: NDArray[np.uint8], size: tuple[int, int]) -> Pixels:
    """A gray picture enlarged to fit into a size, whole, on dark."""
    scale = min(size[0] / gray.shape[1], size[1] / gray.shape[0])
    inner = (max(1, round(gray.shape[1] * scale)), max(1, round(gray.shape[0] * scale)))
    large = cv2.resize(gray, inner, interpolation=cv2.INTER_CUBIC)
    canvas = np.full((size[1], size[0], 3), 24, np.uint8)
    top, left = (size[1] - inner[1]) // 2, (size[0] - inner[0]) // 2
    canvas[top : top + inner[1], left : left + inner[0]] = large[..., None]
    return canvas


def _size(raster: Raster) -> tuple[int, int]:
    """Width and height of a sheet's pictures of takes of a size."""
    scale = _SIDE / max(raster.width, raster.height)
    return round(raster.width * scale), round(raster.height * scale)
