"""What a programme sounds like in little: levels all along, and excerpts to find its place by."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from finisher.timecode import Span

HOP = 480
"""Samples between two levels, at the finest: 10 ms."""
FLOOR_DBFS = -100.0
STEP_DB = 0.5
"""A level is a byte of half decibels above the floor."""
EXCERPT = 5_760
"""Samples an excerpt spans: 120 ms, in which most sounds change enough to tell one place."""
THIN = 6
"""Samples an excerpt keeps the mean of: 8 000 values a second hold what places a sound."""
REACH = 12_000
"""Samples to either side in which an excerpt is looked for: 250 ms."""

_MOST = 120_000
"""Levels of a programme at most: ten minutes of stereo at the finest, coarser beyond."""
_PARTS = 3
"""Excerpts come from so many parts of a programme: sound may be in place first and drift."""
_ONSET = 3  # hops an excerpt begins before what it was chosen for
_BEFORE = 5  # hops a rise is measured against
_AUDIBLE = 10.0 ** (-60.0 / 10.0)
_PERIOD = 0.002
"""Likeness within which places are equally good, as the periods of a steady tone are."""

Powers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Excerpt:
    """A short stretch of one channel."""

    channel: int
    start: int
    """Its first sample in the programme."""
    shape: NDArray[np.int8]
    """Means of `THIN` samples each, 127 at the loudest."""


@dataclass(slots=True)
class Ear:
    """Listens to a programme block by block and keeps what little is asked for."""

    wanted: tuple[Span, ...] = ()
    """Stretches to keep as they are; before the programme's start they are silence."""
    _at: int = 0
    _rest: NDArray[np.float32] | None = None
    _powers: list[Powers] = field(default_factory=list)
    _kept: list[NDArray[np.float32]] = field(default_factory=list)

    def hear(self, block: NDArray[np.float32]) -> None:
        """The next samples of the programme, (n, channels)."""
        if not self._kept:
            shapes = ((len(span), block.shape[1]) for span in self.wanted)
            self._kept = [np.zeros(shape, np.float32) for shape in shapes]
        here = Span(self._at, self._at + len(block))
        for span, kept in zip(self.wanted, self._kept, strict=True):
            both = span.meet(here)
            if both is not None:
                part = block[both.start - self._at : both.end - self._at]
                kept[both.start - span.start : both.end - span.start] = part
        self._at = here.end
        line = block if self._rest is None else np.concatenate((self._rest, block))
        whole = len(line) // HOP
        parts = line[: whole * HOP].reshape(whole, HOP, line.shape[1])
        self._powers.append(np.einsum("ijk,ijk->ik", parts, parts, dtype=np.float64) / HOP)
        self._rest = line[whole * HOP :]

    @property
    def powers(self) -> Powers:
        """Mean square of every whole 10 ms by channel: (n, channels)."""
        return np.concatenate(self._powers) if self._powers else np.zeros((0, 0))

    @property
    def kept(self) -> tuple[NDArray[np.float32], ...]:
        """The stretches that were wanted, (n, channels) each; none where nothing was heard."""
        return tuple(self._kept)


def hop_of(samples: int, channels: int) -> int:
    """Samples a promised level stands for: 10 ms, or so many times that a claim has room."""
    return HOP * max(1, -(-(samples // HOP) * channels // _MOST))


def levels(powers: Powers, hop: int) -> NDArray[np.float64]:
    """Levels in dBFS of every whole `hop` samples, not below the floor: (n, channels)."""
    each = hop // HOP
    count = len(powers) // each
    pooled = powers[: count * each].reshape(count, each, powers.shape[1]).mean(axis=1)
    least = 10.0 ** (FLOOR_DBFS / 10.0)
    return np.asarray(10.0 * np.log10(np.maximum(pooled, least)), np.float64)


def packed(series: NDArray[np.float64]) -> NDArray[np.uint8]:
    """Levels as bytes."""
    steps = np.rint((series - FLOOR_DBFS) / STEP_DB)
    return np.clip(steps, 0, 255).astype(np.uint8)


def unpacked(values: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Bytes as levels in dBFS."""
    return values.astype(np.float64) * STEP_DB + FLOOR_DBFS


def chosen(powers: Powers) -> tuple[tuple[int, int], ...]:
    """Channel and first sample of the excerpts that place a programme best, in order.

    They are taken where a channel's amplitude rises most, one in each part of the programme
    that is louder than -60 dBFS there.
    """
    if not powers.size:
        return ()
    amplitude = np.sqrt(powers)
    padded = np.concatenate((np.zeros((_BEFORE, amplitude.shape[1])), amplitude))
    before = np.lib.stride_tricks.sliding_window_view(padded, _BEFORE, axis=0)[:-1].max(axis=2)
    rise = amplitude - before
    found = []
    parts = _PARTS if len(powers) * HOP >= _PARTS * 2 * EXCERPT else 1
    for part in range(parts):
        first, end = len(powers) * part // parts, len(powers) * (part + 1) // parts
        # What begins at a part's very end has no room for an excerpt in a short programme.
        last = max(first + 1, min(end, len(powers) - EXCERPT // HOP + _ONSET))
        score = rise[first:last]
        hop, channel = divmod(int(score.argmax()), score.shape[1])
        hop += first
        if powers[hop : hop + EXCERPT // HOP, channel].max() >= _AUDIBLE:
            found.append((channel, max(0, hop - _ONSET) * HOP))
    return tuple(dict.fromkeys(found))


def around(start: int) -> Span:
    """Where an excerpt is looked for."""
    return Span(start - REACH, start + EXCERPT + REACH)


def cut(channel: int, start: int, stretch: NDArray[np.float32]) -> Excerpt:
    """An excerpt of a stretch, (`EXCERPT`, channels), that begins at a sample."""
    means = stretch[:, channel].astype(np.float64).reshape(-1, THIN).mean(axis=1)
    loudest = float(np.abs(means).max())
    scale = 127.0 / loudest if loudest > 0 else 0.0
    return Excerpt(channel, start, np.rint(means * scale).astype(np.int8))


def excerpts(
    places: Sequence[tuple[int, int]], stretches: Iterable[NDArray[np.float32]]
) -> tuple[Excerpt, ...]:
    """Excerpts of the stretches that begin at those places."""
    pairs = zip(places, stretches, strict=True)
    return tuple(cut(channel, start, stretch) for (channel, start), stretch in pairs)


def lag(excerpt: Excerpt, stretch: NDArray[np.float32]) -> tuple[int, float]:
    """By how many samples an excerpt's sound lies late in a stretch `around` it, and how alike.

    Likeness is normalised cross-correlation: 1 for the same shape, -1 for the same shape of turned
    polarity, which counts where it is more alike than any place that is upright. Of places that
    are alike to 0.002, as the periods of a steady tone are, the nearest counts.
    """
    line = stretch[:, excerpt.channel].astype(np.float64)
    sums = np.concatenate(([0.0], np.cumsum(line)))
    means = (sums[THIN:] - sums[:-THIN]) / THIN
    shape = excerpt.shape.astype(np.float64)
    comb = np.zeros(EXCERPT)
    comb[::THIN] = shape
    mask = np.zeros(EXCERPT)
    mask[::THIN] = 1.0
    product = _correlated(means, comb)
    energy = _correlated(np.square(means), mask)
    norm = np.sqrt(np.maximum(energy, 0.0)) * float(np.sqrt(np.square(shape).sum()))
    # A stretch far quieter than the loudest is alike by chance only.
    heard = norm > 1e-3 * float(norm.max(initial=0.0))
    alike = np.where(heard, product / np.where(heard, norm, 1.0), 0.0)
    lags = np.arange(len(alike)) - REACH
    # Half a period of a steady tone away its turned shape is as good: that proves no turn.
    sign = -1.0 if -float(alike.min()) > float(alike.max()) + _PERIOD else 1.0
    alike *= sign
    best = float(alike.max())
    good = np.flatnonzero((alike >= best - _PERIOD) & _peaks(alike))
    return int(lags[good[np.abs(lags[good]).argmin()]]), sign * best


def _peaks(alike: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a value is no less than those beside it."""
    beside = np.pad(alike, 1, constant_values=-np.inf)
    return np.asarray((alike >= beside[:-2]) & (alike >= beside[2:]), np.bool_)


def _correlated(line: NDArray[np.float64], pattern: NDArray[np.float64]) -> NDArray[np.float64]:
    """The sum of products with a pattern laid at each place where it fits."""
    size = 1 << (len(line) + len(pattern) - 1).bit_length()
    spectrum = np.fft.rfft(line, size) * np.conj(np.fft.rfft(pattern, size))
    count = 2 * REACH + 1
    return np.asarray(np.fft.irfft(spectrum, size)[:count], np.float64)
