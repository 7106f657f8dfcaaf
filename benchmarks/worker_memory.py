"""Memory of the parent and of each worker, on the job and on edits of ever more events.

A whole `finish` runs while the largest resident memory of each of its processes is read from
Linux's own account of it. The longer edits are of 12 frames an event, out of drawn takes of
640x360, delivered as 320x180: what grows there grows with the number of events.
`python benchmarks/worker_memory.py [--events 15 60 240 500] [--no-job] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock, job
from benchmarks.clock import note, table
from benchmarks.cold_render import environment, finish

LONG, TAKES, TAKE_FRAMES = 12, 4, 240
EVERY = 0.05
"""Seconds between looks: the kernel keeps the peak, only the very last rise can be missed."""


@dataclass(frozen=True)
class Peaks:
    """The most resident memory of a run's processes, in megabytes."""

    parent: float
    workers: tuple[float, ...]


def watched(words: list[str | Path], env: dict[str, str]) -> Peaks:
    """Run a command and watch the memory of what it starts.

    Raises:
        RuntimeError: when it fails.
    """
    peaks: dict[int, float] = {}
    process = subprocess.Popen(
        [str(word) for word in words],
        env={**os.environ, **env},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    workers: set[int] = set()
    while process.poll() is None:
        for pid in (process.pid, *_children(process.pid)):
            with suppress(OSError, StopIteration):
                peaks[pid] = max(peaks.get(pid, 0.0), _high_water(pid))
                if b"spawn_main" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    workers.add(pid)
        time.sleep(EVERY)
    if process.returncode:
        said = process.stderr.read().decode(errors="replace") if process.stderr else ""
        raise RuntimeError(f"ended with {process.returncode}: {said[-2000:]}")
    return Peaks(peaks[process.pid], tuple(sorted(peaks[pid] for pid in workers)))


def _children(pid: int) -> Iterator[int]:
    """Processes that a process started, and those that they did."""
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, path.read_text().split()):
                yield child
                yield from _children(child)


def _high_water(pid: int) -> float:
    """The peak of a process's resident memory (VmHWM of proc(5)), in megabytes."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return float(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def draw(folder: Path) -> None:
    """Small takes of moving bars with a key frame every two seconds."""
    (folder / "takes").mkdir(parents=True)
    (folder / "presets").mkdir()
    (folder / "presets" / "small.toml").write_text(job.preset("ultrafast", (320, 180)))
    for number in range(TAKES):
        job.ffmpeg(
            "-f", "lavfi", "-i", f"testsrc2=s=640x360:r=24:d=10,hue=h={90 * number}",
            "-f", "lavfi", "-i", f"anoisesrc=amplitude=0.1:sample_rate=48000:seed={number}",
            "-t", "10", "-c:v", "libx264", "-preset", "veryfast", "-g", "48",
            "-pix_fmt", "yuv420p", "-c:a", "aac", folder / "takes" / f"t{number}.mp4",
        )  # fmt: skip


def write(folder: Path, events: int) -> Path:
    """An edit of so many events, each from another place of the next take."""
    path = folder / f"edit{events}.json"
    document = {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": 640, "height": 360},
        "takes": {f"t{n}": {"file": f"takes/t{n}.mp4"} for n in range(TAKES)},
        "events": [
            {"take": f"t{n % TAKES}", "in": n * 17 % (TAKE_FRAMES - LONG), "duration": LONG}
            for n in range(events)
        ],
    }
    path.write_text(json.dumps(document))
    return path


def peaks_of(folder: Path, edl: Path, preset: str) -> Peaks:
    """Of one whole run with an empty store."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        words = finish(edl, preset, Path(place) / "out.mp4")
        return watched(words, environment(folder, Path(place) / "store"))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--events", type=int, nargs="+", default=[15, 60, 240, 500])
    words.add_argument("--no-job", action="store_true", help="only the longer edits")
    words.add_argument("--work", type=Path, help="a folder to keep the job in")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    found: dict[str, Peaks] = {}
    with tempfile.TemporaryDirectory() as place:
        draw(Path(place))
        for events in asked.events:
            edl = write(Path(place), events)
            found[f"{events} events"] = peaks_of(Path(place), edl, "small")
            note(f"{events} events: {found[f'{events} events']}")
        if not asked.no_job:
            folder = asked.work or Path(place) / "job"
            found["the job"] = peaks_of(folder, job.lay(folder), "job-veryfast")
    rows = [
        [name, round(peaks.parent), ", ".join(str(round(worker)) for worker in peaks.workers)]
        for name, peaks in found.items()
    ]
    print(table(["", "parent MB", "workers MB"], rows))
    least, most = (found[f"{count} events"] for count in (asked.events[0], asked.events[-1]))
    print(
        f"\nfrom {asked.events[0]} to {asked.events[-1]} events: parent "
        f"{most.parent / least.parent - 1:+.0%}, largest worker "
        f"{max(most.workers) / max(least.workers) - 1:+.0%}"
    )
    clock.save(asked.json, {"peaks": found})
    return 0


if __name__ == "__main__":
    sys.exit(main())
