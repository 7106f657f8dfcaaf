"""A project whose takes carry their pictures' numbers, much of it to be copied."""

from __future__ import annotations

import json
from pathlib import Path

from tests import barcode

PRESET = """
description = "As the takes are"
raster = "source"
rate = "source"
muted = true
[video]
codec = "h264"
profile = "high"
pixel_format = "yuv420p"
speed = "ultrafast"
crf = 16
gop_seconds = "4"
b_frames = 3
[container]
format = "mp4"
edit_list = false
"""
EVENTS = [
    {"id": "mid", "take": "a", "in": 7, "out": 83},
    {"id": "other", "take": "b", "in": 24, "out": 70},
    {"id": "mixed", "take": "a", "in": 48, "out": 96,
     "transition": {"kind": "dissolve", "frames": 6}},
    {"id": "slow", "take": "a", "in": 0, "out": 20, "speed": "1/2"},
    {"id": "round", "take": "b", "in": 24, "out": 48, "loop": {"times": 3, "seam": "cut"}},
    {"id": "short", "take": "a", "in": 30, "out": 33},
]  # fmt: skip


def build(folder: Path) -> Path:
    """Write the whole project; returns its folder."""
    (folder / "takes").mkdir()
    (folder / "presets").mkdir()
    x264 = "keyint=24:min-keyint=24:scenecut=0:bframes=3:b-adapt=0"
    for name, first in (("a", 0), ("b", 500)):
        barcode.write_take(
            folder / "takes" / f"{name}.mp4",
            110,
            options={"x264-params": x264, "preset": "medium"},
            draw=lambda i, first=first: barcode.draw(first + i),  # type: ignore[misc]
        )
    (folder / "presets" / "same.toml").write_text(PRESET)
    value = {
        "schema": "finisher/edl@1",
        "title": "Copies",
        "rate": "24",
        "canvas": {"width": barcode.WIDTH, "height": barcode.HEIGHT},
        "takes": {name: {"file": f"takes/{name}.mp4"} for name in ("a", "b")},
        "events": EVENTS,
        "deliverables": [{"preset": "same"}],
    }
    (folder / "edl.json").write_text(json.dumps(value))
    return folder
