"""By how many samples a sound that was encoded and decoded lies off the one that was fed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from finisher.sound.kweighting import RUN
from finisher.timecode import SAMPLE_RATE, Span

_WIDEST = 4_800
"""Samples it is looked for on either side: 100 ms, several codec frames."""

_ALIKE = 0.999


@dataclass(slots=True)
class Excerpt:
    """A stretch of a stream, kept as it goes by."""

    span: Span
    kept: list[NDArray[np.float32]] = field(default_factory=list)

    def passing(self, blocks: Iterable[NDArray[np.float32]]) -> Iterator[NDArray[np.float32]]:
        """Keep the stretch of a stream."""
        at = 0
        for block in blocks:
            part = block[max(0, self.span.start - at) : max(0, self.span.end - at)]
            if len(part):
                self.kept.append(part.copy())
            at += len(block)
            yield block

    def samples(self) -> NDArray[np.float32]:
        """What was kept, (n, channels)."""
        return np.concatenate(self.kept) if self.kept else np.empty((0, 1), np.float32)


def loudest_second(powers: NDArray[np.float32], samples: int) -> Span:
    """Where a programme of known power per run is loudest."""
    runs = SAMPLE_RATE // RUN
    if len(powers) <= runs:
        return Span(0, min(samples, SAMPLE_RATE))
    # Quarter seconds: 4 of them are summed at a time, in much less memory than a running sum.
    quarters = np.add.reduceat(powers, np.arange(0, len(powers), runs // 4), dtype=np.float64)
    sums = np.convolve(quarters, np.ones(4), "valid")
    start = int(np.argmax(sums)) * (SAMPLE_RATE // 4)
    return Span(start, min(samples, start + SAMPLE_RATE))


def offset(fed: NDArray[np.float32], heard: NDArray[np.float32]) -> int | None:
    """Samples by which `heard` comes late against `fed`, two excerpts from the same place.

    The shift at which they are most alike, over all channels; of shifts that are alike to within a
    thousandth, the smallest: low tones leave it open, and codecs turn their phase. None where one
    of them is silent.
    """
    length = min(len(fed), len(heard))
    if not length or not fed[:length].any() or not heard[:length].any():
        return None
    size = 1 << (2 * length - 1).bit_length()
    # Differences: what is quick tells time best.
    sources = np.fft.rfft(np.diff(fed[:length].astype(np.float64), axis=0), size, axis=0)
    results = np.fft.rfft(np.diff(heard[:length].astype(np.float64), axis=0), size, axis=0)
    likeness = np.fft.irfft((results * sources.conj()).sum(axis=1), size)
    reach = min(_WIDEST, length - 1)
    around = np.concatenate((likeness[len(likeness) - reach :], likeness[: reach + 1]))
    shifts = np.flatnonzero(around >= _ALIKE * around.max()) - reach
    return int(shifts[np.argmin(np.abs(shifts))])
