"""The picture of a plan: its units as jobs, done by whatever executor is handed in."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from finisher.crew import as_done
from finisher.facts import TakeFacts
from finisher.look import Grade
from finisher.plan.model import Plan
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.render import working
from finisher.render.grades import Baked
from finisher.render.kitchen import Whereabouts
from finisher.render.sources import Shelf
from finisher.render.unit import KIND, SUFFIX, UnitJob, alike, render_together, render_unit
from finisher.store import Store

STAGE, TOGETHER = "picture", "pictures"


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
    left = sorted(set(range(len(work))) - set(done), key=lambda i: -len(work[i].pictures))
    listen(Started(STAGE, sum(len(work[i].pictures) for i in left), "frames"))
    for i, future in as_done(workers, render_unit, [(i, (work[i], whereabouts)) for i in left]):
        done[i] = future.result()
        told = f"{len(done) - remembered}/{len(left)} units"
        listen(Advanced(STAGE, len(work[i].pictures), told))
    listen(Finished(STAGE, f"{len(work) - remembered} units rendered, {remembered} known"))
    return RenderedPicture(tuple(done[i] for i in range(len(work))), remembered)


def render_alike(
    works: Sequence[tuple[Sequence[UnitJob], Whereabouts]], workers: Executor, listen: Listener
) -> None:
    """Render what several deliverables have to show alike, each picture decoded once for all.

    What only one of them shows, or the store holds, is left for `render`.

    Raises:
        RenderError, MediaError, MachineError: as `render`.
    """
    groups: dict[Hashable, dict[str, UnitJob]] = {}
    for jobs_of_one, where in works:
        for job in jobs_of_one:
            shared = alike(job)
            known = where.takes.keys() >= {source.sha256 for source in job.sources}
            if shared is not None and known:
                groups.setdefault(shared, {})[job.key] = job
    everywhere = reduce(Whereabouts.joined, [where for _, where in works])
    store = Store(everywhere.store)
    left = [
        tuple(job for job in group.values() if store.get(KIND, job.key, SUFFIX) is None)
        for group in groups.values()
    ]
    left = sorted((jobs for jobs in left if len(jobs) > 1), key=_frames, reverse=True)
    if not left:
        return
    listen(Started(TOGETHER, sum(map(_frames, left)), "frames"))
    calls = [(_frames(group), (group, everywhere)) for group in left]
    for i, (frames, future) in enumerate(as_done(workers, render_together, calls), 1):
        future.result()
        listen(Advanced(TOGETHER, frames, f"{i}/{len(left)} units"))
    listen(Finished(TOGETHER, f"{sum(map(len, left))} units of {len(works)} deliverables"))


def _frames(group: Sequence[UnitJob]) -> int:
    """Frames that a group of jobs comes to."""
    return sum(len(job.pictures) for job in group)


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
        digests=tuple(sorted({facts.sha256 for facts in used if facts.copy is None})),
    )
