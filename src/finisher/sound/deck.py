"""A mixed programme on disk that is tried in one setting after another."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.media.encode_sound import decode_packets, encode
from finisher.presets.model import Audio, Loudness
from finisher.sound.limiter import limit, peaks_of
from finisher.sound.meter import Reading, measure, observe
from finisher.sound.mix import BLOCK
from finisher.sound.offset import Excerpt, Moved, loudest_second, moved, offset
from finisher.sound.outline import Outline
from finisher.sound.search import Mixed, Setting
from finisher.timecode import Span

_FLOAT = 4


@dataclass(frozen=True, slots=True)
class Attempt:
    """A setting, encoded, decoded and measured."""

    setting: Setting
    path: Path
    limiting_db: float
    """The most that the limiter turned down."""
    reading: Reading
    outline: Outline
    """Of the decoded sound."""
    offset: int | None
    """Samples by which the decoded sound comes late; None for silence."""
    moved: Moved | None
    """The channel whose level the codec changes most, where the mix is loudest."""

    def misses(self, target: Loudness) -> tuple[float, float]:
        """By how much the true peak is too high (dB, 0 for none) and loudness is off (LU)."""
        level = self.reading.integrated
        off = math.inf if level is None else abs(level - target.target_lufs)
        return max(0.0, self.reading.true_peak - target.true_peak_dbtp), off


@dataclass(slots=True)
class Deck:
    """The mix, what is known of it, how it is to be encoded, and what was tried."""

    mixed: Mixed
    stored: Path
    """Raw float32 in the layout's channels."""
    spec: Audio
    skip: int
    loudest: Span
    attempts: list[Attempt] = field(default_factory=list)

    def attempt(self, setting: Setting) -> Attempt:
        """Encode the mix with a setting and measure what a player gets."""
        path = self.stored.with_name(f"sound-{len(self.attempts) + 1}.nut")
        curve = self.mixed.curve(setting)
        fed, heard, outline = Excerpt(self.loudest), Excerpt(self.loudest), Outline()
        encode(fed.passing(self.processed(setting, curve)), self.spec, path, self.skip)
        decoded = outline.passing(heard.passing(decode_packets(path, self.skip)))
        reading = measure(decoded, self.spec.layout.weights)
        limiting = 0.0 if curve is None else float(curve.max())
        pair = fed.samples(), heard.samples()
        changed = moved(*pair, self.spec.layout.channels)
        attempt = Attempt(setting, path, limiting, reading, outline, offset(*pair), changed)
        self.attempts.append(attempt)
        return attempt

    def processed(
        self, setting: Setting, curve: NDArray[np.float32] | None
    ) -> Iterator[NDArray[np.float32]]:
        """The mix with a setting applied."""
        played = play(self.stored, len(self.spec.layout.channels))
        if curve is not None:
            return limit(played, curve, setting.gain_db)
        if not setting.gain_db:
            return played
        gain = np.float64(10.0 ** (setting.gain_db / 20.0))
        return ((block * gain).astype(np.float32) for block in played)


def load(
    blocks: Iterator[NDArray[np.float32]], spec: Audio, skip: int, stored: Path, samples: int
) -> Deck:
    """Take down a mix, and what is to be known of it.

    Args:
        blocks: the mix, (n, channels).
        spec: how it will be encoded.
        skip: samples the encoder is not fed.
        stored: where to write it, raw.
        samples: how many it has.
    """
    reading, powers = observe(_written(blocks, stored), spec.layout.weights)
    channels = len(spec.layout.channels)
    mixed = Mixed(reading, powers, partial(_peaks, stored, channels))
    return Deck(mixed, stored, spec, skip, loudest_second(powers, samples))


def play(path: Path, channels: int) -> Iterator[NDArray[np.float32]]:
    """A raw float32 file in (n, channels) blocks, read and not mapped: memory stays small."""
    with path.open("rb", buffering=0) as file:
        while data := file.read(BLOCK * channels * _FLOAT):
            yield np.frombuffer(data, np.float32).reshape(-1, channels)


def _peaks(stored: Path, channels: int, matters: float) -> NDArray[np.float32]:
    """The true peaks of a stored mix."""
    return peaks_of(play(stored, channels), matters)


def _written(blocks: Iterator[NDArray[np.float32]], path: Path) -> Iterator[NDArray[np.float32]]:
    """Pass blocks on and keep them in a file."""
    with path.open("wb") as file:
        for block in blocks:
            file.write(block.data)
            yield block
