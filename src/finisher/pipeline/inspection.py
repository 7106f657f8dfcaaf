"""Looking without delivering: plans, checks, probes and audits of files."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from finisher.audit.audit import audit, required
from finisher.canonical import Json
from finisher.edl.read import read
from finisher.facts import TakeFacts
from finisher.findings import FileAudit
from finisher.ingest import take as takes
from finisher.ingest.contents import sha256_of
from finisher.ingest.take import TakeJob, credentials_of
from finisher.pipeline.edit import blocked, decide, fatal, open_edit, warnings
from finisher.pipeline.master import work_of
from finisher.pipeline.settings import Settings
from finisher.plan.assemble import plan
from finisher.plan.document import plan_document
from finisher.plan.model import Plan
from finisher.problems import Exit, FinisherError, Problem, Severity
from finisher.progress import Listener
from finisher.promises import PromisedTake
from finisher.render.unit import KIND, SUFFIX
from finisher.store import Store
from finisher.timeline import Event, Layer, Take

_REQUIREMENTS = {
    "trusted": "trust-signer",
    "complete": "ingredients-complete",
    "watermark": "watermarks",
}
"""Words for `--require` and the checks they stand for; ids of checks stand for themselves."""


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
        jobs = work_of(edit, decided, store).units
        cached = frozenset(
            unit.start
            for unit, job in zip(decided.units, jobs, strict=True)
            if store.get(KIND, job.key, SUFFIX) is not None
        )
        more = warnings(edit, decided, settings)
        document = plan_document(decided, cached, more[len(decided.warnings) :])
        planned.append(Planned(decided, document, cached, more))
    return planned


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
    """
    del listen  # a few files; nothing worth a bar
    store = Store(settings.cache)
    anchors = settings.anchor_text()
    measured = []
    for path in files:
        job = TakeJob(str(path.resolve()), sha256_of(path, store), (), anchors)
        known = takes.measured(job, store)
        measured.append(known or workers.submit(takes.measure, job, store.root).result())
    return measured


def audits(
    files: Sequence[Path],
    edl: Path | None,
    require: str,
    settings: Settings,
    listen: Listener,
) -> list[FileAudit]:
    """An audit of each file; with an EDL its takes are read afresh and must all be there.

    Raises:
        DocumentError, MediaError: when the EDL or a file can't be opened.
    """
    expected, sources = _known_from(edl, settings) if edl is not None else ((), {})
    wanted = {_REQUIREMENTS.get(word, word) for word in require.split(",") if word}
    anchors = (settings.anchors,) if settings.anchors is not None else ()
    settings.anchor_text()
    return [
        required(
            audit(path, anchors=anchors, takes=sources, expected=expected, listen=listen), wanted
        )
        for path in files
    ]


def _known_from(edl: Path, settings: Settings) -> tuple[tuple[PromisedTake, ...], dict[str, Path]]:
    """What an EDL says went in: its used takes and its layers."""
    timeline = read(edl, settings.roots)
    store = Store(settings.cache)
    events = [item.take for item in timeline.items if isinstance(item, Event)]
    used: list[Take | Layer] = [take for take in timeline.takes if take.id in events]
    used += timeline.layers
    expected, sources = [], {}
    for item in used:
        path = Path(item.path)
        sha256 = sha256_of(path, store)
        credentials = credentials_of(path, sha256, settings.anchor_text(), store)
        uses = events.count(item.id) if isinstance(item, Take) else 1
        expected.append(PromisedTake(item.id, path.name, sha256, credentials.manifest, uses))
        sources[item.id] = path
    return tuple(expected), sources
