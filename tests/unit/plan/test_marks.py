"""Marks in a plan: where they stand, in which frames, and how their events are framed for them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.placement import judged, random_plan, render, takes
from tests.planning import R24, facts, index, preset, taken, timeline

from finisher.event import (
    Conform,
    Event,
    Extend,
    Gap,
    Item,
    Loop,
    NativeSound,
    Prolongation,
    Seam,
    Sounding,
    Transition,
    TransitionKind,
)
from finisher.facts import Facts
from finisher.geometry import Box, Fit, Raster
from finisher.plan.assemble import plan
from finisher.plan.hidden import crossfaded
from finisher.plan.marks import declared
from finisher.plan.model import Plan, PlannedMark
from finisher.presets.model import Audio, AudioCodec
from finisher.problems import DocumentError, Severity
from finisher.sighting import HiddenFacts, MarkFacts, MarkPlace
from finisher.timecode import Span, runs
from finisher.timeline import Carrier, Dwell, HiddenMark, Layer, Mark, Role, Take, Timeline

LEFT, RIGHT = Box.of(100, 500, 160, 60), Box.of(1500, 900, 160, 60)
JUMP = Mark("m", LEFT, dwells=(Dwell(0, 10, LEFT), Dwell(12, 30, RIGHT), Dwell(30, None, LEFT)))
UPRIGHT = Raster(1080, 1920)
KNOWN = facts(("t1", taken("t1", index(100))), ("t2", taken("t2", index(100))))


def event(name: str, start: int, end: int, **more: object) -> Event:
    return replace(Event(name, "t1", Span(start, end)), **more)  # type: ignore[arg-type]


def marked(*items: Item, mark: Mark = JUMP) -> Timeline:
    bare = timeline(*items)
    first, second = bare.takes
    return replace(bare, takes=(replace(first, marks=("m",)), second), marks=(mark,))


def places(found: tuple[PlannedMark, ...]) -> list[tuple[Box, list[tuple[int, int]]]]:
    return [(mark.box, [(span.start, span.end) for span in mark.shown]) for mark in found]


def shown(
    *items: Item, known: Facts = KNOWN, mark: Mark = JUMP, rate: str | None = None
) -> list[list[tuple[Box, list[tuple[int, int]]]]]:
    decided = plan(marked(*items, mark=mark), preset(rate=rate), known)
    return [places(one.marks) for one in decided.events]


def test_only_places_that_are_shown_are_planned_and_gaps_are_gaps() -> None:
    assert shown(event("a", 5, 20)) == [[(LEFT, [(0, 5)]), (RIGHT, [(7, 15)])]]
    assert shown(event("a", 10, 12)) == [[]]
    assert shown(event("a", 40, 50)) == [[(LEFT, [(0, 10)])]]


def test_places_follow_speed_reverse_loop_and_hold() -> None:
    assert shown(event("a", 6, 16, speed=Fraction(2))) == [[(LEFT, [(0, 2)]), (RIGHT, [(3, 5)])]]
    backwards = event("a", 6, 16, speed=Fraction(-1))
    assert shown(backwards) == [[(LEFT, [(6, 10)]), (RIGHT, [(0, 4)])]]
    there_and_back = event("a", 8, 14, loop=Loop(1, None, Seam.PINGPONG))
    assert shown(there_and_back) == [[(LEFT, [(0, 2), (9, 10)]), (RIGHT, [(4, 7)])]]
    held = event("a", 8, 13, extend=Extend(4, Prolongation.HOLD))
    assert shown(held) == [[(LEFT, [(0, 2)]), (RIGHT, [(4, 9)])]]


def test_a_frame_of_two_pictures_shows_a_place_only_if_both_do() -> None:
    # The seam mixes pictures 8 to 11 with 26 to 29, where the mark stands on the other side.
    looped = event("a", 8, 28, loop=Loop(2, None, Seam.BLEND, 4))
    (found,) = shown(looped)
    mixed = set(range(18, 22))
    frames = {frame for _, spans in found for span in spans for frame in range(*span)}
    assert not frames & mixed
    assert {0, 1, 4, 17, 39} <= frames
    between = event("a", 8, 12, speed=Fraction(1, 2), conform=Conform.BLEND)
    assert shown(between) == [[(LEFT, [(0, 3)])]]


def test_handles_that_a_transition_borrows_show_their_marks_too() -> None:
    dissolve = Transition(TransitionKind.DISSOLVE, 4)
    first, second = shown(event("a", 20, 28), event("b", 12, 20, transition=dissolve, take="t1"))
    # Frame 28 on would be the left side again, at 30; the handles end before it.
    assert first == [(RIGHT, [(0, 10)])]
    assert second == [(RIGHT, [(8, 16)])]  # its handles, 10 and 11, show the mark nowhere
    (closed,) = plan(marked(event("a", 4, 40)), preset(loop_frames=4), KNOWN).events
    assert places(closed.marks)[0] == (LEFT, [(0, 6), (26, 36)])


def test_another_rate_shows_what_is_on_screen_at_its_instants() -> None:
    assert shown(event("a", 0, 24), rate="12") == [[(LEFT, [(0, 5)]), (RIGHT, [(6, 12)])]]
    thirty = facts(("t1", taken("t1", index(100, "30"))), ("t2", KNOWN.takes["t2"]))
    # Frames 10 and 12 of the edit show pictures 12 and 15 of a take at 30 a second.
    assert [(p.start, p.end) for p in declared(JUMP, thirty.takes["t1"].index, R24)] == [
        (0, 12), (15, 37), (37, 100),
    ]  # fmt: skip
    assert shown(event("a", 0, 16), known=thirty) == [[(LEFT, [(0, 10)]), (RIGHT, [(12, 16)])]]


def test_a_place_after_the_takes_end_is_none() -> None:
    late = replace(JUMP, dwells=(Dwell(0, 90, LEFT), Dwell(200, None, RIGHT)))
    assert declared(late, index(100), R24) == (MarkPlace(0, 90, LEFT),)
    assert declared(replace(JUMP, dwells=()), index(7), R24) == (MarkPlace(0, 7, LEFT),)


def test_a_mark_that_is_scanned_for_stands_where_it_was_found() -> None:
    scan = Mark("m", Box.of(0, 0, 0, 0), "m.png", scan=True)
    found = MarkFacts(0.8, 9.0, found=True, places=(MarkPlace(3, 8, RIGHT),))
    known = facts(
        ("t1", replace(KNOWN.takes["t1"], marks=(("m", found),))), ("t2", KNOWN.takes["t2"])
    )
    assert shown(event("a", 0, 20), known=known, mark=scan) == [[(RIGHT, [(3, 8)])]]
    assert shown(event("a", 0, 20), mark=scan) == [[]]


@given(st.sets(st.integers(0, 60)))
def test_runs_hold_the_frames_they_are_made_of(frames: set[int]) -> None:
    spans = runs(sorted(frames))
    assert {frame for span in spans for frame in range(span.start, span.end)} == frames
    assert all(a.end < b.start for a, b in pairwise(spans))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("placement")


def test_finished_frames_show_marks_where_they_were_foretold(folder: Path) -> None:
    made = takes(folder)
    # One with bars, a widened window and three takes that jump; one at 30 frames a second.
    for seed in (29, 48):
        (folder / str(seed)).mkdir()
        decided = random_plan(seed, made)
        tally = judged(decided, render(decided, made, folder / str(seed)))
        assert tally.wrong == []
        assert tally.places > 20


def upright(line: Timeline, part: Span | None = None, rate: str | None = None) -> Plan:
    return plan(line, preset("social916", raster=UPRIGHT, rate=rate), KNOWN, part)


def test_a_window_moves_as_far_as_the_marks_that_are_shown_ask_and_says_so() -> None:
    keeps = event("a", 14, 24, keep_visible=("m",))
    decided = upright(marked(keeps))
    (planned,) = decided.events
    assert planned.framing.crop == Box.of(1052, 0, 608, 1080)
    assert [mark.visible for mark in planned.marks] == [1.0]
    (told,) = [problem for problem in decided.warnings if problem.code == "framing-moved"]
    assert told.severity is Severity.NOTE
    assert told.message == (
        "event 'a', preset social916: its window is moved 396 pixels right to keep 'm' whole"
    )
    assert upright(marked(event("a", 14, 24))).warnings == ()


def test_an_event_is_framed_alike_in_a_part_and_at_any_rate() -> None:
    # The part and the slow rate leave out the frame that shows the left side.
    line = marked(event("b", 50, 60, take="t2"), event("a", 29, 40, keep_visible=("m",)))
    whole = upright(line).events[1].framing
    assert upright(line, Span(12, 20)).events[0].framing == whole
    assert upright(line, rate="12").events[1].framing == whole


def test_handles_are_kept_in_sight_too() -> None:
    dissolve = Transition(TransitionKind.DISSOLVE, 6)
    alone, lending = (
        upright(marked(event("a", 20, 28, keep_visible=("m",)), after)).events[0]
        for after in (
            event("b", 40, 50, take="t2"),
            event("b", 40, 50, take="t2", transition=dissolve),
        )
    )
    assert alone.framing.crop.x == 1052
    # Lent frames reach picture 30, where it is back on the left: no window holds both.
    assert lending.framing.crop.x == 656


def test_what_no_window_holds_is_widened_for() -> None:
    line = marked(event("a", 0, 24, keep_visible=("m",), fit=Fit.WIDEN))
    decided = upright(line)
    (planned,) = decided.events
    assert planned.framing.crop == Box.of(100, 0, 1560, 1080)
    assert {mark.visible for mark in planned.marks} == {1.0}
    assert "widened to 1560x1080, between bars" in decided.warnings[0].message
    assert dict(planned.told)["edited"] == "black bars"


def test_nobody_having_told_the_marks_is_noted_once() -> None:
    line = replace(
        timeline(event("a", 0, 9), event("b", 0, 9, take="t2"), event("c", 0, 9)),
        takes=(Take("t1", "t1.mp4"), Take("t2", "t2.mp4"), Take("t3", "t3.mp4")),
    )
    (told,) = plan(line, preset(), KNOWN).warnings
    assert (told.code, told.severity) == ("marks-untold", Severity.NOTE)
    assert "in 't1', 't2': none" in told.message


def test_marks_that_their_takes_dont_show_are_told_before_anything_is_rendered() -> None:
    line = marked(event("a", 0, 9), mark=replace(JUMP, template="m.png"))
    line = replace(
        line,
        takes=tuple(replace(take, hidden=("h",)) for take in line.takes),
        hidden=(HiddenMark("h", "dwt", "101"),),
    )
    gone = HiddenFacts("dwt 1", found=False, reason="its weights are missing")
    lost = replace(
        taken("t1", index(100)),
        marks=(("m", MarkFacts(0.12, 1.0, found=False)),),
        hidden=(("h", gone),),
    )
    told = plan(line, preset(), facts(("t1", lost), ("t2", lost))).warnings
    assert [p.code for p in told] == ["mark-not-found", "mark-not-found"]  # t2 is not used
    assert "score 0.12" in told[0].message
    assert "weights are missing" in told[1].message
    there = replace(
        lost,
        marks=(("m", MarkFacts(0.9, 9.0, found=True)),),
        hidden=(("h", replace(gone, found=True, reason="")),),
    )
    assert plan(line, preset(), facts(("t1", there), ("t2", lost))).warnings == ()


HIDDEN = (HiddenMark("h", "dwt", "101"), HiddenMark("s", "seal", "11", Carrier.SOUND))


def hidden(change: dict[str, object], **line: object) -> Plan:
    bare = timeline(event("a", 0, 20, **change))
    first, second = bare.takes
    carries = replace(first, hidden=("h", "s"))
    made = replace(bare, takes=(carries, second), hidden=HIDDEN, **line)  # type: ignore[arg-type]
    return plan(made, replace(preset(), audio=Audio(AudioCodec.AAC, None)), KNOWN)


@pytest.mark.parametrize(
    ("width", "height", "told"),
    [
        (240, 135, False),
        (239, 135, True),
        (240, 134, True),
        (15360, 4320, False),
        (15361, 4320, True),
    ],
)
def test_a_hidden_mark_was_embedded_at_a_size_its_take_can_come_from(
    width: int, height: int, *, told: bool
) -> None:
    """The takes are 1920x1080: an eighth of that, and eight times it, are let pass."""
    bare = timeline(event("a", 0, 20))
    mark = replace(HIDDEN[0], canvas=Raster(width, height))
    line = replace(bare, takes=(replace(bare.takes[0], hidden=("h",)), bare.takes[1]))
    made = replace(line, hidden=(mark,))
    try:
        plan(made, preset(), KNOWN)
    except DocumentError as error:
        assert told
        (problem,) = error.problems
        assert problem.code == "mark-canvas"
        assert "1920x1080" in problem.message
    else:
        assert not told


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({}, ("h", "s")),
        ({"sound": Sounding(NativeSound.DUCK)}, ("h", "s")),
        ({"sound": Sounding(NativeSound.MUTE)}, ("h",)),
        ({"sound": Sounding(NativeSound.REPLACE)}, ("h",)),
        ({"sound": Sounding(NativeSound.STRETCH), "speed": Fraction(25, 24)}, ("h",)),
        ({"speed": Fraction(1, 2)}, ("h",)),
    ],
)
def test_a_hidden_mark_goes_where_what_carries_it_goes(
    change: dict[str, object], kept: tuple[str, ...]
) -> None:
    assert hidden(change).events[0].hidden == kept


def test_a_replaced_sound_takes_its_mark_along() -> None:
    layer = Layer("vo", "vo.wav", Role.DIALOGUE, replaces=("a",))
    bare = timeline(event("a", 0, 20))
    first, second = bare.takes
    line = replace(
        bare, takes=(replace(first, hidden=("s",)), second), hidden=HIDDEN, layers=(layer,)
    )
    assert plan(line, preset(), KNOWN).events[0].hidden == ()


def test_what_a_blind_reader_will_hardly_survive_is_warned_of_once_for_each_mark() -> None:
    assert [p.code for p in hidden({}).warnings] == []
    wide = hidden({}, canvas=UPRIGHT).warnings
    assert [(p.code, p.severity) for p in wide] == [("hidden-mark-worked", Severity.WARNING)]
    assert "the pictures of 'a' are cropped, scaled" in wide[0].message
    ducked = hidden({"sound": Sounding(NativeSound.DUCK, -3.0)}).warnings
    assert [(p.code, p.severity) for p in ducked] == [("mark-unpromised", Severity.NOTE)]
    assert "of 'a' is ducked, set to -3 dB" in ducked[0].message


def test_only_events_beside_a_transition_are_crossfaded() -> None:
    dissolve = Transition(TransitionKind.DISSOLVE, 4)
    line = timeline(
        event("before", 20, 30),
        event("into", 20, 30, transition=dissolve),
        event("after", 20, 30),
        Gap(10),
        event("from-black", 20, 30, transition=dissolve),
    )
    assert crossfaded(line) == {"before", "into", "from-black"}
    carrying = replace(line.takes[0], hidden=("s",))
    line = replace(line, takes=(carrying, *line.takes[1:]), hidden=HIDDEN)
    decided = plan(line, replace(preset(), audio=Audio(AudioCodec.AAC, None)), KNOWN)
    (told,) = (p for p in decided.warnings if p.code == "mark-unpromised")
    assert "of 'before', 'into', 'from-black' is crossfaded" in told.message


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 80), st.integers(1, 19), st.sampled_from([1, 2, -1, Fraction(1, 2)]))
def test_places_never_share_a_frame(start: int, length: int, speed: Fraction) -> None:
    (found,) = shown(event("a", start, start + length, speed=Fraction(speed)))
    frames = [frame for _, spans in found for span in spans for frame in range(*span)]
    assert len(frames) == len(set(frames))
