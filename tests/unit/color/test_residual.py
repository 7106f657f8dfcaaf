"""What a match does beyond its CDL: only what several takes bear out, gently, and only there."""

from __future__ import annotations

import numpy as np
import pytest

from finisher.color.bake import apply
from finisher.color.fit import Colours
from finisher.color.residual import POINTS, residual
from finisher.color.restraint import distance
from finisher.look import CDL

TAKES = ["a0", "a1", "a2", "a3"]


def bump(rgb: np.ndarray) -> np.ndarray:
    """A drift no CDL has: reds of middle lightness turn towards yellow, by up to 0.04."""
    centre = np.array([0.6, 0.35, 0.3])
    near = np.exp(-((rgb - centre) ** 2).sum(axis=-1) / (2 * 0.15**2))
    return near[..., None] * np.array([0.0, 0.04, -0.01])


def seen(seed: int, sign: float = 1.0, noise: float = 0.01) -> Colours:
    """Areas of one take: colours around reds and greys, their drift and noise."""
    rng = np.random.default_rng(seed)
    ours = np.clip(np.array([0.5, 0.4, 0.35]) + rng.normal(0, 0.12, (400, 3)), 0.02, 0.95)
    theirs = ours + sign * bump(ours) + rng.normal(0, noise, ours.shape)
    return Colours(ours, np.clip(theirs, 0, 1), np.ones(len(ours)))


def test_what_all_takes_agree_on_is_taken_up() -> None:
    table = residual(CDL(), [seen(k) for k in range(4)], TAKES, 1.0)
    assert table is not None
    assert table.shape == (POINTS, POINTS, POINTS, 3)
    fresh = seen(99, noise=0.0)
    # A half, because regression from noisy areas holds back; two thirds and more are usual.
    assert distance(fresh, CDL(), table) < 0.5 * distance(fresh, CDL())


def test_it_vanishes_where_nothing_was_seen() -> None:
    table = residual(CDL(), [seen(k) for k in range(4)], TAKES, 1.0)
    assert table is not None
    far = np.array([[0.0, 0.0, 1.0], [0.1, 0.9, 0.2], [0.0, 1.0, 1.0], [0.98, 0.98, 0.98]])
    # A quarter of a code of eight bits.
    assert np.abs(apply(table, far)).max() < 0.25 / 255


def test_takes_that_contradict_each_other_give_none() -> None:
    found = [seen(k, sign=1.0 if k % 2 else -1.0) for k in range(4)]
    assert residual(CDL(), found, TAKES, 1.0) is None


@pytest.mark.parametrize("seed", range(3))
def test_noise_gives_none(seed: int) -> None:
    found = [seen(10 * seed + k, sign=0.0) for k in range(4)]
    assert residual(CDL(), found, TAKES, 1.0) is None


def test_one_take_against_many_is_one_take() -> None:
    assert residual(CDL(), [seen(k) for k in range(4)], ["a0", "a0", "a1", "a1"], 1.0) is None


def test_it_is_gentle_however_strong_the_evidence() -> None:
    def jump(seed: int) -> Colours:
        base = seen(seed, noise=0.0)
        step = np.where(base.ours[:, :1] > 0.5, 0.06, -0.06) * np.array([1.0, 0.0, 0.0])
        return Colours(base.ours, np.clip(base.ours + step, 0, 1), base.weight)

    table = residual(CDL(), [jump(k) for k in range(4)], TAKES, 1.0)
    assert table is not None
    steps = [np.linalg.norm(np.diff(table, axis=axis), axis=-1).max() for axis in range(3)]
    # Rounding to 1e-5 at both ends, in three channels, is on top of the bound.
    assert max(steps) <= 0.25 / (POINTS - 1) + 4e-5


def test_part_of_a_match_gets_part_of_the_table() -> None:
    found = [seen(k) for k in range(4)]
    whole, half = (residual(CDL(), found, TAKES, share) for share in (1.0, 0.5))
    assert whole is not None
    assert half is not None
    assert np.abs(half - whole / 2).max() < 2e-5


def test_areas_that_are_all_clipped_tell_nothing() -> None:
    ours = np.ones((50, 3))
    found = [Colours(ours, ours - 0.02, np.ones(50))] * 3
    assert residual(CDL(), found, TAKES[:3], 1.0) is None
