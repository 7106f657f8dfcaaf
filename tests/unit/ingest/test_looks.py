from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning import timeline

from finisher.ingest.looks import find, names
from finisher.problems import DocumentError, Where
from finisher.timecode import Span
from finisher.timeline import Event, Session, Timeline

SHIPPED = "warm-harbour"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "luts").mkdir(parents=True)
    return folder


def cube(path: Path, gain: float) -> Path:
    rows = [f"{r * gain} {g * gain} {b * gain}" for b in (0, 1) for g in (0, 1) for r in (0, 1)]
    path.write_text("LUT_3D_SIZE 2\n" + "\n".join(rows) + "\n", encoding="ascii")
    return path


def naming(folder: Path, *looks: str) -> Timeline:
    events = [
        Event(f"e{i}", "t1", Span(0, 9), look=look, where=Where("edl.json", f"/events/{i}"))
        for i, look in enumerate(looks)
    ]
    return replace(timeline(*events), path=str(folder / "edl.json"))


def test_shipped_looks_are_found_by_name(project: Path, repository: Path) -> None:
    assert SHIPPED in names()
    look = find(naming(project, SHIPPED))[SHIPPED]
    path = repository / "luts" / f"{SHIPPED}.cube"
    assert (look.name, Path(look.path)) == (SHIPPED, path)
    assert look.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def test_beside_the_edl_comes_first_then_its_luts_then_the_shipped(project: Path) -> None:
    mine = cube(project / "luts" / f"{SHIPPED}.cube", 0.9)
    assert Path(find(naming(project, SHIPPED))[SHIPPED].path) == mine
    nearer = cube(project / f"{SHIPPED}.cube", 0.8)
    assert Path(find(naming(project, SHIPPED))[SHIPPED].path) == nearer


def test_a_look_may_be_named_with_its_suffix_and_folder(project: Path) -> None:
    (project / "mine").mkdir()
    path = cube(project / "mine" / "soft.cube", 0.9)
    for name in ("mine/soft.cube", "mine/soft"):
        assert Path(find(naming(project, name))[name].path) == path


def test_sessions_name_looks_too(project: Path) -> None:
    line = replace(naming(project), sessions=(Session("monday", look=SHIPPED),))
    assert list(find(line)) == [SHIPPED]


@pytest.mark.parametrize("name", ["../secret", "../secret.cube", "luts/../../secret", "{}"])
def test_no_name_leads_out_of_the_folder(name: str, project: Path) -> None:
    path = cube(project.parent / "secret.cube", 0.9)
    with pytest.raises(DocumentError) as caught:
        find(naming(project, name.format(path)))
    assert caught.value.problems[0].code == "look-missing"


def test_a_link_does_not_lead_out_of_the_folder(project: Path) -> None:
    path = cube(project.parent / "secret.cube", 0.9)
    (project / "inside.cube").symlink_to(path)
    with pytest.raises(DocumentError):
        find(naming(project, "inside"))


def test_a_file_that_is_no_look_by_its_suffix_is_not_opened(project: Path) -> None:
    (project / "notes.txt").write_text("LUT_3D_SIZE 2", encoding="ascii")
    with pytest.raises(DocumentError) as caught:
        find(naming(project, "notes.txt"))
    assert caught.value.problems[0].code == "look-missing"


def test_all_wrong_looks_are_told_at_once_with_places_and_a_hint(project: Path) -> None:
    (project / "broken.cube").write_text("LUT_3D_SIZE two\n", encoding="ascii")
    with pytest.raises(DocumentError) as caught:
        find(naming(project, "warm-harbor", "broken", "nothing-like-it"))
    first, second, third = caught.value.problems
    assert (first.code, str(first.where)) == ("look-missing", "edl.json: /events/0")
    assert first.hint == f"did you mean {SHIPPED!r}?"
    assert "broken.cube" in str(second)
    assert third.hint is not None
    assert SHIPPED in third.hint


def test_a_look_used_twice_is_one(project: Path, repository: Path) -> None:
    shutil.copy(repository / "luts" / f"{SHIPPED}.cube", project / "mine.cube")
    assert list(find(naming(project, "mine", "mine", SHIPPED))) == ["mine", SHIPPED]
