"""Find where somebody speaks: loudness against the recording's own floor."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.channels import Layout
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
_BELOW = 9.0
"""dB under the voice that its softer syllables have: where pauses are few, what is softest of the
recording is speech too."""
_CONTRAST = 12.0
_FAINT = 0.15
"""Of the same way: a consonant before a vowel, and a word's dying end, belong to what they are next
to as long as they are above this."""
_FAINT_LEAST = 3.0
"""dB above the floor, more than a floor's own swing."""
_REACH = 30
"""Frames that faint speech may last on either side: the longest consonants take 0.3 s."""


def regions(path: Path, layout: Layout = Layout.STEREO) -> tuple[Span, ...]:
    """Regions of speech in a conformed file, in samples, in order and apart.

    Takes the level of every 10 ms, the 2nd percentile of it as the floor and the 95th as the
    voice; what lies above 40 % of the way between them (in dB), or 9 dB below the voice where that
    is less, and above -60 dBFS, is speech.
    Fainter sound up to 300 ms before and after is too, down to 15 % of the way: so words begin
    with their consonants. Pauses up to 250 ms belong to it. A recording with less than 12 dB
    between both has no pauses. This finds sound as such: it is meant for dialogue and narration,
    not to tell voice from music.

    Args:
        path: raw interleaved float32 at 48 kHz.
        layout: what it holds.
    """
    sound = open_sound(path, len(layout.channels))
    levels = _levels(sound)
    if not len(levels):
        return ()
    audible = levels[levels > _SILENCE]
    if not len(audible):
        return ()
    floor = max(_SILENCE, float(np.percentile(levels, 2)))
    voice = float(np.percentile(audible, 95))
    if voice - floor < _CONTRAST:
        return (Span(0, len(sound)),)
    active = levels > min(floor + _DEPTH * (voice - floor), voice - _BELOW)
    faint = levels > floor + max(_FAINT_LEAST, _FAINT * (voice - floor))
    return tuple(
        Span(max(0, start - _MARGIN) * _FRAME, min(len(sound), (end + _MARGIN) * _FRAME))
        for start, end in _stretches(active, faint)
    )


def _levels(sound: NDArray[np.float32]) -> NDArray[np.float64]:
    """Level in dBFS around each whole 10 ms: the power of all channels, as if in two."""
    powers = []
    for at in range(0, len(sound), _CHUNK * _FRAME):
        part = np.asarray(sound[at : at + _CHUNK * _FRAME], np.float64)
        whole = len(part) // _FRAME
        powers.append(
            np.square(part[: whole * _FRAME]).reshape(whole, _FRAME * part.shape[1]).sum(axis=1)
            / (2 * _FRAME)
        )
    power = np.concatenate(powers) if powers else np.empty(0)
    if len(power) < _AVERAGED:
        return np.empty(0)
    smooth = np.convolve(power, np.full(_AVERAGED, 1 / _AVERAGED), mode="same")
    return np.asarray(10 * np.log10(np.maximum(smooth, 1e-20)), np.float64)


def _stretches(active: NDArray[np.bool_], faint: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Half-open stretches of frames, short pauses closed and short sounds left out.

    What is faint beside one belongs to it, and those that meet so are one.
    """
    steps = np.diff(np.concatenate(([0], active.astype(np.int8), [0])))
    starts, ends = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    loud = _joined([(int(a), int(b)) for a, b in zip(starts, ends, strict=True)], _HANGOVER)
    return _joined(
        [
            (start - _run(faint[:start][::-1]), end + _run(faint[end:]))
            for start, end in loud
            if end - start >= _SHORTEST
        ],
        2 * _MARGIN,
    )


def _joined(stretches: list[tuple[int, int]], apart: int) -> list[tuple[int, int]]:
    """Stretches in order, made one where no more than so many frames lie between."""
    found: list[tuple[int, int]] = []
    for start, end in stretches:
        if found and start - found[-1][1] <= apart:
            found[-1] = found[-1][0], max(found[-1][1], end)
        else:
            found.append((start, end))
    return found


def _run(faint: NDArray[np.bool_]) -> int:
    """How many frames in a row from the first on are faint, up to the longest consonant."""
    near = faint[:_REACH]
    return len(near) if near.all() else int(np.argmin(near))
