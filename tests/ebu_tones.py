"""The signals of EBU Tech 3341 (2023, table 1) and Tech 3342 (table 1) that are given by formula.

Cases 7 and 8 of the one, 5 and 6 of the other, are recorded programmes and not among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.sound.meter import HOP, Reading

RATE = 48_000
SILENT = -200.0
STEREO = (1.0, 1.0)
FIVE = (1.0, 1.0, 1.0, 1.41, 1.41)

Signal = NDArray[np.float32]
Step = tuple[float, float]
"""Level of a tone's peak in dBFS, seconds."""


@dataclass(frozen=True)
class Case:
    """A signal and what a meter has to show of it."""

    name: str
    make: Callable[[], Signal]
    read: Callable[[Reading], tuple[float, ...]]
    expected: tuple[float, ...]
    below: float = 0.1
    above: float = 0.1
    weights: tuple[float, ...] = STEREO

    def off(self, reading: Reading) -> float:
        """The reading furthest from what is expected, relative to it."""
        shown = self.read(reading)
        assert len(shown) >= len(self.expected)
        wanted = self.expected if len(self.expected) > 1 else self.expected * len(shown)
        return max((a - b for a, b in zip(shown, wanted, strict=True)), key=abs)

    def met(self, reading: Reading) -> bool:
        """Whether all readings are within the tolerance."""
        return -self.below <= self.off(reading) <= self.above


def tones(*steps: Step) -> Signal:
    """A stereo sine of 1000 Hz, in phase on both sides."""
    gains = np.concatenate([np.full(round(s * RATE), 10 ** (level / 20)) for level, s in steps])
    wave = gains * np.sin(2 * np.pi * 1000 * np.arange(len(gains)) / RATE)
    return np.repeat(wave[:, np.newaxis], 2, axis=1).astype(np.float32)


def five_channels() -> Signal:
    """Case 6: L, R, C, Ls and Rs at levels of their own."""
    each = [tones((level, 20.0))[:, :1] for level in (-28, -28, -24, -30, -30)]
    return np.concatenate(each, axis=1)


def sine(divisor: int, degrees: float, amplitude: float) -> Signal:
    """Cases 15 to 19: fs over a divisor at a phase, with fades of 10 ms."""
    count = RATE // 2
    phase = 2 * np.pi * np.arange(count) / divisor + math.radians(degrees)
    return both(faded(amplitude * np.sin(phase), RATE // 100))


def burst(offset: int) -> Signal:
    """Cases 20 to 23: fs/6 at 0.5 with one period of fs/4 at 1.0 in the middle.

    Made at 4 fs, continuous in phase; brought down by a linear-phase filter (Kaiser window, beta
    8, half gain at 22.5 kHz) and taking every fourth sample from `offset` on.
    """
    before = 24 * 500  # whole periods at 4 fs
    steps = np.concatenate((np.full(before, 1 / 24), np.full(16, 1 / 16), np.full(before, 1 / 24)))
    phase = 2 * np.pi * np.concatenate(([0.0], np.cumsum(steps)[:-1]))
    gain = np.where(steps == 1 / 16, 1.0, 0.5)
    fast = faded(gain * np.sin(phase), 4 * RATE // 100)
    half = 400
    taps = np.sinc(np.arange(-half, half + 1) * 22_500 * 2 / (4 * RATE))
    taps *= np.kaiser(2 * half + 1, 8.0)
    return both(np.convolve(fast, taps / taps.sum(), "same")[offset::4])


def faded(wave: NDArray[np.float64], samples: int) -> NDArray[np.float64]:
    """A wave with straight fades at both ends."""
    place = np.arange(len(wave))
    return wave * np.clip(np.minimum(place, place[::-1]) / samples, 0, 1)


def both(wave: NDArray[np.float64]) -> Signal:
    """The same on both sides."""
    return np.repeat(wave[:, np.newaxis], 2, axis=1).astype(np.float32)


def _shown(levels: NDArray[np.float64], after: float, length: float) -> tuple[float, ...]:
    """Lowest and highest of a series, from when its windows lie behind an instant."""
    steady = levels[round((after - length) * RATE / HOP) :]
    return float(steady.min()), float(steady.max())


def _successive(levels: NDArray[np.float64], segment: float, length: float) -> tuple[float, ...]:
    """The highest of a series in each segment of 20, by when its windows end."""
    ends = (np.arange(len(levels)) * HOP / RATE + length - 1e-9) // segment
    return tuple(float(levels[ends == number].max()) for number in range(20))


def _integrated(reading: Reading) -> tuple[float, ...]:
    assert reading.integrated is not None
    return (reading.integrated,)


def _range(reading: Reading) -> tuple[float, ...]:
    assert reading.range is not None
    return (reading.range,)


def _all(reading: Reading) -> tuple[float, ...]:
    """Momentary, short-term and integrated loudness, steady."""
    return (*_shown(reading.momentary, 1, 0.4), *_shown(reading.short_term, 3, 3),
            *_integrated(reading))  # fmt: skip


def _loudness_cases() -> Iterator[Case]:
    yield Case("1", lambda: tones((-23, 20)), _all, (-23.0,))
    yield Case("2", lambda: tones((-33, 20)), _all, (-33.0,))
    yield Case("3", lambda: tones((-36, 10), (-23, 60), (-36, 10)), _integrated, (-23.0,))
    yield Case(
        "4",
        lambda: tones((-72, 10), (-36, 10), (-23, 60), (-36, 10), (-72, 10)),
        _integrated,
        (-23.0,),
    )
    yield Case("5", lambda: tones((-26, 20), (-20, 20.1), (-26, 20)), _integrated, (-23.0,))
    yield Case("6", five_channels, _integrated, (-23.0,), weights=FIVE)
    yield Case(
        "9",
        lambda: tones(*[(-20, 1.34), (-30, 1.66)] * 5),
        lambda reading: _shown(reading.short_term, 3, 3),
        (-23.0,),
    )
    for i in range(20):
        yield Case(
            f"10-{i + 1}",
            lambda i=i: tones((SILENT, 0.15 * i), (-23, 3), (SILENT, 1)),
            lambda reading: (float(reading.short_term.max()),),
            (-23.0,),
        )
    rising = tuple(-38.0 + i for i in range(20))
    yield Case(
        "11",
        lambda: tones(*[
            step
            for i in range(20)
            for step in ((SILENT, 0.15 * i), (-38 + i, 3), (SILENT, 3 - 0.15 * i))
        ]),
        lambda reading: _successive(reading.short_term, 6, 3),
        rising,
    )  # fmt: skip
    yield Case(
        "12",
        lambda: tones(*[(-20, 0.18), (-30, 0.22)] * 25),
        lambda reading: _shown(reading.momentary, 1, 0.4),
        (-23.0,),
    )
    for i in range(20):
        yield Case(
            f"13-{i + 1}",
            lambda i=i: tones((SILENT, 0.02 * i), (-23, 0.4), (SILENT, 1)),
            lambda reading: (float(reading.momentary.max()),),
            (-23.0,),
        )
    yield Case(
        "14",
        lambda: tones(*[
            step
            for i in range(20)
            for step in ((SILENT, 0.02 * i), (-38 + i, 0.4), (SILENT, 0.4 - 0.02 * i))
        ]),
        lambda reading: _successive(reading.momentary, 0.8, 0.4),
        rising,
    )  # fmt: skip


def _peak_cases() -> Iterator[Case]:
    sines = ((4, 0.0, 0.5), (4, 45.0, 0.5), (6, 60.0, 0.5), (8, 67.5, 0.5), (4, 45.0, 1.41))
    for number, words in enumerate(sines, 15):
        yield Case(
            str(number),
            lambda words=words: sine(*words),
            lambda reading: (reading.true_peak,),
            (3.0 if number == 19 else -6.0,),
            below=0.4,
            above=0.2,
        )
    for offset in range(4):
        yield Case(
            str(20 + offset),
            lambda offset=offset: burst(offset),
            lambda reading: (reading.true_peak,),
            (0.0,),
            below=0.4,
            above=0.2,
        )


def _range_cases() -> Iterator[Case]:
    programmes = (
        ((-20, -30), 10.0),
        ((-20, -15), 5.0),
        ((-40, -20), 20.0),
        ((-50, -35, -20, -35, -50), 15.0),
    )
    for number, (levels, expected) in enumerate(programmes, 1):
        yield Case(
            f"3342-{number}",
            lambda levels=levels: tones(*[(level, 20) for level in levels]),
            _range,
            (expected,),
            below=1.0,
            above=1.0,
        )


CASES = (*_loudness_cases(), *_peak_cases(), *_range_cases())
