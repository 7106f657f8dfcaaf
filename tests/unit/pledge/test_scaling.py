from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.geometry import Box, Fit, Framing, Raster, frame
from finisher.media.conform import Conform, PictureInput
from finisher.media.sketch import luma
from finisher.pledge.scaling import scaling

MIDDLE = (Fraction(1, 2), Fraction(1, 2))


def framings() -> list[Framing]:
    return [
        frame(Raster(320, 180), Raster(320, 180), Fit.COVER, MIDDLE),
        frame(Raster(320, 180), Raster(180, 320), Fit.COVER, (Fraction(3, 5), Fraction(1))),
        frame(Raster(320, 180), Raster(180, 320), Fit.PAD, MIDDLE),
        frame(Raster(320, 180), Raster(192, 108), Fit.COVER, MIDDLE),
        frame(Raster(320, 180), Raster(200, 112), Fit.COVER, MIDDLE),
    ]


@pytest.mark.parametrize("framing", framings(), ids=str)
@pytest.mark.parametrize("part", [(230, 110, 90, 70), (100, 40, 96, 64)], ids=str)
def test_it_scales_as_the_renderer_does(framing: Framing, part: tuple[int, int, int, int]) -> None:
    noise = np.random.default_rng(7).integers(30, 220, (270, 320)).astype(np.uint8)
    picture = av.VideoFrame.from_ndarray(noise, format="yuv420p")
    source = PictureInput("yuv420p", Fraction(1, 24))
    finished = luma(Conform(source, framing, None, "yuv420p")(picture))
    found = scaling(framing, Box.of(*part))
    assert found is not None
    x, y, width, height = found.region
    left, top, wide, high = part
    own = found.needed(noise[top : top + high, left : left + wide, None])[..., 0]
    made = np.clip(np.rint(found(own.astype(np.float32))), 0, 255)
    assert made.shape == (height, width)
    # libswscale works in 14 and 15 bits: what it rounds differs by a code or two on noise.
    assert np.abs(made - finished[y : y + height, x : x + width]).max() <= 2


@settings(max_examples=60)
@given(
    st.integers(1, 400), st.integers(1, 400), st.integers(0, 300), st.integers(0, 200),
    st.integers(2, 300), st.integers(2, 200),
)  # fmt: skip
def test_every_pixel_is_a_mean_of_its_own_part(
    width: int, height: int, x: int, y: int, wide: int, high: int
) -> None:
    raster = Raster(2 * width, 2 * height)
    framing = frame(Raster(320, 240), raster, Fit.COVER, MIDDLE)
    part = Box.of(x, y, wide, high).meet(Box.of(0, 0, 320, 240))
    found = scaling(framing, part)
    if found is None:
        return
    left, top, columns, rows = found.region
    assert 0 <= left < left + columns <= raster.width
    assert 0 <= top < top + rows <= raster.height
    for axis, most in ((found.across, part.width), (found.down, part.height)):
        assert np.allclose(axis.weights.sum(axis=1), 1, atol=1e-5)
        assert 0 <= axis.low <= axis.low + axis.weights.shape[1] <= most


def test_a_part_that_is_cut_off_shows_nowhere() -> None:
    upright = frame(Raster(320, 180), Raster(180, 320), Fit.COVER, (Fraction(0), Fraction(0)))
    assert scaling(upright, Box.of(250, 100, 60, 60)) is None
