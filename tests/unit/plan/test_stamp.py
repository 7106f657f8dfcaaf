from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.geometry import Box, Fit, Raster, frame
from finisher.look import Grade
from finisher.plan.model import PlannedEvent, PlannedMark
from finisher.plan.stamp import stamp_box
from finisher.problems import Exit, PolicyError
from finisher.timecode import Span

SMALL = Raster(360, 640)
HALF = (Fraction(1, 2), Fraction(1, 2))


def event(*boxes: Box) -> PlannedEvent:
    marks = tuple(PlannedMark(f"m{i}", box, 1.0) for i, box in enumerate(boxes))
    whole = frame(SMALL, SMALL, Fit.COVER, HALF)
    return PlannedEvent("e", "t", Span(0, 1), Span(0, 1), whole, Grade(), marks, None, 0, ())


def test_the_stamp_stands_in_the_middle() -> None:
    box = stamp_box(SMALL, [event()])
    assert box.whole() == (54, 280, 252, 80)


@given(st.lists(st.tuples(st.integers(0, 350), st.integers(0, 630)), max_size=3))
def test_no_mark_is_ever_covered(corners: list[tuple[int, int]]) -> None:
    marks = [Box.of(x, y, 10, 10) for x, y in corners]
    box = stamp_box(SMALL, [event(mark) for mark in marks])
    x, y, width, height = box.whole()
    assert 0 <= x < x + width <= SMALL.width
    assert 0 <= y < y + height <= SMALL.height
    assert not any(side % 2 for side in (x, y, width, height))
    for left, top in corners:
        assert not (x < left + 10 and left < x + width and y < top + 10 and top < y + height)


def test_where_marks_leave_no_place_no_draft_is_made() -> None:
    tall = Box.of(170, 0, 20, 640)
    with pytest.raises(PolicyError) as caught:
        stamp_box(SMALL, [event(tall)])
    assert caught.value.exit is Exit.POLICY
    assert caught.value.problems[0].code == "draft-unmarked"
