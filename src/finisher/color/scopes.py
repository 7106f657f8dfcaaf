"""Waveform, parade and vectorscope of a picture, as small pictures themselves.

Brightness tells how many pixels lie at a place: with n times as many as if they lay evenly over
the scope, a trace has √(1 − e⁻ⁿᐟ⁴) of its full brightness: thin traces stay visible, and none
burns out.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
"""(height, width, 3) display-encoded Rec.709 RGB."""

WAVEFORM = (256, 140)
"""Width and height of a waveform and of a parade."""
VECTORSCOPE = 140
"""Width and height of a vectorscope."""

_LUMA = np.array([0.2126, 0.7152, 0.0722], np.float32)
# Rec.709 colour differences, -0.5 to 0.5: (B - Y) / 1.8556 and (R - Y) / 1.5748.
_BLUE, _RED = 1.8556, 1.5748
_PAPER, _LINE = (16, 17, 19), (52, 54, 58)
_TRACE = np.array([226, 232, 222], np.float32)
_CHANNELS = np.array([[255, 92, 84], [96, 224, 120], [104, 150, 255]], np.float32)
_LEVELS = (0.0, 0.25, 0.5, 0.75, 1.0)
_MARGIN = 6
"""Pixels above 100 % and below 0 %, so that black and white are not at the very edge."""
_ROWS = WAVEFORM[1] - 2 * _MARGIN
"""Rows of the scale: two codes of 8 bits share each, so that no row has more of them."""
_REACH = 0.56
"""Colour difference at the vectorscope's edge."""
_SKIN = math.radians(123)
"""Where skin of any complexion lies: between red and yellow, the old I axis."""
_GAIN = 0.25


@dataclass(frozen=True, slots=True)
class Levels:
    """A picture's luma in per cent: all but its darkest and brightest 2 %, and the middle."""

    dark: float
    middle: float
    bright: float


def levels(picture: Pixels) -> Levels:
    """A picture's luma levels."""
    dark, middle, bright = np.percentile(_luma(picture), (2, 50, 98)) * 100
    return Levels(float(dark), float(middle), float(bright))


def waveform(picture: Pixels) -> Pixels:
    """Luma of every column of the picture, from left to right; 0 % below, 100 % above."""
    canvas = _graph()
    _trace(canvas, _columns(_luma(picture), WAVEFORM[0]), 0, _TRACE)
    return _finished(canvas)


def parade(picture: Pixels) -> Pixels:
    """Red, green and blue of every column beside each other, a third of the width each."""
    canvas = _graph()
    width = (WAVEFORM[0] - 2 * _MARGIN) // 3
    for channel in range(3):
        values = picture[..., channel].astype(np.float32) / 255
        left = channel * (width + _MARGIN)
        _trace(canvas, _columns(values, width), left, _CHANNELS[channel])
    return _finished(canvas)


def vectorscope(picture: Pixels) -> Pixels:
    """Every pixel by its colour: hue is the direction, purity how far out.

    Blue differences to the right, red ones up. Boxes mark the primaries and secondaries at 75 %,
    the line where skin lies.
    """
    rgb = picture.reshape(-1, 3).astype(np.float32) / 255
    luma = rgb @ _LUMA
    across, up = (rgb[:, 2] - luma) / _BLUE, (rgb[:, 0] - luma) / _RED
    cells = _cell(up, across)
    counts = np.bincount(cells, minlength=VECTORSCOPE**2).reshape(VECTORSCOPE, VECTORSCOPE)
    share = _brightness(counts / len(rgb) * VECTORSCOPE**2)
    canvas = _target().copy()
    canvas += share[..., None] * (_hues() - canvas)
    return _finished(canvas)


def _luma(picture: Pixels) -> NDArray[np.floating]:
    """Luma, 0 to 1."""
    return np.asarray(picture.astype(np.float32) @ (_LUMA / 255))


def _brightness(density: NDArray[np.floating]) -> NDArray[np.float32]:
    """How bright a trace is, 0 to 1, by how densely its pixels lie."""
    return np.asarray(np.sqrt(-np.expm1(-_GAIN * density)), np.float32)


def _graph() -> NDArray[np.float32]:
    """Paper with a line at each quarter of the scale."""
    width, height = WAVEFORM
    canvas = np.full((height, width, 3), _PAPER, np.float32)
    for level in _LEVELS:
        canvas[_row(level)] = _LINE
    return canvas


def _row(level: float) -> int:
    """The row of a level of 0 to 1."""
    return _MARGIN + _ROWS - 1 - min(_ROWS - 1, round(level * 255) // 2)


def _columns(values: NDArray[np.floating], width: int) -> NDArray[np.float32]:
    """How densely levels lie in each column of a graph of that width, (height, width)."""
    height = WAVEFORM[1]
    if values.shape[1] < width:
        # Between the pixels of a small picture its trace is drawn on.
        size = (width, values.shape[0])
        values = np.asarray(cv2.resize(values, size, interpolation=cv2.INTER_LINEAR))
    levels = np.rint(values * 255).astype(np.int64) // 2
    rows = _MARGIN + _ROWS - 1 - np.clip(levels, 0, _ROWS - 1)
    wide = values.shape[1]
    counts = np.bincount((rows * wide + np.arange(wide)).ravel(), minlength=height * wide).reshape(
        height, wide
    )
    # Some columns stand for more of the picture's than others: each is their mean.
    starts = np.arange(width) * wide // width
    means = np.add.reduceat(counts, starts, axis=1) / np.diff([*starts.tolist(), wide])
    return np.asarray(means * (_ROWS / values.shape[0]), np.float32)


def _trace(
    canvas: NDArray[np.float32],
    density: NDArray[np.float32],
    left: int,
    colour: NDArray[np.float32],
) -> None:
    """Lay a trace over a graph, from a column on."""
    part = canvas[:, left : left + density.shape[1]]
    part += _brightness(density)[..., None] * (colour - part)


def _cell(up: NDArray[np.floating], across: NDArray[np.floating]) -> NDArray[np.int64]:
    """The vectorscope's cells of colour differences, counted row by row."""
    middle, scale = (VECTORSCOPE - 1) / 2, (VECTORSCOPE - 1) / 2 / _REACH
    columns = np.rint(middle + across * scale).astype(np.int64)
    rows = np.rint(middle - up * scale).astype(np.int64)
    return np.asarray(rows * VECTORSCOPE + columns)


def _point(across: float, up: float) -> tuple[int, int]:
    """Column and row of a colour difference."""
    middle, scale = (VECTORSCOPE - 1) / 2, (VECTORSCOPE - 1) / 2 / _REACH
    return round(middle + across * scale), round(middle - up * scale)


@cache
def _target() -> NDArray[np.float32]:
    """Paper with axes, a circle, the skin line and the boxes of 75 % colours."""
    canvas = np.full((VECTORSCOPE, VECTORSCOPE, 3), _PAPER, np.uint8)
    middle = _point(0, 0)
    for across, up in ((1, 0), (0, 1)):
        near, far = _point(-0.5 * across, -0.5 * up), _point(0.5 * across, 0.5 * up)
        cv2.line(canvas, near, far, _LINE, 1, cv2.LINE_AA)
    cv2.circle(canvas, middle, _point(0.5, 0)[0] - middle[0], _LINE, 1, cv2.LINE_AA)
    skin = _point(0.5 * math.cos(_SKIN), 0.5 * math.sin(_SKIN))
    cv2.line(canvas, middle, skin, (150, 118, 96), 1, cv2.LINE_AA)
    for number in range(1, 7):
        rgb = np.array([number & 1, number >> 1 & 1, number >> 2 & 1], np.float32) * 0.75
        luma = float(rgb @ _LUMA)
        column, row = _point((float(rgb[2]) - luma) / _BLUE, (float(rgb[0]) - luma) / _RED)
        shade = tuple(int(40 + 140 * value) for value in rgb.tolist())
        cv2.rectangle(canvas, (column - 4, row - 4), (column + 4, row + 4), shade, 1, cv2.LINE_AA)
    return canvas.astype(np.float32)


@cache
def _hues() -> NDArray[np.float32]:
    """The colour each cell of the vectorscope stands for, as bright as a trace."""
    axis = (np.arange(VECTORSCOPE, dtype=np.float32) - (VECTORSCOPE - 1) / 2) / (
        (VECTORSCOPE - 1) / 2 / _REACH
    )
    up, across = np.meshgrid(-axis, axis, indexing="ij")
    red, blue = up * _RED, across * _BLUE
    green = -(red * _LUMA[0] + blue * _LUMA[2]) / _LUMA[1]
    colours = np.stack([red, green, blue], axis=-1)
    lifted = colours - colours.min(axis=-1, keepdims=True)
    strongest = lifted.max(axis=-1, keepdims=True)
    # White in the middle; further out as pure as can still be seen on dark paper.
    pure = 90 + 165 * lifted / np.maximum(strongest, 1e-6)
    weight = 0.85 * np.minimum(1, 4 * strongest)
    return np.asarray(230 * (1 - weight) + pure * weight, np.float32)


def _finished(canvas: NDArray[np.float32]) -> Pixels:
    return np.clip(np.rint(canvas), 0, 255).astype(np.uint8)
