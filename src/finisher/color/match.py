"""The session match: what brings a session's colours to another's, and how sure that is.

All takes of a session are judged together, so that what they show averages out and what the
session did to them remains. Common places are sought first; where there are too few, blocks that
look alike are paired. A match that does not convince is no match: identity, confidence 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from finisher.color.alike import by_blocks
from finisher.color.estimate import Estimate, consensus
from finisher.color.fit import Colours, fit
from finisher.color.pictures import Pictures
from finisher.color.places import Common, same_places
from finisher.color.residual import residual
from finisher.color.restraint import (
    MOST_GAIN,
    bounded,
    dead_zone,
    distance,
    gain,
    rounded,
    smoothstep,
)
from finisher.facts import Evidence, MatchFacts
from finisher.look import CDL

Item = TypeVar("Item")
Scene = TypeVar("Scene", bound="Shown")

_MOST_TAKES = 8
"""Takes of each session that are compared: more add time by their square and little else."""

_FEW_AREAS, _MANY_AREAS = 12.0, 600.0
"""Areas of a common place below which it says nothing, and beyond which more say no more."""

_TRIES, _STRAIGHTEST = 8, 1000.0
"""Bisections in search of a smooth correction, and how straight one may have to be."""
_ROOM = 0.96
"""Share of the gain that such a one may use up: some is left for what it can't undo."""

# Measured without any drift: left and right parts of one picture differ by up to 1.5.
_CHANCE = 0.5

_LEAST_STRENGTH = 0.05
"""Below this share of the correction there is nothing worth doing."""
_FOR_MORE = 0.8
"""Share of the CDL that must be justified before anything beyond it is looked for."""
_AGREES = 0.5
"""Agreement with the others from which on a common place has a say in that."""
_WHOLE = 0.9
"""Share from which on a match counts as whole."""

_UNMET = 8.0
"""Mean ΔE left between patches from which on they contradict each other."""
_LOST, _CLIPPED = 0.03, 0.985
"""Largest of R, G and B below which a patch is black, and from which on it is clipped."""
_PER_PATCH = 100.0
"""Exact pairs that a patch is worth against the prior: it is met to about a tenth of a ΔE."""
_LOOSE = 0.5
"""No patch is doubted: a miss has its say up to fifty ΔE."""


@dataclass(frozen=True, slots=True)
class Matched:
    """A match: what it is and rests on, and the table it adds to its CDL where it has one."""

    facts: MatchFacts
    table: NDArray[np.float32] | None = None
    """Offsets of display-encoded RGB, [b, g, r, channel] over 0 to 1."""


def match(
    session: str, reference: str, ours: Sequence[Pictures], theirs: Sequence[Pictures]
) -> Matched:
    """The correction from a session's takes (ours) to the reference session's (theirs).

    Takes whose scenes bear the same name are compared with each other alone; where no name is
    shared, all are. The result is deterministic. `distance_before` and `distance_after` are mean
    ΔE2000 over the areas the estimate rests on; without a match both are the same. Identity with
    confidence means that the sessions agree already, identity without that nobody can tell.
    """
    pairs, labelled = candidates(ours, theirs)
    if not pairs:
        return _none(session, reference, "one of the sessions has no takes")
    estimate = _by_places(same_places(pairs)) or by_blocks(pairs, labelled=labelled)
    if estimate is None:
        reason = "the takes show no common place, and too few colours that look alike"
        return _none(session, reference, reason)
    return _decided(session, reference, estimate)


def by_patches(
    session: str, reference: str, patches: Colours, takes: Sequence[tuple[str, str]]
) -> Matched:
    """The correction that areas declared to be equal ask for: nothing else has a say.

    One patch moves balance and level, three or more of different colours settle the CDL; where
    they leave it open, usual drifts decide. Patches lost in black or clipped to white say nothing.
    `takes` are those of each patch, ours and theirs.
    """
    told = _telling(patches)
    count = int(told.sum())
    if not count:
        return _none(session, reference, "every patch is lost in black or clipped to white")
    patches = Colours(patches.ours[told], patches.theirs[told], patches.weight[told])
    asked = fit(patches, _PER_PATCH * count, CDL(), _LOOSE)
    cdl = rounded(bounded(asked))
    before, after = distance(patches, CDL()), distance(patches, cdl)
    weakened = cdl != rounded(asked)
    if after > before or (after > _UNMET and not weakened):
        return _none(session, reference, f"the patches can't be met: {after:.1f} ΔE would be left")
    reason = ""
    if weakened:
        reason = "weakened: what the patches ask for is beyond any drift of a session"
    elif after > 3.0:
        reason = f"the patches can't all be met: {after:.1f} ΔE is left between them"
    elif count < len(told):
        reason = f"{len(told) - count} of the patches are lost in black or clipped to white"
    confidence = round(max(0.1, 1 - smoothstep(2.0, _UNMET, after)), 4)
    facts = MatchFacts(session, reference, cdl, confidence, before, after, count)
    pairs = [pair for pair, telling in zip(takes, told, strict=True) if telling]
    return Matched(_told(facts, Evidence.PATCHES, pairs, reason))


def _telling(patches: Colours) -> NDArray[np.bool_]:
    """Which patches are neither black nor clipped on either side."""
    largest = np.stack([patches.ours.max(axis=1), patches.theirs.max(axis=1)])
    return np.asarray((largest.max(axis=0) < _CLIPPED) & (largest.min(axis=0) > _LOST))


def _decided(session: str, reference: str, estimate: Estimate) -> Matched:
    """An estimate taken as far as it is justified."""
    colours, full = estimate.colours, bounded(estimate.cdl)
    sure = dead_zone(full, colours.ours, estimate.chance)
    strength = estimate.strength * sure
    cdl = rounded(full.scaled(strength)) if strength >= _LEAST_STRENGTH else CDL()
    table = None
    if strength >= _FOR_MORE:
        found = [place.colours for place in estimate.places]
        table = residual(full, found, [place.ours for place in estimate.places], strength)
    before, after = distance(colours, CDL()), distance(colours, cdl, table)
    count = int((colours.weight > 0.1).sum())
    reason = _reason(estimate.strength, sure, bound=estimate.held_back or full != estimate.cdl)
    if after > before:  # what does not even help the areas it was made from helps nothing
        reason = "what was found would not bring the areas it was made from closer"
    if after > before or estimate.strength < _LEAST_STRENGTH:
        facts = MatchFacts(session, reference, CDL(), 0.0, before, before, count)
        return Matched(_told(facts, Evidence.NONE, (), reason))
    confidence = round(estimate.strength, 4)
    facts = MatchFacts(session, reference, cdl, confidence, before, after, count)
    return Matched(_told(facts, estimate.evidence, estimate.takes, reason), table)


def _reason(strength: float, sure: float, *, bound: bool) -> str:
    """Why a match is not a whole one; empty where it is."""
    if strength < _LEAST_STRENGTH:
        return "what looks alike differs too much to be the same"
    if strength * sure < _LEAST_STRENGTH:
        return "the sessions agree already, as far as can be told"
    if strength < _WHOLE:
        return (
            f"weakened to {100 * strength * sure:.0f} %: few areas agree, or they don't agree well"
        )
    if sure < _WHOLE:
        share = f"{100 * strength * sure:.0f} %"
        return f"weakened to {share}: the drift is hardly larger than what chance makes"
    return "weakened: the drift found is beyond what can be undone smoothly" if bound else ""


def _none(session: str, reference: str, reason: str) -> Matched:
    """No match, and why."""
    facts = MatchFacts(session, reference, CDL(), 0.0, 0.0, 0.0, 0)
    return Matched(_told(facts, Evidence.NONE, (), reason))


def _told(
    facts: MatchFacts, evidence: Evidence, takes: Sequence[tuple[str, str]], reason: str
) -> MatchFacts:
    """Facts with what they rest on."""
    return replace(facts, evidence=evidence, takes=tuple(dict.fromkeys(takes)), reason=reason)


class Shown(Protocol):
    """Whatever is shown of a scene that may have a name."""

    @property
    def scene(self) -> str | None:
        """The scene's name."""


def candidates(
    ours: Sequence[Scene], theirs: Sequence[Scene]
) -> tuple[list[tuple[Scene, Scene]], bool]:
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


def _by_places(common: Sequence[Common]) -> Estimate | None:
    """A correction from areas that show the same place, or None where they are too few."""
    told = [one for one in common if float(one.colours.weight.sum()) >= _FEW_AREAS]
    if not told:
        return None
    found = [one.colours for one in told]
    # A pair that shows much of a place says more than one that shows little, but not in
    # proportion: its areas share one light.
    shares = [np.sqrt(float(colours.weight.sum())) for colours in found]
    trusts = consensus(found)
    shares = [share * trust for share, trust in zip(shares, trusts, strict=True)]
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
    evidence = min(areas, _MANY_AREAS) / 4
    best = fit(pooled, evidence, CDL(), 0.01)
    # How well the places agree, the best fit tells, whether or not it will do.
    left = distance(pooled, best)
    strength = (1 - np.exp(-areas / 60)) * (1 - smoothstep(3.0, 6.0, left))
    counted = Colours(
        pooled.ours, pooled.theirs, np.concatenate([colours.weight for colours in found])
    )
    cdl = _smooth(best, pooled, evidence)
    return Estimate(
        cdl,
        float(strength),
        _CHANCE,
        counted,
        Evidence.PLACES,
        tuple((one.ours, one.theirs) for one in told),
        tuple(one for one, trust in zip(told, trusts, strict=True) if trust >= _AGREES),
        held_back=cdl != best,
    )


def _smooth(best: CDL, pooled: Colours, evidence: float) -> CDL:
    """The best fit, or where it bends colours too hard the nearest to it that does not."""
    if gain(best) <= MOST_GAIN:
        return best
    bent, straight = 1.0, _STRAIGHTEST
    found = fit(pooled, evidence, best, 0.01, straight)
    for _ in range(_TRIES):
        middle = float(np.sqrt(bent * straight))
        tried = fit(pooled, evidence, best, 0.01, middle)
        if gain(tried) <= _ROOM * MOST_GAIN:
            found, straight = tried, middle
        else:
            bent = middle
    return found
