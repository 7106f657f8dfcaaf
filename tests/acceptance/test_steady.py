"""A take that flickers, delivered steadied: measured on the export, told in plan and manifest."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.acceptance.studio import build, edl, finish, write_edl, write_take

COUNT = 48
SHAKEN = np.exp(np.random.default_rng(4).normal(0, 0.04, COUNT))


def edit() -> dict[str, Any]:
    value = edl()
    value["takes"] = {"c": {"file": "takes/scene03_take01.mp4", "steady": True}}
    value["events"] = [{"id": "only", "take": "c", "out": COUNT}]
    return value | {"sessions": {}, "watermarks": {}, "audio": []}


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("steady") / "otters")
    take = folder / "takes" / "scene03_take01.mp4"
    write_take(take, COUNT, seed=5, exposure=lambda number: SHAKEN[number])
    return folder


def levels(path: Path) -> NDArray[np.float64]:
    """Logarithm of the middle luma of each picture, above black."""
    with av.open(str(path)) as container:
        pictures = [frame.to_ndarray()[: frame.height] for frame in container.decode(video=0)]
    return np.array([np.log(np.median(picture) - 16) for picture in pictures])


def jitter(course: NDArray[np.float64]) -> float:
    return float(np.diff(course, 2).std())


def test_flicker_is_taken_out_where_it_is_asked_for(project: Path) -> None:
    write_edl(project, edit())
    ran = finish(project, "edl.json", "--json")
    assert ran.code == 0, ran.err
    steadied = jitter(levels(project / "edl.tiny.mp4"))
    notes = [w for w in ran.document["deliverables"][0]["warnings"] if w["code"] == "take-steadied"]
    assert "is taken out of its exposure" in notes[0]["message"]

    report = json.loads((project / "edl.tiny.report.json").read_text(encoding="utf-8"))
    assert report["audit"]["passed"]
    assert "adjustedColor" in report["events"][0]["edits"]
    assert report["takes"][0]["steadied"] > 0.02

    # What is left is the scene's own: its picture moves by three pixels a frame.
    assert steadied < 0.25 * jitter(levels(project / "takes" / "scene03_take01.mp4"))
