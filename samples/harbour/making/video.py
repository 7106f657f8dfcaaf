"""One take to a tagged H.264 file with its native sound."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import numpy.typing as npt
from av.audio.stream import AudioStream
from av.video.frame import PictureType
from av.video.stream import VideoStream

from making.shots import Take

RATE = 48_000
_BT709 = 1
_LIMITED = 1
_SETTINGS = {
    "profile": "high",
    "preset": "medium",
    "x264-params": "open-gop=0:keyint=48:min-keyint=24:scenecut=0:bframes=3:sar=1/1"
    ":colorprim=bt709:transfer=bt709:colormatrix=bt709:fullrange=off",
}
Planes = npt.NDArray[np.uint8]
Samples = npt.NDArray[np.float32]


def write(
    take: Take, pictures: Iterator[Planes], sound: Samples | None, target: Path, crf: float
) -> None:
    """Encode every picture in order; ``sound`` is (n, 2) at 48 kHz or None for no stream."""
    with av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as out:
        stream = _video_stream(out, take, crf)
        voice = _audio_stream(out) if sound is not None else None
        for index, planes in enumerate(pictures):
            out.mux(stream.encode(_frame(planes, index, take)))
        out.mux(stream.encode(None))
        if voice is not None and sound is not None:
            _write_sound(out, voice, sound)


def _video_stream(out: av.container.OutputContainer, take: Take, crf: float) -> VideoStream:
    stream = out.add_stream("libx264", rate=take.rate, options={**_SETTINGS, "crf": str(crf)})
    stream.width, stream.height, stream.pix_fmt = take.width, take.height, "yuv420p"
    context = stream.codec_context
    context.time_base = Fraction(1, take.rate)
    context.sample_aspect_ratio = Fraction(1, 1)
    context.color_primaries = context.color_trc = context.colorspace = _BT709
    context.color_range = _LIMITED
    context.thread_count = 1
    return stream


def _frame(planes: Planes, index: int, take: Take) -> av.VideoFrame:
    frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
    frame.pts, frame.time_base = index, Fraction(1, take.rate)
    frame.colorspace = frame.color_primaries = frame.color_trc = _BT709
    frame.color_range = _LIMITED
    frame.pict_type = PictureType.NONE
    return frame


def _audio_stream(out: av.container.OutputContainer) -> AudioStream:
    stream = out.add_stream("aac", rate=RATE, layout="stereo")
    stream.bit_rate = 112_000
    return stream


def _write_sound(out: av.container.OutputContainer, stream: AudioStream, sound: Samples) -> None:
    for start in range(0, len(sound), 1024):
        block = np.ascontiguousarray(sound[start : start + 1024].T)
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = RATE, start
        frame.time_base = Fraction(1, RATE)
        out.mux(stream.encode(frame))
    out.mux(stream.encode(None))
