"""The picture of a plan: its units as jobs, done by whatever executor is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from dataclasses import dataclass
from pathlib import Path

from finisher.facts import TakeFacts
from finisher.look import Grade
from finisher.plan.decode import decoding
from finisher.plan.model import Mix, Picture, Plan, Shot, Unit
from finisher.problems import WORKER_LOST, MachineError
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.render.grades import Baked
from finisher.render.unit import KIND, SUFFIX, UnitJob, UnitSource, Whereabouts, render_unit
from finisher.store import Store

STAGE = "picture"


@dataclass(frozen=True, slots=True)
class RenderedPicture:
    """The plan's units in order, and how many of them were there already."""

    units: tuple[Path, ...]
    remembered: int


def jobs(
    plan: Plan, takes: Mapping[str, TakeFacts], baked: Mapping[Grade, Baked]
) -> tuple[UnitJob, ...]:
    """One job for each unit of the plan."""
    return tuple(_job(plan, unit, takes, baked) for unit in plan.units)


def render(
    work: Sequence[UnitJob], whereabouts: Whereabouts, workers: Executor, listen: Listener
) -> RenderedPicture:
    """Render what the store does not hold yet; longest units first, so that workers end together.

    Raises:
        RenderError, MediaError: the first that any unit raises; units done by then are kept.
        MachineError: when a worker is killed, or the store can't be written.
    """
    store = Store(whereabouts.store)
    done = {
        i: path
        for i, job in enumerate(work)
        if (path := store.get(KIND, job.key, SUFFIX)) is not None
    }
    remembered = len(done)
    listen(Started(STAGE, sum(len(job.pictures) for job in work), "frames"))
    listen(Advanced(STAGE, sum(len(work[i].pictures) for i in done)))
    left = sorted(set(range(len(work))) - set(done), key=lambda i: -len(work[i].pictures))
    pending: dict[Future[Path], int] = {}
    try:
        for i in left:
            pending[workers.submit(render_unit, work[i], whereabouts)] = i
        for future in as_completed(pending):
            i = pending[future]
            done[i] = future.result()
            listen(Advanced(STAGE, len(work[i].pictures)))
    except BrokenExecutor as error:
        raise MachineError(WORKER_LOST) from error
    finally:
        for future in pending:
            future.cancel()
    listen(Finished(STAGE, f"{len(work) - remembered} units rendered, {remembered} known"))
    return RenderedPicture(tuple(done[i] for i in range(len(work))), remembered)


def whereabouts(
    plan: Plan, takes: Mapping[str, TakeFacts], baked: Mapping[Grade, Baked], store: Store
) -> Whereabouts:
    """Where the pictures of the plan's takes and its cubes lie on this machine."""
    used = [takes[take.id] for take in plan.takes]
    return Whereabouts(
        takes={facts.picture_key: Path(facts.picture) for facts in used},
        luts={cube.key: cube.path for cube in baked.values()},
        store=store.root,
    )


def _job(
    plan: Plan, unit: Unit, takes: Mapping[str, TakeFacts], baked: Mapping[Grade, Baked]
) -> UnitJob:
    """A unit's job names only the events it shows, numbered afresh."""
    used = sorted({number for picture in unit.pictures for number in _events(picture)})
    numbers = {event: i for i, event in enumerate(used)}
    return UnitJob(
        sources=tuple(_source(plan, number, takes, baked) for number in used),
        pictures=tuple(_renumbered(picture, numbers) for picture in unit.pictures),
        raster=plan.raster,
        rate=plan.rate,
        video=plan.preset.video,
    )


def _source(
    plan: Plan, number: int, takes: Mapping[str, TakeFacts], baked: Mapping[Grade, Baked]
) -> UnitSource:
    event = plan.events[number]
    facts = takes[event.take]
    read_as, _ = decoding(event.take, facts)
    cube = baked.get(event.grade)
    return UnitSource(
        facts.picture_key,
        read_as.matrix,
        read_as.range,
        event.framing,
        cube.key if cube is not None else None,
    )


def _events(picture: Picture) -> tuple[int, ...]:
    """The events a picture is made of."""
    match picture:
        case Shot(event=event):
            return (event,)
        case Mix(outgoing=outgoing, incoming=incoming):
            return (*_events(outgoing), *_events(incoming))
        case _:
            return ()


def _renumbered(picture: Picture, numbers: Mapping[int, int]) -> Picture:
    """The picture with events numbered as the job numbers them."""
    match picture:
        case Shot(event=event, picture=ordinal):
            return Shot(numbers[event], ordinal)
        case Mix(kind, outgoing, incoming, step, of):
            return Mix(
                kind, _renumbered(outgoing, numbers), _renumbered(incoming, numbers), step, of
            )
        case _:
            return picture
