"""Pictures under way from one to another, computed on the planes of finished pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from finisher.event import Color, TransitionKind
from finisher.media.planes import Plane, samples


@dataclass(frozen=True, slots=True)
class Passing:
    """Step k of n from one picture to another: the incoming weighs (k + 1) / (n + 1)."""

    kind: TransitionKind
    step: int
    of: int
    color: Color | None = None
    """What a dip goes through; None for black."""
    keep: tuple[tuple[int, int, int, int], ...] = ()
    """Boxes (x, y, width, height) in which nothing is moved: marks stand still in a blend."""


def blend(outgoing: VideoFrame, incoming: VideoFrame, passing: Passing) -> VideoFrame:
    """One picture of a passage between two finished ones of one size and format.

    Sums are rounded to nearest.
    """
    finished = VideoFrame(outgoing.width, outgoing.height, outgoing.format.name)
    planes = [(samples(outgoing, i), samples(incoming, i)) for i in range(len(outgoing.planes))]
    bits = outgoing.format.components[0].bits
    moved = passing.kind is TransitionKind.BLEND
    made = _along_motion(planes, bits, passing) if moved else []
    through = _levels(outgoing, passing.color)
    step, of = passing.step, passing.of
    for i, (a, b) in enumerate(planes):
        out = samples(finished, i)
        match passing.kind:
            case TransitionKind.DISSOLVE:
                out[:] = _weighted(a, b, step + 1, of + 1)
            case TransitionKind.DIP:
                out[:] = _dipped(a, b, through[i], step, of)
            case TransitionKind.WIPE:
                edge = a.shape[1] * (step + 1) // (of + 1)
                out[:] = a
                out[:, :edge] = b[:, :edge]
            case TransitionKind.BLEND:
                out[:] = made[i]
    _copy_tags(outgoing, finished)
    return finished


def _along_motion(
    planes: Sequence[tuple[Plane, Plane]], bits: int, passing: Passing
) -> list[NDArray[np.float32]]:
    """The planes of a picture where the motion of two meets."""
    # OpenCV is waited for by what moves, not by every worker.
    from finisher.media.motion import between, held, meet, motion  # noqa: PLC0415

    part = (passing.step + 1) / (passing.of + 1)
    (luma, coming), *_ = planes
    old, new = ((plane >> (bits - 8)).astype(np.uint8) for plane in (luma, coming))
    at = held(meet(motion(old, new), part), passing.keep, (luma.shape[1], luma.shape[0]))
    top = (1 << bits) - 1
    return [np.clip(np.rint(between(a, b, at, part)), 0, top) for a, b in planes]


def fill(width: int, height: int, pixel_format: str) -> VideoFrame:
    """A black picture, limited range, tagged BT.709."""
    picture = VideoFrame(width, height, pixel_format)
    for i, level in enumerate(_levels(picture, None)):
        samples(picture, i)[:] = level
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


def _dipped(a: Plane, b: Plane, through: int, step: int, of: int) -> NDArray[np.uint32]:
    """Down to a colour and up again: at the middle nothing is left of either picture."""
    weight, total = step + 1, of + 1
    picture, left = (a, total - 2 * weight) if 2 * weight <= total else (b, 2 * weight - total)
    return _weighted(np.full_like(picture, through), picture, left, total)


def _levels(picture: VideoFrame, color: Color | None) -> tuple[int, int, int]:
    """Limited-range levels of each plane for a colour; None is black.

    Rec. ITU-R BT.709-6, items 3.2 to 3.5.
    """
    unit = 1 << (picture.format.components[0].bits - 8)
    red, green, blue = (part / 255 for part in color or (0, 0, 0))
    luma = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return (
        round((16 + 219 * luma) * unit),
        round((128 + 224 * (blue - luma) / 1.8556) * unit),
        round((128 + 224 * (red - luma) / 1.5748) * unit),
    )


def _copy_tags(source: VideoFrame, target: VideoFrame) -> None:
    """A blended picture is of the kind of the pictures it is made of."""
    target.colorspace = source.colorspace
    target.color_range = source.color_range
    target.color_primaries = source.color_primaries
    target.color_trc = source.color_trc
