from __future__ import annotations

from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.geometry import Fit, Raster, frame
from finisher.pledge.operators import BLACK, operator
from finisher.promises import GRID

HALF = (Fraction(1, 2), Fraction(1, 2))
sides = st.integers(40, 1000).map(lambda n: 2 * n)
rasters = st.builds(Raster, sides, sides)
SKETCH = Raster(160, 90)


@settings(max_examples=30)
@given(rasters, rasters, st.sampled_from([Fit.COVER, Fit.PAD]), st.integers(16, 235))
def test_a_plain_picture_gives_plain_cells(
    source: Raster, raster: Raster, fit: Fit, level: int
) -> None:
    found = operator(frame(source, raster, fit, HALF), SKETCH)(
        np.full((SKETCH.height, SKETCH.width), float(level))
    )
    assert found.shape == GRID
    assert found.min() >= min(BLACK, level) - 1e-9
    assert found.max() <= max(BLACK, level) + 1e-9
    if fit is Fit.COVER:
        assert np.abs(found - level).max() < 1e-9


@settings(max_examples=30)
@given(rasters, rasters, st.sampled_from([Fit.COVER, Fit.PAD]))
def test_bars_and_picture_share_the_frame_by_area(source: Raster, raster: Raster, fit: Fit) -> None:
    framing = frame(source, raster, fit, HALF)
    found = operator(framing, SKETCH)(np.full((SKETCH.height, SKETCH.width), 216.0))
    share = float(framing.place.area / (raster.width * raster.height))
    assert abs(found.mean() - (BLACK + 200 * share)) < 1e-6


@settings(max_examples=15)
@given(rasters, rasters, st.integers(16, 235))
def test_a_plain_surround_keeps_its_share_of_the_light(
    source: Raster, raster: Raster, level: int
) -> None:
    framing = frame(source, raster, Fit.BLUR_PAD, HALF)
    found = operator(framing, SKETCH)(np.full((SKETCH.height, SKETCH.width), float(level)))
    share = float(framing.place.area / (raster.width * raster.height))
    wanted = BLACK + (level - BLACK) * (share + 0.75 * (1 - share))
    assert abs(found.mean() - wanted) < 0.01


def test_the_cells_follow_the_focus() -> None:
    ramp = np.tile(np.arange(160.0), (90, 1))
    source, tall = Raster(1920, 1080), Raster(1080, 1920)
    left, right = (
        operator(frame(source, tall, Fit.COVER, (Fraction(x), Fraction(1, 2))), SKETCH)(ramp)
        for x in (0, 1)
    )
    # 608 of 1920 columns in 8 cells: 608/1920·160/8 = 6.33 sketch pixels a cell.
    step = 608 / 1920 * 160 / 8
    # A sketch pixel is an area of one level: an edge within it counts by its part.
    np.testing.assert_allclose(left[0], np.arange(8) * step + step / 2 - 0.5, atol=0.05)
    np.testing.assert_allclose(right[0] - left[0], 160 * (1 - 608 / 1920), atol=0.05)
