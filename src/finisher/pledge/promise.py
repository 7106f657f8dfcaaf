"""Plan and measured facts become the promises that travel inside the finished file."""

from __future__ import annotations

from collections.abc import Mapping

from finisher.canonical import Json, digest, to_json
from finisher.facts import Facts
from finisher.plan.aigc import carried
from finisher.plan.model import Plan, SoundPlan
from finisher.pledge.marks import Said, promised_marks
from finisher.presets.model import ContainerFormat
from finisher.promises import (
    PromisedCut,
    PromisedSound,
    PromisedTake,
    Promises,
)
from finisher.provenance.sources import of_plan
from finisher.watermark.template import sha256

_MOST_LABELS = 1000
"""AIGC labels a file's promises hold: as many as any reader of them takes."""


def promise(
    plan: Plan,
    facts: Facts,
    templates: Mapping[str, bytes],
    fingerprints: bytes,
    said: Said | None = None,
) -> Promises:
    """The promises of one deliverable; `templates` holds a PNG for each mark that has one."""
    said = said or Said()
    marks = promised_marks(plan, facts, templates, said)
    used = {mark.mark for mark in marks.visible}
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
        marks=marks.visible,
        templates={sha256(png): png for name, png in templates.items() if name in used},
        takes=_takes(plan),
        looks=tuple(
            sorted({(e.grade.look.name, e.grade.look.sha256) for e in plan.events if e.grade.look})
        ),
        repairs=(*(note.message for note in plan.repairs), *marks.left_out),
        aigc=carried(plan)[:_MOST_LABELS],
        hidden=marks.hidden,
        undeclared=tuple(take.id for take in plan.takes if take.id in said.undeclared),
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
