"""Conformed copies of takes: upright, square-pixelled, progressive and even, picture by picture."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import av.error
import av.filter
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from finisher.geometry import Raster
from finisher.media.index import PictureShape, put_tags
from finisher.media.lossless import CLOCK, write_pictures
from finisher.media.reader import PictureReader, check_whole
from finisher.problems import MediaError, Problem, Where

_SCALER = "lanczos+accurate_rnd+full_chroma_int+full_chroma_inp"
_PLAIN = {"yuvj420p": "yuv420p", "yuvj422p": "yuv422p", "yuvj444p": "yuv444p"}
"""Formats that say full range by their name, as the ones that leave it to the tags."""
_OPAQUE = {"rgba": "bgr0", "bgra": "bgr0", "argb": "bgr0", "abgr": "bgr0", "gbrap": "bgr0"}
_OPAQUE |= {"rgb24": "bgr0", "bgr24": "bgr0"}
_OPAQUE |= {"rgba64le": "gbrp16le", "rgba64be": "gbrp16le", "ya8": "gray", "ya16be": "gray16le"}
"""Formats with alpha, or of three bytes, as the lossless codec keeps them."""
_MATRICES = ("bt709", "bt470bg", "smpte170m", "smpte240m", "bt2020nc")
_TURNED = ("clock", "cclock", "clock_flip", "cclock_flip")
_WORDS = {
    "clock": "turned a quarter clockwise to stand upright",
    "cclock": "turned a quarter anticlockwise to stand upright",
    "clock_flip": "turned a quarter clockwise and mirrored, as its display matrix says",
    "cclock_flip": "turned a quarter anticlockwise and mirrored, as its display matrix says",
    "hflip": "mirrored left to right, as its display matrix says",
    "vflip": "mirrored top to bottom, as its display matrix says",
}


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a copy takes: filters with their options, in order, and each repair in words."""

    filters: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    repairs: tuple[str, ...]
    raster: Raster


def recipe_for(shape: PictureShape) -> Recipe | None:
    """What makes a take's pictures usable; None where they are as they are, or can't be made so."""
    filters: list[tuple[str, tuple[tuple[str, str], ...]]] = []
    words: list[str] = []
    raster, aspect = shape.raster, shape.sample_aspect
    if shape.left_out:
        words.append(f"begins after {shape.left_out} pictures that build on what was cut away")
    if _has_alpha(shape.pixel_format):
        filters.append(("premultiply", (("inplace", "1"),)))
        words.append("laid on black where it is transparent")
    if shape.interlaced:
        filters.append(("bwdif", (("mode", "send_frame"), ("parity", "auto"), ("deint", "all"))))
        words.append("deinterlaced, one picture a frame (bwdif)")
    for turn in shape.turns:
        if turn in _TURNED:
            filters.append(("transpose", (("dir", turn),)))
            raster, aspect = Raster(raster.height, raster.width), 1 / aspect
        else:
            filters.append((turn, ()))
    if shape.turns == ("hflip", "vflip"):
        words.append("turned by 180 degrees to stand upright")
    else:
        words += [_WORDS[turn] for turn in shape.turns]
    square = _squared(raster, aspect)
    if square != raster:
        size = (("width", str(square.width)), ("height", str(square.height)))
        filters.append(("scale", (*size, ("flags", _SCALER))))
        words.append(f"pixels of {aspect} made square: {raster} becomes {square}")
    even = Raster(max(2, square.width // 2 * 2), max(2, square.height // 2 * 2))
    if even != square:
        size = (("out_w", str(even.width)), ("out_h", str(even.height)))
        filters.append(("crop", (*size, ("x", "0"), ("y", "0"))))
        words.append(f"cut to an even size: {square} becomes {even}")
    return Recipe(tuple(filters), tuple(words), even) if words else None


def _has_alpha(pixel_format: str) -> bool:
    """Whether pictures of a format say how transparent they are."""
    if pixel_format == "unknown":
        return False
    return any(part.is_alpha for part in VideoFormat(pixel_format).components)


def _kept(pixel_format: str) -> str:
    """The format of the copy: without alpha, and with its range left to the tags."""
    known = _PLAIN.get(pixel_format) or _OPAQUE.get(pixel_format)
    if known is not None or not _has_alpha(pixel_format):
        return known or pixel_format
    for alpha, opaque in (("yuva", "yuv"), ("gbrap", "gbrp"), ("ya16", "gray16")):
        if pixel_format.startswith(alpha):
            return opaque + pixel_format.removeprefix(alpha)
    return pixel_format


def _squared(raster: Raster, aspect: Fraction) -> Raster:
    """The size of a raster in square pixels: one side grows, so that no detail is lost."""
    if aspect > 1:
        return Raster(round(raster.width * aspect / 2) * 2, raster.height)
    if aspect < 1:
        return Raster(raster.width, round(raster.height / aspect / 2) * 2)
    return raster


def write_copy(path: Path, shape: PictureShape, recipe: Recipe, destination: Path) -> None:
    """Write a lossless copy that holds every picture of a take in order, evenly timed.

    Raises:
        MediaError: when a picture can't be read, or its format can't be kept.
    """
    count = len(shape.index)
    with PictureReader(path, shape.index, threads=2) as reader:
        pictures = _through(_checked(reader.pictures(range(count)), shape, path), shape, recipe)
        try:
            kept = _kept(shape.pixel_format)
            written = write_pictures(pictures, recipe.raster, kept, shape.tags, destination)
        except OSError:
            raise  # a full disk is the store's to tell
        except av.error.FFmpegError as error:
            message = f"its {shape.pixel_format} pictures can't be conformed: {error.strerror}"
            raise MediaError(Problem("not-conformable", message, Where(str(path)))) from error
    if written != count:
        message = f"conforming made {written} pictures of {count}"
        raise MediaError(Problem("not-conformable", message, Where(str(path))))


def _checked(
    pictures: Iterator[VideoFrame], shape: PictureShape, path: Path
) -> Iterator[VideoFrame]:
    """The same pictures, each whole and of the size and format of the first."""
    for picture in pictures:
        check_whole(picture, shape, path)
        yield picture


def _through(
    pictures: Iterator[VideoFrame], shape: PictureShape, recipe: Recipe
) -> Iterator[VideoFrame]:
    """Pictures through the recipe's filters, one for one and in order."""
    graph = _graph(shape, recipe)
    tags = replace(shape.tags, range=_range(shape), matrix=_matrix(shape))
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, CLOCK
        put_tags(picture, tags)
        graph.vpush(picture)
        yield from _ready(graph)
    graph.vpush(None)
    yield from _ready(graph)


def _range(shape: PictureShape) -> str | None:
    """What a take's values span, by FFmpeg's names."""
    return "pc" if shape.pixel_format in _PLAIN else shape.tags.range


def _matrix(shape: PictureShape) -> str | None:
    """The matrix of a take's Y'CbCr where scalers know it; what they don't know they leave be."""
    return shape.tags.matrix if shape.tags.matrix in _MATRICES else None


def _unconverted(shape: PictureShape) -> dict[str, str]:
    """A scaler's options by which size and format may change, and no value's meaning."""
    span, matrix = _range(shape), _matrix(shape)
    kept = {} if span is None else {"in_range": span, "out_range": span}
    if matrix is not None:
        kept |= {"in_color_matrix": matrix, "out_color_matrix": matrix}
    return kept


def _graph(shape: PictureShape, recipe: Recipe) -> av.filter.Graph:
    """The filters, laid one after the other; a number stands for the time of each picture."""
    graph = av.filter.Graph()
    node = graph.add(
        "buffer",
        video_size=str(shape.raster),
        pix_fmt=shape.pixel_format,
        time_base=str(CLOCK),
        pixel_aspect="1/1",
        # Left unsaid, scalers and formats take full range for something to be made limited.
        range=_range(shape) or "unknown",
        colorspace=_matrix(shape) or "unknown",
    )
    kept = _unconverted(shape)
    laid = [
        (name, dict(options) | (kept if name == "scale" else {}))
        for name, options in recipe.filters
    ]
    laid.append(("scale", {"flags": _SCALER} | kept))
    laid += [
        ("format", {"pix_fmts": _kept(shape.pixel_format)}),
        ("setsar", {"sar": "1"}),
        ("buffersink", {}),
    ]
    for name, options in laid:
        added = graph.add(name, **options)
        node.link_to(added)
        node = added
    graph.configure()
    return graph


def _ready(graph: av.filter.Graph) -> Iterator[VideoFrame]:
    """What the graph has done by now."""
    while True:
        try:
            yield graph.vpull()
        except (BlockingIOError, EOFError):
            return
