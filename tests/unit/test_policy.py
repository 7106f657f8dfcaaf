from __future__ import annotations

import json
import random
import re
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.planning import HD, facts, index, preset, taken, timeline
from tests.unit.report import made as report_made

from finisher.effects import Effect
from finisher.event import Event, NativeSound, Sounding
from finisher.facts import CredentialFacts, FileFacts, Integrity
from finisher.geometry import Box, Fit, Raster, frame
from finisher.hearing import SoundFacts
from finisher.plan.assemble import plan
from finisher.plan.model import Plan, PlannedTake
from finisher.policy import (
    beside,
    cropped_marks,
    lost_marks,
    own_code,
    small_marks,
    tampered_takes,
    worked_marks,
)
from finisher.presets.model import Audio, AudioCodec, Container, ContainerFormat
from finisher.problems import Problem, Severity, Where
from finisher.timecode import Span
from finisher.timeline import Carrier, Dwell, HiddenMark, Layer, Mark, Role, Take, Timeline

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


LEFT, RIGHT = Box.of(100, 900, 180, 60), Box.of(1690, 980, 180, 60)
JUMPING = (Dwell(0, 6, LEFT), Dwell(6, None, RIGHT))


def jumping(**event: Any) -> Timeline:
    line = marked(LEFT, **event)
    return replace(line, marks=(replace(line.marks[0], dwells=JUMPING),))


def test_a_mark_that_jumps_from_side_to_side_has_no_upright_crop_and_is_told_so() -> None:
    (problem,) = cropped(jumping())
    assert problem.message == (
        "event 'a': social916 (1080x1920) would keep 0% of the mark 'corner' at 2 of its 2 places "
        "(9 of 9 frames): it jumps, and no 9:16 crop holds all its places"
    )
    assert problem.hint == (
        'kept by "fit": "widen", "keep_visible": ["corner"], or "fit": "pad", or "fit": "blur-pad"'
    )
    (half,) = cropped(jumping(focus=(Fraction(1), Fraction(1, 2))))
    assert "at 1 of its 2 places (6 of 9 frames)" in half.message


def test_places_that_an_event_does_not_show_ask_for_nothing() -> None:
    (problem,) = cropped(jumping(source=Span(6, 20)))
    assert (problem.hint or "").startswith('kept by "focus": [0.')
    assert '(or "keep_visible": ["corner"])' in (problem.hint or "")


@pytest.mark.parametrize("fit", [Fit.WIDEN, Fit.PAD, Fit.BLUR_PAD])
def test_every_way_that_is_named_lets_the_plan_through(fit: Fit) -> None:
    assert cropped(jumping(fit=fit, keep_visible=("corner",))) == ()


def test_keep_visible_moves_the_window_by_itself() -> None:
    assert cropped(marked(keep_visible=("corner",))) == ()


def test_what_an_event_asks_for_is_not_excused() -> None:
    (problem,) = cropped(jumping(keep_visible=("corner",), may_crop="who cares"))
    assert problem.severity is Severity.ERROR
    wide = Box.of(100, 980, 900, 60)
    (other,) = cropped(marked(wide, keep_visible=("corner",)))
    assert other.message.endswith("of the mark 'corner': no 9:16 crop holds it")


def test_no_reason_excuses_an_effect_on_a_mark_that_is_asked_for() -> None:
    (problem,) = worked(MIRROR, may_crop="who cares", keep_visible=("corner",))
    assert (problem.code, problem.severity) == ("effect-on-mark", Severity.ERROR)
    assert (problem.hint or "").endswith("and leave them out of keep_visible")
    line = marked(effects=(MIRROR,), fit=Fit.PAD, keep_visible=("corner",))
    line = replace(line, marks=(replace(line.marks[0], may_lose="a test"),))
    (lost,) = worked_marks(plan(line, UPRIGHT, facts(("t1", taken("t1", index(100))))), line)
    assert lost.severity is Severity.ERROR


def test_no_reason_excuses_shrinking_a_mark_that_is_asked_for() -> None:
    tiny = Box.of(900, 500, 60, 20)
    (problem,) = small(marked(tiny, fit=Fit.PAD, may_crop="why", keep_visible=("corner",)))
    assert problem.severity is Severity.ERROR


def refusals(line: Timeline, raster: Raster) -> list[Problem]:
    """What is refused of how a small take is framed."""
    source = Raster(640, 360)
    known = facts(("t1", replace(taken("t1", index(100)), raster=source)))
    made = plan(line, replace(UPRIGHT, raster=raster), known)
    told = (*cropped_marks(made, line), *small_marks(made, line))
    return [problem for problem in told if problem.severity is Severity.ERROR]


def as_printed(line: Timeline, hint: str) -> list[Timeline]:
    """The edit with each way of a hint put on its event, whatever else that says."""
    found = []
    for words in re.split(r", or (?=\")", hint.removeprefix("kept by ")):
        first, _, second = words.removesuffix(")").partition(" (or ")
        for way in filter(None, (first, second)):
            says = json.loads(f"{{{way}}}", parse_float=Fraction)
            change: dict[str, Any] = {key: tuple(value) for key, value in says.items()
                                      if key != "fit"}  # fmt: skip
            if "fit" in says:
                change["fit"] = Fit(says["fit"])
            found.append(replace(line, items=(replace(line.items[0], **change),)))
    return found


def test_every_way_keeps_the_marks_when_put_on_the_event_as_it_is() -> None:
    draw, tried = random.Random(8), 0
    for _ in range(60):
        boxes = [
            Box.of(draw.randrange(500), draw.randrange(320), draw.randrange(20, 140), 20 + 2 * i)
            for i in range(2)
        ]
        asked = draw.choice([(), ("corner",), ("other",), ("corner", "other")])
        fits = [Fit.COVER, Fit.PAD, Fit.BLUR_PAD, *([Fit.WIDEN] if asked else [])]
        focus = (Fraction(draw.randrange(101), 100), Fraction(draw.randrange(101), 100))
        line = marked(boxes[0], keep_visible=asked, fit=draw.choice(fits), focus=focus)
        take = replace(line.takes[0], marks=("corner", "other"))
        other = Mark("other", boxes[1], may_lose=draw.choice([None, "an extra"]))
        line = replace(line, takes=(take,), marks=(*line.marks, other))
        raster = draw.choice([Raster(360, 360), Raster(202, 360), Raster(360, 640)])
        for problem in refusals(line, raster):
            if not (problem.hint or "").startswith("kept by "):
                continue
            for changed in as_printed(line, problem.hint or ""):
                tried += 1
                assert refusals(changed, raster) == [], (problem, changed.items)
    assert tried > 60


def test_marks_that_exclude_each_other_are_both_told() -> None:
    line = marked(LEFT, keep_visible=("corner", "other"))
    take = replace(line.takes[0], marks=("corner", "other"))
    line = replace(line, takes=(take,), marks=(*line.marks, Mark("other", RIGHT)))
    first, second = cropped(line)
    words = "no 9:16 crop holds it with what else is to be kept"
    assert first.message.endswith(words)
    assert second.message.endswith(words)
    # A crop may be given up for one of the two: the other is kept by the crop alone.
    free = replace(line, marks=(line.marks[0], replace(line.marks[1], may_lose="an extra")))
    event = replace(marked(LEFT).items[0], keep_visible=())
    _, lost = cropped(replace(free, items=(event,)))
    assert lost.severity is Severity.WARNING
    assert lost.message.endswith("allowed because: an extra")


def small(
    line: Timeline, raster: Raster | None = UPRIGHT.raster, **change: Any
) -> tuple[Problem, ...]:
    known = facts(("t1", taken("t1", index(100))))
    asked = replace(preset("social916", raster=raster), **change)
    return small_marks(plan(line, asked, known), line)


def test_a_mark_shrunk_out_of_sight_is_refused_with_what_keeps_it_large() -> None:
    tiny = Box.of(900, 500, 60, 20)
    (problem,) = small(marked(tiny, fit=Fit.PAD))
    assert (problem.code, problem.severity) == ("mark-too-small", Severity.ERROR)
    assert "shows the mark 'corner' 11.3 pixels high or wide: it can be seen from 12" in (
        problem.message
    )
    assert problem.hint == (
        'kept by "fit": "cover", "focus": [0.500, 0.500] '
        '(or "fit": "cover", "keep_visible": ["corner"])'
    )
    (allowed,) = small(marked(tiny, fit=Fit.PAD, may_crop="a thumbnail"))
    assert allowed.severity is Severity.WARNING
    assert small(marked(tiny, fit=Fit.PAD), draft=True) == ()
    (none,) = small(marked(tiny, fit=Fit.PAD), Raster(270, 480))
    assert none.hint == "no framing keeps it at this size"


def test_a_mark_that_can_hardly_be_told_is_warned_of() -> None:
    (near,) = small(marked(Box.of(900, 500, 60, 26), fit=Fit.PAD))
    assert (near.severity, near.message[-35:]) == (
        Severity.WARNING, ": it is told for certain from 16 on",
    )  # fmt: skip
    # What is as small in its take was made so: nothing here makes it smaller.
    (own,) = small(marked(Box.of(900, 500, 60, 10)), HD)
    assert own.severity is Severity.WARNING
    assert small(marked(Box.of(900, 500, 60, 14)), HD) == ()
    assert small(marked(Box.of(900, 500, 60, 40), fit=Fit.PAD)) == ()


def test_a_mark_that_may_be_lost_is_not_held_against_effects() -> None:
    line = marked(effects=(MIRROR,), fit=Fit.PAD)
    line = replace(line, marks=(replace(line.marks[0], may_lose="a test"),))
    (allowed,) = worked_marks(plan(line, UPRIGHT, facts(("t1", taken("t1", index(100))))), line)
    assert (allowed.severity, allowed.message[-6:]) == (Severity.WARNING, "a test")


def spoken(native: NativeSound, may_lose: str | None = None, **event: Any) -> tuple[Problem, ...]:
    line = marked(sound=Sounding(native), **event)
    line = replace(
        line,
        takes=(replace(line.takes[0], marks=(), hidden=("s", "h")),),
        marks=(),
        hidden=(
            HiddenMark("s", "seal", "11", Carrier.SOUND, may_lose=may_lose),
            HiddenMark("h", "dwt", "1"),
        ),
    )
    sounding = replace(UPRIGHT, audio=Audio(AudioCodec.AAC, None))
    return lost_marks(plan(line, sounding, facts(("t1", taken("t1", index(100))))), line)


@pytest.mark.parametrize(
    ("native", "event", "why"),
    [
        (NativeSound.MUTE, {}, "its own sound is muted"),
        (NativeSound.REPLACE, {}, "its own sound is replaced"),
        (NativeSound.STRETCH, {"speed": Fraction(25, 24)}, "its own sound is stretched"),
        (NativeSound.KEEP, {"speed": Fraction(2)}, "it is retimed, and its own sound left out"),
    ],
)
def test_sound_that_is_gone_takes_its_mark_along(
    native: NativeSound, event: dict[str, Any], why: str
) -> None:
    (problem,) = spoken(native, **event)
    assert (problem.code, problem.severity) == ("mark-lost", Severity.ERROR)
    assert problem.message == f"event 'a': the mark 's' in the sound of its take is lost: {why}"
    (allowed,) = spoken(native, "dubbed", **event)
    assert allowed.severity is Severity.WARNING
    assert allowed.message.endswith("allowed because: dubbed")


def test_sound_that_is_kept_keeps_its_mark() -> None:
    assert spoken(NativeSound.KEEP) == spoken(NativeSound.DUCK) == ()
