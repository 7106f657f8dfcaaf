"""Sessions matched through the command: what it tells and writes is what a render applies."""

from __future__ import annotations

import hashlib
import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.acceptance.studio import PRESET, finish

from finisher.canonical import to_json
from finisher.color.bake import apply
from finisher.color.science import cielab, delta_e
from finisher.look import CDL, Grade, Look
from finisher.media.blend import tag
from finisher.ocio.cubes import cube

WIDTH, HEIGHT, COUNT = 320, 180, 12
DRIFT = np.array([1.10, 0.97, 0.90])


def place(seed: int) -> NDArray[np.float64]:
    """A place to film: coloured things of many sizes, 0 to 1, wider than a picture."""
    dice = np.random.default_rng(seed)
    ground = np.full((HEIGHT + 60, WIDTH + 120, 3), 0.45)
    for _ in range(160):
        x, y = dice.integers(0, WIDTH + 100), dice.integers(0, HEIGHT + 40)
        w, h = dice.integers(8, 60), dice.integers(8, 50)
        ground[y : y + h, x : x + w] = dice.uniform(0.12, 0.8, 3)
    return np.asarray(cv2.GaussianBlur(ground, (3, 3), 0), np.float64)


def write_take(path: Path, seed: int, x: int, drift: NDArray[np.float64]) -> None:
    """A pan over a place, each channel times a factor."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(24), options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        ground = np.clip(place(seed) * drift, 0, 1)
        for k in range(COUNT):
            seen = np.ascontiguousarray(ground[20 : 20 + HEIGHT, x + k : x + k + WIDTH] * 255)
            frame = av.VideoFrame.from_ndarray(np.rint(seen).astype(np.uint8), format="rgb24")
            frame = frame.reformat(format="yuv420p", dst_colorspace=1, dst_color_range=1)
            tag(frame)
            frame.pts, frame.time_base = k, Fraction(1, 24)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))


def edit() -> dict[str, Any]:
    return {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": WIDTH, "height": HEIGHT},
        "takes": {
            "m1": {"file": "scene01_take01.mp4", "session": "monday"},
            "m2": {"file": "scene02_take01.mp4", "session": "monday"},
            "t1": {"file": "scene01_take02.mp4", "session": "tuesday"},
            "t2": {"file": "scene02_take02.mp4", "session": "tuesday"},
            "w1": {"file": "scene03_take01.mp4", "session": "wednesday"},
        },
        "sessions": {
            "monday": {},
            "tuesday": {"match": "monday"},
            "wednesday": {"match": "monday"},
        },
        "events": [{"take": name, "out": COUNT} for name in ("m1", "t1", "w1")],
    }


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("match")
    (folder / "presets").mkdir()
    (folder / "presets" / "tiny.toml").write_text(PRESET)
    none = np.ones(3)
    write_take(folder / "scene01_take01.mp4", 1, 10, none)
    write_take(folder / "scene02_take01.mp4", 2, 60, none)
    write_take(folder / "scene01_take02.mp4", 1, 70, DRIFT)
    write_take(folder / "scene02_take02.mp4", 2, 15, DRIFT)
    write_take(folder / "scene03_take01.mp4", 3, 40, DRIFT)
    (folder / "edl.json").write_text(json.dumps(edit()))
    return folder


def undone(path: Path) -> float:
    """Mean ΔE2000 left of the drift on greys and colours, through a file that undoes it."""
    look = Look("match", str(path), hashlib.sha256(path.read_bytes()).hexdigest())
    lattice = cube(Grade(look=look), 9)
    wanted = np.stack(np.meshgrid(*[np.linspace(0.2, 0.7, 4)] * 3), axis=-1).reshape(-1, 3)
    return float(delta_e(cielab(apply(lattice, wanted * DRIFT)), cielab(wanted)).mean())


def test_a_match_is_told_shown_and_written(project: Path, tmp_path: Path) -> None:
    written = tmp_path / "tuesday.cube"
    words = ("--session", "tuesday", "-o", str(written), "--sheets", str(tmp_path), "--json")
    ran = finish(project, "match", "edl.json", *words)
    assert ran.code == 0, ran.err
    (told,) = ran.document["matches"]
    assert told["evidence"] == "common places"
    assert {tuple(pair) for pair in told["takes"]} == {("t1", "m1"), ("t2", "m2")}
    assert told["distance_after"] < 0.3 * told["distance_before"]
    sheet = cv2.imread(told["sheet"])
    assert sheet.shape[1] > 3 * WIDTH * 0.9
    # 8 bits and an encoder leave half a ΔE; the drift itself is about six.
    assert undone(written) < 1.0


def test_what_is_told_is_what_a_render_applies(project: Path, tmp_path: Path) -> None:
    told = finish(project, "match", "edl.json", "--sheets", str(tmp_path), "--json").document
    plan = finish(project, "plan", "edl.json", "-p", "tiny", "--json").document
    grades = {event["take"]: event["grade"] for event in plan["events"]}
    by_session = {one["session"]: one["cdl"] for one in told["matches"]}
    assert grades["t1"]["match"] == by_session["tuesday"]
    assert grades["m1"]["match"] == to_json(CDL())


def test_takes_are_matched_without_an_edit_list(project: Path, tmp_path: Path) -> None:
    files = ("--ours", "scene01_take02.mp4", "scene02_take02.mp4")
    files += ("--theirs", "scene01_take01.mp4", "scene02_take01.mp4")
    ran = finish(project, "match", *files, "--sheets", str(tmp_path), "--json")
    assert ran.code == 0, ran.err
    edl = finish(project, "match", "edl.json", "--sheets", str(tmp_path), "--json").document
    assert ran.document["matches"][0]["cdl"] == edl["matches"][0]["cdl"]


def test_no_match_is_said_and_never_written(project: Path, tmp_path: Path) -> None:
    words = ("match", "edl.json", "--session", "wednesday", "--sheets", str(tmp_path))
    ran = finish(project, *words, "--json")
    assert ran.code == 0
    (told,) = ran.document["matches"]
    assert told["confidence"] == 0
    assert told["reason"]
    written = tmp_path / "wednesday.cc"
    ran = finish(project, *words, "-o", str(written), "--json")
    assert (ran.code, ran.document["problems"][0]["code"]) == (2, "match-none")
    assert not written.exists()


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("edl.json", "-o", "both.cube"), "usage"),
        (("edl.json", "--session", "tuesday", "-o", "tuesday.txt"), "match-suffix"),
        (("edl.json", "--session", "monday"), "unknown-session"),
        (("edl.json", "--ours", "scene01_take02.mp4"), "usage"),
        (("--ours", "scene01_take02.mp4"), "usage"),
        ((), "usage"),
    ],
)
def test_what_can_not_be_done_is_refused(
    project: Path, words: tuple[str, ...], code: str, tmp_path: Path
) -> None:
    ran = finish(project, "match", *words, "--sheets", str(tmp_path), "--json")
    assert (ran.code, ran.document["problems"][0]["code"]) == (2, code)


def test_takes_of_the_same_name_in_two_folders_are_two(project: Path, tmp_path: Path) -> None:
    for folder, take in (("mon", "scene01_take01"), ("tue", "scene01_take02")):
        (tmp_path / folder).mkdir()
        shutil.copy(project / f"{take}.mp4", tmp_path / folder / "shot.mp4")
    files = ("--ours", "tue/shot.mp4", "--theirs", "mon/shot.mp4")
    (told,) = finish(tmp_path, "match", *files, "--json").document["matches"]
    assert told["distance_before"] > 3
    assert told["distance_after"] < 1


def test_a_reference_counts_as_its_own_match_makes_it(project: Path, tmp_path: Path) -> None:
    value = edit()
    value["takes"]["w1"]["file"] = "scene01_take02.mp4"
    value["sessions"]["wednesday"]["match"] = "tuesday"
    path = project / "chain.json"
    path.write_text(json.dumps(value))
    ran = finish(project, "match", "chain.json", "--sheets", str(tmp_path), "--json")
    tuesday, wednesday = (one["cdl"]["slope"] for one in ran.document["matches"])
    # Wednesday's take is tuesday's: what brings it to tuesday as matched is tuesday's own match.
    assert np.abs(np.array(tuesday) - np.array(wednesday)).max() < 0.03
    alone = ("--session", "wednesday", "--sheets", str(tmp_path), "--json")
    (told,) = finish(project, "match", "chain.json", *alone).document["matches"]
    assert told["cdl"]["slope"] == wednesday


@pytest.mark.parametrize("name", ["chain.cube", "scene01_take01.mp4", "luts/mine.cube"])
def test_no_file_of_the_edit_is_written_over(project: Path, tmp_path: Path, name: str) -> None:
    value = edit()
    value["sessions"]["tuesday"]["look"] = "mine"
    (project / "luts").mkdir(exist_ok=True)
    (project / "luts" / "mine.cube").write_text("LUT_3D_SIZE 2\n" + "0 0 0\n" * 8)
    (project / "chain.cube").write_text(json.dumps(value))
    before = (project / name).read_bytes()
    words = ("match", "chain.cube", "--session", "tuesday", "-o", name, "--sheets", str(tmp_path))
    ran = finish(project, *words, "--json")
    assert ran.code == 2
    assert (project / name).read_bytes() == before
    assert list(tmp_path.glob("*.png")) == []
