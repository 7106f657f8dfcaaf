"""A plan as the JSON document `finisher/plan@1`, the one scripts read."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

from finisher.canonical import Json, to_json
from finisher.facts import LoopFacts
from finisher.geometry import Box
from finisher.plan.model import (
    Fill,
    Mix,
    Picture,
    Plan,
    PlannedEvent,
    PlannedLayer,
    PlannedMark,
    PlannedTake,
    Shot,
    Unit,
    Worked,
)
from finisher.problems import Problem
from finisher.timecode import Rate, Span, timecode_of_frame

SCHEMA = "finisher/plan@1"


def plan_document(
    plan: Plan, cached: Collection[int] = (), warnings: tuple[Problem, ...] = ()
) -> dict[str, Json]:
    """The whole plan: events in frames, units, every frame's pictures, repairs.

    `cached` holds the first frames of units that need no work; `warnings` come on top of the
    plan's own. Pictures are `[event, ordinal]`, `null` for black, `["effects", event, position]`,
    or `[kind, outgoing, incoming, step, of]` with a dip's colour behind it if it has one.
    """
    return {
        "schema": SCHEMA,
        "title": plan.title,
        "edl": {"path": plan.edl_path, "sha256": plan.edl_sha256},
        "preset": to_json(plan.preset),
        "raster": str(plan.raster),
        "rate": str(plan.rate),
        "part": None if plan.part is None else _span(plan.part, plan.rate),
        "frames": plan.frames,
        "seconds": str(plan.rate.seconds(plan.frames)),
        "size_at_most": size_at_most(plan),
        "takes": [_take(take) for take in plan.takes],
        "layers": [{**_file(layer), "role": layer.role} for layer in plan.layers],
        "training": [
            {"use": use, "choice": choice, "terms": terms} for use, choice, terms in plan.training
        ],
        "events": [_event(event, plan.rate) for event in plan.events],
        "units": [{**_unit(unit, plan), "cached": unit.start in cached} for unit in plan.units],
        "sound": to_json(plan.sound),
        "repairs": [_problem(problem) for problem in plan.repairs],
        "warnings": [_problem(problem) for problem in (*plan.warnings, *warnings)],
    }


def _take(take: PlannedTake) -> dict[str, Json]:
    return {
        **_file(take),
        "raster": str(take.raster),
        "color": {"tags": to_json(take.tags), "read": to_json(take.read)},
        "steadied": take.steadied,
    }


def _file(file: PlannedTake | PlannedLayer) -> dict[str, Json]:
    """A file that goes in; its labels are what its own metadata say of it, and the edit."""
    return {
        "id": file.id,
        "path": file.path,
        "sha256": file.sha256,
        "credentials": to_json(file.credentials),
        "labels": {
            "aigc": file.aigc,
            "digital_source_type": file.stated_source,
            "generated": file.generated,
        },
    }


def _unit(unit: Unit, plan: Plan) -> dict[str, Json]:
    return {
        "start": unit.start,
        "frames": len(unit.pictures),
        "copied": unit.copied,
        "pictures": [_picture(picture, plan) for picture in unit.pictures],
    }


def size_at_most(plan: Plan) -> int | None:
    """Bytes the file can reach by what its preset asks for; None where nothing limits it."""
    video, audio = plan.preset.video, plan.preset.audio
    if video.file_bytes is not None:
        return video.file_bytes
    if video.max_rate is None:
        return None
    bits = video.max_rate + ((audio.bit_rate or 0) if audio is not None else 0)
    return int(bits * plan.rate.seconds(plan.frames) / 8)


def _span(span: Span, rate: Rate) -> dict[str, Json]:
    """A range in frames, and its first and last frame as timecode."""
    last = max(span.start, span.end - 1)
    return {
        "start": span.start,
        "end": span.end,
        "first": timecode_of_frame(span.start, rate),
        "last": timecode_of_frame(last, rate),
    }


def _box(box: Box) -> list[Json]:
    return [_number(side) for side in (box.x, box.y, box.width, box.height)]


def _number(value: Fraction) -> Json:
    return value.numerator if value.denominator == 1 else float(round(value, 3))


def _event(event: PlannedEvent, rate: Rate) -> dict[str, Json]:
    return {
        "id": event.id,
        "take": event.take,
        "record": _span(event.record, rate),
        "source": _span(event.source, rate),
        "framing": {
            "fit": str(event.framing.fit),
            "crop": _box(event.framing.crop),
            "place": _box(event.framing.place),
        },
        "grade": to_json(event.grade),
        "marks": [_mark(mark) for mark in event.marks],
        "hidden": list(event.hidden),
        "may_crop": event.may_crop,
        "own_frames": event.own_frames,
        "edits": list(event.edits),
        "told": to_json(dict(event.told)),
        "copied": event.copied,
        "encoded_because": event.encoded_because,
        "seam": _seam(event.seam),
        "effects": to_json(event.working.effects) if event.working is not None else [],
    }


def _mark(mark: PlannedMark) -> dict[str, Json]:
    """A mark at one of its places."""
    return {
        "mark": mark.mark,
        "box": _box(mark.box),
        "visible": round(mark.visible, 4),
        "shown": [[span.start, span.end] for span in mark.shown],
    }


def _seam(seam: LoopFacts | None) -> Json:
    """How a loop's seam was measured, and what that means."""
    if seam is None:
        return None
    return {
        "blend": seam.frames,
        "visibility": seam.visibility,
        "appearance": seam.appearance,
        "motion": seam.motion,
        "verdict": str(seam.verdict),
    }


def _picture(picture: Picture, plan: Plan) -> Json:
    match picture:
        case Shot(event=event, picture=ordinal):
            return [plan.events[event].id, ordinal]
        case Worked(event=event, position=position):
            return ["effects", plan.events[event].id, position]
        case Fill():
            return None
        case Mix(kind, outgoing, incoming, step, of, color):
            through: list[Json] = [] if color is None else [list(color)]
            mixed = (_picture(outgoing, plan), _picture(incoming, plan))
            return [str(kind), *mixed, step, of, *through]


def _problem(problem: Problem) -> Json:
    return to_json(problem.as_json())
