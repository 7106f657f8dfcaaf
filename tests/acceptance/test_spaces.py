"""HDR takes, tagged or declared: delivered as Rec.709, told as repaired, audited and passed."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.acceptance.studio import HEIGHT, WIDTH, Ran, finish, scene

FRAMES = 30
PRESET = f"""
inherits = "social916"
description = "Small and quick, for tests"
raster = [{WIDTH}, {HEIGHT}]
[video]
speed = "ultrafast"
crf = 12
"""
HDR = (1, 9, 9, 16)
"""Limited range, and the code points of Rec.2100 PQ (H.273): matrix, primaries, transfer."""
PLAIN = (1, 1, 1, 1)


def pq(nits: NDArray[np.float64]) -> NDArray[np.float64]:
    """SMPTE ST 2084."""
    m1, m2, c1, c2, c3 = 2610 / 16384, 2523 / 32, 3424 / 4096, 2413 / 128, 2392 / 128
    power = (nits / 10000) ** m1
    return np.asarray(((c1 + c2 * power) / (1 + c3 * power)) ** m2)


def write_take(path: Path, seed: int, points: tuple[int, int, int, int]) -> None:
    """A grey scene in PQ, its SDR white at 203 cd/m², tagged with these code points."""
    with av.open(str(path), "w") as container:
        options = {"crf": "8", "preset": "ultrafast", "x265-params": "log-level=none"}
        stream = container.add_stream("libx265", rate=Fraction(24), options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p10le"
        context = stream.codec_context
        context.color_range, context.colorspace = points[:2]
        context.color_primaries, context.color_trc = points[2:]
        for i in range(FRAMES):
            level = (scene(i, seed).astype(np.float64) - 16) / 219
            light = np.where(level <= 0.04045, level / 12.92, ((level + 0.055) / 1.055) ** 2.4)
            picture = av.VideoFrame(WIDTH, HEIGHT, "yuv420p10le")
            codes = np.rint(64 + 876 * pq(203 * light)).astype("<u2")
            grey = np.full((HEIGHT // 2, WIDTH // 2), 512, "<u2")
            for plane, rows in zip(picture.planes, (codes, grey, grey), strict=True):
                spare = plane.line_size // 2 - plane.width
                plane.update(np.pad(rows, ((0, 0), (0, spare))))
            picture.pts, picture.time_base = i, Fraction(1, 24)
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))


def edit(**wrong: str) -> dict[str, Any]:
    """Two takes of PQ, the second one tagged as Rec.709 and declared as what it is."""
    declared = {"matrix": "bt2020nc", "primaries": "bt2020", "transfer": "smpte2084"} | wrong
    dissolve = {"kind": "dissolve", "frames": 4}
    return {
        "schema": "finisher/edl@1",
        "title": "Bright otters",
        "rate": "24",
        "canvas": {"width": WIDTH, "height": HEIGHT},
        "takes": {"a": {"file": "a.mp4"}, "b": {"file": "b.mp4", "color": declared}},
        "events": [
            {"id": "first", "take": "a", "in": 0, "out": 24},
            {"id": "second", "take": "b", "in": 4, "out": 28, "transition": dissolve},
        ],
        "deliverables": [{"preset": "small"}],
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bright")
    (folder / "presets").mkdir()
    (folder / "presets" / "small.toml").write_text(PRESET)
    write_take(folder / "a.mp4", 1, HDR)
    write_take(folder / "b.mp4", 2, PLAIN)
    (folder / "edl.json").write_text(json.dumps(edit()))
    (folder / "wrong.json").write_text(json.dumps(edit(primaries="bt709")))
    return folder


@pytest.fixture(scope="module")
def delivered(project: Path) -> Ran:
    return finish(project, "edl.json", "--json")


def test_the_export_passes_its_audit_and_tells_of_the_tone_mapping(
    project: Path, delivered: Ran
) -> None:
    assert delivered.code == 0, delivered.err
    (one,) = delivered.document["deliverables"]
    assert one["passed"] is True
    repairs = [repair for repair in one["repairs"] if repair["code"] == "hdr-conform"]
    assert len(repairs) == 2
    assert all("203 cd/m²" in repair["message"] for repair in repairs)
    audited = finish(project, "audit", "edl.small.mp4", "--edl", "edl.json", "--json")
    assert audited.code == 0, audited.err


def test_the_pictures_are_those_that_were_placed_in_hdr(project: Path, delivered: Ran) -> None:
    assert delivered.code == 0
    with av.open(str(project / "edl.small.mp4")) as container:
        context = container.streams.video[0].codec_context
        tags = (context.color_range, context.colorspace, context.color_primaries)
        assert [int(tag) for tag in (*tags, context.color_trc)] == [1, 1, 1, 1]
        frames = [frame.to_ndarray()[:HEIGHT] for frame in container.decode(video=0)]
    assert len(frames) == 48
    for frame, seed, picture in ((5, 1, 5), (20, 1, 20), (30, 2, 10), (44, 2, 24)):
        wanted = scene(picture, seed).astype(float)
        # Letters of the mark lie above the knee, where highlights are rolled off.
        plain = wanted < 210
        missed = (frames[frame].astype(float) - wanted)[plain]
        # Two lossy encodings leave a code and a half.
        assert abs(missed.mean()) < 0.3
        assert np.sqrt((missed**2).mean()) < 2.5


def test_a_strict_run_takes_no_tone_mapping(project: Path) -> None:
    ran = finish(project, "edl.json", "--strict", "-o", "strict.mp4")
    assert ran.code == 3
    assert "hdr-conform" in ran.err or "tone-mapped" in ran.err
    assert not (project / "strict.mp4").exists()


def test_what_contradicts_itself_is_refused(project: Path) -> None:
    ran = finish(project, "plan", "wrong.json")
    assert ran.code == 3
    assert "PQ is of Rec.2020, and its primaries say bt709" in ran.err
