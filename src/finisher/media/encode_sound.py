"""Encode the programme's sound once, as one continuous stream of packets, and hear it back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.media.index import open_media
from finisher.presets.model import Audio, AudioCodec
from finisher.problems import MediaError, Problem, RenderError, Where
from finisher.timecode import SAMPLE_RATE

AAC_PRIMING = 1_024
"""Samples the AAC encoder puts before the first one it was given."""

OPUS_PRE_SKIP = 312
"""Samples the Opus encoder puts before the first one it was given; its decoder drops them."""


@dataclass(frozen=True, slots=True)
class _Coding:
    """How a codec is called and what it takes."""

    encoder: str
    container: str
    """What its packets are kept in."""
    sample_format: str
    frame: int
    """Samples a frame."""
    layouts: Mapping[Layout, str]
    """Names of the layouts; their channels go in the order of `Layout.channels` all the same."""
    bit_rates: Mapping[Layout, int]
    """Where none is asked for; empty for a codec whose rate is what it is."""
    options: Mapping[str, str]


# The encoders know 5.1 only with its surrounds at the back: another name for the same order.
_AT_THE_BACK = {Layout.STEREO: "stereo", Layout.SURROUND: "5.1"}
_AT_THE_SIDE = {Layout.STEREO: "stereo", Layout.SURROUND: "5.1(side)"}
# Temporal noise shaping and noise substitution rebuild a waveform that sounds alike but peaks
# elsewhere; without them the decoded peak stays near the one the limiter left.
_AAC_OPTIONS = {"aac_tns": "0", "aac_pns": "0"}
_AAC_RATES = {Layout.STEREO: 192_000, Layout.SURROUND: 448_000}
_OPUS_RATES = {Layout.STEREO: 160_000, Layout.SURROUND: 384_000}
_CODINGS = {
    AudioCodec.AAC: _Coding("aac", "nut", "fltp", 1_024, _AT_THE_BACK, _AAC_RATES, _AAC_OPTIONS),
    # Ogg keeps what NUT forgets: the pre-skip, and where the last packet's sound ends.
    AudioCodec.OPUS: _Coding("libopus", "ogg", "flt", 960, _AT_THE_BACK, _OPUS_RATES, {}),
    AudioCodec.PCM_S24: _Coding("pcm_s24le", "nut", "s32", 1_024, _AT_THE_SIDE, {}, {}),
}


def priming(codec: AudioCodec) -> int:
    """How many samples a decoder puts out before the first one the encoder was given."""
    return AAC_PRIMING if codec is AudioCodec.AAC else 0


def encode(
    blocks: Iterable[NDArray[np.float32]], spec: Audio, destination: Path, skip: int = 0
) -> int:
    """Encode a stream of (n, channels) float blocks at 48 kHz into a file of nothing but packets.

    Packet times are in units of 1/48000 s and the codec's extradata is kept. AAC's count from 0
    with the priming included: copied as they are into a file without an edit list, the packets put
    sound in place when `skip` equals the priming. Opus begins at minus its pre-skip, which every
    container of it states. PCM is rounded to 24 bit and clipped at full scale.

    Args:
        blocks: the programme from its first sample, in the layout's order of channels.
        spec: codec, bit rate and layout.
        destination: the file to write, replaced if it exists.
        skip: samples of the programme left out before the encoder is fed.

    Returns:
        How many samples of the programme went by, the skipped ones included.

    Raises:
        RenderError: if the encoder refuses.
    """
    coding = _CODINGS[spec.codec]
    try:
        with av.open(
            f"file:{destination}",
            "w",
            format=coding.container,
            # Else an Ogg stream is given a serial number by chance.
            options={"fflags": "+bitexact"},
        ) as container:
            stream = _open_stream(container, spec)
            total = fed = 0
            channels = len(spec.layout.channels)
            for gone, chunk in _chunks(blocks, skip, coding.frame, channels):
                total = gone
                for packet in stream.encode(_frame(chunk, coding, spec.layout, fed)):
                    container.mux(packet)
                fed += len(chunk)
            for packet in stream.encode(None):
                container.mux(packet)
    except av.FFmpegError as error:
        raise RenderError(
            Problem("sound-encoder", f"the {spec.codec} encoder failed: {error}")
        ) from error
    return total


def decode_packets(path: Path, skip: int) -> Iterator[NDArray[np.float32]]:
    """What a player puts out for an encoded programme, as (n, channels) float blocks.

    The stream is aligned to the programme's first sample. With `skip` equal to the priming that
    is the decoder's whole output, as played by one that knows no edit lists: what fills the
    skipped stretch is the encoder's priming. With 0 the priming is dropped, as an edit list says.
    Channels go in the order of `Layout.channels`.

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
    coding = _CODINGS[spec.codec]
    # All are sound codecs, which the general signature can't know.
    stream = cast(
        "AudioStream",
        container.add_stream(coding.encoder, rate=SAMPLE_RATE, options=dict(coding.options)),
    )
    context = stream.codec_context
    context.layout = coding.layouts[spec.layout]
    context.format = coding.sample_format
    if coding.bit_rates:
        context.bit_rate = spec.bit_rate or coding.bit_rates[spec.layout]
    return stream


def _chunks(
    blocks: Iterable[NDArray[np.float32]], skip: int, frame: int, channels: int
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Cut a stream into frames of the encoder's size, with the samples gone by at their end."""
    rest = np.empty((0, channels), np.float32)
    gone = 0
    for block in blocks:
        start = min(len(block), max(0, skip - gone))
        gone += len(block)
        rest = np.concatenate((rest, block[start:]))
        whole = len(rest) // frame * frame
        for at in range(0, whole, frame):
            yield gone, rest[at : at + frame]
        rest = rest[whole:]
    if len(rest):
        yield gone, rest
    elif gone <= skip:
        # A track of no packets is no track: what is shorter than the skip sounds as silence.
        yield gone, np.zeros((frame, channels), np.float32)


def _frame(block: NDArray[np.float32], coding: _Coding, layout: Layout, pts: int) -> AudioFrame:
    """A block as the encoder takes it."""
    if coding.sample_format == "fltp":
        samples: NDArray[np.float32] | NDArray[np.int32] = np.ascontiguousarray(block.T)
    elif coding.sample_format == "flt":
        samples = np.ascontiguousarray(block).reshape(1, -1)
    else:
        samples = _pcm24(block)
    name = coding.layouts[layout]
    frame = AudioFrame.from_ndarray(samples, format=coding.sample_format, layout=name)
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
    """A decoded frame as (n, channels) floats."""
    samples = frame.to_ndarray()
    if frame.format.is_planar:
        return np.ascontiguousarray(samples.T, dtype=np.float32)
    channels = len(frame.layout.channels)
    return (samples.reshape(-1, channels) / np.float64(1 << 31)).astype(np.float32)
