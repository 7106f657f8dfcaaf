from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.planning import facts, index, preset, taken, timeline

from finisher.effects import Effect
from finisher.event import Event, NativeSound, Sounding
from finisher.geometry import Box, Fit, Raster
from finisher.hearing import SoundFacts
from finisher.look import CDL
from finisher.plan.assemble import plan
from finisher.plan.model import Plan
from finisher.pledge import marks
from finisher.pledge.foretelling import Foretold
from finisher.pledge.marks import PromisedMarks, Said, promised_marks
from finisher.presets.model import Audio, AudioCodec
from finisher.sighting import HiddenFacts, MarkFacts, Plane
from finisher.timecode import Span
from finisher.timeline import Carrier, Dwell, HiddenMark, Mark, Take
from finisher.watermark.template import sha256

LEFT, RIGHT = Box.of(40, 980, 180, 60), Box.of(1690, 980, 180, 60)
CORNER = Mark("corner", RIGHT, "corner.png")
DWELLS = (Dwell(0, 20, LEFT), Dwell(20, 40, RIGHT), Dwell(40, None, LEFT))
JUMPING = Mark("corner", LEFT, "corner.png", dwells=DWELLS)
SEEN = HiddenMark("seen", "imwatermark.dwtDctSvd", "10" * 24, canvas=Raster(960, 540))
HEARD = HiddenMark("heard", "audioseal", "1" * 16, Carrier.SOUND, may_lose="the mix")
FOUND = MarkFacts(0.9, 12.0, found=True, strength=0.5)


def event(name: str, start: int, end: int, **more: Any) -> Event:
    return replace(Event(name, "t1", Span(start, end)), **more)


def promised(
    *events: Event,
    mark: Mark = CORNER,
    measured: MarkFacts = FOUND,
    foretold: tuple[Foretold, ...] = (),
    raster: Raster | None = None,
) -> tuple[Plan, PromisedMarks]:
    take = Take("t1", "t1.mp4", marks=("corner",), hidden=("seen", "heard"))
    line = replace(timeline(*events, takes=(take,)), marks=(mark,), hidden=(SEEN, HEARD))
    known = replace(
        taken("t1", index(100), sound=SoundFacts(200_000, 2, 48_000)),
        marks=(("corner", measured),),
        hidden=(
            ("seen", HiddenFacts("imwatermark.dwtDctSvd 1", found=True, p=1e-9)),
            ("heard", HiddenFacts("audioseal", found=False, reason="torch is missing")),
        ),
    )
    made = plan(
        line, replace(preset(raster=raster), audio=Audio(AudioCodec.AAC, 1)), facts(("t1", known))
    )
    said = Said({mark.id: mark}, {SEEN.id: SEEN, HEARD.id: HEARD}, foretold=foretold)
    return made, promised_marks(made, facts(("t1", known)), {"corner": b"png"}, said)


def test_what_was_foretold_of_a_stretch_counts_for_its_event() -> None:
    told = (
        Foretold(0, 0, strength=0.31, score=0.88),
        Foretold(1, 0, strength=0.29, score=0.05),
        Foretold(2, 0, strength=0.3, score=None),
    )
    events = [event(name, 10 * i, 10 * i + 10) for i, name in enumerate("abc")]
    found = promised(*events, foretold=told)[1].visible
    assert [mark.source_strength for mark in found] == [0.31, 0.29, 0.3]
    assert [mark.source_score for mark in found] == [0.88, 0.05, 0.9]
    assert [mark.verified for mark in found] == [True, False, True]


def test_a_coloured_mark_is_promised_where_it_is_to_stand_out_most() -> None:
    red = MarkFacts(0.95, 15.0, found=True, strength=0.2, plane=Plane.CR)
    told = [
        Foretold(event, 0, 0.3, 0.9, plane, contrast)
        for event, contrasts in enumerate([(10.0, 19.9), (10.0, 20.1), (9.0, 0.0)])
        for plane, contrast in zip((Plane.LUMA, Plane.CR), contrasts, strict=True)
    ]
    events = [event(name, 10 * i, 10 * i + 10) for i, name in enumerate("abc")]
    # Of both planes the clearest comes first, whichever that is.
    for known in (replace(FOUND, others=(red,)), replace(red, others=(FOUND,))):
        found = promised(*events, measured=known, foretold=tuple(told))[1].visible
        assert [mark.plane for mark in found] == [Plane.LUMA, Plane.CR, Plane.LUMA]
        assert [mark.take_strength for mark in found] == [0.5, 0.2, 0.5]


def test_a_mark_that_one_plane_shows_is_promised_there() -> None:
    hidden = MarkFacts(0.2, 1.0, found=False)
    red = MarkFacts(0.9, 12.0, found=True, strength=0.2, plane=Plane.CR, others=(hidden,))
    (mark,) = promised(event("a", 0, 9), measured=red)[1].visible
    assert (mark.plane, mark.verified) == (Plane.CR, True)
    nowhere = replace(hidden, others=(replace(hidden, plane=Plane.CR),))
    (mark,) = promised(event("a", 0, 9), measured=nowhere)[1].visible
    assert (mark.plane, mark.verified) == (Plane.LUMA, False)


def test_what_effects_make_of_a_mark_is_not_promised() -> None:
    dark = Effect("MultiplyColor", (("factor", 0.5),))
    (mark,) = promised(event("a", 0, 9, effects=(dark,)))[1].visible
    assert mark.source_strength == 0
    assert mark.take_strength == 0.5
    assert mark.template_sha256
    assert not mark.moved


def test_a_mark_that_effects_may_have_moved_is_promised_as_such_with_its_template() -> None:
    flipped = event("a", 0, 9, effects=(Effect("MirrorX"),), may_crop="a test")
    (mark,) = promised(flipped)[1].visible
    assert mark.moved
    assert mark.template_sha256 == sha256(b"png")


def test_a_jumping_mark_is_promised_at_each_of_its_places() -> None:
    found = promised(event("a", 10, 60), mark=JUMPING)[1].visible
    assert [(mark.box[0], mark.spans) for mark in found] == [
        (40.0, (Span(0, 10), Span(30, 50))),
        (1690.0, (Span(10, 30),)),
    ]


def test_a_mark_that_a_scan_did_not_find_is_promised_nowhere() -> None:
    nowhere = replace(CORNER, scan=True)
    lost = MarkFacts(0.2, 1.0, found=False)
    (mark,) = promised(event("a", 0, 9), mark=nowhere, measured=lost)[1].visible
    assert (mark.box, mark.spans, mark.verified) == ((0, 0, 0, 0), (Span(0, 9),), False)


def test_a_hidden_mark_is_promised_in_the_pixels_it_was_embedded_at() -> None:
    made, found = promised(
        event("a", 0, 9, fit=Fit.COVER), event("b", 9, 20, sound=Sounding(NativeSound.MUTE)),
        raster=Raster(1080, 1920),
    )  # fmt: skip
    pictures = [mark for mark in found.hidden if mark.carrier == "picture"]
    assert [(mark.event, mark.spans) for mark in pictures] == [
        ("a", (Span(0, 9),)),
        ("b", (Span(9, 20),)),
    ]
    crop = made.events[0].framing.crop
    assert pictures[0].canvas == (960, 540)
    assert pictures[0].crop == pytest.approx((float(crop.x) / 2, 0, float(crop.width) / 2, 540))
    assert pictures[0].place == (0, 0, 1080, 1920)
    assert (pictures[0].found, pictures[0].payload) == (True, "10" * 24)
    sounds = [mark for mark in found.hidden if mark.carrier == "sound"]
    # Sound that is not in the mix is shown for no time at all.
    assert [(mark.event, mark.spans) for mark in sounds] == [("a", (Span(0, 9),)), ("b", ())]
    assert sounds[0].reason == "torch is missing"
    assert sounds[0].may_lose == "the mix"


def test_no_more_is_promised_than_anybody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "MOST", 3)
    events = [event(f"e{i}", 0, 4 + i) for i in range(5)]
    found = promised(*events)[1]
    assert [mark.event for mark in found.visible] == ["e2", "e3", "e4"]
    assert len(found.hidden) == 3
    (words,) = found.left_out
    assert words.startswith("watermarks: 9 ")  # two seen, and seven of ten hidden ones


def test_of_very_many_stretches_the_longest_are_promised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(marks, "_MOST_SPANS", 2)
    monkeypatch.setattr(marks, "_FEWEST_SPANS", 2)
    dwells = tuple(
        Dwell(start, end, LEFT if i % 2 else RIGHT)
        for i, (start, end) in enumerate([(0, 5), (5, 8), (8, 9), (9, 20), (20, 40), (40, None)])
    )
    found = promised(event("a", 0, 60), mark=replace(JUMPING, dwells=dwells))[1].visible
    assert {mark.box[0]: mark.spans for mark in found} == {
        1690.0: (Span(0, 5), Span(20, 40)),
        40.0: (Span(9, 20), Span(40, 60)),
    }


def test_where_nothing_was_kept_a_graded_strength_is_unknown() -> None:
    told = tuple(Foretold(i, 0, strength=None, score=None) for i in range(2))
    events = event("a", 0, 10), event("b", 10, 20, cdl=CDL(saturation=0.5))
    found = promised(*events, foretold=told)[1].visible
    assert [mark.source_strength for mark in found] == [0.5, 0.0]
