from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.color.fit import graded
from finisher.color.restraint import MOST_GAIN, bounded, dead_zone, gain, rounded
from finisher.color.science import cielab, delta_e
from finisher.look import CDL

near_one = st.floats(0.4, 2.5)
triples = st.tuples(near_one, near_one, near_one)
offsets = st.tuples(*[st.floats(-0.3, 0.3)] * 3)


def test_the_identity_has_a_gain_of_one_and_contrast_its_slope() -> None:
    assert abs(gain(CDL()) - 1) < 1e-9
    assert abs(gain(CDL((1.2, 1.2, 1.2))) - 1.2) < 1e-6
    steep = np.zeros((2, 2, 2, 3), dtype=np.float32)
    steep[..., 1, 0] = 0.3
    # Red is raised by 0.3 from black to red: as if its slope were 1.3.
    assert abs(gain(CDL(), steep) - 1.3) < 1e-5


@settings(max_examples=15)
@given(triples, offsets, triples, near_one)
def test_no_correction_is_steeper_or_stronger_than_the_bounds(
    slope: tuple[float, float, float],
    offset: tuple[float, float, float],
    power: tuple[float, float, float],
    saturation: float,
) -> None:
    cdl = bounded(CDL(slope, offset, power, saturation))
    assert gain(cdl) <= MOST_GAIN + 1e-9
    assert max(cdl.slope) <= 1.6 + 1e-9
    assert max(map(abs, cdl.offset)) <= 0.1 + 1e-9
    assert bounded(cdl) == cdl, "what is within bounds stays as it is"


def test_a_small_correction_is_no_more_than_chance() -> None:
    rgb = np.random.default_rng(1).uniform(0.1, 0.9, (300, 3))
    for strength in (0.02, 0.2, 1.0):
        cdl = CDL((1.1, 1.0, 0.95)).scaled(strength)
        made = float(delta_e(cielab(rgb), cielab(graded(cdl, rgb))).mean())
        assert abs(dead_zone(cdl, rgb, 0.5) - max(0.0, 1 - (0.5 / made) ** 2)) < 1e-9
    assert dead_zone(CDL(), rgb, 0.5) == 0


def test_figures_are_rounded_to_what_a_report_shows() -> None:
    third = 1 / 3
    cdl = rounded(CDL((third,) * 3, (third,) * 3, (third,) * 3, third))
    assert cdl == CDL((0.333333,) * 3, (0.333333,) * 3, (0.333333,) * 3, 0.333333)
