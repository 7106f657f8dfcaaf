"""The documents scripts read: `finisher/audit@1` and `finisher/report@1`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from finisher.canonical import Json, to_json
from finisher.facts import MatchFacts
from finisher.findings import (
    ActiveManifest,
    FileAudit,
    Finding,
    Ingredient,
    MarkFinding,
    TrustList,
)
from finisher.look import Residual
from finisher.plan.model import Plan, PlannedEvent
from finisher.problems import Problem
from finisher.report.figures import timecodes
from finisher.report.model import Encoding, Report
from finisher.report.passages import gaps, passages
from finisher.report.plain import name_of
from finisher.report.policy_view import policy_document
from finisher.report.readings import readings
from finisher.report.sound_view import sampled
from finisher.report.words import passes, worst
from finisher.timecode import Rate, Span

Document = dict[str, Json]
AUDIT_SCHEMA = "finisher/audit@1"
REPORT_SCHEMA = "finisher/report@1"
_LONGEST = 10_000
"""Characters of any one text: what stands in a file's manifest may be of any length."""
_OUTLINE = 3000
"""Values an outline is thinned to: five minutes of tenths of a second, one a screen's pixel."""


def strict(value: object) -> Json:
    """A value as JSON every reader takes: `-inf`, `inf` and `nan` as text, no half characters."""
    return _portable(to_json(value))


def _portable(data: Json) -> Json:
    """The same JSON without what JSON or UTF-8 have no spelling for."""
    if isinstance(data, float) and not math.isfinite(data):
        return str(data)
    if isinstance(data, str):
        # File names may hold bytes that are no text; Python carries them as lone surrogates.
        text = data.encode("utf-8", "backslashreplace").decode("utf-8")
        return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
    if isinstance(data, list):
        return [_portable(item) for item in data]
    if isinstance(data, dict):
        return {str(_portable(key)): _portable(item) for key, item in data.items()}
    return data


def _fields(value: object, names: str) -> Document:
    """The named fields of a value, in that order."""
    return {name: strict(getattr(value, name)) for name in names.split()}


def _check(check: Finding) -> Document:
    return _fields(check, "id status severity codes detail promised measured")


def _active(active: ActiveManifest | None) -> Json:
    names = "urn generator issuer common_name anchor time time_trusted source_type actions"
    return None if active is None else _fields(active, names)


def _ingredient(part: Ingredient) -> Document:
    names = "title depth recorded now source_rechecked manifest issuer source_type sha256"
    return _fields(part, f"{names} generator trusted anchor")


def _watermark(mark: MarkFinding) -> Document:
    names = "event mark verdict score threshold z retention frames box detail kind fidelity control"
    more = "false_positives coverage span detector matched p variant allowed"
    return _fields(mark, f"{names} {more}")


def file_document(audit: FileAudit) -> Document:
    """One file's part of `finisher/audit@1`."""
    return {
        **_fields(audit, "name bytes sha256"),
        "verdict": str(audit.verdict),
        "passed": passes(audit),
        "checks": [_check(check) for check in audit.checks],
        "active": _active(audit.active),
        "ingredients": [_ingredient(part) for part in audit.ingredients],
        "watermarks": [_watermark(mark) for mark in audit.watermarks],
        "labels": strict({key: audit.labels[key] for key in sorted(audit.labels)}),
        "not_checked": strict(audit.not_checked),
        "policies": [strict(policy_document(one, _check)) for one in audit.policies],
    }


def audit_document(audits: Sequence[FileAudit], trust_lists: Sequence[TrustList] = ()) -> Document:
    """`finisher/audit@1`: every file's findings; the verdict is the worst file's.

    Raises:
        ValueError: for no files at all, since nothing audited is nothing proven.
    """
    return {
        "schema": AUDIT_SCHEMA,
        "verdict": str(worst(audit.verdict for audit in audits)),
        "passed": all(map(passes, audits)),
        "files": [file_document(audit) for audit in audits],
        "trust_lists": [_fields(one, "name sha256 date certificates") for one in trust_lists],
    }


def _range(span: Span, rate: Rate) -> Document:
    """A half-open range in frames and as timecode."""
    first, after = timecodes(span, rate)
    return {"start": span.start, "end": span.end, "in": first, "out": after}


def _event(event: PlannedEvent, rate: Rate) -> Document:
    look = event.grade.look
    return {
        "id": event.id,
        "take": event.take,
        "record": _range(event.record, rate),
        "source": _range(event.source, rate),
        "own_frames": event.own_frames,
        "edits": list(event.edits),
        "copied": event.copied,
        "encoded_because": event.encoded_because,
        "framing": strict(event.framing),
        "grade": {
            "match": strict(event.grade.match),
            "cdl": strict(event.grade.cdl),
            "look": None if look is None else _fields(look, "name sha256"),
            "residual": _residual(event.grade.residual),
            "input": str(event.grade.input),
        },
        "marks": [_fields(mark, "mark box visible") for mark in event.marks],
        "may_crop": event.may_crop,
    }


def _plan(plan: Plan) -> Document:
    return {
        "edl": name_of(plan.edl_path),
        "edl_sha256": plan.edl_sha256,
        "preset": plan.preset.name,
        "width": plan.raster.width,
        "height": plan.raster.height,
        "rate": str(plan.rate),
        "frames": plan.frames,
        "length": timecodes(Span(0, plan.frames), plan.rate)[1],
        "units": len(plan.units),
    }


def _encoding(encoding: Encoding | None) -> Json:
    """What was asked of the encoder, what came of it, and how each stretch was encoded."""
    if encoding is None:
        return None
    return {
        "vmaf": encoding.vmaf,
        "file_bytes": encoding.file_bytes,
        "reached_vmaf": None if encoding.reached is None else round(encoding.reached, 3),
        "units": [
            {
                **_fields(unit, "start frames crf"),
                "vmaf": None if unit.vmaf is None else round(unit.vmaf, 3),
            }
            for unit in encoding.units
        ],
    }


def _residual(residual: Residual | None) -> Json:
    """A table by its content: where it lies is nobody's business."""
    return None if residual is None else _fields(residual, "sha256 strength")


def _match(match: MatchFacts) -> Document:
    """A session's match: distances are mean ΔE2000 between areas taken to be equal."""
    names = "session reference cdl confidence distance_before distance_after pairs evidence"
    return {
        **_fields(match, f"{names} takes reason"),
        "residual": _residual(match.residual),
    }


def _transitions(plan: Plan) -> list[Json]:
    def name(event: int | None) -> str | None:
        return None if event is None else plan.events[event].id

    return [
        {
            "kind": str(passage.kind),
            "record": _range(passage.span, plan.rate),
            "outgoing": name(passage.outgoing),
            "incoming": name(passage.incoming),
        }
        for passage in passages(plan)
    ]


def _files(plan: Plan) -> list[Json]:
    """Everything that went in, by content."""
    looks = {e.grade.look.sha256: e.grade.look for e in plan.events if e.grade.look is not None}
    rows: list[tuple[str, str, str, str]] = [
        *(("take", take.id, take.path, take.sha256) for take in plan.takes),
        *(("layer", layer.id, layer.path, layer.sha256) for layer in plan.layers),
        *(("look", look.name, look.path, look.sha256) for look in looks.values()),
    ]
    return [
        {"kind": kind, "id": name, "file": name_of(path), "sha256": sha256}
        for kind, name, path, sha256 in rows
    ]


def _problems(problems: Iterable[Problem]) -> list[Json]:
    """Problems as everywhere, without the machine's folders."""
    return [
        strict(
            problem.as_json()
            if problem.where is None
            else replace(
                problem, where=replace(problem.where, file=name_of(problem.where.file))
            ).as_json()
        )
        for problem in problems
    ]


def _hundredths(level: float | None) -> float | None:
    """A level as it is told: the series it was worked out from have no more."""
    return None if level is None else round(level, 2)


def _sound(report: Report) -> Json:
    """What the sound came to, as measured while it was mastered."""
    mastered, plan = report.mastered, report.plan
    if mastered is None or plan.sound is None:
        return None
    names = "integrated_lufs range_lu true_peak_dbtp gain_db limiting_db passes reached offset"
    thin = {e.name: sampled(e.peaks, _OUTLINE) for e in mastered.envelopes}
    return {
        **_fields(mastered, names),
        "layout": str(plan.sound.layout),
        "outlines": {name: {"step": step, "peaks": strict(p)} for name, (step, p) in thin.items()},
        "gains": {t.id: strict(t.curve) for t in plan.sound.tracks if t.curve},
        "speech": {t.id: [[s.start, s.end] for s in t.speech] for t in plan.sound.tracks},
        "events": [
            {
                "event": reading.event,
                "integrated": _hundredths(reading.integrated),
                **_fields(reading, "momentary short_term sample_peak"),
                "speech": None if reading.speech is None else round(float(reading.speech), 4),
            }
            for reading in readings(plan, mastered)
        ],
    }


def report_document(report: Report) -> Document:
    """`finisher/report@1`: what was planned, what was made, and what the audit says of it.

    Ranges are half-open and given in frames and timecode; positions in the sound are samples at
    48 kHz; `loudness.momentary` and `short_term` hold pairs of sample and LUFS. Of `sound`,
    `outlines` are peaks in dBFS, one every `step` samples, and `gains` pairs of sample and dB.
    """
    plan = report.plan
    target = plan.preset.audio.loudness if plan.preset.audio else None
    document: Document = {
        "schema": REPORT_SCHEMA,
        "title": plan.title,
        "output": report.output,
        "created": report.created,
        "version": report.version,
        "identity": report.identity,
        "sidecar": report.sidecar or None,
        "plan": _plan(plan),
        "takes": [_fields(take, "id tags read steadied") for take in plan.takes],
        "events": [_event(event, plan.rate) for event in plan.events],
        "gaps": [_range(gap, plan.rate) for gap in gaps(plan)],
        "transitions": _transitions(plan),
        "repairs": _problems(plan.repairs),
        "warnings": _problems((*plan.warnings, *report.remarks)),
        "audit": file_document(report.audit),
        "loudness": {
            "target": strict(target),
            "momentary": strict(report.loudness),
            "short_term": strict(report.short_term),
            "ducking": [[span.start, span.end] for span in report.ducking],
        },
        "sound": _sound(report),
        "stems": list(report.stems),
        "matches": {name: _match(match) for name, match in sorted(report.matches.items())},
        "encoding": _encoding(report.encoding),
        "files": _files(plan),
        "stages": [_fields(stage, "stage seconds") for stage in report.stages],
        "cached_units": report.cached_units,
    }
    return {name: _portable(part) for name, part in document.items()}
