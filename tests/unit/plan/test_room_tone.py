"""Room tone: every hole filled to the sample, seamlessly, and nothing else touched."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sounding import FRAME, SECOND, Heard, codes, event, pieces, planned, track

from finisher.event import (
    MICRO_FADE,
    Extend,
    Gap,
    Loop,
    NativeSound,
    Prolongation,
    Seam,
    Sounding,
)
from finisher.hearing import ToneFacts
from finisher.plan.model import Piece
from finisher.problems import Severity
from finisher.sound.mix import mix
from finisher.timecode import Span
from finisher.timeline import Role

TONE = ToneFacts(Span(100_000, 136_000), -62.0)
HEARD = Heard(tones={"a": TONE})
MUTED = Sounding(NativeSound.MUTE, room_tone="a")


def covered(found: list[Piece]) -> list[tuple[int, int]]:
    """What pieces cover together."""
    spans: list[tuple[int, int]] = []
    for piece in sorted(found, key=lambda piece: piece.start):
        end = piece.start + piece.length
        if spans and piece.start <= spans[-1][1]:
            spans[-1] = (spans[-1][0], max(spans[-1][1], end))
        else:
            spans.append((piece.start, end))
    return spans


def test_a_muted_event_between_others_is_filled_and_meets_their_fades() -> None:
    plan, problems = planned(
        event("1", "a", 0, 24),
        event("2", "b", 0, 96, sound=MUTED),
        event("3", "a", 24, 48),
        heard=HEARD,
    )
    tone = track(plan, "room-tone")
    assert tone.role is Role.AMBIENCE
    assert covered(list(tone.pieces)) == [(24 * FRAME - MICRO_FADE, 120 * FRAME + MICRO_FADE)]
    assert tone.pieces[0].fade_in == tone.pieces[-1].fade_out == MICRO_FADE
    assert not problems


def test_passes_stay_in_the_stretch_cross_each_other_and_begin_at_other_places() -> None:
    plan, _ = planned(event("2", "b", 0, 240, sound=MUTED), heard=HEARD)
    tone = track(plan, "room-tone").pieces
    for one, other in pairwise(tone):
        assert one.start + one.length - other.start == one.fade_out == other.fade_in == 2_400
    for piece in tone:
        assert piece.source == "take:a"
        assert piece.source_start >= TONE.span.start
        assert piece.source_start + piece.length <= TONE.span.end
        assert piece.equal_power
    assert len({piece.source_start for piece in tone}) > 4


def test_where_sound_reaches_over_the_cut_there_is_no_hole() -> None:
    plan, _ = planned(
        event("1", "a", 0, 24, l_cut=20_000),
        event("2", "b", 0, 24, sound=MUTED),
        event("3", "a", 48, 72, j_cut=10_000),
        heard=HEARD,
    )
    (tone,) = track(plan, "room-tone").pieces
    assert (tone.start, tone.start + tone.length) == (68_000 - MICRO_FADE, 86_000 + MICRO_FADE)


def test_all_that_is_silent_of_an_event_is_filled() -> None:
    keep = Sounding(room_tone="a", gain_db=-6.0)
    plan, problems = planned(
        event("1", "a", 0, 24, sound=keep, extend=Extend(12, Prolongation.HOLD)),
        event("2", "a", 0, 24, sound=keep, speed=Fraction(-1)),
        event("3", "a", 0, 13, sound=keep, loop=Loop(2, None, Seam.PINGPONG)),
        event("4", "b", 0, 24, sound=keep),
        heard=HEARD,
        takes={"b": 12 * FRAME},
    )
    tone = track(plan, "room-tone-6dB")
    assert tone.gain_db == -6.0
    frames = [
        (round(start / FRAME), round(end / FRAME)) for start, end in covered(list(tone.pieces))
    ]
    assert frames == [(24, 60), (73, 84), (97, 108), (120, 132)]
    assert any("room tone" in problem.message for problem in problems)
    native = [p for p in pieces(plan) if p not in tone.pieces]
    assert covered([*native, *tone.pieces]) == [(0, plan.samples)]


def test_another_tone_is_crossed_into() -> None:
    other = Sounding(NativeSound.MUTE, room_tone="b")
    plan, _ = planned(
        event("1", "b", 0, 24, sound=MUTED),
        event("2", "b", 0, 24, sound=other),
        heard=Heard(tones={"a": TONE, "b": TONE}),
    )
    tone = track(plan, "room-tone").pieces
    ends = [p.start + p.length for p in tone if p.source == "take:a"]
    starts = [p.start for p in tone if p.source == "take:b"]
    assert max(ends) == min(starts) + MICRO_FADE == 24 * FRAME + MICRO_FADE


def test_gaps_and_events_that_ask_for_none_stay_silent() -> None:
    plan, _ = planned(
        Gap(24),
        event("1", "a", 0, 24, sound=Sounding(NativeSound.MUTE)),
        event("2", "a", 0, 24, sound=MUTED),
        Gap(24),
        heard=HEARD,
    )
    (spans,) = covered(list(track(plan, "room-tone").pieces))
    assert spans == (48 * FRAME, 72 * FRAME)


def test_without_a_quiet_stretch_it_is_a_warning() -> None:
    plan, problems = planned(event("1", "b", 0, 24, sound=MUTED))
    assert plan.silent
    assert [(p.code, p.severity) for p in problems] == [("room-tone-none", Severity.WARNING)]
    # Nobody needs what would not be heard.
    _, problems = planned(event("1", "b", 0, 24, sound=Sounding(room_tone="a")))
    assert codes(problems) == []


def test_the_room_is_heard_on_at_one_level_through_holes_cuts_and_passes(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).normal(0, 0.01, (10 * SECOND, 2)).astype(np.float32)
    noise.tofile(tmp_path / "noise")
    keep = Sounding(room_tone="a")
    plan, _ = planned(
        event("1", "a", 0, 24, sound=keep, extend=Extend(12, Prolongation.HOLD)),
        event("2", "b", 0, 60, sound=MUTED),
        event("3", "a", 24, 48, l_cut=10_000),
        event("4", "b", 100, 148, sound=MUTED),
        heard=HEARD,
    )
    sounds = {"take:a": tmp_path / "noise", "take:b": tmp_path / "noise"}
    mixed = np.concatenate(list(mix(plan, sounds)))[MICRO_FADE:-MICRO_FADE]
    powers = np.square(mixed[: len(mixed) // 960 * 960]).reshape(-1, 1920).mean(axis=1)
    # 20 ms of noise are within half a dB of their level; a cut to silence on both sides of a hole
    # takes 1.5 dB of them.
    assert np.abs(10 * np.log10(powers / 1e-4)).max() < 1.0


@given(
    length=st.integers(1, 200),
    stretch=st.integers(1_000, 60_000),
    before=st.booleans(),
    after=st.booleans(),
)
@settings(max_examples=50)
def test_a_hole_of_any_length_is_filled_to_the_sample(
    length: int,
    stretch: int,
    before: bool,
    after: bool,
) -> None:
    items = [
        *([event("1", "a", 0, 24)] if before else []),
        event("2", "b", 0, length, sound=MUTED),
        *([event("3", "a", 0, 24)] if after else []),
    ]
    heard = Heard(tones={"a": ToneFacts(Span(500, 500 + stretch), -60.0)})
    plan, _ = planned(*items, heard=heard)
    start = 24 * FRAME * before
    tone = track(plan, "room-tone").pieces
    assert covered(list(tone)) == [
        (start - MICRO_FADE * before, start + length * FRAME + MICRO_FADE * after)
    ]
    for piece in tone:
        assert piece.source_start >= 500
        assert piece.source_start + piece.length <= 500 + stretch
        assert 0 <= piece.fade_in <= piece.length
        assert 0 <= piece.fade_out <= piece.length
