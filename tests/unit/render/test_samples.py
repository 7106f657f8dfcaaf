"""Which frames stand for a unit: laws of the choice."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from finisher.presets.model import Video, VideoCodec
from finisher.render.samples import at_crf, gop, sampled
from finisher.timecode import Rate

H264 = Video(VideoCodec.H264, "high", "yuv420p", vmaf=95.0)


@given(count=st.integers(1, 400), between=st.integers(1, 300))
def test_samples_are_two_stretches_inside_the_unit(count: int, between: int) -> None:
    numbers = sampled(count, between)
    assert list(numbers) == sorted(set(numbers))
    assert numbers[0] >= 0
    assert numbers[-1] < count
    # Pictures are held in memory: 48 of a large raster are as many as a worker should hold.
    assert len(numbers) <= 48
    breaks = [b for a, b in pairwise(numbers) if b != a + 1]
    assert len(breaks) <= 1


@given(groups=st.integers(4, 30), between=st.integers(8, 16))
def test_a_stretch_is_a_whole_group_of_pictures(groups: int, between: int) -> None:
    numbers = sampled(groups * between, between)
    first, second = numbers[:between], numbers[between:]
    assert len(second) == between
    assert first[0] % between == second[0] % between == 0
    assert second[0] > first[-1]
    # One before the middle and one behind it, neither at the unit's edges.
    assert 0 < first[0] < groups * between / 2 <= second[0] + between
    assert second[-1] < groups * between - 1


def test_a_short_unit_stands_for_itself() -> None:
    assert sampled(30, 12) == tuple(range(30))
    assert sampled(1, 12) == (0,)


def test_groups_are_as_long_as_the_encoder_makes_them() -> None:
    ntsc = Rate(Fraction(30000, 1001))
    assert gop(H264, Rate.parse("24")) == 12
    assert gop(H264, ntsc) == 14


def test_nothing_is_left_to_be_found() -> None:
    settled = at_crf(H264, 213)
    assert (settled.crf, settled.vmaf, settled.file_bytes) == (21.3, None, None)
    assert settled.speed == H264.speed
