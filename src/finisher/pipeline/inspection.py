"""Looking without delivering: plans, checks, probes and audits of files."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, Executor
from dataclasses import dataclass
from pathlib import Path

from finisher.canonical import Json
from finisher.contents import sha256_of
from finisher.facts import TakeFacts
from finisher.ingest import take as takes
from finisher.ingest.take import TakeJob
from finisher.pipeline.edit import blocked, decide, fatal, open_edit, warnings
from finisher.pipeline.encoding import foreseen
from finisher.pipeline.master import work_of
from finisher.pipeline.settings import Settings
from finisher.plan.assemble import plan
from finisher.plan.document import plan_document
from finisher.plan.model import Plan
from finisher.problems import WORKER_LOST, Exit, FinisherError, MachineError, Problem, Severity
from finisher.progress import Listener
from finisher.render.unit import KIND, SUFFIX
from finisher.sound.stems import stem_names
from finisher.store import Store


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan, its document, and which of its units need no work."""

    plan: Plan
    document: dict[str, Json]
    cached: frozenset[int]
    warnings: tuple[Problem, ...]


def plans(
    path: Path, names: Sequence[str], settings: Settings, workers: Executor, listen: Listener
) -> list[Planned]:
    """The plan of each deliverable.

    Raises:
        DocumentError, MediaError, PolicyError: as a render would before its first frame.
    """
    edit = open_edit(path, names, settings, workers, listen)
    store = Store(settings.cache)
    planned = []
    for preset in edit.presets:
        decided = decide(edit, preset, settings)
        jobs = foreseen(work_of(edit, decided, store).units, store)
        cached = frozenset(
            unit.start
            for unit, job in zip(decided.units, jobs, strict=True)
            if store.get(KIND, job.key, SUFFIX) is not None
        )
        more = warnings(edit, decided, settings)
        document = plan_document(decided, cached, more[len(decided.warnings) :])
        document["stems"] = list(_stems(decided))
        planned.append(Planned(decided, document, cached, more))
    return planned


def _stems(decided: Plan) -> tuple[str, ...]:
    """Names of the stems that would lie beside the file, the mix last."""
    audio = decided.preset.audio
    if decided.sound is None or audio is None or audio.stems is None:
        return ()
    return stem_names(decided.sound)


def examine(
    path: Path, names: Sequence[str], settings: Settings, workers: Executor, listen: Listener
) -> tuple[tuple[Problem, ...], Exit]:
    """Everything that can be known of an edit without rendering it, and the code it would exit by.

    Problems of a stage end the stages behind it, as they would a render.
    """
    try:
        edit = open_edit(path, names, settings, workers, listen)
    except FinisherError as error:
        return tuple(error.problems), error.exit
    found: list[Problem] = []
    codes = [Exit.OK]
    for preset in edit.presets:
        try:
            decided = plan(edit.timeline, preset, edit.gathered.facts)
        except FinisherError as error:
            found += error.problems
            codes.append(error.exit)
            continue
        blocks = blocked(edit, decided, settings)
        repairs = fatal(decided.repairs) if settings.strict else decided.repairs
        found += [*blocks, *warnings(edit, decided, settings), *repairs]
        if settings.strict and repairs:
            codes.append(Exit.MEDIA)
        if blocks:
            codes.append(Exit.POLICY)
    order = list(Severity)
    problems = sorted(dict.fromkeys(found), key=lambda p: order.index(p.severity))
    return tuple(problems), next((code for code in codes if code), Exit.OK)


def probe(
    files: Sequence[Path], settings: Settings, workers: Executor, listen: Listener
) -> list[TakeFacts]:
    """What is measured of takes.

    Raises:
        MediaError: for the first file that can't be read.
        MachineError: when a worker was killed at its work.
    """
    del listen  # a few files; nothing worth a bar
    store = Store(settings.cache)
    anchors = settings.anchor_text()
    measured = []
    for path in files:
        job = TakeJob(str(path.resolve()), sha256_of(path, store), (), anchors)
        known = takes.measured(job, store)
        try:
            measured.append(known or workers.submit(takes.measure, job, store.root).result())
        except BrokenExecutor as error:
            raise MachineError(WORKER_LOST) from error
    return measured
