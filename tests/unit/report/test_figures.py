import math
from fractions import Fraction

import pytest

from finisher.report import figures
from finisher.timecode import Rate, Span


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (8_412_903, "8.4 MB"),
     (999_949, "999.9 kB"), (999_950, "1.0 MB"), (10**15, "1000.0 TB")],
)  # fmt: skip
def test_sizes(count: int, told: str) -> None:
    assert figures.size(count) == told


@pytest.mark.parametrize(
    ("value", "told"),
    [(-14.1, "−14.1"), (2.0, "2"), (-0.0001, "0"), (0.1239, "0.124"), (math.inf, "∞"),
     (-math.inf, "−∞"), (math.nan, "not a number"), (1e6, "1000000")],
)  # fmt: skip
def test_numbers(value: float, told: str) -> None:
    assert figures.number(value) == told


@pytest.mark.parametrize(
    ("length", "told"),
    [(Fraction(13), "13 s"), (Fraction(25, 2), "12.5 s"), (Fraction(125, 2), "1 min 02.5 s"),
     (Fraction(60), "1 min 00 s"), (Fraction(599999, 10000), "1 min 00 s")],
)  # fmt: skip
def test_lengths(length: Fraction, told: str) -> None:
    assert figures.seconds(length) == told


@pytest.mark.parametrize(
    ("taken", "told"),
    [(0.04, "0.0 s"), (9.94, "9.9 s"), (41.7, "42 s"), (185.2, "3 min 05 s"), (3725, "1 h 02 min")],
)
def test_time_on_the_wall(taken: float, told: str) -> None:
    assert figures.elapsed(taken) == told


def test_positions_in_the_sound() -> None:
    assert figures.clock(0) == "0:00"
    assert figures.clock(36_000) == "0:00.75"
    assert figures.clock(48_000 * 90) == "1:30"


def test_timecodes_name_the_first_frame_and_the_one_after_the_last() -> None:
    span = Span(24, 84)
    assert figures.timecodes(span, Rate(Fraction(24))) == ("00:00:01:00", "00:00:03:12")


def test_values_of_findings_are_one_short_safe_line() -> None:
    assert figures.value(None) == "–"
    assert figures.value(False) == "no"
    assert figures.value({"mean_error": 0.5, "frames": [1, -2]}) == "mean error 0.5, frames 1, −2"
    assert figures.value([]) == figures.value({}) == "none"
    assert len(figures.value(list(range(10**5)))) == 160
    assert "\x1b" not in figures.value({"\x1b[2J": "\x1b"})
