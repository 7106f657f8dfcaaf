"""Watermarks through the whole mission: whole, destroyed, jumping; told, shown and signed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests import marking
from tests.acceptance import studio
from tests.acceptance.studio import Ran, build, edl, finish, write_edl, write_take

from finisher.c2pa.reading import Reading, read

BLACK = {"moviepy": "LumContrast", "lum": -255}
"""An effect that leaves every mark in its place, and nothing of it."""
CORNERS = ((500, 310), (30, 20))


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(tmp_path_factory.mktemp("marks") / "otters")


@pytest.fixture(scope="module")
def jumping(project: Path) -> dict[str, Any]:
    """An edit list's entries for a take whose mark jumps to another corner in its middle."""

    def scene(frame: int, seed: int) -> np.ndarray:
        luma = whole(frame, seed)
        if frame < 24:
            return luma
        # Two corners change places; the mark goes along.
        (x, y), (left, top) = CORNERS
        width, height = studio.BOX[2:]
        here = np.s_[y : y + height, x : x + width]
        there = np.s_[top : top + height, left : left + width]
        luma[here], luma[there] = luma[there].copy(), luma[here].copy()
        return luma

    whole = studio.scene
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(studio, "scene", scene)
        write_take(project / "takes" / "scene03_take01.mp4", 40, 3)
    places = [
        {"from": start, "to": start + 24, "box": [*corner, *studio.BOX[2:]]}
        for start, corner in zip((0, 24), CORNERS, strict=True)
    ]
    return {
        "take": {
            "file": "takes/scene03_take01.mp4",
            "watermark": "hopping",
            "generated": True,
        },
        "event": {"id": "hop", "take": "c", "in": 4, "out": 40, "fit": "blur-pad"},
        "mark": {"kind": "visible", "template": "otter.png", "track": places},
    }


def two_events(**of_third: Any) -> dict[str, Any]:
    value = edl()
    value["events"] = [value["events"][0], value["events"][2] | of_third]
    del value["takes"]["b"], value["audio"]
    return value


def made(folder: Path, value: dict[str, Any], output: str) -> Ran:
    write_edl(folder, value)
    return finish(folder, "edl.json", "-o", output, "--json")


def audited(ran: Ran) -> dict[str, Any]:
    found: dict[str, Any] = ran.document["deliverables"][0]["audit"]["files"][0]
    return found


def outcome(found: dict[str, Any]) -> str:
    return str(next(c["status"] for c in found["checks"] if c["id"] == "watermarks"))


def test_marks_that_stay_are_proven_shown_and_stated(
    project: Path, jumping: dict[str, Any]
) -> None:
    value = two_events()
    value["takes"]["c"], value["watermarks"]["hopping"] = jumping["take"], jumping["mark"]
    value["events"].append(jumping["event"])
    ran = made(project, value, "kept.mp4")
    assert ran.code == 0, ran.err
    found = audited(ran)
    assert outcome(found) == "passed"
    for mark in found["watermarks"]:
        assert (mark["verdict"], mark["kind"]) == ("intact", "visible")
        assert mark["retention"] == pytest.approx(1, abs=0.2)  # crf 16, and two looks at it
        assert mark["fidelity"] > 0.9
        assert mark["coverage"]["confirmed"] == mark["coverage"]["predicted"] > 0
    hop = found["watermarks"][2]
    assert hop["coverage"] == {"confirmed": 36, "predicted": 36, "total": 36, "seconds": 1.5}
    assert hop["frames"] == 16  # eight of each of its places
    page = (project / "kept.report.html").read_text()
    assert page.count("in the take, framed and graded alike</span>") == 3
    reading = read(project / "kept.mp4")
    assert isinstance(reading, Reading)
    manifest = reading.store["manifests"][reading.store["active_manifest"]]
    told = [part.get("description") for part in manifest["ingredients"]]
    assert told == [
        "found in it before the edit: the visible mark 'otter'",
        "found in it before the edit: the visible mark 'hopping'",
    ]

    alone = finish(project, "audit", "kept.mp4", "--require", "watermark", "--json")
    assert alone.code == 0, alone.err
    (file,) = alone.document["files"]
    assert {mark["verdict"] for mark in file["watermarks"]} == {"intact"}
    assert {mark["fidelity"] for mark in file["watermarks"]} == {None}
    assert any("not compared, the takes are not at hand" in what for what in file["not_checked"])


def test_a_mark_that_is_lost_fails_unless_it_may_be(project: Path) -> None:
    value = two_events(effects=[BLACK])
    ran = made(project, value, "dark.mp4")
    assert ran.code == 1, ran.err
    assert (project / "dark.failed.mp4").exists()
    assert not (project / "dark.mp4").exists()
    found = audited(ran)
    assert outcome(found) == "failed"
    verdicts = {mark["event"]: mark["verdict"] for mark in found["watermarks"]}
    assert verdicts == {"first": "intact", "third": "lost"}
    assert "lost: otter on third" in (project / "dark.failed.report.html").read_text()

    value["watermarks"]["otter"]["may_lose"] = "the film ends in black"
    ran = made(project, value, "dark.mp4")
    assert ran.code == 0, ran.err
    lost = next(mark for mark in audited(ran)["watermarks"] if mark["verdict"] == "lost")
    assert lost["allowed"] == "the film ends in black"
    assert outcome(audited(ran)) == "warned"


def write_red(project: Path) -> tuple[int, ...]:
    """A take whose red mark is as bright as the moving grey that it lies on; where it stands."""
    size, name = (studio.WIDTH, studio.HEIGHT), "red glyphs"
    box = (504.0, 300.0, 120.0, 42.0)
    coarse = np.random.default_rng(9).normal(66, 14, (48, 88)).astype(np.float32)
    wide = cv2.resize(coarse, (size[0] + 400, size[1] + 200), interpolation=cv2.INTER_CUBIC)
    grey = np.clip(wide, 0, 255).astype(np.uint8)[..., None].repeat(3, axis=2)
    frames = [grey[i : i + size[1], 3 * i : 3 * i + size[0]] for i in range(48)]
    shown = marking.burnt([np.ascontiguousarray(frame) for frame in frames], name, box, 0.3)
    marking.encode(project / "takes" / "scene04_take01.mp4", shown, marking.h264(14))
    (project / "red.png").write_bytes(marking.template(name))
    return tuple(map(int, box))


def test_a_mark_that_only_its_colour_shows_is_proven_and_missed(project: Path) -> None:
    value = two_events()
    box = write_red(project)
    value["takes"]["d"] = {
        "file": "takes/scene04_take01.mp4",
        "watermark": "red",
        "generated": True,
    }
    value["watermarks"]["red"] = {"kind": "visible", "template": "red.png", "box": box}
    event = {"id": "red", "take": "d", "in": 2, "out": 42, "fit": "blur-pad"}
    value["events"].append(event)
    ran = made(project, value, "red.mp4")
    assert ran.code == 0, ran.err
    mark = next(one for one in audited(ran)["watermarks"] if one["mark"] == "red")
    assert mark["verdict"] == "intact"
    assert mark["detail"].endswith("; told by its colour, in Cr")
    assert mark["retention"] == pytest.approx(1, abs=0.25)  # half-size chroma, scaled by 0.42
    assert finish(project, "audit", "red.mp4", "--require", "watermark").code == 0

    event["effects"] = [{"moviepy": "BlackAndWhite"}]
    ran = made(project, value, "grey.mp4")
    assert ran.code == 1, ran.err
    mark = next(one for one in audited(ran)["watermarks"] if one["mark"] == "red")
    assert mark["verdict"] == "lost"
