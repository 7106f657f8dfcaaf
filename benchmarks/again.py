"""What is done again after a change, and what several deliverables share.

The job is rendered once into a fresh store; then the same again, with one event regraded, with
one event slipped, each a whole process beginning from a copy of that store, as ratios to the cold
run and beside the share of frames that changed. Then upright, wide and square in one run against
three runs, each with a store of its own and with one store for all.
`python benchmarks/again.py [--rounds 3] [--json FILE]`
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock, job
from benchmarks.clock import Run, note, ratios, spread, table
from benchmarks.cold_render import environment, finish, prepared

SPEED = "veryfast"
REGRADED, SLIPPED, BY = 5, 3, 24
"""The last event, no dissolve near; and one that dissolves into the next; by so many frames."""
SHAPES = ("job", "wide", "square")


@dataclass(frozen=True)
class Again:
    """A job that was rendered once: its edits, its delivery and its store."""

    folder: Path
    rendered: Path

    def cold(self) -> Run:
        """From nothing, into a store that is kept."""
        shutil.rmtree(self.rendered, ignore_errors=True)
        (self.rendered / "out").mkdir(parents=True)
        edl = job.write_edit(self.folder / "job.json")
        words = finish(edl, f"job-{SPEED}", self.rendered / "out" / "job.mp4")
        return clock.run(words, environment(self.folder, self.rendered / "store"))

    def changed(self, write: Callable[[Path], Path]) -> Run:
        """The edit as changed, from a copy of what the cold run left."""
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="again-") as place:
            shutil.copytree(self.rendered, place, dirs_exist_ok=True)
            edl = write(self.folder / "job.json")
            words = finish(edl, f"job-{SPEED}", Path(place) / "out" / "job.mp4")
            try:
                return clock.run(words, environment(self.folder, Path(place) / "store"))
            finally:
                job.write_edit(self.folder / "job.json")


def regraded(path: Path) -> Path:
    """One event given the other look."""
    return job.write_edit(path, look_of={REGRADED: "warm-harbour"})


def slipped(path: Path) -> Path:
    """One event showing what comes a second later."""
    events = list(job.EVENTS)
    cut = events[SLIPPED]
    events[SLIPPED] = replace(cut, first=cut.first + BY, end=cut.end + BY)
    return job.write_edit(path, tuple(events))


def share(number: int) -> float:
    """The part of the programme's frames that show an event, its dissolves included."""
    event = job.EVENTS[number]
    after = number + 1 < len(job.EVENTS) and job.EVENTS[number + 1].dissolve
    borrowed = job.DISSOLVE // 2 * (event.dissolve + after)
    return (event.frames + borrowed) / job.FRAMES


def deliverables(folder: Path, *, together: bool, shared: bool) -> Run:
    """Three shapes of one edit, in one run or one after the other."""
    edl = job.write_edit(folder / "job.json")
    with tempfile.TemporaryDirectory(dir=folder, prefix="three-") as place:
        out = Path(place) / "out"
        out.mkdir()
        if together:
            words = [*finish(edl, f"job-{SPEED}", f"{out}/"), "-p", f"wide-{SPEED}"]
            words += ["-p", f"square-{SPEED}"]
            return clock.run(words, environment(folder, Path(place) / "store"))
        runs = []
        for shape in SHAPES:
            store = Path(place) / ("store" if shared else f"store-{shape}")
            words = finish(edl, f"{shape}-{SPEED}", out / f"{shape}.mp4")
            runs.append(clock.run(words, environment(folder, store)))
    return Run(sum(r.cpu for r in runs), sum(r.wall for r in runs), max(r.peak_mb for r in runs))


def changes(folder: Path, rounds: int) -> dict[str, list[Run]]:
    """The cold run, and what is done again after each change."""
    once = Again(folder, folder / "rendered")
    return clock.in_turn(
        {
            "cold": once.cold,
            "nothing changed": lambda: once.changed(job.write_edit),
            "one event regraded": lambda: once.changed(regraded),
            "one event slipped": lambda: once.changed(slipped),
        },
        rounds,
        note,
    )


def show_changes(runs: dict[str, list[Run]]) -> None:
    """Each beside the cold run, and beside the share of frames that changed."""
    shares = [1.0, 0.0, share(REGRADED), share(SLIPPED)]
    rows = [
        [name, f"{part:.2f}", ratios(done, runs["cold"], "cpu"), ratios(done, runs["cold"], "wall"),
         spread([one.cpu for one in done]), spread([one.wall for one in done])]
        for (name, done), part in zip(runs.items(), shares, strict=True)
    ]  # fmt: skip
    head = ["", "frames changed", "processor, of cold", "wall, of cold", "processor s", "wall s"]
    print(f"\n{table(head, rows)}\n")


def shapes(folder: Path) -> dict[str, list[Run]]:
    """Three deliverables, once each way."""
    ways = {
        "three in one run": {"together": True, "shared": True},
        "three runs, one store": {"together": False, "shared": True},
        "three runs, a store each": {"together": False, "shared": False},
    }
    return clock.in_turn(
        {name: partial(deliverables, folder, **way) for name, way in ways.items()}, 1, note
    )


def show_shapes(runs: dict[str, list[Run]]) -> None:
    """Each beside three runs that share nothing."""
    apart = runs["three runs, a store each"]
    rows = [
        [name, f"{done[0].cpu:.1f}", f"{done[0].wall:.1f}", ratios(done, apart, "cpu")]
        for name, done in runs.items()
    ]
    print(table(["", "processor s", "wall s", "processor, of three runs apart"], rows))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rounds", type=int, default=3)
    words.add_argument("--part", choices=("changes", "shapes"), help="one of the two questions")
    words.add_argument("--work", type=Path, help="a folder to keep the job in")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    clock.adopt()
    result = {}
    with tempfile.TemporaryDirectory() as place:
        folder = prepared(asked.work or Path(place)).folder
        if asked.part != "shapes":
            result["changes"] = changes(folder, asked.rounds)
            show_changes(result["changes"])
        if asked.part != "changes":
            result["shapes"] = shapes(folder)
            show_shapes(result["shapes"])
    clock.save(asked.json, result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
