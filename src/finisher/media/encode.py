"""Encoding one unit of the programme: closed GOPs, exact frame times, tags on stream and frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import av.error
from av.video.frame import PictureType, VideoFrame
from av.video.stream import VideoStream

from finisher.geometry import Raster
from finisher.media.blend import tag
from finisher.presets.model import Video, VideoCodec
from finisher.problems import MachineError, Problem, RenderError
from finisher.timecode import Rate

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
    count = 0
    with av.open(f"file:{destination}", mode="w", format="mov") as container:
        stream = _stream(container, video, raster, rate, parameter_set)
        # One thread: the other units have the other cores.
        stream.codec_context.thread_count = 1
        try:
            for picture in pictures:
                picture.pts = count
                picture.time_base = 1 / rate.fraction
                # A decoder's picture type would force the encoder's hand.
                picture.pict_type = PictureType.NONE
                tag(picture)
                container.mux(stream.encode(picture))
                count += 1
            container.mux(stream.encode(None))
        except OSError:
            raise  # a full disk is the store's to tell
        except av.error.FFmpegError as error:
            raise RenderError(
                Problem("encode-failed", f"the {video.codec} encoder failed: {error.strerror}")
            ) from error
    return count


def _stream(
    container: av.container.OutputContainer,
    video: Video,
    raster: Raster,
    rate: Rate,
    parameter_set: int,
) -> VideoStream:
    """The output stream, with every property that must be the same in all units."""
    name = {VideoCodec.H264: "libx264", VideoCodec.PRORES: "prores_ks"}[video.codec]
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
    gop = max(1, math.floor(Fraction(video.gop_seconds) * rate.fraction))
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
