"""A correction as estimated, before any restraint, and how far its parts agree."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from finisher.color.fit import Colours, fit, graded
from finisher.color.places import Common
from finisher.color.restraint import clipped
from finisher.color.science import cielab, delta_e
from finisher.facts import Evidence
from finisher.look import CDL


@dataclass(frozen=True, slots=True)
class Estimate:
    """A correction at full strength, the share of it that is justified, and its evidence."""

    cdl: CDL
    strength: float
    chance: float
    """Mean ΔE that differing content alone makes an estimate of this kind move by."""
    colours: Colours
    evidence: Evidence
    takes: tuple[tuple[str, str], ...]
    """Pairs of takes, ours and theirs, that it rests on."""
    places: tuple[Common, ...] = ()
    """Common places that agree with the others, and so may tell more than a CDL holds."""
    held_back: bool = False
    """Whether the best fit bends colours too hard, and this is a gentler one."""


def consensus(found: Sequence[Colours]) -> list[float]:
    """How far each pair of takes agrees with the others on what the drift does, 0 to 1."""
    if len(found) < 3:
        return [1.0] * len(found)
    palette = np.concatenate([colours.ours[::7] for colours in found])
    seen = np.stack([cielab(clipped(graded(fit(c, 20.0, CDL(), 0.02), palette))) for c in found])
    apart = delta_e(seen, np.median(seen, axis=0)).mean(axis=1)
    usual = max(float(np.median(apart)), 0.5)
    return [1 / (1 + (float(d) / (2 * usual)) ** 4) for d in apart]
