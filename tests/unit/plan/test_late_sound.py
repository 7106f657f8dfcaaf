"""Takes whose sound begins after their picture: nothing is placed, borrowed or filled wrongly."""

from __future__ import annotations

from fractions import Fraction

from tests.sounding import FRAME, SECOND, Heard, codes, event, pieces, planned, track

from finisher.event import MICRO_FADE, Loop, NativeSound, Sounding, Transition, TransitionKind
from finisher.hearing import SoundFacts, ToneFacts
from finisher.problems import Severity
from finisher.timecode import Span

LATE = SoundFacts(10 * SECOND, 2, 48_000, late=SECOND)
HEARD = Heard(sounds={"b": LATE}, tones={"a": ToneFacts(Span(100_000, 136_000), -62.0)})


def test_its_piece_begins_with_its_sound_and_the_wait_is_told() -> None:
    plan, problems = planned(event("1", "a", 0, 24), event("2", "b", 12, 60), heard=HEARD)
    _, piece = pieces(plan)
    assert (piece.source_start, piece.start, piece.length) == (SECOND, 36 * FRAME, 36 * FRAME)
    assert piece.fade_in == MICRO_FADE
    (told,) = problems
    assert (told.code, told.severity) == ("sound-late", Severity.NOTE)
    assert "begins 24000 samples after event 2 does; silent until then" in told.message


def test_room_tone_fills_the_wait_and_meets_its_fade() -> None:
    sound = Sounding(room_tone="a")
    plan, problems = planned(
        event("1", "a", 0, 24), event("2", "b", 0, 60, sound=sound), heard=HEARD
    )
    tone = track(plan, "room-tone").pieces
    assert tone[0].start == 24 * FRAME - MICRO_FADE
    assert tone[-1].start + tone[-1].length == 48 * FRAME + MICRO_FADE
    assert "room tone until then" in problems[0].message


def test_an_event_over_before_its_sound_begins_has_none() -> None:
    plan, problems = planned(event("1", "b", 0, 12), heard=HEARD)
    assert not pieces(plan)
    assert codes(problems) == ["sound-late"]


def test_passes_of_a_loop_wait_each_and_tell_it_once() -> None:
    plan, problems = planned(event("1", "b", 12, 36, loop=Loop(2, None)), heard=HEARD)
    assert [piece.start for piece in pieces(plan)] == [12 * FRAME, 36 * FRAME]
    assert codes(problems) == ["sound-late"]


def test_less_than_a_frame_is_not_told() -> None:
    heard = Heard(sounds={"b": SoundFacts(10 * SECOND, 2, 48_000, late=SECOND)})
    plan, problems = planned(event("1", "b", 23, 48), heard=heard)
    assert pieces(plan)[0].source_start == SECOND
    assert not problems


def test_a_j_cut_borrows_no_silence() -> None:
    items = event("1", "a", 0, 24), event("2", "b", 26, 50, j_cut=6_000)
    _, problems = planned(*items, heard=HEARD)
    (wrong,) = (p for p in problems if p.severity is Severity.ERROR)
    assert wrong.code == "split-handles"
    assert "[46000, 52000)" in wrong.message
    assert "which has [48000, 480000): 2000 too few before its start" in wrong.message


def test_a_transition_out_of_or_into_silence_is_a_cut_to_the_ear() -> None:
    dissolve = Transition(TransitionKind.DISSOLVE, 8)
    into = event("1", "a", 0, 48), event("2", "b", 25, 60, transition=dissolve)
    _, problems = planned(*into, heard=HEARD)
    assert codes(problems) == ["sound-handles"]
    out = event("1", "b", 0, 26), event("2", "a", 48, 72, transition=dissolve)
    _, problems = planned(*out, heard=HEARD)
    assert codes(problems) == ["sound-handles", "sound-late"]


def test_stretched_it_begins_as_much_later() -> None:
    slow = {"speed": Fraction(24, 25), "sound": Sounding(NativeSound.STRETCH)}
    plan, _ = planned(event("1", "b", 0, 48, **slow), heard=HEARD)
    (piece,) = pieces(plan)
    assert piece.source_start == piece.start == SECOND * 25 // 24
