"""What sounds tell once the edit is settled: room tones, tempos, where performances lie."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from finisher.canonical import Json, digest, from_json, to_json
from finisher.event import Event
from finisher.facts import FileFacts, TakeFacts
from finisher.hearing import AlignmentFacts, SoundFacts, TempoFacts, ToneFacts
from finisher.sound import align, tempo, tone
from finisher.sound.mix import open_sound
from finisher.store import Store
from finisher.timecode import SAMPLE_RATE, Span
from finisher.timeline import Filling, Layer, Role, Timeline

_REVISION = 1
"""Raised when the same sounds would be heard differently by this code."""
_MARGIN = SAMPLE_RATE
"""What is heard of a take's sound around the part in question: others must stand out less."""

Found = TypeVar("Found", ToneFacts, TempoFacts, AlignmentFacts)


def tones(
    timeline: Timeline, takes: Mapping[str, TakeFacts], sounds: Mapping[str, Path], store: Store
) -> dict[str, ToneFacts]:
    """The room tone of every take that an event names for one, by take; none where it has none."""
    found: dict[str, ToneFacts] = {}
    events = [item for item in timeline.items if isinstance(item, Event)]
    for name in dict.fromkeys(event.sound.room_tone for event in events):
        sound = takes[name].sound if name is not None else None
        if name is None or sound is None:
            continue
        path = sounds[f"take:{name}"]

        def listen(path: Path = path, sound: SoundFacts = sound) -> ToneFacts | None:
            return tone.tone(open_sound(path, len(sound.layout.channels)))

        known = _known(ToneFacts, store, ["tone", path.name], listen)
        if known is not None:
            found[name] = known
    return found


def tempos(
    timeline: Timeline, layers: Mapping[str, FileFacts], sounds: Mapping[str, Path], store: Store
) -> dict[str, TempoFacts]:
    """The tempo of every piece of music that goes round as a whole, where it has a steady one."""
    found: dict[str, TempoFacts] = {}
    for layer in timeline.layers:
        if (layer.fit, layer.role, layer.source_out) != (Filling.LOOP, Role.MUSIC, None):
            continue
        path, sound = sounds[f"layer:{layer.id}"], layers[layer.id].sound
        within = Span(min(layer.source_in, sound.samples), sound.samples)

        def listen(
            path: Path = path, sound: SoundFacts = sound, within: Span = within
        ) -> TempoFacts | None:
            return tempo.tempo(open_sound(path, len(sound.layout.channels)), within)

        known = _known(TempoFacts, store, ["tempo", path.name, within.start], listen)
        if known is not None:
            found[layer.id] = known
    return found


def alignments(
    timeline: Timeline,
    takes: Mapping[str, TakeFacts],
    layers: Mapping[str, FileFacts],
    sounds: Mapping[str, Path],
    store: Store,
) -> dict[str, AlignmentFacts]:
    """Where every layer whose place is to be found lies against the sound it replaces.

    The whole take counts, also what its event does not show: an event may begin in mid-word.
    What can't be placed says why.
    """
    found: dict[str, AlignmentFacts] = {}
    for layer in timeline.layers:
        if layer.align is None:
            continue
        event, shift = _replaced(timeline, layer)
        native = takes[event.take].sound if event is not None else None
        reason = _unplaceable(event, native)
        if reason or event is None or native is None:
            found[layer.id] = AlignmentFacts(layer.at, 1.0, 0.0, reason)
            continue
        files = sounds[f"take:{event.take}"], sounds[f"layer:{layer.id}"]
        other = layers[layer.id].sound
        found[layer.id] = _aligned(layer, (native, other), files, shift, store)
    return found


def _replaced(timeline: Timeline, layer: Layer) -> tuple[Event | None, int]:
    """The one event a layer replaces, and what takes a sample of its take to the programme's.

    None where it is not one.
    """
    samples = timeline.rate.samples
    found = [
        (item, samples(span.start) - samples(item.source.start))
        for item, span in zip(timeline.items, timeline.record_spans(), strict=True)
        if isinstance(item, Event) and item.id in layer.replaces
    ]
    return found[0] if len(found) == 1 else (None, 0)


def _unplaceable(event: Event | None, native: SoundFacts | None) -> str:
    """Why nothing can be laid against an event's native sound; empty where it can."""
    if event is None:
        return "it replaces no event, or several: there is no one sound to lay it against"
    if event.retimed or event.loop is not None:
        return f"event {event.id} is retimed or looped: its take's sound does not lie along it"
    if native is None:
        return f"take {event.take} has no sound to lay it against"
    return ""


def _aligned(
    layer: Layer,
    sounds: tuple[SoundFacts, SoundFacts],
    files: tuple[Path, Path],
    shift: int,
    store: Store,
) -> AlignmentFacts:
    """One layer laid against a take's sound, in samples of the programme."""
    native, other = sounds
    reach, expected = layer.align or 0, layer.at - shift
    out = other.samples if layer.source_out is None else min(layer.source_out, other.samples)
    length = min(max(0, out - layer.source_in), align.LONGEST)
    start = min(max(0, expected - reach - _MARGIN), native.samples)
    end = min(native.samples, max(start, expected + length + reach + _MARGIN))

    def listen() -> AlignmentFacts:
        ours = open_sound(files[0], len(native.layout.channels))[start:end]
        theirs = open_sound(files[1], len(other.layout.channels))[layer.source_in : out]
        placed = align.heard(ours), align.heard(theirs)
        return align.align(*placed, expected - start, reach)

    key: list[Json] = ["align", files[0].name, files[1].name]
    key += [start, end, layer.source_in, out, expected, reach]
    found = _known(AlignmentFacts, store, key, listen) or listen()
    at = found.at + start + shift
    return AlignmentFacts(at, found.confidence, found.likeness, found.refused)


def _known(
    kind: type[Found], store: Store, key: list[Json], listen: Callable[[], Found | None]
) -> Found | None:
    """What was heard before, or is now and is kept; nothing found is worth keeping too.

    Raises:
        MachineError: when the store can't be written.
    """
    name = digest([*key, _REVISION])
    kept = store.read("hearing", name)
    if isinstance(kept, list) and len(kept) <= 1:
        try:
            return from_json(kind, kept[0]) if kept else None
        except (TypeError, ValueError, KeyError):
            pass
    found = listen()
    store.write("hearing", name, [] if found is None else [to_json(found)])
    return found
