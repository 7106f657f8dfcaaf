"""Find a room's own tone: the quietest steady stretch of a sound, free of speech and clicks."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.hearing import ToneFacts
from finisher.timecode import Span

_FRAME = 2_400
"""50 ms: long enough that rumble of 100 Hz has a level, short against a syllable."""
_CHUNK = 600
"""Frames read at a time: half a minute."""
_LENGTHS = (10, 5)
"""Frames looked for, half a second first: shorter is heard as a flutter where it goes round."""
_LONGEST = 80
"""Frames at most, four seconds: longer tells no more of a room."""
_SWING = 2.0
"""dB by which steady frames differ, as a standard deviation; rumble alone has 1.5."""
_STEP = 4.0
"""dB that a frame may lie from the stretch's mean."""
_LEAN = 2.0
"""dB by which both halves may differ: what comes or goes is no room."""
_CREST = 16.0
"""dB of the largest sample above the mean: noise has 13 in half a second, a click more."""
_DIGITAL = 1e-10
"""Mean power of digital silence, which is no room at all: -100 dBFS."""
_CONTRAST = 12.0
"""dB between loud and quiet from which on somebody speaks, or something happens."""
_UNDER = 0.4
"""Part of that, from the quietest up, that belongs to what is no speech."""


@dataclass(frozen=True, slots=True)
class _Frames:
    """Levels in dB and peaks, in dB too, of each 50 ms; -inf for digital silence."""

    levels: NDArray[np.float64]
    peaks: NDArray[np.float64]


def tone(sound: NDArray[np.float32]) -> ToneFacts | None:
    """The stretch to fill holes with, None where a sound has none.

    It is steady in level over its whole length and holds no click, nothing as loud as speech and
    no digital silence; of all such stretches the quietest, as long as it stays like that, half a
    second at least where there is one, else a quarter. Its level is the mean power of all channels.

    Args:
        sound: (n, channels) floats at 48 kHz; it is read block by block.
    """
    frames = _measured(sound)
    heard = frames.levels[np.isfinite(frames.levels)]
    if not len(heard):
        return None
    low, high = np.percentile(heard, (5, 95))
    most = low + _UNDER * (high - low) if high - low > _CONTRAST else np.inf
    for length in _LENGTHS:
        found = _quietest(frames, length, float(most))
        if found is not None:
            first, end = _grown(frames, found, float(most))
            power = np.mean(10 ** (frames.levels[first:end] / 10))
            return ToneFacts(
                Span(first * _FRAME, end * _FRAME), round(float(10 * np.log10(power)), 2)
            )
    return None


def _measured(sound: NDArray[np.float32]) -> _Frames:
    """Level and peak of each whole frame."""
    powers, peaks = [], []
    for at in range(0, len(sound), _CHUNK * _FRAME):
        part = np.asarray(sound[at : at + _CHUNK * _FRAME], np.float64)
        whole = len(part) // _FRAME
        if whole:
            frames = part[: whole * _FRAME].reshape(whole, -1)
            powers.append(np.square(frames).mean(axis=1))
            peaks.append(np.abs(frames).max(axis=1))
    power = np.concatenate(powers) if powers else np.empty(0)
    peak = np.concatenate(peaks) if peaks else np.empty(0)
    with np.errstate(divide="ignore"):
        levels = 10 * np.log10(np.where(power > _DIGITAL, power, 0))
        return _Frames(levels, 20 * np.log10(peak))


def _steady(frames: _Frames, first: int, end: int, most: float) -> bool:
    """Whether a stretch of frames could be a room's tone."""
    levels = frames.levels[first:end]
    if not np.isfinite(levels).all():
        return False
    mean = float(levels.mean())
    half = len(levels) // 2
    return bool(
        mean <= most
        and levels.std() <= _SWING
        and np.abs(levels - mean).max() <= _STEP
        and abs(levels[:half].mean() - levels[-half:].mean()) <= _LEAN
        and frames.peaks[first:end].max() <= mean + _CREST
    )


def _quietest(frames: _Frames, length: int, most: float) -> tuple[int, int] | None:
    """The quietest steady stretch of so many frames."""
    count = len(frames.levels) - length + 1
    if count < 1:
        return None
    summed = np.concatenate(([0.0], np.cumsum(np.maximum(frames.levels, -200))))
    for first in np.argsort(summed[length:] - summed[:-length], kind="stable"):
        if _steady(frames, int(first), int(first) + length, most):
            return int(first), int(first) + length
    return None


def _grown(frames: _Frames, found: tuple[int, int], most: float) -> tuple[int, int]:
    """The stretch made longer on both sides for as long as it stays steady."""
    first, end = found
    moved = True
    while moved and end - first < _LONGEST:
        moved = False
        if end < len(frames.levels) and _steady(frames, first, end + 1, most):
            end, moved = end + 1, True
        if first > 0 and _steady(frames, first - 1, end, most):
            first, moved = first - 1, True
    return first, end
