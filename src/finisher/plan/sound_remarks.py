"""What is to be said of sounds before a render: repaired, folded down, or replaced by silence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from finisher.channels import Layout
from finisher.event import Event
from finisher.facts import Facts
from finisher.hearing import SoundFacts
from finisher.plan.model import SoundTrack
from finisher.plan.sources import sound_of, unstretched
from finisher.problems import Problem, Severity
from finisher.timecode import Span
from finisher.timeline import Timeline

_SIX = 6
"""Channels of 5.1."""


def sound_remarks(
    timeline: Timeline, facts: Facts, tracks: Sequence[SoundTrack], layout: Layout
) -> Iterator[Problem]:
    """Notes of what was done to sounds unasked, and warnings of silence nobody meant.

    Args:
        timeline: the edit.
        facts: sounds as measured.
        tracks: what is heard, as planned.
        layout: the programme's.
    """
    yield from _repairs(timeline, facts)
    yield from _folds(timeline, facts, tracks, layout)
    yield from _unreplaced(timeline, tracks)


def _repairs(timeline: Timeline, facts: Facts) -> Iterator[Problem]:
    """What was silenced in reading the sounds that the edit uses."""
    sounds = [(f"take {take.id}", facts.takes[take.id].sound, take.where) for take in timeline.used]
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


def _folds(
    timeline: Timeline, facts: Facts, tracks: Sequence[SoundTrack], layout: Layout
) -> Iterator[Problem]:
    """A note for each sound that is heard with fewer channels than its file has."""
    used = {unstretched(piece.source) for track in tracks for piece in track.pieces}
    named = [(f"take:{take.id}", take.where) for take in timeline.takes]
    named += [(f"layer:{layer.id}", layer.where) for layer in timeline.layers]
    for source, where in named:
        sound = sound_of(source, facts) if source in used else None
        told = _folded(sound, layout) if sound is not None else ""
        if told:
            message = f"{source.replace(':', ' ', 1)}: {told}"
            yield Problem("sound-folded", message, where, severity=Severity.NOTE)


def _folded(sound: SoundFacts, layout: Layout) -> str:
    """What becomes of a sound's channels in a programme of that layout, in words."""
    summed_up = f"{sound.channels} channels summed into 5.1" if sound.channels > _SIX else ""
    if sound.layout is not Layout.SURROUND or layout is not Layout.STEREO:
        return summed_up
    five = sound.channels >= _SIX
    given = "5.1" if five else f"{sound.channels} channels"
    lost = "its low-frequency channel" if five else "any low-frequency channel"
    folded = f"{given} folded down to stereo by ITU-R BS.775, {lost} left out"
    return f"{folded}; {summed_up} before" if summed_up else folded


def _unreplaced(timeline: Timeline, tracks: Sequence[SoundTrack]) -> Iterator[Problem]:
    """A warning for each event whose own sound gave way to layers that are not heard in it."""
    samples = timeline.rate.samples
    for item, record in zip(timeline.items, timeline.record_spans(), strict=True):
        if not isinstance(item, Event):
            continue
        names = [layer.id for layer in timeline.layers if item.id in layer.replaces]
        # A layer that is heard nowhere says so itself.
        standing_in = [track for track in tracks if track.id in names]
        span = Span(samples(record.start), samples(record.end))
        heard = any(span.meet(piece.span) for track in standing_in for piece in track.pieces)
        if standing_in and not heard:
            named = ", ".join(names)
            message = f"event {item.id}: its own sound gives way to {named}, not heard in it"
            yield Problem("replaced-by-nothing", message, item.where, severity=Severity.WARNING)
