"""Flicker told apart from fades, cuts and movement."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.color.steadiness import steadiness

COUNT = 72


def scene(count: int = COUNT) -> NDArray[np.float64]:
    """A textured scene with an object moving through it, (count, 90, 160, 3), 0 to 255."""
    rng = np.random.default_rng(3)
    coarse = rng.uniform(60, 190, (12, 20, 3))
    still = np.kron(coarse, np.ones((8, 8, 1)))[:90, :160]
    pictures = np.repeat(still[None], count, axis=0)
    for i in range(count):
        x = 10 + 2 * i % 120
        pictures[i, 20:60, x : x + 30] = (200, 90, 60)
    return pictures


def seen(pictures: NDArray[np.float64], exposure: NDArray[np.float64]) -> NDArray[np.uint8]:
    lit = pictures * exposure[:, None, None, None]
    return np.clip(np.rint(lit), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("size", [0.01, 0.03, 0.05])
def test_flicker_is_measured_and_taken_out(size: float) -> None:
    shaken = np.exp(np.random.default_rng(7).normal(0, size, COUNT))
    found = steadiness(seen(scene(), shaken))
    assert found is not None
    # What stays to one side for five of nine pictures is kept: a fifth of white noise.
    assert found.flicker == pytest.approx(size, rel=0.25)
    left = np.diff(np.log(shaken * np.array(found.gains)))
    assert left.std() < 0.25 * np.diff(np.log(shaken)).std()


@pytest.mark.parametrize(
    "exposure",
    [
        np.ones(COUNT),
        np.linspace(1.0, 0.6, COUNT),
        np.where(np.arange(COUNT) < 30, 1.0, 0.8),
        np.where(np.arange(COUNT) == 30, 1.3, 0.7),
        np.minimum(np.arange(COUNT) / 24, 1.0),
        np.minimum((COUNT - 1 - np.arange(COUNT)) / 24, 1.0),
    ],
    ids=["even", "fade", "jump", "flash", "from black", "to black"],
)
def test_what_stays_or_changes_slowly_is_left_alone(exposure: NDArray[np.float64]) -> None:
    found = steadiness(seen(scene(), exposure))
    assert found is not None
    assert found.gains == ()


def test_drift_is_what_exposure_slowly_comes_to() -> None:
    exposure = np.linspace(1.0, 0.6, COUNT)
    found = steadiness(seen(scene(), exposure))
    assert found is not None
    # A running sum of medians, each of codes rounded to 8 bits, errs by a tenth at most.
    assert found.drift == pytest.approx(np.log(exposure[-1] / exposure[0]), rel=0.1)


def test_a_cut_inside_a_take_is_no_flicker() -> None:
    pictures = scene()
    pictures[36:] = pictures[36:, ::-1, ::-1]
    found = steadiness(seen(pictures, np.ones(COUNT)))
    assert found is not None
    assert found.gains == ()


def test_a_black_or_very_short_take_tells_nothing() -> None:
    assert steadiness(np.zeros((4, 90, 160, 3), np.uint8)) is None
    found = steadiness(np.zeros((20, 90, 160, 3), np.uint8))
    assert found is not None
    assert (found.flicker, found.drift) == (0.0, 0.0)
    assert found.gains == ()
