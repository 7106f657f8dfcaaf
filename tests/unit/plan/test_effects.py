from __future__ import annotations

from fractions import Fraction

import pytest
from tests.planning import HD, facts, index, preset, taken, timeline

from finisher.canonical import Json
from finisher.effects import Effect
from finisher.event import Align, Event, Loop, Transition, TransitionKind
from finisher.geometry import Fit, Raster, frame
from finisher.plan.assemble import plan
from finisher.plan.document import plan_document
from finisher.plan.model import Plan, Shot, Worked
from finisher.plan.placing import placed
from finisher.problems import DocumentError
from finisher.timecode import Span

HALF = (Fraction(1, 2), Fraction(1, 2))
UPRIGHT = Raster(1080, 1920)
MIRROR = Effect("MirrorX")


def planned(*items: Event, **keys: object) -> Plan:
    known = facts(("t1", taken("t1", index(100))), ("t2", taken("t2", index(100))))
    return plan(timeline(*items), preset(**keys), known)  # type: ignore[arg-type]


def test_an_event_with_effects_is_shown_by_worked_pictures_alone() -> None:
    made = planned(Event("a", "t1", Span(10, 13), effects=(MIRROR,)), Event("b", "t2", Span(0, 2)))
    pictures = [picture for unit in made.units for picture in unit.pictures]
    assert pictures == [Worked(0, 0), Worked(0, 1), Worked(0, 2), Shot(1, 0), Shot(1, 1)]
    working = made.events[0].working
    assert working is not None
    assert (working.first, working.pictures) == (0, (Shot(0, 10), Shot(0, 11), Shot(0, 12)))
    assert made.events[1].working is None


def test_none_of_its_frames_are_the_generators_own_and_what_is_done_has_a_name() -> None:
    made = planned(Event("a", "t1", Span(10, 13), effects=(MIRROR, Effect("mine.Glow"))))
    assert made.events[0].own_frames == 0
    assert made.events[0].told == (
        ("orientation", "effect MirrorX"),
        ("edited", "code of its own: mine.Glow"),
    )


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        *(("Painting", "filtered"), ("LumContrast", "adjustedColor"), ("Crop", "cropped")),
        *(("Resize", "resized"), ("FadeIn", "edited")),
    ],
)
def test_each_effect_is_the_kind_of_edit_it_is(name: str, edit: str) -> None:
    made = planned(Event("a", "t1", Span(0, 100), effects=(Effect(name),)))
    assert made.events[0].edits == (edit,)


def test_handles_that_transitions_borrow_are_worked_too() -> None:
    fade = Transition(TransitionKind.DISSOLVE, 4, Align.CENTER)
    made = planned(
        Event("a", "t1", Span(10, 20), effects=(MIRROR,)),
        Event("b", "t2", Span(10, 20), transition=fade, effects=(MIRROR,)),
    )
    first, second = (event.working for event in made.events)
    assert first is not None
    assert second is not None
    assert (first.first, len(first.pictures)) == (0, 12)
    assert (second.first, len(second.pictures)) == (-2, 12)
    assert second.pictures[0] == Shot(1, 8)


def test_loops_and_seams_are_what_effects_are_laid_on() -> None:
    made = planned(Event("a", "t1", Span(10, 14), loop=Loop(2, None), effects=(MIRROR,)))
    working = made.events[0].working
    assert working is not None
    assert [p.picture for p in working.pictures if isinstance(p, Shot)] == [10, 11, 12, 13] * 2


def test_at_another_rate_effects_keep_the_edits() -> None:
    made = planned(Event("a", "t1", Span(0, 24), effects=(MIRROR,)), rate="12")
    working = made.events[0].working
    assert working is not None
    assert str(working.rate) == "24"
    assert len(working.pictures) == 23
    assert made.units[0].pictures[:3] == (Worked(0, 0), Worked(0, 2), Worked(0, 4))


def test_a_closing_loop_can_not_borrow_what_effects_make_of_earlier_frames() -> None:
    """A fade would begin with the handles, which come last: it would be missing at the start."""
    made = planned(Event("a", "t1", Span(10, 34), effects=(MIRROR,)), loop_frames=4)
    assert made.units[-1].pictures[-1] == Worked(0, 23)
    (warning,) = made.warnings
    assert warning.code == "loop-cut"
    assert "effects" in warning.message


def test_the_document_tells_effects_and_where_they_show() -> None:
    document = plan_document(planned(Event("a", "t1", Span(0, 2), effects=(MIRROR,))))
    assert document["units"][0]["pictures"] == [["effects", "a", 0], ["effects", "a", 1]]  # type: ignore[index,call-overload]
    assert document["events"][0]["effects"] == [{"name": "MirrorX", "parameters": []}]  # type: ignore[index,call-overload]


@pytest.mark.parametrize(
    ("name", "given", "there"),
    [
        ("Crop", {"x1": 656, "y1": 0}, {"x1": 0, "y1": 0, "x2": 1080, "y2": 1920}),
        ("Crop", {"x1": 960, "width": 100}, {"x1": 540, "y1": 0, "x2": 718, "y2": 1920}),
        ("Crop", {"x_center": 960, "width": 100}, {"x1": 451, "y1": 0, "x2": 629, "y2": 1920}),
        ("Crop", {"x2": 960, "width": 100}, {"x1": 362, "y1": 0, "x2": 540, "y2": 1920}),
        ("Crop", {"x1": 0, "x2": 960}, {"x1": 0, "y1": 0, "x2": 540, "y2": 1920}),
        ("FreezeRegion", {"region": [0, 0, 960, 540]}, {"region": [0, 0, 540, 960]}),
        ("Scroll", {"x_start": 960}, {"x_start": 540}),
        ("HeadBlur", {"fx": 960, "radius": 100}, {"fx": 540.0, "radius": 178}),
        ("HeadBlur", {"fx": [[3, 656.0]]}, {"fx": [[3, 0.0]]}),
        ("FreezeRegion", {"region": [656, 0, 1264, 1080]}, {"region": [0, 0, 1080, 1920]}),
        ("Scroll", {"x_speed": 100}, {"x_speed": 177.632}),
        ("MultiplyColor", {"factor": 0.5}, {"factor": 0.5}),
        ("FadeIn", {"duration": 12}, {"duration": 12}),
        ("own.Thing", {"x1": 656}, {"x1": 656}),
    ],
)
def test_places_follow_the_framing(
    name: str, given: dict[str, Json], there: dict[str, Json]
) -> None:
    """1920x1080 cut to its middle 608x1080 at 656 and drawn 1080 wide: 1.7763 times as large."""
    framing = frame(HD, UPRIGHT, Fit.COVER, HALF)
    effect = placed(Effect(name, tuple(given.items())), framing)
    assert dict(effect.parameters) == there


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("Crop", {"x1": 1921}),
        ("Crop", {"x1": 200, "x2": 100}),
        ("Crop", {"width": 50}),
        ("Crop", {"x1": 10, "x2": 100, "width": 50}),
        ("Crop", {"x_center": 10, "width": 100}),
        ("FreezeRegion", {"region": [100, 10, 10, 100], "t": 0}),
        ("Crop", {"y2": -1}),
        ("FreezeRegion", {"region": [0, 0, 100, 1081], "t": 0}),
    ],
)
def test_edges_outside_the_take_are_refused(name: str, given: dict[str, Json]) -> None:
    with pytest.raises(DocumentError) as caught:
        planned(Event("a", "t1", Span(0, 9), effects=(Effect(name, tuple(given.items())),)))
    assert [problem.code for problem in caught.value.problems] == ["effect-outside"]


def test_what_moves_may_leave_the_picture() -> None:
    blur = Effect("HeadBlur", (("fx", [[0, -50.0]]), ("fy", 10), ("radius", 20)))
    assert planned(Event("a", "t1", Span(0, 9), effects=(blur,))).frames == 9


def test_a_box_the_framing_shows_nothing_of_is_refused_for_that_deliverable() -> None:
    event = Event("a", "t1", Span(0, 9), effects=(Effect("Crop", (("x1", 0), ("x2", 600))),))
    assert planned(event).frames == 9
    with pytest.raises(DocumentError) as caught:
        planned(event, raster=UPRIGHT)
    (problem,) = caught.value.problems
    assert problem.code == "effect-outside"
    assert "wholly outside what 1080x1920 shows" in problem.message
