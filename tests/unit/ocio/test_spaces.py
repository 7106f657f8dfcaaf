from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.color.bake import apply, size_for
from finisher.color.science import cielab, delta_e
from finisher.look import CDL, Grade, Space
from finisher.ocio import cubes
from finisher.ocio.spaces import KNEE, PEAK, REFERENCE_WHITE, to_rec709

OTHERS = [space for space in Space if space is not Space.REC709]
WEIGHTS = np.array([0.2126, 0.7152, 0.0722])
UNIT = st.floats(0, 1, width=32)


def linear(code: NDArray[np.generic]) -> NDArray[np.float64]:
    """IEC 61966-2-1."""
    value = np.asarray(code, np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def pq(nits: float) -> float:
    """SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10000) ** m1
    return float(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def grey(space: Space, code: float) -> float:
    """The light, 1 at SDR white, of what a grey becomes; all three channels agree."""
    found = to_rec709(space, np.full((1, 3), code, np.float32))[0]
    assert np.ptp(found) < 1e-5
    return float(linear(found).mean())


@pytest.mark.parametrize("nits", [0.0, 0.05, 1, 10, 50, 100, 162])
def test_pq_below_the_knee_is_the_same_light(nits: float) -> None:
    # Single precision, through a power of 79.
    assert grey(Space.PQ, pq(nits)) == pytest.approx(nits / REFERENCE_WHITE, rel=2e-4, abs=1e-7)


@pytest.mark.parametrize("scene", [0.0, 0.01, 0.05, 1 / 12, 0.15, 0.2])
def test_hlg_below_the_knee_is_the_light_of_a_display_of_1000(scene: float) -> None:
    # Rec. ITU-R BT.2100-2, table 5: the signal, and a system gamma of 1.2.
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    code = (3 * scene) ** 0.5 if scene <= 1 / 12 else a * np.log(12 * scene - b) + c
    nits = 1000 * scene**1.2
    assert nits / REFERENCE_WHITE < KNEE
    assert grey(Space.HLG, code) == pytest.approx(nits / REFERENCE_WHITE, rel=2e-4, abs=1e-7)


def test_highlights_are_rolled_off_up_to_the_peak_and_clipped_beyond() -> None:
    nits = np.linspace(KNEE * REFERENCE_WHITE, PEAK, 50)
    light = np.array([grey(Space.PQ, pq(one)) for one in nits])
    steps = np.diff(light) / np.diff(nits / REFERENCE_WHITE)
    assert (steps > 0).all()
    assert (np.diff(steps) < 1e-4).all(), "the curve bends one way, up to single precision"
    # No kink shows at the knee: one cd/m² above it the slope is that of what lies below.
    knee = KNEE * REFERENCE_WHITE
    slope = REFERENCE_WHITE * (grey(Space.PQ, pq(knee + 1)) - grey(Space.PQ, pq(knee)))
    assert slope == pytest.approx(1, abs=0.05)
    assert light[-1] == pytest.approx(1, abs=1e-5)
    assert grey(Space.PQ, pq(4000)) == pytest.approx(1, abs=1e-5)
    # What the documentation says of the reference white.
    assert grey(Space.PQ, pq(203)) == pytest.approx(0.903, abs=0.001)


def test_highlights_keep_their_hue() -> None:
    dim = np.array([[pq(120), pq(90), pq(60)]], np.float32)
    bright = np.array([[pq(800), pq(600), pq(400)]], np.float32)
    ratios = [
        light / light.max()
        for light in (linear(to_rec709(Space.PQ, one))[0] for one in (dim, bright))
    ]
    np.testing.assert_allclose(ratios[0], ratios[1], atol=2e-4)


@pytest.mark.parametrize(
    ("space", "coded", "colour"),
    [
        # Rec.709's primaries as they are encoded in Display P3 (CSS Color 4, 10.5).
        (Space.P3, (0.91749, 0.20029, 0.13856), (1, 0, 0)),
        (Space.P3, (0.45840, 0.98526, 0.29833), (0, 1, 0)),
        (Space.P3, (0.0, 0.0, 0.95959), (0, 0, 1)),
        # Light of 0.6274, 0.0691, 0.0164 and so on (Rec. ITU-R BT.2087, 3.2), encoded.
        (Space.REC2020, (0.81375, 0.29149, 0.13526), (1, 0, 0)),
        (Space.REC2020, (0.60911, 0.96376, 0.32825), (0, 1, 0)),
    ],
)
def test_what_rec_709_can_show_is_itself(
    space: Space, coded: tuple[float, ...], colour: tuple[int, ...]
) -> None:
    found = to_rec709(space, np.array([coded], np.float32))[0]
    # Five digits of the coded values; 0 is where the display's curve is steepest.
    np.testing.assert_allclose(linear(found), colour, atol=5e-4)


@pytest.mark.parametrize("space", [Space.P3, Space.REC2020])
@given(level=UNIT)
def test_greys_of_sdr_spaces_stay(space: Space, level: float) -> None:
    found = to_rec709(space, np.full((1, 3), level, np.float32))
    np.testing.assert_allclose(found, level, atol=2e-6)


@pytest.mark.parametrize("space", OTHERS)
@given(rgb=st.tuples(UNIT, UNIT, UNIT))
def test_whatever_comes_is_a_colour_of_rec_709(
    space: Space, rgb: tuple[float, float, float]
) -> None:
    found = to_rec709(space, np.array([rgb], np.float32))
    assert np.isfinite(found).all()
    assert found.min() >= 0
    assert found.max() <= 1


@pytest.mark.parametrize("coded", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 0.1, 1), (0.2, 0.9, 0.1)])
def test_colours_beyond_rec_709_keep_their_luminance(coded: tuple[float, ...]) -> None:
    luminance = float(linear(np.array(coded)) @ np.array([0.2627, 0.6780, 0.0593]))
    found = linear(to_rec709(Space.REC2020, np.array([coded], np.float32)))[0]
    assert found @ WEIGHTS == pytest.approx(luminance, abs=1e-3)
    assert found.min() == pytest.approx(0, abs=1e-6) or found.max() == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("space", OTHERS)
def test_a_grade_works_on_what_the_input_transform_gives(space: Space) -> None:
    cdl = CDL((1.1, 1.0, 0.9), (0.01, 0.0, -0.01), (1.0, 1.1, 0.9), 0.8)
    lattice = cubes.cube(Grade(), 5)
    brought = to_rec709(space, lattice)
    r, g, b = (brought[..., i] for i in range(3))
    lit = np.stack([1.1 * r + 0.01, g, 0.9 * b - 0.01], axis=-1)
    bent = np.where(lit > 0, np.abs(lit) ** np.array([1.0, 1.1, 0.9]), lit)
    luma = (bent @ WEIGHTS)[..., None]
    wanted = luma + 0.8 * (bent - luma)
    np.testing.assert_allclose(cubes.cube(Grade(cdl=cdl, input=space), 5), wanted, atol=2e-6)


@pytest.mark.parametrize("space", OTHERS)
def test_the_cube_of_an_input_transform_is_fine_enough(space: Space) -> None:
    grade = Grade(input=space)
    colours = np.random.default_rng(3).uniform(0.05, 0.75, (4000, 3)).astype(np.float32)
    # As in pictures, channels are near each other.
    colours = (0.3 * colours + 0.7 * colours.mean(axis=1, keepdims=True)).astype(np.float32)
    baked = np.clip(apply(cubes.cube(grade, size_for(grade)), colours), 0, 1)
    missed = delta_e(cielab(baked), cielab(to_rec709(space, colours)))
    # Natural pictures miss by 0.03 to 0.05; these reach further out.
    assert missed.mean() < 0.1
    assert np.quantile(missed, 0.99) < 1
