"""How much of a take's pictures has edges: where nothing is drawn nothing passes for a mark."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.learn import gradients
from finisher.watermark.template import PlacedBox

ENOUGH = 0.1
"""Part of the places that must have edges for a take to be evidence."""

_EDGE = 1 / 3
"""Normalised gradient of an edge: 2 codes a pixel."""
_PART = 0.05
"""Part of a place's pixels that must be edges, far less than of any mark."""
_ROOM = 8
"""Pixels around the mark's own place that are left out with it: encoders ring so far."""


def textured(frames: Iterable[NDArray[np.uint8]], place: PlacedBox) -> float:
    """Part of the places of a mark's size that have edges, 0 to 1, the mean over luma planes.

    `place` is where the mark may stand, in their pixels: its own edges don't count. 0 without any
    frame.
    """
    x, y, width, height = (round(part) for part in place)
    own = (
        slice(max(0, y - _ROOM), y + height + _ROOM),
        slice(max(0, x - _ROOM), x + width + _ROOM),
    )
    parts = []
    for luma in frames:
        along, across = gradients(luma)
        edges = (np.hypot(along, across) >= _EDGE).astype(np.float32)
        edges[own] = 0
        around = cv2.blur(edges, (max(1, width), max(1, height)), borderType=cv2.BORDER_REFLECT)
        parts.append(float((around >= _PART).mean()))
    return float(np.mean(parts)) if parts else 0.0
