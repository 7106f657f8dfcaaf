from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from tests.acceptance.studio import PRESET, RATE, finish

from finisher.ffmpeg import pictures, sounds
from finisher.media.blend import tag

CUTS = 20
TOLERANCE = RATE // 1000
"""One millisecond."""


def flash_take(path: Path, rate: Fraction, seconds: int) -> None:
    """A take that flashes white and beeps, both starting with the first frame of each second."""
    frames = int(seconds * rate)
    firsts = {-(-int(s * rate.numerator) // rate.denominator) for s in range(seconds)}
    starts = [round(Fraction(frame) / rate * RATE) for frame in sorted(firsts)]
    sound = np.zeros(int(frames / rate * RATE), np.float32)
    beep = 0.5 * np.sin(2 * np.pi * 1000 * np.arange(RATE // 25) / RATE)
    for start in starts:
        sound[start : start + len(beep)] = beep[: len(sound) - start]
    with av.open(str(path), "w") as container:
        video = container.add_stream(
            "libx264", rate=rate, options={"preset": "ultrafast", "crf": "20", "g": "24"}
        )
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        context = video.codec_context
        context.color_range = context.colorspace = 1
        context.color_primaries = context.color_trc = 1
        audio = container.add_stream("aac", rate=RATE, layout="stereo", options={"b": "256k"})
        for i in range(frames):
            luma = np.full((180, 320), 235 if i in firsts else 40, np.uint8)
            chroma = np.full((90, 320), 128, np.uint8)
            picture = av.VideoFrame.from_ndarray(np.vstack([luma, chroma]), format="yuv420p")
            tag(picture)
            picture.pts, picture.time_base = i, 1 / rate
            container.mux(video.encode(picture))
        container.mux(video.encode(None))
        block = av.AudioFrame.from_ndarray(np.stack([sound, sound]), "fltp", "stereo")
        block.sample_rate, block.pts = RATE, 0
        container.mux(audio.encode(block))
        container.mux(audio.encode(None))


def onsets(path: Path, count: int) -> tuple[list[int], list[int]]:
    """Frames that flash, and samples at which beeps begin, in a delivered file."""
    lumas = [int(plane.mean()) for plane in pictures.measure(path, (32, 48))]
    flashes = [i for i, level in enumerate(lumas) if level > 140]
    with sounds.decode_sound(path) as decoded:
        assert decoded is not None
        sound = np.concatenate([block[:, 0] for block in decoded.blocks])
    beep = np.sin(2 * np.pi * 1000 * np.arange(RATE // 25) / RATE)
    likeness = np.correlate(sound, beep, "valid")
    beeps = []
    for _ in range(count):
        at = int(np.argmax(likeness))
        beeps.append(at)
        likeness[max(0, at - RATE // 10) : at + RATE // 10] = -np.inf
    return flashes, sorted(beeps)


@pytest.mark.parametrize("rate", ["24", "30000/1001"])
def test_flash_and_beep_stay_together_over_twenty_cuts(rate: str, tmp_path: Path) -> None:
    exact = Fraction(rate)
    (tmp_path / "presets").mkdir()
    (tmp_path / "presets" / "tiny.toml").write_text(PRESET)
    flash_take(tmp_path / "scene01_take01.mp4", exact, CUTS + 4)
    nominal = -(-exact.numerator // exact.denominator)
    # Every event holds one flash, at another distance from its cut.
    events = []
    for i in range(CUTS + 1):
        flash = -(-int(i + 1) * exact.numerator // exact.denominator)
        start = flash - 3 - i % 7
        events.append({"take": "t", "in": start, "out": start + nominal - 2})
    value = {
        "schema": "finisher/edl@1",
        "title": "Flash and beep",
        "rate": rate,
        "canvas": {"width": 320, "height": 180},
        "takes": {"t": {"file": "scene01_take01.mp4"}},
        "events": events,
        "deliverables": [{"preset": "tiny"}],
    }
    (tmp_path / "edl.json").write_text(json.dumps(value))
    ran = finish(tmp_path, "edl.json", "--json")
    assert ran.code == 0, ran.err
    flashes, beeps = onsets(tmp_path / "edl.tiny.mp4", len(events))
    assert flashes == [i * (nominal - 2) + 3 + i % 7 for i in range(len(events))]
    offsets = [
        beep - float(Fraction(flash) / exact * RATE)
        for flash, beep in zip(flashes, beeps, strict=True)
    ]
    assert max(map(abs, offsets)) <= TOLERANCE, offsets
