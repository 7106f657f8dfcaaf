"""One decoding pass over a take: a small picture of every frame, and the luma of chosen ones."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from finisher.geometry import Fit, Framing, Raster, frame
from finisher.media.conform import Conform, PictureInput
from finisher.media.index import PictureShape
from finisher.media.reader import PictureReader, check_whole

_SCALER = "area+accurate_rnd+full_chroma_int+full_chroma_inp"
"""Means of areas; without the rest of the words a change of matrix costs a code of luma."""
_TO_RGB = VideoReformatter()
LONG_SIDE = 160
"""Pixels along a sketch's longer side."""


def sketch_raster(raster: Raster, long_side: int = LONG_SIDE) -> Raster:
    """The size of a take's sketches: even, the long side fixed, the take's own shape kept."""
    scale = Fraction(long_side, max(raster.width, raster.height))
    return Raster(
        max(2, round(raster.width * scale / 2) * 2), max(2, round(raster.height * scale / 2) * 2)
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """A picture looked at more closely than its sketch."""

    luma: NDArray[np.uint8]
    """(height, width) at full size, as coded."""
    colour: NDArray[np.uint8]
    """(height, width, 3) display-encoded Rec.709 RGB, `colour_side` along the longer side."""


@dataclass(frozen=True, slots=True)
class Closer:
    """Which pictures to keep, and how large in colour."""

    ordinals: frozenset[int]
    colour_side: int


def sketch(
    path: Path,
    shape: PictureShape,
    decoded_as: tuple[str, str],
    closer: Closer,
    destination: Path | None,
) -> dict[int, Kept]:
    """Write every picture's sketch to a .npy file; return the pictures to keep, by ordinal.

    The file holds (pictures, height, width, 3) bytes of display-encoded Rec.709 RGB, each pixel
    the mean of the area it stands for; without a destination only the kept pictures are read.
    `decoded_as` is the take's matrix and range.

    Raises:
        MediaError: when a picture can't be decoded, is damaged, or of another size than the first.
        OSError: when the destination can't be written.
    """
    small = _shrink(shape, decoded_as, sketch_raster(shape.raster))
    colour = _shrink(shape, decoded_as, sketch_raster(shape.raster, closer.colour_side))
    ordinals = range(len(shape.index)) if destination else sorted(closer.ordinals)
    kept: dict[int, Kept] = {}
    with ExitStack() as stack:
        # Written in order, not mapped: on a full disk a mapping kills the process.
        held = stack.enter_context(destination.open("wb")) if destination is not None else None
        if held is not None:
            _write_head(held, len(shape.index), sketch_raster(shape.raster))
        reader = stack.enter_context(PictureReader(path, shape.index, threads=2))
        for i, picture in zip(ordinals, reader.pictures(ordinals), strict=True):
            check_whole(picture, shape, path)
            if held is not None:
                held.write(rgb(small(picture)).tobytes())
            if i in closer.ordinals:
                kept[i] = Kept(luma(picture), rgb(colour(picture)))
    return kept


def _write_head(file: BinaryIO, count: int, size: Raster) -> None:
    """The head of a .npy file of so many sketches."""
    descr = np.lib.format.dtype_to_descr(np.dtype(np.uint8))
    head = {
        "descr": descr,
        "fortran_order": False,
        "shape": (count, size.height, size.width, 3),
    }
    np.lib.format.write_array_header_1_0(file, head)


def rgb(picture: VideoFrame) -> NDArray[np.uint8]:
    """A picture as (height, width, 3) display-encoded RGB in 8 bits."""
    # One for all: a scaler of its own for each picture costs four times the scaling.
    return np.asarray(_TO_RGB.reformat(picture, format="rgb24").to_ndarray(), np.uint8)


def luma(picture: VideoFrame) -> NDArray[np.uint8]:
    """A picture's luma plane in 8 bits, copied."""
    if picture.format.components[0].bits != 8 or not picture.format.name.startswith("yuv"):
        picture = picture.reformat(format="gray")
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    return rows[:, : plane.width].copy()


def _shrink(shape: PictureShape, decoded_as: tuple[str, str], small: Raster) -> Conform:
    """A graph down to sketch size in full-range RGB."""
    half = (Fraction(1, 2), Fraction(1, 2))
    whole = frame(shape.raster, shape.raster, Fit.COVER, half)
    framing = Framing(
        shape.raster, small, Fit.COVER, whole.crop, frame(small, small, Fit.COVER, half).crop
    )
    source = PictureInput(shape.pixel_format, shape.index.time_base, *decoded_as)
    return Conform(source, framing, None, "yuv444p", scaler=_SCALER)
