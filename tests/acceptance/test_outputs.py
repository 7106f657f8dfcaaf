"""What a run may write, where, and how it ends when it can't."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.acceptance.studio import build, edl, finish, write_edl

COMMAND = [sys.executable, "-m", "finisher"]


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project, with all of it measured once."""
    folder = build(tmp_path_factory.mktemp("outputs") / "otters")
    assert finish(folder, "check", "edl.json").code == 0
    return folder


@pytest.fixture
def project(studio: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    shutil.copytree(studio, folder)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def code_of(out: str) -> str:
    """The code of the one problem that a document tells of."""
    document = json.loads(out)
    assert document["schema"] == "finisher/problems@1"
    (problem,) = document["problems"]
    return str(problem["code"])


@pytest.mark.parametrize("way", ["plain", "dotted", "symbolic link", "hard link", "failed"])
def test_a_take_is_never_an_output(way: str, project: Path) -> None:
    take = project / "takes" / "scene01_take01.mp4"
    output = Path("takes/scene01_take01.mp4")
    match way:
        case "dotted":
            output = Path("luts/../takes/scene01_take01.mp4")
        case "symbolic link":
            output = Path("film.mp4")
            (project / output).symlink_to(take)
        case "hard link":
            output = Path("film.mp4")
            os.link(take, project / output)
        case "failed":
            value = edl()
            value["takes"]["a"]["file"] = "takes/film.failed.mp4"
            take.rename(project / "takes" / "film.failed.mp4")
            write_edl(project, value)
            output = Path("takes/film.mp4")
        case _:
            pass
    before = contents(project)
    ran = finish(project, "edl.json", "-o", str(output), "--json")
    assert (ran.code, code_of(ran.out)) == (2, "output-is-input")
    assert contents(project) == before


def test_a_default_name_spares_the_take_that_has_it(project: Path) -> None:
    value = edl()
    value["takes"]["b"]["file"] = "edl.tiny.mp4"
    (project / "takes" / "scene02_take01.mp4").rename(project / "edl.tiny.mp4")
    write_edl(project, value)
    before = contents(project)
    ran = finish(project, "edl.json", "--json")
    assert (ran.code, code_of(ran.out)) == (2, "output-is-input")
    assert contents(project) == before


def test_a_report_spares_the_edit_list(project: Path) -> None:
    (project / "edl.json").rename(project / "film.report.json")
    before = contents(project)
    ran = finish(project, "film.report.json", "-o", "film.mp4", "--json")
    assert (ran.code, code_of(ran.out)) == (2, "output-is-input")
    assert contents(project) == before


@pytest.mark.parametrize("spoilt", ["media", "report", "too long", "no folder"])
def test_what_cannot_be_written_is_told_before_rendering(spoilt: str, project: Path) -> None:
    output = "out/film.mp4"
    match spoilt:
        case "media":
            (project / "edl.tiny.mp4").mkdir()
            output = "."
        case "report":
            (project / "out" / "film.report.html").mkdir(parents=True)
        case "too long":
            output = f"out/{'x' * 250}.mp4"
        case _:
            (project / "out").touch()
    ran = finish(project, "edl.json", "-o", output, "--json", "--progress", "plain")
    assert (ran.code, code_of(ran.out)) == (6, "output-unwritable")
    assert "picture" not in ran.err, "it was rendered first"
    assert [path.name for path in project.rglob(".finisher-*")] == []


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="signals of POSIX")
@pytest.mark.parametrize("kind", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_run_that_is_ended_leaves_nothing_behind(kind: str, studio: Path, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    words = ["edl.json", "-o", str(tmp_path / "out"), "--no-cache", "--json", "--jobs", "1"]
    with subprocess.Popen(
        [*COMMAND, *words, "--progress", "json"],
        cwd=studio,
        env=os.environ | {"TMPDIR": str(temporary)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # Tests may run where signals are ignored; a program started so would heed none, rightly.
        preexec_fn=lambda: signal.signal(getattr(signal, kind), signal.SIG_DFL),  # noqa: PLW1509 (one thread)
    ) as run:
        assert run.stderr is not None
        assert run.stderr.readline(), "no stage was begun"
        run.send_signal(getattr(signal, kind))
        out, _ = run.communicate(timeout=60)
    assert (run.returncode, code_of(out)) == (130, "interrupted")
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["audit", "film.mp4", "--json", "--format", "text"],
        ["presets", "--json", "--jobs", "x"],
        ["presets", "--json", "--jobs", "0"],
        ["cache", "--json", "--max-size", "nan"],
        ["cache", "--json", "--max-size", "-1"],
        ["cache", "--json", "--older-than", "inf"],
        ["edl.json", "--json", "--no-sign", "--sign-key", "key.pem"],
        ["edl.json", "--json", "--no-such-option"],
        ["init", "project", "--json"],
        ["audit", "--format", "json"],
    ],
    ids=" ".join,
)
def test_a_wrong_command_line_is_one_document(words: list[str], tmp_path: Path) -> None:
    ran = finish(tmp_path, *words)
    assert (ran.code, code_of(ran.out)) == (2, "usage")
    assert ran.err.strip()
    assert list(tmp_path.iterdir()) == []


def test_a_number_of_jobs_says_what_it_may_be(tmp_path: Path) -> None:
    ran = finish(tmp_path, "presets", "--jobs", "x")
    assert "a whole number from 1 to 512" in ran.err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("words", [["presets"], ["presets", "--json"], ["none.json", "--json"]])
def test_a_full_stdout_is_the_machines_problem(words: list[str], tmp_path: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [*COMMAND, *words],
            cwd=tmp_path,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 6
    assert "stdout" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_a_narrow_encoding_loses_nothing(encoding: str, tmp_path: Path) -> None:
    name = "Ōtter … é 🦦.json"
    done = subprocess.run(
        [*COMMAND, "plan", name, "--json"],
        cwd=tmp_path,
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": encoding},
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert json.loads(done.stdout.decode(encoding))["problems"][0]["where"]["file"] == name
    assert done.stderr.decode(encoding)
