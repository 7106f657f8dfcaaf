"""Score, ambience and the takes' native sound: synthesised, 48 kHz, repeatable."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import numpy.typing as npt

RATE = 48_000
Samples = npt.NDArray[np.float64]


def save(path: Path, sound: Samples) -> None:
    """16-bit WAV with a little triangular dither; ``sound`` is (n,) or (n, 2), within 1."""
    rng = np.random.default_rng(len(sound))
    dither = rng.random(sound.shape) - rng.random(sound.shape)
    codes = np.clip(np.round(sound * 32767 + dither), -32768, 32767).astype("<i2")
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    with wave.open(str(part), "wb") as out:
        out.setnchannels(1 if sound.ndim == 1 else sound.shape[1])
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(codes.tobytes())
    part.replace(path)


def coloured(count: int, seed: int, low: float, high: float, slope: float) -> Samples:
    """Noise between two frequencies falling as 1/f**slope; periodic in its own length."""
    rng = np.random.default_rng(seed)
    freq = np.fft.rfftfreq(count, 1 / RATE)
    shape = np.zeros_like(freq)
    inside = freq > 1
    f = freq[inside]
    shape[inside] = f**-slope / np.sqrt(1 + (low / f) ** 6) / np.sqrt(1 + (f / high) ** 6)
    out = np.fft.irfft(shape * np.exp(2j * np.pi * rng.random(len(freq))), count)
    return np.asarray(out / np.sqrt(np.mean(out**2)))


def _mix_in(bed: Samples, sound: Samples, at: float, pan: float, *, wrap: bool = False) -> None:
    """Add a mono sound at a time (seconds) and place (-1..1), round the end when it loops."""
    angle = (pan + 1) * np.pi / 4
    both = sound[:, None] * np.array([np.cos(angle), np.sin(angle)])
    start = round(at * RATE)
    if wrap:
        index = np.arange(start, start + len(sound)) % len(bed)
        np.add.at(bed, index, both)
        return
    stop = min(len(bed), start + len(sound))
    bed[start:stop] += both[: max(0, stop - start)]


def _waves(count: int, seed: int, beats: tuple[int, ...]) -> Samples:
    """Lapping water: stereo noise breathing with a whole number of swells per loop."""
    turn = 2 * np.pi * np.arange(count) / count
    sides = []
    for side in range(2):
        low = coloured(count, seed + side, 60, 900, 0.9)
        high = coloured(count, seed + 5 + side, 900, 6000, 0.6)
        swell = sum(np.sin(turn * b + 1.7 * b + side * 0.6) for b in beats) / len(beats)
        lap = np.clip(0.5 + 0.75 * np.asarray(swell), 0, None) ** 2
        sides.append(low * (0.10 + 0.16 * lap) + high * (0.012 + 0.07 * lap**1.5))
    return np.stack(sides, axis=1)


def _gull(seed: int) -> Samples:
    """A far gull: three falling, slightly hoarse cries."""
    rng = np.random.default_rng(seed)
    out = np.zeros(round(1.7 * RATE))
    for index in range(3):
        long = 0.30 + 0.08 * float(rng.random())
        t = np.arange(round(long * RATE)) / RATE
        u = t / long
        pitch = (1150 + 240 * float(rng.random())) * (1 + 0.42 * np.sin(np.pi * u**0.7)) * 0.85
        phase = 2 * np.pi * np.cumsum(pitch) / RATE
        tone = sum(np.sin(phase * h) / h**1.1 for h in range(1, 6))
        rough = 1 + 0.35 * np.sin(2 * np.pi * 62 * t)
        start = round((index * 0.46) * RATE)
        out[start : start + len(t)] += np.asarray(tone) * rough * np.sin(np.pi * u) ** 1.2
    return _room(out, 0.35, seed) * 0.3


def _bell(pitch: float, long: float = 4.0) -> Samples:
    """A buoy bell: inharmonic partials, each dying at its own pace."""
    t = np.arange(round(long * RATE)) / RATE
    out = np.zeros_like(t)
    for ratio, level, decay in (
        (0.5, 0.35, 0.7),
        (1, 1, 0.9),
        (1.19, 0.5, 1.2),
        (1.56, 0.25, 1.7),
        (2.0, 0.45, 1.6),
        (2.51, 0.22, 2.6),
        (3.01, 0.14, 3.4),
    ):
        out += level * np.exp(-t * decay * 1.4) * np.sin(2 * np.pi * pitch * ratio * t)
    out *= np.minimum(t / 0.003, 1) * np.minimum((long - t) / 0.2, 1)
    return np.asarray(out / np.abs(out).max())


def _room(sound: Samples, wet: float, seed: int, long: float = 0.9) -> Samples:
    """A short diffuse tail, by convolution with decaying noise."""
    rng = np.random.default_rng(seed + 900)
    count = round(long * RATE)
    tail = rng.standard_normal(count) * np.exp(-np.arange(count) / (RATE * long / 5))
    tail = np.convolve(tail, np.ones(6) / 6, "same")
    tail /= np.sqrt(np.sum(tail**2))
    size = len(sound) + count
    wide = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)
    return np.asarray(sound * (1 - wet) + wide[: len(sound)] * wet)


def ambience(seconds: float = 8.0) -> Samples:
    """Harbour air that loops without a seam: water, far gulls, one bell."""
    count = round(seconds * RATE)
    bed = _waves(count, 51, (2, 3, 5)) * 0.42
    for at, pan, seed, gain in ((1.6, -0.6, 1, 0.05), (5.4, 0.5, 2, 0.035)):
        _mix_in(bed, _gull(seed) * gain / 0.3, at, pan, wrap=True)
    _mix_in(bed, _bell(622.0) * 0.045, 3.4, 0.35, wrap=True)
    _mix_in(bed, _bell(622.0) * 0.030, 4.5, 0.35, wrap=True)
    return np.asarray(bed / np.abs(bed).max() * 0.42)


def _pluck(midi: float, long: float) -> Samples:
    """A soft string: decaying partials, the upper ones dying first."""
    t = np.arange(round(long * RATE)) / RATE
    f0 = 440 * 2 ** ((midi - 69) / 12)
    out = np.zeros_like(t)
    for h in range(1, 9):
        stretch = h * np.sqrt(1 + 0.0002 * h * h)
        out += np.exp(-t * (1.6 + 1.25 * h)) / h**1.25 * np.sin(2 * np.pi * f0 * stretch * t)
    return out * np.minimum(t / 0.004, 1) * np.clip((long - t) / 0.08, 0, 1)


def _pad(notes: tuple[int, ...], long: float, seed: int) -> Samples:
    """A slow, slightly detuned chord in stereo."""
    t = np.arange(round(long * RATE)) / RATE
    rng = np.random.default_rng(seed)
    out = np.zeros((len(t), 2))
    for note in notes:
        for side in range(2):
            detune = 1 + float(rng.normal(0, 0.0011))
            f0 = 440 * 2 ** ((note - 69) / 12) * detune
            start = float(rng.random()) * 6.28
            for h, level in ((1, 1.0), (2, 0.32), (3, 0.16), (4, 0.07)):
                out[:, side] += level * np.sin(2 * np.pi * f0 * h * t + start * h)
    swell = np.minimum(t / 0.9, 1) * np.clip((long - t) / 0.8, 0, 1)
    return np.asarray(out * swell[:, None] / len(notes))


_BARS: tuple[tuple[int, tuple[int, ...]], ...] = (
    (38, (62, 65, 69, 72, 76)),
    (34, (58, 62, 65, 69, 74)),
    (41, (60, 65, 69, 72, 77)),
    (36, (60, 64, 67, 74, 76)),
    (38, (62, 66, 69, 74, 78)),
)


def score(seconds: float = 15.0) -> Samples:
    """90 BPM in D: plucked figures over a pad and a soft pulse; closes on a major chord."""
    beat = 60 / 90
    count = round(seconds * RATE)
    bed = np.zeros((count, 2))
    figure = (0, 2, 4, 3, 1, 3, 4, 2)
    for bar, (bass, chord) in enumerate(_BARS):
        start = bar * 4 * beat
        last = bar == len(_BARS) - 1
        long = min((4.7 if last else 4.25) * beat, seconds - start)
        stop = round(start * RATE) + round(long * RATE)
        bed[round(start * RATE) : stop] += (
            _pad(chord[:4], long, bar)[: stop - round(start * RATE)] * 0.20
        )
        _mix_in(bed, _pluck(bass, 2.4) * 0.42, start, 0.0)
        if last:
            for index, note in enumerate(chord):
                _mix_in(bed, _pluck(note, 2.6) * 0.30, start + 0.09 * index, -0.4 + 0.2 * index)
            _mix_in(bed, _pluck(86, 2.2) * 0.14, start + 2 * beat, 0.2)
            continue
        _mix_in(bed, _pluck(bass + 12, 1.2) * 0.22, start + 2.5 * beat, 0.0)
        for step, degree in enumerate(figure):
            accent = 0.27 if step % 4 == 0 else 0.19
            _mix_in(
                bed,
                _pluck(chord[degree], 1.5) * accent,
                start + step * beat / 2,
                0.55 * float(np.sin(step * 1.3 + bar)),
            )
        for hit in (0, 2):
            _mix_in(bed, _thump() * 0.26, start + hit * beat, 0.0)
        for hit in range(8):
            _mix_in(bed, _brush(hit) * (0.020 if hit % 2 else 0.034), start + hit * beat / 2, 0.25)
    wet = np.stack([_room(bed[:, s], 0.20, 61 + s, 1.6) for s in range(2)], axis=1)
    fade = np.clip((seconds - np.arange(count) / RATE) / 0.9, 0, 1)
    wet *= fade[:, None]
    return np.asarray(wet / np.abs(wet).max() * 0.72)


def _thump() -> Samples:
    t = np.arange(round(0.28 * RATE)) / RATE
    sweep = np.cumsum(48 + 62 * np.exp(-t * 34)) / RATE
    return np.sin(2 * np.pi * sweep) * np.exp(-t * 15) * np.minimum(t / 0.002, 1)


def _brush(seed: int) -> Samples:
    count = round(0.12 * RATE)
    t = np.arange(count) / RATE
    return coloured(count, 70 + seed, 3500, 11000, 0.0) * np.exp(-t * 42) * np.minimum(t / 0.006, 1)


def native(kind: str, seconds: float) -> Samples:
    """The sound a generator put on a take: water and what the picture shows."""
    count = round(seconds * RATE)
    swells = tuple(max(1, round(seconds / p)) for p in (4.0, 2.6, 1.5))
    seeds = {"wide": 101, "oars": 121, "light": 141, "evening": 161}
    bed = _waves(count, seeds[kind], swells) * 0.5
    if kind == "wide":
        _mix_in(bed, _gull(7) * 0.34, 0.7, -0.3)
        _mix_in(bed, _gull(8) * 0.22, 2.9, 0.4)
    elif kind == "oars":
        for at in np.arange(0.35, seconds - 0.4, 2.3):
            _mix_in(bed, _splash(int(at * 10)) * 0.16, float(at), 0.4)
            _mix_in(bed, _creak(int(at * 10)) * 0.07, float(at) + 1.1, 0.45)
    elif kind == "light":
        for index, at in enumerate(np.arange(0.2, seconds - 0.3, 1.5)):
            _mix_in(bed, _splash(200 + index % 1) * 0.07, float(at), -0.5)
        _mix_in(bed, _bell(622.0, 3.0) * 0.06, 0.5, 0.3)
    else:
        bed *= 0.45
        for index, at in enumerate(np.arange(0.3, seconds - 0.2, 0.766)):
            _mix_in(bed, _step(index) * 0.10, float(at), -0.2 + 0.06 * index)
        hum = _pad((57, 64, 69), seconds, 171) * 0.05
        bed[: len(hum)] += hum[:count]
    edge = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.02 * RATE))
    return np.asarray(bed * edge[:, None] / np.abs(bed).max() * 0.5)


def _splash(seed: int) -> Samples:
    count = round(0.7 * RATE)
    t = np.arange(count) / RATE
    noise = coloured(count, 300 + seed, 500, 5200, 0.7)
    return noise * np.minimum(t / 0.05, 1) * np.exp(-t * 7.5) * 0.4


def _creak(seed: int) -> Samples:
    t = np.arange(round(0.5 * RATE)) / RATE
    pitch = 92 + 46 * np.sin(np.pi * t / 0.5) + 6 * np.sin(2 * np.pi * 23 * t + seed)
    phase = np.cumsum(pitch) / RATE
    ticks = np.maximum(np.sin(2 * np.pi * phase), 0) ** 9
    body = ticks * np.sin(2 * np.pi * 510 * t) + 0.5 * ticks * np.sin(2 * np.pi * 1130 * t)
    return np.asarray(body * np.sin(np.pi * t / 0.5) ** 2)


def _step(seed: int) -> Samples:
    count = round(0.16 * RATE)
    t = np.arange(count) / RATE
    click = coloured(count, 400 + seed, 180, 2600, 0.5) * np.exp(-t * 48)
    return click * np.minimum(t / 0.002, 1)
