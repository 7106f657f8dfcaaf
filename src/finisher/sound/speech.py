"""Find where somebody speaks: loudness against the recording's own floor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.sound.mix import open_sound
from finisher.timecode import Span

_FRAME = 480  # 10 ms
_AVERAGED = 3  # frames, so that the gaps between a voice's periods don't show
_CHUNK = 3_000  # frames read at a time: 30 s
# Syllables and words pause for up to about 250 ms; longer ones separate regions.
_HANGOVER = 25
_SHORTEST = 8  # frames: clicks and breaths are shorter than any syllable
_MARGIN = 2  # frames on both sides: consonants begin softer than the threshold
_SILENCE = -60.0
_DEPTH = 0.4  # of the way from floor to voice, in dB
_CONTRAST = 6.0


def regions(path: Path) -> tuple[Span, ...]:
    """Regions of speech in a conformed file, in samples, in order and apart.

    Takes the level of every 10 ms, the 10th percentile of it as the floor and the 95th as the
    voice; what lies above 40 % of the way between them (in dB), and above -60 dBFS, is speech.
    Pauses up to 250 ms belong to it. A recording with less than 6 dB between both has no pauses.
    This finds sound as such: it is meant for dialogue and narration, not to tell voice from music.

    Args:
        path: raw interleaved stereo float32 at 48 kHz.
    """
    sound = open_sound(path)
    levels = _levels(sound)
    if not len(levels):
        return ()
    audible = levels[levels > _SILENCE]
    if not len(audible):
        return ()
    floor = max(_SILENCE, float(np.percentile(levels, 10)))
    voice = float(np.percentile(audible, 95))
    if voice - floor < _CONTRAST:
        return (Span(0, len(sound)),)
    active = levels > floor + _DEPTH * (voice - floor)
    return tuple(
        Span(max(0, start - _MARGIN) * _FRAME, min(len(sound), (end + _MARGIN) * _FRAME))
        for start, end in _stretches(active)
    )


def _levels(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Level in dBFS around each whole 10 ms, of both channels' mean power."""
    powers = []
    for at in range(0, len(sound), _CHUNK * _FRAME):
        part = np.asarray(sound[at : at + _CHUNK * _FRAME], np.float64)
        whole = len(part) // _FRAME
        powers.append(np.square(part[: whole * _FRAME]).reshape(whole, 2 * _FRAME).mean(axis=1))
    power = np.concatenate(powers) if powers else np.empty(0)
    if len(power) < _AVERAGED:
        return np.empty(0)
    smooth = np.convolve(power, np.full(_AVERAGED, 1 / _AVERAGED), mode="same")
    return np.asarray(10 * np.log10(np.maximum(smooth, 1e-20)), np.float64)


def _stretches(active: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open stretches of frames, short pauses closed and short sounds left out."""
    steps = np.diff(np.concatenate(([0], active.astype(np.int8), [0])))
    found: list[tuple[int, int]] = []
    for start, end in zip(np.flatnonzero(steps == 1), np.flatnonzero(steps == -1), strict=True):
        if found and start - found[-1][1] <= _HANGOVER:
            found[-1] = (found[-1][0], int(end))
        else:
            found.append((int(start), int(end)))
    return [(start, end) for start, end in found if end - start >= _SHORTEST]
