"""Indexing a picture stream without decoding it: every displayed picture and its instant."""

from __future__ import annotations

import re
import struct
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import av.container
import av.error
import av.video.stream
from av.buffer import Buffer
from av.sidedata.sidedata import Type as SideDataType
from av.video.codeccontext import VideoCodecContext
from av.video.frame import VideoFrame

from finisher.facts import FrameIndex
from finisher.geometry import Raster
from finisher.look import ColorTags
from finisher.media.wholeness import breaks_off
from finisher.problems import MediaError, Problem, Where

_LARGEST_SIDE = 16_384
# libavutil's numbers for the four tags (ISO/IEC 23091-2) and its names for them. Those that nothing
# here can read have theirs too: what they tell of must not pass for untagged.
_UNSPECIFIED = 2
_RANGES = {1: "tv", 2: "pc"}
_MATRICES = {
    0: "gbr",
    1: "bt709",
    4: "fcc",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "ycgco",
    9: "bt2020nc",
    10: "bt2020c",
    11: "smpte2085",
    12: "chroma-derived-nc",
    13: "chroma-derived-c",
    14: "ictcp",
    15: "ipt-c2",
}
_PRIMARIES = {
    1: "bt709",
    4: "bt470m",
    5: "bt470bg",
    6: "smpte170m",
    7: "smpte240m",
    8: "film",
    9: "bt2020",
    10: "smpte428",
    11: "smpte431",
    12: "smpte432",
    22: "ebu3213",
}
_SILENT = (0, 2, 3)
"""Code points of H.273 that say nothing where they have no name: unspecified, and reserved."""
_TRANSFERS = {
    1: "bt709",
    4: "gamma22",
    5: "gamma28",
    6: "smpte170m",
    7: "smpte240m",
    8: "linear",
    9: "log100",
    10: "log316",
    11: "iec61966-2-4",
    12: "bt1361e",
    13: "iec61966-2-1",
    14: "bt2020-10",
    15: "bt2020-12",
    16: "smpte2084",
    17: "smpte428",
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
    interlaced: bool
    turns: tuple[str, ...]
    """What makes its pictures upright: libavfilter's names of transpositions and flips."""
    index: FrameIndex
    left_out: int = 0
    """Pictures before the first of the index that can't be decoded: their past was cut away."""


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
        stream = picture_stream(container, path)
        context = stream.codec_context
        if context is None:
            raise MediaError(
                Problem(
                    "picture-undecodable", "no decoder here reads its pictures", Where(str(path))
                )
            )
        raster = Raster(context.width, context.height)
        if not 0 < max(raster.width, raster.height) <= _LARGEST_SIDE:
            raise MediaError(
                Problem("media-size", f"a picture of {raster} can't be handled", Where(str(path)))
            )
        if stream.metadata.get("alpha_mode") == "1":
            # VP8 and VP9 keep it beside the picture, where the decoders here leave it.
            message = "its transparency can't be read, and what it hides would show"
            hint = "deliver it as ProRes 4444, or laid on a background"
            raise MediaError(Problem("not-conformable", message, Where(str(path)), hint))
        tags = color_tags(context)
        first = _first(path)
        index, left_out = _index(container, stream, path)
        return PictureShape(
            raster=raster,
            codec=context.name,
            pixel_format=context.pix_fmt or "unknown",
            tags=tags,
            sample_aspect=Fraction(stream.sample_aspect_ratio or 1) or Fraction(1),
            rotation=first.rotation,
            interlaced=first.interlaced,
            turns=first.turns,
            index=index,
            left_out=left_out,
        )


def color_tags(context: VideoCodecContext) -> ColorTags:
    """The four tags as a decoder knows them."""
    return ColorTags(
        _RANGES.get(int(context.color_range)),
        _named(_MATRICES, int(context.colorspace)),
        _named(_PRIMARIES, int(context.color_primaries)),
        _named(_TRANSFERS, int(context.color_trc)),
    )


def _named(names: dict[int, str], code: int) -> str | None:
    """What a code point goes by, None for those that say nothing; else its number."""
    return names.get(code) or (None if code in _SILENT else f"code {code}")


def put_tags(target: VideoCodecContext | VideoFrame, tags: ColorTags) -> None:
    """Put the four tags on a stream to be encoded or on a picture."""
    target.color_range = _code(_RANGES, tags.range, 0)
    target.colorspace = _code(_MATRICES, tags.matrix, _UNSPECIFIED)
    target.color_primaries = _code(_PRIMARIES, tags.primaries, _UNSPECIFIED)
    target.color_trc = _code(_TRANSFERS, tags.transfer, _UNSPECIFIED)


def _code(names: dict[int, str], name: str | None, unsaid: int) -> int:
    """The number libavutil has for a name."""
    return next((code for code, known in names.items() if known == name), unsaid)


def picture_stream(
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


@dataclass(frozen=True, slots=True)
class _First:
    """What only a decoded picture tells of the whole stream."""

    rotation: int = 0
    interlaced: bool = False
    turns: tuple[str, ...] = ()


def _first(path: Path) -> _First:
    """The first picture's own word; nothing where none decodes, which reading will find out."""
    with open_media(path) as container:
        stream = picture_stream(container, path)
        # Threads would each begin a picture that nobody waits for.
        stream.codec_context.thread_count = 1
        try:
            for frame in container.decode(stream):
                rotation = int(frame.rotation) % 360
                return _First(rotation, bool(frame.interlaced_frame), _turns(frame))
        except av.error.FFmpegError:
            return _First()
    return _First()


def _turns(frame: VideoFrame) -> tuple[str, ...]:
    """What a picture's display matrix asks for (ISO/IEC 14496-12, 6.2.2), in quarter turns.

    The matrix maps (x, y) to (a x + c y, b x + d y), y downwards; a free angle has no such name
    and stays what `rotation` says.
    """
    data = frame.side_data.get(SideDataType.DISPLAYMATRIX.name)
    if not isinstance(data, Buffer):
        return ()
    a, b, _, c, d = struct.unpack("=5i", bytes(data)[:20])
    if b == c == 0:
        return (*(("hflip",) if a < 0 else ()), *(("vflip",) if d < 0 else ()))
    if a == d == 0:
        kinds = {(True, False): "clock", (False, True): "cclock"}
        kinds |= {(True, True): "cclock_flip", (False, False): "clock_flip"}
        return (kinds[b > 0, c > 0],)
    return ()


@dataclass(frozen=True, slots=True, order=True)
class _Coded:
    """A coded picture; a hidden one is needed for decoding and cut away by an edit list."""

    time: int
    key: bool
    hidden: bool
    duration: int


def _index(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, path: Path
) -> tuple[FrameIndex, int]:
    """The times of all displayed pictures in their order, and how many had to be left out."""
    where = Where(str(path))
    if breaks_off(path):
        raise MediaError(Problem("media-damaged", "the file breaks off", where))
    order = _coded(container, stream, where)
    coded = sorted(order)
    stated = _stated(stream)
    last = max((picture.time + picture.duration for picture in coded), default=0)
    if stated is not None and last * stated.clock < stated.end:
        raise MediaError(
            Problem("media-damaged", "its pictures end before the file says they do", where)
        )
    displayed = [picture for picture in coded if not picture.hidden]
    lost = _lost(order, path)
    shown = [picture for picture in displayed if picture.time not in lost]
    if not shown:
        raise MediaError(Problem("picture-missing", "the file holds no picture", where))
    pts = tuple(picture.time for picture in shown)
    if len(set(pts)) != len(pts):
        raise MediaError(
            Problem("picture-times", "two pictures claim the same time of display", where)
        )
    # A hidden key picture leads to the first picture shown after it.
    keys = {bisect_left(pts, picture.time) for picture in coded if picture.key} - {len(pts)}
    if not keys:
        raise MediaError(Problem("picture-keyless", "no picture can be decoded on its own", where))
    step = shown[-1].duration or (pts[-1] - pts[-2] if len(pts) > 1 else 1)
    time_base = Fraction(stream.time_base or 1)
    index = FrameIndex(time_base, pts, tuple(sorted(keys)), pts[-1] + step)
    return index, len(displayed) - len(shown)


def _lost(order: Sequence[_Coded], path: Path) -> frozenset[int]:
    """Times of the pictures shown before the first key picture that can't be decoded.

    A stream cut at an open GOP begins with such: they build on pictures that are gone. Those of a
    closed one (RADL in HEVC) build on the key picture alone, and stay. Where a stream begins
    inside a GOP, some decoders make pictures out of nothing: none before the key is believed.
    """
    first = next((i for i, picture in enumerate(order) if picture.key), None)
    if first is None:
        return frozenset()
    key = order[first].time
    leading = frozenset(picture.time for picture in order if picture.time < key)
    if first > 0 or not leading:
        return leading
    return leading - _decodable(path, key)


def _decodable(path: Path, until: int) -> set[int]:
    """Times of the pictures shown before an instant that decode whole."""
    found: set[int] = set()
    with open_media(path) as container:
        try:
            for frame in container.decode(picture_stream(container, path)):
                if frame.pts is not None and frame.pts >= until:
                    break
                if frame.pts is not None and not frame.is_corrupt:
                    found.add(frame.pts)
        except av.error.FFmpegError:
            return found
    return found


@dataclass(frozen=True, slots=True)
class _Stated:
    """When a stream's pictures end, in seconds, by the container's own word."""

    end: Fraction
    clock: Fraction


def _stated(stream: av.video.stream.VideoStream) -> _Stated | None:
    """What Matroska and AVI say of a stream's length, less two pictures' time; None of others.

    Matroska's duration is a label of the stream; AVI counts its pictures.
    """
    clock = Fraction(stream.time_base or 1)
    name = stream.container.format.name
    text = stream.metadata.get("DURATION", "")
    found = re.fullmatch(r"(\d+):(\d\d):(\d\d\.\d+)", text)
    rate = Fraction(stream.average_rate or 24)
    if "matroska" in name and found is not None:
        hours, minutes, seconds = found.groups()
        end = Fraction(int(hours) * 3600 + int(minutes) * 60) + Fraction(seconds)
    elif name == "avi" and stream.frames:
        end = stream.frames / rate
    else:
        return None
    return _Stated(end - 2 / rate, clock)


def _coded(
    container: av.container.InputContainer, stream: av.video.stream.VideoStream, where: Where
) -> list[_Coded]:
    """Every coded picture of the stream, in coding order."""
    found: list[_Coded] = []
    try:
        for packet in container.demux(stream):
            if packet.size == 0:
                continue
            if packet.is_corrupt:
                raise MediaError(Problem("media-damaged", "a part of the picture is lost", where))
            if packet.pts is None:
                raise MediaError(
                    Problem("picture-untimed", "a picture carries no time of display", where)
                )
            found.append(
                _Coded(packet.pts, packet.is_keyframe, packet.is_discard, packet.duration or 0)
            )
    except av.error.FFmpegError as error:
        raise MediaError(
            Problem("media-damaged", f"the file breaks off: {_reason(error)}", where)
        ) from error
    return found


def _reason(error: BaseException) -> str:
    """What went wrong, without the path FFmpeg appends."""
    if isinstance(error, av.error.FFmpegError):
        return str(error.strerror)
    return str(error)
