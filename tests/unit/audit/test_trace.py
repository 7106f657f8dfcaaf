"""The course through a programme: every kind of displacement named by its frames."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.audit.trace import Displaced, displaced
from finisher.timecode import Rate, Span

COUNT = 120
EVENTS = (("one", Span(0, 50)), ("two", Span(50, COUNT)))
R24 = Rate.parse("24")
Cells = NDArray[np.float32]


def promised(step: float = 1.5) -> Cells:
    """Cells of two shots that change by so many codes a frame, each on a course of its own."""
    dice = np.random.default_rng(4)
    waves = dice.standard_normal((2, 64, 3))
    time = np.arange(COUNT)
    cells = np.empty((COUNT, 64))
    for shot, (_, span) in enumerate(EVENTS):
        own = time[span.start : span.end]
        phases = np.stack([np.sin(own / 5), np.cos(own / 7), np.sin(own / 11)])
        cells[span.start : span.end] = (waves[shot] @ phases).T * 9 * step + 60 + 70 * shot
    return cells.astype(np.float32)


def encoded(cells: Cells, seed: int = 1) -> Cells:
    """The same as an encoder leaves it, a third of a code off and a little darker throughout."""
    dice = np.random.default_rng(seed)
    noise = 0.3 * dice.standard_normal(cells.shape)
    return (cells + noise - 0.4).astype(np.float32)


def told(shown: list[int], step: float = 1.5) -> tuple[Displaced, ...]:
    wanted = promised(step)
    return displaced(EVENTS, np.rint(wanted), encoded(wanted[shown]))


def plain() -> list[int]:
    return list(range(COUNT))


def test_nothing_is_said_of_what_is_in_its_place() -> None:
    assert told(plain()) == ()


@given(st.integers(0, 30))
@settings(max_examples=20, deadline=None)
def test_noise_alone_displaces_nothing(seed: int) -> None:
    for step in (0.0, 0.02, 0.2, 1.5):
        wanted = promised(step)
        assert displaced(EVENTS, np.rint(wanted), encoded(wanted, seed)) == ()


def test_two_frames_exchanged() -> None:
    shown = plain()
    shown[20], shown[21] = 21, 20
    assert told(shown) == (
        Displaced("one", Span(20, 21), 1),
        Displaced("one", Span(21, 22), -1),
    )


def test_one_frame_shown_twice() -> None:
    shown = plain()
    shown[31] = 30
    assert told(shown) == (Displaced("one", Span(31, 32), None, still=True),)


def test_a_frame_that_is_missing_moves_everything_after_it() -> None:
    shown = [*range(40), *range(41, COUNT), COUNT - 1]
    found = told(shown)
    assert found[0] == Displaced("one", Span(40, 50), 1)
    assert found[1].event == "two"
    assert found[1].span.start == 50
    assert found[1].shift == 1


def test_a_frozen_stretch_is_one_finding() -> None:
    shown = plain()
    shown[61:73] = [60] * 12
    assert told(shown) == (Displaced("two", Span(61, 73), None, still=True),)


def test_a_frozen_stretch_longer_than_is_thought_of_is_found_all_the_same() -> None:
    shown = plain()
    shown[61:100] = [60] * 39
    found = told(shown)
    assert found[0] == Displaced("two", Span(61, 77), None, still=True)
    assert found[-1].span.end == 100


def test_what_belongs_nowhere_near_is_said_so() -> None:
    wanted = promised()
    found = encoded(wanted)
    found[80] = 200
    assert displaced(EVENTS, wanted, found) == (Displaced("two", Span(80, 81), None),)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, COUNT - 3), st.integers(0, 100))
def test_any_two_neighbours_exchanged_are_named(at: int, seed: int) -> None:
    wanted = promised()
    shown = plain()
    shown[at], shown[at + 1] = at + 1, at
    found = displaced(EVENTS, np.rint(wanted), encoded(wanted[shown], seed))
    # At the turning points of its course a shot all but stands still.
    if np.abs(wanted[at] - wanted[at + 1]).mean() < 1:
        return
    frames = {k for one in found for k in range(one.span.start, one.span.end)}
    assert {at, at + 1} <= frames
    assert len(frames) <= 3


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (
            Displaced("a", Span(20, 21), 1),
            "frame 20 (00:00:00:20) of a shows what belongs 1 later",
        ),
        (
            Displaced("a", Span(24, 30), -2),
            "frames 24 (00:00:01:00) to 29 (00:00:01:05) of a show what belongs 2 earlier",
        ),
        (
            Displaced("a", Span(24, 25), None, still=True),
            "frame 24 (00:00:01:00) of a shows frame 23 again",
        ),
        (
            Displaced("a", Span(48, 50), None),
            "frames 48 (00:00:02:00) to 49 (00:00:02:01) of a show nothing that was promised near",
        ),
    ],
)
def test_frames_are_named_by_number_and_timecode(one: Displaced, words: str) -> None:
    assert one.words(R24) == words
