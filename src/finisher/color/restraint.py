"""What keeps a correction from doing harm: bounds, doubt, and how far it has to go to count."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from finisher.color import bake
from finisher.color.fit import Colours, graded
from finisher.color.science import cielab, delta_e
from finisher.look import CDL

Floats = NDArray[np.float64]
Table = NDArray[np.float32]

# A correction beyond these is a different picture, not a drift: it is taken back as a whole.
_MOST_SLOPE, _MOST_OFFSET, _MOST_POWER = 1.6, 0.10, 1.6
_MOST_SATURATION = 1.7

MOST_GAIN = 1.5
"""Local gain beyond which smooth gradients break into bands and noise is seen."""
_POINTS = 33
"""Points a side of the lattice that gain is measured on: those of a plain cube."""
_NEARLY_ALL = 0.999
"""Share of the lattice's steps that keep to it: the first one off black may be steeper, as a power
below one is there by nature."""


def bounded(cdl: CDL) -> CDL:
    """The same correction, weakened as a whole until its figures and its gain are in bounds."""
    excess = max(
        *(abs(np.log(v)) / np.log(_MOST_SLOPE) for v in cdl.slope),
        *(abs(v) / _MOST_OFFSET for v in cdl.offset),
        *(abs(np.log(v)) / np.log(_MOST_POWER) for v in cdl.power),
        abs(np.log(cdl.saturation)) / np.log(_MOST_SATURATION),
    )
    if excess > 1:
        cdl = cdl.scaled(1 / float(excess))
    share = 1.0
    while share > 0 and gain(cdl.scaled(share)) > MOST_GAIN:
        share -= 0.05
    return cdl.scaled(max(share, 0.0)) if share < 1 else cdl


def gain(cdl: CDL, table: Table | None = None) -> float:
    """Local gain of a correction as a plain cube renders it, after clipping: 99.9th percentile.

    Gain is how far apart neighbouring points of the lattice end up, by how far apart they were.
    """
    lattice = _lattice()
    out = graded(cdl, lattice)
    if table is not None:
        out = out + offsets(table, lattice)
    out = clipped(out).reshape(_POINTS, _POINTS, _POINTS, 3)
    gains = [np.linalg.norm(np.diff(out, axis=axis), axis=-1).ravel() for axis in range(3)]
    return float(np.quantile(np.concatenate(gains), _NEARLY_ALL)) * (_POINTS - 1)


@lru_cache(maxsize=1)
def _lattice() -> Floats:
    steps = np.linspace(0.0, 1.0, _POINTS)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)


def dead_zone(cdl: CDL, ours: Floats, chance: float) -> float:
    """What remains of a correction once the part that chance could make is taken off.

    James and Stein's shrinkage, 1 − (σ/d)², d being the mean ΔE the correction makes of our
    colours, σ what differing content alone makes an estimate move by.
    """
    made = float(delta_e(cielab(ours), cielab(clipped(graded(cdl, ours)))).mean())
    return max(0.0, 1 - (chance / max(made, 1e-9)) ** 2)


def distance(colours: Colours, cdl: CDL, table: Table | None = None) -> float:
    """Weighted mean ΔE2000 between corrected and wanted colours, to four decimals."""
    out = graded(cdl, colours.ours)
    if table is not None:
        out = out + offsets(table, colours.ours)
    apart = delta_e(cielab(clipped(out)), cielab(colours.theirs))
    return round(float((apart * colours.weight).sum() / colours.weight.sum()), 4)


def offsets(table: Table, rgb: Floats) -> Floats:
    """What a table adds to what the CDL makes of display-encoded RGB, as a plain cube holds it."""
    return np.asarray(bake.apply(table, rgb), dtype=np.float64)


def clipped(rgb: Floats) -> Floats:
    """As a stored picture would hold it."""
    return np.clip(rgb, 0.0, 1.0)


def rounded(cdl: CDL) -> CDL:
    """Six decimals: what a report shows is what was applied."""

    def six(values: tuple[float, float, float]) -> tuple[float, float, float]:
        r, g, b = (round(v, 6) for v in values)
        return (r, g, b)

    return CDL(six(cdl.slope), six(cdl.offset), six(cdl.power), round(cdl.saturation, 6))


def smoothstep(low: float, high: float, value: float) -> float:
    """0 below low, 1 above high, smooth between."""
    t = min(1.0, max(0.0, (value - low) / (high - low)))
    return t * t * (3 - 2 * t)
