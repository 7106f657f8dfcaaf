"""How a take's pictures are coded: what must be known to copy them without decoding them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import av.error
from av.codec.context import CodecContext
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from finisher.facts import CodingFacts, FrameIndex
from finisher.look import ColorTags
from finisher.media.index import color_tags, open_media, picture_stream
from finisher.media.parameter_sets import ParameterSets, read

_IDR, _SLICES = 5, (1, 5)
_PARAMETERS, _SEI = (7, 8), 6
_PLAIN_SEI = (0, 1, 5, 6)
"""Supplemental information that says nothing of how a picture is to be shown: buffering, timing,
text for nobody in particular, where decoding recovers (ITU-T H.264, Annex D)."""


def coding(path: Path, index: FrameIndex) -> CodingFacts | None:
    """How an H.264 track is coded; None where its pictures can't be copied into another file.

    They can where all parameter sets stand at the head of the track, as MP4, MOV and Matroska
    have them, and none on the way differs from those.

    Raises:
        MediaError: when the file can't be opened.
    """
    with open_media(path) as container:
        stream = picture_stream(container, path)
        context = stream.codec_context
        if context.name != "h264" or context.extradata is None:
            return None
        extradata = bytes(context.extradata)
        try:
            sets = read(extradata)
            return _coding(container, stream, index, (extradata, sets))
        except (ValueError, av.error.FFmpegError):
            return None


def _coding(
    container: av.container.InputContainer,
    stream: VideoStream,
    index: FrameIndex,
    parameters: tuple[bytes, ParameterSets],
) -> CodingFacts:
    """Read every packet once; a decoder that knows nothing of the container sees the first."""
    extradata, sets = parameters
    ordinals = {pts: i for i, pts in enumerate(index.pts)}
    order: list[int] = []
    entries: list[int] = []
    sizes: list[int] = []
    bare = _bare(extradata)
    tags: ColorTags | None = None
    for packet in container.demux(stream):
        if not packet.size:
            continue
        data = bytes(packet)
        ordinal = ordinals.get(packet.pts or 0, -1) if not packet.is_discard else -1
        if _enters(data, sets) and ordinal >= 0:
            entries.append(ordinal)
        order.append(ordinal)
        sizes.append(len(data))
        if tags is None and bare.decode(av.Packet(data)):
            tags = color_tags(bare)
    if tags is None:
        bare.decode(None)
        tags = color_tags(bare)
    if bare.sample_aspect_ratio not in (None, 0, 1):
        raise ValueError("its pictures say themselves that their pixels are not square")
    return CodingFacts(
        profile=sets.profile,
        parameters=extradata,
        numbers=tuple(sorted(sets.ids)),
        tags=tags,
        order=tuple(order),
        entries=tuple(entries),
        sizes=tuple(sizes),
    )


def _bare(extradata: bytes) -> VideoCodecContext:
    """A decoder with the parameter sets and nothing else."""
    context = CodecContext.create("h264", "r")
    if not isinstance(context, VideoCodecContext):
        raise ValueError("no decoder of pictures")  # noqa: TRY004 (as for all that can't be copied)
    context.extradata = extradata
    context.thread_count = 1
    return context


def _enters(data: bytes, sets: ParameterSets) -> bool:
    """Whether decoding may begin with a picture as if nothing had been before it (an IDR).

    Raises:
        ValueError: when it brings other parameter sets, or is cut short.
    """
    idr = False
    for nal in _nals(data):
        kind = nal[0] & 0x1F
        if kind in _PARAMETERS and nal not in (*sets.sequence, *sets.picture):
            raise ValueError("parameter sets change on the way")
        if kind == _SEI and not _plain(nal):
            raise ValueError("its pictures carry word of how to be shown: HDR, stereo, captions")
        idr = idr or kind == _IDR
    return idr


def _plain(nal: bytes) -> bool:
    """Whether a unit of supplemental information holds none that players act on."""
    data = nal[1:].replace(b"\0\0\3", b"\0\0")
    at = 0
    while at + 1 < len(data) and data[at:] != b"\x80":
        kind, at = _long(data, at)
        size, at = _long(data, at)
        if kind not in _PLAIN_SEI:
            return False
        at += size
    return True


def _long(data: bytes, at: int) -> tuple[int, int]:
    """A number as such units write it, and the place behind it: 255s and a rest."""
    value = 0
    while at < len(data) and data[at] == 255:
        value, at = value + 255, at + 1
    return value + (data[at] if at < len(data) else 0), at + 1


def _nals(data: bytes) -> Iterator[bytes]:
    """The units of a coded picture; of slices, which are long, only the first bytes."""
    at = 0
    while at + 4 < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if length == 0 or at + 4 + length > len(data):
            raise ValueError("a picture is cut short")
        kind = data[at + 4] & 0x1F
        end = at + 5 if kind in _SLICES else at + 4 + length
        yield data[at + 4 : end]
        at += 4 + length
