"""The CDL that carries one set of colours onto another, pair by pair, held by a prior."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.color.science import oklab
from finisher.look import CDL

Floats = NDArray[np.float64]

# Oklab with its colour axes doubled: a step of 0.01 is then about one ΔE2000 along any of them.
_AXES = np.array([1.0, 2.0, 2.0])
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_STEP = 1e-4
_TINY = 1e-9
_ROUNDS = 8

# How far sessions drift apart, as standard deviations: what all channels share, and what each
# has to itself. Slope and power as natural logarithms, offset in code values 0 to 1.
_SLOPE, _OFFSET, _POWER, _SATURATION = (0.10, 0.05), (0.015, 0.008), (0.15, 0.05), 0.15


@dataclass(frozen=True, slots=True)
class Colours:
    """Pairs of display-encoded RGB colours, 0 to 1, that ought to be equal.

    `ours` and `theirs` have shape (n, 3); `weight`, of shape (n,), says how far each counts.
    """

    ours: Floats
    theirs: Floats
    weight: Floats


def perceived(rgb: Floats) -> Floats:
    """Oklab scaled so that a distance of 0.01 is about one ΔE2000."""
    scaled: Floats = oklab(np.clip(rgb, 0.0, 1.0)) * _AXES
    return scaled


def graded(cdl: CDL, rgb: Floats) -> Floats:
    """Colours through a CDL in the no-clamp style: below zero the power does not act."""
    return _apply(_figures(cdl), rgb)


def fit(
    colours: Colours, evidence: float, start: CDL, tightness: float, straight: float = 1.0
) -> CDL:
    """The most plausible CDL from our colours to theirs.

    `evidence` is how many independent, exact pairs all of them together are worth against the
    prior. Pairs that stay further off than about `tightness` (0.01 is one ΔE) lose their say.
    `straight` is how many times nearer to 1 than usual powers are held, and its root saturation:
    they are what bends colours hard, and slopes and offsets can nearly stand for them.
    """
    figures = _figures(start)
    goal = perceived(colours.theirs)
    share = colours.weight / max(float(colours.weight.sum()), 1e-9)
    precision = _prior(straight)
    for _ in range(_ROUNDS):
        out, tangent = _tangent(figures, colours.ours)
        now = perceived(out)
        miss = goal - now
        distance = np.linalg.norm(miss, axis=1)
        scale = max(tightness, 1.5 * _weighted_median(distance, share))
        trust = share / (1.0 + (distance / scale) ** 2) ** 2
        seen = np.stack(
            [(perceived(out + _STEP * axis) - now) / _STEP for axis in np.eye(3)], axis=2
        )
        slopes = seen @ tangent
        # One exact pair is worth a standard deviation of one ΔE.
        weight = (trust * evidence / 0.01**2)[:, None, None]
        # Not by BLAS, which adds up in an order that hangs on how many threads it has.
        normal = np.einsum("nci,ncj->ij", weight * slopes, slopes)
        pull = ((weight * slopes) * miss[:, :, None]).sum(axis=(0, 1))
        step = np.linalg.solve(normal + precision, pull - precision @ figures)
        figures = figures + step
        if float(np.abs(step).max()) < 1e-5:
            break
    return _cdl(figures)


def _prior(straight: float) -> Floats:
    """Inverse covariance of the ten figures: logs of slopes, offsets, logs of powers, of sat."""
    precision = np.zeros((10, 10))
    for k, (shared, own) in enumerate((_SLOPE, _OFFSET, _POWER)):
        part = slice(3 * k, 3 * k + 3)
        precision[part, part] = np.linalg.inv(own**2 * np.eye(3) + shared**2)
    precision[9, 9] = 1 / _SATURATION**2
    held = np.array([1.0] * 6 + [straight] * 3 + [np.sqrt(straight)])
    return precision * np.outer(held, held)


def _figures(cdl: CDL) -> Floats:
    """A CDL as ten unbounded figures, all zero at identity."""
    return np.array(
        [*np.log(cdl.slope), *cdl.offset, *np.log(cdl.power), np.log(max(cdl.saturation, 1e-3))]
    )


def _cdl(figures: Floats) -> CDL:
    """The inverse of `_figures`, to six decimals: what a report shows is what was applied."""
    r, g, b = (round(float(v), 6) for v in np.exp(figures[0:3]))
    slope = (r, g, b)
    r, g, b = (round(float(v), 6) for v in figures[3:6])
    offset = (r, g, b)
    r, g, b = (round(float(v), 6) for v in np.exp(figures[6:9]))
    return CDL(slope, offset, (r, g, b), round(float(np.exp(figures[9])), 6))


def _apply(figures: Floats, rgb: Floats) -> Floats:
    """The ASC formula on figures as `_figures` gives them."""
    lit = rgb * np.exp(figures[0:3]) + figures[3:6]
    bent = np.where(lit > 0, np.maximum(lit, _TINY) ** np.exp(figures[6:9]), lit)
    luma = bent @ _LUMA
    result: Floats = luma[..., None] + np.exp(figures[9]) * (bent - luma[..., None])
    return result


def _tangent(figures: Floats, rgb: Floats) -> tuple[Floats, Floats]:
    """Graded colours (n, 3), and how they move with the ten figures (n, 3, 10)."""
    slope, power = np.exp(figures[0:3]), np.exp(figures[6:9])
    saturation = float(np.exp(figures[9]))
    lit = rgb * slope + figures[3:6]
    safe = np.maximum(lit, _TINY)
    bent = np.where(lit > 0, safe**power, lit)
    steepness = np.where(lit > 0, power * safe ** (power - 1), 1.0)
    each = np.zeros((len(rgb), 3, 9))
    for k in range(3):
        each[:, k, k] = steepness[:, k] * rgb[:, k] * slope[k]
        each[:, k, 3 + k] = steepness[:, k]
        each[:, k, 6 + k] = np.where(lit[:, k] > 0, bent[:, k] * power[k] * np.log(safe[:, k]), 0.0)
    luma = (bent @ _LUMA)[:, None]
    mixing = saturation * np.eye(3) + (1 - saturation) * _LUMA[None, :]
    saturating = (saturation * (bent - luma))[:, :, None]
    return luma + saturation * (bent - luma), np.concatenate([mixing @ each, saturating], axis=2)


def _weighted_median(values: Floats, share: Floats) -> float:
    """The value that half of the weight lies below."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(share[order])
    place = int(np.searchsorted(reached, reached[-1] / 2))
    return float(values[order[min(place, len(order) - 1)]])
