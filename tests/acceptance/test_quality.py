"""Presets that ask for a score or a size, from the command line to the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import av
import pytest
from tests.acceptance.studio import Ran, build, finish

SIZE = 420_000
"""Twice what sound and credentials take of it."""


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = build(tmp_path_factory.mktemp("quality") / "otters")
    for name, own in (("scored", "vmaf = 90"), ("sized", f"file_bytes = {SIZE}")):
        text = f'inherits = "tiny"\ndescription = "Found"\n[video]\n{own}\n'
        (folder / "presets" / f"{name}.toml").write_text(text)
    return folder


@pytest.fixture(scope="module")
def ran(project: Path) -> Ran:
    return finish(project, "edl.json", "-p", "scored", "-p", "sized", "-o", "out/", "--json")


def report(project: Path, name: str) -> dict[str, Any]:
    return json.loads((project / "out" / f"edl.{name}.report.json").read_text())


def check(document: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = [c for c in document["audit"]["checks"] if c["id"] == name]
    return found


def test_a_score_is_reached_and_reported(project: Path, ran: Ran) -> None:
    assert ran.code == 0, ran.err
    told = report(project, "scored")
    encoding = told["encoding"]
    assert (encoding["vmaf"], encoding["file_bytes"]) == (90, None)
    # Units are held to within half a point, and the programme is their mean.
    assert abs(encoding["reached_vmaf"] - 90) <= 0.5
    assert sum(unit["frames"] for unit in encoding["units"]) == told["plan"]["frames"]
    assert check(told, "picture-quality")["status"] == "passed"
    assert f"VMAF {encoding['reached_vmaf']:.2f} of 90" in ran.err
    page = (project / "out" / "edl.scored.report.html").read_text()
    assert "90 asked for" in page


def test_a_size_is_kept_and_nearly_filled(project: Path, ran: Ran) -> None:
    assert ran.code == 0, ran.err
    size = (project / "out" / "edl.sized.mp4").stat().st_size
    assert 0.95 * SIZE <= size <= SIZE
    told = report(project, "sized")
    finding = check(told, "limit-size")
    assert (finding["status"], finding["promised"], finding["measured"]) == ("passed", SIZE, size)
    assert len({unit["crf"] for unit in told["encoding"]["units"]}) == 1
    with av.open(str(project / "out" / "edl.sized.mp4")) as film:
        assert sum(1 for _ in film.decode(video=0)) == told["plan"]["frames"]


def test_what_was_found_is_known_the_second_time(project: Path, ran: Ran) -> None:
    assert ran.code == 0, ran.err
    for name in ("scored", "sized"):
        (project / "out" / f"edl.{name}.mp4").unlink()
    again = finish(project, "edl.json", "-p", "scored", "-p", "sized", "-o", "out/", "--json")
    assert [one["known"] for one in again.document["deliverables"]] == [True, True]
    planned = finish(project, "plan", "edl.json", "-p", "scored", "-p", "sized", "--json")
    for plan in planned.document["plans"]:
        assert all(unit["cached"] for unit in plan["units"])


def test_a_size_nothing_fits_in_is_a_problem_with_figures(project: Path, ran: Ran) -> None:
    assert ran.code == 0, ran.err
    text = 'inherits = "sized"\n[video]\nfile_bytes = 20_000\n'
    (project / "presets" / "small.toml").write_text(text)
    small = finish(project, "edl.json", "-p", "small", "-o", "out/", "--json")
    assert small.code == 4
    (problem,) = small.document["problems"]
    assert problem["code"] == "size-missed"
    assert "at most 20,000 bytes" in problem["message"]
    assert not list((project / "out").glob("*small*"))
