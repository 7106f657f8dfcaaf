"""A take's pictures brought to an even exposure: each by a factor of its own, kept losslessly."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import av.error
import av.filter
from av.filter.context import FilterContext
from av.video.format import VideoFormat
from av.video.frame import VideoFrame

from finisher.look import ColorTags
from finisher.media.index import PictureShape, put_tags
from finisher.media.lossless import CLOCK, write_pictures
from finisher.media.reader import PictureReader, check_whole
from finisher.problems import MediaError, Problem, Where


def deeper(pixel_format: str) -> str | None:
    """The format that holds steadied pictures: two bits more, so that a factor leaves no steps.

    None for formats that are neither Y'CbCr nor grey of 8 to 12 bits.
    """
    family = pixel_format.replace("yuvj", "yuv").removesuffix("le")
    for kind in ("yuv420p", "yuv422p", "yuv444p", "gray"):
        if family == kind:
            return f"{kind}10le"
        if family in (f"{kind}10", f"{kind}12"):
            return f"{kind}12le"
    return None


def write_steadied(
    path: Path, shape: PictureShape, span: str, gains: Sequence[float], destination: Path
) -> None:
    """Write a lossless copy that holds every picture times its factor, evenly timed.

    `span` is the pictures' range, `tv` or `pc`. A factor on display-encoded R, G and B is the same
    factor on luma above black and on both colour differences.

    Raises:
        MediaError: when a picture can't be read, or its format can't be kept.
    """
    kept = deeper(shape.pixel_format)
    if kept is None:
        message = f"pictures of format {shape.pixel_format} can't be steadied"
        raise MediaError(Problem("not-steadiable", message, Where(str(path))))
    with PictureReader(path, shape.index, threads=2) as reader:
        pictures = reader.pictures(range(len(shape.index)))
        try:
            steadied = _steadied(pictures, shape, kept, span, gains)
            write_pictures(steadied, shape.raster, kept, ColorTags(range=span), destination)
        except OSError:
            raise  # a full disk is the store's to tell
        except av.error.FFmpegError as error:
            message = f"its {shape.pixel_format} pictures can't be steadied: {error.strerror}"
            raise MediaError(Problem("not-steadiable", message, Where(str(path)))) from error


def _steadied(
    pictures: Iterator[VideoFrame],
    shape: PictureShape,
    kept: str,
    span: str,
    gains: Sequence[float],
) -> Iterator[VideoFrame]:
    """Each picture times its factor."""
    graph, factor = _graph(shape, kept, span)
    bits = VideoFormat(kept).components[0].bits
    black = 0 if span == "pc" else 16 << (bits - 8)
    middle, most = 128 << (bits - 8), (1 << bits) - 1
    for number, (picture, gain) in enumerate(zip(pictures, gains, strict=True)):
        check_whole(picture, shape, Path(shape.codec))
        # The filter cuts decimals off, and its own `maxval` is the brightest legal value.
        factor.process_command("y", f"clip((val-{black})*{gain:.5f}+{black}.5,0,{most})")
        for plane in "uv":
            factor.process_command(plane, f"clip((val-{middle})*{gain:.5f}+{middle}.5,0,{most})")
        picture.pts, picture.time_base = number, CLOCK
        put_tags(picture, ColorTags(range=span))
        graph.vpush(picture)
        yield graph.vpull()


def _graph(shape: PictureShape, kept: str, span: str) -> tuple[av.filter.Graph, FilterContext]:
    """Pictures made deeper, and a table for each component; the second is that table's filter."""
    graph = av.filter.Graph()
    graph.threads = 1
    node = graph.add(
        "buffer",
        video_size=str(shape.raster),
        pix_fmt=shape.pixel_format,
        time_base=str(CLOCK),
        pixel_aspect="1/1",
        range=span,
    )
    laid: list[tuple[str, dict[str, str]]] = [
        ("scale", {"in_range": span, "out_range": span, "flags": "accurate_rnd"}),
        ("format", {"pix_fmts": kept}),
        ("lutyuv", {}),
        ("buffersink", {}),
    ]
    factor = node
    for name, options in laid:
        added = graph.add(name, **options)
        node.link_to(added)
        node = added
        factor = added if name == "lutyuv" else factor
    graph.configure()
    return graph, factor
