"""What cutting the programme into units costs in size, at equal quality.

The job's picture at 540x960 is rendered as it always is, in units that are encoded apart, and as
one single unit, from the same sources with the same settings: the very same finished pictures in
one encode. The single one is made at three qualities; its size at the VMAF of ours is read off
the line between the two nearest, size by its logarithm, which bends little over so short a
stretch. VMAF is measured by libvmaf in the embedded ffmpeg, on every third frame, against the
single encode at crf 1.
`python benchmarks/unit_size.py [--speed medium] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import math
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import av
import imageio_ffmpeg

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import clock, job
from benchmarks.clock import note, table
from benchmarks.cold_render import quiet

from finisher.pipeline import master as mastering
from finisher.pipeline.edit import Edit, decide, open_edit
from finisher.pipeline.master import Master
from finisher.pipeline.settings import Settings
from finisher.pipeline.workers import LocalWorkers
from finisher.plan import units
from finisher.render import picture as pictures
from finisher.store import Store

RASTER, CRF, AROUND, REFERENCE = (540, 960), 18, (17, 18, 19), 1
ENDLESS = 1 << 30


@dataclass(frozen=True)
class Point:
    """One encode: its size in bytes and its mean VMAF."""

    size: int
    vmaf: float


def vmaf(path: Path, reference: Path) -> float:
    """Mean VMAF of every third frame of a file, against one with the same frames."""
    with tempfile.TemporaryDirectory() as place:
        # By number, whatever times the files give their frames.
        graph = "[0:v]setpts=N/24/TB[a];[1:v]setpts=N/24/TB[b];[a][b]libvmaf=n_subsample=3:"
        graph += f"log_fmt=json:log_path={place}/vmaf.json"
        words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", str(path)]
        words += ["-i", str(reference), "-lavfi", graph, "-f", "null", "-"]
        subprocess.run(words, stdin=subprocess.DEVNULL, check=True)
        found = json.loads((Path(place) / "vmaf.json").read_text())
    return float(found["pooled_metrics"]["vmaf"]["mean"])


def rendered(edit: Edit, preset: int, settings: Settings, to: Path) -> int:
    """Render one of the edit's presets, picture alone, joined; how many units it took."""
    decided = decide(edit, edit.presets[preset], settings)
    store, workers = Store(settings.cache), LocalWorkers()
    try:
        work = mastering.work_of(edit, decided, store)
        places = mastering.places(edit, decided, work, store)
        parts = pictures.render(work.units, places, workers, quiet)
    finally:
        workers.shutdown()
    mastering.join(decided, Master(parts, None), {}, to, quiet)
    return len(parts.units)


def size_of(path: Path) -> int:
    """Bytes of the picture's packets: no container, no sound."""
    with av.open(str(path)) as container:
        return sum(packet.size for packet in container.demux(video=0))


def at_equal(points: list[Point], wanted: float) -> float:
    """Bytes of an encode with the wanted VMAF, on the line through the two nearest points."""
    near = sorted(points, key=lambda point: abs(point.vmaf - wanted))[:2]
    (a, b) = sorted(near, key=lambda point: point.vmaf)
    part = (wanted - a.vmaf) / (b.vmaf - a.vmaf)
    return math.exp(math.log(a.size) + part * (math.log(b.size) - math.log(a.size)))


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--speed", choices=job.SPEEDS, default="medium")
    words.add_argument("--around", type=int, nargs="+", default=AROUND, metavar="CRF")
    words.add_argument("--work", type=Path, help="a folder to keep the job in")
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = asked.work or Path(place)
        edl, qualities = job.lay(folder), (REFERENCE, *asked.around)
        for crf in qualities:
            text = job.preset(asked.speed, RASTER).replace(f"crf = {CRF}", f"crf = {crf}")
            (folder / "presets" / f"size-{crf}.toml").write_text(text)
        settings, workers = Settings(Path(place) / "store", Path(place) / "data"), LocalWorkers()
        edit = open_edit(edl, [f"size-{crf}" for crf in qualities], settings, workers, quiet)
        workers.shutdown()
        ours = Path(place) / "ours.mp4"
        count = rendered(edit, qualities.index(CRF), settings, ours)
        # One unit for everything: the planner's bounds are all that decides it.
        units.SHORTEST = units.LONGEST = ENDLESS
        single = {crf: Path(place) / f"single-{crf}.mp4" for crf in qualities}
        for number, path in enumerate(single.values()):
            if rendered(edit, number, settings, path) != 1:
                raise RuntimeError("the single encode is none")
        reference = single.pop(REFERENCE)
        mine = Point(size_of(ours), vmaf(ours, reference))
        points = {crf: Point(size_of(p), vmaf(p, reference)) for crf, p in single.items()}
        note(f"{count} units: {mine}; single: {points}")
    equal = at_equal(list(points.values()), mine.vmaf)
    rows = [[f"{count} units, crf {CRF}", f"{mine.size / 1e6:.2f}", f"{mine.vmaf:.3f}"]]
    rows += [[f"one, crf {c}", f"{p.size / 1e6:.2f}", f"{p.vmaf:.3f}"] for c, p in points.items()]
    print(table(["", "MB", "VMAF"], rows))
    print(f"\nsize at equal crf {mine.size / points[CRF].size - 1:+.2%}, ", end="")
    print(f"at equal VMAF {mine.size / equal - 1:+.2%}")
    figures = {"units": mine, "single": {str(c): p for c, p in points.items()}}
    clock.save(asked.json, {**figures, "at_equal_vmaf": mine.size / equal - 1})
    return 0


if __name__ == "__main__":
    sys.exit(main())
