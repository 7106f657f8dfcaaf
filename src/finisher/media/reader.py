"""Reading pictures of a take by ordinal: found by their time of display, never by seeking alone."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import av.error
from av.container import InputContainer
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from finisher.facts import FrameIndex
from finisher.geometry import Raster
from finisher.media.index import PictureShape, open_media, picture_stream
from finisher.problems import MediaError, Problem, Where

_LEAPING = ("h264", "hevc")
"""Decoders that pass over single pictures; threads that share a stream would learn of it late."""
_BACKWARD_BLOCK = 16
"""Pictures held at once when a take runs backwards; bounds memory, costs a re-decode a block."""


class PictureReader:
    """Hands out a take's pictures in any order, exactly, decoding forwards from key frames."""

    def __init__(self, path: Path, index: FrameIndex, threads: int = 1) -> None:
        """Open the take; `threads` decode at once."""
        self._path = path
        self._index = index
        self._ordinals = {pts: i for i, pts in enumerate(index.pts)}
        self._container, self._stream = _opened(path, threads)
        self._leaps = threads == 1 and self._stream.codec_context.name in _LEAPING
        self._until = 0
        self._frames: Iterator[tuple[int, VideoFrame]] | None = None
        self._last: tuple[int, VideoFrame] | None = None

    def __enter__(self) -> Self:
        """Use as a context manager to close the file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the file."""
        self._container.close()

    def pictures(self, ordinals: Sequence[int]) -> Iterator[VideoFrame]:
        """The pictures of these ordinals, in this order, repeats included.

        Raises:
            MediaError: when a picture the index knows can't be decoded.
        """
        at = 0
        while at < len(ordinals):
            if at + 1 < len(ordinals) and ordinals[at + 1] < ordinals[at]:
                end = self._backward_end(ordinals, at)
                block = ordinals[at:end]
                held = {o: frame for o in sorted(set(block)) for frame in [self._picture(o)]}
                yield from (held[o] for o in block)
                at = end
            else:
                yield self._picture(ordinals[at])
                at += 1

    @staticmethod
    def _backward_end(ordinals: Sequence[int], at: int) -> int:
        """Where the backward run from `at` ends, or has filled a block."""
        end = at + 1
        while (
            end < len(ordinals)
            and ordinals[end] <= ordinals[end - 1]
            and end - at < _BACKWARD_BLOCK
        ):
            end += 1
        return end

    def _picture(self, ordinal: int) -> VideoFrame:
        """One picture: the last one again, the next ones forward, or from a key frame."""
        if self._last is not None and self._last[0] == ordinal:
            return self._last[1]
        keys = self._index.keys
        key = bisect_right(keys, ordinal) - 1
        if self._last is None or self._last[0] > ordinal or self._last[0] < keys[max(key, 0)] - 1:
            return self._from_key(max(key, 0), ordinal)
        found = self._forward(ordinal)
        return found if found is not None else self._from_key(max(key, 0), ordinal)

    def _from_key(self, key: int, ordinal: int) -> VideoFrame:
        """Decode from a key frame; from ever earlier ones where that one led past the picture."""
        while key >= 0:
            self._seek(self._index.pts[self._index.keys[key]])
            found = self._forward(ordinal)
            if found is not None:
                return found
            key -= 1
        # Some containers (MPEG-TS) find no key pictures by time: what is left is the beginning.
        self._rewind()
        found = self._forward(ordinal)
        if found is not None:
            return found
        raise MediaError(
            Problem("picture-lost", f"picture {ordinal} can't be decoded", Where(str(self._path)))
        )

    def _seek(self, pts: int) -> None:
        """Stand before the key frame shown at `pts`."""
        self._container.seek(pts, stream=self._stream, backward=True, any_frame=False)
        self._stream.codec_context.flush_buffers()
        self._frames = self._decoded()

    def _rewind(self) -> None:
        """Open the file anew."""
        threads = self._stream.codec_context.thread_count
        self._container.close()
        self._container, self._stream = _opened(self._path, threads)
        self._frames = self._decoded()

    def _decoded(self) -> Iterator[tuple[int, VideoFrame]]:
        """Frames from here on with their ordinals; frames the index does not show are passed."""
        for packet in self._container.demux(self._stream):
            if self._leaps:
                # What no other picture is made from, and nobody asked for, is not decoded.
                unwanted = packet.pts is not None and packet.pts < self._until
                self._stream.codec_context.skip_frame = "NONREF" if unwanted else "DEFAULT"
            for frame in packet.decode():
                if frame.pts in self._ordinals:
                    yield self._ordinals[frame.pts], frame

    def _forward(self, ordinal: int) -> VideoFrame | None:
        """Decode on to a picture; None when it does not come."""
        if self._frames is None:
            return None
        self._until = self._index.pts[ordinal]
        try:
            for at, frame in self._frames:
                self._last = (at, frame)
                if at == ordinal:
                    return frame
                if at > ordinal:
                    return None
        except av.error.FFmpegError:
            # A damaged stretch: an earlier key frame may still lead to the picture.
            return None
        return None


def check_whole(picture: VideoFrame, shape: PictureShape, path: Path) -> None:
    """Refuse a picture that a decoder patched up, or of another size or format than the first.

    Raises:
        MediaError: when it is. Decoders that share a picture among threads tell of no patches.
    """
    if picture.is_corrupt:
        at = float((picture.time or 0) - shape.index.pts[0] * shape.index.time_base)
        message = f"the picture {at:.2f} s into it is damaged; the decoder filled in what is lost"
        raise MediaError(Problem("media-damaged", message, Where(str(path))))
    size = Raster(picture.width, picture.height)
    if (size, picture.format.name) != (shape.raster, shape.pixel_format):
        message = (
            f"its pictures change from {shape.raster} {shape.pixel_format} to {size} "
            f"{picture.format.name} on the way"
        )
        hint = "cut it into one file for each size"
        raise MediaError(Problem("picture-changed", message, Where(str(path)), hint))


def _opened(path: Path, threads: int) -> tuple[InputContainer, VideoStream]:
    """A take's container and its picture stream, ready to decode."""
    container = open_media(path)
    stream = picture_stream(container, path)
    stream.codec_context.thread_count = threads
    stream.codec_context.thread_type = "AUTO"
    return container, stream
