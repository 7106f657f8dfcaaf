"""`finish prep` as typed: lines, places, refusals and what scripts read."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.acceptance.studio import RATE, finish, write_wav


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    time = np.arange(4 * RATE) / RATE
    write_wav(tmp_path / "vo.wav", 0.3 * np.sin(2 * np.pi * 300 * time) * (time % 2 < 0.8))
    return tmp_path


def test_lines_are_written_and_told_with_their_places(folder: Path) -> None:
    ran = finish(folder, "prep", "vo.wav", "-o", "lines", "--listen")
    assert ran.code == 0, ran.err
    assert ran.out.splitlines() == [
        "lines/vo-01.wav  0:00.000-0:00.900",
        "lines/vo-02.wav  0:01.900-0:02.900",
    ]
    assert (folder / "lines" / "vo-02.listen.m4a").is_file()
    ran = finish(folder, "prep", "vo.wav", "--trim", "--below", "20", "--json")
    (line,) = ran.document["lines"]
    assert (line["start"], line["end"], line["recording"]) == (0, 2_900 * 48, "vo.wav")
    assert ran.document["recordings"][0]["credentials_lost"] is None


def test_a_file_in_the_way_is_kept_and_told(folder: Path) -> None:
    assert finish(folder, "prep", "vo.wav").code == 0
    assert finish(folder, "prep", "vo.wav").code == 0
    (folder / "vo-01.wav").write_bytes(b"a take of its own")
    ran = finish(folder, "prep", "vo.wav", "--json")
    assert ran.code == 2
    assert [problem["code"] for problem in ran.document["problems"]] == ["output-exists"]
    assert (folder / "vo-01.wav").read_bytes() == b"a take of its own"


def test_what_cannot_be_meant_or_read_has_its_exit_code(folder: Path) -> None:
    assert finish(folder, "prep", "vo.wav", "--trim", "--pause", "300").code == 2
    assert finish(folder, "prep", "vo.wav", "--pause", "1.5").code == 2
    ran = finish(folder, "prep", "vo.wav", "gone.wav", "--json")
    assert ran.code == 3
    assert ran.document["schema"] == "finisher/problems@1"
