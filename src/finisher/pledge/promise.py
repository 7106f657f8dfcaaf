"""Plan and measured facts become the promises that travel inside the finished file."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import groupby

from finisher.canonical import Json, digest, to_json
from finisher.effects import tonal
from finisher.event import TransitionKind
from finisher.facts import Facts, MarkFacts
from finisher.plan.aigc import carried
from finisher.plan.model import (
    Mix,
    Picture,
    Plan,
    PlannedEvent,
    PlannedMark,
    Shot,
    SoundPlan,
    Worked,
)
from finisher.presets.model import ContainerFormat
from finisher.promises import (
    PromisedCut,
    PromisedMark,
    PromisedSound,
    PromisedTake,
    Promises,
)
from finisher.provenance.sources import of_plan
from finisher.timecode import Span

_MOST_LABELS = 1000
"""AIGC labels a file's promises hold: as many as any reader of them takes."""


def promise(
    plan: Plan, facts: Facts, templates: Mapping[str, bytes], fingerprints: bytes
) -> Promises:
    """The promises of one deliverable; `templates` holds a PNG for each mark that has one."""
    pictures = [picture for unit in plan.units for picture in unit.pictures]
    marks = tuple(
        promised
        for number, event in enumerate(plan.events)
        for mark in event.marks
        if (promised := _mark(event, mark, pictures, number, facts, templates)) is not None
    )
    used = {mark.mark for mark in marks}
    return Promises(
        title=plan.title,
        preset=plan.preset.name,
        edl_sha256=plan.edl_sha256,
        width=plan.raster.width,
        height=plan.raster.height,
        rate=str(plan.rate),
        frames=plan.frames,
        codec=str(plan.preset.video.codec),
        pixel_format=plan.preset.video.pixel_format,
        edit_list=plan.preset.container.edit_list,
        cuts=tuple(PromisedCut(event.record.start, event.id) for event in plan.events),
        fingerprints=fingerprints,
        sound=_sound(plan),
        marks=marks,
        templates={_sha256(png): png for name, png in templates.items() if name in used},
        takes=_takes(plan),
        looks=tuple(
            sorted({(e.grade.look.name, e.grade.look.sha256) for e in plan.events if e.grade.look})
        ),
        repairs=tuple(note.message for note in plan.repairs),
        aigc=carried(plan)[:_MOST_LABELS],
        source_type=_source_type(plan),
    )


def _source_type(plan: Plan) -> str | None:
    """The digital source type that claim and metadata state; None where they have no place."""
    webm = plan.preset.container.format is ContainerFormat.WEBM
    return None if webm else of_plan(plan)


def _sound(plan: Plan) -> PromisedSound | None:
    """The sound track as promised, None where there is none."""
    if plan.sound is None or plan.preset.audio is None:
        return None
    return PromisedSound(
        codec=str(plan.preset.audio.codec),
        samples=plan.sound.samples,
        silent=plan.sound.silent,
        loudness=plan.preset.audio.loudness,
        layout=plan.sound.layout,
        mix=_mix(plan.sound),
    )


def _mix(sound: SoundPlan) -> str:
    """The digest of what is mixed and how: every piece's place, fades and gains.

    What the pieces' sources contain stands with the takes. Names of tracks, and what is told of
    them for people, change nothing that is heard.
    """
    tracks: list[Json] = [
        [track.role, track.gain_db, to_json(track.pieces), to_json(track.curve)]
        for track in sound.tracks
    ]
    return digest([sound.samples, sound.layout, tracks, to_json(sound.pans)])


def _takes(plan: Plan) -> tuple[PromisedTake, ...]:
    """Every take and sound file that goes in, with how often it is used."""
    takes = [
        PromisedTake(
            take.id,
            take.path.rsplit("/", 1)[-1],
            take.sha256,
            take.credentials.manifest,
            sum(event.take == take.id for event in plan.events),
        )
        for take in plan.takes
    ]
    layers = [
        PromisedTake(
            layer.id, layer.path.rsplit("/", 1)[-1], layer.sha256, layer.credentials.manifest, 1
        )
        for layer in plan.layers
    ]
    return tuple(takes + layers)


def _mark(
    event: PlannedEvent,
    mark: PlannedMark,
    pictures: list[Picture],
    number: int,
    facts: Facts,
    templates: Mapping[str, bytes],
) -> PromisedMark | None:
    """Where and when a mark must show; None where it is never alone on screen."""
    alone = _alone(pictures, number, event.record)
    if mark.shown:
        alone = tuple(met for a in alone for b in mark.shown if (met := a.meet(b)) is not None)
    if not alone:
        return None
    effects = event.working.effects if event.working is not None else ()
    if not all(map(tonal, effects)):
        # Where it went, and what became of it, nobody can foretell: it is left to be looked at.
        templates = {}
    measured = dict(facts.takes[event.take].marks).get(mark.mark, MarkFacts(0.0, 0.0, found=False))
    template = templates.get(mark.mark)
    box = mark.box
    return PromisedMark(
        event=event.id,
        mark=mark.mark,
        spans=tuple(sorted(alone, key=lambda span: span.start)),
        box=(float(box.x), float(box.y), float(box.width), float(box.height)),
        template_sha256=_sha256(template) if template is not None else "",
        source_score=measured.score,
        source_strength=measured.strength,
        may_crop=event.may_crop,
    )


def _alone(pictures: list[Picture], number: int, record: Span) -> tuple[Span, ...]:
    """The runs of an event's frames that show nothing but it."""
    runs, at = [], record.start
    shown = pictures[record.start : record.end]
    for is_alone, run in groupby(shown, lambda picture: _only(picture, number)):
        length = len(list(run))
        if is_alone:
            runs.append(Span(at, at + length))
        at += length
    return tuple(runs)


def _only(picture: Picture, number: int) -> bool:
    """Whether nothing but an event is shown: its mark stands as still in a blend of its frames."""
    if isinstance(picture, Mix) and picture.kind is TransitionKind.DISSOLVE:
        return _only(picture.outgoing, number) and _only(picture.incoming, number)
    return isinstance(picture, Shot | Worked) and picture.event == number


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
