"""Voices made by formula: lines of random syllables, spoken by throats of any pitch and size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
PAD = 3 * RATE // 2
"""Samples of room around a voice in a take."""
_FRAME = 960
_HOP = 480
# First three formants of vowels, in Hz (after Peterson and Barney, 1952, adult men).
_VOWELS = (
    (270, 2290, 3010),
    (390, 1990, 2550),
    (530, 1840, 2480),
    (660, 1720, 2410),
    (730, 1090, 2440),
    (570, 840, 2410),
    (440, 1020, 2240),
    (300, 870, 2240),
    (490, 1350, 1690),
)

Mono = NDArray[np.float64]


@dataclass(frozen=True)
class Voice:
    """Who speaks, and how."""

    pitch: float = 120.0
    size: float = 1.0
    """Factor on formants: 1.15 is about a woman's."""
    pace: float = 1.0
    """Factor on durations."""
    seed: int = 0
    """What differs from take to take: timing and melody."""
    breath: int = 0
    """What differs whenever anything is said again: jitter and noise."""
    wander: float = 0.12
    """How far each syllable's length and pitch leave the line's, as a part of them."""


def line(rng: np.random.Generator, syllables: int = 10) -> list[tuple[float, ...]]:
    """Syllables: consonant's length and brightness, vowel, its length, pitch and following gap."""
    return [
        (
            rng.uniform(0.03, 0.11),
            rng.uniform(1800, 6000),
            float(rng.integers(len(_VOWELS))),
            rng.uniform(0.08, 0.24),
            rng.uniform(0.85, 1.2),
            rng.choice([0.0, 0.0, 0.0, 0.05, 0.18]),
        )
        for _ in range(syllables)
    ]


def speak(words: list[tuple[float, ...]], voice: Voice) -> Mono:
    """The line as this voice says it, at 48 kHz, its largest sample at 0.5."""
    rng = np.random.default_rng(voice.seed)
    breath = np.random.default_rng((voice.seed, voice.breath))
    pitch, noise, formants = [], [], []
    for hiss, bright, vowel, held, tone, gap in words:
        own = 1 + voice.wander * rng.uniform(-1, 1, 3)
        steps = max(2, round(hiss * voice.pace * own[0] * RATE / _HOP))
        pitch += [0.0] * steps
        noise += [0.25] * steps
        formants += [(bright, bright * 1.5, bright * 2.0)] * steps
        steps = max(4, round(held * voice.pace * own[1] * RATE / _HOP))
        fall = np.linspace(1.08, 0.9, steps)
        pitch += list(voice.pitch * tone * own[2] * fall)
        noise += [0.02] * steps
        formants += [tuple(f * voice.size for f in _VOWELS[int(vowel)])] * steps
        steps = round(gap * voice.pace * RATE / _HOP)
        pitch += [0.0] * steps
        noise += [0.0] * steps
        formants += [(500.0, 1500.0, 2500.0)] * steps
    return _through(_source(np.array(pitch), np.array(noise), breath), _smooth(np.array(formants)))


def _source(pitch: Mono, noise: Mono, rng: np.random.Generator) -> Mono:
    """Pulses of a jittering glottis, and breath."""
    at = np.arange(len(pitch) * _HOP)
    f0 = np.interp(at / _HOP, np.arange(len(pitch)), pitch)
    voiced = np.interp(at / _HOP, np.arange(len(pitch)), (pitch > 0).astype(float))
    drift = np.interp(at / RATE, np.arange(0, at[-1] / RATE + 1, 0.02)[: len(at)], _walk(at, rng))
    phase = np.cumsum(np.where(pitch.repeat(_HOP) > 0, f0 * (1 + 0.02 * drift), 0) / RATE)
    pulses = np.diff(np.floor(phase), prepend=0) * voiced
    breath = np.interp(at / _HOP, np.arange(len(noise)), noise) * rng.normal(size=len(at))
    return pulses + 0.35 * breath


def _walk(at: Mono, rng: np.random.Generator) -> Mono:
    """A value every 20 ms."""
    return rng.normal(size=len(np.arange(0, at[-1] / RATE + 1, 0.02)[: len(at)]))


def _smooth(formants: Mono) -> Mono:
    """Formants glide over 50 ms."""
    padded = np.pad(formants, ((2, 2), (0, 0)), mode="edge")
    return np.mean([padded[k : k + len(formants)] for k in range(5)], axis=0)


def _through(source: Mono, formants: Mono) -> Mono:
    """The source through resonances that move, by overlapping frames."""
    freq = np.fft.rfftfreq(2 * _FRAME, 1 / RATE)
    window = np.hanning(_FRAME + 1)[:-1]
    padded = np.concatenate([source, np.zeros(3 * _FRAME)])
    out = np.zeros(len(padded) + 2 * _FRAME)
    for step, peaks in enumerate(formants):
        part = padded[step * _HOP : step * _HOP + _FRAME] * window
        gain = (
            sum(
                level / (1 + ((freq - peak) / width) ** 2)
                for peak, width, level in zip(peaks, (60, 90, 120), (1.0, 0.6, 0.35), strict=True)
            )
            + 0.002
        )
        out[step * _HOP : step * _HOP + 2 * _FRAME] += np.fft.irfft(
            np.fft.rfft(part, 2 * _FRAME) * gain, 2 * _FRAME
        )
    heard = out[: len(source)]
    return 0.5 * heard / np.abs(heard).max()


def other(voice: Voice, **changes: float) -> Voice:
    """The same voice but for these."""
    return replace(voice, **changes)  # type: ignore[arg-type]


def taken(
    voice: Mono,
    rng: np.random.Generator,
    snr: float,
    delay: int,
    bed: Callable[[np.random.Generator, int], Mono],
) -> Mono:
    """What a generator makes of a voice: later, dull, echoing, `snr` dB over a bed of sound."""
    length = len(voice) + 2 * PAD
    sound = np.zeros(length)
    sound[PAD + delay : PAD + delay + len(voice)] = voice
    spectrum, freq = np.fft.rfft(sound), np.fft.rfftfreq(length, 1 / RATE)
    sound = np.fft.irfft(spectrum / np.sqrt(1 + (freq / 4000) ** 8), length)
    for echo in rng.integers(480, 3_000, 2):
        sound[echo:] += rng.uniform(0.2, 0.5) * sound[:-echo]
    level = sound[PAD + delay : PAD + delay + len(voice)].std()
    over = bed(rng, length)
    return sound + over / over.std() * level * 10 ** (-snr / 20)
