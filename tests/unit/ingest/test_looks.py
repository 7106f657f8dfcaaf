from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.planning import timeline

from finisher.event import Event
from finisher.ingest import looks
from finisher.ingest.looks import names
from finisher.look import Grade, Look
from finisher.ocio import cubes
from finisher.problems import DocumentError, Where
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import ColorConfig, Session, Timeline

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


def find(line: Timeline) -> dict[str, Look]:
    return looks.find(line, Store(Path(line.path).parents[1] / "store"))


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


def test_a_broken_look_named_twice_is_one_problem(project: Path) -> None:
    (project / "broken.cube").write_text("LUT_3D_SIZE two\n", encoding="ascii")
    with pytest.raises(DocumentError) as caught:
        find(naming(project, "broken", "nowhere", "broken", "nowhere"))
    assert [p.code for p in caught.value.problems] == [
        "look-unreadable",
        "look-missing",
        "look-missing",
    ]


def test_a_look_used_twice_is_one(project: Path, repository: Path) -> None:
    shutil.copy(repository / "luts" / f"{SHIPPED}.cube", project / "mine.cube")
    assert list(find(naming(project, "mine", "mine", SHIPPED))) == ["mine", SHIPPED]


CORRECTION = (
    '<ColorCorrection id="{}"><SOPNode><Slope>{} 1 1</Slope><Offset>0 0 0</Offset>'
    "<Power>1 1 1</Power></SOPNode></ColorCorrection>"
)
COLLECTION = "<ColorCorrectionCollection>{}</ColorCorrectionCollection>".format(
    CORRECTION.format("day", 0.9) + CORRECTION.format("night #2", 0.7)
)
SHOW = """ocio_profile_version: 2
search_path: "luts"
roles: {{default: display}}
displays: {{}}
colorspaces:
  - !<ColorSpace>
    name: display
looks:
  - !<Look>
    name: {0}
    process_space: display
    transform: !<FileTransform> {{src: gain.spi1d}}
"""


def white(look: Look) -> list[float]:
    return [float(value) for value in cubes.cube(Grade(look=look), 2)[1, 1, 1]]


def hald(path: Path, gain: float) -> Path:
    steps = np.linspace(0, 255 * gain, 16)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    picture = np.stack([b, g, r], axis=-1).round().astype(np.uint8).reshape(64, 64, 3)
    path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
    return path


def show(folder: Path, look: str = "gain", gain: float = 0.5) -> ColorConfig:
    (folder / "colour" / "luts").mkdir(parents=True, exist_ok=True)
    (folder / "colour" / "show.ocio").write_text(SHOW.format(look), encoding="ascii")
    (folder / "colour" / "luts" / "gain.spi1d").write_text(
        f"Version 1\nFrom 0.0 1.0\nLength 2\nComponents 1\n{{\n0.0\n{gain}\n}}\n", encoding="ascii"
    )
    return ColorConfig(str(folder / "colour" / "show.ocio"), "display", Where("edl.json", "/ocio"))


def test_a_correction_of_a_collection_is_named_by_its_id(project: Path) -> None:
    path = project / "luts" / "grades.ccc"
    path.write_text(COLLECTION, encoding="ascii")
    line = naming(project, "grades.ccc#day", "luts/grades.ccc#night #2")
    day, night = find(line).values()
    assert (day.name, night.name) == ("grades.ccc#day", "grades.ccc#night #2")
    assert np.allclose(white(day), (0.9, 1, 1), atol=1e-6)
    assert np.allclose(white(night), (0.7, 1, 1), atol=1e-6)
    assert path in set(looks.candidates(line))
    for name, code in (("grades", "look-ambiguous"), ("grades.ccc#dya", "look-correction")):
        with pytest.raises(DocumentError) as caught:
            find(naming(project, name))
        (problem,) = caught.value.problems
        assert (problem.code, problem.where) == (code, Where(str(path)))
        assert "day" in str(problem)


def test_a_file_of_that_very_name_comes_before_a_correction(project: Path) -> None:
    odd = cube(project / "grades.ccc#day.cube", 0.5)
    (project / "grades.ccc").write_text(COLLECTION, encoding="ascii")
    assert Path(find(naming(project, "grades.ccc#day"))["grades.ccc#day"].path) == odd


def test_a_hald_picture_becomes_a_plain_cube_once(project: Path) -> None:
    path = hald(project / "luts" / "film.png", 0.5)
    first, *others = (
        find(naming(project, name))[name] for name in ("film", "film.png", "luts/film.png")
    )
    assert others == [first, first]
    assert (first.name, Path(first.path).suffix) == ("film.png", ".cube")
    # A code of 255 and its rounding.
    assert np.allclose(white(first), 0.5, atol=0.003)
    assert first.sha256 == hashlib.sha256(Path(first.path).read_bytes()).hexdigest()
    for name in ("film", "film.png", "luts/film.png"):
        assert path in set(looks.candidates(naming(project, name)))
    made = Path(first.path).stat()
    assert Path(find(naming(project, "film"))["film"].path).stat() == made
    hald(path, 0.25)
    assert np.allclose(white(find(naming(project, "film"))["film"]), 0.25, atol=0.003)


def test_a_picture_that_is_no_hald_is_told_as_such(project: Path) -> None:
    path = project / "preview.png"
    path.write_bytes(cv2.imencode(".png", np.zeros((60, 80, 3), np.uint8))[1].tobytes())
    with pytest.raises(DocumentError) as caught:
        find(naming(project, "preview"))
    (problem,) = caught.value.problems
    assert (problem.code, problem.where) == ("look-unreadable", Where(str(path)))
    assert "80 × 60" in problem.message


def test_a_look_is_looked_for_in_the_configuration_first(project: Path) -> None:
    cube(project / "luts" / "gain.cube", 0.9)
    cube(project / "luts" / "other.cube", 0.8)
    line = replace(naming(project, "gain", "other"), ocio=show(project))
    found = find(line)
    assert np.allclose(white(found["gain"]), 0.5, atol=1e-6)
    assert np.allclose(white(found["other"]), 0.8, atol=1e-6)
    told = set(looks.candidates(line))
    assert project / "colour" / "show.ocio" in told
    assert project / "colour" / "luts" / "gain.spi1d" in told


def test_a_changed_file_of_the_configuration_makes_another_look(project: Path) -> None:
    before = find(replace(naming(project, "gain"), ocio=show(project)))["gain"]
    again = find(replace(naming(project, "gain"), ocio=show(project)))["gain"]
    after = find(replace(naming(project, "gain"), ocio=show(project, gain=0.25)))["gain"]
    assert before == again
    assert np.allclose(white(after), 0.25, atol=1e-6)
    assert np.allclose(white(before), 0.5, atol=1e-6)


def test_what_is_wrong_with_a_configuration_is_told_once(project: Path) -> None:
    wrong = replace(show(project), space="screen")
    with pytest.raises(DocumentError) as caught:
        find(replace(naming(project, "gain", SHIPPED), ocio=wrong))
    (problem,) = caught.value.problems
    assert (problem.code, str(problem.where)) == ("ocio-space", "edl.json: /ocio")
    with pytest.raises(DocumentError) as caught:
        find(replace(naming(project, "gian"), ocio=show(project)))
    assert caught.value.problems[0].hint == "did you mean 'gain'?"


def test_a_link_to_a_look_is_among_what_a_run_rests_on(project: Path) -> None:
    one, link = cube(project / "luts" / "one.cube", 0.5), project / "luts" / "look.cube"
    link.symlink_to(one.name)
    line = naming(project, "look")
    assert find(line)["look"].sha256 == hashlib.sha256(one.read_bytes()).hexdigest()
    # By its own name: where it leads may change.
    assert link in set(looks.candidates(line))


def test_links_in_a_circle_are_no_look(project: Path) -> None:
    link = project / "luts" / "loop.cube"
    link.symlink_to(link.name)
    with pytest.raises(DocumentError, match="no look 'loop'"):
        find(naming(project, "loop"))
