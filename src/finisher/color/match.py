"""The session match: one CDL that brings a session's colours to another's, and how sure it is.

All takes of a session are judged together, so that what they show averages out and what the
session did to them remains. Common places are sought first; where there are too few, blocks that
look alike are paired. A match that does not convince is no match: identity, confidence 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from finisher.color.blocks import Blocks, aligned, blocks_of, joined, moments, variety
from finisher.color.fit import Colours, fit, graded
from finisher.color.pictures import Pictures
from finisher.color.places import same_places
from finisher.color.science import cielab, delta_e
from finisher.facts import MatchFacts
from finisher.look import CDL

Floats = NDArray[np.float64]
Item = TypeVar("Item")

# A correction beyond these is a different picture, not a drift: it is taken back as a whole.
_MOST_SLOPE, _MOST_OFFSET, _MOST_POWER = 1.6, 0.10, 1.6
_MOST_SATURATION = 1.7

_MOST_TAKES = 8
"""Takes of each session that are compared: more add time by their square and little else."""

_FEW_AREAS, _MANY_AREAS = 12.0, 600.0
"""Areas of a common place below which it says nothing, and beyond which more say no more."""

_FEW_BLOCKS = 20
# Price of a pairing of two takes' blocks beyond which they show different things. Measured on
# natural pictures: other places 5.3e-3 at the least, one place mostly 2.9e-3 to 5e-3.
_DEAR, _DEAR_LABELLED = 4.6e-3, 6.0e-3

_PLAIN = 0.05
"""Spread of colour below which any cast would explain everything: five ΔE."""

# Measured without any drift: left and right parts of one picture differ by up to 1.5.
_CHANCE_PLACES, _CHANCE_BLOCKS = 0.5, 1.6

_LEAST_STRENGTH = 0.05
"""Below this share of the correction there is nothing worth doing."""


@dataclass(frozen=True, slots=True)
class _Estimate:
    """A correction at full strength, the share of it that is justified, and its evidence."""

    cdl: CDL
    strength: float
    chance: float
    """Mean ΔE that differing content alone makes an estimate of this kind move by."""
    colours: Colours


def match(
    session: str, reference: str, ours: Sequence[Pictures], theirs: Sequence[Pictures]
) -> MatchFacts:
    """The CDL from a session's takes (ours) to the reference session's (theirs).

    Takes whose scenes bear the same name are compared with each other alone; where no name is
    shared, all are. The result is deterministic. `distance_before` and `distance_after` are mean
    ΔE2000 over the areas the estimate rests on; without a match both are the same. Identity with
    confidence means that the sessions agree already, identity without that nobody can tell.
    """
    pairs, labelled = _candidates(ours, theirs)
    estimate = _by_places(same_places(pairs)) if pairs else None
    if estimate is None and pairs:
        estimate = _by_blocks(pairs, labelled=labelled)
    if estimate is None:
        return MatchFacts(session, reference, CDL(), 0.0, 0.0, 0.0, 0)
    full = _bounded(estimate.cdl)
    strength = estimate.strength * _dead_zone(full, estimate)
    cdl = _rounded(full.scaled(strength)) if strength >= _LEAST_STRENGTH else CDL()
    before, after = _distance(CDL(), estimate.colours), _distance(cdl, estimate.colours)
    confidence = round(estimate.strength, 4) if estimate.strength >= _LEAST_STRENGTH else 0.0
    count = int((estimate.colours.weight > 0.1).sum())
    if after > before:  # what does not even help the areas it was made from helps nothing
        return MatchFacts(session, reference, CDL(), 0.0, before, before, count)
    return MatchFacts(session, reference, cdl, confidence, before, after, count)


def _candidates(
    ours: Sequence[Pictures], theirs: Sequence[Pictures]
) -> tuple[list[tuple[Pictures, Pictures]], bool]:
    """Pairs of takes that may show the same, and whether their scenes' names vouch for it."""
    named = [
        (one, other)
        for one in ours
        for other in theirs
        if one.scene is not None and one.scene == other.scene
    ]
    if named:
        return _spread(named, _MOST_TAKES**2), True
    every = [
        (one, other) for one in _spread(ours, _MOST_TAKES) for other in _spread(theirs, _MOST_TAKES)
    ]
    return every, False


def _spread(items: Sequence[Item], most: int) -> list[Item]:
    """At most so many of them, evenly spread."""
    if len(items) <= most:
        return list(items)
    return [items[k * (len(items) - 1) // (most - 1)] for k in range(most)]


def _by_places(found: Sequence[Colours]) -> _Estimate | None:
    """A correction from areas that show the same place, or None where they are too few."""
    found = [colours for colours in found if float(colours.weight.sum()) >= _FEW_AREAS]
    if not found:
        return None
    # A pair that shows much of a place says more than one that shows little, but not in
    # proportion: its areas share one light.
    shares = [np.sqrt(float(colours.weight.sum())) for colours in found]
    shares = [share * trust for share, trust in zip(shares, _consensus(found), strict=True)]
    pooled = Colours(
        np.concatenate([colours.ours for colours in found]),
        np.concatenate([colours.theirs for colours in found]),
        np.concatenate(
            [
                colours.weight * share / float(colours.weight.sum())
                for colours, share in zip(found, shares, strict=True)
            ]
        ),
    )
    areas = sum(float(colours.weight.sum()) for colours in found)
    cdl = fit(pooled, min(areas, _MANY_AREAS) / 4, CDL(), 0.01)
    residual = _distance(cdl, pooled)
    strength = (1 - np.exp(-areas / 60)) * (1 - _smoothstep(3.0, 6.0, residual))
    counted = Colours(
        pooled.ours, pooled.theirs, np.concatenate([colours.weight for colours in found])
    )
    return _Estimate(cdl, float(strength), _CHANCE_PLACES, counted)


def _consensus(found: Sequence[Colours]) -> list[float]:
    """How far each pair of takes agrees with the others on what the drift does, 0 to 1."""
    if len(found) < 3:
        return [1.0] * len(found)
    palette = np.concatenate([colours.ours[::7] for colours in found])
    seen = np.stack([cielab(_clipped(graded(fit(c, 20.0, CDL(), 0.02), palette))) for c in found])
    apart = delta_e(seen, np.median(seen, axis=0)).mean(axis=1)
    usual = max(float(np.median(apart)), 0.5)
    return [1 / (1 + (float(d) / (2 * usual)) ** 4) for d in apart]


def _by_blocks(pairs: Sequence[tuple[Pictures, Pictures]], *, labelled: bool) -> _Estimate | None:
    """A correction from blocks that look alike, or None where too few do."""
    takes = {id(take): take for pair in pairs for take in pair}
    blocks = {key: blocks_of(take) for key, take in takes.items()}
    usable = [
        (blocks[id(one)], blocks[id(other)])
        for one, other in pairs
        if min(len(blocks[id(one)]), len(blocks[id(other)])) >= _FEW_BLOCKS
    ]
    dear = _DEAR_LABELLED if labelled else _DEAR
    fits = [_aligned(*pair, (0.004, 0.002, 0.001), 12.0, moved=labelled) for pair in usable]
    kept = [k for k in _best(usable, [price for _, price, _ in fits]) if fits[k][1] < dear]
    if not kept:
        return None
    chosen = [fits[k] for k in kept]
    mine = joined(list({id(b): b for b in (usable[k][0] for k in kept)}.values()))
    yours = joined(list({id(b): b for b in (usable[k][1] for k in kept)}.values()))
    if min(variety(mine), variety(yours)) < _PLAIN:
        return None
    cdl, price, colours = _aligned(mine, yours, (0.004, 0.0015, 0.0006), 30.0, moved=labelled)
    paired = _mean([cdl for cdl, _, _ in chosen], _consensus([pair for _, _, pair in chosen]))
    price += {1: 1.5e-3, 2: 0.5e-3}.get(len(kept), 0.0)
    doubt = (4.2e-3, 5.2e-3) if labelled else (3.0e-3, 4.4e-3)
    strength = 1 - _smoothstep(*doubt, price)
    return _Estimate(_mean([cdl, paired], [0.45, 0.55]), strength, _CHANCE_BLOCKS, colours)


def _aligned(
    ours: Blocks, theirs: Blocks, epsilons: Sequence[float], evidence: float, *, moved: bool
) -> tuple[CDL, float, Colours]:
    """Blocks aligned from where they are and, where both show the same, from matched moments."""
    starts = [CDL(), moments(ours, theirs)] if moved else [CDL()]
    found = [aligned(ours, theirs, start, epsilons, evidence) for start in starts]
    return min(found, key=lambda result: result[1])


def _best(usable: Sequence[tuple[Blocks, Blocks]], prices: Sequence[float]) -> list[int]:
    """Indexes of pairs that are the cheapest for either of their takes."""
    chosen: set[int] = set()
    for side in (0, 1):
        cheapest: dict[int, int] = {}
        for k, pair in enumerate(usable):
            held = cheapest.setdefault(id(pair[side]), k)
            if prices[k] < prices[held]:
                cheapest[id(pair[side])] = k
        chosen.update(cheapest.values())
    return sorted(chosen)


def _mean(cdls: Sequence[CDL], weights: Sequence[float]) -> CDL:
    """The weighted mean of CDLs, figure by figure."""
    share = np.asarray(weights) / sum(weights)

    def mixed(values: Sequence[tuple[float, float, float]]) -> tuple[float, float, float]:
        r, g, b = (float(v) for v in share @ np.asarray(values))
        return (r, g, b)

    return CDL(
        mixed([cdl.slope for cdl in cdls]),
        mixed([cdl.offset for cdl in cdls]),
        mixed([cdl.power for cdl in cdls]),
        float(share @ np.asarray([cdl.saturation for cdl in cdls])),
    )


def _bounded(cdl: CDL) -> CDL:
    """The same correction, weakened as a whole until every figure is within bounds."""
    excess = max(
        *(abs(np.log(v)) / np.log(_MOST_SLOPE) for v in cdl.slope),
        *(abs(v) / _MOST_OFFSET for v in cdl.offset),
        *(abs(np.log(v)) / np.log(_MOST_POWER) for v in cdl.power),
        abs(np.log(cdl.saturation)) / np.log(_MOST_SATURATION),
    )
    return cdl.scaled(1 / float(excess)) if excess > 1 else cdl


def _dead_zone(cdl: CDL, estimate: _Estimate) -> float:
    """What remains of a correction once the part that chance could make is taken off.

    James and Stein's shrinkage, 1 − (σ/d)², d being the mean ΔE the correction makes.
    """
    ours = estimate.colours.ours
    made = float(delta_e(cielab(ours), cielab(_clipped(graded(cdl, ours)))).mean())
    return max(0.0, 1 - (estimate.chance / max(made, 1e-9)) ** 2)


def _distance(cdl: CDL, colours: Colours) -> float:
    """Weighted mean ΔE2000 between graded and wanted colours, to four decimals."""
    apart = delta_e(cielab(_clipped(graded(cdl, colours.ours))), cielab(colours.theirs))
    return round(float((apart * colours.weight).sum() / colours.weight.sum()), 4)


def _clipped(rgb: Floats) -> Floats:
    """As a stored picture would hold it."""
    return np.clip(rgb, 0.0, 1.0)


def _rounded(cdl: CDL) -> CDL:
    """Six decimals: what a report shows is what was applied."""

    def six(values: tuple[float, float, float]) -> tuple[float, float, float]:
        r, g, b = (round(v, 6) for v in values)
        return (r, g, b)

    return CDL(six(cdl.slope), six(cdl.offset), six(cdl.power), round(cdl.saturation, 6))


def _smoothstep(low: float, high: float, value: float) -> float:
    """0 below low, 1 above high, smooth between."""
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)
