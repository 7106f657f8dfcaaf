from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.color import fit as fitting
from finisher.color.fit import Colours, fit, graded
from finisher.color.science import cielab, delta_e
from finisher.look import CDL, Grade
from finisher.ocio import cubes

DRIFT = CDL((1.12, 0.95, 1.04), (0.02, -0.01, 0.006), (0.93, 1.06, 1.02), 0.88)


def colours(cdl: CDL, count: int = 400) -> Colours:
    ours = np.random.default_rng(5).uniform(0.05, 0.9, (count, 3))
    return Colours(ours, np.clip(graded(cdl, ours), 0, 1), np.ones(count))


def apart(one: CDL, other: CDL) -> float:
    rgb = np.random.default_rng(6).uniform(0.05, 0.9, (500, 3))
    return float(delta_e(cielab(graded(one, rgb)), cielab(graded(other, rgb))).mean())


def test_the_formula_is_the_one_that_is_rendered_below_zero_too() -> None:
    cdl = CDL((1.2, 0.9, 1.0), (-0.15, 0.02, -0.05), (1.3, 0.8, 1.1), 1.2)
    cube = cubes.cube(Grade(match=cdl), 9).astype(np.float64)
    b, g, r = np.meshgrid(*[np.linspace(0, 1, 9)] * 3, indexing="ij")
    assert cube.min() < 0
    assert np.abs(graded(cdl, np.stack([r, g, b], axis=-1)) - cube).max() < 1e-6  # float32


def test_a_known_drift_is_found_again() -> None:
    assert apart(CDL(), DRIFT) > 3
    # The prior pulls towards identity by less than a tenth of what can be seen.
    assert apart(fit(colours(DRIFT), 1e4, CDL(), 0.01), DRIFT) < 0.1


def test_a_third_of_wrong_pairs_does_not_carry_the_fit_away() -> None:
    right = colours(DRIFT)
    theirs = right.theirs.copy()
    theirs[::3] = np.random.default_rng(7).random(theirs[::3].shape)
    found = fit(Colours(right.ours, theirs, right.weight), 300.0, CDL(), 0.01)
    assert apart(found, DRIFT) < 0.5


def test_little_evidence_leaves_the_picture_nearly_alone() -> None:
    weak = fit(colours(DRIFT), 0.05, CDL(), 0.01)
    assert apart(weak, CDL()) < apart(fit(colours(DRIFT), 50.0, CDL(), 0.01), CDL())
    assert apart(fit(colours(CDL()), 100.0, CDL(), 0.01), CDL()) < 1e-3


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_the_tangent_is_the_derivative(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rgb, figures = rng.random((9, 3)), rng.normal(0, 0.1, 10)
    out, tangent = fitting._tangent(figures, rgb)
    step = 1e-6
    measured = np.stack(
        [
            (fitting._apply(figures + step * e, rgb) - fitting._apply(figures - step * e, rgb))
            / (2 * step)
            for e in np.eye(10)
        ],
        axis=2,
    )
    assert np.array_equal(out, fitting._apply(figures, rgb))
    # Central differences are exact to about step² · third derivative, steep only next to zero.
    steep = (rgb * np.exp(figures[:3]) + figures[3:6]).min(axis=1) < 0.01
    assert np.abs(tangent - measured)[~steep].max() < 1e-6
