"""Everything an edit refers to, measured before planning: takes, layers, looks, matches."""

from __future__ import annotations

import hashlib
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
from finisher.plan.settle import settled
from finisher.problems import DocumentError, MediaError, Problem, Where
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.store import Store
from finisher.timeline import Layer, Role, Take, Timeline
from finisher.watermark import calibration
from finisher.watermark.learnt import Learnt, fits
from finisher.watermark.template import read_template

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
    templates = _templates(timeline)
    calibrations = _calibrations(timeline, templates)
    hashes, missing = _hashes(timeline, store)
    take_jobs, layer_jobs = _jobs(timeline, hashes, _marks(timeline, templates), anchors)
    take_jobs = _with_hidden(timeline, take_jobs, store, upload=upload)
    listen(Started(STAGE, len(take_jobs) + len(layer_jobs), "files"))
    run = _Run(store, workers, listen)
    take_facts, bad_takes = run.all(take_jobs, takes.measured, takes.measure)
    layer_facts, bad_layers = run.all(layer_jobs, layers.measured, layers.measure)
    problems = [
        *_placed(timeline.takes, missing, bad_takes),
        *_placed(timeline.layers, missing, bad_layers),
    ]
    if problems:
        raise MediaError(problems)
    _check_sizes(timeline, templates, take_facts)
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
    fresh = len(take_jobs) + len(layer_jobs) - run.remembered
    listen(Finished(STAGE, f"{fresh} measured, {run.remembered} known"))
    return Gathered(
        whole,
        facts,
        sounds,
        sketches,
        samples,
        templates,
        run.remembered,
        {
            (name, one.mark.id): one.key(job.content_key)
            for name, job in take_jobs.items()
            for one in job.marks
        },
        calibrations,
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
    jobs, _ = _jobs(looked_at, hashes, {}, None)
    listen(Started(STAGE, len(jobs), "files"))
    run = _Run(store, workers, listen)
    facts, bad = run.all(jobs, sampled.recalled, sampled.sample)
    problems = list(_placed(wanted, missing, bad))
    if problems:
        raise MediaError(problems)
    samples = {n: store.path("samples", job.content_key, ".npy") for n, job in jobs.items()}
    part = replace(timeline, sessions=(*asked, *others))
    found = sessions.matches(part, facts, samples, store)
    listen(Finished(STAGE, f"{len(jobs) - run.remembered} looked at, {run.remembered} known"))
    return tuple(found[name] for name in names), samples


@dataclass(slots=True)
class _Run:
    """Measuring many files: known ones are looked up, the others go to the workers."""

    store: Store
    workers: Executor
    listen: Listener
    remembered: int = 0

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


def _marks(timeline: Timeline, templates: dict[str, bytes]) -> dict[str, MarkToFind]:
    """What to look for, by mark."""
    hashes = {name: hashlib.sha256(png).hexdigest() for name, png in templates.items()}
    return {
        mark.id: MarkToFind(mark, hashes.get(mark.id), timeline.rate) for mark in timeline.marks
    }


def _with_hidden(
    timeline: Timeline, jobs: dict[str, TakeJob], store: Store, *, upload: bool
) -> dict[str, TakeJob]:
    """The jobs with the hidden marks to read, each mark's detector looked up once."""
    wanted = {name for take in timeline.takes if take.id in jobs for name in take.hidden}
    found: dict[str, HiddenToFind] = {
        name: to_find(timeline.hidden_mark(name), store, upload=upload) for name in sorted(wanted)
    }
    return {
        take.id: replace(jobs[take.id], hidden=tuple(found[name] for name in take.hidden))
        for take in timeline.takes
        if take.id in jobs
    }


def _templates(timeline: Timeline) -> dict[str, bytes]:
    """The PNG of every mark that names one.

    Raises:
        DocumentError: for templates that can't be read.
    """
    found: dict[str, bytes] = {}
    problems: list[Problem] = []
    for mark in timeline.marks:
        if mark.template is None:
            continue
        name, where = f"mark {mark.id!r}: {mark.template}", mark.where or Where(timeline.path)
        try:
            found[mark.id] = Path(mark.template).read_bytes()
            read_template(found[mark.id])
        except OSError as error:
            problems.append(Problem("template-missing", f"{name}: {error.strerror}", where))
        except DocumentError as error:
            problems += [
                replace(p, message=f"{name}: {p.message}", where=where) for p in error.problems
            ]
    if problems:
        raise DocumentError(problems)
    return found


def _check_sizes(
    timeline: Timeline, templates: dict[str, bytes], facts: dict[str, TakeFacts]
) -> None:
    """Make sure that learnt marks are declared as large as they were learnt.

    Raises:
        DocumentError: with every mark that is not, in one of its takes.
    """
    problems: list[Problem] = []
    for mark in timeline.marks:
        template = read_template(templates[mark.id]) if mark.id in templates else None
        if not isinstance(template, Learnt):
            continue
        own, rasters = (
            template.told,
            {facts[t.id].raster for t in timeline.takes if mark.id in t.marks},
        )
        if all(fits(own, mark.box, raster) for raster in rasters):
            continue
        message = f"mark {mark.id!r}: its box is not as large as the mark that was learnt"
        sides = f"{own.box.width}x{own.box.height}"
        hint = f"it has {sides} pixels in takes of {own.raster}, at {own.box.x},{own.box.y}"
        problems.append(Problem("mark-size", message, mark.where or Where(timeline.path), hint))
    if problems:
        raise DocumentError(problems)


def _calibrations(timeline: Timeline, templates: dict[str, bytes]) -> dict[str, str]:
    """What was measured of every mark that names a calibration, in words.

    Raises:
        DocumentError: for those that can't be read, or were made for another mark.
    """
    found: dict[str, str] = {}
    problems: list[Problem] = []
    for mark in timeline.marks:
        if mark.calibration is None:
            continue
        png = templates.get(mark.id)
        sha256 = hashlib.sha256(png).hexdigest() if png is not None else None
        try:
            found[mark.id] = calibration.read(Path(mark.calibration), sha256).words
        except DocumentError as error:
            where = mark.where or Where(timeline.path)
            problems += [
                replace(p, message=f"mark {mark.id!r}: {p.message}", where=where)
                for p in error.problems
            ]
    if problems:
        raise DocumentError(problems)
    return found


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
