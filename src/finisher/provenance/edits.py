"""The edits a plan makes, as actions of a claim: what was done, how, and where in the programme."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

from finisher.canonical import digest
from finisher.effects import tonal
from finisher.event import TransitionKind
from finisher.look import CDL, Grade
from finisher.plan.model import Fill, Mix, Picture, Plan, PlannedEvent, SoundPlan
from finisher.plan.sources import SPOKEN
from finisher.provenance.parts import numbers, sounding
from finisher.provenance.sources import AI_COMPOSITE, COMPOSITE, HUMAN_EDITS, by_model
from finisher.timecode import SAMPLE_RATE, Span, runs

Action = dict[str, Any]

_ACTIONS = frozenset(
    {
        *("adjustedColor", "changedSpeed", "cropped", "filtered", "orientation", "resized"),
        *("resized.proportional", "trimmed"),
    }
)
"""Edits that have an action of their own; any other is an edit with its name told."""
_EDITED = "c2pa.edited"
_MECHANICAL = ("c2pa.resized.proportional",)
"""Actions that the specification counts as no change of content; they state no source type."""
_STRETCHED = "/"
_NONE = "{}"
_MANY = 20
"""Stretches up to which they are always told."""


def edits(plan: Plan) -> tuple[Action, ...]:
    """Every edit of a plan but placing: pictures, what lies between them, sound, coding."""
    return (*_pictures(plan, closely=True), *_joins(plan), *_sound(plan), _coding(plan))


def brief(plan: Plan) -> tuple[Action, ...]:
    """The same with stretches counted where they are many, and of colours the looks alone."""
    found = (*_pictures(plan, closely=False), *_joins(plan), *_sound(plan), _coding(plan))
    return tuple(map(_counted, found))


def _counted(made: Action) -> Action:
    places = len(made.get("changes", ()))
    if places <= _MANY:
        return made
    words = [made.get("description", ""), f"in {places} places"]
    rest = {name: value for name, value in made.items() if name != "changes"}
    return rest | {"description": ", ".join(filter(None, words))}


def _pictures(plan: Plan, *, closely: bool) -> Iterator[Action]:
    """One action for each kind of edit made alike, with the stretches it was made to."""
    own = {e.id for e in plan.events if e.working and any(x.own for x in e.working.effects)}
    kinds: dict[tuple[str, str, str, bool], list[PlannedEvent]] = {}
    for event in plan.events:
        told = dict(event.told)
        for edit in event.edits:
            name = edit.removeprefix("c2pa.")
            action, words = f"c2pa.{name}", told.get(edit, "")
            if name not in _ACTIONS:
                action, words = _EDITED, words or ("" if name == "edited" else name)
            how = _how(event.grade, closely=closely) if name == "adjustedColor" else {}
            unknown = action == _EDITED and event.id in own
            kind = (action, words, json.dumps(how, sort_keys=True), unknown)
            kinds.setdefault(kind, []).append(event)
    for kind in sorted(kinds):
        (action, words, parameters, unknown), events = kind, kinds[kind]
        made = _edit(action, words, _regions(plan, events, action))
        if parameters != _NONE:
            made["parameters"] = json.loads(parameters)
        if unknown:
            # What code of one's own does, a model perhaps, nobody here can answer for.
            made["digitalSourceType"] = COMPOSITE
        yield made


def _how(grade: Grade, *, closely: bool) -> dict[str, Any]:
    """What colours were adjusted with: a look by name, all of it by SHA-256, never by path."""
    how: dict[str, Any] = {}
    if grade.look is not None:
        how["org.finisher.look"] = {"name": grade.look.name, "sha256": grade.look.sha256}
    if not closely:
        return how
    if not grade.cdl.identity:
        how["org.finisher.cdl"] = digest(grade.cdl)
    residual = grade.residual
    if grade.match != CDL() or residual is not None:
        table = None if residual is None else [residual.sha256, residual.strength]
        how["org.finisher.match"] = digest([grade.match, table])
    return how


def _reason(event: PlannedEvent, action: str) -> str | None:
    """Why an event's marks may suffer by a kind of edit, None where they can't or mustn't."""
    if event.may_crop is None:
        return None
    if action == "c2pa.cropped":
        return f"a mark may be cut: {event.may_crop}"
    effects = event.working.effects if event.working is not None else ()
    # Light and colour leave marks where and as they are.
    harmful = event.marks and action != "c2pa.adjustedColor" and not all(map(tonal, effects))
    return f"a mark may be changed: {event.may_crop}" if harmful else None


def _regions(plan: Plan, events: list[PlannedEvent], action: str) -> list[dict[str, Any]]:
    """Where events lie, neighbours as one; what may harm a mark says why that was allowed."""
    spans: list[tuple[Span, str | None]] = []
    for event in events:
        reason = _reason(event, action)
        span, before = event.record, spans[-1] if spans else None
        if before is not None and before[0].end == span.start and before[1] == reason:
            spans[-1] = Span(before[0].start, span.end), reason
        else:
            spans.append((span, reason))
    regions = []
    for span, reason in spans:
        stretch = region(plan.rate.seconds(span.start), plan.rate.seconds(span.end))
        if reason is not None:
            stretch["description"] = reason
        regions.append(stretch)
    return regions


def _joins(plan: Plan) -> Iterator[Action]:
    """What lies between and over the events, and pictures that are made of several."""
    if plan.part is not None:
        yield _edit("c2pa.trimmed", "a part of the whole edit", [])
    frames: dict[str, list[int]] = {}
    for unit in plan.units:
        for frame, picture in enumerate(unit.pictures, unit.start):
            words = _joint(picture)
            if words is not None:
                frames.setdefault(words, []).append(frame)
    seconds = plan.rate.seconds
    for words, found in sorted(frames.items()):
        changes = [region(seconds(span.start), seconds(span.end)) for span in runs(found)]
        yield _edit(_EDITED, words, changes)


def _joint(picture: Picture) -> str | None:
    """What a picture is, in words, where it is none of an event's own."""
    if isinstance(picture, Fill):
        return "black"
    if not isinstance(picture, Mix):
        return None
    if len({*numbers(picture)}) > 1:
        return f"transition: {picture.kind}"
    if picture.kind is TransitionKind.BLEND:
        return "pictures along the motion between a take's own"
    return "pictures blended of a take's own"


def _sound(plan: Plan) -> Iterator[Action]:
    """What was done to the sound."""
    if plan.sound is None:
        yield _edit(_EDITED, "delivered without sound", [])
        return
    if plan.sound.silent:
        yield _edit(_EDITED, "delivered with a silent sound track", [])
        return
    yield from _dubbed(plan)
    yield _edit("c2pa.mixed", _mix(plan.sound), [])
    if plan.sound.loudness is not None:
        target = plan.sound.loudness
        description = (
            f"loudness to {target.target_lufs:g} LUFS, at most {target.true_peak_dbtp:g} dBTP"
        )
        yield _edit("c2pa.mastered", description, [])


def _dubbed(plan: Plan) -> Iterator[Action]:
    """Speech in place of the sound that events came with; of a model's it says so."""
    found: dict[bool, set[Span]] = {False: set(), True: set()}
    samples = plan.rate.samples
    records = {event.id: event.record for event in plan.events}
    for layer in plan.layers:
        heard = sounding(plan, f"layer:{layer.id}") if layer.role in SPOKEN else []
        generated = by_model(layer)
        for record in (records[name] for name in layer.replaces if name in records):
            whole = Span(samples(record.start), samples(record.end))
            found[generated] |= {met for span in heard if (met := span.meet(whole)) is not None}
    for generated, spans in found.items():
        changes = [
            region(Fraction(span.start, SAMPLE_RATE), Fraction(span.end, SAMPLE_RATE))
            for span in sorted(spans, key=lambda span: (span.start, span.end))
        ]
        if changes:
            done = _edit("c2pa.dubbed", "speech in place of the takes' own sound", changes)
            yield done | ({"digitalSourceType": AI_COMPOSITE} if generated else {})


def _mix(sound: SoundPlan) -> str:
    """What is mixed and how, in words."""
    heard = [track for track in sound.tracks if track.pieces]
    names = ["the takes' own sound"] if any(track.role is None for track in heard) else []
    names += sorted({str(track.role) for track in heard if track.role is not None})
    words = [", ".join(names)]
    if any(track.ducked for track in heard):
        words.append("held down under speech")
    if any(_STRETCHED in piece.source for track in heard for piece in track.pieces):
        words.append("stretched, its pitch kept")
    return "; ".join(words)


def _coding(plan: Plan) -> Action:
    """How pictures and sound came into the file."""
    copied = [unit.copied for unit in plan.units]
    if plan.sound is None and all(copied):
        return {"action": "c2pa.repackaged"}
    words = f"{plan.preset.video.codec} of {plan.raster}, {plan.rate} frames a second"
    if any(copied):
        words += "; pictures are in part the takes' own, as they were coded"
    return {"action": "c2pa.transcoded", "description": words}


def _edit(action: str, description: str, changes: Sequence[dict[str, Any]]) -> Action:
    """An edit made because somebody asked for it, not invented by a model."""
    made: Action = {"action": action}
    if action not in _MECHANICAL:
        made["digitalSourceType"] = HUMAN_EDITS
    if description:
        made["description"] = description
    if changes:
        made["changes"] = list(changes)
    return made


def region(start: Fraction, end: Fraction) -> dict[str, Any]:
    """A stretch of the programme as normal play time (RFC 2326) in seconds."""
    time = {"type": "npt", "start": seconds(start), "end": seconds(end)}
    return {"region": [{"type": "temporal", "time": time}]}


def seconds(instant: Fraction) -> str:
    """Seconds as a decimal: exact where one exists, else the nearest nanosecond.

    A nanosecond is some ten thousand times shorter than a sample.
    """
    whole = round(instant * 10**9)
    text = f"{whole // 10**9}.{whole % 10**9:09}"
    return text.rstrip("0").rstrip(".")
