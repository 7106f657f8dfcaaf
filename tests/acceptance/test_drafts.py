"""Drafts and parts: quick, never mistaken for what is finished, and the whole's own frames."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import av
import numpy as np
import pytest
from tests.acceptance.studio import delivered, finish

from finisher.media.index import picture_shape


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return delivered(tmp_path_factory.mktemp("drafts") / "otters")


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(made, folder)
    return folder


def lumas(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [f.to_ndarray()[: f.height] for f in container.decode(video=0)]


def test_a_draft_is_stamped_small_and_signed_by_nobody(project: Path) -> None:
    finished = (project / "edl.tiny.mp4").read_bytes()
    ran = finish(project, "edl.json", "--draft", "--json")
    assert ran.code == 0, ran.err
    (told,) = ran.document["deliverables"]
    path = Path(told["path"])
    assert path.name == "edl.tiny.draft.mp4"
    assert (told["draft"], told["passed"], told["audit"]) == (True, None, None)
    assert "neither signed nor audited" in ran.err
    assert (project / "edl.tiny.mp4").read_bytes() == finished
    assert len(picture_shape(path).index) == len(picture_shape(project / "edl.tiny.mp4").index)
    pictures = lumas(path)
    height, width = pictures[0].shape
    # White letters stand in the middle of every picture.
    for picture in pictures:
        band = picture[height * 7 // 16 : height * 9 // 16, width // 5 : width * 4 // 5]
        assert (band > 170).mean() > 0.1
    # The gate does not let it through.
    assert finish(project, "audit", path.name).code == 1


def test_a_draft_of_uncompressed_sound_and_prores_plays_anywhere(project: Path) -> None:
    ran = finish(project, "edl.json", "-p", "prores-hq", "--draft", "--range", "..20")
    assert ran.code == 0, ran.err
    path = project / "edl.prores-hq.0-20.draft.mp4"
    with av.open(str(path)) as container:
        assert container.streams.video[0].codec_context.name == "h264"
        assert container.streams.audio[0].codec_context.name == "aac"


def test_a_part_has_the_whole_s_frames_and_is_proven_by_itself(project: Path) -> None:
    ran = finish(project, "edl.json", "--range", "30..1s12f", "--json")
    assert ran.code == 2, ran.err  # no such time
    ran = finish(project, "edl.json", "--range", "4..20", "--json")
    assert ran.code == 0, ran.err
    (told,) = ran.document["deliverables"]
    path = Path(told["path"])
    assert path.name == "edl.tiny.4-20.mp4"
    assert told["passed"] is True
    whole, part = lumas(project / "edl.tiny.mp4"), lumas(path)
    assert len(part) == 16
    for k, picture in enumerate(part):
        near = np.abs(picture.astype(int) - whole[4 + k]).mean()
        next_one = np.abs(picture.astype(int) - whole[5 + k]).mean()
        # The same picture encoded twice; the scene moves three pixels a frame.
        assert near < 2.0 < next_one


@pytest.mark.parametrize(
    ("part", "code"),
    [("20..24", "part-in-transition"), ("90..95", "part-outside"), ("5..5", "part-outside"),
     ("1.5..", "not-a-time"), ("0.01s..", "off-frame")],
)  # fmt: skip
def test_a_part_that_is_none_is_refused(part: str, code: str, project: Path) -> None:
    ran = finish(project, "edl.json", "--range", part, "--json")
    assert ran.code == 2
    assert json.loads(ran.out)["problems"][0]["code"] == code


def test_plan_shows_a_part_and_a_draft(project: Path) -> None:
    plan = finish(project, "plan", "edl.json", "--range", "..10", "--draft", "--json").document
    assert plan["frames"] == 10
    assert plan["part"]["end"] == 10
    assert max(map(int, plan["raster"].split("x"))) == 480
