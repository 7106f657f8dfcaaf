"""Everything an edit refers to, measured before planning: takes, layers, looks, matches."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from concurrent.futures import Executor, Future, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from finisher.facts import Facts, FileFacts, TakeFacts
from finisher.ingest import layer as layers
from finisher.ingest import looks, sessions
from finisher.ingest import take as takes
from finisher.ingest.contents import sha256_of
from finisher.ingest.layer import LayerJob
from finisher.ingest.take import MarkToFind, TakeJob
from finisher.problems import DocumentError, MediaError, Problem, Where
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.store import Store
from finisher.timeline import Layer, Mark, Role, Take, Timeline

STAGE = "probe"

Job = TypeVar("Job", TakeJob, LayerJob)
Measured = TypeVar("Measured", TakeFacts, FileFacts)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts, and where the larger measurements lie."""

    facts: Facts
    sounds: dict[str, Path]
    """Conformed sound by `take:<id>` or `layer:<id>`."""
    sketches: dict[str, Path]
    """Sketches of each take's pictures."""
    templates: dict[str, bytes]
    """PNG of each mark that has one."""
    remembered: int
    """How many takes and layers had been measured before."""


def gather(
    timeline: Timeline, store: Store, workers: Executor, anchors: str | None, listen: Listener
) -> Gathered:
    """Measure what was not measured before, in parallel.

    Raises:
        MediaError: with every file that is missing or can't be read.
        DocumentError: for looks and mark templates that are missing or can't be read.
    """
    found_looks = looks.find(timeline)
    templates = _templates(timeline)
    take_jobs, layer_jobs = _jobs(timeline, store, templates, anchors)
    listen(Started(STAGE, len(take_jobs) + len(layer_jobs), "files"))
    problems: list[Problem] = []
    run = _Run(store, workers, listen, problems)
    take_facts = run.all(take_jobs, takes.measured, takes.measure)
    layer_facts = run.all(layer_jobs, layers.measured, layers.measure)
    if problems:
        raise MediaError(problems)
    samples = {
        name: _load(store.path("samples", job.content_key, ".npy"))
        for name, job in take_jobs.items()
    }
    matches = sessions.matches(timeline, take_facts, samples, store)
    fresh = len(take_jobs) + len(layer_jobs) - run.remembered
    listen(Finished(STAGE, f"{fresh} measured, {run.remembered} known"))
    return Gathered(
        Facts(take_facts, layer_facts, matches, found_looks),
        _sounds(store, take_jobs, take_facts, layer_jobs),
        {n: store.path("sketches", job.content_key, ".npy") for n, job in take_jobs.items()},
        templates,
        run.remembered,
    )


@dataclass(slots=True)
class _Run:
    """Measuring many files: known ones are looked up, the others go to the workers."""

    store: Store
    workers: Executor
    listen: Listener
    problems: list[Problem]
    remembered: int = 0

    def all(
        self,
        jobs: dict[str, Job],
        recall: Callable[[Job, Store], Measured | None],
        measure: Callable[[Job, Path], Measured],
    ) -> dict[str, Measured]:
        """Facts by name; what can't be measured joins the problems."""
        found: dict[str, Measured] = {}
        pending: dict[Future[Measured], str] = {}
        for name, job in jobs.items():
            known = recall(job, self.store)
            if known is None:
                pending[self.workers.submit(measure, job, self.store.root)] = name
            else:
                found[name] = known
                self.remembered += 1
                self.listen(Advanced(STAGE))
        for future in as_completed(pending):
            try:
                found[pending[future]] = future.result()
            except MediaError as error:
                self.problems += error.problems
            self.listen(Advanced(STAGE))
        return {name: found[name] for name in jobs if name in found}


def _jobs(
    timeline: Timeline, store: Store, templates: dict[str, bytes], anchors: str | None
) -> tuple[dict[str, TakeJob], dict[str, LayerJob]]:
    """What to measure; files that are not there are reported together.

    Raises:
        MediaError: when files are missing.
    """
    hashes: dict[str, str] = {}
    problems: list[Problem] = []
    items: list[Take | Layer] = [*timeline.takes, *timeline.layers]
    for item in items:
        try:
            hashes[item.path] = sha256_of(Path(item.path), store)
        except MediaError as error:
            problems += [_placed(problem, item) for problem in error.problems]
    if problems:
        raise MediaError(problems)
    take_jobs = {
        take.id: TakeJob(
            take.path,
            hashes[take.path],
            tuple(_to_find(timeline.mark(mark), templates) for mark in take.marks),
            anchors,
        )
        for take in timeline.takes
    }
    layer_jobs = {
        layer.id: LayerJob(layer.path, hashes[layer.path], _speaks(layer), anchors)
        for layer in timeline.layers
    }
    return take_jobs, layer_jobs


def _speaks(layer: Layer) -> bool:
    return layer.role in (Role.DIALOGUE, Role.NARRATION)


def _placed(problem: Problem, item: Take | Layer) -> Problem:
    """A media problem at the place in the EDL that names the file."""
    if item.where is None:
        return problem
    return Problem(problem.code, f"{item.path}: {problem.message}", item.where, problem.hint)


def _to_find(mark: Mark, templates: dict[str, bytes]) -> MarkToFind:
    png = templates.get(mark.id)
    sha256 = hashlib.sha256(png).hexdigest() if png is not None else None
    return MarkToFind(mark.id, mark.box, mark.template, sha256)


def _templates(timeline: Timeline) -> dict[str, bytes]:
    """The PNG of every mark that names one.

    Raises:
        DocumentError: for templates that can't be read.
    """
    found: dict[str, bytes] = {}
    problems = []
    for mark in timeline.marks:
        if mark.template is None:
            continue
        try:
            found[mark.id] = Path(mark.template).read_bytes()
        except OSError as error:
            problems.append(
                Problem(
                    "template-missing",
                    f"mark {mark.id!r}: {mark.template}: {error.strerror}",
                    mark.where or Where(timeline.path),
                )
            )
    if problems:
        raise DocumentError(problems)
    return found


def _load(path: Path) -> NDArray[np.uint8]:
    loaded: NDArray[np.uint8] = np.load(path)
    return loaded


def _sounds(
    store: Store,
    take_jobs: dict[str, TakeJob],
    facts: dict[str, TakeFacts],
    layer_jobs: dict[str, LayerJob],
) -> dict[str, Path]:
    """Where each conformed sound lies."""
    of_takes = {
        f"take:{name}": store.path("sounds", job.content_key, ".f32")
        for name, job in take_jobs.items()
        if facts[name].sound is not None
    }
    of_layers = {
        f"layer:{name}": store.path("sounds", job.content_key, ".f32")
        for name, job in layer_jobs.items()
    }
    return of_takes | of_layers
