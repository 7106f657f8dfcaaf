"""The beat of a piece of music, and the stretch of it that goes round without a stumble."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.hearing import TempoFacts
from finisher.timecode import SAMPLE_RATE, Span

_HOP = 240
"""5 ms between two looks at the spectrum."""
_WINDOW = 1_024
_FPS = SAMPLE_RATE // _HOP
_CHUNK = 4_096
_BANDS = 24
_SLOWEST, _FASTEST = 50.0, 210.0
"""Beats a minute that are looked for; what lies beyond is heard as half or twice."""
_USUAL, _SPREAD = 125.0, 0.65
"""Where listeners put the beat: about here, give or take these octaves."""
_FEWEST = 8
"""Beats it takes to tell a tempo."""
_BAR = 4
_LEAD = 480
"""10 ms from a seam to the attack after it, so that no attack is cut."""
_SEAM = 2_400
"""50 ms around a seam, or a beat."""
_PULSE = 0.12
"""How strongly onsets must gather on the beat: speech and noise stay below 0.1."""
_WANDER = 0.04
"""Parts of a beat by which any ten seconds may lie off it."""
_RELATED = np.array([a / b for a in range(1, 6) for b in range(1, 6)])
"""Ratios of periods that share every few beats."""
_ODD = 0.4
"""Part of the repeats that odd beats have at least: with none between them 0.01, with any 0.6."""
_FAINT = 0.4
"""Part of its usual strength below which a pulse is hardly heard."""
_BESIDE = np.linspace(-0.04, 0.04, 9)
"""How far the beat of a few seconds is looked for beside the whole's."""
_OFF = 0.03
"""How far the beat over all may be from what a first look gave."""
CONFIDENCE = 1.15
"""How far a period must stand out to be a beat at all."""

Curve = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Beat:
    """A steady beat: its period and its first place, in samples, and how far it stands out."""

    period: float
    phase: float
    confidence: float


def tempo(sound: NDArray[np.float32], within: Span) -> TempoFacts | None:
    """The tempo of the music inside a span, and the loop of it; None where it has no steady one.

    Onsets are rises of the spectrum in 24 bands. Their autocorrelation tells the beat, its phase
    over the whole span its period, to microseconds in a minute of music. Where any ten seconds
    drift away from it there is no steady tempo. What counts as a beat is the pulse that stands out:
    where eighths are played throughout a slow piece, that may be eighths. The loop is a long run of
    whole bars of four beats whose end is followed by what its beginning is followed by.

    Args:
        sound: (n, channels) floats at 48 kHz, read block by block.
        within: samples of it that may be used.
    """
    onsets, bands = _onsets(sound, within)
    beat = _beat(onsets)
    if beat is None:
        return None
    found = _loop(beat, onsets, bands, len(within))
    if found is None:
        return None
    loop, beats = found
    placed = Span(loop.start + within.start, loop.end + within.start)
    return TempoFacts(
        bpm=round(60 * SAMPLE_RATE / beat.period, 4),
        confidence=round(beat.confidence, 3),
        loop=placed,
        beats=beats,
        seam_db=round(_seam(sound, placed, beats), 2),
    )


def _onsets(sound: NDArray[np.float32], within: Span) -> tuple[Curve, Curve]:
    """How much the spectrum rises every 5 ms, and its bands in dB.

    Frame k is centred on sample 240 k of the span.
    """
    frames = len(within) // _HOP
    if frames < 2:
        return np.empty(0), np.empty((0, _BANDS))
    edges = np.unique(np.geomspace(1, _WINDOW // 2, _BANDS + 1).round().astype(int))
    shape = np.hanning(_WINDOW + 1)[:-1]
    levels = []
    for first in range(0, frames, _CHUNK):
        count = min(_CHUNK, frames - first)
        start = within.start + first * _HOP - _WINDOW // 2
        end = start + (count - 1) * _HOP + _WINDOW
        part = np.asarray(sound[max(0, start) : end], np.float32).mean(axis=1)
        padded = np.zeros(end - start, np.float32)
        padded[max(0, -start) : max(0, -start) + len(part)] = part
        cut = np.lib.stride_tricks.sliding_window_view(padded, _WINDOW)[::_HOP]
        power = np.square(np.abs(np.fft.rfft(cut * shape, axis=1)))
        levels.append(np.add.reduceat(power, edges[:-1], axis=1))
    power = np.concatenate(levels).astype(np.float64)
    # 60 dB below the loudest of a band nothing is heard of it any more.
    bands = 10 * np.log10(power + 1e-6 * power.max(axis=0) + 1e-20)
    # Amplitudes, not levels: in dB a soft hat between two beats rises as far as the beats do.
    swing = np.sqrt(power)
    swing /= swing.mean(axis=0) + 1e-12
    rise = np.maximum(0, np.diff(swing, axis=0, prepend=swing[:1])).mean(axis=1)
    around = np.ones(_FPS // 2) / (_FPS // 2)
    local = np.convolve(rise, around)[len(around) // 2 :][: len(rise)]
    return np.maximum(0, rise - local), bands


def _beat(onsets: Curve) -> _Beat | None:
    """The steady beat of a curve of onsets, None where there is none."""
    if len(onsets) < _FEWEST * 60 / _FASTEST * _FPS or onsets.max() <= 0:
        return None
    ring = _repeats(onsets)
    periods = np.geomspace(60 / _FASTEST * _FPS, 60 / _SLOWEST * _FPS, 300)
    periods = periods[periods * _FEWEST <= len(onsets)]
    if not len(periods):
        return None
    lags = np.arange(len(ring))
    again = np.mean([np.interp(periods * k, lags, ring) for k in range(1, 5)], axis=0)
    # What comes again after a beat comes again after two: repeats favour slow beats, and pulses
    # fast ones, for a slow pulse's overtones are pulses too. Both together favour the right one.
    pulses = np.array([abs(_phasor(onsets, 1 / period)) for period in periods])
    octaves = np.log2(60 * _FPS / periods / _USUAL)
    weighed = np.maximum(0, again) * np.sqrt(pulses) * np.exp(-0.5 * np.square(octaves / _SPREAD))
    best = int(np.argmax(weighed))
    ratios = periods / periods[best]
    related = np.abs(np.log(ratios[:, None] / _RELATED)).min(axis=1) < 0.06
    other = float(again[~related].max()) if (~related).any() else 0.0
    confidence = max(1.0, float(again[best]) / max(other, 0.02))
    if weighed[best] <= 0 or confidence < CONFIDENCE:
        return None
    period = float(periods[best])
    if 2 * period * _FEWEST <= len(onsets) and _every_other(ring, period):
        period *= 2
    return _followed(onsets, ring, period, confidence)


def _every_other(ring: Curve, period: float) -> bool:
    """Whether nothing comes again after odd numbers of beats: then they are half beats."""
    odd, even = (
        sum(max(0.0, _height(ring, k * period)) for k in range(first, 9, 2)) for first in (1, 2)
    )
    return odd < _ODD * even


def _height(ring: Curve, lag: float) -> float:
    """The largest repeat within two frames of a lag; 0 beyond the end."""
    near = ring[max(0, round(lag) - 2) : round(lag) + 3]
    return float(near.max()) if len(near) else 0.0


def _repeats(onsets: Curve) -> Curve:
    """The autocorrelation of a curve, 1 at no lag, each lag by as much as overlaps there."""
    size = 1 << (2 * len(onsets) - 1).bit_length()
    flat = onsets - onsets.mean()
    ring = np.fft.irfft(np.square(np.abs(np.fft.rfft(flat, size))), size)[: len(onsets)]
    return np.asarray(ring / ring[0] * len(onsets) / np.arange(len(onsets), 0, -1), np.float64)


def _phasor(onsets: Curve, frequency: float, first: int = 0) -> complex:
    """The onsets' component at a frequency in cycles a frame, as a part of all of them."""
    turn = np.exp(-2j * np.pi * frequency * (first + np.arange(len(onsets))))
    return complex(np.sum(onsets * turn) / max(float(np.sum(onsets)), 1e-12))


def _followed(onsets: Curve, ring: Curve, period: float, confidence: float) -> _Beat | None:
    """The beat refined over the whole curve; None where it drifts or is too weak."""
    beats = int(len(onsets) / period)
    fitted = period
    # From lags of a few beats to lags of many: each tells the next where to look.
    reach = 4
    while reach < beats:
        counts = range(max(1, reach // 2), min(reach, 3 * beats // 4) + 1)
        places = [_top(ring, count * fitted, fitted / 6) for count in counts]
        squares = sum(count * count for count in counts)
        fitted = sum(c * place for c, place in zip(counts, places, strict=True)) / squares
        reach *= 2
    if abs(fitted / period - 1) > _OFF:
        return None
    strengths = {k: _phasor(onsets, k / fitted) for k in (1, 2)}
    if sum(map(abs, strengths.values())) < _PULSE:
        return None
    which = max(strengths, key=lambda k: abs(strengths[k]))
    if not _holds(onsets, which / fitted, strengths[which], _WANDER * which):
        return None
    return _Beat(_HOP * fitted, _HOP * _attack(onsets, fitted), confidence)


def _holds(onsets: Curve, frequency: float, whole: complex, wander: float) -> bool:
    """Whether a pulse keeps its phase, in parts of a turn, wherever it is heard.

    Ten seconds in which it is hardly heard, as an intro's, tell nothing; most must tell something.
    """
    piece = max(int(4 / frequency), min(10 * _FPS, len(onsets) // 3))
    telling = pieces = 0
    for first in range(0, len(onsets) - piece + 1, piece):
        heard = onsets[first : first + piece]
        part = _phasor(heard, frequency, first)
        pieces += 1
        beside = max(abs(_phasor(heard, frequency * (1 + off))) for off in _BESIDE)
        if max(abs(part), beside) < _FAINT * abs(whole):
            continue
        telling += 1
        if abs(np.angle(part / whole)) / (2 * np.pi) > wander:
            return False
    return 2 * telling > pieces


def _top(ring: Curve, lag: float, around: float) -> float:
    """The lag of the largest repeat near one, between frames by a parabola."""
    low = max(1, round(lag - around))
    high = min(len(ring) - 1, round(lag + around) + 1)
    if high <= low:
        return lag
    best = low + int(np.argmax(ring[low:high]))
    if not 0 < best < len(ring) - 1:
        return lag
    left, top, right = ring[best - 1 : best + 2]
    bend = left - 2 * top + right
    return best + (float(0.5 * (left - right) / bend) if bend < 0 else 0.0)


def _attack(onsets: Curve, period: float) -> float:
    """Where in the first period the beat falls: the place most onsets gather at."""
    steps = 200
    place = (np.arange(len(onsets)) % period / period * steps).astype(int) % steps
    profile = np.bincount(place, onsets, steps)
    around = np.exp(-0.5 * np.square(np.arange(-6, 7) / 2.0))
    smooth = np.convolve(np.tile(profile, 3), around, mode="same")[steps : 2 * steps]
    return (float(np.argmax(smooth)) + 0.5) / steps * period


def _loop(beat: _Beat, onsets: Curve, bands: Curve, length: int) -> tuple[Span, int] | None:
    """The longest run of whole bars, or beats, that fits; of those as long, the one that joins."""
    first = beat.phase - _LEAD
    while first < 0:
        first += beat.period
    beats = int((length - first) // beat.period)
    counts: tuple[int, ...] = (beats,)
    if beats >= 2 * _BAR:
        beats -= beats % _BAR
        # The longest may end where the piece does; up to three bars less, and half of it at least.
        counts = tuple(range(beats, max(2 * _BAR, beats // 2) - 1, -_BAR))[:4]
    best: tuple[float, Span, int] | None = None
    for count in counts if beats >= 2 else ():
        start = first
        while start + count * beat.period <= length:
            span = Span(round(start), round(start) + round(count * beat.period))
            cost = _unlike(span, beat, onsets, bands)
            if best is None or cost < best[0]:
                best = cost, span, count
            start += beat.period
    return (best[1], best[2]) if best is not None else None


def _unlike(span: Span, beat: _Beat, onsets: Curve, bands: Curve) -> float:
    """How far what follows a loop's end is from what follows its beginning, and before alike."""
    reach = round(_BAR * beat.period / _HOP)
    a, b = round(span.start / _HOP), round(span.end / _HOP)
    before = min(reach, a)
    after = min(reach, len(onsets) - b)
    ours = np.concatenate([bands[a - before : a], bands[a : a + after]])
    theirs = np.concatenate([bands[b - before : b], bands[b : b + after]])
    # What can't be compared counts as middling, or the ends of a piece would look best.
    missing = 1 - (before + after) / (2 * reach)
    if not len(ours):
        return 6.0
    return float(np.abs(ours - theirs).mean()) * (1 - missing) + 6.0 * missing


def _seam(sound: NDArray[np.float32], loop: Span, beats: int) -> float:
    """How much more the sound changes at the seam than at the beats within, in dB.

    Where there are bars, than at the beats that lie where it does in its bar.
    """

    def change(before: NDArray[np.float32], after: NDArray[np.float32]) -> float:
        """Power of the rise from one half to the other, over all frequencies."""
        joined = np.concatenate([before, after]).mean(axis=1, dtype=np.float64)
        cut = np.lib.stride_tricks.sliding_window_view(joined, 512)[::128]
        levels = np.abs(np.fft.rfft(cut * np.hanning(513)[:-1], axis=1))
        return float(np.square(np.maximum(0, np.diff(levels, axis=0))).sum()) + 1e-12

    half = _SEAM // 2 + 256
    every = _BAR if beats >= 2 * _BAR else 1
    at = [loop.start + round(k * len(loop) / beats) for k in range(every, beats, every)]
    within = [change(sound[p - half : p], sound[p : p + half]) for p in at]
    seam = change(sound[loop.end - half : loop.end], sound[loop.start : loop.start + half])
    return float(10 * np.log10(seam / np.median(within)))
