"""One deliverable: found made, or made and remembered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from finisher import __version__
from finisher.c2pa import sdk
from finisher.ffmpeg import program
from finisher.findings import FileAudit, MarkFinding
from finisher.ingest.hidden import contents, to_find
from finisher.pipeline import beside, effects, memory
from finisher.pipeline.desk import Desk
from finisher.pipeline.edit import warnings
from finisher.pipeline.labels import labels
from finisher.pipeline.master import Work
from finisher.pipeline.names import Destination
from finisher.pipeline.pledges import promises_of
from finisher.pipeline.runs import Made
from finisher.pipeline.signing import UNSTAMPED
from finisher.pipeline.stages import Stopwatch
from finisher.plan.model import Plan
from finisher.problems import Problem
from finisher.progress import Finished, Listener
from finisher.promises import PromisedHidden, Promises
from finisher.provenance.manifest import manifest
from finisher.report.delivery import Delivery
from finisher.sound.stems import stem_names
from finisher.watermark.rules import MarkVerdict

AUDIT = "audit"


def deliver(
    desk: Desk, decided: Plan, work: Work, destination: Destination, listen: Listener
) -> Made:
    """Find a deliverable made before, or make it.

    Raises:
        RenderError, MediaError, PolicyError, MachineError: as `finisher.pipeline.making.make`.
    """
    clock = Stopwatch(listen)
    effects.lay(desk.edit, decided, work, desk.store, desk.workers, clock)
    promised = promises_of(desk.edit, decided, work, desk.store, clock)
    key = memory.key_of(destination.media.name, _parts(desk, decided, work, promised))
    known = memory.recall(desk.store, key, destination.media.suffix)
    outdated = beside.outdated(destination)
    wrote = memory.put(known, destination) if known is not None else None
    if known is not None and wrote is not None:
        if outdated:
            beside.drop(destination)
        destination.failed.remove()
        listen(Finished(AUDIT, "known: put in place again" if wrote else "known: nothing changed"))
        told = _delivery(desk, decided, destination, known.audit, known.remarks)
        return Made(key, replace(told, known=True))
    # A run that finds everything made must not wait for what would make it.
    from finisher.pipeline.making import Assignment, make  # noqa: PLC0415

    made = make(desk, Assignment(decided, work, promised, destination), clock)
    if made.audit.passed:
        # One without the time-stamp that was asked for, or with a mark whose detector failed, is
        # made anew by the next run.
        stamped = all(remark.code != UNSTAMPED for remark in made.remarks)
        if stamped and not unread(promised.hidden, made.audit.watermarks):
            memory.remember(desk.store, key, made.placed, made.audit, made.stems, made.remarks)
        destination.failed.remove()
    return Made(key, _delivery(desk, decided, made.placed, made.audit, made.remarks))


def _parts(desk: Desk, decided: Plan, work: Work, promised: Promises) -> list[object]:
    """Everything that decides what is delivered and how it is judged."""
    return [
        [job.key for job in work.units],
        work.sound_key,
        promised,
        decided.preset,
        labels(decided),
        # Fingerprints are among the promises, and packing them takes its time.
        manifest(decided, replace(promised, fingerprints=b""), __version__).manifest,
        desk.signer.key,
        [
            desk.settings.signing.address,
            desk.settings.signing.time_stamp,
            desk.settings.signing.beside,
        ],
        desk.settings.anchor_text(),
        desk.rules.parts,
        _asked(desk, promised),
        [__version__, sdk.version(), program.version()],
    ]


def _asked(desk: Desk, promised: Promises) -> list[object]:
    """What decides what detectors find in it; nothing where none is asked."""
    if not promised.hidden:
        return []
    names = {mark.mark for mark in promised.hidden}
    upload = desk.settings.allow_upload
    asked = [
        to_find(mark, desk.store, upload=upload).parts
        for mark in desk.edit.timeline.hidden
        if mark.id in names
    ]
    given = ((f"weights of {name}", path) for name, path in desk.settings.weights)
    return [asked, contents(given, desk.store)]


def unread(promised: Sequence[PromisedHidden], found: Sequence[MarkFinding]) -> bool:
    """Whether a hidden mark that a take carries could not be looked for in the file."""
    there = {(mark.event, mark.mark) for mark in promised if mark.found and mark.spans}
    return any(
        (mark.event, mark.mark) in there and mark.p is None
        for mark in found
        if mark.verdict == MarkVerdict.NOT_CHECKABLE and mark.detector is not None
    )


def _delivery(
    desk: Desk,
    decided: Plan,
    placed: Destination,
    found: FileAudit,
    remarks: tuple[Problem, ...],
) -> Delivery:
    """What the run tells of it; `remarks` are on its sound."""
    return Delivery(
        str(placed.media),
        found.bytes,
        str(placed.json),
        str(placed.html),
        decided.preset.name,
        decided.raster,
        decided.rate,
        decided.frames,
        found,
        desk.signer.words,
        repairs=decided.repairs,
        warnings=(*warnings(desk.edit, decided, desk.settings), *remarks),
        stems=_stems(decided, placed),
        sidecar=str(placed.sidecar) if placed.sidecarred else None,
        publish=str(placed.publish) if found.passed else None,
    )


def _stems(decided: Plan, placed: Destination) -> tuple[str, ...]:
    """Where the deliverable's stems lie."""
    if not placed.stemmed or decided.sound is None:
        return ()
    return tuple(str(placed.stems / f"{name}.wav") for name in stem_names(decided.sound))
