"""Templates and calibrations that marks name, read and held against the edit."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from tests.planning import index, taken, timeline

from finisher.geometry import Box, Raster
from finisher.ingest.templates import calibrations, check_sizes, templates
from finisher.problems import DocumentError, Where
from finisher.timeline import Mark, Take, Timeline
from finisher.watermark.learnt import Learnt, Told, learnt_png

BOX = Box.of(20, 10, 12, 8)
HD = Raster(1920, 1080)


@pytest.fixture
def png(tmp_path: Path) -> Path:
    path = tmp_path / "mark.png"
    cv2.imwrite(str(path), np.full((8, 12, 4), 200, np.uint8))
    return path


@pytest.fixture
def learnt(tmp_path: Path) -> Path:
    planes = (np.eye(8, 12, dtype=np.float32), np.eye(8, 12, 3, dtype=np.float32))
    weight = np.ones((8, 12), np.float32)
    told = Told(BOX, HD, ("ab" * 32,), 0.5)
    path = tmp_path / "learnt.png"
    path.write_bytes(learnt_png(Learnt(*planes, weight, told)))
    return path


def line(*marks: Mark) -> Timeline:
    return replace(timeline(takes=(Take("t1", "t1.mp4", marks=("c", "d")),)), marks=marks)


def test_templates_go_by_their_content_and_tell_where_they_were_learnt(
    png: Path, learnt: Path
) -> None:
    found = templates(line(Mark("a", BOX, str(png)), Mark("b", BOX), Mark("c", BOX, str(learnt))))
    assert list(found) == ["a", "c"]
    assert {name: file.sha256 for name, file in found.items()} == {
        "a": hashlib.sha256(png.read_bytes()).hexdigest(),
        "c": hashlib.sha256(learnt.read_bytes()).hexdigest(),
    }
    assert found["a"].learnt is None
    assert found["c"].learnt is not None
    assert found["c"].learnt.box == BOX


def test_every_file_that_can_not_be_used_is_told_at_its_mark(png: Path) -> None:
    own = Where("edl.json", 7, 3)
    gone, bad = png.with_name("gone.png"), png.with_name("bad.png")
    bad.write_bytes(b"no picture")
    marks = (Mark("a", BOX, str(gone), where=own), Mark("b", BOX, str(png)))
    edit = line(*marks, Mark("c", BOX, str(bad)))
    with pytest.raises(DocumentError) as caught:
        templates(edit)
    assert [(p.code, p.message, p.where) for p in caught.value.problems] == [
        ("template-missing", f"mark 'a': {gone}: No such file or directory", own),
        ("bad-template", f"mark 'c': {bad}: the template is no PNG picture", Where(edit.path)),
    ]


def test_calibrations_are_told_at_their_marks(png: Path) -> None:
    gone = png.with_name("gone.json")
    edit = line(
        Mark("a", BOX, str(png), calibration=str(gone)),
        Mark("b", BOX),
        Mark("c", BOX, calibration=str(png)),
    )
    with pytest.raises(DocumentError) as caught:
        calibrations(edit, templates(edit))
    first, second = (p.message for p in caught.value.problems)
    assert first == "mark 'a': the calibration can't be read: No such file or directory"
    assert second.startswith("mark 'c': this is no calibration: ")
    assert {p.where for p in caught.value.problems} == {Where(edit.path)}


def test_a_learnt_mark_that_is_declared_larger_is_told_with_its_own_size(
    png: Path, learnt: Path
) -> None:
    larger = Box.of(20, 10, 24, 16)
    facts = {"t1": taken("t1", index(24))}
    fitting = line(Mark("a", larger, str(png)), Mark("c", BOX, str(learnt)), Mark("d", larger))
    check_sizes(fitting, templates(fitting), facts)
    edit = line(Mark("c", larger, str(learnt)), Mark("d", larger, str(learnt)))
    with pytest.raises(DocumentError) as caught:
        check_sizes(edit, templates(edit), facts)
    names = [p.message.split(":")[0] for p in caught.value.problems]
    assert names == ["mark 'c'", "mark 'd'"]
    assert {(p.code, p.hint) for p in caught.value.problems} == {
        ("mark-size", "it has 12x8 pixels in takes of 1920x1080, at 20,10")
    }


def test_a_learnt_mark_that_is_scanned_for_has_its_own_size(learnt: Path) -> None:
    facts = {"t1": taken("t1", index(24))}
    own = line(Mark("c", Box.of(0, 0, 0, 0), str(learnt), scan=True))
    check_sizes(own, templates(own), facts)
    other = line(Mark("c", Box.of(0, 0, 24, 16), str(learnt), scan=True))
    with pytest.raises(DocumentError):
        check_sizes(other, templates(other), facts)
