"""Whatever is edited, sound is taken from where there is some and laid where it can be heard."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.sounding import SECOND, Heard, layer_facts, planned
from tests.strategies import TAKES, rates, tracks

from finisher.event import Event, Item, NativeSound, Sounding
from finisher.hearing import SoundFacts, TempoFacts, ToneFacts
from finisher.problems import Severity
from finisher.timecode import Rate, Span
from finisher.timeline import Duck, Filling, Layer, Role

TAKE = 30 * SECOND
FILE = 100_000


@st.composite
def sounding_tracks(draw: st.DrawFn) -> tuple[Item, ...]:
    """Tracks with all that can be asked of native sound, J- and L-cuts wherever they may be."""
    items = list(draw(tracks(most=5)))
    shortest = min(item.length for item in items)
    reach = st.integers(0, shortest * 48_000 // 1000)  # no rate is above 1000
    for place, item in enumerate(items):
        if isinstance(item, Event):
            native = st.sampled_from([NativeSound.KEEP, NativeSound.DUCK, NativeSound.MUTE])
            tone = draw(st.none() | st.sampled_from(TAKES))
            sound = Sounding(draw(native), cut_fade=draw(st.integers(0, 5_000)), room_tone=tone)
            plain = not (item.retimed or item.extend or item.loop or item.transition)
            following = items[place + 1] if place + 1 < len(items) else None
            soft = isinstance(following, Event) and following.transition is not None
            heard = plain and sound.native is not NativeSound.MUTE
            early = draw(reach) if heard and place else 0
            late = draw(reach) if heard and following is not None and not soft else 0
            items[place] = replace(item, sound=sound, j_cut=early, l_cut=late)
    return tuple(items)


@st.composite
def layers(draw: st.DrawFn) -> Layer:
    """Layers of a hundred thousand samples, anywhere, of any fit."""
    start = draw(st.integers(0, FILE - 1))
    return Layer(
        "l",
        "l",
        draw(st.sampled_from(Role)),
        at=draw(st.integers(0, 200_000)),
        source_in=start,
        source_out=draw(st.none() | st.integers(start + 1, FILE + 1_000)),
        fit=draw(st.sampled_from(Filling)),
        length=draw(st.none() | st.integers(1, 300_000)),
        fade_in=draw(st.integers(0, 60_000)),
        fade_out=draw(st.integers(0, 60_000)),
        duck=draw(st.none() | st.just(Duck((Role.DIALOGUE, Role.NARRATION)))),
        automation=draw(st.sampled_from([(), ((0, -3.0),), ((10, -60.0), (9_000, 6.0))])),
    )


@given(
    items=sounding_tracks(),
    layer=layers(),
    rate=rates(),
    late=st.sampled_from([0, 3_000, 5 * SECOND]),
    tempo=st.none() | st.tuples(st.integers(0, 40_000), st.integers(4_800, 60_000)),
)
@settings(max_examples=60)
def test_sound_is_taken_from_where_there_is_some_and_laid_in_the_programme(
    items: tuple[Item, ...], layer: Layer, rate: Rate, late: int, tempo: tuple[int, int] | None
) -> None:
    loop = TempoFacts(120.0, 3.0, Span(tempo[0], sum(tempo)), 4, 0.0) if tempo else None
    heard = Heard(
        tones=dict.fromkeys(TAKES, ToneFacts(Span(1_000, 30_000), -60.0)),
        tempos={"l": loop} if loop else {},
        sounds={name: SoundFacts(TAKE, 2, 48_000, late=late) for name in TAKES},
    )
    plan, problems = planned(
        *items,
        layers=(layer,),
        rate=rate,
        takes=dict.fromkeys(TAKES, TAKE),
        files={"l": layer_facts(FILE, Span(0, 50_000))},
        heard=heard,
    )
    wrong = {problem.code for problem in problems if problem.severity is Severity.ERROR}
    assert wrong <= {"split-handles", "layer-too-long", "stretch-too-far"}
    for track in plan.tracks:
        places = [place for place, _ in track.curve]
        assert places == sorted(set(places))
        for piece in track.pieces if "split-handles" not in wrong else ():
            assert 0 <= piece.start < piece.start + piece.length <= plan.samples
            assert 0 <= piece.fade_in <= piece.length
            assert 0 <= piece.fade_out <= piece.length
            assert piece.source_start >= 0
            if track.id.startswith("native") and "@" not in piece.source:
                assert piece.source_start >= late
            if "@" not in piece.source:
                there = TAKE if piece.source.startswith("take:") else FILE
                assert piece.source_start + piece.length <= there
