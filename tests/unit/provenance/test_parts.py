"""Where files are used: a picture's takes are placed in its frame, and in no other."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.provenance.plans import plan, taken

from finisher.event import TransitionKind
from finisher.plan.model import Fill, Mix, Piece, Shot, SoundTrack, Unit
from finisher.provenance.parts import UNSEEN, numbers, parts, without
from finisher.timecode import SAMPLE_RATE, Span

single = st.one_of(
    st.builds(Fill), st.builds(Shot, event=st.integers(0, 2), picture=st.integers(0, 9))
)
pictures = st.one_of(
    single,
    st.builds(Mix, st.just(TransitionKind.DISSOLVE), single, single, st.integers(0, 3), st.just(4)),
)
spans = st.lists(
    st.tuples(st.integers(0, 40), st.integers(1, 9)).map(lambda s: Span(s[0], s[0] + s[1]))
)


def apart(found: list[Span]) -> list[Span]:
    """Spans in order, none touching the one before."""
    kept: list[Span] = []
    for span in sorted(found, key=lambda span: span.start):
        if not kept or span.start > kept[-1].end:
            kept.append(span)
    return kept


@settings(max_examples=60, deadline=None)
@given(st.lists(pictures, min_size=1, max_size=30), st.integers(0, 30))
def test_a_take_is_placed_in_the_frames_that_show_it_and_in_no_other(shown, cut):
    made = plan(sound=False)
    units = (Unit(0, tuple(shown[:cut])), Unit(len(shown[:cut]), tuple(shown[cut:])))
    made = replace(made, units=units, frames=len(shown))
    for part in parts(made)[:2]:
        events = {n for n, event in enumerate(made.events) if f"take-{event.take}" == part.label}
        seen = {frame for frame, picture in enumerate(shown) if events & {*numbers(picture)}}
        placed = {
            frame
            for frame in range(len(shown))
            for use in part.uses
            if use.start <= made.rate.seconds(frame) < use.end
        }
        assert placed == seen


@given(spans.map(apart), spans.map(apart))
def test_what_is_left_is_in_the_one_and_not_in_the_other(ours, theirs):
    def frames(found):
        return {frame for span in found for frame in range(span.start, span.end)}

    assert frames(without(ours, theirs)) == frames(ours) - frames(theirs)


def test_a_sound_that_two_names_share_is_placed_for_both():
    made = plan(taken("t1"), taken("t2"))
    layer = replace(made.layers[0], id="again", path="audio/copy.wav")
    track = SoundTrack("again", layer.role, 0.0, (Piece("layer:again", 0, 9_600, 4_800),))
    sound = replace(made.sound, tracks=(*made.sound.tracks, track))
    found = parts(replace(made, layers=(*made.layers, layer), sound=sound))
    (score,) = (part for part in found if part.label.startswith("layer"))
    assert score.title == "score.wav"
    assert [use.start * SAMPLE_RATE for use in score.uses] == [0, 9_600]
    assert UNSEEN not in {use.words for use in score.uses}
