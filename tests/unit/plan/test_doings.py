"""What is done to an event is told in words, and every repair of its take is among it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from tests.planning import HD, R24, index, taken

from finisher.event import Event, Extend, Loop, Prolongation, Seam
from finisher.facts import ConformedCopy, TakeFacts
from finisher.geometry import Fit, Raster, frame
from finisher.look import CDL, Grade, Look, Space
from finisher.media import upright
from finisher.plan.doings import doings
from finisher.retime import Ramp, SpeedKey
from finisher.timecode import Span

TAKE = taken("t1", index(100))
CENTRE = (Fraction(1, 2), Fraction(1, 2))


def told(
    grade: Grade | None = None,
    take: TakeFacts = TAKE,
    raster: Raster = HD,
    fit: Fit = Fit.COVER,
    **change: object,
) -> dict[str, str]:
    event = Event("a", "t1", Span(0, 100))
    event = replace(event, **change)  # type: ignore[arg-type]
    return dict(doings(event, take, frame(HD, raster, fit, CENTRE), grade or Grade(), R24))


def test_of_what_is_left_as_it_is_nothing_is_told() -> None:
    assert told() == {}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"speed": Fraction(-1)}, "backwards"),
        ({"speed": Fraction(3, 2)}, "3/2 of its speed"),
        ({"speed": Fraction(-1, 2)}, "1/2 of its speed, backwards"),
        (
            {"ramp": Ramp((SpeedKey(0, Fraction(1)), SpeedKey(10, Fraction(3))))},
            "a ramp between 1 and 3 of its speed",
        ),
    ],
)
def test_speeds(change: dict[str, object], words: str) -> None:
    assert told(**change)["changedSpeed"] == words  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"loop": Loop(2, None, Seam.PINGPONG)}, "looped there and back"),
        ({"extend": Extend(3, Prolongation.HOLD)}, "its last picture held"),
        ({"source": Span(5, 6), "extend": Extend(3, Prolongation.HOLD)}, "one picture held"),
        ({"fit": Fit.PAD, "raster": Raster(1080, 1080)}, "black bars"),
        ({"fit": Fit.BLUR_PAD, "raster": Raster(1080, 1080)}, "a blurred copy of itself around it"),
    ],
)
def test_edits(change: dict[str, object], words: str) -> None:
    assert told(**change)["edited"] == words  # type: ignore[arg-type]


def test_colour() -> None:
    grade = Grade(
        match=CDL(saturation=0.9), cdl=CDL(saturation=1.1), look=Look("warm", "w", "1"),
        input=Space.PQ,
    )  # fmt: skip
    steadied = replace(TAKE, copy=ConformedCopy("c", "k", (), steadied=True))
    assert told(grade, steadied)["adjustedColor"] == (
        "flicker taken out; from rec2100-pq to Rec.709; matched to another session; a CDL; "
        "look warm"
    )


def test_every_way_to_stand_a_picture_upright_is_an_orientation() -> None:
    for words in (*upright._WORDS.values(), "turned by 180 degrees to stand upright"):
        copied = replace(TAKE, copy=ConformedCopy("c", "k", (words, "deinterlaced")))
        assert told(take=copied) == {"orientation": words, "edited": "deinterlaced"}


@pytest.mark.parametrize(
    ("raster", "name"),
    [(Raster(1280, 720), "resized.proportional"), (Raster(854, 480), "resized.proportional")],
)
def test_scaling_in_proportion_is_told_from_stretching(raster: Raster, name: str) -> None:
    assert name in told(raster=raster)
    framing = frame(HD, raster, Fit.COVER, CENTRE)
    squeezed = replace(framing, place=replace(framing.place, width=framing.place.width / 2))
    done = dict(doings(Event("a", "t1", Span(0, 100)), TAKE, squeezed, Grade(), R24))
    assert "resized" in done
