"""The picture of a plan: its units as jobs, done by whatever executor is handed in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from dataclasses import dataclass
from pathlib import Path

from finisher.facts import TakeFacts
from finisher.look import Grade
from finisher.plan.model import Plan
from finisher.problems import WORKER_LOST, MachineError
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.render import working
from finisher.render.grades import Baked
from finisher.render.kitchen import Whereabouts
from finisher.render.sources import Shelf
from finisher.render.unit import KIND, SUFFIX, UnitJob, render_unit
from finisher.store import Store

STAGE = "picture"


@dataclass(frozen=True, slots=True)
class RenderedPicture:
    """The plan's units in order, and how many of them were there already."""

    units: tuple[Path, ...]
    remembered: int


def jobs(
    plan: Plan,
    takes: Mapping[str, TakeFacts],
    baked: Mapping[Grade, Baked],
    worked: Mapping[int, str],
) -> tuple[UnitJob, ...]:
    """One job for each unit of the plan; `worked` names the pictures of events with effects."""
    shelf = Shelf(plan, takes, baked, worked)
    return tuple(
        UnitJob(
            *shelf.order(unit.pictures),
            plan.raster,
            plan.rate,
            plan.preset.video,
            plan.parameter_set,
            unit.copied,
            plan.stamp.whole() if plan.stamp is not None else None,
        )
        for unit in plan.units
    )


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
    plan: Plan,
    takes: Mapping[str, TakeFacts],
    baked: Mapping[Grade, Baked],
    worked: Mapping[int, str],
    store: Store,
) -> Whereabouts:
    """Where the pictures of the plan's takes and effects, and its cubes, lie on this machine."""
    used = [takes[take.id] for take in plan.takes]
    effected = {key: working.path(store, key) for key in worked.values()}
    return Whereabouts(
        takes={facts.picture_key: Path(facts.picture) for facts in used} | effected,
        luts={cube.key: cube.path for cube in baked.values()},
        store=store.root,
    )
