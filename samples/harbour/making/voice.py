"""A narration-like voice by formant synthesis: a glottal pulse through moving resonances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from making.sound import RATE, Samples

_LOW = 16_000


@dataclass(frozen=True)
class Phone:
    """Three formants, how much voice, how much breath noise, and a burst at the end."""

    f1: float
    f2: float
    f3: float
    voice: float = 1.0
    noise: float = 0.0
    burst: float = 0.0
    hiss: float = 0.0


_PHONES: dict[str, Phone] = {
    "iy": Phone(290, 2250, 2950),
    "ih": Phone(400, 1950, 2560),
    "eh": Phone(540, 1800, 2500),
    "aa": Phone(730, 1120, 2440),
    "ao": Phone(560, 860, 2420),
    "uh": Phone(450, 1050, 2250),
    "uw": Phone(315, 900, 2250),
    "ah": Phone(610, 1210, 2420),
    "er": Phone(480, 1350, 1720),
    "w": Phone(310, 680, 2300, 0.55),
    "l": Phone(370, 1020, 2700, 0.55),
    "r": Phone(350, 1180, 1560, 0.60),
    "m": Phone(270, 1000, 2200, 0.34),
    "n": Phone(280, 1620, 2500, 0.34),
    "ng": Phone(280, 1900, 2600, 0.32),
    "v": Phone(300, 1300, 2400, 0.34, 0.05),
    "dh": Phone(300, 1500, 2550, 0.36, 0.04),
    "z": Phone(300, 1700, 2600, 0.25, 0.0, 0.0, 0.16),
    "b": Phone(260, 900, 2300, 0.14, burst=0.3),
    "d": Phone(260, 1700, 2600, 0.14, burst=0.4),
    "t": Phone(350, 1750, 2650, 0.0, burst=0.8),
    "f": Phone(350, 1400, 2500, 0.0, 0.06, 0.0, 0.07),
    "s": Phone(350, 1700, 2600, 0.0, hiss=0.30),
    "h": Phone(560, 1300, 2450, 0.0, 0.28),
    "_": Phone(500, 1400, 2450, 0.0),
}
_LINES = (
    "w.07 iy.12 l.07 eh.12 f.09 t.08 ah.06 l.08 aa.13 ih.10 t.09 ao.16 n.16",
    (
        "f.09 ao.11 r.07 eh.13 v.07 r.06 iy.10 b.07 ao.10 uw.09 t.09 s.09 t.05 ih.11 l.09 "
        "aa.12 uh.11 t.12"
    ),
    (
        "dh.05 ah.06 t.08 aa.13 ih.11 d.06 b.06 r.07 ih.10 ng.08 z.08 dh.05 eh.08 m.09 h.07 "
        "ao.13 uw.13 m.20"
    ),
    "h.08 aa.22 r.08 b.08 er.26",
)
_STARTS = (0.25, 2.95, 6.25, 9.75)
_LENGTH = 11.0


def narration() -> Samples:
    """Four phrases with pauses: "We left a light on / for every boat still out / ..."."""
    low = np.zeros(round(_LENGTH * _LOW))
    for index, (line, start) in enumerate(zip(_LINES, _STARTS, strict=True)):
        spoken = _phrase(line, index)
        at = round(start * _LOW)
        low[at : at + len(spoken)] += spoken
    high = _upsample(low)
    return np.asarray(high / np.abs(high).max() * 0.70)


def _phrase(line: str, index: int) -> Samples:
    """Targets to smooth tracks, tracks to sound."""
    marks = [part.split(".", 1) for part in f"_.05 {line} _.12".split()]
    phones = [_PHONES[name] for name, _ in marks]
    spans = [round(float(f"0.{long}") * 1.16 * _LOW) for _, long in marks]
    rng = np.random.default_rng(500 + index)

    def track(field: str, ease: float) -> Samples:
        steps = [np.full(n, float(getattr(p, field))) for p, n in zip(phones, spans, strict=True)]
        size = round(ease * _LOW)
        window = np.hanning(size + 2)[1:-1]
        padded = np.pad(np.concatenate(steps), size, mode="edge")
        return np.convolve(padded, window / window.sum(), "same")[size:-size]

    total = sum(spans)
    source = _glottis(total, index, rng) * track("voice", 0.030)
    source += rng.standard_normal(total) * track("noise", 0.020) * 0.9
    bursts = np.zeros(total)
    end = 0
    for phone, span in zip(phones, spans, strict=True):
        end += span
        if phone.burst:
            size = round(0.018 * _LOW)
            shape = np.exp(-np.arange(size) / (size / 3.5)) * phone.burst * 0.55
            first = max(0, end - size)
            bursts[first:end] += rng.standard_normal(end - first) * shape[: end - first]
    source += bursts
    formants = [
        (track("f1", 0.055), 70.0),
        (track("f2", 0.060), 95.0),
        (track("f3", 0.060), 140.0),
        (np.full(total, 3400.0), 220.0),
        (np.full(total, 4400.0), 300.0),
    ]
    out = source
    for centre, width in formants:
        out = _resonate(out, centre, width)
    hiss = rng.standard_normal(total) * track("hiss", 0.025)
    out = out / (np.abs(out).max() + 1e-9) + np.diff(hiss, prepend=0.0) * 0.11
    return np.asarray(out * (1.0 if index != 3 else 0.92))


def _glottis(total: int, index: int, rng: np.random.Generator) -> Samples:
    """Pulses with a falling, slightly wavering pitch; one rise on each phrase's stress."""
    u = np.linspace(0, 1, total)
    base = (122, 118, 120, 112)[index]
    melody = base * (1.10 - 0.26 * u + 0.13 * np.exp(-(((u - 0.42) / 0.13) ** 2)))
    drift = np.cumsum(rng.standard_normal(total)) / np.sqrt(total)
    pitch = melody * (1 + 0.008 * np.sin(2 * np.pi * 5.1 * u * total / _LOW) + 0.006 * drift)
    phase = np.mod(np.cumsum(pitch) / _LOW, 1.0)
    opening = np.where(phase < 0.44, 0.5 - 0.5 * np.cos(np.pi * phase / 0.44), 0.0)
    closing = np.where(
        (phase >= 0.44) & (phase < 0.60), np.cos(np.pi / 2 * (phase - 0.44) / 0.16), 0.0
    )
    flow = opening + closing
    breath = rng.standard_normal(total) * 0.015 * (0.4 + flow)
    return np.asarray(np.diff(flow, prepend=0.0) * 2.2 + breath)


def _resonate(sound: Samples, centre: Samples, width: float) -> Samples:
    """A two-pole resonance whose centre moves sample by sample."""
    radius = float(np.exp(-np.pi * width / _LOW))
    b = (2 * radius * np.cos(2 * np.pi * centre / _LOW)).tolist()
    c = -radius * radius
    gain = (1 - np.array(b) - c).tolist()
    out: list[float] = []
    y1 = y2 = 0.0
    for x, bn, gn in zip(sound.tolist(), b, gain, strict=True):
        y = gn * x + bn * y1 + c * y2
        out.append(y)
        y1, y2 = y, y1
    return np.array(out)


def _upsample(low: Samples) -> Samples:
    """16 kHz to 48 kHz by spectrum, with a short warm room."""
    count = len(low) * RATE // _LOW
    spectrum = np.zeros(count // 2 + 1, complex)
    part = np.fft.rfft(low)
    spectrum[: len(part)] = part
    freq = np.fft.rfftfreq(count, 1 / RATE)
    shape = 1 / np.sqrt(1 + (70 / np.maximum(freq, 1)) ** 4)
    shape *= 1 + 0.8 / (1 + ((freq - 2800) / 900) ** 2)
    high = np.fft.irfft(spectrum * shape, count)
    wet = np.array(high)
    for delay, level in ((0.011, 0.16), (0.019, 0.12), (0.031, 0.09), (0.047, 0.06)):
        late = round(delay * RATE)
        wet[late:] += high[:-late] * level
    return wet
