"""Listen to a finished file: one decode for everything, one more for the second meter."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.channels import Layout
from finisher.ffmpeg import sounds
from finisher.media.channel_names import channel_names
from finisher.problems import MediaError
from finisher.promises import PromisedExcerpt, PromisedSound
from finisher.sound import meter
from finisher.sound.imprint import EXCERPT, HOP, THIN, Ear, Excerpt, around, lag, levels
from finisher.timecode import SAMPLE_RATE

# ITU-R BS.1770-4, table 3; channels that are not named there count in full.
_WEIGHTS = {
    **dict(zip(Layout.SURROUND.channels, Layout.SURROUND.weights, strict=True)),
    "BL": 1.41,
    "BR": 1.41,
}


@dataclass(frozen=True, slots=True)
class MeasuredSound:
    """A decoded sound track by two meters; levels in LUFS and dBTP, None for silence."""

    rate: int
    channels: int
    samples: int
    integrated: float | None
    true_peak: float | None
    second_integrated: float | None
    second_true_peak: float | None
    names: tuple[str, ...] = Layout.STEREO.channels
    """What the container calls its channels."""
    levels: NDArray[np.float64] | None = field(default=None, compare=False)
    """Level of each channel at each promised hop, dBFS: (hops, channels)."""
    lags: tuple[tuple[int, float], ...] = ()
    """For each promised excerpt, by how many samples it lies late, and how alike it is."""


def hear(path: Path, promised: PromisedSound | None, complaints: list[str]) -> MeasuredSound | None:
    """The sound track by both meters, with what it takes to judge what is promised of it.

    None where there is none, or none that decodes; what the decoder says goes to `complaints`.
    """
    told: list[str] = []
    excerpts = _excerpts(promised)
    ear = Ear(tuple(around(excerpt.start) for excerpt in excerpts))
    heard = [0]
    try:
        names = channel_names(path)
        with sounds.decode_sound(path, told) as sound:
            blocks = _overheard(sound.blocks, ear, heard)
            own: tuple[float | None, float | None] = (None, None)
            if sound.rate == SAMPLE_RATE:
                reading = meter.measure(blocks, _weights(names, sound.channels))
                own = (_finite(reading.integrated), _finite(reading.true_peak))
            else:
                for _ in blocks:
                    pass
        second = sounds.ebur128(path)
    except MediaError:
        return None
    complaints += told
    return MeasuredSound(
        sound.rate,
        sound.channels,
        heard[0],
        *own,
        _finite(second.integrated_lufs),
        _finite(second.true_peak_dbtp),
        names,
        _levels(ear, promised),
        _lags(ear, excerpts, sound.channels),
    )


def _weights(names: tuple[str, ...], channels: int) -> list[float]:
    """Weight of each channel in loudness; all alike where they are not all named."""
    named = names if len(names) == channels else ("",) * channels
    return [_WEIGHTS.get(name, 1.0) for name in named]


def _excerpts(promised: PromisedSound | None) -> tuple[Excerpt, ...]:
    """What is promised of places; what has not the shape of an excerpt is none."""
    found = promised.excerpts if promised is not None else ()
    return tuple(_excerpt(one) for one in found if len(one.shape) == EXCERPT // THIN)


def _excerpt(promised: PromisedExcerpt) -> Excerpt:
    shape: NDArray[np.int8] = np.frombuffer(promised.shape, np.int8)
    return Excerpt(promised.channel, promised.start, shape)


def _overheard(
    blocks: Iterator[NDArray[np.float32]], ear: Ear, heard: list[int]
) -> Iterator[NDArray[np.float32]]:
    """The blocks as they come, listened to and counted on their way to the meter."""
    for block in blocks:
        heard[0] += len(block)
        ear.hear(block)
        yield block


def _levels(ear: Ear, promised: PromisedSound | None) -> NDArray[np.float64] | None:
    """Levels at the promised hop; None where none are promised, or that hop is no multiple."""
    known = promised.levels if promised is not None else None
    if known is None or known.hop % HOP or not ear.powers.size:
        return None
    return levels(ear.powers, known.hop)


def _lags(ear: Ear, excerpts: tuple[Excerpt, ...], channels: int) -> tuple[tuple[int, float], ...]:
    """Where each excerpt was found; nowhere where the file has no such channel."""
    kept = ear.kept
    return tuple(
        lag(excerpt, kept[number]) if kept and excerpt.channel < channels else (0, 0.0)
        for number, excerpt in enumerate(excerpts)
    )


def _finite(level: float | None) -> float | None:
    return level if level is not None and math.isfinite(level) else None
