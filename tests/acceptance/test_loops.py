"""Loops through the command: found, shown, written, rendered as promised."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path

import av
import cv2
import numpy as np
import pytest
from tests.acceptance.studio import PRESET, Ran, finish

PERIOD = 30


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A take that sways by thirty frames, and an edit that loops it."""
    folder = tmp_path_factory.mktemp("loops")
    (folder / "presets").mkdir()
    (folder / "presets" / "tiny.toml").write_text(PRESET)
    dice = np.random.default_rng(8)
    ground = cv2.resize(
        dice.integers(20, 230, (8, 24, 3), np.uint8), (640, 200), interpolation=cv2.INTER_CUBIC
    )
    with av.open(str(folder / "sway.mp4"), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24), options={"crf": "14"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for k in range(100):
            x = 150 + 24 * np.sin(2 * np.pi * k / PERIOD)
            shift = np.array([[1, 0, x], [0, 1, 10]], np.float32)
            flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
            seen = cv2.warpAffine(ground, shift, (320, 180), flags=flags)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(seen, format="rgb24")))
        container.mux(stream.encode(None))
    return folder


def edit(folder: Path, seam: str, **event: object) -> None:
    document = {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": 320, "height": 180},
        "takes": {"a": {"file": "sway.mp4"}},
        "events": [
            {"id": "one", "take": "a", "in": 4, "out": 90, "loop": {"times": 2, "seam": seam}}
            | event
        ],
        "deliverables": [{"preset": "tiny"}],
    }
    (folder / "edl.json").write_text(json.dumps(document, indent=2))


def test_the_best_loops_are_shown_with_a_sheet(project: Path) -> None:
    ran: Ran = finish(project, "loop", "sway.mp4", "--min", "1s", "--json")
    assert ran.code == 0, ran.err
    first = ran.document["loops"][0]
    assert (first["out"] - first["in"]) % PERIOD == 0
    assert first["verdict"] == "hidden"
    back = ran.document["pingpong"]
    assert back["seam"] == "pingpong"
    assert 0 <= back["in"] < back["out"] <= 100
    sheet = cv2.imread(str(project / "sway.loops.png"))
    assert sheet is not None
    assert sheet.shape[1] > 7 * 240


def test_the_choice_is_written_into_the_edit_and_nothing_else(project: Path) -> None:
    edit(project, "auto", **{"x-note": "keep me"})
    before = (project / "edl.json").read_text()
    ran = finish(project, "loop", "sway.mp4", "--edl", "edl.json", "--event", "one", "--json")
    assert ran.code == 0, ran.err
    chosen = ran.document["chosen"]
    event = json.loads((project / "edl.json").read_text())["events"][0]
    assert (event["in"], event["out"]) == (chosen["in"], chosen["out"])
    assert event["loop"]["seam"] == chosen["seam"]
    assert event["loop"]["times"] == 2
    assert event["x-note"] == "keep me"
    after = (project / "edl.json").read_text()
    assert before.split('"events"')[0] == after.split('"events"')[0]


def test_auto_renders_the_loop_that_was_found(project: Path) -> None:
    edit(project, "auto")
    planned = finish(project, "plan", "edl.json", "--json")
    assert planned.code == 0, planned.err
    event = planned.document["events"][0]
    length = event["source"]["end"] - event["source"]["start"]
    assert length % PERIOD == 0
    assert event["seam"]["verdict"] == "hidden"
    assert planned.document["frames"] == 2 * length
    ran = finish(project, "edl.json", "--no-sign", "-o", "out.mp4")
    assert ran.code == 0, ran.err


def test_a_seam_that_shows_is_a_warning(project: Path) -> None:
    edit(project, "cut", out=4 + PERIOD // 2)
    ran = finish(project, "plan", "edl.json", "--json")
    assert "seam-shows" in [warning["code"] for warning in ran.document["warnings"]]


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--in", "90", "--out", "40"), 2, "empty-range"),
        (("--out", "900"), 2, "range"),
        (("--out", "5"), 2, "loop-too-short"),
        (("--in", "1.5.5s"), 2, "not-a-time"),
        (("--rate", "fast"), 2, "not-a-rate"),
        (("--event", "one"), 2, "usage"),
        (("--edl", "edl.json", "--event", "two"), 2, "unknown-event"),
        (("--choose", "99"), 2, "usage"),
        (("--edl", "edl.json", "--event", "one", "--rate", "25"), 2, "usage"),
    ],
)
def test_what_can_not_be_meant_is_refused(
    project: Path, words: tuple[str, ...], code: int, told: str
) -> None:
    edit(project, "auto")
    ran = finish(project, "loop", "sway.mp4", *words, "--json")
    assert ran.code == code, ran.err
    assert ran.document["problems"][0]["code"] == told
