"""One deliverable from plan to proven file: render, join, sign, audit, report, put in place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from finisher import __version__, c2pa, ffmpeg
from finisher.audit.audit import UNSIGNED_CHECK, audit
from finisher.findings import FileAudit, Weight
from finisher.media.stills import jpeg, stills
from finisher.pipeline import master as mastering
from finisher.pipeline import memory
from finisher.pipeline.edit import Edit, warnings
from finisher.pipeline.labels import labels
from finisher.pipeline.master import Master, Work
from finisher.pipeline.names import Destination, workshop, write_whole
from finisher.pipeline.pledges import promises_of
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import SignedBy
from finisher.pipeline.stages import Stopwatch
from finisher.plan.model import Plan
from finisher.problems import Problem
from finisher.progress import Finished, Listener, Started
from finisher.promises import Promises
from finisher.provenance.manifest import manifest
from finisher.provenance.signing import Thumbnails, signed
from finisher.report.document import report_document
from finisher.report.html import report_html
from finisher.report.model import Report
from finisher.store import Store
from finisher.timecode import SAMPLE_RATE, Span

SIGN, AUDIT = "sign", "audit"
_PICTURE_SIDE = 360
"""Pixels along the longer side of a report's pictures."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A deliverable as it was left on the disk."""

    destination: Destination
    plan: Plan
    audit: FileAudit
    passed: bool
    signed_by: str
    remembered: bool
    """Whether this very delivery had been made and audited before."""
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class Desk:
    """What every deliverable of a run is made with."""

    edit: Edit
    settings: Settings
    store: Store
    workers: Executor
    signer: SignedBy


def deliver(desk: Desk, decided: Plan, destination: Destination, listen: Listener) -> Delivered:
    """Make one deliverable, or find it made.

    A file that fails its audit is left as `<name>.failed.<suffix>` beside its report, never under
    its final name.

    Raises:
        RenderError, MediaError, PolicyError, MachineError: as the stages do.
    """
    clock = Stopwatch(listen)
    work = mastering.work_of(desk.edit, decided, desk.store)
    promised = promises_of(desk.edit, decided, work, desk.store, clock)
    key = _key(desk, decided, work, promised)
    known = memory.recall(desk.store, key, destination.media.suffix)
    if known is not None:
        wrote = memory.put(known, destination, desk.store)
        listen(Finished(AUDIT, "known: put in place again" if wrote else "known: nothing changed"))
        return _delivered(desk, decided, destination, known.audit, remembered=True)
    master = mastering.render(desk.edit, decided, work, desk.store, desk.workers, clock)
    with workshop(destination) as name:
        folder = Path(name)
        joined = destination.temporary(folder, "joined")
        mastering.join(decided, master, labels(decided), joined, clock)
        finished = _sign(desk, decided, promised, joined, clock)
        found = _audit(desk, promised, finished, destination, clock)
        report = _report(decided, found, master, desk, clock, finished)
        placed = destination if found.passed else destination.failed
        finished.replace(placed.media)
    _write_reports(report, placed)
    if placed is destination:
        memory.remember(desk.store, key, placed, found)
    return _delivered(desk, decided, placed, found, remembered=False)


def _key(desk: Desk, decided: Plan, work: Work, promised: Promises) -> str:
    """Everything that decides what is delivered and how it is judged."""
    identity = desk.signer.identity
    return memory.key_of(
        [job.key for job in work.units],
        work.sound_key,
        promised,
        decided.preset,
        labels(decided),
        identity.signer.chain if identity is not None else None,
        desk.settings.anchor_text(),
        [__version__, c2pa.version(), ffmpeg.version()],
    )


def _sign(
    desk: Desk,
    decided: Plan,
    promised: Promises,
    joined: Path,
    listen: Listener,
) -> Path:
    """The signed copy of a joined file, or the file itself when nobody signs."""
    identity = desk.signer.identity
    if identity is None:
        return joined
    listen(Started(SIGN))
    request = manifest(decided, promised, __version__)
    destination = joined.with_stem("signed")
    pictures = Thumbnails(
        claim=_claim_picture(joined, decided.frames // 2), ingredients=_take_pictures(desk, decided)
    )
    signed(joined, destination, request, identity, Path(decided.edl_path).parent, pictures)
    listen(Finished(SIGN, f"{len(request.ingredients)} ingredients, by {identity.name}"))
    return destination


def _claim_picture(path: Path, frame: int) -> bytes | None:
    """The programme in one picture."""
    return stills(path, [frame], _PICTURE_SIDE).get(frame)


def _take_pictures(desk: Desk, decided: Plan) -> Mapping[str, bytes]:
    """One picture of each take, from its sketches."""
    pictures = {}
    for take in decided.takes:
        sketches = np.load(desk.edit.gathered.sketches[take.id], mmap_mode="r")
        pictures[f"take-{take.id}"] = jpeg(np.array(sketches[len(sketches) // 2]), _PICTURE_SIDE)
    return pictures


def _audit(
    desk: Desk, promised: Promises, path: Path, destination: Destination, listen: Listener
) -> FileAudit:
    """Audit the finished file as anyone would, with the takes at hand."""
    facts = desk.edit.gathered.facts
    sources = {take.id: Path(facts.takes[take.id].path) for take in desk.edit.timeline.takes}
    sources |= {layer.id: Path(facts.layers[layer.id].path) for layer in desk.edit.timeline.layers}
    used = {take.id for take in promised.takes}
    found = audit(
        path,
        anchors=(desk.settings.anchors,) if desk.settings.anchors is not None else (),
        takes={name: source for name, source in sources.items() if name in used},
        promises=promised if desk.signer.identity is None else None,
        listen=listen,
    )
    if desk.signer.identity is None:
        found = _unsigned(found)
    return replace(found, name=destination.media.name)


def _unsigned(found: FileAudit) -> FileAudit:
    """The audit where nobody was to sign: absent credentials are told, and held against nobody."""
    checks = tuple(
        replace(check, severity=Weight.ADVISORY) if check.id == UNSIGNED_CHECK else check
        for check in found.checks
    )
    return replace(found, checks=checks)


def _report(
    decided: Plan,
    found: FileAudit,
    master: Master,
    desk: Desk,
    clock: Stopwatch,
    finished: Path,
) -> Report:
    """The delivery's report."""
    return Report(
        plan=decided,
        audit=found,
        output=found.name,
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        pictures=_event_pictures(decided, finished),
        loudness=_loudness(master),
        ducking=_ducking(decided),
        stages=tuple(clock.times),
        cached_units=master.picture.remembered,
        matches=desk.edit.gathered.facts.matches,
        identity=desk.signer.words,
    )


def _event_pictures(decided: Plan, finished: Path) -> dict[str, tuple[bytes, ...]]:
    """First, middle and last frame of each event as delivered."""
    wanted = {
        event.id: (
            event.record.start,
            (event.record.start + event.record.end) // 2,
            event.record.end - 1,
        )
        for event in decided.events
    }
    frames = stills(
        finished, {frame for three in wanted.values() for frame in three}, _PICTURE_SIDE
    )
    return {
        name: tuple(frames[frame] for frame in three if frame in frames)
        for name, three in wanted.items()
    }


def _loudness(master: Master) -> tuple[tuple[int, float], ...]:
    """Momentary loudness with the sample its 400 ms window ends at, from 100 ms steps."""
    if master.sound is None:
        return ()
    step, window = SAMPLE_RATE // 10, SAMPLE_RATE * 4 // 10
    curve = master.sound.mastered.momentary
    return tuple((window + i * step, level) for i, level in enumerate(curve))


def _ducking(decided: Plan) -> tuple[Span, ...]:
    """Where sounds are lowered under others."""
    if decided.sound is None:
        return ()
    spans = {
        Span(curve[i][0], curve[i + 1][0])
        for track in decided.sound.tracks
        for curve in [track.curve]
        for i in range(len(curve) - 1)
        if curve[i][1] < 0 and curve[i + 1][1] == curve[i][1] and curve[i][0] < curve[i + 1][0]
    }
    return tuple(sorted(spans))


def _write_reports(report: Report, placed: Destination) -> None:
    """Both reports, each whole."""
    document = json.dumps(report_document(report), ensure_ascii=False, indent=2) + "\n"
    write_whole(placed.json, document)
    write_whole(placed.html, report_html(report))


def _delivered(
    desk: Desk, decided: Plan, placed: Destination, found: FileAudit, *, remembered: bool
) -> Delivered:
    return Delivered(
        placed,
        decided,
        found,
        found.passed,
        desk.signer.words,
        remembered,
        warnings(desk.edit, decided, desk.settings),
    )
