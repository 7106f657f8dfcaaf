from __future__ import annotations

import pytest
from tests.planning import facts, index, preset, taken, timeline

from finisher.event import Align, Event, Loop, Seam, Transition, TransitionKind
from finisher.facts import LoopFacts
from finisher.plan.assemble import plan
from finisher.plan.settle import settled
from finisher.problems import DocumentError
from finisher.timecode import Span

AUTO = Loop(3, None, Seam.AUTO)


def loop(start: int, end: int, frames: int = 0, visibility: float = 0.2) -> LoopFacts:
    return LoopFacts(start, end, frames, visibility, visibility, 0.0)


def test_a_seam_that_was_found_takes_the_place_of_auto() -> None:
    line = timeline(Event("a", "t1", Span(0, 60), loop=AUTO))
    (event,) = settled(line, {"a": loop(12, 48, 8)}).items
    assert isinstance(event, Event)
    assert event.source == Span(12, 48)
    assert event.loop == Loop(3, None, Seam.BLEND, 8)
    assert event.length == 3 * 36


def test_no_blend_is_a_cut() -> None:
    line = timeline(Event("a", "t1", Span(0, 60), loop=AUTO))
    (event,) = settled(line, {"a": loop(12, 48)}).items
    assert isinstance(event, Event)
    assert event.loop == Loop(3, None, Seam.CUT, 0)


def test_other_loops_are_left_as_they_are() -> None:
    line = timeline(Event("a", "t1", Span(0, 60), loop=Loop(2, None)))
    assert settled(line, {"a": loop(1, 50)}) is line


def test_no_loop_found_is_told() -> None:
    with pytest.raises(DocumentError) as caught:
        settled(timeline(Event("a", "t1", Span(0, 6), loop=AUTO)), {})
    assert [problem.code for problem in caught.value.problems] == ["loop-too-short"]


def test_a_transition_that_no_longer_fits_is_told() -> None:
    into = Transition(TransitionKind.DISSOLVE, 30, Align.END)
    line = timeline(
        Event("a", "t1", Span(0, 60), loop=Loop(1, None, Seam.AUTO)),
        Event("b", "t2", Span(40, 60), transition=into),
    )
    with pytest.raises(DocumentError) as caught:
        settled(line, {"a": loop(10, 30)})
    (problem,) = caught.value.problems
    assert problem.code == "transition-too-long"
    assert "20 and 20 frames" in problem.message


@pytest.mark.parametrize(("early", "late", "what"), [(0, 50_000, "L-cut"), (50_000, 0, "J-cut")])
def test_a_cut_of_the_sound_that_now_reaches_too_far_is_told(
    early: int, late: int, what: str
) -> None:
    items = (
        Event("a", "t2", Span(10, 40), l_cut=late),
        Event("b", "t1", Span(0, 60), loop=Loop(1, None, Seam.AUTO)),
        Event("c", "t2", Span(50, 80), j_cut=early),
    )
    settled(timeline(*items), {"b": loop(10, 35)})
    with pytest.raises(DocumentError) as caught:
        settled(timeline(*items), {"b": loop(10, 30)})
    (problem,) = caught.value.problems
    assert problem.code == "split-too-long"
    assert problem.message == f"its {what} of 50000 samples reaches beyond the 40000 next to it"


def test_a_seam_that_shows_is_a_warning_and_in_the_plan() -> None:
    line = timeline(Event("a", "t1", Span(0, 20), loop=Loop(2, None)))
    known = facts(("t1", taken("t1", index(100))), ("t2", taken("t2", index(100))))
    known.loops["a"] = loop(0, 20, visibility=8.0)
    made = plan(line, preset(), known)
    assert made.events[0].seam == known.loops["a"]
    (warning,) = made.warnings
    assert warning.code == "seam-shows"
    assert "8.0 times" in warning.message
    known.loops["a"] = loop(0, 20, visibility=1.5)
    assert plan(line, preset(), known).warnings == ()


def test_a_ping_pong_is_meant_to_turn() -> None:
    line = timeline(Event("a", "t1", Span(0, 20), loop=Loop(2, None, Seam.PINGPONG)))
    known = facts(("t1", taken("t1", index(100))), ("t2", taken("t2", index(100))))
    known.loops["a"] = loop(0, 20, visibility=8.0)
    assert plan(line, preset(), known).warnings == ()
