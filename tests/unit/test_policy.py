from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from tests.planning import facts, index, preset, taken, timeline
from tests.unit.report import made as report_made

from finisher.effects import Effect
from finisher.event import Event
from finisher.facts import CredentialFacts, FileFacts, Integrity
from finisher.geometry import Box, Fit, Raster, frame
from finisher.hearing import SoundFacts
from finisher.plan.assemble import plan
from finisher.plan.model import Plan, PlannedTake
from finisher.policy import (
    beside,
    cropped_marks,
    own_code,
    tampered_takes,
    worked_marks,
)
from finisher.presets.model import Container, ContainerFormat
from finisher.problems import Problem, Severity, Where
from finisher.timecode import Span
from finisher.timeline import Layer, Mark, Role, Take, Timeline

UPRIGHT = preset("social916", raster=Raster(1080, 1920))
CORNER = Box.of(1690, 980, 180, 60)


def marked(box: Box = CORNER, **event: Any) -> Timeline:
    return replace(
        timeline(
            replace(Event("a", "t1", Span(0, 9), where=Where("edl.json", "/events/0")), **event)
        ),
        takes=(Take("t1", "takes/t1.mp4", marks=("corner",)),),
        marks=(Mark("corner", box),),
    )


def cropped(line: Timeline) -> tuple[Problem, ...]:
    known = facts(("t1", taken("t1", index(100))))
    return cropped_marks(plan(line, UPRIGHT, known), line)


def test_a_mark_that_would_be_cut_is_told_with_what_would_keep_it() -> None:
    (problem,) = cropped(marked())
    assert (problem.code, problem.severity) == ("mark-cropped", Severity.ERROR)
    assert problem.message == (
        "event 'a': social916 (1080x1920) would keep 0% of the mark 'corner'"
    )
    assert str(problem.where) == "edl.json: /events/0"
    assert problem.hint is not None
    assert problem.hint.startswith('kept by "focus": [')
    assert '"fit": "pad"' in problem.hint
    assert '"fit": "blur-pad"' in problem.hint


def test_the_suggested_focus_lets_the_plan_through() -> None:
    (problem,) = cropped(marked())
    focus = (problem.hint or "").partition("[")[2].partition("]")[0].split(", ")
    x, y = (Fraction(part) for part in focus)
    assert cropped(marked(focus=(x, y))) == ()
    # A thousandth further from the mark and it would be cut again: the least change was named.
    assert cropped(marked(focus=(x - Fraction(3, 1000), y))) != ()


def test_whole_pictures_keep_their_marks() -> None:
    for fit in (Fit.PAD, Fit.BLUR_PAD):
        assert cropped(marked(fit=fit)) == ()


def test_a_reason_makes_it_a_warning_that_carries_the_reason() -> None:
    (problem,) = cropped(marked(may_crop="the client agreed"))
    assert problem.severity is Severity.WARNING
    assert problem.message.endswith("allowed because: the client agreed")


def test_half_a_mark_is_told_by_its_share() -> None:
    (problem,) = cropped(marked(Box.of(1204, 980, 120, 60)))
    assert "would keep 50% of" in problem.message


@given(st.integers(0, 1740), st.integers(0, 1020))
def test_a_mark_is_told_exactly_when_a_pixel_of_it_is_lost(x: int, y: int) -> None:
    box = Box.of(x, y, 180, 60)
    crop = frame(Raster(1920, 1080), Raster(1080, 1920), Fit.COVER, (Fraction(1, 2),) * 2).crop
    inside = x >= crop.x and x + 180 <= crop.x + crop.width
    assert (cropped(marked(box)) == ()) == inside


def test_a_take_beside_which_another_files_credentials_lie_is_refused_too() -> None:
    foreign = replace(
        taken("t2", index(20)),
        credentials=CredentialFacts(Integrity.ABSENT, codes=("sidecar-foreign",)),
    )
    known = facts(("t1", taken("t1", index(20))), ("t2", foreign))
    (found,) = tampered_takes(timeline(Event("a", "t1", Span(0, 9))), known)
    assert (found.code, found.severity) == ("tampered-take", Severity.ERROR)
    assert ".c2pa file beside it" in found.message


def test_only_files_that_are_not_what_was_signed_are_tampered_with() -> None:
    line = replace(
        timeline(Event("a", "t1", Span(0, 9))),
        takes=tuple(Take(f"t{i}", f"takes/t{i}.mp4") for i in (1, 2, 3)),
        layers=(Layer("vo", "audio/vo.wav", Role.DIALOGUE),),
    )
    states = (Integrity.INTACT, Integrity.BROKEN, Integrity.ABSENT)
    takes = [
        (f"t{i}", replace(taken(f"t{i}", index(9)), credentials=CredentialFacts(
            state, codes=("assertion.bmffHash.mismatch",) if state is Integrity.BROKEN else ()
        )))
        for i, state in enumerate(states, 1)
    ]  # fmt: skip
    voice = FileFacts(
        "audio/vo.wav", "0" * 64, 1, SoundFacts(1, 1, 48_000), CredentialFacts(Integrity.BROKEN)
    )
    known = replace(facts(*takes), layers={"vo": voice})
    take, layer = tampered_takes(line, known)
    assert (take.code, take.severity, str(take.where)) == (
        "tampered-take", Severity.ERROR, "takes/t2.mp4",
    )  # fmt: skip
    assert "take 't2' is not what was signed: assertion.bmffHash.mismatch" in take.message
    assert "layer 'vo' is not what was signed: integrity failed" in layer.message
    assert "--allow-tampered-take" in (take.hint or "")


MIRROR, FADE = Effect("MirrorX"), Effect("FadeIn", (("duration", 5),))


def worked(*effects: Effect, **event: Any) -> tuple[Problem, ...]:
    line = marked(effects=effects, fit=Fit.PAD, **event)
    return worked_marks(plan(line, UPRIGHT, facts(("t1", taken("t1", index(100))))), line)


def test_an_effect_that_can_move_a_mark_is_refused_unless_a_reason_is_given() -> None:
    (problem,) = worked(FADE, MIRROR, Effect("own.Thing"))
    assert (problem.code, problem.severity) == ("effect-on-mark", Severity.ERROR)
    assert problem.message == (
        "event 'a': MirrorX, own.Thing can move, cover or dissolve the mark 'corner'"
    )
    (allowed,) = worked(MIRROR, may_crop="the logo is in the next shot")
    assert allowed.severity is Severity.WARNING
    assert "the logo is in the next shot" in allowed.message


def test_effects_of_light_and_colour_leave_marks_alone() -> None:
    assert worked(FADE, Effect("BlackAndWhite")) == ()


def test_code_of_ones_own_is_told_event_by_event() -> None:
    line = timeline(
        Event("a", "t1", Span(0, 9), effects=(FADE, Effect("own.Thing"))),
        Event("b", "t1", Span(0, 9), effects=(MIRROR,)),
    )
    known = facts(("t1", taken("t1", index(100))), ("t2", taken("t2", index(100))))
    (problem,) = own_code(plan(line, UPRIGHT, known), line)
    assert problem.code == "code-not-allowed"
    assert "'a'" in problem.message
    assert "own.Thing" in problem.message


def in_webm(*takes: PlannedTake, draft: bool = False) -> Plan:
    """A plan that is delivered as WebM."""
    made = report_made.plan()
    kind = replace(made.preset, container=Container(ContainerFormat.WEBM), draft=draft)
    return replace(made, preset=kind, takes=takes)


def test_webm_that_is_signed_says_where_its_credentials_lie() -> None:
    made = in_webm(*report_made.plan().takes)
    (told,) = beside(made, signs=True)
    assert (told.code, told.severity) == ("credentials-beside", Severity.WARNING)
    assert beside(made, signs=False) == ()


def test_other_containers_and_drafts_are_free_of_it() -> None:
    made = report_made.plan()
    assert beside(made, signs=True) == ()
    assert beside(in_webm(*made.takes, draft=True), signs=True) == ()
