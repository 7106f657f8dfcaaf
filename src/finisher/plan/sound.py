"""From an edit and measured sounds to a sound plan: tracks, pieces, gains and ducking."""

from __future__ import annotations

from collections.abc import Iterator

from finisher.event import Event, NativeSound, Sounding
from finisher.facts import Facts
from finisher.hearing import SoundFacts
from finisher.plan.ducking import Curve, duck_curve, placed_speech, summed
from finisher.plan.layer_sound import PlacedLayer, place_layer
from finisher.plan.model import Piece, SoundPlan, SoundTrack
from finisher.plan.native_sound import place_native
from finisher.presets.model import Loudness
from finisher.problems import Problem, Severity
from finisher.timecode import Span
from finisher.timeline import Duck, Role, Timeline

_NATIVE_DUCK = Duck(under=(Role.DIALOGUE, Role.NARRATION))

_Speech = dict[str, tuple[Span, ...]]


def plan_sound(
    timeline: Timeline, facts: Facts, loudness: Loudness | None
) -> tuple[SoundPlan, tuple[Problem, ...]]:
    """Decide every sound of the programme.

    One track for all native sound of the same gain and treatment, one for each layer. Gains are
    curves computed from where speech lies, not from its level: a whisper ducks music as a shout.

    Args:
        timeline: the edit; its takes and layers are all in `facts`.
        facts: sounds as measured.
        loudness: the preset's target, carried along.

    Returns:
        The plan, and notes and warnings about sound that is cut, short, left out or absent.
    """
    samples = timeline.rate.samples(timeline.length)
    native = place_native(timeline, facts)
    placed = {
        layer.id: place_layer(layer, facts.layers[layer.id].sound.samples, samples)
        for layer in timeline.layers
    }
    speech = {
        name: placed_speech(layer.pieces, facts.layers[name].sound.speech)
        for name, layer in placed.items()
    }
    tracks = (
        *_native_tracks(native.pieces, _ducked("", _NATIVE_DUCK, timeline, speech)),
        *_layer_tracks(timeline, placed, speech),
    )
    problems = native.problems + sum((layer.problems for layer in placed.values()), ())
    problems += tuple(_repairs(timeline, facts))
    return SoundPlan(samples, tracks, loudness), problems


def _repairs(timeline: Timeline, facts: Facts) -> Iterator[Problem]:
    """What was silenced in reading the sounds that the edit uses."""
    used = {item.take for item in timeline.items if isinstance(item, Event)}
    sounds = [
        (f"take {take.id}", facts.takes[take.id].sound, take.where)
        for take in timeline.takes
        if take.id in used
    ]
    sounds += [(f"layer {x.id}", facts.layers[x.id].sound, x.where) for x in timeline.layers]
    for name, sound, where in sounds:
        told = _silenced(sound) if sound is not None else ""
        if told:
            yield Problem("sound-repaired", f"{name}: {told}", where, severity=Severity.NOTE)


def _silenced(sound: SoundFacts) -> str:
    """What of a sound could not be read and is silence now, in words."""
    counts = (
        (sound.non_finite, "values are no numbers"),
        (sound.decode_errors, "packets do not decode"),
        (sound.missing, "samples at the end are declared and not there"),
    )
    told = [f"{count} {words}" for count, words in counts if count]
    return "; ".join(told) + ": silent now" if told else ""


def _native_tracks(
    pieces: tuple[tuple[Sounding, Piece], ...], ducked: Curve
) -> tuple[SoundTrack, ...]:
    """A track for each gain and treatment, in order of appearance."""
    groups: dict[Sounding, list[Piece]] = {}
    for sounding, piece in pieces:
        groups.setdefault(sounding, []).append(piece)
    return tuple(
        SoundTrack(
            id=_native_name(sounding),
            role=None,
            gain_db=sounding.gain_db,
            pieces=tuple(group),
            curve=ducked if sounding.native is NativeSound.DUCK else (),
        )
        for sounding, group in groups.items()
    )


def _native_name(sounding: Sounding) -> str:
    """`native`, `native-duck`, `native-stretch`, `native-6dB`, `native+3dB`."""
    apart = (NativeSound.DUCK, NativeSound.STRETCH)
    name = f"native-{sounding.native}" if sounding.native in apart else "native"
    return f"{name}{sounding.gain_db:+g}dB" if sounding.gain_db else name


def _layer_tracks(
    timeline: Timeline, placed: dict[str, PlacedLayer], speech: _Speech
) -> tuple[SoundTrack, ...]:
    """A track for each layer that is heard."""
    tracks = []
    for layer in timeline.layers:
        pieces, fades = placed[layer.id].pieces, placed[layer.id].fades
        if layer.duck is not None:
            fades = summed(fades, _ducked(layer.id, layer.duck, timeline, speech))
        if pieces:
            tracks.append(SoundTrack(layer.id, layer.role, layer.gain_db, pieces, fades))
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
