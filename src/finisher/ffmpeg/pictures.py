"""Pictures of finished files, decoded by another reader than the one that wrote them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from finisher.ffmpeg.program import named, opened, running, url
from finisher.sighting import Plane

_FULL_CHROMA = "bicubic+accurate_rnd+full_chroma_int+full_chroma_inp"
_LEFT = {"in_h_chr_pos": "0"}
"""Where chroma lies in finished files (ITU-T H.273, type 0): left alone the filter takes it for the
middle of two pixels, and reads it half a pixel off."""
_PLANES = {Plane.LUMA: "y", Plane.CB: "u", Plane.CR: "v"}
"""What the filter that takes planes apart calls them."""


@dataclass(frozen=True, slots=True)
class Kept:
    """Frames that are written to a file, whole, one after another without padding."""

    frames: Sequence[int]
    """Their numbers; those the stream does not have are left out."""
    into: Path
    plane: Plane | None = Plane.LUMA
    """The plane of the stream that is kept, chroma at full size; None for full-range RGB, three
    bytes a pixel."""


def measure(
    path: Path,
    size: tuple[int, int],
    kept: Sequence[Kept] = (),
    complaints: list[str] | None = None,
) -> Iterator[NDArray[np.uint8]]:
    """Decode a picture stream once: every frame as a small luma plane, some of them whole.

    Luma is the byte the stream carries (16 to 235 in limited range), never expanded, reduced to
    `size` (width, height) by averaging areas. Frames come in presentation order, edit lists
    honoured, none repeated or dropped. What is to be `kept` is written on the way. What the
    decoder complains of is appended to `complaints`. Memory use does not grow with the length.

    Raises:
        MediaError: when the file can't be read.
    """
    width, height = size
    with named(path) as alias:
        graph = _planes(alias, size, [one for one in kept if one.frames])
        with running(ffmpeg.get_args(graph), path, complaints) as stdout:
            while data := stdout.read(width * height):
                if len(data) < width * height:
                    break
                yield np.frombuffer(data, np.uint8).reshape(height, width)


def _planes(path: Path, size: tuple[int, int], kept: Sequence[Kept]) -> ffmpeg.nodes.OutputStream:
    """The graph that writes small planes to the pipe and whole frames to files."""
    shown = opened(path)["v:0"]
    split = shown.filter_multi_output("split", len(kept) + 1) if kept else [shown]
    every = split[0].filter("extractplanes", "y")
    small = every.filter("scale", *size, flags="area+accurate_rnd").output("pipe:1", **_raw("gray"))
    whole = [_whole(split[number], one) for number, one in enumerate(kept, 1)]
    return ffmpeg.merge_outputs(small, *whole) if whole else small


def _whole(shown: ffmpeg.nodes.FilterableStream, kept: Kept) -> ffmpeg.nodes.OutputStream:
    """The branch that writes frames to a file."""
    some = shown.filter("select", _any_of(sorted(set(kept.frames))))
    if kept.plane is None:
        some = some.filter("scale", flags=_FULL_CHROMA).filter("format", "rgb24")
        return some.output(url(kept.into), **_raw("rgb24"))
    if kept.plane is not Plane.LUMA:
        some = some.filter("scale", flags=_FULL_CHROMA, **_LEFT).filter("format", "yuv444p")
    return some.filter("extractplanes", _PLANES[kept.plane]).output(url(kept.into), **_raw("gray"))


def _raw(pixels: str) -> dict[str, str]:
    """Options of an output that holds bare pixels."""
    return {"format": "rawvideo", "pix_fmt": pixels, "fps_mode": "passthrough"}


def _any_of(numbers: Sequence[int]) -> str:
    """An expression that is true on these frames, balanced: long chains overflow the parser."""
    if len(numbers) == 1:
        return f"eq(n,{numbers[0]})"
    half = len(numbers) // 2
    return f"({_any_of(numbers[:half])}+{_any_of(numbers[half:])})"
