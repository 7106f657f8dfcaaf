"""Prepare dialogue: silence off both ends, long recordings split at their pauses (pydub)."""

from __future__ import annotations

import warnings
import wave
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.ffmpeg import program
from finisher.media.decode_sound import SoundShape, conform
from finisher.problems import MachineError, MediaError, Problem, Where
from finisher.sound.mix import open_sound
from finisher.timecode import SAMPLE_RATE, Span

with warnings.catch_warnings():
    # pydub looks for programs it would decode with; it is only ever given what we decoded.
    warnings.simplefilter("ignore")
    from pydub import AudioSegment
    from pydub.exceptions import PydubException
    from pydub.silence import detect_leading_silence, detect_nonsilent

_SEEK = 10  # ms between two looks: 1 ms finds the same within the padding, at ten times the cost
_PER_MS = SAMPLE_RATE // 1000
_BLOCK = 1 << 18
_EVERY = 4
_LARGEST = (1 << 32) - 4_096
"""Bytes of samples a WAVE file can hold."""
_COPY_RATE = "96k"


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording, conformed to a raw file."""

    path: Path
    raw: Path
    shape: SoundShape

    @property
    def sound(self) -> NDArray[np.float32]:
        """Its samples at 48 kHz, one channel where it has one."""
        held = open_sound(self.raw, len(self.shape.layout.channels))
        return held[:, :1] if self.shape.channels == 1 else held


@dataclass(frozen=True, slots=True)
class Pauses:
    """What separates two lines."""

    shortest_ms: int = 700
    below_db: float = 16.0
    """How far below the recording's mean level silence begins."""
    padding_ms: int = 100
    """Silence kept on both sides of a line."""


def recorded(path: Path, raw: Path) -> Recording:
    """A recording's sound, conformed to the file `raw`.

    Raises:
        MediaError: if the file can't be read or has no sound.
    """
    shape = conform(path, None, raw)
    if shape is None:
        raise MediaError(Problem("sound-absent", "it has no sound", Where(str(path))))
    return Recording(path, raw, shape)


def lines(recording: Recording, pauses: Pauses) -> tuple[Span, ...]:
    """The lines of a recording in samples, in order; none if it is silent.

    Silence is what stays below the mean level by so much for so long. A line keeps some of the
    silence on both sides, where there is that much.
    """
    heard = _proxy(recording.sound)
    if heard.max == 0:
        return ()
    silent = heard.dBFS - pauses.below_db
    found = []
    for start, end in detect_nonsilent(heard, pauses.shortest_ms, silent, _SEEK):
        part = heard[start:end]
        # What is shorter than a pause splits nothing, but is silence at a line's ends all the same.
        lead = detect_leading_silence(part, silent, _SEEK)
        tail = detect_leading_silence(part.reverse(), silent, _SEEK)
        first = max(0, start + lead - pauses.padding_ms) * _PER_MS
        last = (end - tail + pauses.padding_ms) * _PER_MS
        found.append(Span(first, min(len(recording.sound), last)))
    return tuple(found)


def trimmed(recording: Recording, pauses: Pauses) -> tuple[Span, ...]:
    """The recording as one line, silence off both its ends; none if it is silent."""
    found = lines(recording, pauses)
    return (Span(found[0].start, found[-1].end),) if found else ()


def _proxy(sound: NDArray[np.float32]) -> AudioSegment:
    """A recording as pydub listens to it: one channel of 16 bit at 12 kHz, as loud as it can be.

    Silence is judged by power against the recording's own level: scale does not matter to that,
    nor which of the samples are looked at. So an hour takes 90 MB.
    """
    blocks = range(0, len(sound), _BLOCK)
    peak = max((float(np.abs(sound[at : at + _BLOCK]).max()) for at in blocks), default=0.0)
    scale = 32_767 / peak if peak else 0.0
    mono = np.concatenate(
        [np.empty(0, "<i2")]
        + [
            np.rint(sound[at : at + _BLOCK : _EVERY].mean(axis=1) * scale).astype("<i2")
            for at in blocks
        ]
    )
    rate = SAMPLE_RATE // _EVERY
    return AudioSegment(data=mono.tobytes(), sample_width=2, frame_rate=rate, channels=1)


def write_line(recording: Recording, span: Span, destination: Path) -> int:
    """Write a part of a recording as a WAVE file of 32-bit integers at 48 kHz.

    Samples keep their values, without fades or gain; one channel stays one.

    Returns:
        How many values were above full scale and are clipped.

    Raises:
        MediaError: if the part is too long for a WAVE file.
        OSError: if the file can't be written.
    """
    sound = recording.sound[span.start : span.end]
    if sound.size * 4 > _LARGEST:
        message = f"{len(sound) // SAMPLE_RATE} s are too long for a WAVE file"
        where = Where(str(recording.path))
        raise MediaError(Problem("sound-too-long", message, where, "split it: shorter --pause"))
    clipped = 0
    with wave.open(str(destination), "wb") as out:
        out.setparams((sound.shape[1], 4, SAMPLE_RATE, 0, "NONE", ""))
        for at in range(0, len(sound), _BLOCK):
            part = np.asarray(sound[at : at + _BLOCK], np.float64)
            clipped += int(np.count_nonzero((part < -1) | (part > 1)))
            steps = np.clip(np.rint(part * (1 << 31)), -(1 << 31), (1 << 31) - 1)
            out.writeframes(steps.astype("<i4").tobytes())
    return clipped


def write_copy(line: Path, destination: Path) -> None:
    """Write a small AAC copy of a line for listening, by the ffmpeg that finisher uses.

    Raises:
        MachineError: if there is no ffmpeg, or it can't write the copy.
    """
    # pydub would take any ffmpeg it finds on the path.
    AudioSegment.converter = program.executable()
    try:
        with wave.open(str(line)) as held, destination.open("wb+") as out:
            spoken = AudioSegment(
                data=held.readframes(held.getnframes()),
                sample_width=held.getsampwidth(),
                frame_rate=held.getframerate(),
                channels=held.getnchannels(),
            )
            spoken.set_sample_width(2).export(out, "ipod", codec="aac", bitrate=_COPY_RATE)
    except (PydubException, OSError) as error:
        told = str(error).strip().splitlines()
        message = f"no listening copy: {told[-1] if told else type(error).__name__}"
        raise MachineError(Problem("listening-copy", message, Where(str(destination)))) from error
