"""One deliverable from plan to proven file: render, join, sign, audit, report, put in place."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass, replace
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
from finisher.pipeline.master import Work
from finisher.pipeline.names import Destination, workshop
from finisher.pipeline.pledges import promises_of
from finisher.pipeline.reporting import PICTURE_SIDE, event_pictures, report_of, write_reports
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import SignedBy, sign
from finisher.pipeline.stages import Stopwatch
from finisher.plan.model import Plan
from finisher.problems import Problem
from finisher.progress import Finished, Listener, Started
from finisher.promises import Promises
from finisher.provenance.signing import Thumbnails
from finisher.store import Store

SIGN, AUDIT = "sign", "audit"


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
    key = memory.key_of(destination.media.name, _parts(desk, decided, work, promised))
    known = memory.recall(desk.store, key, destination.media.suffix)
    if known is not None:
        wrote = memory.put(known, destination, desk.store)
        listen(Finished(AUDIT, "known: put in place again" if wrote else "known: nothing changed"))
        return _delivered(desk, decided, destination, known.audit, remembered=True)
    master = mastering.render(desk.edit, decided, work, desk.store, desk.workers, clock)
    with workshop(destination) as folder:
        finished = destination.temporary(Path(folder), "joined")
        mastering.join(decided, master, labels(decided), finished, clock)
        if desk.signer.identity is not None:
            finished = _sign(desk, decided, promised, finished, clock)
        found = _audit(desk, promised, finished, destination, clock)
        facts = desk.edit.gathered.facts
        report = report_of(decided, found, master, facts, desk.signer, clock)
        report = replace(report, pictures=event_pictures(decided, finished))
        placed = destination if found.passed else destination.failed
        finished.replace(placed.media)
    write_reports(report, placed)
    if placed is destination:
        memory.remember(desk.store, key, placed, found)
        destination.failed.remove()
    return _delivered(desk, decided, placed, found, remembered=False)


def _parts(desk: Desk, decided: Plan, work: Work, promised: Promises) -> list[object]:
    """Everything that decides what is delivered and how it is judged."""
    identity = desk.signer.identity
    return [
        [job.key for job in work.units],
        work.sound_key,
        promised,
        decided.preset,
        labels(decided),
        identity.signer.chain if identity is not None else None,
        desk.settings.anchor_text(),
        [__version__, c2pa.version(), ffmpeg.version()],
    ]


def _sign(desk: Desk, decided: Plan, promised: Promises, joined: Path, listen: Listener) -> Path:
    """The signed copy of a joined file."""
    identity = desk.signer.identity
    if identity is None:
        return joined
    listen(Started(SIGN))
    signed = joined.with_stem("signed")
    pictures = Thumbnails(
        claim=stills(joined, [decided.frames // 2], PICTURE_SIDE).get(decided.frames // 2),
        ingredients=_take_pictures(desk, decided),
    )
    count = sign(decided, promised, (joined, signed), identity, desk.settings, pictures)
    listen(Finished(SIGN, f"{count} ingredients, by {identity.name}"))
    return signed


def _take_pictures(desk: Desk, decided: Plan) -> Mapping[str, bytes]:
    """One picture of each take, from its sketches."""
    pictures = {}
    for take in decided.takes:
        sketches = np.load(desk.edit.gathered.sketches[take.id], mmap_mode="r")
        middle = np.array(sketches[len(sketches) // 2])
        pictures[f"take-{take.id}"] = jpeg(middle, PICTURE_SIDE)
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
