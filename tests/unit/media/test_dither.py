from __future__ import annotations

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.media.dither import deep, dithered
from finisher.media.planes import samples

FORMATS = ("yuv420p", "yuv444p", "yuv422p10le", "yuv444p10le")


def picture(pixel_format: str, size: tuple[int, int] = (48, 32)) -> av.VideoFrame:
    return av.VideoFrame(size[0], size[1], pixel_format)


def filled(pixel_format: str, levels: tuple[int, int, int]) -> av.VideoFrame:
    made = picture(deep(pixel_format))
    for i, level in enumerate(levels):
        samples(made, i)[:] = level
    return made


def left_out(pixel_format: str) -> int:
    """The bits that a deep picture has beyond a format's."""
    return 6 if pixel_format.endswith("10le") else 8


def cells(plane: NDArray[np.generic], side: int) -> NDArray[np.float64]:
    down, across = plane.shape[0] // side, plane.shape[1] // side
    whole = plane[: down * side, : across * side].astype(np.float64)
    return whole.reshape(down, side, across, side).mean(axis=(1, 3))


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_what_has_no_finer_bits_passes_exactly(pixel_format: str) -> None:
    dice, given_ = np.random.default_rng(1), picture(deep(pixel_format), (50, 30))
    wanted = []
    for i in range(3):
        plane = samples(given_, i)
        wanted.append(dice.integers(0, 65536 >> left_out(pixel_format), plane.shape))
        plane[:] = wanted[-1] << left_out(pixel_format)
    found = dithered(given_, pixel_format)
    assert found.format.name == pixel_format
    for i, plane in enumerate(wanted):
        np.testing.assert_array_equal(samples(found, i), plane)


@pytest.mark.parametrize("pixel_format", FORMATS)
@given(levels=st.tuples(*[st.integers(0, 65280)] * 3))
def test_flat_areas_keep_their_mean(pixel_format: str, levels: tuple[int, int, int]) -> None:
    unit = 1 << left_out(pixel_format)
    found = dithered(filled(pixel_format, levels), pixel_format)
    # 64 thresholds tell a mean to half a 64th of a code; a cell of 16 has lost less than one.
    luma = cells(samples(found, 0), 8) - levels[0] / unit
    assert np.abs(luma).max() <= 1 / 128 + 1e-9
    for i in (1, 2):
        chroma = cells(samples(found, i), 4) - levels[i] / unit
        assert np.abs(chroma).max() < 1 / 16
        # Over many cells nothing is left: they begin with thresholds in the middle of 64 steps.
        assert abs(samples(found, i)[:, :32][:16].mean() - levels[i] / unit) < 1 / 32


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_no_sample_is_a_whole_code_off_and_the_top_does_not_wrap(pixel_format: str) -> None:
    dice, given_ = np.random.default_rng(2), picture(deep(pixel_format), (50, 30))
    planes = [samples(given_, i) for i in range(3)]
    for plane in planes:
        plane[:] = dice.integers(0, 65536, plane.shape)
        plane[:4] = 65535
    unit = 1 << left_out(pixel_format)
    found = dithered(given_, pixel_format)
    for i, plane in enumerate(planes):
        assert np.abs(samples(found, i) - plane / unit).max() < 1
        assert samples(found, i)[:4].min() == 65536 // unit - 1


def test_the_deep_picture_is_left_as_it_was_and_the_finished_one_tagged() -> None:
    given_ = filled("yuv420p", (30_001, 32_777, 20_001))
    found = dithered(given_, "yuv420p")
    assert [int(samples(given_, i).min()) for i in range(3)] == [30_001, 32_777, 20_001]
    tags = (found.color_range, found.colorspace, found.color_primaries, found.color_trc)
    assert tags == (1, 1, 1, 1)
    again = dithered(given_, "yuv420p")
    assert all((samples(found, i) == samples(again, i)).all() for i in range(3))


def test_a_deep_format_has_the_same_planes() -> None:
    assert [deep(name) for name in ("yuv420p", "yuv422p10le", "yuv444p16le")] == [
        "yuv420p16le", "yuv422p16le", "yuv444p16le",
    ]  # fmt: skip
