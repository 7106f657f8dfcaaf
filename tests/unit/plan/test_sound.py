"""Where every sound of the programme lies, and what is said about the rest."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sounding import (
    FILM,
    FRAME,
    NTSC,
    SECOND,
    codes,
    event,
    layer_facts,
    pieces,
    planned,
    track,
)

from finisher.event import (
    MICRO_FADE,
    Extend,
    Gap,
    Loop,
    NativeSound,
    Prolongation,
    Seam,
    Sounding,
    Transition,
    TransitionKind,
)
from finisher.plan.ducking import duck_curve, summed, within
from finisher.plan.model import Piece, SoundPlan
from finisher.problems import Problem, Severity
from finisher.timecode import Rate, Span
from finisher.timeline import Duck, Filling, Layer, Role

# --- native sound --------------------------------------------------------------------------------


@given(
    rate=st.sampled_from([FILM, NTSC, Rate(Fraction(24000, 1001)), Rate(Fraction(25))]),
    cuts=st.lists(st.tuples(st.integers(0, 60), st.integers(1, 60)), min_size=1, max_size=12),
)
def test_pieces_tile_the_programme_at_frame_boundaries(
    rate: Rate, cuts: list[tuple[int, int]]
) -> None:
    items = [
        event(str(number), "ab"[number % 2], start, start + length)
        for number, (start, length) in enumerate(cuts)
    ]
    plan, _ = planned(*items, rate=rate)
    at = 0
    for piece, (start, length) in zip(pieces(plan), cuts, strict=True):
        assert piece.start == rate.samples(at)
        assert piece.source_start == rate.samples(start)
        assert piece.start + piece.length == rate.samples(at + length)
        at += length
    assert plan.samples == rate.samples(at)


def test_both_sides_of_a_cut_fade_for_5_ms() -> None:
    plan, problems = planned(event("1", "a", 0, 24), event("2", "b", 24, 48))
    assert [(p.fade_in, p.fade_out) for p in pieces(plan)] == [(MICRO_FADE, MICRO_FADE)] * 2
    assert not problems


def test_a_cut_that_removes_nothing_is_not_heard() -> None:
    plan, _ = planned(event("1", "a", 0, 10), event("2", "a", 10, 24), rate=NTSC)
    (piece,) = pieces(plan)
    assert piece.length == NTSC.samples(24)


def test_a_gap_is_silent() -> None:
    plan, _ = planned(event("1", "a", 0, 24), Gap(12), event("2", "a", 24, 48))
    first, second = pieces(plan)
    assert first.start + first.length == 24 * FRAME
    assert second.start == 36 * FRAME


def test_a_transition_crossfades_over_its_own_frames() -> None:
    soft = Transition(TransitionKind.DISSOLVE, 12)
    plan, problems = planned(event("1", "a", 0, 24), event("2", "b", 24, 48, transition=soft))
    out, into = pieces(plan)
    assert (out.start, out.length, out.fade_out) == (0, 30 * FRAME, 12 * FRAME)
    assert (into.start, into.source_start) == (18 * FRAME, 18 * FRAME)
    assert (into.length, into.fade_in) == (30 * FRAME, 12 * FRAME)
    assert out.equal_power
    assert into.equal_power
    assert not problems


def test_without_handles_of_sound_a_transition_is_a_cut_to_the_ear() -> None:
    soft = Transition(TransitionKind.DISSOLVE, 12)
    plan, problems = planned(event("1", "a", 0, 24), event("2", "b", 2, 26, transition=soft))
    assert [(p.start, p.fade_in, p.fade_out) for p in pieces(plan)] == [
        (0, MICRO_FADE, MICRO_FADE),
        (24 * FRAME, MICRO_FADE, MICRO_FADE),
    ]
    assert codes(problems) == ["sound-handles"]


def test_the_first_event_fades_in_from_black() -> None:
    soft = Transition(TransitionKind.DISSOLVE, 12)
    plan, _ = planned(event("1", "a", 24, 72, transition=soft))
    (piece,) = pieces(plan)
    assert (piece.start, piece.source_start, piece.fade_in) == (0, 24 * FRAME, 12 * FRAME)
    assert not piece.equal_power


def test_out_of_a_silent_event_the_other_fades_alone() -> None:
    soft = Transition(TransitionKind.DISSOLVE, 12)
    silent = Sounding(NativeSound.MUTE)
    plan, problems = planned(
        event("1", "a", 0, 24, sound=silent), event("2", "b", 24, 48, transition=soft)
    )
    (piece,) = pieces(plan)
    assert (piece.start, piece.fade_in) == (18 * FRAME, 12 * FRAME)
    assert not problems


def test_a_loop_repeats_its_sound_each_pass() -> None:
    plan, _ = planned(event("1", "a", 10, 20, loop=Loop(3, None)))
    assert [(p.start, p.source_start, p.length) for p in pieces(plan)] == [
        (start * FRAME, 10 * FRAME, 10 * FRAME) for start in (0, 10, 20)
    ]


def test_the_last_pass_of_a_loop_is_cut() -> None:
    plan, _ = planned(event("1", "a", 10, 20, loop=Loop(None, 25)))
    assert [p.length for p in pieces(plan)] == [10 * FRAME, 10 * FRAME, 5 * FRAME]


def test_a_blended_seam_crossfades() -> None:
    plan, _ = planned(event("1", "a", 24, 48, loop=Loop(2, None, Seam.BLEND, 8)))
    out, into = pieces(plan)
    assert (out.length, out.fade_out) == (28 * FRAME, 8 * FRAME)
    assert (into.start, into.source_start, into.fade_in) == (20 * FRAME, 20 * FRAME, 8 * FRAME)


def test_a_pingpong_loop_sounds_forwards_only() -> None:
    plan, problems = planned(event("1", "a", 0, 10, loop=Loop(2, None, Seam.PINGPONG)))
    assert [(p.start, p.length) for p in pieces(plan)] == [
        (0, 10 * FRAME),
        (18 * FRAME, 10 * FRAME),
    ]
    assert codes(problems) == ["sound-backwards"]


@pytest.mark.parametrize("speed", [Fraction(1, 2), Fraction(2), Fraction(-1)])
def test_retimed_events_are_silent_and_say_so(speed: Fraction) -> None:
    plan, problems = planned(event("1", "a", 0, 24, speed=speed))
    assert plan.silent
    assert codes(problems) == ["sound-retimed"]


def test_frames_an_event_is_extended_by_are_silent() -> None:
    more = Extend(12, Prolongation.HOLD)
    plan, problems = planned(event("1", "a", 0, 24, extend=more))
    assert [p.length for p in pieces(plan)] == [24 * FRAME]
    assert plan.samples == 36 * FRAME
    assert codes(problems) == ["sound-extended"]


def test_sound_shorter_than_its_event_ends_in_silence() -> None:
    plan, problems = planned(event("1", "a", 0, 24), takes={"a": 20 * FRAME})
    (piece,) = pieces(plan)
    assert (piece.length, piece.fade_out) == (20 * FRAME, MICRO_FADE)
    assert codes(problems) == ["sound-short"]


def test_a_take_without_sound_is_reported_once() -> None:
    plan, problems = planned(event("1", "a", 0, 24), event("2", "a", 48, 72), takes={"a": None})
    assert plan.silent
    assert codes(problems) == ["sound-absent"]
    assert "1, 2" in problems[0].message
    assert problems[0].severity is Severity.NOTE


def test_muted_events_ask_nothing_of_their_takes() -> None:
    silent = Sounding(NativeSound.MUTE)
    plan, problems = planned(event("1", "a", 0, 24, sound=silent), takes={"a": None})
    assert plan.silent
    assert not problems


def test_events_of_one_gain_share_a_track() -> None:
    soft = Sounding(gain_db=-6.0)
    plan, _ = planned(
        event("1", "a", 0, 24),
        event("2", "b", 0, 24, sound=soft),
        event("3", "a", 48, 72),
    )
    assert [(t.id, t.gain_db, len(t.pieces)) for t in plan.tracks] == [
        ("native", 0.0, 2),
        ("native-6dB", -6.0, 1),
    ]


# --- layers --------------------------------------------------------------------------------------

FOUR_SECONDS = event("1", "a", 0, 96)


def one_layer(layer: Layer, samples: int) -> tuple[SoundPlan, tuple[Problem, ...]]:
    return planned(FOUR_SECONDS, layers=(layer,), files={layer.id: layer_facts(samples)})


def test_a_layer_lies_where_it_is_put_with_its_fades() -> None:
    layer = Layer("bed", "b.wav", Role.MUSIC, 5_000, 1_000, 21_000, fade_in=4_000, fade_out=6_000)
    plan, problems = one_layer(layer, SECOND)
    assert track(plan, "bed").pieces == (
        Piece("layer:bed", 1_000, 5_000, 20_000, fade_in=4_000, fade_out=6_000),
    )
    assert not problems


def test_a_whole_sound_keeps_its_own_beginning_and_end() -> None:
    plan, _ = one_layer(Layer("hit", "h.wav", Role.EFFECTS, 100), 5_000)
    assert track(plan, "hit").pieces == (Piece("layer:hit", 0, 100, 5_000),)


def test_a_layer_is_cut_at_the_programmes_end() -> None:
    plan, problems = one_layer(Layer("bed", "b.wav", Role.MUSIC), 5 * SECOND)
    (piece,) = track(plan, "bed").pieces
    assert (piece.length, piece.fade_out) == (4 * SECOND, MICRO_FADE)
    assert codes(problems) == ["layer-cut"]


def test_a_layer_after_the_programme_is_a_warning() -> None:
    plan, problems = one_layer(Layer("late", "b.wav", Role.MUSIC, at=4 * SECOND), SECOND)
    assert [t.id for t in plan.tracks] == ["native"]
    assert [(p.code, p.severity) for p in problems] == [("layer-outside", Severity.WARNING)]


def test_a_layer_that_wants_more_than_its_file_holds_is_a_warning() -> None:
    plan, problems = one_layer(Layer("bed", "b.wav", Role.MUSIC, source_out=SECOND), 30_000)
    assert track(plan, "bed").pieces[0].length == 30_000
    assert codes(problems) == ["layer-short"]


def test_a_looped_layer_fills_the_programme() -> None:
    layer = Layer("bed", "b.wav", Role.MUSIC, at=1_000, fit=Filling.LOOP)
    plan, problems = one_layer(layer, 50_000)
    bed = track(plan, "bed").pieces
    assert [p.start for p in bed] == [1_000, 51_000, 101_000, 151_000]
    assert bed[-1].start + bed[-1].length == 4 * SECOND
    assert codes(problems) == ["layer-loop-plain"]


@pytest.mark.parametrize(
    ("source_in", "source_out", "samples", "lead"),
    [(0, 50_000, 60_000, 0), (10_000, None, 60_000, MICRO_FADE)],
    ids=["after its end", "before its start"],
)
def test_loop_seams_crossfade_where_the_file_goes_on(
    source_in: int, source_out: int | None, samples: int, lead: int
) -> None:
    layer = Layer("bed", "b.wav", Role.MUSIC, 0, source_in, source_out, fit=Filling.LOOP)
    plan, _ = one_layer(layer, samples)
    first, second, *_ = track(plan, "bed").pieces
    assert second.start == 50_000 - lead
    assert second.source_start == source_in - lead
    assert first.start + first.length - second.start == MICRO_FADE
    assert first.fade_out == second.fade_in == MICRO_FADE
    assert first.equal_power


def test_a_fade_longer_than_a_loops_last_pass_reaches_back() -> None:
    layer = Layer("bed", "b.wav", Role.MUSIC, fit=Filling.LOOP, fade_out=SECOND)
    plan, _ = one_layer(layer, 180_000)  # the last pass has 12000 samples
    bed = track(plan, "bed")
    assert bed.pieces[-1].fade_out == 0
    levels = dict(bed.curve)
    assert levels[4 * SECOND - SECOND] == 0
    assert levels[4 * SECOND - SECOND // 2] == pytest.approx(-6.02, abs=0.01)
    assert min(levels.values()) < -90


def test_a_loop_too_short_to_be_meant_is_played_once() -> None:
    plan, problems = one_layer(Layer("bed", "b.wav", Role.MUSIC, fit=Filling.LOOP), 100)
    assert len(track(plan, "bed").pieces) == 1
    assert codes(problems) == ["layer-loop-short"]


def test_replaced_native_sound_is_silent() -> None:
    line = Layer("line", "l.wav", Role.DIALOGUE, at=SECOND, replaces=("2",))
    plan, problems = planned(
        event("1", "a", 0, 24),
        event("2", "b", 0, 24),
        layers=(line,),
        files={"line": layer_facts(SECOND)},
    )
    assert [p.source for p in track(plan, "native").pieces] == ["take:a"]
    assert not problems


# --- ducking -------------------------------------------------------------------------------------

DUCK = Duck((Role.DIALOGUE,), -9.0)


def test_music_is_down_before_the_first_word_and_back_after_the_last() -> None:
    curve = duck_curve([Span(96_000, 144_000)], DUCK)
    assert curve == (
        (96_000 - 4_800 - 7_200, 0.0),
        (96_000 - 4_800, -9.0),
        (144_000 + 12_000, -9.0),
        (144_000 + 12_000 + 21_600, 0.0),
    )


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 10**5)), max_size=12),
    st.integers(0, 8000),
    st.integers(0, 30_000),
)
def test_every_word_is_ducked_and_breakpoints_rise(
    words: list[tuple[int, int]], attack: int, release: int
) -> None:
    duck = Duck((Role.DIALOGUE,), -9.0, attack=attack, release=release)
    spoken = [Span(start, start + length) for start, length in words]
    curve = duck_curve(spoken, duck)
    places = [place for place, _ in curve]
    assert places == sorted(set(places))
    lows = [Span(curve[i + 1][0], curve[i + 2][0]) for i in range(0, len(curve), 4)]
    for word in spoken:
        assert any(low.start <= word.start and word.end <= low.end for low in lows)


def test_speech_is_followed_through_the_layers_placement() -> None:
    line = Layer("line", "l.wav", Role.DIALOGUE, at=50_000, source_in=10_000)
    bed = Layer("bed", "b.wav", Role.MUSIC, duck=DUCK)
    plan, _ = planned(
        FOUR_SECONDS,
        layers=(line, bed),
        files={
            "line": layer_facts(60_000, Span(5_000, 20_000), Span(40_000, 45_000)),
            "bed": layer_facts(4 * SECOND),
        },
    )
    # The first region begins before the layer's in point; both are close enough to be one.
    assert track(plan, "bed").curve == duck_curve([Span(50_000, 85_000)], DUCK)
    assert not track(plan, "line").curve


def test_native_sound_ducks_under_dialogue() -> None:
    line = Layer("line", "l.wav", Role.NARRATION, at=20_000)
    plan, _ = planned(
        event("1", "a", 0, 48),
        event("2", "b", 0, 48, sound=Sounding(NativeSound.DUCK)),
        layers=(line,),
        files={"line": layer_facts(60_000, Span(0, 30_000))},
    )
    assert not track(plan, "native").curve
    assert min(level for _, level in track(plan, "native-duck").curve) == -9.0


def level(curve: tuple[tuple[int, float], ...], place: int) -> float:
    """What a curve comes to at a sample."""
    return dict(summed(curve, ((place, 0.0),)))[place]


words = st.lists(
    st.tuples(st.integers(0, 400_000), st.integers(1, 60_000)), min_size=1, max_size=8
).map(lambda found: [Span(start, start + length) for start, length in found])


@given(
    words,
    st.floats(-60, 0),
    st.tuples(*[st.integers(0, 40_000)] * 4),
    st.integers(-20_000, 500_000),
)
@settings(max_examples=80)
def test_depth_is_exact_before_every_word_and_through_it_and_never_exceeded(
    spoken: list[Span], depth: float, times: tuple[int, int, int, int], anywhere: int
) -> None:
    attack, lead, hold, release = times
    duck = Duck((Role.DIALOGUE,), depth, attack, lead, hold, release)
    curve = duck_curve(spoken, duck)
    for word in spoken:
        for place in (word.start - lead, word.start, word.end - 1, word.end + hold):
            assert level(curve, place) == pytest.approx(depth, abs=1e-9)
    assert depth - 1e-9 <= level(curve, anywhere) <= 1e-9
    near = [
        word
        for word in spoken
        if word.start - lead - max(1, attack) < anywhere < word.end + hold + max(1, release)
    ]
    before, after = (
        any(w.start <= anywhere for w in spoken),
        any(w.end > anywhere for w in spoken),
    )
    # Between two words it may be held down; else it is as loud as ever.
    if not near and not (before and after):
        assert level(curve, anywhere) == 0.0


def test_what_is_said_from_the_first_sample_on_is_ducked_from_it_on() -> None:
    curve = duck_curve([Span(0, 1_000)], DUCK)
    assert level(curve, 0) == level(curve, 1_000) == -9.0
    assert level(curve, 1_000 + DUCK.hold + DUCK.release) == 0.0


def test_native_sound_ducks_as_deep_as_it_is_told() -> None:
    line = Layer("line", "l.wav", Role.NARRATION, at=20_000)
    deep = Sounding(NativeSound.DUCK, gain_db=-2.0, depth_db=-4.0)
    plan, _ = planned(
        event("1", "a", 0, 48),
        event("2", "b", 0, 48, sound=deep),
        layers=(line,),
        files={"line": layer_facts(60_000, Span(0, 30_000))},
    )
    assert [one.id for one in plan.tracks] == ["native", "native-duck-by-4dB-2dB", "line"]
    assert min(at for _, at in track(plan, "native-duck-by-4dB-2dB").curve) == -4.0


@pytest.mark.parametrize(("at", "told"), [(30 * FRAME, []), (48 * FRAME, ["replaced-by-nothing"])])
def test_a_replacement_that_is_heard_elsewhere_is_told(at: int, told: list[str]) -> None:
    line = Layer("line", "l.wav", Role.DIALOGUE, at=at, replaces=("2",))
    events = (event("1", "a", 0, 24), event("2", "b", 24, 48), event("3", "a", 48, 72))
    _, problems = planned(*events, layers=(line,), files={"line": layer_facts(4 * FRAME)})
    assert codes(problems) == told


def test_where_a_layer_is_ducked_is_told_apart_from_its_other_gains() -> None:
    line = Layer("line", "l.wav", Role.DIALOGUE, at=100_000)
    riding = ((0, 0.0), (10_000, -3.0), (200_000, -3.0))
    bed = Layer("bed", "b.wav", Role.MUSIC, duck=DUCK, automation=riding)
    plan, _ = planned(
        event("1", "a", 0, 144),
        layers=(line, bed),
        files={"line": layer_facts(60_000, Span(0, 30_000)), "bed": layer_facts(SECOND * 6)},
    )
    assert track(plan, "bed").ducked == (Span(100_000 - DUCK.lead, 130_000 + DUCK.hold),)
    assert level(track(plan, "bed").curve, 120_000) == pytest.approx(-3.0 + DUCK.depth_db)


curves = st.dictionaries(st.integers(0, 1000), st.floats(-20, 0), min_size=1, max_size=6).map(
    lambda points: tuple(sorted(points.items()))
)


@given(curves, curves, st.integers(-10, 1010))
def test_summed_curves_are_the_sum_everywhere(
    one: tuple[tuple[int, float], ...], other: tuple[tuple[int, float], ...], place: int
) -> None:
    both = level(one, place) + level(other, place)
    assert level(summed(one, other), place) == pytest.approx(both, abs=1e-9)


@given(curves, st.integers(0, 900), st.integers(1, 100), st.integers(0, 99))
def test_a_curve_inside_a_span_is_the_whole_curve_there(
    whole: tuple[tuple[int, float], ...], start: int, length: int, into: int
) -> None:
    place = start + min(into, length - 1)
    kept = within(whole, Span(start, start + length))
    assert level(kept, place) == pytest.approx(level(whole, place), abs=1e-9)
    assert len(kept) <= len(whole)


STRETCHED = Sounding(NativeSound.STRETCH)


def test_a_stretched_event_sounds_from_its_own_stretched_source() -> None:
    plan, problems = planned(event("e", "a", 24, 48, speed=Fraction(24, 25), sound=STRETCHED))
    (piece,) = pieces(plan)
    assert piece.source == "take:a@24/25"
    # Source frame 24 begins at 48,000 and lies at 48,000 · 25 / 24 when stretched.
    assert piece.source_start == 50_000
    assert (piece.start, piece.length) == (0, 25 * FRAME)
    assert codes(problems) == []
    assert [one.id for one in plan.tracks] == ["native-stretch"]


def test_at_the_takes_own_speed_there_is_nothing_to_stretch() -> None:
    (piece,) = pieces(planned(event("e", "a", 24, 48, sound=STRETCHED))[0])
    assert (piece.source, piece.source_start) == ("take:a", 48_000)


def test_stretched_sound_ends_where_its_take_does() -> None:
    plan, problems = planned(
        event("e", "a", 0, 48, speed=Fraction(24, 25), sound=STRETCHED), takes={"a": SECOND}
    )
    (piece,) = pieces(plan)
    assert piece.length == 50_000
    assert codes(problems) == ["sound-short"]


def test_stretched_runs_that_follow_each_other_are_not_made_one() -> None:
    keys = {"speed": Fraction(24, 25), "sound": STRETCHED}
    plan, _ = planned(event("e", "a", 0, 24, **keys), event("f", "a", 25, 49, **keys))
    assert len(pieces(plan)) == 2


def test_a_stretched_sound_crosses_a_transition() -> None:
    dissolve = Transition(TransitionKind.DISSOLVE, 8)
    plan, problems = planned(
        event("e", "a", 24, 48),
        event("f", "b", 48, 96, speed=Fraction(24, 25), sound=STRETCHED, transition=dissolve),
    )
    first, second = pieces(plan)
    assert codes(problems) == []
    assert first.equal_power
    assert second.equal_power
    assert second.start == 20 * FRAME
    # Four frames before the cut, which stands at source frame 48.
    assert second.source_start == 100_000 - 4 * FRAME
