"""A small project to run the command on: signed, marked takes, a narration, a tiny preset."""

from __future__ import annotations

import json
import wave
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray
from tests.acceptance.nursery import Ran, finish
from tests.unit.provenance.vendors import ACTIONS, claim, vendor

from finisher.c2pa.signing import SigningRequest, sign
from finisher.media.blend import tag

__all__ = [
    "BOX",
    "HEIGHT",
    "PRESET",
    "RATE",
    "WIDTH",
    "Ran",
    "build",
    "delivered",
    "edl",
    "finish",
    "scene",
    "template",
    "write_edl",
    "write_take",
    "write_wav",
]

RATE = 48_000
WIDTH, HEIGHT = 640, 360
BOX = (500, 310, 110, 30)
"""The generator's mark: bottom right, outside a centred vertical crop."""

PRESET = """
inherits = "social916"
description = "Small and quick, for tests"
raster = [270, 480]
[video]
speed = "ultrafast"
crf = 16
"""


def template() -> NDArray[np.uint8]:
    """The mark as RGBA: white letters, half transparent."""
    alpha = np.zeros((BOX[3], BOX[2]), np.uint8)
    cv2.putText(alpha, "OTTER", (3, 23), cv2.FONT_HERSHEY_DUPLEX, 0.85, 140, 2, cv2.LINE_AA)
    rgba = np.full((*alpha.shape, 4), 255, np.uint8)
    rgba[..., 3] = alpha
    return rgba


def scene(frame: int, seed: int) -> NDArray[np.uint8]:
    """Luma of a moving, textured scene with the mark burnt in."""
    dice = np.random.default_rng(seed)
    coarse = dice.integers(40, 200, (24, 44)).astype(np.float32)
    wide = cv2.resize(coarse, (WIDTH + 400, HEIGHT + 200), interpolation=cv2.INTER_CUBIC)
    luma = wide[frame : frame + HEIGHT, 3 * frame : 3 * frame + WIDTH].copy()
    x, y, width, height = BOX
    alpha = template()[..., 3].astype(np.float32) / 255
    place = luma[y : y + height, x : x + width]
    place[:] = place * (1 - alpha) + 235 * alpha
    return np.clip(luma, 16, 235).astype(np.uint8)


def write_take(
    path: Path,
    frames: int,
    seed: int,
    tone: float | None = None,
    exposure: Callable[[int], float] = lambda _: 1.0,
) -> None:
    """An unsigned take; `tone` is the pitch of its sound in Hz, `exposure` each picture's."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(
            "libx264", rate=Fraction(24), options={"crf": "16", "preset": "veryfast", "g": "24"}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        context = stream.codec_context
        context.color_range = context.colorspace = 1
        context.color_primaries = context.color_trc = 1
        sound = container.add_stream("aac", rate=RATE, layout="stereo") if tone else None
        for i in range(frames):
            luma = np.clip(16 + (scene(i, seed) - 16.0) * exposure(i), 16, 235).astype(np.uint8)
            chroma = np.full((HEIGHT // 2, WIDTH), 128, np.uint8)
            picture = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
            tag(picture)
            picture.pts, picture.time_base = i, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
        if sound is not None and tone is not None:
            time = np.arange(RATE * frames // 24) / RATE
            wave_ = (0.2 * np.sin(2 * np.pi * tone * time)).astype(np.float32)
            block = av.AudioFrame.from_ndarray(np.stack([wave_, wave_]), "fltp", "stereo")
            block.sample_rate, block.pts = RATE, 0
            container.mux(sound.encode(block))
            container.mux(sound.encode(None))


def write_wav(path: Path, samples: NDArray[np.float64]) -> None:
    """A mono 16-bit file."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())


def edl() -> dict[str, Any]:
    """The project's edit list as a value, to be changed by a test and written."""
    return {
        "schema": "finisher/edl@1",
        "title": "Otters",
        "rate": "24",
        "canvas": {"width": WIDTH, "height": HEIGHT},
        "takes": {
            "a": {"file": "takes/scene01_take01.mp4", "session": "one", "watermark": "otter"},
            "b": {"file": "takes/scene02_take01.mp4", "session": "one", "watermark": "otter"},
        },
        "sessions": {"one": {}},
        "events": [
            {"id": "first", "take": "a", "in": 14, "out": 38, "focus": [0.9, 0.5]},
            {
                "id": "second",
                "take": "b",
                "in": 12,
                "out": 40,
                "fit": "blur-pad",
                "transition": {"kind": "dissolve", "frames": 8},
            },
            {"id": "third", "take": "a", "in": 20, "out": 48, "focus": [0.9, 0.5], "look": "dim"},
        ],
        "audio": [{"id": "voice", "file": "voice.wav", "role": "narration", "at": "1s"}],
        "watermarks": {"otter": {"kind": "visible", "template": "otter.png", "box": list(BOX)}},
        "deliverables": [{"preset": "tiny"}],
    }


def build(folder: Path) -> Path:
    """Write the whole project; returns its folder."""
    (folder / "takes").mkdir(parents=True)
    (folder / "presets").mkdir()
    (folder / "luts").mkdir()
    by = vendor("Otter Pictures")
    for name, seed, tone in (("scene01_take01", 1, 440.0), ("scene02_take01", 2, None)):
        raw = folder / f"{name}.raw.mp4"
        write_take(raw, 60, seed, tone)
        request = SigningRequest(claim(name), by.signer, attributed=ACTIONS)
        sign(raw, folder / "takes" / f"{name}.mp4", request)
        raw.unlink()
    (folder / "vendor.pem").write_text(by.root)
    (folder / "otter.png").write_bytes(cv2.imencode(".png", template())[1].tobytes())
    (folder / "presets" / "tiny.toml").write_text(PRESET)
    (folder / "luts" / "dim.cc").write_text(
        '<ColorCorrection id="dim"><SOPNode><Slope>0.9 0.9 0.95</Slope><Offset>0 0 0</Offset>'
        "<Power>1 1 1</Power></SOPNode><SatNode><Saturation>1</Saturation></SatNode>"
        "</ColorCorrection>"
    )
    time = np.arange(RATE) / RATE
    write_wav(folder / "voice.wav", 0.3 * np.sin(2 * np.pi * 300 * time) * (time % 0.5 < 0.35))
    write_edl(folder, edl())
    return folder


def write_edl(folder: Path, value: dict[str, Any]) -> None:
    (folder / "edl.json").write_text(json.dumps(value, indent=2))


def delivered(folder: Path) -> Path:
    """The whole project, with its deliverable made."""
    build(folder)
    ran = finish(folder, "edl.json")
    assert ran.code == 0, ran.err
    return folder
