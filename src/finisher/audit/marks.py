"""Marks in a finished file: looked for where geometry alone puts them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
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
from finisher.watermark.template import Template, read_template

FRAMES = 24
"""Frames looked at for each mark on each event, spread over the time it stands alone."""
_ROOM = 1 << 30
"""Bytes of disk that whole frames may take for a while."""


@dataclass(frozen=True, slots=True)
class MarkSample:
    """Evidence for one promised mark; None where there was nothing to look for it with."""

    promised: PromisedMark
    evidence: MarkFacts | None
    frames: int


def spread(mark: PromisedMark, most: int = FRAMES, seed: str = "") -> tuple[int, ...]:
    """The frames in which a mark is looked for: one of each of equal parts of its time.

    Which one follows from `seed`. A hash of the finished file can't be known while it is made, so
    that nobody can show a mark in just the frames that are looked at.
    """
    length = sum(span.end - span.start for span in mark.spans)
    count = min(most, length)
    edges = [length * part // count for part in range(count + 1)] if count > 0 else []
    return tuple(
        _shown(mark, start + _drawn(f"{seed}/{mark.event}/{mark.mark}/{start}", end - start))
        for start, end in pairwise(edges)
    )


def _shown(mark: PromisedMark, number: int) -> int:
    """The frame of a mark's time by its number in it."""
    for span in mark.spans:
        length = span.end - span.start
        if number < length:
            return span.start + number
        number -= length
    raise IndexError("beyond the time of the mark")


def _drawn(name: str, below: int) -> int:
    """A number from 0 that nobody chose, the same for the same name."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "replace")).digest()[:8]) % below


def frames_of_marks(
    marks: Sequence[PromisedMark], raster: Raster, seed: str
) -> tuple[tuple[int, ...], ...]:
    """The frames to look at for each mark: of each as many as there is room for.

    Where there is no room for the fewest that say anything, the last marks get none.
    """
    room = _ROOM // (raster.width * raster.height)
    each = min(FRAMES, max(rules.FEWEST_FRAMES, room // max(1, len(marks))))
    return tuple(
        spread(mark, each, seed) if number < room // each else ()
        for number, mark in enumerate(marks)
    )


def chosen_frames(looked_at: Sequence[Sequence[int]]) -> tuple[int, ...]:
    """All frames to keep whole, in order.

    The first is always among them: the decoder takes it for an error when none of them exists.
    """
    chosen = {frame for frames in looked_at for frame in frames}
    return tuple(sorted(chosen | {0})) if chosen else ()


def measure_marks(
    promises: Promises,
    marks: Sequence[PromisedMark],
    looked_at: Sequence[Sequence[int]],
    raw: Path,
) -> tuple[MarkSample, ...]:
    """Look for each mark in the full luma of its frames.

    `raw` holds the raw planes of `chosen_frames`, as many of them as the file has.
    """
    size = promises.width * promises.height
    there = raw.stat().st_size // size if raw.exists() else 0
    if there == 0:
        return tuple(MarkSample(mark, None, 0) for mark in marks)
    planes = np.memmap(raw, np.uint8, "r", shape=(there, promises.height, promises.width))
    row = {frame: number for number, frame in enumerate(chosen_frames(looked_at)[:there])}
    templates = _templates(promises)
    samples = []
    for mark, frames in zip(marks, looked_at, strict=True):
        rows = [row[frame] for frame in frames if frame in row]
        template = templates.get(mark.template_sha256)
        found = None
        if template is not None and min(mark.box[2:]) >= rules.SMALLEST_SIDE:
            found = presence((planes[number] for number in rows), template, mark.box)
        samples.append(MarkSample(mark, found, len(rows)))
    del planes
    return tuple(samples)


def _templates(promises: Promises) -> dict[str, Template]:
    """The templates that can be read, by their hash."""
    templates = {}
    for name, png in promises.templates.items():
        with suppress(DocumentError):
            templates[name] = read_template(png)
    return templates


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
        verdict, detail = MarkVerdict.NOT_CHECKABLE, "no template tells what to look for here"
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
