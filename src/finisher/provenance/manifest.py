"""The claim a plan leads to: what was made, of which files, by which edits, and what it promises.

Pure: the plan is what gets rendered, so what is claimed here is what was done.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from finisher.plan.model import Fill, Mix, Picture, Plan, PlannedEvent
from finisher.plan.sources import unstretched
from finisher.promises import LABEL, Promises
from finisher.provenance.promised import FINGERPRINT_BUDGET, to_assertion
from finisher.provenance.sources import AI_COMPOSITE, COMPOSITE, HUMAN_EDITS, generative
from finisher.timecode import SAMPLE_RATE, Span, joined

SPECIFICATION = "2.4.0"
ATTRIBUTED = (
    "c2pa.actions",
    "c2pa.ingredient",
    "c2pa.thumbnail.claim",
    "c2pa.thumbnail.ingredient",
    LABEL,
)
"""Assertions the signer answers for, without versions: with one they would go unnoticed."""
_LARGEST = (1 << 20) - 4096
"""Characters of JSON the SDK takes, less what signing adds for thumbnails."""

# Edits of the plan that have an action of their own; any other is an edit with its name told.
_ACTIONS = frozenset(
    {"adjustedColor", "changedSpeed", "cropped", "filtered", "orientation", "resized", "trimmed"}
)
_EDITED = "c2pa.edited"
_UNSEEN = "its sound alone"


@dataclass(frozen=True, slots=True)
class RequestedIngredient:
    """A file that must go in: its path as in the plan, its record, and the manifest it has."""

    path: str
    record: dict[str, Any]
    manifest: str | None


@dataclass(frozen=True, slots=True)
class ManifestRequest:
    """A claim ready to be signed, and the files whose credentials it must bring along."""

    manifest: dict[str, Any]
    ingredients: tuple[RequestedIngredient, ...]
    attributed: tuple[str, ...] = ATTRIBUTED
    anchors: str | None = None
    """PEM of signers to trust while signing, so that the record of the ingredients says so."""


@dataclass(frozen=True, slots=True)
class _Part:
    """A used file: a take or a sound layer."""

    label: str
    title: str
    path: str
    manifest: str | None
    spans: tuple[tuple[Fraction, Fraction], ...]
    """Where the programme uses it, in seconds."""
    unseen: tuple[tuple[Fraction, Fraction], ...] = ()
    """Where a take is heard and not seen."""


def manifest(plan: Plan, promises: Promises, version: str) -> ManifestRequest:
    """The claim for a plan's render.

    Args:
        plan: what is rendered.
        promises: what the file promises; goes in as an assertion.
        version: finisher's own version.
    """
    parts = (*_takes(plan), *_layers(plan))
    agent = {"name": "finisher", "version": version}
    created = {
        "action": "c2pa.created",
        "digitalSourceType": AI_COMPOSITE if _generated(plan) else COMPOSITE,
        "softwareAgent": agent,
    }
    actions = [
        created,
        *_placed(parts),
        *_edits(plan),
        *_sound(plan),
        {"action": "c2pa.transcoded"},
    ]
    document: dict[str, Any] = {
        "claim_generator_info": [{**agent, "specVersion": SPECIFICATION}],
        "title": promises.title,
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"allActionsIncluded": True, "actions": actions}},
        ],
    }
    bare = len(json.dumps([document, to_assertion(promises, 0)]))
    promised = to_assertion(promises, min(FINGERPRINT_BUDGET, _LARGEST - bare))
    document["assertions"].append({"label": LABEL, "data": promised})
    return ManifestRequest(
        manifest=document,
        ingredients=tuple(
            RequestedIngredient(
                part.path,
                {"title": part.title, "relationship": "componentOf", "label": part.label},
                part.manifest,
            )
            for part in parts
        ),
    )


def _generated(plan: Plan) -> bool:
    """Whether any used file says that a model made it.

    A manifest says so by its source type, a take for the Chinese market by its AIGC label,
    whatever the label's degree of certainty. Nothing is claimed of files that say nothing.
    """
    if any(
        take.aigc is not None or generative(take.credentials.source_type) for take in plan.takes
    ):
        return True
    return any(generative(layer.credentials.source_type) for layer in plan.layers)


def _takes(plan: Plan) -> Iterator[_Part]:
    """The takes, each once however often it is used; where one sounds unseen, that too."""
    shown = _shown(plan)
    for take in plan.takes:
        spans = tuple(
            (plan.rate.seconds(event.record.start), plan.rate.seconds(event.record.end))
            for event in plan.events
            if event.take == take.id
        )
        name = take.path.replace("\\", "/").rpartition("/")[2]
        heard = _without(_sounding(plan, f"take:{take.id}"), shown[take.id])
        unseen = tuple(map(_seconds, heard))
        yield _Part(f"take-{take.id}", name, take.path, take.credentials.manifest, spans, unseen)


def _layers(plan: Plan) -> Iterator[_Part]:
    """The sound layers, each placed wherever it sounds."""
    for layer in plan.layers:
        spans = tuple(map(_seconds, _sounding(plan, f"layer:{layer.id}")))
        name = layer.path.replace("\\", "/").rpartition("/")[2]
        yield _Part(f"layer-{layer.id}", name, layer.path, layer.credentials.manifest, spans)


def _sounding(plan: Plan, source: str) -> list[Span]:
    """Where a sound is heard, in samples; pieces that touch are one stretch."""
    tracks = plan.sound.tracks if plan.sound is not None else ()
    pieces = [p for track in tracks for p in track.pieces if unstretched(p.source) == source]
    return joined(piece.span for piece in pieces)


def _shown(plan: Plan) -> dict[str, list[Span]]:
    """Where each take is seen, in samples, transitions and all."""
    runs: dict[str, list[Span]] = {take.id: [] for take in plan.takes}
    for unit in plan.units:
        for frame, picture in enumerate(unit.pictures, unit.start):
            for take in {plan.events[number].take for number in _numbers(picture)}:
                run = runs[take]
                if run and run[-1].end == frame:
                    run[-1] = Span(run[-1].start, frame + 1)
                else:
                    run.append(Span(frame, frame + 1))
    samples = plan.rate.samples
    return {
        take: [Span(samples(run.start), samples(run.end)) for run in found]
        for take, found in runs.items()
    }


def _numbers(picture: Picture) -> tuple[int, ...]:
    """The events a picture is made of."""
    if isinstance(picture, Mix):
        return *_numbers(picture.outgoing), *_numbers(picture.incoming)
    return () if isinstance(picture, Fill) else (picture.event,)


def _without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What spans hold that others don't; both are in order and apart."""
    left: list[Span] = []
    for span in spans:
        at = span.start
        for other in others:
            if at < other.end and other.start < span.end:
                if at < other.start:
                    left.append(Span(at, other.start))
                at = max(at, other.end)
        if at < span.end:
            left.append(Span(at, span.end))
    return left


def _seconds(span: Span) -> tuple[Fraction, Fraction]:
    """A stretch of samples in seconds."""
    return Fraction(span.start, SAMPLE_RATE), Fraction(span.end, SAMPLE_RATE)


def _placed(parts: tuple[_Part, ...]) -> Iterator[dict[str, Any]]:
    """One action for each use, in programme order; every ingredient is accounted for."""
    uses = [(start, end, part.label, "") for part in parts for start, end in part.spans]
    uses += [(*span, part.label, _UNSEEN) for part in parts for span in part.unseen]
    for start, end, label, told in sorted(uses):
        region = _region(start, end)
        if told:
            region["description"] = told
        yield {
            "action": "c2pa.placed",
            "parameters": {"ingredientIds": [label]},
            "changes": [region],
        }
    for part in parts:
        if not part.spans and not part.unseen:
            yield {"action": "c2pa.placed", "parameters": {"ingredientIds": [part.label]}}


def _edits(plan: Plan) -> Iterator[dict[str, Any]]:
    """One action for each kind of edit, with the stretches of the programme it was made to."""
    kinds: dict[tuple[str, str], list[PlannedEvent]] = {}
    for event in plan.events:
        for edit in event.edits:
            name = edit.removeprefix("c2pa.")
            own = name.partition(".")[0] in _ACTIONS
            kind = (f"c2pa.{name}", "") if own else (_EDITED, "" if name == "edited" else name)
            kinds.setdefault(kind, []).append(event)
    for (action, description), events in sorted(kinds.items()):
        yield _edit(action, description, _regions(plan, events, action))
    yield from _joins(plan)


def _regions(plan: Plan, events: list[PlannedEvent], action: str) -> list[dict[str, Any]]:
    """Where events lie, neighbours as one; a crop that was allowed to cut a mark says why."""
    spans: list[tuple[Span, str | None]] = []
    for event in events:
        reason = event.may_crop if action == "c2pa.cropped" else None
        span, before = event.record, spans[-1] if spans else None
        if before is not None and before[0].end == span.start and before[1] == reason:
            spans[-1] = Span(before[0].start, span.end), reason
        else:
            spans.append((span, reason))
    regions = []
    for span, reason in spans:
        region = _region(plan.rate.seconds(span.start), plan.rate.seconds(span.end))
        if reason is not None:
            region["description"] = f"a mark may be cut: {reason}"
        regions.append(region)
    return regions


def _joins(plan: Plan) -> Iterator[dict[str, Any]]:
    """What lies between and over the events: transitions, black, a seamless end."""
    for description, kind in (("transitions", Mix), ("black", Fill)):
        spans = _stretches(plan, kind)
        if spans:
            seconds = plan.rate.seconds
            yield _edit(
                _EDITED, description, [_region(seconds(s.start), seconds(s.end)) for s in spans]
            )


def _stretches(plan: Plan, kind: type[Picture]) -> list[Span]:
    """The longest stretches of the programme whose pictures are all of a kind."""
    spans: list[Span] = []
    for unit in plan.units:
        for position, picture in enumerate(unit.pictures, unit.start):
            if not isinstance(picture, kind):
                continue
            if spans and spans[-1].end == position:
                spans[-1] = Span(spans[-1].start, position + 1)
            else:
                spans.append(Span(position, position + 1))
    return spans


def _sound(plan: Plan) -> Iterator[dict[str, Any]]:
    """What was done to the sound."""
    if plan.sound is None:
        yield _edit(_EDITED, "delivered without sound", [])
        return
    if plan.sound.silent:
        return
    yield _edit("c2pa.mixed", "", [])
    if plan.sound.loudness is not None:
        target = plan.sound.loudness
        description = (
            f"loudness to {target.target_lufs:g} LUFS, at most {target.true_peak_dbtp:g} dBTP"
        )
        yield _edit("c2pa.mastered", description, [])


def _edit(action: str, description: str, changes: list[dict[str, Any]]) -> dict[str, Any]:
    """An edit made because somebody asked for it, not invented by a model."""
    made: dict[str, Any] = {"action": action, "digitalSourceType": HUMAN_EDITS}
    if description:
        made["description"] = description
    if changes:
        made["changes"] = changes
    return made


def _region(start: Fraction, end: Fraction) -> dict[str, Any]:
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
