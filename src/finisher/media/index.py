"""Indexing a picture stream without decoding it: every displayed picture and its instant."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
import av.video.stream

from finisher.facts import ColorTags, FrameIndex
from finisher.geometry import Raster
from finisher.problems import MediaError, Problem, Where

_LARGEST_SIDE = 16_384
# libavutil's numbers for the four tags (ISO/IEC 23091-2); anything else counts as not stated.
_RANGES = {1: "tv", 2: "pc"}
_MATRICES = {0: "gbr", 1: "bt709", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020nc"}
_PRIMARIES = {1: "bt709", 5: "bt470bg", 6: "smpte170m", 7: "smpte240m", 9: "bt2020", 12: "smpte432"}
_TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    18: "arib-std-b67",
}


@dataclass(frozen=True, slots=True)
class PictureShape:
    """A picture stream as its container describes it, with the index of its pictures."""

    raster: Raster
    codec: str
    pixel_format: str
    tags: ColorTags
    sample_aspect: Fraction
    rotation: int
    index: FrameIndex
    aigc: str | None


def open_media(path: Path) -> av.container.InputContainer:
    """Open a file by path, never as a URL or protocol.

    Raises:
        MediaError: when it is missing, empty or no media we can read.
    """
    where = Where(str(path))
    if not path.is_file():
        raise MediaError(Problem("media-missing", "there is no such file", where))
    if path.stat().st_size == 0:
        raise MediaError(Problem("media-empty", "the file is empty", where))
    try:
        return av.open(f"file:{path}", mode="r", metadata_errors="replace")
    except (av.error.FFmpegError, ValueError, OSError) as error:
        raise MediaError(
            Problem("media-unreadable", f"not media that can be read: {_reason(error)}", where)
        ) from error


def picture_shape(path: Path) -> PictureShape:
    """Describe a take's picture and index it; nothing is decoded but, at most, a first frame.

    Raises:
        MediaError: when there is no picture, or its pictures can't be told apart by their times.
    """
    with open_media(path) as container:
        stream = _picture_stream(container, path)
        context = stream.codec_context
        raster = Raster(context.width, context.height)
        if not 0 < max(raster.width, raster.height) <= _LARGEST_SIDE:
            raise MediaError(
                Problem("media-size", f"a picture of {raster} can't be handled", Where(str(path)))
            )
        tags = ColorTags(
            _RANGES.get(int(context.color_range)),
            _MATRICES.get(int(context.colorspace)),
            _PRIMARIES.get(int(context.color_primaries)),
            _TRANSFERS.get(int(context.color_trc)),
        )
        return PictureShape(
            raster=raster,
            codec=context.name,
            pixel_format=context.pix_fmt or "unknown",
            tags=tags,
            sample_aspect=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
            rotation=_rotation(container, stream),
            index=_index(container, stream, path),
            aigc=container.metadata.get("AIGC"),
        )


def _picture_stream(
    container: av.container.InputContainer, path: Path
) -> av.video.stream.VideoStream:
    """The one moving picture of a file; cover art does not count.

    Raises:
        MediaError: when there is none, or more than one.
    """
    moving = [
        stream
        for stream in container.streams.video
        if not stream.disposition & av.stream.Disposition.attached_pic
    ]
    where = Where(str(path))
    if not moving:
        raise MediaError(Problem("picture-missing", "the file holds no moving picture", where))
    if len(moving) > 1:
        raise MediaError(
            Problem("picture-ambiguous", f"the file holds {len(moving)} picture streams", where)
        )
    return moving[0]


def _rotation(container: av.container.InputContainer, stream: av.video.stream.VideoStream) -> int:
    """Degrees the display matrix turns the picture by, read off the first frame."""
    try:
        for frame in container.decode(stream):
            return int(frame.rotation) % 360
    except av.error.FFmpegError:
        return 0
    return 0


def _index(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, path: Path
) -> FrameIndex:
    """Collect the times of all displayed pictures in presentation order."""
    where = Where(str(path))
    container.seek(0, stream=stream, backward=True, any_frame=False)
    shown: list[tuple[int, bool, int]] = []
    try:
        for packet in container.demux(stream):
            if packet.size == 0 or packet.is_discard:
                continue
            if packet.pts is None:
                raise MediaError(
                    Problem("picture-untimed", "a picture carries no time of display", where)
                )
            shown.append((packet.pts, packet.is_keyframe, packet.duration or 0))
    except av.error.FFmpegError as error:
        raise MediaError(
            Problem("media-damaged", f"the file breaks off: {_reason(error)}", where)
        ) from error
    if not shown:
        raise MediaError(Problem("picture-missing", "the file holds no picture", where))
    shown.sort()
    pts = tuple(time for time, _, _ in shown)
    if len(set(pts)) != len(pts):
        raise MediaError(
            Problem("picture-times", "two pictures claim the same time of display", where)
        )
    keys = tuple(i for i, (_, key, _) in enumerate(shown) if key)
    if not keys:
        raise MediaError(Problem("picture-keyless", "no picture can be decoded on its own", where))
    step = shown[-1][2] or (pts[-1] - pts[-2] if len(pts) > 1 else 1)
    return FrameIndex(Fraction(stream.time_base or 1), pts, keys, pts[-1] + step)


def _reason(error: BaseException) -> str:
    """What went wrong, without the path FFmpeg appends."""
    if isinstance(error, av.error.FFmpegError):
        return str(error.strerror)
    return str(error)
