from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.event import TransitionKind
from finisher.media.blend import Passing, blend, fill

Planes = list[NDArray[np.int64]]
FORMATS = ("yuv420p", "yuv422p10le")


def noise(seed: int, pixel_format: str = "yuv420p") -> av.VideoFrame:
    """A picture of noise over the whole range of codes."""
    frame = av.VideoFrame(70, 46, pixel_format)
    dice = np.random.default_rng(seed)
    ten = pixel_format.endswith("10le")
    for plane in frame.planes:
        rows = dice.integers(0, 1024 if ten else 256, (plane.height, plane.width))
        padded = np.zeros((plane.height, plane.line_size), np.uint8)
        samples = rows.astype("<u2" if ten else np.uint8)
        padded[:, : samples.view(np.uint8).shape[1]] = samples.view(np.uint8)
        plane.update(padded)
    return frame


def planes(frame: av.VideoFrame) -> Planes:
    found = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        if frame.format.name.endswith("10le"):
            rows = rows[:, : 2 * plane.width].copy().view("<u2")
        found.append(rows[:, : plane.width].astype(np.int64))
    return found


def rounded(value: NDArray[np.int64], over: int) -> NDArray[np.int64]:
    """value / over, halves upwards: what code value a mean is stored as."""
    return (2 * value + over) // (2 * over)


@pytest.mark.parametrize("pixel_format", FORMATS)
@settings(max_examples=20)
@given(of=st.integers(1, 60), data=st.data())
def test_a_dissolve_is_the_weighted_mean_to_the_code(
    pixel_format: str, of: int, data: st.DataObject
) -> None:
    step = data.draw(st.integers(0, of - 1))
    old, new = noise(1, pixel_format), noise(2, pixel_format)
    mixed = blend(old, new, Passing(TransitionKind.DISSOLVE, step, of))
    for a, b, found in zip(planes(old), planes(new), planes(mixed), strict=True):
        exact = a * (of + 1 - step - 1) + b * (step + 1)
        assert np.abs(found * (of + 1) - exact).max() * 2 <= of + 1


def test_a_dissolve_never_reaches_either_end() -> None:
    old, new = noise(1), noise(2)
    for step in (0, 4):
        mixed = blend(old, new, Passing(TransitionKind.DISSOLVE, step, 5))
        weight = Fraction(step + 1, 6)
        a, b, found = planes(old)[0], planes(new)[0], planes(mixed)[0]
        np.testing.assert_array_equal(
            found, rounded(a * (6 - weight.numerator * 6 // weight.denominator)
                           + b * (weight.numerator * 6 // weight.denominator), 6)
        )  # fmt: skip
        assert (found != a).any()
        assert (found != b).any()


def test_a_picture_mixed_with_itself_is_itself() -> None:
    frame = noise(3)
    for step in range(7):
        mixed = blend(frame, frame, Passing(TransitionKind.DISSOLVE, step, 7))
        assert all((a == b).all() for a, b in zip(planes(frame), planes(mixed), strict=True))


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_a_dip_goes_down_to_black_and_up_again(pixel_format: str) -> None:
    unit = 4 if pixel_format.endswith("10le") else 1
    old, new = noise(1, pixel_format), noise(2, pixel_format)
    # Of 3 steps the middle one has nothing left of either picture.
    for step, source in ((0, old), (1, None), (2, new)):
        found = planes(blend(old, new, Passing(TransitionKind.DIP, step, 3)))
        for i, black in enumerate((16 * unit, 128 * unit, 128 * unit)):
            if source is None:
                assert (found[i] == black).all()
            else:
                np.testing.assert_array_equal(found[i], rounded(planes(source)[i] + black, 2))


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_a_wipe_uncovers_from_the_left_with_a_hard_edge(pixel_format: str) -> None:
    old, new = noise(1, pixel_format), noise(2, pixel_format)
    found = planes(blend(old, new, Passing(TransitionKind.WIPE, 2, 4)))
    for a, b, wiped in zip(planes(old), planes(new), found, strict=True):
        edge = a.shape[1] * 3 // 5
        np.testing.assert_array_equal(wiped[:, :edge], b[:, :edge])
        np.testing.assert_array_equal(wiped[:, edge:], a[:, edge:])


def test_the_pictures_that_are_mixed_stay_as_they_are() -> None:
    old, new = noise(1), noise(2)
    for kind in TransitionKind:
        blend(old, new, Passing(kind, 1, 3))
    assert all((a == b).all() for a, b in zip(planes(old), planes(noise(1)), strict=True))
    assert all((a == b).all() for a, b in zip(planes(new), planes(noise(2)), strict=True))


def test_a_mix_carries_the_tags_of_its_pictures() -> None:
    old = fill(64, 36, "yuv420p")
    mixed = blend(old, fill(64, 36, "yuv420p"), Passing(TransitionKind.DISSOLVE, 0, 1))
    assert (mixed.colorspace, mixed.color_range) == (1, 1)
    assert (mixed.color_primaries, mixed.color_trc) == (1, 1)


@pytest.mark.parametrize(("pixel_format", "unit"), [("yuv420p", 1), ("yuv422p10le", 4)])
def test_black_is_limited_range_black(pixel_format: str, unit: int) -> None:
    frame = fill(50, 34, pixel_format)
    assert [set(p.ravel().tolist()) for p in planes(frame)] == [
        {16 * unit}, {128 * unit}, {128 * unit},
    ]  # fmt: skip
    assert (frame.width, frame.height, frame.format.name) == (50, 34, pixel_format)
    assert (frame.colorspace, frame.color_range) == (1, 1)


@pytest.mark.parametrize("pixel_format", FORMATS)
def test_a_dip_goes_through_its_colour(pixel_format: str) -> None:
    """Rec. ITU-R BT.709 red at full strength is Y 63, Cb 102, Cr 240 in 8 bits."""
    middle = Passing(TransitionKind.DIP, 1, 3, (255, 0, 0))
    through = blend(noise(1, pixel_format), noise(2, pixel_format), middle)
    unit = 4 if pixel_format.endswith("10le") else 1
    for plane, code in zip(planes(through), (63, 102, 240), strict=True):
        assert plane.min() == plane.max()
        # Ten bits round to a quarter of an 8-bit code.
        assert abs(int(plane[0, 0]) - code * unit) < unit
