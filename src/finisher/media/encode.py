"""Encoding one unit of the programme: closed GOPs, exact frame times, tags on stream and frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import av.error
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from finisher.geometry import Raster
from finisher.media.blend import tag
from finisher.presets.model import Video, VideoCodec
from finisher.problems import MachineError, Problem, RenderError
from finisher.timecode import Rate

_ENCODERS = {
    VideoCodec.H264: "libx264",
    VideoCodec.PRORES: "prores_ks",
    VideoCodec.DNXHR: "dnxhd",
    VideoCodec.VP9: "libvpx-vp9",
}
# What keeps a codec's packets and their exact times on the way to the deliverable.
_KEPT_IN = {VideoCodec.VP9: "mp4"}
# libvpx's cpu-used, of which 0 to 5 are for encoding ahead of time.
_VP9_SPEEDS = {"faster": 4, "fast": 3, "medium": 2, "slow": 1, "slower": 0, "veryslow": 0}
_VP9_FASTEST = 5
_PRORES_PROFILES = {"proxy": "0", "lt": "1", "standard": "2", "hq": "3", "4444": "4"}


def encode(
    pictures: Iterable[VideoFrame],
    video: Video,
    raster: Raster,
    rate: Rate,
    destination: Path,
    *,
    parameter_set: int = 0,
) -> int:
    """Encode finished pictures as frames 0, 1, 2… and return how many there were.

    H.264's parameter sets go by the number given.

    Raises:
        RenderError: when the encoder fails.
        MachineError: when there is no such encoder.
    """
    with Encoder(destination, video, raster, rate, parameter_set) as encoder:
        for picture in pictures:
            encoder.add(picture)
    return encoder.count


class Encoder:
    """A file under way: pictures are added one by one, and those held back come on leaving."""

    def __init__(
        self, destination: Path, video: Video, raster: Raster, rate: Rate, parameter_set: int = 0
    ) -> None:
        """Open the file.

        Raises:
            MachineError: when there is no such encoder.
        """
        self.count = 0
        """Pictures added."""
        self._codec, self._step = video.codec, 1 / rate.fraction
        kept_in = _KEPT_IN.get(video.codec, "mov")
        self._container = av.open(f"file:{destination}", mode="w", format=kept_in)
        try:
            self._stream = _stream(self._container, video, raster, rate, parameter_set)
        except BaseException:
            self._container.close()
            raise
        # One thread: the other units have the other cores.
        self._stream.codec_context.thread_count = 1

    def __enter__(self) -> Self:
        """Use as a context manager to end the file."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Write what the encoder still holds, unless something went wrong, and close the file."""
        with self._container:
            if kind is None:
                self._encode(None)

    def add(self, picture: VideoFrame) -> None:
        """The next picture.

        Raises:
            RenderError: when the encoder fails.
        """
        picture.pts = self.count
        picture.time_base = self._step
        # A decoder's picture type would force the encoder's hand.
        picture.pict_type = PictureType.NONE
        tag(picture)
        self._encode(picture)
        self.count += 1

    def _encode(self, picture: VideoFrame | None) -> None:
        try:
            self._container.mux(self._stream.encode(picture))
        except OSError:
            raise  # a full disk is the store's to tell
        except av.error.FFmpegError as error:
            raise RenderError(
                Problem("encode-failed", f"the {self._codec} encoder failed: {error.strerror}")
            ) from error


def _stream(
    container: av.container.OutputContainer,
    video: Video,
    raster: Raster,
    rate: Rate,
    parameter_set: int,
) -> VideoStream:
    """The output stream, with every property that must be the same in all units."""
    name = _ENCODERS[video.codec]
    try:
        stream = container.add_stream(
            name, rate=rate.fraction, options=_options(video, rate, parameter_set)
        )
    except (ValueError, av.error.FFmpegError) as error:
        raise MachineError(
            Problem("encoder-missing", f"this build of FFmpeg has no encoder {name}")
        ) from error
    if not isinstance(stream, VideoStream):
        raise MachineError(Problem("encoder-missing", f"{name} encodes no pictures"))
    stream.width, stream.height = raster.width, raster.height
    stream.pix_fmt = video.pixel_format
    stream.time_base = 1 / rate.fraction
    context = stream.codec_context
    context.time_base = 1 / rate.fraction
    context.sample_aspect_ratio = Fraction(1)
    context.color_range, context.colorspace = 1, 1
    context.color_primaries, context.color_trc = 1, 1
    return stream


def _options(video: Video, rate: Rate, parameter_set: int) -> dict[str, str]:
    """Encoder options by FFmpeg's names."""
    if video.codec is VideoCodec.PRORES:
        return {"profile": _PRORES_PROFILES[video.profile], "vendor": "apl0"}
    if video.codec is VideoCodec.DNXHR:
        # The size of every picture is the profile's: a stream of DNxHR is nothing but pictures.
        return {"profile": f"dnxhr_{video.profile}"}
    gop = max(1, math.floor(Fraction(video.gop_seconds) * rate.fraction))
    if video.codec is VideoCodec.VP9:
        return _vp9_options(video, gop)
    options = {
        "preset": video.speed,
        "profile": video.profile,
        "g": str(gop),
        "bf": str(video.b_frames),
        "flags": "+cgop",
        # Units are joined without re-encoding: their headers must not depend on their content.
        "x264-params": "open-gop=0:stitchable=1:force-cfr=1",
    }
    if parameter_set:
        options["x264-params"] += f":sps-id={parameter_set}"
    if video.profile == "high":
        # The fastest efforts leave out what makes a stream High, and would be marked Main.
        options["x264-params"] += ":8x8dct=1"
    if video.crf is not None:
        options["crf"] = str(video.crf)
    if video.max_rate is not None:
        options["maxrate"] = str(video.max_rate)
        options["bufsize"] = str(video.buffer or 2 * video.max_rate)
    return options


def _vp9_options(video: Video, gop: int) -> dict[str, str]:
    """Constant quality in closed groups, every packet a picture that is shown.

    Without pictures that are only referred to, units can be counted and joined by their packets.
    """
    return {
        "crf": str(video.crf),
        "b": "0",
        "deadline": "good",
        "cpu-used": str(_VP9_SPEEDS.get(video.speed, _VP9_FASTEST)),
        "g": str(gop),
        "auto-alt-ref": "0",
    }
