"""Pictures under way from one to another, computed on the planes of finished pictures."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from finisher.timeline import TransitionKind

Plane = NDArray[np.uint8] | NDArray[np.uint16]


def blend(
    kind: TransitionKind, outgoing: VideoFrame, incoming: VideoFrame, step: int, of: int
) -> VideoFrame:
    """Step `step` of `of` between two finished pictures of one size and format.

    The incoming picture weighs (step + 1) / (of + 1); sums are rounded to nearest.
    """
    finished = VideoFrame(outgoing.width, outgoing.height, outgoing.format.name)
    black = _black(outgoing)
    for i in range(len(outgoing.planes)):
        a, b = _samples(outgoing, i), _samples(incoming, i)
        out = _samples(finished, i)
        match kind:
            case TransitionKind.DISSOLVE:
                out[:] = _weighted(a, b, step + 1, of + 1)
            case TransitionKind.DIP:
                out[:] = _dipped(a, b, black[i], step, of)
            case TransitionKind.WIPE:
                edge = a.shape[1] * (step + 1) // (of + 1)
                out[:] = a
                out[:, :edge] = b[:, :edge]
    _copy_tags(outgoing, finished)
    return finished


def fill(width: int, height: int, pixel_format: str) -> VideoFrame:
    """A black picture, limited range, tagged BT.709."""
    picture = VideoFrame(width, height, pixel_format)
    for i, level in enumerate(_black(picture)):
        _samples(picture, i)[:] = level
    tag(picture)
    return picture


def tag(picture: VideoFrame) -> None:
    """Say that a picture is BT.709, limited range (ISO/IEC 23091-2 code points)."""
    picture.colorspace = 1
    picture.color_range = 1
    picture.color_primaries = 1
    picture.color_trc = 1


def _weighted(a: Plane, b: Plane, weight: int, total: int) -> NDArray[np.uint32]:
    """(a · (total − weight) + b · weight) / total, rounded."""
    mixed = a.astype(np.uint32) * (total - weight)
    mixed += b.astype(np.uint32) * np.uint32(weight)
    mixed += np.uint32(total // 2)
    mixed //= np.uint32(total)
    return mixed


def _dipped(a: Plane, b: Plane, black: int, step: int, of: int) -> NDArray[np.uint32]:
    """Down to black and up again: at the middle nothing is left of either picture."""
    weight, total = step + 1, of + 1
    picture, left = (a, total - 2 * weight) if 2 * weight <= total else (b, 2 * weight - total)
    return _weighted(np.full_like(picture, black), picture, left, total)


def _black(picture: VideoFrame) -> tuple[int, int, int]:
    """Limited-range black of each plane."""
    unit = 1 << (picture.format.components[0].bits - 8)
    return 16 * unit, 128 * unit, 128 * unit


def _samples(picture: VideoFrame, index: int) -> Plane:
    """A plane as rows of samples, without the padding at the end of lines."""
    plane = picture.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    if picture.format.components[0].bits == 8:
        return rows[:, : plane.width]
    return rows[:, : 2 * plane.width].view(np.uint16)


def _copy_tags(source: VideoFrame, target: VideoFrame) -> None:
    """A blended picture is of the kind of the pictures it is made of."""
    target.colorspace = source.colorspace
    target.color_range = source.color_range
    target.color_primaries = source.color_primaries
    target.color_trc = source.color_trc
