"""Colours that look alike between two sessions where no common place was recognised.

Every take becomes a few dozen blocks, each described by its own colour, that of its surround and
its texture. Unbalanced optimal transport pairs blocks of one session with blocks of the other
and leaves those without a counterpart alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.color.fit import Colours, fit, graded, perceived
from finisher.color.pictures import Pictures
from finisher.look import CDL

Floats = NDArray[np.float64]

_ACROSS = 40
_SAMPLES = 90
# What a take's near black and near white say about colour is clipped or noise.
_DARK, _BRIGHT = 0.02, 0.985

_RHO = 0.01
"""Price of leaving a block unpaired: above a distance of √0.01 = 10 ΔE most stay alone."""
_SWEEPS = 15


@dataclass(frozen=True, slots=True)
class Blocks:
    """Blocks of one take: mean colours and surrounds (n, 3) encoded, texture (n,)."""

    colour: Floats
    surround: Floats
    texture: Floats

    def __len__(self) -> int:
        """How many."""
        return len(self.texture)


def blocks_of(pictures: Pictures) -> Blocks:
    """Sample a take's blocks on an even grid, the same places in every take."""
    frames = pictures.frames.astype(np.float64) / 255.0
    edge = max(2, frames.shape[2] // _ACROSS)
    height, width = frames.shape[1] // edge, frames.shape[2] // edge
    tiles = frames[:, : height * edge, : width * edge].reshape(
        len(frames), height, edge, width, edge, 3
    )
    colour = tiles.mean(axis=(2, 4))
    texture = (tiles @ np.array([0.2126, 0.7152, 0.0722])).std(axis=(2, 4))
    out = pictures.leave_out[: height * edge, : width * edge].reshape(height, edge, width, edge)
    surround = _box(colour)
    luma = colour @ np.array([0.2126, 0.7152, 0.0722])
    good = (out.max(axis=(1, 3)) == 0)[None] & (luma > _DARK) & (colour.max(axis=-1) < _BRIGHT)
    chosen = np.flatnonzero(good.ravel())
    if len(chosen) > _SAMPLES:
        chosen = chosen[np.linspace(0, len(chosen) - 1, _SAMPLES).round().astype(int)]
    return Blocks(
        colour.reshape(-1, 3)[chosen],
        surround.reshape(-1, 3)[chosen],
        texture.ravel()[chosen],
    )


def joined(parts: Sequence[Blocks]) -> Blocks:
    """Blocks of several takes as one set."""
    return Blocks(
        np.concatenate([part.colour for part in parts]),
        np.concatenate([part.surround for part in parts]),
        np.concatenate([part.texture for part in parts]),
    )


def aligned(
    ours: Blocks, theirs: Blocks, start: CDL, epsilons: Sequence[float], evidence: float
) -> tuple[CDL, float, Colours]:
    """Pair blocks and fit the CDL in turns, ever more sharply.

    Returns the CDL, the mean price of a pairing under it (squared distance, unpaired blocks at
    their price), and the pairs: each of our blocks with the mean of its counterparts.
    """
    cdl = start
    price, pairs = 0.0, Colours(np.empty((0, 3)), np.empty((0, 3)), np.empty(0))
    for epsilon in epsilons:
        cost = _cost(ours, theirs, cdl)
        plan = transport(cost, epsilon, _RHO)
        mass = plan.sum(axis=1)
        target = plan @ theirs.colour / np.maximum(mass, 1e-12)[:, None]
        pairs = Colours(ours.colour, target, mass * len(ours))
        price = _price(cost, plan)
        if mass.sum() > 0.02:
            cdl = fit(pairs, evidence * float(mass.sum()), cdl, 0.03)
    return cdl, price, pairs


def moments(ours: Blocks, theirs: Blocks) -> CDL:
    """The CDL that gives our blocks the mean and, within reason, the spread of theirs.

    Right only where both show the same: a start for `aligned` when a drift is so strong that
    blocks look unlike, never a result.
    """
    spread = np.clip(
        theirs.colour.std(axis=0) / np.maximum(ours.colour.std(axis=0), 1e-3), 0.7, 1.4
    )
    shift = theirs.colour.mean(axis=0) - spread * ours.colour.mean(axis=0)
    r, g, b = (float(v) for v in spread)
    x, y, z = (float(v) for v in shift)
    return CDL((r, g, b), (x, y, z))


def variety(blocks: Blocks) -> float:
    """How far a set of blocks spreads in colour, as a standard deviation (0.01 is one ΔE)."""
    return float(np.sqrt(perceived(blocks.colour).var(axis=0).sum()))


def transport(cost: Floats, epsilon: float, rho: float) -> Floats:
    """Unbalanced optimal transport between even masses, entropy ε, marginals relaxed by ρ.

    Chizat, Peyré, Schmitzer, Vialard: "Scaling algorithms for unbalanced optimal transport
    problems" (2018), the Kullback–Leibler case, in the log domain.
    """
    n, m = cost.shape
    log_a, log_b = -np.log(n), -np.log(m)
    lam = rho / (rho + epsilon)
    scaled = -cost / epsilon
    f, g = np.zeros(n), np.zeros(m)
    for _ in range(_SWEEPS):
        f = -lam * _logsum(scaled + (g + log_b)[None, :], 1)
        g = -lam * _logsum(scaled + (f + log_a)[:, None], 0)
    plan: Floats = np.exp(scaled + (f + log_a)[:, None] + (g + log_b)[None, :])
    return plan


def _logsum(values: Floats, axis: int) -> Floats:
    """Log Σ exp, safe."""
    top = values.max(axis=axis)
    total: Floats = top + np.log(np.exp(values - np.expand_dims(top, axis)).sum(axis=axis))
    return total


def _price(cost: Floats, plan: Floats) -> float:
    """Mean price of our blocks: their pairs' cost, and ρ for the part left unpaired."""
    paired = float(plan.sum())
    return float((plan * cost).sum()) + _RHO * max(0.0, 1.0 - paired)


def _cost(ours: Blocks, theirs: Blocks, cdl: CDL) -> Floats:
    """Squared distances of colour, of surround, and an eighth of texture's."""
    total = _squares(perceived(graded(cdl, ours.colour)), perceived(theirs.colour))
    total += _squares(perceived(graded(cdl, ours.surround)), perceived(theirs.surround))
    total += 0.125 * (ours.texture[:, None] - theirs.texture[None, :]) ** 2
    return total


def _squares(one: Floats, other: Floats) -> Floats:
    """All squared distances between two lists of points."""
    squares = (one**2).sum(1)[:, None] + (other**2).sum(1)[None, :] - 2 * one @ other.T
    positive: Floats = np.maximum(squares, 0.0)
    return positive


def _box(values: Floats) -> Floats:
    """Means over 5 × 5 blocks, edges repeated."""
    padded = np.pad(values, ((0, 0), (2, 2), (2, 2), (0, 0)), mode="edge")
    height, width = values.shape[1:3]
    total = np.zeros_like(values)
    for y in range(5):
        for x in range(5):
            total += padded[:, y : y + height, x : x + width]
    return total / 25
