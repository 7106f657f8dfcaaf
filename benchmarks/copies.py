"""What carrying untouched pictures over saves, against encoding all of them.

Three events of two 1080p takes with a key frame every two seconds, 503 frames, delivered at the
takes' own size: once cut anywhere, once beginning on key frames. The preset that may not copy
differs by one B-frame. Counted are whole processes from takes measured before up to the joined
file: reading, planning, picture, sound; signing and audit cost the same either way.
`python benchmarks/copies.py [--pairs 5] [--json FILE]`
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import imageio_ffmpeg
from benchmarks import clock
from benchmarks.clock import Run, note, ratios, table
from benchmarks.cold_render import Bench

PRESET = """
description = "As the takes are"
raster = "source"
rate = "source"
[video]
codec = "h264"
profile = "high"
pixel_format = "yuv420p"
speed = "medium"
crf = 18
gop_seconds = "10"
b_frames = {b_frames}
[audio]
codec = "aac"
bit_rate = 192000
[container]
format = "mp4"
edit_list = false
"""
CUTS = {
    "cut anywhere": (("a", 20, 190), ("b", 10, 175), ("a", 40, 208)),
    "begun on key frames": (("a", 0, 190), ("b", 48, 213), ("a", 48, 196)),
}
_TAGS = "setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709"
_X264 = "keyint=48:min-keyint=48:scenecut=0:bframes=3"


def lay(folder: Path) -> None:
    """Two takes, two presets, and an edit list for each way of cutting."""
    for name in ("takes", "presets"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for name, scale in (("a", 1), ("b", 2)):
        drawn = f"mandelbrot=s=1920x1080:rate=24:start_scale={scale}"
        subprocess.run(
            [
                imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-y", "-f", "lavfi", "-i", drawn,
                "-f", "lavfi", "-i", f"sine=frequency={scale}00:sample_rate=48000", "-t", "10",
                "-vf", f"noise=alls=6:allf=t,format=yuv420p,{_TAGS}",
                "-c:v", "libx264", "-crf", "20", "-x264-params", _X264, "-c:a", "aac",
                str(folder / "takes" / f"{name}.mp4"),
            ],
            check=True,
        )  # fmt: skip
    for preset, b_frames in (("copied", 3), ("encoded", 2)):
        text = PRESET.format(b_frames=b_frames)
        (folder / "presets" / f"{preset}.toml").write_text(text, encoding="utf-8")
    for i, events in enumerate(CUTS.values()):
        value = {
            "schema": "finisher/edl@1",
            "title": f"Cut {i}",
            "rate": "24",
            "canvas": {"width": 1920, "height": 1080},
            "takes": {name: {"file": f"takes/{name}.mp4"} for name in ("a", "b")},
            "events": [
                {"id": f"e{k}", "take": take, "in": first, "out": end}
                for k, (take, first, end) in enumerate(events)
            ],
        }
        (folder / f"cut{i}.json").write_text(json.dumps(value), encoding="utf-8")


def copied(edl: Path, env: dict[str, str]) -> int:
    """Frames that the plan carries over."""
    words = [sys.executable, "-m", "finisher", "plan", edl, "-p", "copied", "--json"]
    told = subprocess.run(
        [*map(str, words), "--progress", "none"], env={**clock.os.environ, **env},
        check=True, capture_output=True,
    )  # fmt: skip
    return sum(event["copied"] for event in json.loads(told.stdout)["events"])


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--pairs", type=int, default=5)
    words.add_argument("--json", type=Path)
    asked = words.parse_args()
    clock.adopt()
    results, rows = {}, []
    with tempfile.TemporaryDirectory(prefix="finisher-copies-") as name:
        folder = Path(name)
        lay(folder)
        for i, cut in enumerate(CUTS):
            edl = folder / f"cut{i}.json"
            bench = Bench(folder, folder / "known", edl)
            with tempfile.TemporaryDirectory(dir=folder) as fresh:
                env = {"FINISHER_CACHE": fresh, "FINISHER_DATA": str(folder / "data")}
                frames = copied(edl, env)
                shutil.rmtree(bench.known, ignore_errors=True)
                shutil.copytree(fresh, bench.known)
            variants = {
                preset: lambda preset=preset, bench=bench: bench.alone(  # type: ignore[misc]
                    preset, folder / f"{preset}.mp4"
                )
                for preset in ("copied", "encoded")
            }
            runs: dict[str, list[Run]] = clock.in_turn(variants, asked.pairs, note)
            cpu, wall = (ratios(runs["copied"], runs["encoded"], f) for f in ("cpu", "wall"))
            total = sum(end - first for _, first, end in CUTS[cut])
            rows.append([cut, f"{frames} of {total}", cpu, wall])
            results[cut] = {"copied": frames, "frames": total, "cpu": str(cpu), "wall": str(wall)}
    print(table(["", "frames copied", "processor time", "wall"], rows))
    if asked.json:
        asked.json.write_text(json.dumps(results | {"machine": clock.machine()}, indent=2))


if __name__ == "__main__":
    main()
