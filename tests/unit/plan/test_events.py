from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.planning import HD, facts, index, preset, taken, timeline

from finisher.event import Event, Extend, Item, Loop, Prolongation, Seam, Transition, TransitionKind
from finisher.facts import MatchFacts
from finisher.geometry import Box, Fit, Raster
from finisher.look import CDL, Look
from finisher.plan.assemble import plan
from finisher.plan.events import grade_of
from finisher.plan.model import PlannedEvent
from finisher.timecode import Rate, Span
from finisher.timeline import Mark, Session, Take, Timeline

KNOWN = facts(("t1", taken("t1", index(100))), ("t2", taken("t2", index(100))))
WARM, COOL = Look("warm", "luts/warm.cube", "a" * 64), Look("cool", "luts/cool.cube", "b" * 64)
MATCH = CDL(slope=(1.2, 1.0, 0.8), saturation=1.4)


def planned(*items: Item, raster: Raster | None = None) -> tuple[PlannedEvent, ...]:
    return plan(timeline(*items), preset(raster=raster), KNOWN).events


def own(*items: Item) -> list[int]:
    return [event.own_frames for event in planned(*items)]


def event(name: str, start: int, end: int, **more: object) -> Event:
    return replace(Event(name, "t1", Span(start, end)), **more)  # type: ignore[arg-type]


def test_a_plain_event_shows_the_generators_own_frames() -> None:
    assert own(event("a", 10, 40)) == [30]


def test_half_speed_counts_each_picture_once_and_double_speed_skips() -> None:
    assert own(event("a", 10, 20, speed=Fraction(1, 2))) == [10]
    # The first picture alone follows on nothing; after it every other one is left out.
    assert own(event("a", 10, 20, speed=Fraction(2))) == [1]
    assert own(event("a", 10, 20, speed=Fraction(-1))) == [1]


def test_transitions_loops_and_holds_are_not_own_frames() -> None:
    dissolve = Transition(TransitionKind.DISSOLVE, 6)
    assert own(event("a", 10, 30), event("b", 40, 60, transition=dissolve)) == [17, 17]
    # Three passes of 10: the two frames that jump back do not follow the ones before them.
    assert own(event("a", 10, 20, loop=Loop(3, None))) == [28]
    assert own(event("a", 10, 20, extend=Extend(5, Prolongation.HOLD))) == [10]


def test_a_blended_seam_takes_its_frames_from_the_own_ones() -> None:
    assert own(event("a", 20, 30, loop=Loop(2, None, Seam.BLEND, 4))) == [16]


@pytest.mark.parametrize(
    ("change", "edits"),
    [
        ({}, ()),
        ({"source": Span(0, 99)}, ("trimmed",)),
        ({"speed": Fraction(1, 2)}, ("changedSpeed",)),
        ({"cdl": CDL(saturation=0.9)}, ("adjustedColor",)),
        ({"cdl": CDL()}, ()),
        ({"loop": Loop(2, None)}, ("edited",)),
        ({"extend": Extend(4, Prolongation.HOLD)}, ("edited",)),
        # It lies between two events and is told with its place.
        ({"transition": Transition(TransitionKind.DIP, 4)}, ()),
    ],
)
def test_what_is_done_is_named_and_nothing_else(
    change: dict[str, object], edits: tuple[str, ...]
) -> None:
    (found,) = planned(event("a", 0, 100, **change))
    assert found.edits == edits


@pytest.mark.parametrize(
    ("raster", "fit", "edits"),
    [
        (HD, Fit.COVER, ()),
        (Raster(1280, 720), Fit.COVER, ("resized.proportional",)),
        (Raster(1080, 1920), Fit.COVER, ("cropped", "resized.proportional")),
        (Raster(608, 1080), Fit.COVER, ("cropped",)),
        (Raster(1080, 1920), Fit.PAD, ("resized.proportional", "edited")),
        (Raster(1920, 1920), Fit.PAD, ("edited",)),
    ],
)
def test_framing_is_told_as_cropping_resizing_or_editing(
    raster: Raster, fit: Fit, edits: tuple[str, ...]
) -> None:
    (found,) = planned(event("a", 0, 100, fit=fit), raster=raster)
    assert found.edits == edits


def test_a_rate_that_repeats_frames_leaves_each_picture_own_once() -> None:
    whole = plan(timeline(event("a", 0, 96)), preset(rate="48"), KNOWN)
    assert whole.frames == 192
    assert whole.events[0].own_frames == 96
    assert whole.rate == Rate.parse("48")


def graded(change: dict[str, object], session: Session) -> tuple[CDL, CDL, Look | None]:
    line = replace(
        timeline(event("a", 0, 9, **change)),
        takes=(Take("t1", "t1.mp4", "tuesday"), Take("t2", "t2.mp4", "monday")),
        sessions=(Session("monday"), session),
    )
    known = facts(
        *KNOWN.takes.items(),
        matches={"tuesday": MatchFacts("tuesday", "monday", MATCH, 0.9, 5.0, 1.0, 4)},
        looks={"warm": WARM, "cool": COOL},
    )
    (item,) = [i for i in line.items if isinstance(i, Event)]
    grade = grade_of(line, known, item)
    return grade.match, grade.cdl, grade.look


def test_a_session_gives_its_takes_match_cdl_and_look() -> None:
    cdl = CDL(offset=(0.1, 0.0, 0.0))
    session = Session("tuesday", "monday", "warm", cdl)
    assert graded({}, session) == (MATCH, cdl, WARM)


def test_an_event_overrides_its_session_piece_by_piece() -> None:
    session = Session("tuesday", "monday", "warm", CDL(offset=(0.1, 0.0, 0.0)))
    own_cdl = CDL(saturation=0.5)
    assert graded({"cdl": own_cdl}, session) == (MATCH, own_cdl, WARM)
    assert graded({"look": "cool"}, session)[2] == COOL


def test_strength_scales_the_match_alone() -> None:
    cdl = CDL(saturation=0.5)
    session = Session("tuesday", "monday", None, cdl, strength=0.5)
    half = MATCH.scaled(0.5)
    assert half.slope == pytest.approx((1.1, 1.0, 0.9))
    assert half.saturation == pytest.approx(1.2)
    assert graded({}, session) == (half, cdl, None)
    assert graded({"strength": 0.0}, session)[0].identity


def test_a_take_without_a_session_is_not_matched() -> None:
    line = replace(timeline(event("a", 0, 9)), sessions=(Session("tuesday", "monday"),))
    known = facts(
        *KNOWN.takes.items(),
        matches={"tuesday": MatchFacts("tuesday", "monday", MATCH, 0.9, 5.0, 1.0, 4)},
    )
    assert plan(line, preset(), known).events[0].grade.identity


def test_marks_are_put_where_geometry_puts_them() -> None:
    line: Timeline = replace(
        timeline(event("a", 0, 9, focus=(Fraction(1), Fraction(1, 2)))),
        takes=(Take("t1", "t1.mp4", marks=("corner", "left")), Take("t2", "t2.mp4")),
        marks=(
            Mark("corner", Box.of(1690, 980, 180, 60)),
            Mark("left", Box.of(1222, 500, 180, 60)),
        ),
    )
    (found,) = plan(line, preset(raster=Raster(1080, 1920)), KNOWN).events
    corner, left = found.marks
    scale = Fraction(1080, 608)
    assert found.framing.crop == Box.of(1312, 0, 608, 1080)
    assert corner.box.x == (1690 - 1312) * scale
    assert corner.box.width == 180 * scale
    assert corner.visible == 1.0
    assert left.visible == 0.5
