"""Coded pictures carried over as they are, and the proof that they were."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
from av.packet import Packet
from av.video.stream import VideoStream

from finisher.facts import FrameIndex
from finisher.media.index import open_media, picture_stream
from finisher.problems import MediaError, Problem, RenderError, Where
from finisher.timecode import Rate


def copy(source: Path, index: FrameIndex, ordinals: range, rate: Rate, destination: Path) -> int:
    """Carry a stretch of pictures over into a file of its own; how many there were.

    The stretch begins with a picture that depends on none before it, and holds all that its own
    depend on: the first ones of a group of pictures, or whole groups.

    Raises:
        RenderError: when the pictures do not lie in one piece, or can't be written.
        MediaError: when the source can't be read.
    """
    with open_media(source) as container, av.open(f"file:{destination}", "w", format="mov") as out:
        stream = picture_stream(container, source)
        copied = out.add_stream_from_template(stream)
        copied.time_base = 1 / rate.fraction
        coded = list(_coded(container, stream, index, ordinals, source))
        delay = max(i - (ordinal - ordinals.start) for i, (_, ordinal) in enumerate(coded))
        try:
            for i, (packet, ordinal) in enumerate(coded):
                packet.pts, packet.dts = ordinal - ordinals.start, i - delay
                packet.duration, packet.time_base = 1, 1 / rate.fraction
                packet.stream = copied
                out.mux_one(packet)
        except OSError:
            raise  # a full disk is the store's to tell
        except av.error.FFmpegError as error:
            raise RenderError(
                Problem("copy-failed", f"pictures can't be carried over: {error.strerror}")
            ) from error
    return len(coded)


def digest_of(source: Path, index: FrameIndex, ordinals: range) -> str:
    """SHA-256 of the coded pictures of a stretch, in their coded order.

    Raises:
        RenderError, MediaError: as `copy`.
    """
    found = hashlib.sha256()
    with open_media(source) as container:
        stream = picture_stream(container, source)
        for packet, _ in _coded(container, stream, index, ordinals, source):
            found.update(bytes(packet))
    return found.hexdigest()


def _coded(
    container: av.container.InputContainer,
    stream: VideoStream,
    index: FrameIndex,
    ordinals: range,
    path: Path,
) -> Iterator[tuple[Packet[VideoStream], int]]:
    """The coded pictures of a stretch, in their coded order, with their ordinals."""
    wanted = {index.pts[o]: o for o in ordinals}
    key = index.keys[max(0, bisect_right(index.keys, ordinals.start) - 1)]
    try:
        container.seek(index.pts[key], stream=stream, backward=True, any_frame=False)
        begun = False
        for packet in container.demux(stream):
            if not wanted:
                return
            found = wanted.pop(packet.pts or 0, None) if packet.size else None
            if found is None:
                if begun:
                    break
                continue
            begun = True
            yield packet, found
    except av.error.FFmpegError as error:
        raise MediaError(
            Problem("media-damaged", f"can't be read: {error.strerror}", Where(str(path)))
        ) from error
    if wanted:
        message = f"pictures {ordinals.start} to {ordinals.stop - 1} do not lie in one piece"
        raise RenderError(Problem("copy-failed", message, Where(str(path))))
