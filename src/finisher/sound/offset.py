"""By how much a sound that was encoded and decoded is off the one that was fed: time and level."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from finisher.sound.kweighting import RUN
from finisher.timecode import SAMPLE_RATE, Span

_WIDEST = 4_800
"""Samples it is looked for on either side: 100 ms, several codec frames."""

_ALIKE = 0.999

_QUIET = -50.0
"""dBFS, RMS: what a codec does to channels below is not heard beside the others."""
_SHORTEST = SAMPLE_RATE // 4
"""Samples below which levels aren't compared: an encoder that skips the first 21 ms of a
programme would be told to have made it softer."""
_SILENCED = 1e-12
"""Share of its power that a channel is told to keep at least: 120 dB down is gone."""
_BAND, _LOW_BAND = (40, 14_000), (30, 100)
"""Hertz between which levels are compared. Codecs leave out what lies beyond: AAC all above 15 to
20 kHz, Opus all below some 20 Hz, and of the LFE, whose band ends at 120 Hz, both nearly all that
does not belong there. None of it is heard; of white noise it would be 1.5 dB."""


@dataclass(slots=True)
class Excerpt:
    """A stretch of a stream, kept as it goes by."""

    span: Span
    kept: list[NDArray[np.float32]] = field(default_factory=list)

    def passing(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Keep the stretch of a stream."""
        at = 0
        for block in blocks:
            part = block[max(0, self.span.start - at) : max(0, self.span.end - at)]
            if len(part):
                self.kept.append(part.copy())
            at += len(block)
            yield block

    def samples(self) -> NDArray[np.float32]:
        """What was kept, (n, channels)."""
        return np.concatenate(self.kept) if self.kept else np.empty((0, 1), np.float32)


def loudest_second(powers: NDArray[np.float32], samples: int) -> Span:
    """Where a programme of known power per run is loudest."""
    runs = SAMPLE_RATE // RUN
    if len(powers) <= runs:
        return Span(0, min(samples, SAMPLE_RATE))
    # Quarter seconds: 4 of them are summed at a time, in much less memory than a running sum.
    quarters = np.add.reduceat(powers, np.arange(0, len(powers), runs // 4), dtype=np.float64)
    sums = np.convolve(quarters, np.ones(4), "valid")
    start = int(np.argmax(sums)) * (SAMPLE_RATE // 4)
    return Span(start, min(samples, start + SAMPLE_RATE))


def offset(fed: NDArray[np.float32], heard: NDArray[np.float32]) -> int | None:
    """Samples by which `heard` comes late against `fed`, two excerpts from the same place.

    The shift at which they are most alike, over all channels; of shifts that are alike to within a
    thousandth, the smallest: low tones leave it open, and codecs turn their phase. None where one
    of them is silent.
    """
    length = min(len(fed), len(heard))
    if not length or not fed[:length].any() or not heard[:length].any():
        return None
    size = 1 << (2 * length - 1).bit_length()
    # Differences: what is quick tells time best.
    sources = np.fft.rfft(np.diff(fed[:length].astype(np.float64), axis=0), size, axis=0)
    results = np.fft.rfft(np.diff(heard[:length].astype(np.float64), axis=0), size, axis=0)
    likeness = np.fft.irfft((results * sources.conj()).sum(axis=1), size)
    reach = min(_WIDEST, length - 1)
    around = np.concatenate((likeness[len(likeness) - reach :], likeness[: reach + 1]))
    shifts = np.flatnonzero(around >= _ALIKE * around.max()) - reach
    return int(shifts[np.argmin(np.abs(shifts))])


@dataclass(frozen=True, slots=True)
class Moved:
    """The channel whose level was changed most."""

    channel: str
    decibels: float
    """Positive where it came out louder."""


def moved(
    fed: NDArray[np.float32], heard: NDArray[np.float32], channels: tuple[str, ...]
) -> Moved | None:
    """Which channel's level differs most between two excerpts from the same place.

    Levels are RMS, each over the band a codec is there to keep. None where no channel that was
    fed is above -50 dBFS, and for less than a quarter of a second.
    """
    length = min(len(fed), len(heard))
    if length < _SHORTEST:
        return None
    bands = np.array([_LOW_BAND if name == "LFE" else _BAND for name in channels])
    before, after = _powers(fed[:length], bands), _powers(heard[:length], bands)
    found = [
        Moved(name, _decibels(max(now / was, _SILENCED)))
        for name, was, now in zip(channels, before, after, strict=True)
        if was and _decibels(was) > _QUIET
    ]
    return max(found, key=lambda one: abs(one.decibels), default=None)


def _powers(samples: NDArray[np.float32], bands: NDArray[np.int64]) -> list[float]:
    """Mean power of each channel between two frequencies."""
    # Without the window what begins or ends within the excerpt would spread over all of it.
    window = np.hanning(len(samples) + 2)[1:-1, None]
    spectrum = np.fft.rfft(samples * window, axis=0)
    hertz = np.fft.rfftfreq(len(samples), 1 / SAMPLE_RATE)[:, None]
    within = (hertz >= bands[:, 0]) & (hertz < bands[:, 1])
    # Parseval: one side of the spectrum holds half of the power.
    scale = 2 / (len(samples) * float((window**2).sum()))
    return [float(power) * scale for power in (np.abs(spectrum) ** 2 * within).sum(axis=0)]


def _decibels(power: float) -> float:
    return 10 * math.log10(power)
