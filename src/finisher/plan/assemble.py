"""Timeline, preset and measured facts become a Plan; nothing here has an effect."""

from __future__ import annotations

from finisher.facts import Facts, TakeFacts
from finisher.plan import units
from finisher.plan.copying import Target, copying
from finisher.plan.decode import decoding, read_as
from finisher.plan.events import resolve
from finisher.plan.framings import framings
from finisher.plan.label_remarks import label_remarks
from finisher.plan.mark_remarks import mark_remarks
from finisher.plan.misplaced import misplaced_canvases, misplaced_effects, misplaced_marks
from finisher.plan.model import Plan, PlannedLayer, PlannedTake, SoundPlan
from finisher.plan.part import clipped, heard
from finisher.plan.picture import (
    Track,
    at_rate,
    close_loop,
    missing_media,
    track,
)
from finisher.plan.remarks import rate_notes, remarks
from finisher.plan.sound import plan_sound
from finisher.plan.sources import unstretched
from finisher.plan.stamp import stamp_box
from finisher.plan.unseen import unseen
from finisher.presets.model import Preset
from finisher.problems import DocumentError, MediaError, Problem, Severity
from finisher.timecode import Span
from finisher.timeline import Take, Timeline


def plan(timeline: Timeline, preset: Preset, facts: Facts, part: Span | None = None) -> Plan:
    """Decide one deliverable, or the part of one that lies in some of the edit's frames.

    Raises:
        DocumentError: when events, transitions, J- or L-cuts reach beyond their takes, a layer
            can't be fitted or its place not found, the programme breaks a limit the preset refuses
            to break, or the part cuts into a transition.
        MediaError: when a used take can't be conformed exactly.
        PolicyError: when marks leave no place for a draft's stamp.
    """
    indexes = {name: take.index for name, take in facts.takes.items()}
    raster = preset.raster or timeline.canvas
    framed = framings(timeline, facts, raster, preset.loop_frames)
    sound, sound_notes = _sound(timeline, preset, facts)
    problems = (
        *missing_media(timeline, indexes),
        *misplaced_marks(timeline, facts),
        *misplaced_canvases(timeline, facts),
        *misplaced_effects(timeline, preset, framed),
        *(problem for problem in sound_notes if problem.severity is Severity.ERROR),
    )
    if problems:
        raise DocumentError(problems)
    rate = preset.rate or timeline.rate
    layout, warnings, shown = _layout(timeline, preset, facts, part)
    if sound is not None and part is not None:
        sound = heard(sound, part, timeline.rate)
    repairs = [*_decodings(timeline, facts), *rate_notes(timeline, facts), *sound_notes]
    warnings += remarks(timeline, preset, facts, whole=part is None)
    events = resolve(shown, facts, framed, layout, sound=sound is not None)
    warnings += mark_remarks(shown, preset, events)
    warnings += unseen(shown, facts)
    copied = copying(layout.pictures, events, facts.takes, Target(preset, raster, rate))
    stamp = stamp_box(raster, events) if preset.draft else None
    takes, layers = _takes(shown, facts, sound), _layers(timeline, facts, part, sound)
    warnings += label_remarks(timeline, preset, takes, layers)
    return Plan(
        title=timeline.title,
        edl_path=timeline.path,
        edl_sha256=timeline.sha256,
        preset=preset,
        raster=raster,
        rate=rate,
        frames=len(layout.pictures),
        events=copied.told(events),
        takes=takes,
        layers=layers,
        units=units.cut(layout.pictures, copied.spans),
        sound=sound,
        parameter_set=copied.parameter_set,
        part=part,
        stamp=stamp,
        training=timeline.training,
        repairs=tuple(p for p in repairs if p.severity is Severity.NOTE),
        warnings=(*warnings, *(p for p in repairs if p.severity is not Severity.NOTE)),
    )


def _layout(
    timeline: Timeline, preset: Preset, facts: Facts, part: Span | None
) -> tuple[Track, list[Problem], Timeline]:
    """The picture track at the delivered rate, and the timeline of the events it shows.

    A whole programme is closed into a loop where the preset asks for it.
    """
    indexes = {name: take.index for name, take in facts.takes.items()}
    layout, warnings, shown = track(timeline, indexes, facts.motions), [], timeline
    if part is not None:
        layout, shown = clipped(layout, timeline, part)
    elif preset.loop_frames:
        layout, problem = close_loop(layout, timeline, indexes, preset.loop_frames, facts.motions)
        if problem is not None:
            warnings.append(problem)
    return at_rate(layout, timeline.rate, preset.rate or timeline.rate), warnings, shown


def _layers(
    timeline: Timeline, facts: Facts, part: Span | None, sound: SoundPlan | None
) -> tuple[PlannedLayer, ...]:
    """The sound files that are heard."""
    if sound is None:
        return ()
    return tuple(
        PlannedLayer(
            layer.id,
            layer.path,
            facts.layers[layer.id].sha256,
            layer.role,
            facts.layers[layer.id].credentials,
            facts.layers[layer.id].aigc,
            facts.layers[layer.id].stated_source,
            layer.replaces,
            layer.generated,
        )
        for layer in timeline.layers
        if part is None or _sounds(sound, f"layer:{layer.id}")
    )


def _sounds(sound: SoundPlan, source: str) -> bool:
    """Whether anything of a source is placed."""
    return any(
        unstretched(piece.source) == source for track in sound.tracks for piece in track.pieces
    )


def _sound(
    timeline: Timeline, preset: Preset, facts: Facts
) -> tuple[SoundPlan | None, tuple[Problem, ...]]:
    """The sound plan, None where the preset delivers no sound."""
    if preset.audio is None:
        return None, ()
    return plan_sound(timeline, facts, preset.audio)


def _takes(timeline: Timeline, facts: Facts, sound: SoundPlan | None) -> tuple[PlannedTake, ...]:
    """The takes that events show or whose sound is heard, in the order of the EDL."""
    used = {take.id for take in timeline.used}
    return tuple(
        _take(take, facts.takes[take.id])
        for take in timeline.takes
        if take.id in used or (sound is not None and _sounds(sound, f"take:{take.id}"))
    )


def _take(take: Take, measured: TakeFacts) -> PlannedTake:
    return PlannedTake(
        take.id,
        take.path,
        measured.sha256,
        measured.raster,
        measured.credentials,
        measured.aigc,
        measured.tags,
        read_as(measured.tags, measured.pixel_format, measured.raster),
        _taken_out(measured),
        measured.stated_source,
        measured.copy.repairs if measured.copy is not None else (),
        take.generated,
    )


def _taken_out(take: TakeFacts) -> float | None:
    """How much flicker is taken out of a take's pictures; None where they are left as they are."""
    found = take.steadiness if take.copy is not None and take.copy.steadied else None
    return found.flicker if found is not None else None


def _decodings(timeline: Timeline, facts: Facts) -> list[Problem]:
    """What is assumed or converted in reading the used takes' colour."""
    notes: list[Problem] = []
    problems: list[Problem] = []
    for take in _takes(timeline, facts, None):
        try:
            declared = timeline.take(take.id).color
            notes += decoding(take.id, facts.takes[take.id], declared)[1]
        except MediaError as error:
            problems += error.problems
    if problems:
        raise MediaError(problems)
    return notes
