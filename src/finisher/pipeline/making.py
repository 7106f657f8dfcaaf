"""Making a deliverable: render, join, sign, audit, report, put in place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from finisher.audit.audit import UNSIGNED_CHECK, audit
from finisher.audit.stems import check_stems
from finisher.c2pa.sidecars import sidecar
from finisher.consent.finding import check as check_consent
from finisher.findings import FileAudit, Finding, Status, Weight
from finisher.media.stills import jpeg, stills
from finisher.pipeline import beside, consents
from finisher.pipeline import master as mastering
from finisher.pipeline.aiding import aids_of
from finisher.pipeline.desk import Desk
from finisher.pipeline.encoding import Circumstances, encoded, fits, reached
from finisher.pipeline.labels import labels
from finisher.pipeline.master import Master, Work
from finisher.pipeline.names import Destination, workshop, writing
from finisher.pipeline.platforms import judged, write_publication
from finisher.pipeline.pledges import sounded
from finisher.pipeline.reporting import report_of, write_reports
from finisher.pipeline.showing import PICTURE_SIDE, shown
from finisher.pipeline.signing import Sealing, sign
from finisher.pipeline.stages import Stopwatch
from finisher.pipeline.stems import lay
from finisher.plan.model import Plan
from finisher.presets.model import Preset
from finisher.problems import Problem
from finisher.progress import Finished, Listener, Started
from finisher.promises import Promises
from finisher.provenance.signing import Thumbnails

SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Assignment:
    """One deliverable to be made."""

    plan: Plan
    work: Work
    promises: Promises
    destination: Destination


@dataclass(frozen=True, slots=True)
class Made:
    """A deliverable where it was put, and what its audit says."""

    placed: Destination
    audit: FileAudit
    stems: Mapping[str, Path]
    """The store's own files of its stems, by name."""
    remarks: tuple[Problem, ...]
    """What there is to say of its sound and its signature."""


def make(desk: Desk, task: Assignment, clock: Stopwatch) -> Made:
    """Make a deliverable and put it in its place.

    A file that fails its audit is left as `<name>.failed.<suffix>` beside its report, never under
    its final name.

    Raises:
        RenderError, MediaError, PolicyError, MachineError: as the stages do.
    """
    decided, destination = task.plan, task.destination
    where = mastering.places(desk.edit, decided, task.work, desk.store)
    with ExitStack() as stack:

        @cache
        def folder() -> Path:
            # Opened once there is something to put in: a render that is killed leaves none behind.
            return Path(stack.enter_context(workshop(destination)))

        told: list[Problem] = []

        def build(work: Work) -> tuple[Master, Path]:
            made = _built(desk, replace(task, work=work), folder, clock)
            told[:] = made.remarks
            return made.master, made.finished

        at = Circumstances(decided, where, desk.store, desk.workers, clock)
        master, finished, encoding = encoded(at, task.work, build)
        promised = sounded(task.promises, decided, master, desk.store)
        task = replace(task, promises=promised)
        found = _audit(desk, task, finished, clock)
        if encoding is not None:
            found = replace(found, checks=(*found.checks, *reached(encoding)))
        facts = desk.edit.gathered.facts
        stems = master.sound.stems if master.sound is not None else {}
        if stems and decided.preset.audio is not None:
            found = replace(found, checks=(*found.checks, check_stems(stems, decided.preset.audio)))
        found = judged(found, desk.rules)
        report = report_of(decided, found, master, facts, desk.signer, clock)
        apart = destination.sidecar.name if destination.sidecarred else ""
        report = replace(report, encoding=encoding, told=tuple(told), sidecar=apart)
        report = shown(report, finished, desk.edit.gathered)
        placed = destination if found.passed else destination.failed
        # All are whole on that disk before the first is put in place, the film last: one that lies
        # there without its reports and stems is none.
        staged = Destination(folder() / placed.media.name)
        write_reports(report, staged)
        lay(stems, placed)
        pairs = [(staged.json, placed.json), (staged.html, placed.html)]
        if found.passed:
            write_publication(found, decided.preset.name, desk.rules, staged)
            pairs.append((staged.publish, placed.publish))
        if placed.sidecarred:
            pairs.append((sidecar(finished), placed.sidecar))
        if beside.outdated(placed):
            beside.drop(placed)
        for made, path in (*pairs, (finished, placed.media)):
            with writing(path):
                made.replace(path)
    return Made(placed, found, stems, report.remarks)


@dataclass(frozen=True, slots=True)
class _Built:
    """A deliverable in its folder, its credentials in it or beside it."""

    master: Master
    finished: Path
    remarks: tuple[Problem, ...] = ()
    """What there is to say of its signature."""


def _built(desk: Desk, task: Assignment, folder: Callable[[], Path], clock: Stopwatch) -> _Built:
    """Render, join and sign, in a folder; the file is not audited yet."""
    decided, destination = task.plan, task.destination
    master = mastering.render(desk.edit, decided, task.work, desk.store, desk.workers, clock)
    finished = destination.temporary(folder(), "joined")
    with writing(destination.media):
        mastering.join(decided, master, labels(decided), finished, clock)
        if desk.signer.identity is None:
            return _Built(master, finished)
        promised = sounded(task.promises, decided, master, desk.store)
        signed, remarks = _sign(desk, replace(task, promises=promised), finished, clock)
    return _Built(master, signed, remarks)


def _sign(
    desk: Desk, task: Assignment, joined: Path, listen: Listener
) -> tuple[Path, tuple[Problem, ...]]:
    """The signed copy of a joined file, and what there is to say of its signature."""
    identity, decided = desk.signer.identity, task.plan
    if identity is None:
        return joined, ()
    listen(Started(SIGN))
    signed = joined.with_stem("signed")
    pictures = Thumbnails(
        claim=stills(joined, [decided.frames // 2], PICTURE_SIDE).get(decided.frames // 2),
        ingredients=_take_pictures(desk, decided),
    )
    sealing = Sealing(identity, desk.settings, task.destination, pictures)
    sealed = sign(decided, task.promises, (joined, signed), sealing)
    listen(Finished(SIGN, f"{sealed.ingredients} ingredients, by {identity.name}"))
    return signed, sealed.remarks


def _take_pictures(desk: Desk, decided: Plan) -> Mapping[str, bytes]:
    """One picture of each take, from its sketches."""
    pictures = {}
    for take in decided.takes:
        sketches = np.load(desk.edit.gathered.sketches[take.id], mmap_mode="r")
        middle = np.array(sketches[len(sketches) // 2, ..., :3])
        pictures[f"take-{take.id}"] = jpeg(middle, PICTURE_SIDE)
    return pictures


def _audit(desk: Desk, task: Assignment, path: Path, listen: Listener) -> FileAudit:
    """Audit the finished file as anyone would, with the takes at hand."""
    promised, destination = task.promises, task.destination
    facts = desk.edit.gathered.facts
    sources = {take.id: Path(facts.takes[take.id].path) for take in desk.edit.timeline.takes}
    sources |= {layer.id: Path(facts.layers[layer.id].path) for layer in desk.edit.timeline.layers}
    used = {take.id for take in promised.takes}
    found = audit(
        path,
        anchors=desk.settings.anchor_text(),
        takes={name: source for name, source in sources.items() if name in used},
        promises=promised if desk.signer.identity is None else None,
        aids=aids_of(desk.edit, (task.plan, task.work), promised, desk.settings, path),
        listen=listen,
    )
    if desk.signer.identity is None:
        found = _unsigned(found)
    # Renders take hours: who revoked in the meantime is not shown.
    now = consents.find(desk.edit.timeline, consents.today(), desk.settings.data)
    people = check_consent(promised, now.log, now.on)
    checks = (*found.checks, *people, *_size(task.plan.preset, found.bytes))
    return replace(found, name=destination.media.name, checks=checks)


def _size(preset: Preset, size: int) -> tuple[Finding, ...]:
    """Whether a file is no larger than its preset asks for, or than the platform takes."""
    asked, most = preset.video.file_bytes, preset.limits.max_bytes
    if asked is not None:
        return (fits(asked, size),)
    if most is None:
        return ()
    weight = Weight.REQUIRED if preset.limits.refuse else Weight.ADVISORY
    detail = f"{size / 1e6:.1f} MB of at most {most / 1e6:g} MB"
    status = Status.PASSED
    if size > most:
        status = Status.FAILED if preset.limits.refuse else Status.WARNED
    return (Finding("limit-size", status, detail, weight, promised=most, measured=size),)


def _unsigned(found: FileAudit) -> FileAudit:
    """The audit where nobody was to sign: absent credentials are told, and held against nobody."""
    checks = tuple(
        replace(check, severity=Weight.ADVISORY) if check.id == UNSIGNED_CHECK else check
        for check in found.checks
    )
    return replace(found, checks=checks)
