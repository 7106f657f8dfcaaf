"""What the session match looks at: a take's sampled frames, and the parts of them that count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SAMPLE_WIDTH = 256
"""Width in pixels at which sampled frames serve best; their height follows the take's shape."""

SAMPLE_FRAMES = 5
"""Frames worth sampling from a take, spread over its length."""

# A letterbox bar is black in every frame: code 16 of video, with room for an encoder's noise.
_BLACK = 10


@dataclass(frozen=True, slots=True)
class Pictures:
    """Frames sampled from one take, area-scaled to about `SAMPLE_WIDTH`.

    `frames` has shape (n, height, width, 3): uint8, Rec.709 display-encoded full-range RGB.
    `leave_out` has shape (height, width) and is true where a mark or a bar covers the picture.
    """

    take: str
    scene: str | None
    frames: NDArray[np.uint8]
    leave_out: NDArray[np.bool_]


def letterbox(frames: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """True on black bars: rows and columns at the edges that stay black in every frame.

    Frames have shape (n, height, width, 3); the mask has shape (height, width). A take that is
    black throughout is all bar.
    """
    brightest = frames.max(axis=(0, 3))
    mask = np.zeros(brightest.shape, dtype=np.bool_)
    rows, columns = brightest.max(axis=1) > _BLACK, brightest.max(axis=0) > _BLACK
    if not rows.any():
        mask[:] = True
        return mask
    top, bottom = int(np.argmax(rows)), len(rows) - int(np.argmax(rows[::-1]))
    left, right = int(np.argmax(columns)), len(columns) - int(np.argmax(columns[::-1]))
    mask[:top], mask[bottom:], mask[:, :left], mask[:, right:] = True, True, True, True
    return mask
