"""One decoding pass over a take: small pictures of every frame, and whole planes of chosen ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from av.video.reformatter import VideoReformatter
from numpy.typing import NDArray

from finisher.geometry import Box, Fit, Framing, Raster, frame
from finisher.media.closeups import CloseUps, Keeper, write_head
from finisher.media.conform import Conform, PictureInput, siting
from finisher.media.dither import deep
from finisher.media.index import PictureShape
from finisher.media.planes import samples
from finisher.media.reader import PictureReader, check_whole
from finisher.sighting import Plane

_SCALER = "area+accurate_rnd+full_chroma_int+full_chroma_inp"
"""Means of areas; without the rest of the words a change of matrix costs a code of luma."""
_FULL_SIZE = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
"""What is kept at its size has its chroma brought to every pixel by a cubic, as a finished file's
is: means of areas would be a line here, which takes an eighth of a small mark's edges."""
_TO_RGB = VideoReformatter()
# Code points of ISO/IEC 23091-2, as libavutil numbers them: matrices that scalers know, and ranges.
_MATRICES, _BT709 = (1, 5, 6, 7, 9), 1
_LIMITED, _FULL = 1, 2
_ORDER = {Plane.LUMA: 0, Plane.CB: 1, Plane.CR: 2}
"""Where each plane stands in a picture."""
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

    planes: Mapping[Plane, NDArray[np.uint8]]
    """(height, width) at full size, as coded where that is Rec.709 in limited range, or made so."""
    colour: NDArray[np.uint8]
    """(height, width, 3) display-encoded Rec.709 RGB, `colour_side` along the longer side."""

    @property
    def luma(self) -> NDArray[np.uint8]:
        """Its luma, (height, width)."""
        return self.planes[Plane.LUMA]


Watcher = tuple[Plane, Callable[[NDArray[np.uint8]], None]]
"""What is shown a plane of every picture at full size, in order: the array is its own for the call
alone."""


@dataclass(frozen=True, slots=True)
class Closer:
    """Which pictures to keep, and how large in colour."""

    ordinals: frozenset[int]
    colour_side: int
    parts: tuple[tuple[CloseUps, Path], ...] = ()
    """Parts of pictures to keep at full size, each with the .npy file they are written to."""
    watchers: tuple[Watcher, ...] = ()
    planes: frozenset[Plane] = frozenset({Plane.LUMA})
    """What is kept of each picture at full size."""

    def looks_at(self, count: int) -> list[int]:
        """Which of so many pictures are to be decoded for its sake."""
        if self.watchers:
            return list(range(count))
        parts = {ordinal for wanted, _ in self.parts for ordinal, _ in wanted.corners}
        return sorted(self.ordinals | parts)


def sketch(
    path: Path,
    shape: PictureShape,
    decoded_as: tuple[str, str],
    closer: Closer,
    destination: Path | None,
    lut: Path | None = None,
) -> dict[int, Kept]:
    """Write every picture's sketch to a .npy file; return the pictures to keep, by ordinal.

    The file holds (pictures, height, width, 4) bytes: display-encoded Rec.709 RGB, and luma in
    limited range, which no gamut bounds: what is coded may lie outside of RGB, where it is cut
    off. Each pixel is the mean of the area it stands for. Without a destination only the kept
    pictures are read.
    `decoded_as` is the take's matrix and range, `lut` what brings it to Rec.709 where it is of
    another space.

    Raises:
        MediaError: when a picture can't be decoded, is damaged, or of another size than the first.
        OSError: when the destination can't be written.
    """
    eye = _Eye(shape, decoded_as, lut)
    small = eye.sized(sketch_raster(shape.raster))
    colour = eye.sized(sketch_raster(shape.raster, closer.colour_side))
    ordinals = range(len(shape.index)) if destination else closer.looks_at(len(shape.index))
    kept: dict[int, Kept] = {}
    with ExitStack() as stack:
        # Written in order, not mapped: on a full disk a mapping kills the process.
        held = stack.enter_context(destination.open("wb")) if destination is not None else None
        if held is not None:
            write_head(held, len(shape.index), sketch_raster(shape.raster))
        keepers = [Keeper(part, stack.enter_context(to.open("wb"))) for part, to in closer.parts]
        # On the way to a few pictures, a second thread costs half as much again as it saves.
        threads = 2 if held is not None else 1
        reader = stack.enter_context(PictureReader(path, shape.index, threads))
        for i, picture in zip(ordinals, reader.pictures(ordinals), strict=True):
            check_whole(picture, shape, path)
            if held is not None:
                held.write(_four(small(picture)).tobytes())
            for keeper in keepers:
                keeper.see(i, picture, eye.cut)
            if i in closer.ordinals:
                whole = {plane: eye.plane(picture, plane) for plane in sorted(closer.planes)}
                kept[i] = Kept(whole, rgb(colour(picture)))
            for plane, watch in closer.watchers:
                watch(eye.plane(picture, plane))
    return kept


@dataclass(slots=True)
class _Eye:
    """Graphs that bring a take's pictures to finished ones, each made once it is needed."""

    shape: PictureShape
    decoded_as: tuple[str, str]
    lut: Path | None
    cuts: dict[Box, Conform] = field(default_factory=dict)

    def sized(self, raster: Raster, cut: Box | None = None) -> Conform:
        """To another size, or to that of a box that is cut out."""
        return _sized((self.shape, cut), self.decoded_as, raster, self.lut)

    def cut(self, box: Box, picture: VideoFrame) -> NDArray[np.uint8]:
        """A box of a picture, RGB and luma."""
        if box not in self.cuts:
            self.cuts[box] = self.sized(Raster(int(box.width), int(box.height)), box)
        return _four(self.cuts[box](picture))

    def plane(self, picture: VideoFrame, plane: Plane) -> NDArray[np.uint8]:
        """A plane of a whole picture, as coded where that is Rec.709 in limited range."""
        direct = plane is Plane.LUMA and _planar(self.shape.pixel_format)
        if direct and self.lut is None and self.decoded_as == ("bt709", "tv"):
            return luma(picture)
        whole = Box.of(0, 0, self.shape.raster.width, self.shape.raster.height)
        if whole not in self.cuts:
            self.cuts[whole] = self.sized(self.shape.raster)
        return _plane(self.cuts[whole](picture), plane)


def _four(picture: VideoFrame) -> NDArray[np.uint8]:
    """A small finished picture as (height, width, 4): RGB and luma."""
    return np.concatenate((rgb(picture), luma(picture)[..., None]), axis=2)


def rgb(picture: VideoFrame) -> NDArray[np.uint8]:
    """A picture as (height, width, 3) display-encoded RGB in 8 bits.

    Its tags decide; where it has none it is a finished one, Rec.709 in limited range.
    """
    coded = not picture.format.is_rgb
    told = picture.colorspace in _MATRICES
    # One for all: a scaler of its own for each picture costs four times the scaling.
    made = _TO_RGB.reformat(
        picture,
        format="rgb24",
        src_colorspace=picture.colorspace if told else _BT709,
        dst_colorspace=_BT709,
        src_color_range=(picture.color_range or _LIMITED) if coded else _FULL,
        dst_color_range=_FULL,
    )
    return np.asarray(made.to_ndarray(), np.uint8)


def _planar(pixel_format: str) -> bool:
    """Whether a plane of its own holds a picture's luma, sample by sample."""
    return pixel_format.startswith("yuv") and pixel_format.endswith(("p", "le"))


def luma(picture: VideoFrame) -> NDArray[np.uint8]:
    """The luma plane of a planar Y'CbCr picture in 8 bits, copied."""
    return _plane(picture, Plane.LUMA)


def _plane(picture: VideoFrame, plane: Plane) -> NDArray[np.uint8]:
    """A plane of a planar Y'CbCr picture in 8 bits, copied."""
    # The uppermost eight bits: a scaler would take grey for full range, and stretch it.
    above = picture.format.components[0].bits - 8
    return (samples(picture, _ORDER[plane]) >> above).astype(np.uint8)


def _sized(
    seen: tuple[PictureShape, Box | None],
    decoded_as: tuple[str, str],
    small: Raster,
    lut: Path | None,
) -> Conform:
    """A graph to another size, of all or a box, in finished pictures with chroma at every pixel."""
    shape, cut = seen
    half = (Fraction(1, 2), Fraction(1, 2))
    crop = cut or frame(shape.raster, shape.raster, Fit.COVER, half).crop
    place = frame(small, small, Fit.COVER, half).crop
    framing = Framing(shape.raster, small, Fit.COVER, crop, place)
    source = PictureInput(
        shape.pixel_format, shape.index.time_base, *decoded_as, siting(shape.codec)
    )
    # Where colour changes, the scaler's own 8 bits are too few, and dither would be noise.
    changes = lut is not None or source.foreign
    finished = deep("yuv444p") if changes else "yuv444p"
    scaler = _FULL_SIZE if small == Raster(*crop.whole()[2:]) else _SCALER
    return Conform(source, framing, lut, finished, scaler=scaler)
