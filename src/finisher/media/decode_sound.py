"""Conform a file's sound: stereo or 5.1 floats at 48 kHz, in place against its picture."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO, cast

import av
import numpy as np
import soxr
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.media.downmix import channels_of, layout_of, placed
from finisher.media.flac_head import first_sample
from finisher.media.index import open_media
from finisher.media.wave_head import stated_samples
from finisher.problems import MediaError, Problem, Where
from finisher.timecode import SAMPLE_RATE

# Containers round times (Matroska to 1 ms); what differs by less is no hole but rounding.
_JITTER = Fraction(1, 100)
# A declared length is often rounded up to a codec frame; 50 ms is more than that.
_LENGTH_SLACK = 2_400
_CODEC_FRAME = 2_048
# A broken timestamp must not fill the disk with silence.
_LONGEST_HOLE = 3_600
_BLOCK = 65_536
_RATES = range(1_000, 1_000_001)
"""Sampling rates that sound has; a broken head states others, and resampling fails at them."""
_ESTIMATING = {"aac", "ac3", "eac3", "mpegts", "mpeg"}
"""Formats that state no length: what the reader tells of theirs is a guess by the bit rate."""
_CHECKED = {"flac", "wavpack"}
"""Codecs that sum each frame up and go by it only when told to: else what is broken is noise."""
_FLOAT = 4
"""Bytes of a value."""


@dataclass(frozen=True, slots=True)
class SoundShape:
    """What a conformed sound was, and how well it read."""

    channels: int
    source_rate: int
    samples: int
    """Length at 48 kHz, from the picture's first frame."""
    non_finite: int
    """Values that were no numbers (NaN, infinite) and are silent now."""
    decode_errors: int
    """Packets that did not decode."""
    missing: int = 0
    """Samples at 48 kHz that the file declares and does not hold."""
    layout: Layout = Layout.STEREO
    """What the conformed file holds."""
    late: int = 0
    """Silent samples at 48 kHz before its own first; 0 for less than a codec's frame."""


@dataclass(slots=True)
class _Tally:
    """Counts kept while decoding."""

    file: str
    channels: int = 0
    rate: int = 0
    non_finite: int = 0
    errors: int = 0
    layout: Layout = Layout.STEREO
    late: int = 0
    """Samples at the source's rate before the first that the file holds."""
    due: int | None = None
    """The sample at which a bare FLAC is to go on, None where that is not known."""

    @property
    def width(self) -> int:
        """Channels of the conformed sound."""
        return len(self.layout.channels)


def conform(path: Path, origin: Fraction | None, destination: Path) -> SoundShape | None:
    """Decode a file's default sound stream to raw interleaved float32 at 48 kHz.

    Sample 0 of the result is the instant `origin`: what lies before it is left out, and silence
    fills what the timestamps leave open, at the start as in between. One channel or two become
    stereo, in which mono keeps its level on both sides; more become 5.1 by the gains of
    `finisher.media.downmix`. Values above full scale stay.
    The file is streamed: memory does not grow with its length.

    Args:
        path: the media file.
        origin: seconds on the file's own clock at which its first picture appears; None for a
            sound file, which starts where its sound does.
        destination: the raw file to write, replaced if it exists.

    Returns:
        What was found, or None if the file has no sound stream (then nothing is written).

    Raises:
        MediaError: if the file can't be opened, or has a sound stream of which nothing decodes.
    """
    try:
        with open_media(path) as container:
            stream = container.streams.best("audio")
            if not isinstance(stream, AudioStream):
                _require_none(container)
                return None
            return _conform(container, stream, origin, destination)
    except av.FFmpegError as error:
        problem = Problem("sound-unreadable", f"can't be read: {error}", Where(str(path)))
        raise MediaError(problem) from error
    except MediaError as error:
        hint = _looks_like(path)
        if hint is None:
            raise
        raise MediaError(replace(problem, hint=hint) for problem in error.problems) from error


def _conform(
    container: av.container.InputContainer,
    stream: AudioStream,
    origin: Fraction | None,
    destination: Path,
) -> SoundShape:
    """Stream one sound through placing, resampling and writing."""
    tally = _Tally(container.name.removeprefix("file:"))
    frames = _decoded(container, stream, tally)
    declared = _declared(container, stream, origin)
    try:
        with destination.open("wb") as out:
            samples = _write_resampled(_placed(frames, origin, tally), tally, out)
        _require_some(tally)
        samples = _without_padding(stream, declared, samples, destination, tally.width)
    except BaseException:
        destination.unlink(missing_ok=True)
        raise
    lack = 0 if declared is None else declared - samples
    return SoundShape(
        channels=tally.channels or stream.codec_context.channels,
        source_rate=tally.rate or stream.codec_context.sample_rate,
        samples=samples,
        non_finite=tally.non_finite,
        decode_errors=tally.errors,
        missing=lack if lack > _LENGTH_SLACK else 0,
        layout=tally.layout,
        late=_late(tally),
    )


def _late(tally: _Tally) -> int:
    """How late the sound begins, in samples at 48 kHz: as far as it is no codec's priming."""
    late = round(Fraction(tally.late * SAMPLE_RATE, tally.rate)) if tally.late else 0
    return late if late >= _CODEC_FRAME else 0


def _require_none(container: av.container.InputContainer) -> None:
    """Raises MediaError if there is sound in there, of a kind that can't be decoded."""
    if container.streams.audio:
        name = container.name.removeprefix("file:")
        message = "it holds sound of a kind that can't be decoded"
        hint = "export it again as WAV, FLAC or AAC, or leave the sound out of the file"
        raise MediaError(Problem("sound-undecodable", message, Where(name), hint))


def _require_some(tally: _Tally) -> None:
    """Raises MediaError if there were packets and none of them decoded."""
    if tally.errors and not tally.rate:
        raise MediaError(
            Problem(
                "sound-undecodable",
                f"none of its sound decodes ({tally.errors} broken packets)",
                Where(tally.file),
                hint="generate or export the file again, or mute it",
            )
        )


def _decoded(
    container: av.container.InputContainer, stream: AudioStream, tally: _Tally
) -> Iterator[AudioFrame]:
    """Every frame that decodes, in order; broken packets are counted and passed over."""
    # A codec that is none has no context.
    if getattr(stream.codec_context, "name", None) in _CHECKED:
        stream.codec_context.options = {"err_detect": "crccheck+explode"}
    packets = container.demux(stream)
    # Of a WAVE file that only says that it ends before its head does, which is told as such.
    flags = "wav" not in _formats(container)
    while True:
        try:
            packet = next(packets)
        except StopIteration:
            return
        except av.FFmpegError:
            # The container ends in the middle of something: what came before is kept.
            tally.errors += 1
            return
        broken = packet.is_corrupt and flags
        tally.errors += broken
        try:
            frames = packet.decode()
        except av.FFmpegError:
            tally.errors += not broken
            tally.due = None
            continue
        if frames and "flac" in _formats(container):
            _retime(bytes(packet), frames, stream, tally)
        yield from frames


def _retime(data: bytes, frames: list[AudioFrame], stream: AudioStream, tally: _Tally) -> None:
    """Put the frames of a bare FLAC's packet where they belong; a hole before them is counted.

    Where frames are broken the reader gives several as one, at the time of its last or none. It
    decodes up to the first that is broken.
    """
    place = first_sample(data, stream.codec_context.extradata or b"")
    if place is None:
        return
    tally.errors += tally.due is not None and place > tally.due
    tally.due = place
    for frame in frames:
        frame.time_base = Fraction(1, frame.sample_rate)
        frame.pts = tally.due
        tally.due += frame.samples


def _placed(
    frames: Iterator[AudioFrame], origin: Fraction | None, tally: _Tally
) -> Iterator[NDArray[np.float32]]:
    """Blocks at the source's rate that follow each other without hole or overlap."""
    position = 0  # where the next block would go, in source samples from origin
    settled = False
    for frame in frames:
        block = _block(frame, tally)
        if frame.pts is not None and frame.time_base is not None:
            instant = frame.pts * frame.time_base
            origin = instant if origin is None else origin
            off = round((instant - origin) * tally.rate) - position
            if not settled or abs(off) > _JITTER * tally.rate:
                yield from _silence(off, tally)
                position += max(0, off)
                block = block[max(0, -off) :]
        if len(block):
            tally.late = tally.late if settled else position
            settled = True
            position += len(block)
            yield block


def _block(frame: AudioFrame, tally: _Tally) -> NDArray[np.float32]:
    """A frame as (n, channels) finite floats of the conformed layout; counts what was not."""
    names = [channel.name for channel in frame.layout.channels]
    if not tally.rate:
        tally.rate, tally.channels = frame.sample_rate, len(names)
        tally.layout = layout_of(len(names))
        if tally.rate not in _RATES:
            message = f"it claims {tally.rate} samples a second"
            raise MediaError(Problem("sound-rate", message, Where(tally.file)))
    elif frame.sample_rate != tally.rate:
        raise MediaError(
            Problem(
                "sound-rate-changes",
                f"its sound changes from {tally.rate} to {frame.sample_rate} samples a second",
                Where(tally.file),
                hint="export it again at one sampling rate",
            )
        )
    channels = channels_of(frame)
    finite = np.isfinite(channels)
    if not finite.all():
        tally.non_finite += int(finite.size - np.count_nonzero(finite))
        channels = np.where(finite, channels, np.float32(0))
    return placed(channels, names, tally.layout)


def _silence(samples: int, tally: _Tally) -> Iterator[NDArray[np.float32]]:
    """Silent blocks for a hole; nothing for zero or less."""
    if samples > _LONGEST_HOLE * tally.rate:
        raise MediaError(
            Problem(
                "sound-timestamps",
                f"its sound has a hole of {samples // tally.rate} seconds",
                Where(tally.file),
                hint="remux or export it again: its timestamps are broken",
            )
        )
    while samples > 0:
        yield np.zeros((min(samples, _BLOCK), tally.width), np.float32)
        samples -= _BLOCK


def _write_resampled(blocks: Iterator[NDArray[np.float32]], tally: _Tally, out: BinaryIO) -> int:
    """Write blocks at 48 kHz; returns the samples written, exactly the length times the ratio."""
    resampler: soxr.ResampleStream | None = None
    taken = written = 0
    for block in _gathered(blocks):
        if resampler is None and tally.rate != SAMPLE_RATE:
            resampler = soxr.ResampleStream(
                tally.rate, SAMPLE_RATE, tally.width, dtype="float32", quality="HQ"
            )
        taken += len(block)
        done = block if resampler is None else resampler.resample_chunk(block)
        out.write(np.ascontiguousarray(done, np.float32).data)
        written += len(done)
    if resampler is None:
        return written
    tail = resampler.resample_chunk(np.empty((0, tally.width), np.float32), last=True)
    exact = (2 * taken * SAMPLE_RATE + tally.rate) // (2 * tally.rate)
    fitted = np.zeros((max(0, exact - written), tally.width), np.float32)
    fitted[: len(tail)] = tail[: len(fitted)]
    out.write(fitted.data)
    out.truncate(exact * tally.width * _FLOAT)
    return exact


def _gathered(blocks: Iterator[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
    """Codec frames gathered into larger blocks, which resample and write faster."""
    held: list[NDArray[np.float32]] = []
    size = 0
    for block in blocks:
        held.append(block)
        size += len(block)
        if size >= _BLOCK:
            yield np.concatenate(held)
            held, size = [], 0
    if held:
        yield np.concatenate(held)


def _formats(container: av.container.InputContainer) -> set[str]:
    """The names a container's format goes by."""
    return set(container.format.name.split(","))


def _declared(
    container: av.container.InputContainer, stream: AudioStream, origin: Fraction | None
) -> int | None:
    """The length at 48 kHz that the file declares for its sound, counted from origin."""
    formats = _formats(container)
    if stream.duration is None or stream.time_base is None or formats & _ESTIMATING:
        return None
    end = stream.duration * stream.time_base
    # The reader tells no more than what is there; the head may have stated more.
    stated = (
        stated_samples(Path(container.name.removeprefix("file:"))) if "wav" in formats else None
    )
    if stated is not None:
        end = max(end, Fraction(stated, stream.codec_context.sample_rate))
    if origin is not None:
        end += (stream.start_time or 0) * stream.time_base - origin
    return max(0, round(end * SAMPLE_RATE))


def _without_padding(
    stream: AudioStream, declared: int | None, samples: int, destination: Path, width: int
) -> int:
    """Cut off what fills a codec's last frame; returns the samples left.

    MP4 and MOV tell a sound's exact end. Elsewhere lengths may be estimates, and nothing is cut.
    """
    exact = "mov" in _formats(cast("av.container.InputContainer", stream.container))
    if not exact or declared is None or not declared < samples <= declared + _CODEC_FRAME:
        return samples
    os.truncate(destination, declared * width * _FLOAT)
    return declared


def _looks_like(path: Path) -> str | None:
    """A hint for files that are something else, such as an error page saved as sound."""
    if not path.is_file():
        return None
    with path.open("rb") as file:
        head = file.read(64).lstrip()
    if head[:1] in {b"<", b"{"}:
        return f"it begins with {head[:20].decode('latin-1')!r}: a page or message, not media"
    if head[:4] == b"PK\3\4":
        return "it is a ZIP archive: unpack it"
    return None
