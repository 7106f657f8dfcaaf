"""Layers brought to a length, round by their beat, placed by what they replace, automated."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sounding import (
    SECOND,
    Heard,
    codes,
    event,
    layer_facts,
    planned,
    track,
)

from finisher.channels import HALF_POWER, Layout, pan
from finisher.event import MICRO_FADE, NativeSound, Sounding
from finisher.facts import FileFacts
from finisher.hearing import AlignmentFacts, SoundFacts, TempoFacts
from finisher.plan.model import Piece, SoundPlan
from finisher.plan.sources import stretched, stretches_to, unstretched
from finisher.problems import Problem, Severity
from finisher.timecode import Span
from finisher.timeline import Duck, Filling, Layer, Role

FOUR_SECONDS = event("1", "a", 0, 96)


def laid(
    layer: Layer, samples: int, heard: Heard | None = None
) -> tuple[SoundPlan, tuple[Problem, ...]]:
    """A layer of that many samples in four seconds."""
    return planned(
        FOUR_SECONDS, layers=(layer,), files={layer.id: layer_facts(samples)}, heard=heard
    )


def bed(fit: Filling, length: int | None = None, **keys: object) -> Layer:
    return replace(Layer("bed", "b.wav", Role.MUSIC, fit=fit, length=length), **keys)  # type: ignore[arg-type]


# --- fit -----------------------------------------------------------------------------------------


def test_trimmed_to_its_length_with_a_fade() -> None:
    plan, problems = laid(bed(Filling.TRIM, SECOND, at=100), 3 * SECOND)
    (piece,) = track(plan, "bed").pieces
    assert piece == Piece("layer:bed", 0, 100, SECOND, fade_out=MICRO_FADE)
    assert codes(problems) == ["layer-fitted"]
    assert "from 144000 to 48000" in problems[0].message


def test_shorter_than_it_is_trimmed_to_is_a_warning_with_the_figures() -> None:
    plan, problems = laid(bed(Filling.TRIM, 2 * SECOND), 90_000)
    assert track(plan, "bed").pieces == (Piece("layer:bed", 0, 0, 90_000),)
    assert [(p.code, p.severity) for p in problems] == [("layer-short", Severity.WARNING)]
    assert "90000 samples, 6000 fewer than the 96000" in problems[0].message


def test_padded_with_silence_to_its_length() -> None:
    plan, problems = laid(bed(Filling.PAD, 2 * SECOND), 90_000)
    assert track(plan, "bed").pieces == (Piece("layer:bed", 0, 0, 90_000),)
    assert codes(problems) == ["layer-fitted"]
    assert "silent for 6000 samples" in problems[0].message


@pytest.mark.parametrize(("length", "samples"), [(SECOND, 50_000), (None, 4 * SECOND + 1)])
def test_longer_than_it_is_padded_to_is_a_problem(length: int | None, samples: int) -> None:
    _, problems = laid(bed(Filling.PAD, length), samples)
    assert [(p.code, p.severity) for p in problems] == [("layer-too-long", Severity.ERROR)]
    assert f"{samples - (length or 4 * SECOND)} more" in problems[0].message


def test_a_length_beyond_the_programme_is_cut_there() -> None:
    for fit in (Filling.TRIM, Filling.PAD, Filling.LOOP):
        plan, problems = laid(bed(fit, 9 * SECOND), 9 * SECOND)
        assert track(plan, "bed").pieces[-1].length == 4 * SECOND
        assert codes(problems) == ["layer-cut"]
        assert f"{5 * SECOND} samples early" in problems[0].message


def test_a_loop_fills_its_length_and_no_more() -> None:
    plan, _ = laid(bed(Filling.LOOP, 120_000, at=1_000), 50_000)
    found = track(plan, "bed").pieces
    assert [p.start for p in found] == [1_000, 51_000, 101_000]
    assert found[-1].start + found[-1].length == 121_000
    assert found[-1].fade_out == MICRO_FADE


# --- loops by the beat ---------------------------------------------------------------------------

# 120 beats a minute: 24,000 samples a beat.
TEMPO = TempoFacts(120.0, 3.0, Span(6_000, 102_000), 4, 0.4)
STEADY = Heard(tempos={"bed": TEMPO})


def test_music_goes_round_by_its_measured_loop() -> None:
    plan, problems = laid(bed(Filling.LOOP, source_in=1_000), 110_000, STEADY)
    first, second = track(plan, "bed").pieces
    assert (first.start, first.source_start, first.length) == (0, 1_000, 101_000 + MICRO_FADE)
    assert (second.start, second.source_start, second.length) == (101_000, 6_000, 91_000)
    assert codes(problems) == ["layer-loop-beats"]
    for words in ("4 beats (1 bars of 4)", "120.00 beats a minute", "+0.4 dB"):
        assert words in problems[0].message


@given(
    at=st.integers(0, 50_000),
    loop=st.tuples(st.integers(0, 60_000), st.integers(9_600, 40_000)),
    tail=st.integers(0, 1_000),
)
@settings(max_examples=60)
def test_at_every_seam_the_beat_goes_on(at: int, loop: tuple[int, int], tail: int) -> None:
    start, length = loop
    tempo = TempoFacts(120.0, 3.0, Span(start, start + length), 1, 0.0)
    layer = bed(Filling.LOOP, at=at)
    plan, _ = laid(layer, start + length + tail, Heard(tempos={"bed": tempo}))
    found = track(plan, "bed").pieces
    for n, piece in enumerate(found):
        # Whatever the crossfades add, a place of the music lies a whole number of loops later.
        assert piece.start - piece.source_start == at + n * length
    assert found[-1].start + found[-1].length == 4 * SECOND


def test_a_range_that_was_given_is_gone_round_as_it_is() -> None:
    plan, problems = laid(bed(Filling.LOOP, source_out=50_000), 110_000, STEADY)
    assert [p.start for p in track(plan, "bed").pieces] == [0, 50_000, 100_000, 150_000]
    assert not problems


def test_music_long_enough_for_its_length_does_not_go_round() -> None:
    plan, problems = laid(bed(Filling.LOOP, 105_000), 110_000, STEADY)
    (piece,) = track(plan, "bed").pieces
    assert (piece.length, piece.fade_out) == (105_000, MICRO_FADE)
    assert not problems


# --- stretch -------------------------------------------------------------------------------------


def test_a_stretched_layer_fills_its_length_exactly() -> None:
    layer = bed(Filling.STRETCH, 100_000, at=500)
    plan, problems = laid(layer, 96_000)
    assert track(plan, "bed").pieces == (Piece("layer:bed@24/25", 0, 500, 100_000),)
    assert codes(problems) == ["layer-fitted"]


def test_a_stretched_layer_of_its_own_length_is_left_alone() -> None:
    plan, problems = laid(bed(Filling.STRETCH), 4 * SECOND)
    assert track(plan, "bed").pieces == (Piece("layer:bed", 0, 0, 4 * SECOND),)
    assert not problems


@pytest.mark.parametrize(("samples", "factor"), [(90_000, "0.900"), (107_000, "1.070")])
def test_beyond_6_per_cent_it_is_a_problem_with_the_figure(samples: int, factor: str) -> None:
    _, problems = laid(bed(Filling.STRETCH, 100_000), samples)
    assert [(p.code, p.severity) for p in problems] == [("stretch-too-far", Severity.ERROR)]
    assert factor in problems[0].message


def test_speech_and_range_are_stretched_along() -> None:
    layer = replace(
        bed(Filling.STRETCH, 50_000), role=Role.DIALOGUE, source_in=24_000, source_out=72_000
    )
    plan, _ = planned(
        FOUR_SECONDS,
        layers=(layer,),
        files={"bed": layer_facts(96_000, Span(12_000, 48_000))},
    )
    found = track(plan, "bed")
    assert found.pieces[0].source_start == 25_000
    assert found.speech == (Span(0, 25_000),)


@given(
    st.integers(1, 10**7),
    st.integers(0, 10**6),
    st.fractions(Fraction(94, 100), Fraction(106, 100)),
)
def test_names_and_lengths_of_stretched_sounds(wanted: int, start: int, speed: Fraction) -> None:
    speed = speed.limit_denominator(100_000)
    assert unstretched(stretched("layer:a@b", speed)) == "layer:a@b"
    assert unstretched("layer:a@b") == "layer:a@b"
    assert stretches_to(start + wanted, Fraction(1)) == start + wanted
    # A range of the file is as long as it is asked to be, wherever in it it begins.
    whole = Fraction(start) / speed
    assert stretches_to(start, speed) + wanted == stretches_to(0, speed) + int(
        (whole + wanted + Fraction(1, 2)) // 1
    )


# --- automation ----------------------------------------------------------------------------------


def test_automation_counts_from_the_layers_beginning_and_adds_to_the_duck() -> None:
    line = Layer("line", "l.wav", Role.DIALOGUE, at=96_000)
    duck = Duck((Role.DIALOGUE,), -9.0)
    music = bed(Filling.NONE, at=10_000, duck=duck, automation=((0, -12.0), (20_000, 3.0)))
    plan, _ = planned(
        FOUR_SECONDS,
        layers=(line, music),
        files={"line": layer_facts(SECOND, Span(0, SECOND)), "bed": layer_facts(4 * SECOND)},
    )
    levels = dict(track(plan, "bed").curve)
    assert levels[10_000] == -12.0
    assert levels[30_000] == 3.0
    assert levels[96_000 - 4_800] == -6.0


# --- align ---------------------------------------------------------------------------------------


def line_at(found: AlignmentFacts | None, **keys: object) -> tuple[SoundPlan, tuple[Problem, ...]]:
    line = Layer("line", "l.wav", Role.DIALOGUE, at=24_000, replaces=("1",), align=SECOND)
    return planned(
        FOUR_SECONDS,
        layers=(replace(line, **keys),),  # type: ignore[arg-type]
        files={"line": layer_facts(60_000, Span(12_000, 40_000))},
        heard=Heard(alignments={"line": found} if found else {}),
    )


def test_a_line_lies_where_its_place_was_found() -> None:
    plan, problems = line_at(AlignmentFacts(26_400, 3.1, 0.9))
    found = track(plan, "line")
    assert found.pieces == (Piece("layer:line", 0, 26_400, 60_000),)
    assert found.speech == (Span(38_400, 66_400),)
    assert codes(problems) == ["layer-aligned"]
    assert "+50.00 ms" in problems[0].message


def test_a_line_that_begins_before_the_programme_is_cut_there() -> None:
    plan, problems = line_at(AlignmentFacts(-1_000, 3.1, 0.9))
    (piece,) = track(plan, "line").pieces
    assert (piece.start, piece.source_start, piece.length) == (0, 1_000, 59_000)
    assert piece.fade_in == MICRO_FADE
    assert codes(problems) == ["layer-aligned", "layer-cut"]


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (AlignmentFacts(26_400, 1.04, 0.21, "another voice"), "another voice (confidence 1.04"),
        (None, "no native sound"),
    ],
)
def test_a_line_whose_place_is_not_found_is_a_problem(
    found: AlignmentFacts | None, words: str
) -> None:
    plan, problems = line_at(found)
    assert plan.silent
    (problem,) = problems
    assert (problem.code, problem.severity) == ("align-refused", Severity.ERROR)
    assert words in problem.message
    assert problem.hint == 'give "at" without "align"'


# --- layouts -------------------------------------------------------------------------------------


def file_of(channels: int, layout: Layout) -> FileFacts:
    return replace(layer_facts(SECOND), sound=SoundFacts(SECOND, channels, 48_000, layout=layout))


def test_in_stereo_only_what_is_surround_is_folded_down() -> None:
    surround = SoundFacts(10 * SECOND, 6, 48_000, layout=Layout.SURROUND)
    slow = {"speed": Fraction(24, 25), "sound": Sounding(NativeSound.STRETCH)}
    plan, _ = planned(
        event("1", "a", 0, 24),
        event("2", "b", 0, 24),
        event("3", "b", 48, 72, **slow),
        heard=Heard(sounds={"b": surround}),
    )
    assert plan.layout is Layout.STEREO
    assert [(p.source, p.layout) for p in plan.pans] == [
        ("take:b", Layout.SURROUND),
        ("take:b@24/25", Layout.SURROUND),
    ]
    assert plan.pans[0].gains == pan(Layout.SURROUND, Layout.STEREO)


def test_in_surround_a_voice_of_one_channel_goes_to_the_centre() -> None:
    plan, _ = planned(
        FOUR_SECONDS,
        layers=tuple(
            Layer(name, name, role)
            for name, role in (
                ("mono", Role.NARRATION),
                ("wide", Role.DIALOGUE),
                ("hit", Role.EFFECTS),
                ("full", Role.MUSIC),
            )
        ),
        files={
            "mono": file_of(1, Layout.STEREO),
            "wide": file_of(2, Layout.STEREO),
            "hit": file_of(1, Layout.STEREO),
            "full": file_of(6, Layout.SURROUND),
        },
        heard=Heard(layout=Layout.SURROUND),
    )
    spread = pan(Layout.STEREO, Layout.SURROUND)
    gains = {p.source: p.gains for p in plan.pans}
    assert set(gains) == {"take:a", "layer:mono", "layer:wide", "layer:hit"}
    assert gains["layer:mono"][0] == (0.0, 0.0, HALF_POWER, 0.0, 0.0, 0.0)
    assert gains["layer:wide"] == gains["layer:hit"] == gains["take:a"] == spread


def test_only_those_who_speak_are_said_to() -> None:
    plan, _ = planned(
        FOUR_SECONDS,
        layers=(Layer("vo", "v", Role.NARRATION, at=5), Layer("fx", "f", Role.EFFECTS)),
        files={n: layer_facts(SECOND, Span(100, 9_000)) for n in ("vo", "fx")},
    )
    assert track(plan, "vo").speech == (Span(105, 9_005),)
    assert track(plan, "fx").speech == ()
