"""Outlines of sound for people to look at: its peak in every tenth of a second."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from finisher.timecode import SAMPLE_RATE

STEP = SAMPLE_RATE // 10
"""Samples to each value."""

_FLOOR_DBFS = -120.0


@dataclass(frozen=True, slots=True)
class Envelope:
    """How loud a part of the programme is over time."""

    name: str
    """A stem's, or `master`."""
    peaks: tuple[float, ...]
    """The highest sample of each 100 ms, dBFS, not below -120."""


@dataclass(slots=True)
class Outline:
    """Peaks gathered block by block."""

    peaks: list[float] = field(default_factory=list)

    def add(self, block: NDArray[np.float64] | NDArray[np.float32], at: int) -> None:
        """Take in (n, channels) samples that begin at one of the programme's."""
        if not len(block):
            return
        first, last = at // STEP, (at + len(block) - 1) // STEP
        self.peaks += [0.0] * (last + 1 - len(self.peaks))
        starts = np.maximum(np.arange(first, last + 1) * STEP - at, 0) * block.shape[1]
        highest = np.maximum.reduceat(np.abs(block).reshape(-1), starts)
        for place, peak in enumerate(highest.tolist(), first):
            self.peaks[place] = max(self.peaks[place], peak)

    def passing(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Take in a whole stream that goes by."""
        at = 0
        for block in blocks:
            self.add(block, at)
            at += len(block)
            yield block

    def envelope(self, name: str, samples: int, gain_db: float = 0.0) -> Envelope:
        """The outline of a programme that long, times a gain."""
        count = -(-samples // STEP)
        peaks = np.zeros(count)
        known = self.peaks[:count]
        peaks[: len(known)] = known
        levels = 20 * np.log10(np.maximum(peaks, 1e-9)) + gain_db
        return Envelope(
            name, tuple(np.round(np.maximum(levels, _FLOOR_DBFS), 1).astype(float).tolist())
        )
