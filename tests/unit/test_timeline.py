from __future__ import annotations

import itertools
import math
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import events, timelines

from finisher.event import Blend, Conform, Event, Extend, Loop, Prolongation, Seam
from finisher.retime import Ramp, SpeedKey
from finisher.timecode import Span
from finisher.timeline import Timeline


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


@given(events(), st.integers(-50, 300))
def test_source_frames_are_positions_rounded_down(event: Event, position: int) -> None:
    assert event.source_frame(position) == math.floor(event.source_position(position))


@given(events())
def test_an_event_never_leaves_its_source_range_but_for_seams(event: Event) -> None:
    for k in range(event.length):
        cel = event.cel(k)
        if isinstance(cel, Blend):
            assert 0 <= cel.step < cel.of
            # A seam borrows: the outgoing picture runs on, the incoming one runs up to `in`.
            assert cel.incoming != cel.outgoing or event.retimed
        else:
            assert event.source.start <= cel <= event.source.end - 1


@given(events())
def test_handles_continue_the_frame_map(event: Event) -> None:
    if event.loop is None and event.extend is None and event.ramp is None:
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


def test_interpolating_takes_the_time_of_slowing_down_and_moves_at_every_frame() -> None:
    event = Event("e", "t", Span(10, 20), extend=Extend(4, Prolongation.INTERPOLATE))
    assert event.length == 14
    cels = [event.cel(k) for k in range(14)]
    assert cels[:7] == [*range(10, 17)]
    assert cels[-1] == 19
    # Eight frames from source frame 16 to 19: sevenths of three.
    assert cels[7] == Blend(16, 17, 2, 6, motion=True)
    assert cels[12] == Blend(18, 19, 3, 6, motion=True)


def test_between_two_frames_of_a_seam_an_interpolation_blends_both_mixes() -> None:
    loop = Loop(2, None, Seam.BLEND, 2)
    event = Event("e", "t", Span(10, 14), loop=loop, extend=Extend(5, Prolongation.INTERPOLATE))
    held = [cel for k in range(13) if isinstance(cel := event.cel(k), Blend) and cel.motion]
    assert any(isinstance(cel.outgoing, Blend) or isinstance(cel.incoming, Blend) for cel in held)


@pytest.mark.parametrize("conform", [Conform.BLEND, Conform.MOTION])
def test_what_lies_between_two_pictures_is_a_position(conform: Conform) -> None:
    event = Event("e", "t", Span(0, 3), speed=Fraction(1, 2), conform=conform)
    assert [event.cel(k) for k in range(6)] == [0, Fraction(1, 2), 1, Fraction(3, 2), 2, 2]


def test_slowing_down_spreads_the_last_frames_over_twice_their_time() -> None:
    slow = Event("e", "t", Span(10, 20), extend=Extend(4, Prolongation.SLOW))
    assert slow.length == 14
    assert frames(slow) == [*range(10, 16), 16, 16, 16, 17, 17, 18, 18, 19]
    # Fewer frames than are added: all of them are slowed, from the first to the last.
    crawling = Event("e", "t", Span(10, 13), extend=Extend(6, Prolongation.SLOW))
    assert frames(crawling) == [10, 10, 10, 10, 11, 11, 11, 11, 12]


@given(events())
def test_an_extension_never_shortens_or_skips_what_it_extends(event: Event) -> None:
    if event.extend is None:
        return
    assert event.length == event.unextended + event.extend.frames
    plain_part = event.unextended - event.slowed
    bare = replace(event, extend=None)
    assert [event.cel(k) for k in range(plain_part)] == [bare.cel(k) for k in range(plain_part)]
    if event.slowed:
        assert event.cel(event.length - 1) == bare.cel(event.unextended - 1)


def test_blended_positions_lie_between_source_frames() -> None:
    event = Event("e", "t", Span(10, 13), speed=Fraction(1, 2), conform=Conform.BLEND)
    halves = [Fraction(n, 2) for n in (20, 21, 22, 23, 24)]
    # The last picture of the range has none after it to be blended with.
    assert [event.cel(k) for k in range(event.length)] == [*halves, 12]


def test_a_ramp_is_the_frame_map_of_its_integral() -> None:
    # From full speed to half speed over 8 frames: 6 source frames pass, then one in two.
    ramp = Ramp((SpeedKey(0, Fraction(1)), SpeedKey(8, Fraction(1, 2))))
    event = Event("e", "t", Span(100, 108), ramp=ramp)
    assert [ramp.position(k) for k in (-2, 0, 4, 8, 10)] == [-2, 0, Fraction(7, 2), 6, 7]
    assert event.length == 12
    assert frames(event) == [100, 100, 101, 102, 103, 104, 104, 105, 106, 106, 107, 107]
    assert [event.cel(k) for k in (-1, 12)] == [99, 108]
