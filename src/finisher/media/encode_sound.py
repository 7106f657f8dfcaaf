"""Encode the programme's sound once, as one continuous stream of packets, and hear it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from finisher.media.index import open_media
from finisher.presets.model import Audio, AudioCodec
from finisher.problems import MediaError, Problem, RenderError, Where
from finisher.timecode import SAMPLE_RATE

AAC_PRIMING = 1_024
"""Samples the AAC encoder puts before the first one it was given."""

_FRAME = 1_024
_FORMATS = {AudioCodec.AAC: "fltp", AudioCodec.PCM_S24: "s32"}
# Temporal noise shaping and noise substitution rebuild a waveform that sounds alike but peaks
# elsewhere; without them the decoded peak stays near the one the limiter left.
_AAC_OPTIONS = {"aac_tns": "0", "aac_pns": "0"}


def priming(codec: AudioCodec) -> int:
    """How many samples a decoder puts out before the first one the encoder was given."""
    return AAC_PRIMING if codec is AudioCodec.AAC else 0


def encode(
    blocks: Iterable[NDArray[np.float32]], spec: Audio, destination: Path, skip: int = 0
) -> int:
    """Encode a stream of (n, 2) float blocks at 48 kHz into a NUT file of nothing but packets.

    Packet times count from 0 with the priming included, in units of 1/48000 s, and the codec's
    extradata is kept: copied as they are into a file without an edit list, the packets put sound
    in place when `skip` equals the priming. PCM is rounded to 24 bit and clipped at full scale.

    Args:
        blocks: the programme from its first sample.
        spec: codec and bit rate.
        destination: the file to write, replaced if it exists.
        skip: samples of the programme left out before the encoder is fed.

    Returns:
        How many samples of the programme went by, the skipped ones included.

    Raises:
        RenderError: if the encoder refuses.
    """
    try:
        with av.open(f"file:{destination}", "w", format="nut") as container:
            stream = _open_stream(container, spec)
            total = fed = 0
            for chunk in _chunks(blocks, skip):
                total = chunk[0]
                for packet in stream.encode(_frame(chunk[1], spec.codec, fed)):
                    container.mux(packet)
                fed += len(chunk[1])
            for packet in stream.encode(None):
                container.mux(packet)
    except av.FFmpegError as error:
        raise RenderError(
            Problem("sound-encoder", f"the {spec.codec} encoder failed: {error}")
        ) from error
    return total


def decode_packets(path: Path, skip: int) -> Iterator[NDArray[np.float32]]:
    """What a player puts out for an encoded programme, as (n, 2) float blocks.

    The stream is aligned to the programme's first sample. With `skip` equal to the priming that
    is the decoder's whole output, as played by one that knows no edit lists: what fills the
    skipped stretch is the encoder's priming. With 0 the priming is dropped, as an edit list says.

    Raises:
        MediaError: if the file can't be read back.
    """
    try:
        with open_media(path) as container:
            stream = container.streams.audio[0]
            drop = priming(AudioCodec(stream.codec_context.name)) - skip
            for frame in container.decode(stream):
                block = _floats(frame)
                if drop > 0:
                    block, drop = block[drop:], drop - len(block)
                if len(block):
                    yield block
    except av.FFmpegError as error:
        raise MediaError(
            Problem("sound-unreadable", f"does not decode: {error}", Where(str(path)))
        ) from error


def _open_stream(container: av.container.OutputContainer, spec: Audio) -> AudioStream:
    """The one stream of the file."""
    options = dict(_AAC_OPTIONS) if spec.codec is AudioCodec.AAC else {}
    # Both codecs are sound codecs, which the general signature can't know.
    stream = cast(
        "AudioStream", container.add_stream(str(spec.codec), rate=SAMPLE_RATE, options=options)
    )
    context = stream.codec_context
    context.layout = "stereo"
    context.format = _FORMATS[spec.codec]
    if spec.bit_rate is not None and spec.codec is AudioCodec.AAC:
        context.bit_rate = spec.bit_rate
    return stream


def _chunks(
    blocks: Iterable[NDArray[np.float32]], skip: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Cut a stream into frames of the encoder's size, with the samples gone by at their end."""
    rest = np.empty((0, 2), np.float32)
    gone = 0
    for block in blocks:
        start = min(len(block), max(0, skip - gone))
        gone += len(block)
        rest = np.concatenate((rest, block[start:]))
        whole = len(rest) // _FRAME * _FRAME
        for at in range(0, whole, _FRAME):
            yield gone, rest[at : at + _FRAME]
        rest = rest[whole:]
    if len(rest):
        yield gone, rest
    elif gone <= skip:
        # A track of no packets is no track: what is shorter than the skip sounds as silence.
        yield gone, np.zeros((_FRAME, 2), np.float32)


def _frame(block: NDArray[np.float32], codec: AudioCodec, pts: int) -> AudioFrame:
    """A block as the encoder takes it."""
    samples = np.ascontiguousarray(block.T) if codec is AudioCodec.AAC else _pcm24(block)
    frame = AudioFrame.from_ndarray(samples, format=_FORMATS[codec], layout="stereo")
    frame.sample_rate = SAMPLE_RATE
    frame.time_base = Fraction(1, SAMPLE_RATE)
    frame.pts = pts
    return frame


def _pcm24(block: NDArray[np.float32]) -> NDArray[np.int32]:
    """A block as interleaved 24-bit steps in the upper bits of 32, clipped at full scale."""
    full = 1 << 23
    steps = np.clip(np.rint(block * np.float64(full)), -full, full - 1)
    return (steps.astype(np.int32) << np.int32(8)).reshape(1, -1)


def _floats(frame: AudioFrame) -> NDArray[np.float32]:
    """A decoded stereo frame as (n, 2) floats."""
    samples = frame.to_ndarray()
    if frame.format.is_planar:
        return np.ascontiguousarray(samples.T, dtype=np.float32)
    return (samples.reshape(-1, 2) / np.float64(1 << 31)).astype(np.float32)
