"""A run made before is known by its files, and by nothing less than all of them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance.studio import Ran, delivered, edl, finish, write_edl

NAME = "edl.tiny.mp4"
HEAVY = ("av", "numpy", "pydantic", "PyOpenColorIO", "c2pa", "cryptography", "cv2")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project with its deliverable, made once."""
    return delivered(tmp_path_factory.mktemp("again") / "otters")


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """A copy of it, delivered from what is known."""
    folder = tmp_path / "project"
    shutil.copytree(made, folder)
    assert finish(folder, "edl.json").code == 0
    return folder


def again(folder: Path, *words: str) -> Ran:
    return finish(folder, "edl.json", *words)


def was_known(ran: Ran) -> bool:
    """Whether nothing was even looked into: a run that measures tells of its probe."""
    return "probe" not in ran.err


def test_the_same_run_is_known_and_tells_the_same(project: Path) -> None:
    first = again(project, "--json")
    second = again(project, "--json")
    assert was_known(second)
    assert second.document == first.document
    assert second.document["deliverables"][0]["known"] is True


def test_what_has_nothing_to_do_loads_nothing_that_would_do_it(project: Path) -> None:
    code = (
        "import sys\nfrom finisher.cli.main import main\n"
        "assert main(['edl.json', '--progress', 'none']) == 0\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], cwd=project, capture_output=True, text=True, check=True
    )
    assert ran.stdout.splitlines() == [str(project / NAME), "[]"]


@pytest.mark.parametrize("change", ["take", "layer", "template", "edl", "look", "preset"])
def test_a_file_written_again_is_looked_into(change: str, project: Path) -> None:
    assert was_known(again(project))
    path = {
        "take": "takes/scene01_take01.mp4",
        "layer": "voice.wav",
        "template": "otter.png",
        "edl": "edl.json",
        "look": "luts/dim.cc",
        "preset": "presets/tiny.toml",
    }[change]
    # The same bytes and the same time of modification: only the inode tells.
    status = (project / path).stat()
    (project / path).write_bytes((project / path).read_bytes())
    os.utime(project / path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert not was_known(again(project))
    assert was_known(again(project))


def test_a_look_or_preset_that_would_now_be_found_first_is_found(project: Path) -> None:
    assert was_known(again(project))
    shutil.copy(project / "luts" / "dim.cc", project / "dim.cc")
    assert not was_known(again(project))
    assert was_known(again(project))
    shutil.copy(project / "presets" / "tiny.toml", project / "presets" / "social916.toml")
    ran = again(project)
    assert not was_known(ran)


def test_another_request_is_another_run(project: Path) -> None:
    assert was_known(again(project))
    assert not was_known(again(project, "--trust-anchors", "vendor.pem"))
    assert not was_known(again(project, "--no-sign"))
    assert not was_known(again(project, "-o", "elsewhere/"))
    assert was_known(again(project))


@pytest.mark.parametrize("harm", ["bit", "gone", "report"])
def test_a_finished_file_that_was_harmed_is_put_back(harm: str, project: Path) -> None:
    whole = (project / NAME).read_bytes()
    match harm:
        case "bit":
            spoilt = bytearray(whole)
            spoilt[len(spoilt) // 2] ^= 1
            (project / NAME).write_bytes(spoilt)
        case "gone":
            (project / NAME).unlink()
        case _:
            (project / "edl.tiny.report.html").write_text("nothing", encoding="utf-8")
    ran = again(project)
    assert ran.code == 0
    assert was_known(ran)
    assert (project / NAME).read_bytes() == whole
    assert (project / "edl.tiny.report.html").stat().st_size > 1000


def test_a_run_that_failed_is_made_again(project: Path) -> None:
    take = project / "takes" / "scene01_take01.mp4"
    data = bytearray(take.read_bytes())
    data[-100] ^= 0xFF
    take.write_bytes(data)
    for _ in range(2):
        ran = again(project)
        assert ran.code in (3, 5)
    value = edl()
    value["events"][0]["in"] = 15
    write_edl(project, value)
    assert again(project).code in (3, 5)


def test_what_is_remembered_and_damaged_is_made_anew(project: Path) -> None:
    cache = Path(os.environ["FINISHER_CACHE"])
    assert was_known(again(project))
    wanted = json.loads(again(project, "--json").out)["deliverables"][0]["audit"]["files"][0]
    (project / NAME).unlink()
    for media in (cache / "deliveries").rglob("*.mp4"):
        media.write_bytes(media.read_bytes()[:-1] + b"?")
    ran = again(project)
    assert ran.code == 0
    assert not was_known(ran)
    assert (project / NAME).stat().st_size == wanted["bytes"]


def test_presets_of_another_shelf_are_another_run(project: Path, tmp_path: Path) -> None:
    (project / "presets" / "tiny.toml").rename(tmp_path / "tiny.toml")
    shelves = {}
    for name, crf in (("a", 16), ("b", 20)):
        shelf = tmp_path / name / "finisher" / "presets"
        shelf.mkdir(parents=True)
        text = (tmp_path / "tiny.toml").read_text().replace("crf = 16", f"crf = {crf}")
        (shelf / "tiny.toml").write_text(text)
        shelves[name] = os.environ | {"XDG_CONFIG_HOME": str(tmp_path / name)}
    sizes = {}
    for name in ("a", "b"):
        words = [sys.executable, "-m", "finisher", "edl.json"]
        subprocess.run(words, cwd=project, env=shelves[name], check=True, capture_output=True)
        sizes[name] = (project / NAME).stat().st_size
    assert sizes["b"] < sizes["a"]


def test_a_draft_does_not_replace_a_finished_film(project: Path) -> None:
    whole = (project / NAME).read_bytes()
    ran = again(project, "--draft", "-o", NAME, "--json")
    assert ran.code == 2
    assert json.loads(ran.out)["problems"][0]["code"] == "output-finished"
    assert (project / NAME).read_bytes() == whole
