"""A detector of bits in blocks: blind, and with the take's geometry and colour.

Blind, the package's own decoding of the delivered pictures is held against the payload: what
anybody can do who has the file alone. Aligned, soft values of the picture brought back to its
canvas are correlated with the payload; coloured, those of that picture in the take's colours.
The take never says what a block carries, only how its colours are and which blocks count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from finisher.watermark.detector import (
    Capability,
    Declared,
    Evidence,
    Hearing,
    Picture,
    Reading,
    Sight,
)
from finisher.watermark.hidden.blocks import SIDE, Doubles, blocks_shown, grid_of
from finisher.watermark.hidden.codes import Code, Layer
from finisher.watermark.hidden.colour import recoloured
from finisher.watermark.hidden.judging import (
    ALIGNED,
    BLIND,
    COLOURED,
    by_sights,
    decoded,
    judged,
    unreadable,
)
from finisher.watermark.hidden.statistics import CERTAIN, chance_of_soft, correlation, finest
from finisher.watermark.hidden.tally import Tally, votes

_SMALLEST = 256 * 256
"""Pixels below which imwatermark refuses a picture, and no code has blocks to speak of."""


class BlockDetector:
    """Reads one code; `make` gives it its keys."""

    def __init__(self, capability: Capability, make: Callable[[Mapping[str, str]], Code]) -> None:
        self._capability = capability
        self._make = make
        self._code: Code | None = None

    @property
    def capability(self) -> Capability:
        """What it reads."""
        return self._capability

    def available(self) -> str | None:
        """Always: it needs nothing but what finisher itself is made with."""
        return None

    def open(self, options: Mapping[str, str]) -> None:
        """Take the keys.

        Raises:
            DocumentError: for a key that it does not know or that is no number.
        """
        self._code = self._make(options)

    def close(self) -> None:
        """Forget the keys."""
        self._code = None

    def detect(self, seen: Iterable[Sight] | Hearing, declared: Declared) -> tuple[Evidence, ...]:
        """Blind, then aligned where the pictures were, then coloured where the take is at hand."""
        code = self._code or self._make({})
        return by_sights(partial(_read, code), seen, declared)


@dataclass(frozen=True, slots=True)
class _Tallies:
    blind: Tally
    aligned: Tally
    coloured: Tally


def _read(code: Code, seen: Iterable[Sight], payload: NDArray[np.bool_]) -> tuple[Evidence, ...]:
    tallies = _Tallies(*(Tally(code, payload.size) for _ in range(3)))
    for sight in seen:
        _count(code, sight, tallies)
    taken = [t for t in (tallies.blind, tallies.aligned, tallies.coloured) if t.pictures]
    tests = 2 * len(taken)
    results = [_blind(code, tallies.blind, payload, tests)]
    for variant, tally in ((ALIGNED, tallies.aligned), (COLOURED, tallies.coloured)):
        if tally.pictures:
            results.append(_soft(variant, tally, payload, tests))
    return tuple(results)


def _count(code: Code, sight: Sight, tallies: _Tallies) -> None:
    """Add one picture to every tally it can speak in."""
    delivered = _looked(code, sight.picture)
    if delivered is not None:
        tallies.blind.add(votes(delivered.layers), np.ones(delivered.blocks), centred=False)
        tallies.blind.pictures += 1
    if sight.aligned is None:
        return
    # Where nothing was moved, what was seen blind is what would be seen again.
    placed = delivered if sight.aligned is sight.picture else _looked(code, sight.aligned)
    if placed is None:
        return
    valid = np.ones(sight.aligned.shape[:2], np.bool_) if sight.valid is None else sight.valid
    used = blocks_shown(valid, placed.grid)
    if not used.any():
        return
    weights = used.astype(np.float64)
    _lean(tallies.aligned, placed.layers, weights)
    if sight.source is None or sight.source.shape != sight.aligned.shape:
        return
    matched = recoloured(sight.aligned, used, code.halves(sight.source))
    if matched is not None:
        _lean(tallies.coloured, code.layers(matched), weights)


def _lean(tally: Tally, layers: tuple[Layer, ...], weights: Doubles) -> None:
    """Add every layer of one picture."""
    for layer in layers:
        tally.add(layer.leaning, layer.weight * weights, centred=True)
    tally.pictures += 1


@dataclass(frozen=True, slots=True, eq=False)
class _Looked:
    """A picture as a code sees it."""

    grid: tuple[int, int]
    layers: tuple[Layer, ...]

    @property
    def blocks(self) -> int:
        return self.grid[0] * self.grid[1]


def _looked(code: Code, picture: Picture) -> _Looked | None:
    """None of a picture that is too small."""
    if _too_small(picture):
        return None
    halves = code.halves(picture)
    return _Looked(grid_of(halves), code.layers(halves))


def _too_small(picture: Picture) -> bool:
    rows, columns = picture.shape[:2]
    return bool(rows * columns < _SMALLEST or min(rows, columns) < 2 * SIDE)


def _blind(code: Code, tally: Tally, payload: NDArray[np.bool_], tests: int) -> Evidence:
    """What the package itself decodes, of the mean over pictures."""
    if not tally.pictures:
        return unreadable("the pictures are too small, or there are none")
    if not tally.heard.all():
        return unreadable("the pictures have fewer blocks than the payload has bits")
    means = tally.means
    return decoded(BLIND, code.bits(means), means, payload, tests, tally.pictures)


def _soft(variant: str, tally: Tally, payload: NDArray[np.bool_], tests: int) -> Evidence:
    """How what the blocks lean to agrees with the payload, in the bits that any block shows."""
    heard = tally.heard
    soft, held = tally.sums[heard], payload[heard]
    if finest(held) * tests >= CERTAIN:
        reason = f"blocks of only {int(heard.sum())} of {payload.size} bits are shown whole"
        return Evidence(Reading.UNREADABLE, variant, pictures=tally.pictures, reason=reason)
    reading, p = judged((chance_of_soft(soft, held), chance_of_soft(-soft, held)), tests)
    return Evidence(
        reading,
        variant,
        matched=int(((soft > 0) == held).sum()),
        bits=int(heard.sum()),
        p=p,
        correlation=correlation(soft, held),
        pictures=tally.pictures,
    )
