from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from finisher.color.science import cielab, delta_e, encoded, linear, oklab

# Sharma, Wu, Dalal (2005), table 1: two CIELAB colours and their CIEDE2000 difference.
SHARMA = """
50.0000 2.6772 -79.7751 50.0000 0.0000 -82.7485 2.0425
50.0000 3.1571 -77.2803 50.0000 0.0000 -82.7485 2.8615
50.0000 2.8361 -74.0200 50.0000 0.0000 -82.7485 3.4412
50.0000 -1.3802 -84.2814 50.0000 0.0000 -82.7485 1.0000
50.0000 -1.1848 -84.8006 50.0000 0.0000 -82.7485 1.0000
50.0000 -0.9009 -85.5211 50.0000 0.0000 -82.7485 1.0000
50.0000 0.0000 0.0000 50.0000 -1.0000 2.0000 2.3669
50.0000 -1.0000 2.0000 50.0000 0.0000 0.0000 2.3669
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0009 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0010 7.1792
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0011 7.2195
50.0000 2.4900 -0.0010 50.0000 -2.4900 0.0012 7.2195
50.0000 -0.0010 2.4900 50.0000 0.0009 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0010 -2.4900 4.8045
50.0000 -0.0010 2.4900 50.0000 0.0011 -2.4900 4.7461
50.0000 2.5000 0.0000 50.0000 0.0000 -2.5000 4.3065
50.0000 2.5000 0.0000 73.0000 25.0000 -18.0000 27.1492
50.0000 2.5000 0.0000 61.0000 -5.0000 29.0000 22.8977
50.0000 2.5000 0.0000 56.0000 -27.0000 -3.0000 31.9030
50.0000 2.5000 0.0000 58.0000 24.0000 15.0000 19.4535
50.0000 2.5000 0.0000 50.0000 3.1736 0.5854 1.0000
50.0000 2.5000 0.0000 50.0000 3.2972 0.0000 1.0000
50.0000 2.5000 0.0000 50.0000 1.8634 0.5757 1.0000
50.0000 2.5000 0.0000 50.0000 3.2592 0.3350 1.0000
60.2574 -34.0099 36.2677 60.4626 -34.1751 39.4387 1.2644
63.0109 -31.0961 -5.8663 62.8187 -29.7946 -4.0864 1.2630
61.2901 3.7196 -5.3901 61.4292 2.2480 -4.9620 1.8731
35.0831 -44.1164 3.7933 35.0232 -40.0716 1.5901 1.8645
22.7233 20.0904 -46.6940 23.0331 14.9730 -42.5619 2.0373
36.4612 47.8580 18.3852 36.2715 50.5065 21.2231 1.4146
90.8027 -2.0831 1.4410 91.1528 -1.6435 0.0447 1.4441
90.9257 -0.5406 -0.9208 88.6381 -0.8985 -0.7239 1.5381
6.7747 -0.2908 -2.4247 5.8714 -0.0985 -2.2286 0.6377
2.0776 0.0795 -1.1350 0.9033 -0.0636 -0.5514 0.9082
"""
ROWS = np.array([[float(word) for word in line.split()] for line in SHARMA.split("\n") if line])

pictures = arrays(np.float64, (7, 3), elements=st.floats(0, 1))


def test_the_published_pairs_come_out_to_their_four_decimals() -> None:
    assert len(ROWS) == 34
    assert np.abs(delta_e(ROWS[:, 0:3], ROWS[:, 3:6]) - ROWS[:, 6]).max() < 5.1e-5
    assert np.abs(delta_e(ROWS[:, 3:6], ROWS[:, 0:3]) - ROWS[:, 6]).max() < 5.1e-5


@settings(max_examples=50)
@given(pictures, pictures)
def test_a_difference_is_symmetric_and_zero_only_against_itself(one: object, other: object) -> None:
    a, b = cielab(np.asarray(one)), cielab(np.asarray(other))
    assert np.allclose(delta_e(a, b), delta_e(b, a), atol=1e-9)
    assert (delta_e(a, a) == 0).all()
    assert (delta_e(a, b) >= 0).all()


@settings(max_examples=50)
@given(arrays(np.float64, (5,), elements=st.floats(-1.5, 1.5)))
def test_the_display_curve_goes_there_and_back(values: object) -> None:
    # The standard's two rounded thresholds leave a step of 1e-8 where the pieces meet.
    assert np.abs(encoded(linear(np.asarray(values))) - np.asarray(values)).max() < 1e-7


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((1, 1, 1), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((1, 0, 0), (53.24, 80.09, 67.20)),
        ((0, 1, 0), (87.73, -86.18, 83.18)),
        ((0, 0, 1), (32.30, 79.19, -107.86)),
    ],
)
def test_primaries_have_their_known_cielab_values(
    rgb: tuple[float, ...], lab: tuple[float, ...]
) -> None:
    # Published to two decimals, with a white rounded to three: 0.02 covers both.
    assert np.abs(cielab(np.array(rgb, dtype=float)) - lab).max() < 0.02


def test_oklab_is_neutral_on_the_grey_axis_and_known_for_red() -> None:
    greys = oklab(np.linspace(0, 1, 9)[:, None] * np.ones(3))
    assert np.abs(greys[:, 1:]).max() < 1e-6  # the published matrices carry ten decimals
    assert np.allclose(oklab(np.array([1.0, 0.0, 0.0])), (0.6280, 0.2249, 0.1258), atol=1e-4)
