"""Pictures kept without loss, each a key frame: for work that comes back to any of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.frame import PictureType, VideoFrame
from numpy.typing import NDArray

from finisher.geometry import Raster
from finisher.look import ColorTags
from finisher.media.index import put_tags

SUFFIX = ".nut"
CLOCK = Fraction(1, 24)
"""Counts the pictures; it has nothing to do with when they are shown."""


def write_pictures(
    pictures: Iterable[VideoFrame],
    raster: Raster,
    pixel_format: str,
    tags: ColorTags,
    destination: Path,
) -> int:
    """Write pictures of one size and format, evenly timed; returns how many there were.

    Raises:
        OSError: when the destination can't be written.
        av.error.FFmpegError: when the format can't be kept.
    """
    count = 0
    with av.open(f"file:{destination}", mode="w", format="nut") as out:
        stream = out.add_stream("ffv1", rate=24, options={"level": "3", "g": "1", "slicecrc": "1"})
        stream.width, stream.height, stream.pix_fmt = raster.width, raster.height, pixel_format
        stream.time_base = stream.codec_context.time_base = CLOCK
        put_tags(stream.codec_context, tags)
        for picture in pictures:
            picture.pts, picture.time_base = count, CLOCK
            picture.pict_type = PictureType.NONE
            out.mux(stream.encode(picture))
            count += 1
        out.mux(stream.encode(None))
    return count


def write_rgb(pictures: Iterable[NDArray[np.uint8]], raster: Raster, destination: Path) -> int:
    """Write (height, width, 3) pictures, evenly timed; returns how many there were.

    Raises:
        OSError: when the destination can't be written.
    """
    return write_pictures(_frames(pictures, raster), raster, "bgr0", ColorTags(), destination)


def _frames(pictures: Iterable[NDArray[np.uint8]], raster: Raster) -> Iterator[VideoFrame]:
    """Arrays as the codec takes them: three bytes and one to spare."""
    padded = np.zeros((raster.height, raster.width, 4), np.uint8)
    for picture in pictures:
        padded[..., :3] = picture[..., ::-1]
        yield VideoFrame.from_ndarray(padded, format="bgra").reformat(format="bgr0")


def pixels(picture: VideoFrame) -> NDArray[np.uint8]:
    """A picture read back, (height, width, 3), in memory of its own."""
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    bgr = rows[:, : 4 * plane.width].reshape(plane.height, plane.width, 4)[..., :3]
    return np.ascontiguousarray(bgr[..., ::-1])
