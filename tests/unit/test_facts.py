from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import RATE_TEXTS, rates

from finisher.canonical import from_json, to_json
from finisher.facts import FrameIndex
from finisher.timecode import Rate

R24 = Rate.parse("24")
PROGRAMMES = [text for text in RATE_TEXTS if text != "1000/33"]


def timed(base: Fraction, pts: list[int], end: int) -> FrameIndex:
    return FrameIndex(base, tuple(pts), (0,), end)


def even(rate: Rate, count: int, base: Fraction, first: int = 0) -> FrameIndex:
    """Evenly timed pictures, their times rounded to a clock as containers round them."""
    times = [first + round(rate.seconds(k) / base) for k in range(count + 1)]
    return timed(base, times[:-1], times[-1])


@given(rates(), st.integers(1, 300), st.integers(-1000, 100_000), st.integers(1, 512))
def test_on_an_exact_clock_frame_k_shows_picture_k(
    rate: Rate, count: int, first: int, fineness: int
) -> None:
    index = even(rate, count, 1 / rate.fraction / fineness, first)
    assert [index.at(rate.seconds(k)) for k in range(count)] == list(range(count))
    assert index.frames_at(rate) == count
    assert index.uniform
    assert not index.rounded


@given(st.sampled_from(PROGRAMMES), st.integers(3, 300), st.sampled_from([1000, 90_000, 600]))
def test_a_clock_that_rounds_shows_the_same(text: str, count: int, ticks: int) -> None:
    rate = Rate.parse(text)
    index = even(rate, count, Fraction(1, ticks))
    assert [index.at(rate.seconds(k)) for k in range(count)] == list(range(count))
    assert index.frames_at(rate) == count
    assert index.uniform


# A dozen pictures show that times were rounded; two or three may happen to be evenly spaced.
@given(st.sampled_from(PROGRAMMES), st.integers(12, 200), st.integers(1, 60))
def test_a_rounding_clock_may_start_anywhere(text: str, count: int, skipped: int) -> None:
    rate = Rate.parse(text)
    times = [round(rate.seconds(k + skipped) * 1000) for k in range(count + 1)]
    index = timed(Fraction(1, 1000), times[:-1], times[-1])
    assert [index.at(rate.seconds(k)) for k in range(count)] == list(range(count))
    assert index.frames_at(rate) == count


@given(rates(), rates(), st.integers(1, 200))
def test_another_rate_takes_the_last_picture_at_or_before(
    take: Rate, programme: Rate, count: int
) -> None:
    index = even(take, count, 1 / take.fraction)
    for k in range(index.frames_at(programme)):
        exact = math.floor(k * take.fraction / programme.fraction)
        assert index.at(programme.seconds(k)) == min(count - 1, exact)
    assert index.frames_at(programme) == math.ceil(count * programme.fraction / take.fraction)


@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(1, 9))
def test_a_held_picture_stays_until_the_next(holds: list[int], ticks: int) -> None:
    starts = [sum(holds[:i]) for i in range(len(holds))]
    index = timed(R24.seconds(1) / ticks, [s * ticks for s in starts], sum(holds) * ticks)
    shown = [index.at(R24.seconds(k)) for k in range(sum(holds))]
    assert shown == [i for i, hold in enumerate(holds) for _ in range(hold)]
    assert index.frames_at(R24) == sum(holds)


def test_a_held_picture_on_a_rounding_clock_stays_until_the_next() -> None:
    kept = [k for k in range(60) if k % 5 not in (1, 3)]
    times = [round(R24.seconds(k) * 1000) for k in kept]
    index = timed(Fraction(1, 1000), times, 2500)
    shown = [kept[index.at(R24.seconds(k))] for k in range(60)]
    assert shown == [max(k for k in kept if k <= frame) for frame in range(60)]
    assert not index.uniform


def test_before_the_first_picture_is_the_first_and_after_the_last_the_last() -> None:
    index = even(R24, 10, Fraction(1, 24))
    assert index.at(Fraction(-1)) == 0
    assert index.at(Fraction(100)) == 9


@pytest.mark.parametrize(
    ("pts", "uniform"),
    [
        ([0], True),
        ([0, 512], True),
        ([0, 512, 1024], True),
        ([0, 512, 1536], False),
        ([0, 42, 83, 125, 167], True),
        ([0, 42, 125, 167], False),
        # One tick is a frame: two are not one rounded, but one left out.
        ([0, 1, 3, 4], False),
    ],
)
def test_a_constant_rate_is_told_from_a_variable_one(pts: list[int], uniform: bool) -> None:
    assert timed(Fraction(1, 24), pts, pts[-1] + 1).uniform is uniform


def test_an_index_survives_its_storage() -> None:
    index = even(R24, 5, Fraction(1, 1000))
    assert from_json(FrameIndex, to_json(index)) == index
    assert len(index) == 5
