"""Sound of finished files, decoded, metered and stretched by the ffmpeg process."""

from __future__ import annotations

import math
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import IO, cast

import ffmpeg
import numpy as np
from numpy.typing import NDArray

from finisher.ffmpeg.program import named, opened, running
from finisher.timecode import SAMPLE_RATE

_BLOCK_SAMPLES = 1 << 16
_AU_HEADER = 24


@dataclass(frozen=True, slots=True)
class LoudnessReading:
    """Loudness of a whole file after EBU R 128, by ffmpeg's own meter."""

    integrated_lufs: float
    """Three decimals; -inf for silence (below the absolute gate of -70 LUFS)."""
    true_peak_dbtp: float
    """From a linear reading of three decimals: exact to 0.01 dB at -1 dBTP; -inf for silence."""


@dataclass(frozen=True, slots=True)
class DecodedSound:
    """A sound track as a player that honours edit lists hears it, at its own rate and width."""

    rate: int
    channels: int
    blocks: Iterator[NDArray[np.float32]]
    """Arrays of shape (samples, channels), full scale at 1.0."""


@contextmanager
def decode_sound(
    path: Path, complaints: list[str] | None = None, container: str | None = None
) -> Iterator[DecodedSound]:
    """Decode a file's first sound track, neither resampled nor remixed.

    What kind of file it is may be said: plain samples can look like another kind by chance.

    Raises:
        MediaError: when the file has no sound track or can't be read.
    """
    with named(path) as alias, running(_au(alias, container), path, complaints) as stdout:
        head = stdout.read(_AU_HEADER)
        if len(head) < _AU_HEADER or head[:4] != b".snd":
            yield DecodedSound(0, 0, iter(()))
            return
        fields = np.frombuffer(head, ">u4")
        rate, channels = int(fields[4]), int(fields[5])
        stdout.read(int(fields[1]) - _AU_HEADER)
        yield DecodedSound(rate, channels, _blocks(stdout, channels))


def _au(path: Path, container: str | None) -> list[str]:
    """The words that write a file's first sound track to the pipe as it is.

    AU is a format that may be streamed and says its rate and channels up front, exactly.
    """
    sound = opened(path, **({} if container is None else {"format": container}))
    graph = sound["a:0"].output("pipe:1", format="au", acodec="pcm_f32be")
    return cast("list[str]", ffmpeg.get_args(graph))


def _blocks(stdout: IO[bytes], channels: int) -> Iterator[NDArray[np.float32]]:
    """Big-endian floats of a pipe as arrays of whole samples."""
    while data := stdout.read(_BLOCK_SAMPLES * channels * 4):
        whole = len(data) - len(data) % (channels * 4)
        yield np.frombuffer(data[:whole], ">f4").astype(np.float32).reshape(-1, channels)


_STRETCH_LEAD = 4_800
"""Samples of silence on both sides of what is stretched: the filter loses some at its ends."""
_STRETCH_SHIFT = Fraction(1_584)
"""By so many samples times (1 - 1/speed) the filter's sound comes late: half its window. Fitted to
clicks, bursts and noise at seven speeds within 6 %: clicks are left within 0.4 ms of their place,
bursts of noise within 1.1.
"""


def stretch(source: Path, destination: Path, speed: Fraction, channels: int) -> None:
    """Play a raw sound at another speed and the same pitch, with the Rubber Band filter.

    Both are interleaved floats at 48 kHz, little-endian, of that many channels. What lies at a
    sample of the source lies in the result at that sample divided by the speed; the result is
    longer than the source divided by the speed, and silent there.

    Raises:
        MediaError: when it can't be done, as by an ffmpeg without that filter.
        OSError: when the destination can't be written.
    """
    raw: dict[str, str | int] = {"format": "f32le", "ac": channels, "ar": SAMPLE_RATE}
    skipped = round(_STRETCH_LEAD / speed + _STRETCH_SHIFT * (1 - 1 / speed))
    with named(source) as alias:
        heard = opened(alias, **raw).filter("adelay", delays=f"{_STRETCH_LEAD}S", all=1)
        heard = heard.filter("apad", pad_len=2 * _STRETCH_LEAD)
        # Its usual treatment of transients pulls steady tones out of tune by a per cent.
        slowed = heard.filter("rubberband", tempo=f"{float(speed):.9f}", transients="smooth")
        graph = slowed.filter("atrim", start_sample=skipped).output("pipe:1", **raw)
        with destination.open("wb") as file, running(ffmpeg.get_args(graph), source, None) as out:
            shutil.copyfileobj(out, file, _BLOCK_SAMPLES)


def ebur128(path: Path) -> LoudnessReading:
    """Measure a file's first sound track with ffmpeg's `ebur128` filter.

    The figures are read from frame metadata, where they carry three decimals; the filter's
    printed summary has one.

    Raises:
        MediaError: when the file has no sound track or can't be read.
    """
    integrated, peak = -math.inf, 0.0
    with named(path) as alias, running(_metered(alias), path, None) as stdout:
        for line in stdout:
            name, _, value = line.strip().partition(b"=")
            if name == b"lavfi.r128.I":
                integrated = float(value)
            elif name.startswith(b"lavfi.r128.true_peaks_ch"):
                peak = max(peak, float(value))
    # The filter reports its gate, -70, where nothing was above it.
    return LoudnessReading(
        integrated if integrated > -70.0 else -math.inf,
        20 * math.log10(peak) if peak > 0 else -math.inf,
    )


def _metered(path: Path) -> list[str]:
    """The words that print a file's loudness to the pipe, block by block."""
    graph = (
        opened(path)["a:0"]
        .filter("ebur128", peak="true", metadata=1)
        .filter("ametadata", mode="print", file="pipe:1")
        .output("-", format="null")
    )
    return cast("list[str]", ffmpeg.get_args(graph))
