from __future__ import annotations

import hashlib
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from tests.planning import facts, index, preset, taken, timeline

from finisher.event import Event, Gap, Item, Transition, TransitionKind
from finisher.facts import CredentialFacts, Integrity
from finisher.geometry import Box, Raster
from finisher.look import CDL, Look
from finisher.plan.assemble import plan
from finisher.pledge.promise import promise
from finisher.presets.model import Audio, AudioCodec, Loudness
from finisher.promises import PromisedCut, PromisedMark, Promises
from finisher.sighting import MarkFacts
from finisher.timecode import Span
from finisher.timeline import Mark, Take

PNG = b"\x89PNG a mark"
DISSOLVE = Transition(TransitionKind.DISSOLVE, 6)
LOUDNESS = Loudness(-14.0, 0.5, -1.0)


def event(name: str, take: str, start: int, end: int, **more: Any) -> Event:
    return replace(Event(name, take, Span(start, end)), **more)


def promised(*items: Item, audio: Audio | None = None, **more: Any) -> Promises:
    line = replace(
        timeline(*items),
        takes=(Take("t1", "in/takes/t1.mp4", marks=("corner",)), Take("t2", "in/takes/t2.mp4")),
        marks=(Mark("corner", Box.of(1690, 980, 180, 60), "corner.png"),),
    )
    measured = replace(
        taken("t1", index(200)),
        marks=(("corner", MarkFacts(0.97, 12.0, found=True, strength=31.5)),),
        credentials=CredentialFacts(Integrity.INTACT, "urn:c2pa:one"),
    )
    looks = {"warm": Look("warm", "luts/warm.cube", "5" * 64)}
    known = facts(("t1", measured), ("t2", taken("t2", index(200))), looks=looks)
    made = plan(line, replace(preset(**more), audio=audio), known)
    return promise(made, known, {"corner": PNG, "other": b"unused"}, bytes(made.frames * 64))


def test_what_is_delivered_is_promised_by_its_numbers() -> None:
    found = promised(event("a", "t1", 10, 58), Gap(6), event("b", "t2", 10, 34), rate="25")
    assert (found.width, found.height, found.rate, found.frames) == (1920, 1080, "25", 82)
    assert (found.codec, found.pixel_format, found.edit_list) == ("h264", "yuv420p", False)
    assert found.cuts == (PromisedCut(0, "a"), PromisedCut(57, "b"))
    assert found.sound is None
    assert len(found.fingerprints) == 82 * 64


def test_takes_are_promised_by_content_credentials_and_uses() -> None:
    found = promised(event("a", "t1", 10, 20), event("b", "t2", 10, 20), event("c", "t1", 10, 20))
    assert [(t.id, t.title, t.manifest, t.uses) for t in found.takes] == [
        ("t1", "t1.mp4", "urn:c2pa:one", 2),
        ("t2", "t2.mp4", None, 1),
    ]
    assert [t.sha256 for t in found.takes] == ["1" * 64, "2" * 64]


def test_a_mark_is_promised_where_it_stands_alone() -> None:
    found = promised(
        event("a", "t2", 10, 40), event("b", "t1", 40, 90, transition=DISSOLVE),
        event("c", "t2", 60, 90, transition=DISSOLVE),
    )  # fmt: skip
    sha256 = hashlib.sha256(PNG).hexdigest()
    assert found.marks == (
        PromisedMark(
            "b",
            "corner",
            (Span(33, 77),),
            (1690.0, 980.0, 180.0, 60.0),
            sha256,
            0.97,
            31.5,
            verified=True,
            take_strength=31.5,
        ),
    )
    assert found.templates == {sha256: PNG}


def test_a_framing_moves_the_mark_and_a_reason_goes_along() -> None:
    focus = (Fraction(1), Fraction(1, 2))
    (mark,) = promised(
        event("a", "t1", 0, 24, focus=focus, may_crop="agreed"), raster=Raster(1080, 1920)
    ).marks
    scale = 1080 / 608
    assert mark.box[0] == pytest.approx((1690 - 1312) * scale)
    assert mark.box[2] == pytest.approx(180 * scale)
    assert mark.may_crop == "agreed"


def test_a_mark_that_is_never_alone_is_promised_for_no_time() -> None:
    whole = Transition(TransitionKind.DISSOLVE, 8)
    found = promised(
        event("a", "t2", 10, 40), event("b", "t1", 40, 44, transition=whole),
        event("c", "t2", 60, 90),
    )  # fmt: skip
    assert [(mark.event, mark.spans) for mark in found.marks] == [("b", ())]


def test_looks_are_promised_once_each() -> None:
    found = promised(
        event("a", "t1", 0, 9, look="warm"), event("b", "t2", 0, 9, look="warm"),
        event("c", "t2", 0, 9, cdl=CDL(saturation=0.5)),
    )  # fmt: skip
    assert found.looks == (("warm", "5" * 64),)


def test_sound_is_promised_with_its_target_to_the_sample() -> None:
    audio = Audio(AudioCodec.AAC, 192_000, LOUDNESS)
    found = promised(event("a", "t1", 0, 48), audio=audio, rate="24")
    assert found.sound is not None
    assert (found.sound.codec, found.sound.samples) == ("aac", 96_000)
    assert found.sound.silent
    assert found.sound.loudness == LOUDNESS
