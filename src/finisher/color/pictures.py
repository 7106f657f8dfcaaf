"""What the session match looks at: a take's sampled frames, and the parts of them that count."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

SAMPLE_WIDTH = 256
"""Width in pixels at which sampled frames serve best; their height follows the take's shape."""

SAMPLE_FRAMES = 5
"""Frames worth sampling from a take, spread over its length."""

Mask = NDArray[np.bool_]

# A bar is as good as black: code 16 of video, a lifted black or an encoder's noise on top.
_BLACK, _BLACK_MEAN, _BLACK_SPREAD = 32, 16.0, 4.0

_MOVING = 0.5
"""Share of the picture that must move before what stands still in it is told from the picture."""
# Codes of luma: how far what moves moves at least, and what stands still moves at most.
_MOVES, _STANDS = 16.0, 8.0
_SHARP = 60.0
"""Contrast in codes across five pixels that lettering has and soft backgrounds have not."""
_SPECK = 16
"""Pixels below which something that stands still is chance."""
_MOST_GRAPHICS = 0.35
"""Share of the picture beyond which what stands still is the scene, not laid over it."""
_LUMA = np.array([0.2126, 0.7152, 0.0722], dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Pictures:
    """Frames sampled from one take, area-scaled to about `SAMPLE_WIDTH`.

    `frames` has shape (n, height, width, 3): uint8, Rec.709 display-encoded full-range RGB.
    `leave_out` has shape (height, width) and is true where something covers the picture.
    """

    take: str
    scene: str | None
    frames: NDArray[np.uint8]
    leave_out: Mask


def left_out(frames: NDArray[np.uint8]) -> Mask:
    """What of a take is no picture: black bars, and graphics burned into it.

    Frames have shape (n, height, width, 3); the mask has shape (height, width).
    """
    bars = letterbox(frames)
    return bars | graphics(frames, bars)


def letterbox(frames: NDArray[np.uint8]) -> Mask:
    """True on black bars: rows and columns at the edges that stay nearly black in every frame.

    Frames have shape (n, height, width, 3); the mask has shape (height, width). A lifted black
    with an encoder's noise counts as black where it is even; a dark picture, which is not, stays.
    A take that is black throughout is all bar.
    """
    mask = np.zeros(frames.shape[1:3], dtype=np.bool_)
    rows, columns = _lit(frames, 1), _lit(frames, 2)
    if not rows.any() or not columns.any():
        mask[:] = True
        return mask
    top, bottom = int(np.argmax(rows)), len(rows) - int(np.argmax(rows[::-1]))
    # Bars above and below would hide that the columns between them are lit, and the reverse.
    columns = _lit(frames[:, top:bottom], 2)
    left, right = int(np.argmax(columns)), len(columns) - int(np.argmax(columns[::-1]))
    mask[:top], mask[bottom:], mask[:, :left], mask[:, right:] = True, True, True, True
    return mask


def _lit(frames: NDArray[np.uint8], axis: int) -> Mask:
    """Which rows (axis 1) or columns (axis 2) hold picture in some frame."""
    across = (2, 3) if axis == 1 else (1, 3)
    mean, spread = frames.mean(axis=across), frames.std(axis=across)
    # A few bright pixels are noise or a scaler's ringing, a hundredth of a row is something.
    high = np.quantile(frames, 0.99, axis=across)
    dark = (high <= _BLACK) & (mean <= _BLACK_MEAN) & (spread <= _BLACK_SPREAD)
    lit: Mask = ~dark.all(axis=0)
    return lit


def graphics(frames: NDArray[np.uint8], bars: Mask) -> Mask:
    """True on lettering and logos: sharp, and still in every frame while the rest moves.

    Frames have shape (n, height, width, 3), the masks (height, width). Where most of the picture
    stands still nothing can be told from it and nothing is left out.
    """
    mask = np.zeros(bars.shape, dtype=np.bool_)
    if len(frames) < 2 or bars.all():
        return mask
    luma = np.stack([frame.astype(np.float32) @ _LUMA for frame in frames])
    change = np.ptp(luma, axis=0)
    near = cv2.dilate(change, np.ones((9, 9), np.uint8))
    if float((near[~bars] > _MOVES).mean()) < _MOVING:
        return mask
    box = np.ones((5, 5), np.uint8)
    mean = luma.mean(axis=0)
    sharp = cv2.dilate(mean, box) - cv2.erode(mean, box) > _SHARP
    # Bars end sharply and stand still as well.
    apart = cv2.dilate(bars.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    still = (change <= np.maximum(_STANDS, 0.25 * near)) & sharp & apart
    solid = cv2.morphologyEx(still.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    count, parts, measures, _ = cv2.connectedComponentsWithStats(solid)
    for part in range(1, count):
        if measures[part, cv2.CC_STAT_AREA] >= _SPECK:
            mask |= parts == part
    mask = cv2.dilate(mask.astype(np.uint8), box) > 0
    if float(mask[~bars].mean()) > _MOST_GRAPHICS:
        mask[:] = False
    return mask
