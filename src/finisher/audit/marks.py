"""Marks in a finished file: looked for where geometry alone puts them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from finisher.facts import MarkFacts
from finisher.findings import Finding, MarkFinding, Status, Weight
from finisher.geometry import Box, Raster
from finisher.problems import DocumentError
from finisher.promises import PromisedMark, Promises
from finisher.watermark import rules
from finisher.watermark.evidence import presence
from finisher.watermark.rules import MarkVerdict
from finisher.watermark.template import read_template

FRAMES = 12
"""Frames looked at for each mark on each event, spread over the time it stands alone."""
_ROOM = 1 << 30
"""Bytes of disk that whole frames may take for a while."""


@dataclass(frozen=True, slots=True)
class MarkSample:
    """Evidence for one promised mark; None where there was nothing to look for it with."""

    promised: PromisedMark
    evidence: MarkFacts | None
    frames: int


def spread(mark: PromisedMark, most: int = FRAMES) -> tuple[int, ...]:
    """The frames in which a mark is looked for: the middles of equal parts of its time."""
    length = mark.end - mark.start
    count = min(most, length)
    return tuple(mark.start + (2 * part + 1) * length // (2 * count) for part in range(count))


def chosen_frames(marks: Sequence[PromisedMark], raster: Raster) -> tuple[int, ...]:
    """The frames to keep whole, in order: of each mark as many as there is room for.

    Where there is no room for the fewest that say anything, the last marks get none.
    """
    room = _ROOM // (raster.width * raster.height)
    each = min(FRAMES, max(rules.FEWEST_FRAMES, room // max(1, len(marks))))
    looked_at = marks[: room // each]
    return tuple(sorted({frame for mark in looked_at for frame in spread(mark, each)}))


def measure_marks(
    promises: Promises, marks: Sequence[PromisedMark], chosen: Sequence[int], raw: Path
) -> tuple[MarkSample, ...]:
    """Look for each mark in the full luma of the chosen frames, kept in a file of raw planes."""
    size = promises.width * promises.height
    there = raw.stat().st_size // size if raw.exists() else 0
    if there == 0:
        return tuple(MarkSample(mark, None, 0) for mark in marks)
    planes = np.memmap(raw, np.uint8, "r", shape=(there, promises.height, promises.width))
    row = {frame: number for number, frame in enumerate(chosen) if number < there}
    samples = []
    for mark in marks:
        rows = [number for frame, number in row.items() if mark.start <= frame < mark.end][:FRAMES]
        try:
            template = read_template(promises.templates.get(mark.template_sha256, b""))
        except DocumentError:
            samples.append(MarkSample(mark, None, len(rows)))
            continue
        too_small = min(mark.box[2:]) < rules.SMALLEST_SIDE
        found = presence((planes[number] for number in rows), template, mark.box)
        samples.append(MarkSample(mark, None if too_small else found, len(rows)))
    del planes
    return tuple(samples)


def judge_marks(promises: Promises, samples: Sequence[MarkSample]) -> tuple[MarkFinding, ...]:
    """A finding for each promised mark."""
    measured = {id(sample.promised): sample for sample in samples}
    return tuple(_judged(promises, mark, measured.get(id(mark))) for mark in promises.marks)


def _judged(promises: Promises, mark: PromisedMark, sample: MarkSample | None) -> MarkFinding:
    export = sample.evidence if sample is not None else None
    frames = sample.frames if sample is not None else 0
    source = MarkFacts(
        mark.source_score, 0.0, found=mark.source_score > rules.HIT, strength=mark.source_strength
    )
    verdict, detail = rules.verdict(source, export, _visible(promises, mark), frames)
    if mark.template_sha256 not in promises.templates:
        verdict, detail = MarkVerdict.NOT_CHECKABLE, "declared by its place alone, no template"
    if verdict is MarkVerdict.CROPPED and mark.may_crop is not None:
        detail += f"; allowed: {mark.may_crop}"
    return MarkFinding(
        event=mark.event,
        mark=mark.mark,
        verdict=str(verdict),
        detail=detail,
        score=None if export is None else export.score,
        threshold=rules.HIT,
        z=None if export is None else export.z,
        retention=None if export is None else rules.retention(source, export),
        frames=frames,
        box=mark.box,
    )


def _visible(promises: Promises, mark: PromisedMark) -> float:
    """The part of a mark inside the picture, 0 to 1."""
    picture = Box.of(0, 0, promises.width, promises.height)
    x, y, width, height = mark.box
    across = min(x + width, float(picture.width)) - max(x, 0.0)
    down = min(y + height, float(picture.height)) - max(y, 0.0)
    area = width * height
    return max(0.0, across) * max(0.0, down) / area if area > 0 else 0.0


def marks_check(promises: Promises, findings: Sequence[MarkFinding]) -> Finding:
    """One check for all marks: lost ones and unallowed cuts fail, weakened ones warn."""
    allowed = {(mark.event, mark.mark) for mark in promises.marks if mark.may_crop is not None}
    of: dict[str, list[str]] = {}
    for finding in findings:
        verdict = finding.verdict
        if verdict == MarkVerdict.CROPPED and (finding.event, finding.mark) in allowed:
            verdict = "cropped-allowed"
        of.setdefault(verdict, []).append(f"{finding.mark} on {finding.event}")
    told = "; ".join(f"{verdict}: {', '.join(names)}" for verdict, names in of.items())
    counts: dict[str, int] = {verdict: len(names) for verdict, names in of.items()}
    failed = [word for word in (MarkVerdict.LOST, MarkVerdict.CROPPED) if word in of]
    status, weight = Status.PASSED, Weight.REQUIRED
    if failed:
        status = Status.FAILED
    elif set(of) - {MarkVerdict.INTACT, "cropped-allowed", MarkVerdict.DEGRADED}:
        status = Status.NOT_CHECKED if MarkVerdict.INTACT not in of else Status.WARNED
        weight = Weight.ADVISORY
    elif set(of) != {MarkVerdict.INTACT}:
        status = Status.WARNED
    return Finding(
        "watermarks",
        status,
        told,
        weight,
        codes=tuple(f"mark.{word}" for word in of if word != MarkVerdict.INTACT),
        promised=len(promises.marks),
        measured=dict(counts),
    )
