from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning import R24, index, timeline
from tests.strategies import rates

from finisher.event import (
    Align,
    Conform,
    Event,
    Extend,
    Gap,
    Item,
    Loop,
    Prolongation,
    Seam,
    Transition,
    TransitionKind,
)
from finisher.plan.model import Fill, Mix, Picture, Shot
from finisher.plan.picture import Track, at_rate, close_loop, missing_media, track
from finisher.problems import Severity, Where
from finisher.timecode import Rate, Span

INDEXES = {"t1": index(100), "t2": index(100)}
DISSOLVE = TransitionKind.DISSOLVE


def event(
    name: str, start: int, end: int, take: str = "t1", transition: Transition | None = None
) -> Event:
    return Event(name, take, Span(start, end), transition=transition)


def laid(*items: Item) -> tuple[Picture, ...]:
    return track(timeline(*items), INDEXES).pictures


def shots(number: int, ordinals: range) -> list[Picture]:
    return [Shot(number, ordinal) for ordinal in ordinals]


def test_cuts_show_each_range_and_gaps_show_black() -> None:
    layout = track(timeline(event("a", 5, 8), Gap(2), event("b", 50, 52, "t2")), INDEXES)
    assert layout.pictures == (*shots(0, range(5, 8)), Fill(), Fill(), Shot(1, 50), Shot(1, 51))
    assert layout.records == (Span(0, 3), Span(5, 7))


@pytest.mark.parametrize(
    ("align", "before", "after"),
    [(Align.CENTER, 2, 3), (Align.START, 0, 5), (Align.END, 5, 0)],
)
def test_a_transition_borrows_both_handles_and_weighs_them(
    align: Align, before: int, after: int
) -> None:
    dissolve = Transition(DISSOLVE, 5, align)
    pictures = laid(event("a", 10, 30), event("b", 40, 60, "t2", dissolve))
    assert len(pictures) == 40
    assert pictures[: 20 - before] == tuple(shots(0, range(10, 30 - before)))
    # Both pictures run on through the transition, past `out` and before `in`.
    assert pictures[20 - before : 20 + after] == tuple(
        Mix(DISSOLVE, Shot(0, 30 - before + k), Shot(1, 40 - before + k), k, 5) for k in range(5)
    )
    assert pictures[20 + after :] == tuple(shots(1, range(40 + after, 60)))


def test_every_transition_kind_is_carried_over() -> None:
    for kind in TransitionKind:
        pictures = laid(event("a", 10, 20), event("b", 10, 20, "t2", Transition(kind, 2)))
        assert [p.kind for p in pictures if isinstance(p, Mix)] == [kind, kind]


@pytest.mark.parametrize("align", Align)
def test_into_the_first_event_everything_comes_after_the_start_and_from_black(
    align: Align,
) -> None:
    pictures = laid(event("a", 0, 10, transition=Transition(DISSOLVE, 4, align)))
    assert pictures[:4] == tuple(Mix(DISSOLVE, Fill(), Shot(0, k), k, 4) for k in range(4))
    assert pictures[4:] == tuple(shots(0, range(4, 10)))


def test_a_transition_out_of_a_gap_comes_from_black_with_the_incoming_handle() -> None:
    pictures = laid(Gap(4), event("a", 10, 14, transition=Transition(DISSOLVE, 4)))
    assert pictures[2:4] == tuple(Mix(DISSOLVE, Fill(), Shot(0, 8 + k), k, 4) for k in range(2))
    assert pictures[4:6] == tuple(
        Mix(DISSOLVE, Fill(), Shot(0, 10 + k), 2 + k, 4) for k in range(2)
    )


def test_two_transitions_on_one_event_leave_what_lies_between_alone() -> None:
    dissolve = Transition(DISSOLVE, 4)
    pictures = laid(
        event("a", 10, 20), event("b", 30, 36, "t2", dissolve), event("c", 50, 60, "t1", dissolve)
    )
    assert pictures[12:14] == (Shot(1, 32), Shot(1, 33))
    assert [isinstance(p, Mix) for p in pictures[8:18]] == [True] * 4 + [False] * 2 + [True] * 4


def test_handles_continue_each_events_own_retime() -> None:
    fast = Event("a", "t1", Span(10, 30), speed=Fraction(2))
    back = Event("b", "t2", Span(40, 50), speed=Fraction(-1), transition=Transition(DISSOLVE, 4))
    mixes = [p for p in laid(fast, back) if isinstance(p, Mix)]
    assert [p.outgoing for p in mixes] == [Shot(0, 26), Shot(0, 28), Shot(0, 30), Shot(0, 32)]
    assert [p.incoming for p in mixes] == [Shot(1, 51), Shot(1, 50), Shot(1, 49), Shot(1, 48)]


def test_a_loop_goes_round_for_its_handles_and_needs_none_of_the_takes() -> None:
    looped = Event("a", "t1", Span(0, 4), loop=Loop(2, None))
    after = event("b", 2, 10, "t2", Transition(DISSOLVE, 4))
    line = timeline(looped, after)
    assert missing_media(line, INDEXES) == ()
    mixes = [p for p in track(line, INDEXES).pictures if isinstance(p, Mix)]
    assert [p.outgoing for p in mixes] == [Shot(0, 2), Shot(0, 3), Shot(0, 0), Shot(0, 1)]


def test_a_blended_seam_is_a_dissolve_inside_one_event() -> None:
    seam = Event("a", "t1", Span(20, 30), loop=Loop(2, None, Seam.BLEND, 2))
    assert laid(seam)[8:12] == (
        Shot(0, 28),
        Mix(DISSOLVE, Shot(0, 29), Shot(0, 19), 0, 2),
        Mix(DISSOLVE, Shot(0, 30), Shot(0, 20), 1, 2),
        Shot(0, 21),
    )


def problem_of(*items: Item) -> str:
    (problem,) = missing_media(timeline(*items), INDEXES)
    assert problem.severity is Severity.ERROR
    return f"{problem.code}: {problem.message}"


def test_media_beyond_the_take_is_told_with_the_numbers() -> None:
    assert problem_of(event("a", 90, 103)) == (
        "range: the event needs source frames [90, 103) of take 't1', "
        "which has [0, 100): 3 too few after its last frame"
    )


def test_missing_handles_are_told_with_the_numbers_on_either_side() -> None:
    dissolve = Transition(DISSOLVE, 9)
    assert problem_of(event("a", 80, 97), event("b", 20, 30, "t2", dissolve)) == (
        "handles: its 9-frame dissolve into 'b' needs source frames [97, 102) of take 't1', "
        "which has [0, 100): 2 too few after its last frame"
    )
    assert problem_of(event("a", 50, 60), event("b", 1, 30, "t2", dissolve)) == (
        "handles: its 9-frame dissolve needs source frames [-3, 1) of take 't2', "
        "which has [0, 100): 3 too few before its first frame"
    )


def test_a_reversed_event_lacks_handles_at_the_other_end() -> None:
    back = Event("b", "t2", Span(90, 100), Fraction(-1), transition=Transition(DISSOLVE, 6))
    assert "3 too few after its last" in problem_of(event("a", 10, 30), back)


def test_a_seam_that_borrows_what_is_not_there_is_a_problem() -> None:
    seam = Event("a", "t1", Span(0, 30), loop=Loop(2, None, Seam.BLEND, 8))
    assert problem_of(seam).startswith("range: the event needs source frames [-4, 34)")


def test_an_extension_needs_no_further_media() -> None:
    for by in Prolongation:
        held = Event("a", "t1", Span(90, 100), extend=Extend(40, by))
        assert missing_media(timeline(held), INDEXES) == ()


def test_all_problems_come_at_once_with_their_places() -> None:
    first = Event("a", "t1", Span(99, 101), where=Where("edl.json", "/events/0"))
    second = Event("b", "t2", Span(99, 102), where=Where("edl.json", "/events/1"))
    found = missing_media(timeline(first, second), INDEXES)
    assert [str(p.where) for p in found] == ["edl.json: /events/0", "edl.json: /events/1"]


def test_the_first_event_needs_no_handle_before_it() -> None:
    opening = event("a", 0, 10, transition=Transition(DISSOLVE, 8))
    assert missing_media(timeline(opening), INDEXES) == ()


def closed(*items: Item, frames: int = 4) -> tuple[tuple[Picture, ...], str | None]:
    line = timeline(*items)
    layout, problem = close_loop(track(line, INDEXES), line, INDEXES, frames)
    return layout.pictures, None if problem is None else problem.message


def test_a_closed_loop_ends_on_the_frame_before_its_first() -> None:
    pictures, problem = closed(event("a", 10, 20), event("b", 50, 60, "t2"))
    assert problem is None
    assert pictures[:16] == (*shots(0, range(10, 20)), *shots(1, range(50, 56)))
    assert pictures[16:] == tuple(
        Mix(DISSOLVE, Shot(1, 56 + k), Shot(0, 6 + k), k, 4) for k in range(4)
    )


def test_a_loop_without_handles_closes_with_a_cut_and_says_so() -> None:
    whole = (event("a", 3, 20), event("b", 50, 60, "t2"))
    pictures, problem = closed(*whole)
    assert pictures == laid(*whole)
    assert problem is not None
    assert "needs source frames [-1, 3)" in problem
    assert "1 too few" in problem


def test_a_loop_whose_last_event_is_too_short_closes_with_a_cut() -> None:
    pictures, problem = closed(event("a", 10, 20), event("b", 50, 53, "t2"))
    assert not any(isinstance(p, Mix) for p in pictures)
    assert (
        problem == "the programme loops with a plain cut: the last event is shorter than 4 frames"
    )


def test_a_programme_that_comes_from_black_closes_into_black() -> None:
    # The handles of the first event would be followed by black: a flash at every turn.
    opening = event("a", 0, 10, transition=Transition(DISSOLVE, 2))
    pictures, problem = closed(opening, event("b", 50, 60, "t2"))
    assert problem is None
    assert [p.incoming for p in pictures[16:] if isinstance(p, Mix)] == [Fill()] * 4
    pictures, problem = closed(Gap(3), event("a", 0, 10))
    assert problem is None
    assert [p.incoming for p in pictures[9:] if isinstance(p, Mix)] == [Fill()] * 4


@given(st.integers(1, 300), rates(), rates())
def test_another_delivery_rate_shows_what_is_on_screen(
    length: int, edit: Rate, delivery: Rate
) -> None:
    pictures = tuple(Shot(0, k) for k in range(length))
    half = length // 2
    layout = Track(pictures, (Span(0, half), Span(half, length)))
    found = at_rate(layout, edit, delivery)
    for k, picture in enumerate(found.pictures):
        instant = delivery.seconds(k)
        assert isinstance(picture, Shot)
        assert edit.seconds(picture.picture) <= instant < edit.seconds(picture.picture + 1)
    # The programme is as long as it was, to less than a frame.
    assert delivery.seconds(len(found.pictures)) >= edit.seconds(length)
    assert delivery.seconds(len(found.pictures) - 1) < edit.seconds(length)
    first, second = found.records
    assert (first.start, first.end, second.end) == (0, second.start, len(found.pictures))
    assert all(p.picture < half for p in found.pictures[: first.end] if isinstance(p, Shot))
    assert all(p.picture >= half for p in found.pictures[second.start :] if isinstance(p, Shot))


def test_24_in_30_repeats_every_fourth_frame() -> None:
    layout = Track(tuple(Shot(0, k) for k in range(8)), (Span(0, 8),))
    found = at_rate(layout, R24, Rate.parse("30"))
    assert [p.picture for p in found.pictures if isinstance(p, Shot)] == [
        0, 0, 1, 2, 3, 4, 4, 5, 6, 7,
    ]  # fmt: skip


def test_a_take_at_another_rate_is_shown_by_the_floor_rule() -> None:
    indexes = {"t1": index(200, "30"), "t2": index(200, "24000/1001")}
    line = timeline(event("a", 0, 160), event("b", 0, 190, "t2"))
    pictures = track(line, indexes).pictures
    ordinals = [p.picture for p in pictures if isinstance(p, Shot)]
    assert ordinals[:160] == [math.floor(k * Fraction(30, 24)) for k in range(160)]
    assert ordinals[160:] == [math.floor(k * Fraction(1000, 1001)) for k in range(190)]


def test_a_blended_take_of_another_rate_mixes_the_two_pictures_around_each_instant() -> None:
    thirty = index(60, "30")
    event = Event("e", "t1", Span(4, 9), conform=Conform.BLEND)
    pictures = track(timeline(event), {"t1": thirty}).pictures
    assert pictures[0] == Shot(0, 5)
    assert pictures[1] == Mix(TransitionKind.DISSOLVE, Shot(0, 6), Shot(0, 7), 0, 3)
    assert pictures[2] == Mix(TransitionKind.DISSOLVE, Shot(0, 7), Shot(0, 8), 0, 1)
    assert pictures[3] == Mix(TransitionKind.DISSOLVE, Shot(0, 8), Shot(0, 9), 2, 3)
    assert pictures[4] == Shot(0, 10)


def test_blending_leaves_pictures_alone_that_fall_on_their_frames() -> None:
    event = Event("e", "t1", Span(0, 20), conform=Conform.BLEND)
    assert track(timeline(event), {"t1": index(20)}).pictures == tuple(
        Shot(0, k) for k in range(20)
    )
    # The last picture of a take stays as long as it is on screen.
    slow = Event("e", "t1", Span(0, 20), speed=Fraction(1, 2), conform=Conform.BLEND)
    assert track(timeline(slow), {"t1": index(20)}).pictures[-1] == Shot(0, 19)


def test_a_still_that_is_wanted_for_longer_is_told_how_to_be_held() -> None:
    line = timeline(Event("e", "t1", Span(0, 24)))
    (problem,) = missing_media(line, {"t1": index(1), "t2": index(1)})
    assert problem.hint == 'a still is held by "freeze": 24'
