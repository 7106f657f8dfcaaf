from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning import HD, facts, index, preset, taken, timeline

from finisher.event import Event
from finisher.geometry import Box, Fit, Raster, frame
from finisher.media.closeups import CloseUps, close_ups
from finisher.plan.assemble import plan
from finisher.plan.marks import declared
from finisher.pledge import foretelling
from finisher.pledge.foretelling import DRAWN, MOST, Prospect, prospects
from finisher.sighting import MarkFacts, MarkPlace
from finisher.timecode import Rate, Span
from finisher.timeline import Dwell, Mark, Take

COUNT = 96
LEFT, RIGHT = Box.of(40, 980, 180, 60), Box.of(1690, 980, 180, 60)
STILL = Mark("m", RIGHT)
JUMPING = Mark("m", LEFT, dwells=(Dwell(0, 24, LEFT), Dwell(24, 48, RIGHT), Dwell(48, None, LEFT)))


def told(mark: Mark, *events: Event) -> tuple[tuple[Prospect, ...], CloseUps]:
    line = replace(timeline(*events, takes=(Take("t1", "t1.mp4", marks=("m",)),)), marks=(mark,))
    take = replace(taken("t1", index(COUNT)), marks=(("m", MarkFacts(0.9, 9.0, found=True)),))
    places: tuple[MarkPlace, ...] = declared(mark, take.index, Rate.parse("24"))
    kept = close_ups(places, HD, take.index)
    assert kept is not None
    made = plan(line, preset(), facts(("t1", take)))
    return prospects(made, {("t1", "m"): kept}), kept


def event(name: str, start: int, end: int, **more: Any) -> Event:
    return replace(Event(name, "t1", Span(start, end)), **more)


def test_frames_are_foretold_from_the_very_pictures_they_show() -> None:
    (one,), kept = told(STILL, event("a", 10, 90))
    assert len(one.frames) > DRAWN > MOST
    assert [kept.corners[row][0] for _, row in one.frames] == [10 + f for f, _ in one.frames]
    assert len(one.rows) == MOST
    assert set(one.rows) < {row for _, row in one.frames}


def test_of_what_is_too_short_the_strength_is_foretold_from_its_place() -> None:
    (one,), kept = told(STILL, event("a", 10, 14))
    assert len(one.frames) < 4
    assert len(one.near) < 4
    assert len(one.rows) == MOST
    assert max(one.rows) > len(kept.corners) // 2


def test_of_what_runs_at_another_speed_the_shown_pictures_count() -> None:
    (one,), kept = told(STILL, event("a", 0, 96, speed=Fraction(2)))
    assert all(kept.corners[row][0] == 2 * frame for frame, row in one.frames)


def test_a_jumping_mark_is_foretold_place_by_place() -> None:
    found, kept = told(JUMPING, event("a", 0, 96))
    left, right = found
    assert {kept.corners[row][0] // 24 for row in (*left.near, *left.rows)} == {0, 2, 3}
    assert {kept.corners[row][0] // 24 for row in (*right.near, *right.rows)} == {1}
    assert left.corner != right.corner
    assert all(0 <= f < 24 or 48 <= f < 96 for f, _ in left.frames)


@given(
    st.sampled_from([Fit.COVER, Fit.PAD, Fit.BLUR_PAD]),
    st.integers(2, 2000),
    st.integers(2, 2000),
    st.tuples(*[st.integers(0, 900)] * 2, *[st.integers(1, 400)] * 2),
)
def test_a_box_is_found_again_in_the_take(
    fit: Fit, width: int, height: int, sides: tuple[int, int, int, int]
) -> None:
    framing = frame(HD, Raster(width, height), fit, (Fraction(1, 3), Fraction(1, 2)))
    box = Box.of(*sides)
    assert framing.origin(framing.project(box)) == box


@pytest.mark.parametrize(
    ("pixel_format", "sharing"),
    [("yuv420p", (2, 2)), ("yuv422p", (2, 1)), ("yuv422p10le", (2, 1)), ("yuv444p10le", (1, 1))],
)
def test_chroma_is_foretold_as_the_deliverable_carries_it(
    pixel_format: str, sharing: tuple[int, int]
) -> None:
    made = preset()
    asked = replace(made, video=replace(made.video, pixel_format=pixel_format))
    line = timeline(event("a", 0, 24), takes=(Take("t1", "t1.mp4"),))
    decided = plan(line, asked, facts(("t1", taken("t1", index(24)))))
    assert foretelling._sharing(decided) == sharing
