"""Sounds made by formula that behave like what people mix: (samples, 2) at 48 kHz."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

RATE = 48_000

Sound = NDArray[np.float64]


def shaped(noise: Sound, low: float, high: float) -> Sound:
    """Noise between two frequencies, with soft edges."""
    spectrum = np.fft.rfft(noise, axis=0)
    hertz = np.fft.rfftfreq(len(noise), 1 / RATE)
    gain = 1 / np.sqrt(1 + (hertz / high) ** 8) / np.sqrt(1 + (low / np.maximum(hertz, 1e-3)) ** 8)
    return np.asarray(np.fft.irfft(spectrum * gain[:, np.newaxis], len(noise), axis=0), np.float64)


def both(wave: Sound, width: float = 0.0) -> Sound:
    """One wave on two sides, one of them a little lower."""
    return np.stack([wave, (1 - width) * wave], 1)


def speech(rng: np.random.Generator, seconds: float) -> Sound:
    """A voice: harmonics of a wandering pitch and hiss, in syllables, words and pauses."""
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    pitch = 120 * 2 ** (0.25 * np.sin(2 * np.pi * 0.4 * time + rng.uniform(0, 6)))
    phase = 2 * np.pi * np.cumsum(pitch) / RATE
    voice = sum(np.sin(k * phase) * (0.8**k + 0.4 * (k in (5, 11))) for k in range(1, 26))
    hiss = shaped(rng.normal(size=(count, 1)), 2500, 9000)[:, 0]
    gain, voiced = np.zeros(count), np.zeros(count)
    at = 0
    while at < count:
        for _ in range(int(rng.integers(3, 12))):
            length = int(rng.uniform(0.08, 0.28) * RATE)
            shape = np.hanning(length)[: max(0, count - at)] * rng.uniform(0.25, 1.0)
            gain[at : at + length] += shape
            voiced[at : at + length] = rng.random() < 0.75
            at += int(length * rng.uniform(0.75, 1.0))
        at += int(rng.uniform(0.2, 0.9) * RATE)
    return both(0.12 * gain * np.where(voiced > 0, voice, 4 * hiss))


def dense_music(rng: np.random.Generator, seconds: float) -> Sound:
    """Chords, a bass and a drum at 120 beats a minute, all the time."""
    count = round(seconds * RATE)
    time = np.arange(count) / RATE
    out = np.zeros((count, 2))
    for root in 110 * 2 ** (rng.choice(12, 3, replace=False) / 12):
        for k in range(1, 7):
            side = rng.uniform(0.6, 1, 2)
            out += (
                0.09 / k * np.sin(2 * np.pi * root * k * time + rng.uniform(0, 6))[:, None] * side
            )
    out *= 0.8 + 0.2 * np.sin(2 * np.pi * 0.13 * time)[:, None]
    beat = (time % 0.5) * RATE
    out += 0.5 * (np.exp(-beat / 2500) * np.sin(2 * np.pi * 55 * (time % 0.5)))[:, None]
    snare = np.exp(-((time + 0.5) % 1.0) * 25)
    out += 0.25 * shaped(rng.normal(size=(count, 2)), 300, 9000) * snare[:, None]
    return out


def hits(rng: np.random.Generator, seconds: float, level: float = 0.6) -> Sound:
    """Foley: steps, knocks and clatter, with silence between."""
    count = round(seconds * RATE)
    out = np.zeros((count, 2))
    at = int(rng.uniform(0.05, 0.4) * RATE)
    while at < count:
        length = min(count - at, int(rng.uniform(0.05, 0.4) * RATE))
        decay = np.exp(-np.arange(length) / rng.uniform(300, 3000))
        out[at : at + length] += level * rng.uniform(0.2, 1) * both(rng.normal(size=length) * decay)
        at += int(rng.uniform(0.2, 1.5) * RATE)
    return out


Kind = Callable[[np.random.Generator, float], Sound]


def loud_and_soft_music(rng: np.random.Generator, seconds: float) -> Sound:
    """Music that goes from a whisper to full and back."""
    out = dense_music(rng, seconds)
    swell = -36 * np.cos(np.linspace(0, 2 * np.pi, len(out))) ** 2
    return out * 10 ** (swell / 20)[:, None]


def clipped_music(rng: np.random.Generator, seconds: float) -> Sound:
    """Music driven into full scale."""
    return np.clip(4 * dense_music(rng, seconds), -1.0, 1.0)


def hits_over_faint_speech(rng: np.random.Generator, seconds: float) -> Sound:
    """Knocks at full level over a voice 30 dB below its usual."""
    return hits(rng, seconds, 1.0) + 0.03 * speech(rng, seconds)


def quiet_speech(rng: np.random.Generator, seconds: float) -> Sound:
    """A voice at about -60 LUFS."""
    return 0.008 * speech(rng, seconds)


def short_music(rng: np.random.Generator, seconds: float) -> Sound:
    """Two seconds of music and no more."""
    return 0.5 * dense_music(rng, min(seconds, 2.0))


def burst(rng: np.random.Generator, seconds: float) -> Sound:
    """Half a second of noise."""
    length = round(min(seconds, 0.5) * RATE)
    return 0.1 * shaped(rng.normal(size=(length, 2)), 200, 6000)


def sparse_hits(rng: np.random.Generator, seconds: float) -> Sound:
    """A soft thud every three seconds over a quiet room."""
    count = round(seconds * RATE)
    out = 0.002 * shaped(rng.normal(size=(count, 2)), 40, 2000)
    for at in range(RATE, count, 3 * RATE):
        length = min(count - at, RATE // 2)
        decay = np.exp(-np.arange(length) / 6000) * np.minimum(1, np.arange(length) / 200)
        noise = shaped(rng.normal(size=(length, 1)), 60, 1500)[:, 0]
        out[at : at + length] += 0.6 * both(decay * noise)
    return out


def low_bass(_: np.random.Generator, seconds: float) -> Sound:
    """A bass line between 35 and 70 Hz."""
    time = np.arange(round(seconds * RATE)) / RATE
    pitch = np.choose((time // 0.5).astype(int) % 4, [35.0, 47.0, 55.0, 70.0])
    return both(0.5 * np.sin(2 * np.pi * np.cumsum(pitch) / RATE))


def bright_noise(rng: np.random.Generator, seconds: float) -> Sound:
    """Hiss above 6 kHz, as of rain or a spray."""
    return 0.1 * shaped(rng.normal(size=(round(seconds * RATE), 2)), 6000, 16000)


def dialogue_over_score(rng: np.random.Generator, seconds: float) -> Sound:
    """A voice over music 12 dB below its own level."""
    return speech(rng, seconds) + 0.12 * dense_music(rng, seconds)


KINDS: dict[str, Kind] = {
    "speech": speech,
    "dialogue over score": dialogue_over_score,
    "dense music": dense_music,
    "music, whisper to full": loud_and_soft_music,
    "hot, clipped music": clipped_music,
    "knocks over faint speech": hits_over_faint_speech,
    "very quiet speech": quiet_speech,
    "2 s of music": short_music,
    "0.5 s of noise": burst,
    "sparse soft hits": sparse_hits,
    "low bass": low_bass,
    "bright noise": bright_noise,
}
"""Twelve kinds of programme."""
