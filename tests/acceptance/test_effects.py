"""Effects through the whole command: laid on, promised, found again, refused where they must."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.acceptance.studio import build, edl, finish, write_edl

SHIFT = """
import numpy as np
from moviepy import Effect

class Shift(Effect):
    def __init__(self, by):
        self.by = by

    def apply(self, clip):
        return clip.image_transform(lambda frame: np.roll(frame, self.by, axis=1))
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("effects") / "otters")
    (folder / "sidestep.py").write_text(SHIFT)
    return folder


def with_effects(folder: Path, marked: bool, *effects: dict[str, Any], events: int = 1) -> None:
    value = edl()
    value["events"] = value["events"][:events]
    for event in value["events"]:
        event["effects"] = list(effects)
    if not marked:
        for take in value["takes"].values():
            del take["watermark"]
    write_edl(folder, value)


def frames(path: Path) -> np.ndarray:
    with av.open(str(path)) as container:
        return np.array([f.to_ndarray(format="gray") for f in container.decode(video=0)], int)


def test_effects_are_in_the_export_and_every_frame_is_as_promised(project: Path) -> None:
    with_effects(project, False, events=2)
    plain = finish(project, "edl.json", "-o", "plain.mp4")
    assert plain.code == 0, plain.err
    effects = {"moviepy": "MirrorX"}, {"moviepy": "FadeIn", "duration": 6}
    with_effects(project, False, *effects, events=2)
    ran = finish(project, "edl.json", "-o", "made.mp4", "--json")
    assert ran.code == 0, ran.err
    audited = ran.document["deliverables"][0]["audit"]["files"][0]
    assert next(c for c in audited["checks"] if c["id"] == "picture-content")["status"] == "passed"
    before, after = frames(project / "plain.mp4"), frames(project / "made.mp4")
    assert before.shape == after.shape
    assert after[0].max() <= 20
    # Both were encoded at crf 16, which leaves a code or two on textures like these.
    assert np.abs(after[15] - before[15][:, ::-1]).mean() < 2
    agreed = finish(project, "audit", "made.mp4", "--edl", "edl.json", "--json")
    assert agreed.code == 0, agreed.out
    assert "edit-agrees" in agreed.out


def test_an_effect_that_can_move_a_mark_is_blocked(project: Path) -> None:
    with_effects(project, True, {"moviepy": "MirrorX"})
    ran = finish(project, "edl.json", "-o", "blocked.mp4")
    assert ran.code == 5
    assert "MirrorX can move, cover or dissolve the mark 'otter'" in ran.err
    assert not (project / "blocked.mp4").exists()


def test_marks_are_found_under_effects_of_light(project: Path) -> None:
    with_effects(project, True, {"moviepy": "MultiplyColor", "factor": 0.9}, events=3)
    ran = finish(project, "edl.json", "-o", "light.mp4", "--json")
    assert ran.code == 0, ran.err
    audited = ran.document["deliverables"][0]["audit"]["files"][0]
    assert {mark["verdict"] for mark in audited["watermarks"]} == {"intact"}


def test_own_code_runs_when_it_is_allowed_and_only_then(project: Path) -> None:
    with_effects(project, False, {"moviepy": "sidestep.Shift", "by": 20})
    refused = finish(project, "edl.json", "-o", "own.mp4")
    assert refused.code == 5
    assert "--allow-code" in refused.err
    assert not list(project.glob("**/sidestep*.pyc")), "it was not even loaded"
    allowed = finish(project, "edl.json", "-o", "own.mp4", "--allow-code")
    assert allowed.code == 0, allowed.err
    gate = finish(project, "audit", "own.mp4", "--edl", "edl.json", "--json")
    assert gate.code == 1
    assert "code-not-allowed" in gate.out or "--allow-code" in gate.out


def test_an_effect_that_fails_is_told_at_its_event(project: Path) -> None:
    with_effects(project, False, {"moviepy": "sidestep.Shift", "by": "far"}, events=3)
    ran = finish(project, "edl.json", "-o", "failed.mp4", "--allow-code", "--json")
    assert ran.code == 4
    problems = json.loads(ran.out)["problems"]
    assert {problem["code"] for problem in problems} == {"effect-failed"}
    places = [problem["where"]["pointer"] for problem in problems]
    assert places == ["/events/0", "/events/1", "/events/2"]
    assert not (project / "failed.mp4").exists()


LOUD = """
import os
import sys

print("loaded")

from moviepy import Effect

class Loud(Effect):
    def apply(self, clip):
        print("said")
        os.write(1, b"written")
        return clip

class Leaving(Effect):
    def apply(self, clip):
        sys.exit(0)
"""


def test_what_own_code_prints_does_not_get_into_the_document(project: Path) -> None:
    (project / "loud.py").write_text(LOUD)
    with_effects(project, False, {"moviepy": "loud.Loud"})
    ran = finish(project, "edl.json", "-o", "loud.mp4", "--allow-code", "--json")
    assert ran.code == 0, ran.err
    assert ran.document["passed"] is True


def test_own_code_that_leaves_does_not_take_the_exit_code_along(project: Path) -> None:
    (project / "loud.py").write_text(LOUD)
    with_effects(project, False, {"moviepy": "loud.Leaving"})
    ran = finish(project, "edl.json", "-o", "left.mp4", "--allow-code", "--json")
    assert ran.code == 4
    assert ran.document["problems"][0]["code"] == "effect-failed"
    assert not (project / "left.mp4").exists()
