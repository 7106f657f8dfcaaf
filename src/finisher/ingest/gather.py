"""Everything an edit refers to, measured before planning: takes, layers, looks, matches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

from finisher.contents import sha256_of
from finisher.crew import as_done
from finisher.facts import Facts, FileFacts, MatchFacts, PictureFacts, TakeFacts
from finisher.ingest import hearing, looks, loops, motions, sampled, sessions
from finisher.ingest import layer as layers
from finisher.ingest import take as takes
from finisher.ingest.hidden import HiddenToFind, to_find
from finisher.ingest.layer import LayerJob
from finisher.ingest.marks import MarkToFind
from finisher.ingest.stretch import stretches
from finisher.ingest.take import TakeJob
from finisher.ingest.templates import TemplateFile, calibrations, check_sizes, templates
from finisher.plan.settle import settled
from finisher.problems import MediaError, Problem
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.store import Store
from finisher.timeline import Layer, Role, Take, Timeline

STAGE = "probe"

Problems = dict[str, Sequence[Problem]]
"""What is wrong with files: the missing by path, those that can't be measured by take or layer."""
Job = TypeVar("Job", TakeJob, LayerJob)
Measured = TypeVar("Measured", TakeFacts, FileFacts, PictureFacts)


@dataclass(frozen=True, slots=True)
class Gathered:
    """Facts, and where the larger measurements lie."""

    timeline: Timeline
    """The edit with its loops settled."""
    facts: Facts
    sounds: dict[str, Path]
    """Conformed sound by `take:<id>` or `layer:<id>`."""
    sketches: dict[str, Path]
    """Sketches of each take's pictures."""
    samples: dict[str, Path]
    """A few of each take's pictures, larger: what sessions are matched by."""
    templates: dict[str, bytes]
    """PNG of each mark that has one."""
    remembered: int
    """How many takes and layers had been measured before."""
    surroundings: dict[tuple[str, str], str] = field(default_factory=dict)
    """Key of what was kept of the surroundings of each take's marks, by take and mark."""
    calibrations: dict[str, str] = field(default_factory=dict)
    """What false positives were measured of a mark, in words, by its name."""


def gather(
    timeline: Timeline,
    store: Store,
    workers: Executor,
    anchors: str | None,
    listen: Listener,
    *,
    upload: bool = False,
) -> Gathered:
    """Measure what was not measured before, in parallel.

    `upload` allows detectors of hidden marks to send what they look at to their services.

    Raises:
        MediaError: with every file that is missing or can't be read, in the edit's order.
        DocumentError: for looks, mark templates and calibrations that are missing or can't be read,
            and loops that can't be settled.
        MachineError: when a worker is killed, or the store can't be written.
    """
    found_looks = looks.find(timeline, store)
    files = templates(timeline)
    calibrated = calibrations(timeline, files)
    hashes, missing = _hashes(timeline, store)
    hidden = _hidden(timeline, hashes, store, upload=upload)
    take_jobs, layer_jobs = _jobs(timeline, hashes, _marks(timeline, files), hidden, anchors)
    run = _Run(store, workers, listen)
    take_facts, layer_facts = run.files(timeline, take_jobs, layer_jobs, missing)
    check_sizes(timeline, files, take_facts)
    samples = {n: store.path("samples", j.content_key, ".npy") for n, j in take_jobs.items()}
    matches = sessions.matches(timeline, take_facts, samples, store)
    sketches = {n: store.path("sketches", j.content_key, ".npy") for n, j in take_jobs.items()}
    found_loops = loops.loops(timeline, take_facts, sketches, store)
    whole = settled(timeline, found_loops)
    followed = motions.motions(whole, take_facts, sketches, store)
    sounds = _sounds(store, take_jobs, take_facts, layer_jobs)
    facts = Facts(
        take_facts,
        layer_facts,
        matches,
        found_looks,
        found_loops,
        followed,
        hearing.tones(whole, take_facts, sounds, store),
        hearing.tempos(whole, layer_facts, sounds, store),
        hearing.alignments(whole, take_facts, layer_facts, sounds, store),
    )
    sounds |= stretches(whole, facts, sounds, store)
    listen(Finished(STAGE, f"{run.fresh} measured, {run.remembered} known"))
    return Gathered(
        whole,
        facts,
        sounds,
        sketches,
        samples,
        {name: file.png for name, file in files.items()},
        run.remembered,
        _surroundings(take_jobs),
        calibrated,
    )


def sessions_of(
    timeline: Timeline, names: Sequence[str], store: Store, workers: Executor, listen: Listener
) -> tuple[tuple[MatchFacts, ...], dict[str, Path]]:
    """The matches of some sessions, and where the pictures they rest on lie, by take.

    No more is looked at than that takes: a few pictures of the takes that decide them.

    Raises:
        MediaError, DocumentError, MachineError: as `gather`, of these takes alone.
    """
    needed = set(names)
    for _ in timeline.sessions:  # what a reference is matched to decides too
        needed |= {s.match for s in timeline.sessions if s.id in needed and s.match is not None}
    asked = tuple(session for session in timeline.sessions if session.id in needed)
    deciding = {
        take.id
        for session in asked
        if session.match is not None
        for take in sessions.compared(timeline, session)
    }
    wanted = tuple(
        replace(take, marks=(), hidden=()) for take in timeline.takes if take.id in deciding
    )
    others = (replace(s, match=None, patches=()) for s in timeline.sessions if s.id not in needed)
    looked_at = replace(timeline, takes=wanted, layers=())
    hashes, missing = _hashes(looked_at, store)
    jobs, _ = _jobs(looked_at, hashes, {}, {}, None)
    listen(Started(STAGE, len(jobs), "files"))
    run = _Run(store, workers, listen)
    facts, bad = run.all(jobs, sampled.recalled, sampled.sample)
    problems = list(_placed(wanted, missing, bad))
    if problems:
        raise MediaError(problems)
    samples = {n: store.path("samples", job.content_key, ".npy") for n, job in jobs.items()}
    part = replace(timeline, sessions=(*asked, *others))
    found = sessions.matches(part, facts, samples, store)
    listen(Finished(STAGE, f"{run.fresh} looked at, {run.remembered} known"))
    return tuple(found[name] for name in names), samples


@dataclass(slots=True)
class _Run:
    """Measuring many files: known ones are looked up, the others go to the workers."""

    store: Store
    workers: Executor
    listen: Listener
    remembered: int = 0
    fresh: int = 0
    """How many were handed to the workers."""

    def files(
        self,
        timeline: Timeline,
        take_jobs: dict[str, TakeJob],
        layer_jobs: dict[str, LayerJob],
        missing: Problems,
    ) -> tuple[dict[str, TakeFacts], dict[str, FileFacts]]:
        """Facts of every take and every layer.

        Raises:
            MediaError: with every file that is missing or can't be read, in the edit's order.
            MachineError: when a worker is killed.
        """
        self.listen(Started(STAGE, len(take_jobs) + len(layer_jobs), "files"))
        take_facts, bad_takes = self.all(take_jobs, takes.measured, takes.measure)
        layer_facts, bad_layers = self.all(layer_jobs, layers.measured, layers.measure)
        problems = [
            *_placed(timeline.takes, missing, bad_takes),
            *_placed(timeline.layers, missing, bad_layers),
        ]
        if problems:
            raise MediaError(problems)
        return take_facts, layer_facts

    def all(
        self,
        jobs: dict[str, Job],
        recall: Callable[[Job, Store], Measured | None],
        measure: Callable[[Job, Path], Measured],
    ) -> tuple[dict[str, Measured], Problems]:
        """Facts by name, and the problems of what can't be measured.

        Raises:
            MachineError: when a worker is killed.
        """
        found: dict[str, Measured] = {}
        problems: Problems = {}
        left: list[tuple[str, tuple[object, ...]]] = []
        for name, job in jobs.items():
            known = recall(job, self.store)
            if known is None:
                left.append((name, (job, self.store.root)))
            else:
                found[name] = known
                self.remembered += 1
                self.listen(Advanced(STAGE))
        self.fresh += len(left)
        for name, future in as_done(self.workers, measure, left):
            try:
                found[name] = future.result()
            except MediaError as error:
                problems[name] = error.problems
            self.listen(Advanced(STAGE))
        return {name: found[name] for name in jobs if name in found}, problems


def _hashes(timeline: Timeline, store: Store) -> tuple[dict[str, str], Problems]:
    """The content of every file by its path, and the problems of those that are not there."""
    hashes: dict[str, str] = {}
    problems: Problems = {}
    items: list[Take | Layer] = [*timeline.takes, *timeline.layers]
    for path in dict.fromkeys(item.path for item in items):
        try:
            hashes[path] = sha256_of(Path(path), store)
        except MediaError as error:
            problems[path] = error.problems
    return hashes, problems


def _jobs(
    timeline: Timeline,
    hashes: dict[str, str],
    marks: dict[str, MarkToFind],
    hidden: dict[str, HiddenToFind],
    anchors: str | None,
) -> tuple[dict[str, TakeJob], dict[str, LayerJob]]:
    """What to measure of the files that are there."""
    take_jobs = {
        take.id: TakeJob(
            take.path,
            hashes[take.path],
            tuple(marks[mark] for mark in take.marks),
            anchors,
            take.steady,
            take.color,
            tuple(hidden[mark] for mark in take.hidden),
        )
        for take in timeline.takes
        if take.path in hashes
    }
    layer_jobs = {
        layer.id: LayerJob(layer.path, hashes[layer.path], _speaks(layer), anchors)
        for layer in timeline.layers
        if layer.path in hashes
    }
    return take_jobs, layer_jobs


def _speaks(layer: Layer) -> bool:
    return layer.role in (Role.DIALOGUE, Role.NARRATION)


def _placed(
    items: Sequence[Take | Layer], missing: Problems, unreadable: Problems
) -> Iterator[Problem]:
    """The problems of takes or layers, each at the place in the EDL that names the file."""
    for item in items:
        for problem in missing.get(item.path, unreadable.get(item.id, ())):
            if item.where is None:
                yield problem
            else:
                message = f"{item.path}: {problem.message}"
                yield replace(problem, message=message, where=item.where)


def _marks(timeline: Timeline, files: dict[str, TemplateFile]) -> dict[str, MarkToFind]:
    """What to look for, by mark."""
    hashes = {name: file.sha256 for name, file in files.items()}
    return {
        mark.id: MarkToFind(mark, hashes.get(mark.id), timeline.rate) for mark in timeline.marks
    }


def _hidden(
    timeline: Timeline, hashes: dict[str, str], store: Store, *, upload: bool
) -> dict[str, HiddenToFind]:
    """What to read of takes that are there, by hidden mark; each detector is looked up once."""
    wanted = {name for take in timeline.takes if take.path in hashes for name in take.hidden}
    return {
        name: to_find(timeline.hidden_mark(name), store, upload=upload) for name in sorted(wanted)
    }


def _surroundings(take_jobs: dict[str, TakeJob]) -> dict[tuple[str, str], str]:
    """Key of what was kept of the surroundings of each take's marks, by take and mark."""
    return {
        (name, one.mark.id): one.key(job.content_key)
        for name, job in take_jobs.items()
        for one in job.marks
    }


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
