"""Places of a mark that an event shows too shortly to tell by itself."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.planning import HD, facts, index, preset, taken, timeline

from finisher.event import Event
from finisher.geometry import Box
from finisher.media.closeups import close_ups
from finisher.plan.assemble import plan
from finisher.plan.marks import declared
from finisher.pledge.foretelling import prospects
from finisher.sighting import MarkFacts
from finisher.timecode import Rate, Span
from finisher.timeline import Dwell, Mark, Take

LEFT, RIGHT = Box.of(40, 980, 180, 60), Box.of(1690, 980, 180, 60)
JUMPING = Mark("m", LEFT, dwells=(Dwell(0, 24, LEFT), Dwell(24, 48, RIGHT), Dwell(48, None, LEFT)))


@pytest.mark.parametrize(("start", "of"), [(30, {1}), (60, {0, 2, 3})])
def test_a_place_that_is_shown_shortly_is_judged_by_itself_in_the_whole_take(
    start: int, of: set[int]
) -> None:
    event = Event("a", "t1", Span(start, start + 3))
    line = timeline(event, takes=(Take("t1", "t1.mp4", marks=("m",)),))
    line = replace(line, marks=(JUMPING,))
    take = replace(taken("t1", index(96)), marks=(("m", MarkFacts(0.9, 9.0, found=True)),))
    kept = close_ups(declared(JUMPING, take.index, Rate.parse("24")), HD, take.index)
    assert kept is not None
    (one,) = prospects(plan(line, preset(), facts(("t1", take))), {("t1", "m"): kept})
    assert len(one.near) >= 4
    assert {kept.corners[row][0] // 24 for row in one.near} == of
