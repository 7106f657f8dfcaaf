"""Two dask workers against two local processes: wall and processor time for the same units.

The units of the sample (or of another edit) are rendered in turn by both, each time into an empty
store; which goes first changes from pair to pair. Processor time is of everything that takes part:
local processes from their start to their end; of the cluster, which is up already as clusters are,
workers and scheduler; and on both sides this process. The cluster looks after itself less often
than it does unasked, as the page on farms advises. `python benchmarks/farm.py [--pairs 3]`
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import median

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from finisher.farm.cluster import hire
from finisher.pipeline.edit import decide, open_edit
from finisher.pipeline.master import places, work_of
from finisher.pipeline.settings import Settings
from finisher.pipeline.workers import LocalWorkers
from finisher.progress import silent
from finisher.render.kitchen import Whereabouts
from finisher.render.picture import render
from finisher.render.unit import UnitJob
from finisher.store import Store

SAMPLE = Path(__file__).resolve().parents[1] / "samples" / "harbour" / "edl.json"
WORKERS = 2
QUIET = {
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__SYSTEM_MONITOR__INTERVAL": "5s",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "1s",
}


@dataclass(frozen=True)
class Cost:
    """What one rendering took, in seconds."""

    wall: float
    processor: float


@dataclass(frozen=True)
class Side:
    """Who renders, and the processor time so far of those who outlive it."""

    hired: Callable[[Store], Executor]
    elsewhere: Callable[[], float]


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """The address of a scheduler with two workers of one thread each."""
    file = folder / "scheduler.json"
    scheduler = ["scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard"]
    started = [dask(*scheduler, "--scheduler-file", str(file))]
    try:
        while not file.exists():
            time.sleep(0.05)
        address = json.loads(file.read_text())["address"]
        place = ["--local-directory", str(folder / "workers"), "--no-dashboard"]
        started.append(
            dask("worker", address, "--nworkers", str(WORKERS), "--nthreads", "1", *place)
        )
        yield address.removeprefix("tcp://")
    finally:
        for process in started:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def dask(kind: str, *words: str) -> subprocess.Popen[bytes]:
    """One of dask's own commands, in a group of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.dask_{kind}", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | QUIET,
        start_new_session=True,
    )


def own_seconds() -> float:
    """Processor time of this process and of all children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def others_seconds() -> float:
    """Processor time of all processes below this one that run now."""
    total = 0.0
    for process in psutil.Process().children(recursive=True):
        times = process.cpu_times()
        total += times.user + times.system
    return total


def nobody_seconds() -> float:
    """Nothing: a cluster that only waits has no part in what is done here."""
    return 0.0


def timed(work: tuple[UnitJob, ...], where: Whereabouts, side: Side) -> Cost:
    """Render everything into a store of its own."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "store")
        wall, processor = time.perf_counter(), own_seconds() + side.elsewhere()
        with side.hired(store) as workers:
            render(work, replace(where, store=store.root), workers, silent)
        processor = own_seconds() + side.elsewhere() - processor
        return Cost(time.perf_counter() - wall, processor)


def prepared(edl: Path, preset: str, cache: Path) -> tuple[tuple[UnitJob, ...], Whereabouts]:
    """The units of an edit, everything they are made from measured and baked."""
    settings = Settings(cache, cache / "data")
    with LocalWorkers(WORKERS) as workers:
        edit = open_edit(edl, [preset], settings, workers, silent)
    decided, store = decide(edit, edit.presets[0], settings), Store(cache)
    work = work_of(edit, decided, store)
    return work.units, places(edit, decided, work, store)


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--edl", type=Path, default=SAMPLE)
    words.add_argument("--preset", default="social916")
    words.add_argument("--pairs", type=int, default=3)
    words.add_argument("--json", action="store_true")
    asked = words.parse_args()
    local: list[Cost] = []
    away: list[Cost] = []
    with tempfile.TemporaryDirectory() as folder, cluster(Path(folder)) as address:
        work, where = prepared(asked.edl, asked.preset, Path(folder) / "store")

        def here(store: Store) -> Executor:
            store.root.mkdir()
            return LocalWorkers(WORKERS)

        def there(store: Store) -> Executor:
            return hire(address, store, LocalWorkers(WORKERS))

        # Unmeasured: the first task of a worker loads what the others find loaded.
        one, other = Side(here, nobody_seconds), Side(there, others_seconds)
        timed(work[:WORKERS], where, other)
        for pair in range(asked.pairs):
            sides = [(local, one), (away, other)]
            for costs, side in sides if pair % 2 == 0 else sides[::-1]:
                costs.append(timed(work, where, side))
            if not asked.json:
                print(row(local[-1], away[-1]), flush=True)
    wall = median(b.wall / a.wall for a, b in zip(local, away, strict=True))
    processor = median(b.processor / a.processor for a, b in zip(local, away, strict=True))
    frames = sum(len(job.pictures) for job in work)
    if asked.json:
        costs = {"local": [asdict(c) for c in local], "dask": [asdict(c) for c in away]}
        ratios = {"wall": wall, "processor": processor}
        print(json.dumps({"units": len(work), "frames": frames, **costs, "ratios": ratios}))
    else:
        print(f"{asked.preset}: {len(work)} units, {frames} frames, medians of {asked.pairs}:")
        print(f"wall {wall:.3f}, processor time {processor:.3f} of what local processes take")
    return 0


def row(here: Cost, there: Cost) -> str:
    """A pair, as a line."""
    return (
        f"local {here.wall:7.1f} s wall {here.processor:7.1f} s processor; "
        f"dask {there.wall:7.1f} s, {there.processor:7.1f} s; "
        f"ratios {there.wall / here.wall:.3f}, {there.processor / here.processor:.3f}"
    )


if __name__ == "__main__":
    sys.exit(main())
