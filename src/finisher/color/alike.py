"""A correction from blocks of colour that look alike, where no common place is recognised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from finisher.color.blocks import Blocks, aligned, blocks_of, joined, moments, variety
from finisher.color.estimate import Estimate, consensus
from finisher.color.fit import Colours
from finisher.color.pictures import Pictures
from finisher.color.restraint import smoothstep
from finisher.facts import Evidence
from finisher.look import CDL

_FEW_BLOCKS = 20
# Price of a pairing of two takes' blocks beyond which they show different things. Measured on
# natural pictures: other places 5.3e-3 at the least, one place mostly 2.9e-3 to 5e-3.
_DEAR, _DEAR_LABELLED = 4.6e-3, 6.0e-3

_PLAIN = 0.05
"""Spread of colour below which any cast would explain everything: five ΔE."""

# Measured without any drift: blocks of differing content move an estimate by up to this.
_CHANCE = 1.6


def by_blocks(pairs: Sequence[tuple[Pictures, Pictures]], *, labelled: bool) -> Estimate | None:
    """A correction from blocks that look alike, or None where too few do.

    `labelled` says that the names of the takes' scenes vouch for what they show.
    """
    blocks = {id(take): blocks_of(take) for pair in pairs for take in pair}
    usable = [
        (one, other)
        for one, other in pairs
        if min(len(blocks[id(one)]), len(blocks[id(other)])) >= _FEW_BLOCKS
    ]
    fits = [
        _aligned(blocks[id(one)], blocks[id(other)], (0.004, 0.002, 0.001), 12.0, moved=labelled)
        for one, other in usable
    ]
    dear = _DEAR_LABELLED if labelled else _DEAR
    kept = [k for k in _best(usable, [price for _, price, _ in fits]) if fits[k][1] < dear]
    if not kept:
        return None
    mine, yours = (
        joined([blocks[key] for key in dict.fromkeys(id(usable[k][side]) for k in kept)])
        for side in (0, 1)
    )
    if min(variety(mine), variety(yours)) < _PLAIN:
        return None
    cdl, price, colours = _aligned(mine, yours, (0.004, 0.0015, 0.0006), 30.0, moved=labelled)
    paired = _mean([fits[k][0] for k in kept], consensus([fits[k][2] for k in kept]))
    price += {1: 1.5e-3, 2: 0.5e-3}.get(len(kept), 0.0)
    doubt = (4.2e-3, 5.2e-3) if labelled else (3.0e-3, 4.4e-3)
    return Estimate(
        _mean([cdl, paired], [0.45, 0.55]),
        1 - smoothstep(*doubt, price),
        _CHANCE,
        colours,
        Evidence.COLOURS,
        tuple((usable[k][0].take, usable[k][1].take) for k in kept),
    )


def _aligned(
    ours: Blocks, theirs: Blocks, epsilons: Sequence[float], evidence: float, *, moved: bool
) -> tuple[CDL, float, Colours]:
    """Blocks aligned from where they are and, where both show the same, from matched moments."""
    starts = [CDL(), moments(ours, theirs)] if moved else [CDL()]
    found = [aligned(ours, theirs, start, epsilons, evidence) for start in starts]
    return min(found, key=lambda result: result[1])


def _best(usable: Sequence[tuple[Pictures, Pictures]], prices: Sequence[float]) -> list[int]:
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
