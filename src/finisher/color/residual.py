"""What a CDL leaves of a drift, as a coarse smooth table, where several takes bear it out.

Gaussian-process regression of the offsets that areas of common places still want, over colour as
it is perceived: near the evidence it follows what takes agree on, away from it it vanishes. Every
take is predicted from the others first; unless that brings it nearer to what it should be there
is no table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.color.fit import Colours, graded, perceived
from finisher.color.restraint import MOST_GAIN, clipped, gain
from finisher.look import CDL

Floats = NDArray[np.float64]
Table = NDArray[np.float32]

POINTS = 17
"""Points a side: sixteen codes apart, finer than anything the evidence tells."""

_FEW_TAKES = 3
"""Takes below which what one shows can't be told from what the session did."""
_CELL = 0.08
"""Colours nearer to each other than this, eight ΔE, are one observation of a take."""
# How far in perceived colour an observation reaches, and how much of it is noise: tried in turn.
_REACHES, _NOISES = (0.15, 0.3), (1.0, 4.0)
_WORTH = 0.96
"""Held-out error, as a share of the CDL's, that a table must reach."""
_MOST_STEEP = 0.25
"""Most an offset may change from one point to the next, by their distance."""
_LEAST = 1e-3
"""Offsets that are nowhere larger, a quarter of a code, are none."""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What takes tell of the rest: colours (n, 3) perceived, offsets (n, 3) encoded, whose."""

    colour: Floats
    wanted: Floats
    weight: Floats
    take: NDArray[np.int64]


def residual(
    cdl: CDL, found: Sequence[Colours], takes: Sequence[str], share: float
) -> Table | None:
    """Offsets to be added to what the CDL makes of display-encoded RGB, or None.

    `found` are areas by pair of takes, `takes` the names of our take in each. The table holds
    `share` of what was found, indexed [b, g, r, channel] over 0 to 1, in steps of 1e-5.
    """
    names = sorted(set(takes))
    if len(names) < _FEW_TAKES:
        return None
    seen = _observed(cdl, found, [names.index(take) for take in takes])
    best = min(
        (_held_out(seen, reach, noise) for reach in _REACHES for noise in _NOISES),
        key=lambda tried: tried[0],
    )
    worth, strength, reach, noise = best
    if worth > _WORTH:
        return None
    steps = np.linspace(0.0, 1.0, POINTS)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    lattice = np.stack([r, g, b], axis=-1)
    told = _predicted(seen, perceived(lattice.reshape(-1, 3)), reach, noise)
    table = told.reshape(lattice.shape) * strength * share
    return _restrained(cdl.scaled(share), table)


def _restrained(cdl: CDL, offsets: Floats) -> Table | None:
    """Offsets weakened until they are gentle, alone and with the CDL; None where none is left."""
    steep = max(
        float(np.linalg.norm(np.diff(offsets, axis=axis), axis=-1).max()) for axis in range(3)
    ) * (POINTS - 1)
    offsets = offsets * min(1.0, _MOST_STEEP / max(steep, 1e-9))
    for part in (1.0, 0.75, 0.5, 0.25):
        # Rounded far more coarsely than the order of sums can tell between machines.
        table = (np.round(offsets * part, 5) + 0.0).astype(np.float32)
        if float(np.abs(table).max()) < _LEAST:
            return None
        if gain(cdl, table) <= MOST_GAIN:
            return table
    return None


def _observed(cdl: CDL, found: Sequence[Colours], takes: Sequence[int]) -> _Seen:
    """One observation for each take and cell of colour: the median of what its areas want."""
    colour = np.concatenate([perceived(colours.ours) for colours in found])
    wanted = np.concatenate(
        [colours.theirs - clipped(graded(cdl, colours.ours)) for colours in found]
    )
    weight = np.concatenate([colours.weight for colours in found])
    take = np.concatenate(
        [np.full(len(colours.weight), k) for colours, k in zip(found, takes, strict=True)]
    )
    # A colour that is clipped on either side does not tell what it was.
    theirs = np.concatenate([colours.theirs for colours in found])
    ours = np.concatenate([colours.ours for colours in found])
    inside = (np.minimum(ours, theirs).min(axis=1) > 0.01) & (
        np.maximum(ours, theirs).max(axis=1) < 0.985
    )
    colour, wanted, weight, take = colour[inside], wanted[inside], weight[inside], take[inside]
    cells = np.column_stack([take, np.floor(colour / _CELL).astype(np.int64)])
    _, which = np.unique(cells, axis=0, return_inverse=True)
    order = np.argsort(which.ravel(), kind="stable")
    parts = np.split(order, np.flatnonzero(np.diff(which.ravel()[order])) + 1)
    parts = [part for part in parts if weight[part].sum() >= 2]
    return _Seen(
        np.array([colour[part].mean(axis=0) for part in parts]).reshape(-1, 3),
        np.array([np.median(wanted[part], axis=0) for part in parts]).reshape(-1, 3),
        np.array([weight[part].sum() for part in parts]),
        np.array([take[part[0]] for part in parts], dtype=np.int64),
    )


def _held_out(seen: _Seen, reach: float, noise: float) -> tuple[float, float, float, float]:
    """Error on takes left out by the CDL's alone, the strength it is least at, and the settings."""
    told = np.zeros_like(seen.wanted)
    for take in np.unique(seen.take):
        out = seen.take == take
        rest = _Seen(seen.colour[~out], seen.wanted[~out], seen.weight[~out], seen.take[~out])
        told[out] = _predicted(rest, seen.colour[out], reach, noise)
    weight = np.sqrt(seen.weight)[:, None]
    # Large misses are other things in the picture: they have a bounded say.
    size = np.linalg.norm(seen.wanted, axis=1, keepdims=True)
    weight = weight * np.minimum(1.0, 0.03 / np.maximum(size, 1e-9))
    strength = float((weight * seen.wanted * told).sum() / max((weight * told**2).sum(), 1e-12))
    strength = min(1.0, max(0.0, strength))
    left = np.linalg.norm(seen.wanted - strength * told, axis=1)
    share = weight[:, 0]
    worth = float((share * left).sum() / max(float((share * size[:, 0]).sum()), 1e-12))
    return worth, strength, reach, noise


def _predicted(seen: _Seen, colour: Floats, reach: float, noise: float) -> Floats:
    """What the rest is at these perceived colours, given what was seen."""
    if not len(seen.colour):
        return np.zeros_like(colour)
    # A cell that many areas fill is surer, up to a point: its areas share one light.
    doubt = noise * (1.0 + 8.0 / seen.weight)
    kernel = _kernel(seen.colour, seen.colour, reach) + np.diag(doubt)
    known = np.clip(seen.wanted, -0.06, 0.06)
    told: Floats = _kernel(colour, seen.colour, reach) @ np.linalg.solve(kernel, known)
    return told


def _kernel(one: Floats, other: Floats, reach: float) -> Floats:
    """How much colours have in common: 1 for equal ones, vanishing beyond a few reaches."""
    squares = ((one[:, None, :] - other[None, :, :]) ** 2).sum(axis=2)
    near: Floats = np.exp(-squares / (2 * reach**2))
    return near
