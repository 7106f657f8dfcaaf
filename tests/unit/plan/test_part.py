from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests import planning

from finisher.channels import Layout, pan
from finisher.event import Align, Event, Gap, Transition, TransitionKind
from finisher.plan.assemble import plan
from finisher.plan.model import Mix, Picture, Piece, Plan, Shot, SoundPan, SoundPlan, SoundTrack
from finisher.plan.part import heard
from finisher.problems import DocumentError
from finisher.timecode import Rate, Span
from finisher.timeline import Timeline

R24 = Rate.parse("24")


def edit() -> Timeline:
    """Events [0, 48) and [48, 96) with a dissolve [42, 54) between, black, and [108, 156)."""
    return planning.timeline(
        Event("one", "t1", Span(0, 48)),
        Event(
            "two",
            "t2",
            Span(24, 72),
            transition=Transition(TransitionKind.DISSOLVE, 12, Align.CENTER),
        ),
        Gap(12),
        Event("three", "t1", Span(100, 148)),
    )


def facts() -> object:
    return planning.facts(
        ("t1", planning.taken("t1", planning.index(240))),
        ("t2", planning.taken("t2", planning.index(240))),
    )


def planned(part: Span | None = None, rate: str | None = None) -> Plan:
    return plan(edit(), planning.preset(rate=rate), facts(), part)  # type: ignore[arg-type]


def pictures(made: Plan) -> list[Picture]:
    """The pictures of a plan, their events by name."""

    def named(picture: Picture) -> object:
        if isinstance(picture, Mix):
            mixed = (named(picture.outgoing), named(picture.incoming))
            return (picture.kind, *mixed, picture.step, picture.of)
        if isinstance(picture, Shot):
            return (made.events[picture.event].id, picture.picture)
        return None

    return [named(p) for unit in made.units for p in unit.pictures]  # type: ignore[misc]


@given(st.integers(0, 155), st.integers(1, 156))
def test_a_part_shows_the_very_frames_of_the_whole(start: int, length: int) -> None:
    part = Span(start, min(156, start + length))
    whole = pictures(planned())
    # An event that is seen in the part, and is never on in it.
    if 42 < part.end <= 48 or 48 <= part.start < 54:
        with pytest.raises(DocumentError) as caught:
            planned(part)
        assert caught.value.problems[0].code == "part-in-transition"
        return
    made = planned(part)
    assert pictures(made) == whole[part.start : part.end]
    assert made.frames == len(part)
    for event in made.events:
        assert 0 <= event.record.start < event.record.end <= made.frames


def test_only_what_is_shown_goes_in() -> None:
    made = planned(Span(0, 42))
    assert [event.id for event in made.events] == ["one"]
    assert [take.id for take in made.takes] == ["t1"]
    assert made.part == Span(0, 42)


def test_a_part_in_black_alone_is_a_part() -> None:
    assert planned(Span(97, 107)).events == ()


@pytest.mark.parametrize("part", [Span(0, 157), Span(10, 10), Span(156, 160)])
def test_frames_that_are_not_there_are_refused(part: Span) -> None:
    with pytest.raises(DocumentError) as caught:
        planned(part)
    assert caught.value.problems[0].code == "part-outside"


def test_a_part_at_another_rate_is_as_long() -> None:
    assert planned(Span(0, 24), rate="30").frames == 30


def test_the_sound_of_a_part_is_that_of_the_whole_from_there_on() -> None:
    early = Piece("take:a", 0, 0, 1000, fade_in=10, fade_out=10)
    across = Piece("take:a", 500, 90_000, 20_000, fade_in=5000, fade_out=5000)
    said = (Span(0, 900), Span(90_000, 95_000), Span(119_000, 130_000), Span(150_000, 160_000))
    track = SoundTrack("t", None, 0.0, (early, across), ((0, 0.0), (100_000, -6.0)), said)
    gone = SoundTrack("g", None, 0.0, (Piece("take:b", 0, 0, 1000),))
    pans = tuple(
        SoundPan(name, Layout.SURROUND, pan(Layout.SURROUND, Layout.STEREO))
        for name in ("take:a", "take:b")
    )
    whole = SoundPlan(200_000, (track, gone), None, pans=pans)
    sound = heard(whole, Span(47, 60), R24)
    assert sound.samples == 13 * 2000
    moved, silent = sound.tracks
    assert silent.pieces == ()
    assert [pan.source for pan in sound.pans] == ["take:a"]
    assert moved.speech == (Span(0, 1_000), Span(25_000, 26_000))
    (piece,) = moved.pieces
    assert (piece.start, piece.source_start, piece.length) == (90_000 - 94_000, 500, 20_000)
    assert moved.curve == ((-94_000, 0.0), (6000, -6.0))
