"""Runs killed at random moments and resumed until they are done.

A small edit is rendered once undisturbed. Then, each time with an empty store, it is started, the
whole process group killed at a random moment, started again, and so on until a run gets through.
What it delivers must decode to the same frames, whatever lies under the final name at a kill must
be whole, and no unit that was finished before a kill may be made again.
`python benchmarks/killed.py [--kills 50] [--seed 1] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import imageio_ffmpeg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock, job
from benchmarks.clock import note
from benchmarks.cold_render import environment, finish

PRESET = "small"
Made = dict[str, tuple[int, int]]
"""Inode and time of change, in nanoseconds, of every finished unit."""


def draw(folder: Path) -> Path:
    """Two takes and an edit of eight units, with a dissolve and a loop."""
    (folder / "takes").mkdir()
    (folder / "presets").mkdir()
    (folder / "presets" / f"{PRESET}.toml").write_text(job.preset("medium", (640, 360)))
    for number in range(2):
        job.ffmpeg(
            "-f", "lavfi", "-i", f"testsrc2=s=640x360:r=24:d=10,hue=h={90 * number},noise=alls=8",
            "-f", "lavfi", "-i", f"anoisesrc=amplitude=0.1:sample_rate=48000:seed={number}",
            "-t", "10", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p",
            "-c:a", "aac", folder / "takes" / f"t{number}.mp4",
        )  # fmt: skip
    spans = [(10, 70), (40, 100), (20, 44), (90, 150), (100, 170), (30, 90), (60, 120), (5, 65)]
    events: list[dict[str, object]] = [
        {"take": f"t{n % 2}", "in": first, "out": end} for n, (first, end) in enumerate(spans)
    ]
    events[2]["loop"] = {"times": 3}
    events[4]["transition"] = {"kind": "dissolve", "frames": 12}
    document = {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": 640, "height": 360},
        "takes": {f"t{n}": {"file": f"takes/t{n}.mp4"} for n in range(2)},
        "events": events,
    }
    path = folder / "edit.json"
    path.write_text(json.dumps(document))
    return path


@dataclass
class Trials:
    """What happened so far."""

    folder: Path
    edl: Path
    whole: str
    """The decoded frames of the undisturbed run."""
    seconds: float
    """How long a run takes."""
    dice: random.Random
    kills: int = 0
    moments: list[float] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    kept: int = 0
    """Units found finished at kills and looked at again in the end."""

    def until_done(self, store: Path, to: Path) -> None:
        """Start, kill and start again until a run gets through; then compare."""
        finished: Made = {}
        env = environment(self.folder, store)
        words = finish(self.edl, PRESET, to)
        while not self._through(words, env):
            if to.exists() and frames_of(to) != self.whole:
                self.wrong.append(f"kill {self.kills}: half a file under the final name")
            finished = units(store) | finished
        now = units(store)
        self.kept += len(finished)
        again = [name for name, made in finished.items() if now.get(name) != made]
        self.wrong += [f"after kill {self.kills}: unit {name} made again" for name in again]
        if frames_of(to) != self.whole:
            self.wrong.append(f"after kill {self.kills}: other frames")

    def _through(self, words: list[str | Path], env: dict[str, str]) -> bool:
        """One run, killed at a random moment unless it is done by then."""
        moment = self.dice.uniform(0, self.seconds)
        process = subprocess.Popen(
            [str(word) for word in words],
            env={**os.environ, **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            if process.wait(moment):
                raise RuntimeError(f"a resumed run ended with {process.returncode}")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.kills += 1
            self.moments.append(round(moment, 2))
            return False
        return True


def units(store: Path) -> Made:
    """Finished units, by name."""
    found = (path for path in store.glob("units/??/*") if not path.name.startswith("."))
    return {
        path.name: (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in found
        if path.suffix == ".mov"
    }


def frames_of(path: Path) -> str:
    """A digest of every decoded picture, by ffmpeg."""
    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path), "-map", "0:v"]
    done = subprocess.run([*words, "-f", "framemd5", "-"], capture_output=True, check=False)
    return done.stdout.decode() if done.returncode == 0 else "unreadable"


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--kills", type=int, default=50)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        edl = draw(folder)
        to = folder / "undisturbed.mp4"
        env = environment(folder, folder / "store")
        clock.run([sys.executable, "-m", "finisher", "doctor"], env)
        seconds = timed(lambda: clock.run(finish(edl, PRESET, to), env))
        note(f"undisturbed: {seconds:.1f} s, {len(units(folder / 'store'))} units")
        trials = Trials(folder, edl, frames_of(to), seconds, random.Random(asked.seed))
        done = 0
        while trials.kills < asked.kills:
            with tempfile.TemporaryDirectory(dir=folder) as trial:
                trials.until_done(Path(trial) / "store", Path(trial) / "out.mp4")
            done += 1
            note(f"{trials.kills} kills, {done} deliveries, wrong: {trials.wrong}")
    print(
        f"{trials.kills} kills, {done} deliveries after them, {trials.kept} units finished before "
        f"a kill: {len(trials.wrong)} faults"
    )
    for fault in trials.wrong:
        print(fault)
    result = {"kills": trials.kills, "moments": trials.moments, "wrong": trials.wrong}
    clock.save(asked.json, {**result, "deliveries": done, "kept": trials.kept})
    return int(bool(trials.wrong))


if __name__ == "__main__":
    sys.exit(main())
