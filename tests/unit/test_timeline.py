from __future__ import annotations

import itertools
import math
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import events, timelines

from finisher.timecode import Span
from finisher.timeline import Blend, Event, Extend, Loop, Prolongation, Seam, Timeline


def plain(start: int, end: int, speed: Fraction = Fraction(1), loop: Loop | None = None) -> Event:
    return Event("e", "t", Span(start, end), speed=speed, loop=loop)


def frames(event: Event) -> list[int]:
    return [cel for k in range(event.length) if isinstance(cel := event.cel(k), int)]


@given(st.integers(0, 300), st.integers(1, 200), st.integers(1, 12), st.integers(1, 12))
def test_length_and_frame_map_of_a_retime(start: int, length: int, num: int, den: int) -> None:
    speed = Fraction(num, den)
    event = plain(start, start + length, speed)
    assert event.length == math.ceil(length / speed)
    assert frames(event) == [
        min(start + length - 1, math.floor(start + k * speed)) for k in range(event.length)
    ]


@given(st.integers(0, 300), st.integers(1, 200))
def test_reverse_shows_every_frame_once_from_the_last(start: int, length: int) -> None:
    event = plain(start, start + length, Fraction(-1))
    assert frames(event) == list(range(start + length - 1, start - 1, -1))


@given(events())
def test_an_event_never_leaves_its_source_range_but_for_seams(event: Event) -> None:
    for k in range(event.length):
        cel = event.cel(k)
        if isinstance(cel, Blend):
            assert 0 <= cel.step < cel.of
            # A seam borrows: the outgoing picture runs on, the incoming one runs up to `in`.
            assert cel.incoming != cel.outgoing or abs(event.speed) < 1
        else:
            assert cel in event.source


@given(events())
def test_handles_continue_the_frame_map(event: Event) -> None:
    if event.loop is None and event.extend is None:
        step = event.source_frame(event.single + 1) - event.source_frame(event.single)
        assert abs(step - event.speed) < 1
        before = event.source_frame(0) - event.source_frame(-1)
        assert abs(before - event.speed) < 1


@given(timelines())
def test_record_spans_tile_the_programme(timeline: Timeline) -> None:
    spans = timeline.record_spans()
    assert spans[0].start == 0
    assert all(a.end == b.start for a, b in itertools.pairwise(spans))
    assert spans[-1].end == timeline.length


def test_a_cut_loop_repeats_its_pass() -> None:
    event = plain(10, 14, loop=Loop(times=3, until=None))
    assert frames(event) == [10, 11, 12, 13] * 3


def test_until_cuts_the_last_pass() -> None:
    event = plain(10, 14, loop=Loop(times=None, until=6))
    assert frames(event) == [10, 11, 12, 13, 10, 11]


def test_a_ping_pong_shows_its_turning_frames_once() -> None:
    event = plain(10, 14, loop=Loop(times=2, until=None, seam=Seam.PINGPONG))
    assert frames(event) == [10, 11, 12, 13, 12, 11] * 2


def test_a_blended_seam_keeps_the_length_and_borrows_on_both_sides() -> None:
    event = plain(20, 30, loop=Loop(times=2, until=None, seam=Seam.BLEND, frames=4))
    assert event.length == 20
    assert [event.cel(k) for k in range(7, 13)] == [
        27,
        Blend(outgoing=28, incoming=18, step=0, of=4),
        Blend(outgoing=29, incoming=19, step=1, of=4),
        Blend(outgoing=30, incoming=20, step=2, of=4),
        Blend(outgoing=31, incoming=21, step=3, of=4),
        22,
    ]
    # Neither the first frames nor the last ones are a seam.
    assert event.cel(0) == 20
    assert event.cel(19) == 29


def test_a_loop_goes_round_beyond_its_ends() -> None:
    event = plain(10, 14, loop=Loop(times=2, until=None))
    assert [event.cel(k) for k in (-2, -1, 8, 9)] == [12, 13, 10, 11]


def test_extensions() -> None:
    held = Event("e", "t", Span(5, 8), extend=Extend(3, Prolongation.HOLD))
    assert [held.cel(k) for k in range(held.length)] == [5, 6, 7, 7, 7, 7]
    back = Event("e", "t", Span(5, 8), extend=Extend(5, Prolongation.PINGPONG))
    assert [back.cel(k) for k in range(back.length)] == [5, 6, 7, 6, 5, 6, 7, 6]
