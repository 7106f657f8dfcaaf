"""A cold render of the job beside one tuned ffmpeg command, moviepy and melt.

Every run is a whole process with an empty cache; `finisher` runs twice: the whole of `finish`
(takes measured, rendered, signed, audited, reported), and picture and sound alone, as the ffmpeg
command makes them, from takes that were measured before; what measuring costs by itself is a run
of its own. All are checked to show the same frames. Runs go in turn, round by round, and ratios
are taken within a round; processor time is the figure to trust where other things run on the
machine.
`python benchmarks/cold_render.py [--speed veryfast] [--pairs 5] [--peers] [--json FILE]`
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock, job, peers
from benchmarks.clock import Run, note, ratios, spread, table

from finisher.pipeline import master as mastering
from finisher.pipeline.edit import decide, open_edit
from finisher.pipeline.settings import Settings
from finisher.pipeline.workers import LocalWorkers
from finisher.store import Store

TOLERANCE = {"one ffmpeg command": 1.5, "moviepy": 4.0, "melt": 4.0}
"""Mean distance in luma codes, at half size, of a frame from ours.

Two encodes of one picture at crf 18 lie 0.4 to 1.2 apart; moviepy and melt look up colours in 8
bits and scale otherwise. What tells a wrong frame is the second law of `differences`.
"""
YARDSTICK, WHOLE, ALONE, MEASURE = (
    "one ffmpeg command",
    "finish, whole run",
    "picture and sound alone, takes known",
    "measuring the takes alone",
)


def ours_alone(edl: Path, preset: str, to: Path | None) -> None:
    """The pipeline up to the joined, unsigned file; without one, the measuring of takes alone.

    Reads the edit, measures takes the store does not know, plans, bakes looks, renders units and
    sound, joins. No foretelling of fingerprints, signing, audit or report.
    """
    settings = Settings(Path(os.environ["FINISHER_CACHE"]), Path(os.environ["FINISHER_DATA"]))
    store, workers = Store(settings.cache), LocalWorkers()
    try:
        edit = open_edit(edl, [preset], settings, workers, quiet)
        if to is None:
            return
        decided = decide(edit, edit.presets[0], settings)
        work = mastering.work_of(edit, decided, store)
        master = mastering.render(edit, decided, work, store, workers, quiet)
        mastering.join(decided, master, {}, to, quiet)
    finally:
        workers.shutdown()


def quiet(event: object) -> None:
    """Listen to nothing."""
    del event


@dataclass(frozen=True)
class Bench:
    """Where the job lies, and what runs use."""

    folder: Path
    known: Path
    """A store that knows the takes and nothing else."""
    edl: Path

    @contextmanager
    def store(self, *, known: bool = False) -> Iterator[dict[str, str]]:
        """A fresh store, empty or with the takes measured, and the environment that names it."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="store-") as place:
            if known:
                shutil.copytree(self.known, place, dirs_exist_ok=True)
            yield environment(self.folder, Path(place))

    def whole(self, preset: str, to: Path) -> Run:
        with self.store() as env:
            return clock.run(finish(self.edl, preset, to), env)

    def alone(self, preset: str, to: Path) -> Run:
        with self.store(known=True) as env:
            return clock.run([*DRIVER, self.edl, preset, to], env)

    def measure(self, preset: str) -> Run:
        with self.store() as env:
            return clock.run([*DRIVER, self.edl, preset], env)


DRIVER: list[str | Path] = [sys.executable, Path(__file__), "--ours-alone"]


def finish(edl: Path, preset: str, to: Path | str) -> list[str | Path]:
    """The words of a whole run."""
    words: list[str | Path] = [sys.executable, "-m", "finisher", "render", edl, "-p", preset]
    return [*words, "-o", to, "--progress", "none"]


def environment(folder: Path, store: Path) -> dict[str, str]:
    """The signer's identity stays from run to run; the store is the run's own."""
    return {"FINISHER_CACHE": str(store), "FINISHER_DATA": str(folder / "data")}


def prepared(folder: Path) -> Bench:
    """The job laid out, the signer's identity made, and the takes measured once."""
    note("laying out the job")
    edl = job.lay(folder)
    bench = Bench(folder, folder / "known", edl)
    shutil.rmtree(bench.known, ignore_errors=True)
    clock.run([*DRIVER, edl, "job-veryfast"], environment(folder, bench.known))
    with bench.store() as env:
        clock.run([sys.executable, "-m", "finisher", "doctor"], env)
    return bench


def variants(bench: Bench, speed: str, out: Path) -> dict[str, Callable[[], Run]]:
    """The yardstick and ours, each to a file of its own."""
    preset = f"job-{speed}"
    yard = job.tuned(bench.folder, speed, file_of(out, YARDSTICK))
    return {
        YARDSTICK: lambda: clock.run(yard),
        ALONE: lambda: bench.alone(preset, file_of(out, ALONE)),
        MEASURE: lambda: bench.measure(preset),
        WHOLE: lambda: bench.whole(preset, file_of(out, WHOLE)),
    }


def others(bench: Bench, speed: str, out: Path) -> dict[str, Callable[[], Run]]:
    """moviepy and melt, where there are any."""
    pie = peers.by_moviepy(bench.folder, speed, file_of(out, "moviepy"))
    found: dict[str, Callable[[], Run]] = {"moviepy": lambda: clock.run(pie)}
    melt = peers.by_melt(bench.folder, speed, file_of(out, "melt"))
    if melt is None:
        note("no melt here: left out")
    else:
        found["melt"] = lambda: clock.run(melt)
    return found


def file_of(out: Path, name: str) -> Path:
    return out / f"{name.replace(' ', '-').replace(',', '')}.mp4"


def lumas(path: Path) -> Iterator[NDArray[np.int16]]:
    """Every picture's luma at half size."""
    with av.open(str(path)) as container:
        for picture in container.decode(video=0):
            half = picture.reformat(width=540, height=960, format="gray")
            yield half.to_ndarray().astype(np.int16)


def differences(ours: Path, theirs: Path, tolerance: float) -> tuple[float, list[int]]:
    """The largest distance of a frame from ours, and the frames that are wrong.

    A frame is wrong when it is further off than the tolerance, or nearer to one of our neighbouring
    frames than to ours of its number: grain and motion make every frame of the job another.
    """
    mine, other = list(lumas(ours)), list(lumas(theirs))
    if len(mine) != job.FRAMES or len(other) != job.FRAMES:
        return float("inf"), list(range(job.FRAMES))
    worst, wrong = 0.0, []
    for k, picture in enumerate(other):
        near = {j: apart(picture, mine[j]) for j in (k - 1, k, k + 1) if 0 <= j < job.FRAMES}
        worst = max(worst, near[k])
        if near[k] > tolerance or min(near, key=near.__getitem__) != k:
            wrong.append(k)
    return worst, wrong


def apart(a: NDArray[np.int16], b: NDArray[np.int16]) -> float:
    return float(np.abs(a - b).mean())


@dataclass(frozen=True)
class Frames:
    """A variant's file beside that of the whole run."""

    megabytes: float
    largest_distance: float
    wrong: list[int]


@dataclass(frozen=True)
class Measured:
    """All variants at one speed."""

    runs: dict[str, list[Run]]
    frames: dict[str, Frames]


def compare(out: Path, names: list[str]) -> dict[str, Frames]:
    """Each variant's frames beside those of the whole run."""
    found: dict[str, Frames] = {}
    for name in names:
        path = file_of(out, name)
        worst, wrong = differences(file_of(out, WHOLE), path, TOLERANCE.get(name, 0.0))
        found[name] = Frames(path.stat().st_size / 1e6, worst, wrong)
        note(f"{name}: {found[name]}")
    return found


def measured(bench: Bench, speed: str, pairs: int, *, with_peers: bool) -> Measured:
    """Run everything at one speed, compare the frames and print the table."""
    with tempfile.TemporaryDirectory(dir=bench.folder, prefix="out-") as place:
        out = Path(place)
        runs = clock.in_turn(variants(bench, speed, out), pairs, note)
        for name, variant in others(bench, speed, out).items() if with_peers else ():
            try:
                # Far enough off that one run tells enough.
                runs |= clock.in_turn({name: variant}, 1, note)
            except RuntimeError as error:
                note(f"{name} failed: {error}")
        frames = compare(out, [name for name in runs if name not in (WHOLE, MEASURE)])
    show(speed, runs, frames)
    return Measured(runs, frames)


def show(speed: str, runs: dict[str, list[Run]], frames: dict[str, Frames]) -> None:
    """The table of one speed."""
    rows: list[list[object]] = []
    for name, done in runs.items():
        beside = runs[YARDSTICK][: len(done)]
        figures = [spread([getattr(one, f) for one in done]) for f in ("cpu", "wall")]
        figures += [ratios(done, beside, "cpu"), ratios(done, beside, "wall")]
        found = frames.get(name)
        shown = f"{found.megabytes:.1f}, {len(found.wrong)} wrong" if found else "–"
        rows.append([name, *figures, round(max(one.peak_mb for one in done)), shown, len(done)])
    head = ["", "processor s", "wall s", "processor, of the command's", "wall, of the command's",
            "largest process MB", "file MB, frames", "runs"]  # fmt: skip
    print(f"\n### {speed}\n\n{table(head, rows)}\n")


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--speed", choices=job.SPEEDS, action="append")
    words.add_argument("--pairs", type=int, default=5)
    words.add_argument("--peers", action="store_true", help="moviepy and melt too")
    words.add_argument("--work", type=Path, help="a folder to keep the job in")
    words.add_argument("--json", type=Path)
    words.add_argument("--ours-alone", nargs="+", metavar="WORD", help=argparse.SUPPRESS)
    asked = words.parse_args()
    if asked.ours_alone:
        edl, preset, *to = asked.ours_alone
        ours_alone(Path(edl), preset, Path(to[0]) if to else None)
        return 0
    clock.adopt()
    with tempfile.TemporaryDirectory() as place:
        bench = prepared(asked.work or Path(place))
        result = {
            speed: measured(bench, speed, asked.pairs, with_peers=asked.peers)
            for speed in asked.speed or job.SPEEDS
        }
    clock.save(asked.json, result)
    # What moviepy and melt make of the job is theirs.
    ours = [one.frames[name] for one in result.values() for name in (YARDSTICK, ALONE)]
    return int(any(found.wrong for found in ours))


if __name__ == "__main__":
    sys.exit(main())
