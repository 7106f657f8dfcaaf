from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import rates, spans

from finisher.timecode import (
    SAMPLE_RATE,
    Rate,
    Span,
    frame_of_timecode,
    joined,
    seconds_of_text,
    timecode_of_frame,
)

DROP_RATES = st.sampled_from([Rate.parse("29.97"), Rate.parse("59.94")])


@pytest.mark.parametrize(
    ("text", "fraction"),
    [
        ("24", Fraction(24)),
        ("24000/1001", Fraction(24000, 1001)),
        ("23.976", Fraction(24000, 1001)),
        ("23.98", Fraction(24000, 1001)),
        ("29.97", Fraction(30000, 1001)),
        ("59.94", Fraction(60000, 1001)),
    ],
)
def test_a_rate_is_exact_whatever_its_spelling(text: str, fraction: Fraction) -> None:
    assert Rate.parse(text).fraction == fraction


@pytest.mark.parametrize("text", ["", "24.5", "1e3", "24/0", "-24", "24 ", "0", "2000", "nan"])
def test_what_is_no_exact_rate_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"rate|divides"):
        Rate.parse(text)


@given(st.integers(0, 2_000_000), rates().filter(lambda rate: rate.nominal <= 99))
def test_every_frame_has_one_label(frame: int, rate: Rate) -> None:
    assert frame_of_timecode(timecode_of_frame(frame, rate), rate) == frame


@given(st.integers(0, 10_000_000), DROP_RATES)
def test_every_frame_has_one_drop_frame_label(frame: int, rate: Rate) -> None:
    label = timecode_of_frame(frame, rate, drop=True)
    assert ";" in label
    assert frame_of_timecode(label, rate) == frame


def test_drop_frame_leaves_out_two_labels_a_minute_but_each_tenth() -> None:
    rate = Rate.parse("29.97")
    assert timecode_of_frame(1799, rate, drop=True) == "00:00:59;29"
    assert timecode_of_frame(1800, rate, drop=True) == "00:01:00;02"
    assert timecode_of_frame(17_982, rate, drop=True) == "00:10:00;00"
    with pytest.raises(ValueError, match="leaves out"):
        frame_of_timecode("00:01:00;00", rate)


def test_an_hour_of_drop_frame_labels_keeps_to_the_clock() -> None:
    rate = Rate.parse("29.97")
    # 107 892 frames are 3600.0 s less 3.6 ms: the closest a whole frame comes to the hour.
    assert timecode_of_frame(107_892, rate, drop=True) == "01:00:00;00"
    assert abs(rate.seconds(107_892) - 3600) < 1 / rate.fraction


def test_there_is_no_drop_frame_at_24() -> None:
    with pytest.raises(ValueError, match="no drop-frame"):
        frame_of_timecode("00:00:01;00", Rate.parse("24"))


@given(st.lists(st.integers(0, 500), min_size=1, max_size=40), rates())
def test_sample_boundaries_never_drift(lengths: list[int], rate: Rate) -> None:
    frame = sum(lengths)
    exact = rate.seconds(frame) * SAMPLE_RATE
    assert abs(rate.samples(frame) - exact) <= Fraction(1, 2)


@given(rates())
def test_times_are_read_exactly(rate: Rate) -> None:
    assert seconds_of_text("1.5s", rate) == Fraction(3, 2)
    assert seconds_of_text("1/3s", rate) == Fraction(1, 3)
    assert rate.frames(seconds_of_text("36f", rate)) == 36


@pytest.mark.parametrize(
    "text", ["1.5", "s", "1..5s", "-1s", "1e3s", "00:00:61:00", "12:00", "1/0s"]
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"not a time|divides"):
        seconds_of_text(text, Rate.parse("24"))


@given(spans(), spans())
def test_what_two_spans_share_lies_in_both(one: Span, other: Span) -> None:
    shared = one.meet(other)
    expected = [i for i in range(one.start, one.end) if i in other]
    assert (list(range(shared.start, shared.end)) if shared else []) == expected


def test_a_span_never_runs_backwards() -> None:
    with pytest.raises(ValueError, match="ends before"):
        Span(2, 1)


@given(st.integers(1, 400), rates())
def test_nominal_is_the_count_of_labels_a_second(seconds: int, rate: Rate) -> None:
    assert rate.nominal == math.ceil(rate.fraction)
    assert rate.frames(Fraction(seconds)) <= seconds * rate.nominal


def test_spans_that_touch_or_overlap_are_one() -> None:
    spans = [Span(20, 30), Span(0, 5), Span(5, 8), Span(22, 25), Span(29, 40), Span(50, 50)]
    assert joined(spans) == [Span(0, 8), Span(20, 40), Span(50, 50)]
    assert joined([]) == []
