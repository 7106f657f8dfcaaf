"""From an edit and measured sounds to a sound plan: tracks, pieces, gains and ducking."""

from __future__ import annotations

from dataclasses import replace

from finisher.event import NativeSound, Sounding
from finisher.facts import Facts
from finisher.hearing import SoundFacts
from finisher.plan.ducking import Curve, duck_curve, held_down, placed_speech, summed, within
from finisher.plan.layer_sound import PlacedLayer, place_layer
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.plan.native_sound import place_native
from finisher.plan.room_tone import room_tones
from finisher.plan.sound_remarks import sound_remarks
from finisher.plan.sources import SPOKEN, pans, stretches_to
from finisher.plan.split_sound import missing_sound
from finisher.presets.model import Audio
from finisher.problems import Problem
from finisher.timecode import Span
from finisher.timeline import Duck, Timeline

_Speech = dict[str, tuple[Span, ...]]


def plan_sound(
    timeline: Timeline, facts: Facts, audio: Audio
) -> tuple[SoundPlan, tuple[Problem, ...]]:
    """Decide every sound of the programme.

    One track for all native sound of the same gain and treatment, one for each gain of room tone,
    one for each layer. Gains are curves computed from where speech lies, not from its level: a
    whisper ducks music as a shout.

    Args:
        timeline: the edit; its takes and layers are all in `facts`.
        facts: sounds as measured.
        audio: the layout of what is delivered, and the loudness to reach.

    Returns:
        The plan, and what is to be said of it: errors where something that is asked for can't be,
        notes and warnings about sound that is cut, late, short, folded, left out or absent.
    """
    samples = timeline.rate.samples(timeline.length)
    native = place_native(timeline, facts)
    tones, lacking = room_tones(timeline, facts, [piece for _, piece in native.pieces])
    placed = {layer.id: place_layer(layer, facts, samples) for layer in timeline.layers}
    speech = {
        name: placed_speech(layer.pieces, _spoken(facts.layers[name].sound, layer))
        for name, layer in placed.items()
    }
    tracks = (
        *_native_tracks(timeline, native.pieces, speech),
        *tones,
        *_layer_tracks(timeline, placed, speech),
    )
    problems = (*missing_sound(timeline, facts), *native.problems, *lacking)
    problems += sum((layer.problems for layer in placed.values()), ())
    problems += tuple(sound_remarks(timeline, facts, tracks, audio.layout))
    laid_out = pans(tracks, facts, audio.layout)
    return SoundPlan(samples, tracks, audio.loudness, audio.layout, laid_out), problems


def _spoken(sound: SoundFacts, layer: PlacedLayer) -> tuple[Span, ...]:
    """A layer's regions of speech in its sound as it is played."""
    if layer.speed == 1:
        return sound.speech
    return tuple(
        Span(stretches_to(region.start, layer.speed), stretches_to(region.end, layer.speed))
        for region in sound.speech
    )


def _native_tracks(
    timeline: Timeline, pieces: tuple[tuple[Sounding, Piece], ...], speech: _Speech
) -> tuple[SoundTrack, ...]:
    """A track for each gain and treatment, in order of appearance."""
    groups: dict[Sounding, list[Piece]] = {}
    for sounding, piece in pieces:
        groups.setdefault(_treatment(sounding), []).append(piece)
    tracks = []
    for sounding, group in groups.items():
        curve: Curve = ()
        if sounding.native is NativeSound.DUCK:
            curve = _ducked("", _native_duck(sounding), timeline, speech)
        name, gain = _native_name(sounding), sounding.gain_db
        tracks.append(SoundTrack(name, None, gain, tuple(group), curve, ducked=held_down(curve)))
    return tuple(tracks)


def _treatment(sounding: Sounding) -> Sounding:
    """What native sounds of one track have in common."""
    plain = Sounding(sounding.native, sounding.gain_db)
    if sounding.native is NativeSound.DUCK:
        return replace(plain, depth_db=sounding.depth_db)
    return plain


def _native_duck(sounding: Sounding) -> Duck:
    """How native sound ducks: like a layer under all that is said."""
    return Duck(SPOKEN, sounding.depth_db)


def _native_name(sounding: Sounding) -> str:
    """`native`, `native-duck`, `native-duck-by-6dB`, `native-stretch`, `native-6dB`."""
    name = "native" if sounding.native is NativeSound.KEEP else f"native-{sounding.native}"
    if sounding.depth_db != Sounding().depth_db:
        name += f"-by-{-sounding.depth_db:g}dB"
    return f"{name}{sounding.gain_db:+g}dB" if sounding.gain_db else name


def _layer_tracks(
    timeline: Timeline, placed: dict[str, PlacedLayer], speech: _Speech
) -> tuple[SoundTrack, ...]:
    """A track for each layer that is heard."""
    tracks = []
    ducked: dict[tuple[str, Duck], Curve] = {}
    for layer in timeline.layers:
        pieces, curve = placed[layer.id].pieces, placed[layer.id].curve
        if not pieces:
            continue
        heard = Span(pieces[0].start, pieces[-1].start + pieces[-1].length)
        duck: Curve = ()
        if layer.duck is not None:
            # What a layer says itself is left out of what it ducks under: else they are all alike.
            under = (layer.id if layer.role in layer.duck.under else "", layer.duck)
            if under not in ducked:
                ducked[under] = _ducked(*under, timeline, speech)
            duck = within(ducked[under], heard)
        said = speech[layer.id] if layer.role in SPOKEN else ()
        whole, down = summed(curve, duck), held_down(duck)
        tracks.append(SoundTrack(layer.id, layer.role, layer.gain_db, pieces, whole, said, down))
    return tuple(tracks)


def _ducked(name: str, duck: Duck, timeline: Timeline, speech: _Speech) -> Curve:
    """The curve that lowers a sound under the speech of all others in the duck's roles."""
    regions = [
        region
        for layer in timeline.layers
        if layer.role in duck.under and layer.id != name
        for region in speech[layer.id]
    ]
    return duck_curve(regions, duck)
