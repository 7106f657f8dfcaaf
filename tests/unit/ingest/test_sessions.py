"""Matches of sessions: what they rest on, and that they are kept, and made again when they must."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests.planning import index, taken, timeline

from finisher.color.bake import apply
from finisher.color.match import Matched
from finisher.color.pictures import Pictures
from finisher.facts import Evidence, MatchFacts, TakeFacts
from finisher.geometry import Box
from finisher.ingest import sessions
from finisher.look import CDL, ColorTags, Grade
from finisher.ocio import cubes
from finisher.store import Store
from finisher.timeline import Mark, Session, Take, Timeline

MONDAY, TUESDAY = Session("monday"), Session("tuesday", match="monday")
TABLE = np.random.default_rng(1).uniform(-0.02, 0.02, (17, 17, 17, 3)).round(5).astype(np.float32)
TOLD = MatchFacts("tuesday", "monday", CDL((1.1, 1.0, 0.9)), 0.9, 3.0, 1.0, 100)


def scene(seed: int) -> NDArray[np.float64]:
    """A drawn place with much to recognise."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((144, 256, 3)) + rng.uniform(60, 190, 3)
    for _ in range(60):
        centre = (int(rng.integers(0, 256)), int(rng.integers(0, 144)))
        colour = tuple(float(v) for v in rng.uniform(20, 220, 3))
        cv2.ellipse(picture, centre, (int(rng.integers(4, 25)), 9), 30, 0, 360, colour, -1)
    grain = cv2.GaussianBlur(rng.normal(0, 20, (144, 256)), (0, 0), 1.5)
    return np.clip(picture + grain[..., None], 5, 245)


class Edit:
    """Two takes a session of the same two places; tuesday's are warmer."""

    def __init__(self, folder: Path) -> None:
        self.store = Store(folder / "store")
        self.samples: dict[str, Path] = {}
        self.takes: dict[str, TakeFacts] = {}
        declared = []
        for number in range(4):
            name, late = f"t{number}", number < 2
            declared.append(Take(name, f"{name}.mp4", session="tuesday" if late else "monday"))
            self.takes[name] = taken(name, index(24))
            gain = [1.12, 1.0, 0.9] if late else [1.0, 1.0, 1.0]
            self.samples[name] = folder / f"{name}.npy"
            np.save(
                self.samples[name],
                np.clip(scene(number % 2)[None] * gain, 0, 255).astype(np.uint8),
            )
        self.line = timeline(takes=tuple(declared), sessions=(MONDAY, TUESDAY))

    def matched(self, line: Timeline | None = None) -> MatchFacts:
        found = sessions.matches(line or self.line, self.takes, self.samples, self.store)
        assert list(found) == ["tuesday"]
        return found["tuesday"]


@pytest.fixture
def edit(tmp_path: Path) -> Edit:
    return Edit(tmp_path)


class Counted:
    """Stands for the match itself: counts its calls, keeps what it was shown."""

    def __init__(self, table: NDArray[np.float32] | None = None) -> None:
        self.calls = 0
        self.table = table
        self.shown: list[Pictures] = []

    def __call__(
        self, session: str, reference: str, ours: list[Pictures], theirs: list[Pictures]
    ) -> Matched:
        assert (session, reference) == ("tuesday", "monday")
        self.calls += 1
        self.shown = [*ours, *theirs]
        return Matched(TOLD, self.table)


def test_a_warm_session_is_brought_to_its_reference(edit: Edit) -> None:
    facts = edit.matched()
    assert facts.evidence is Evidence.PLACES
    assert set(facts.takes) == {("t0", "t2"), ("t1", "t3")}
    # Equal pictures but for a gain and rounding: less than an eye can tell is left.
    assert facts.distance_before > 3
    assert facts.distance_after < 0.8
    assert facts.cdl.slope[0] < 1 < facts.cdl.slope[2]


def test_a_match_is_made_once_and_read_back_the_same(
    edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(TABLE)
    monkeypatch.setattr(sessions, "match", counted)
    first = edit.matched()
    assert edit.matched() == first
    assert counted.calls == 1


def test_the_table_is_a_plain_cube_that_is_rendered_as_it_was_meant(
    edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "match", Counted(TABLE))
    facts = edit.matched()
    assert facts.residual is not None
    path = Path(facts.residual.path)
    assert path.suffix == ".cube"
    assert hashlib.sha256(path.read_bytes()).hexdigest() == facts.residual.sha256
    rendered = cubes.cube(Grade(match=facts.cdl, residual=facts.residual), 17)
    plain = cubes.cube(Grade(match=facts.cdl), 17)
    steps = np.linspace(0, 1, 17)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    meant = apply(TABLE, np.stack([r, g, b], axis=-1))
    # The file carries seven decimals, OpenColorIO's floats as many.
    assert np.abs(rendered - plain - meant).max() < 1e-6


def test_a_match_whose_table_is_gone_or_damaged_is_made_again(
    edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted(TABLE)
    monkeypatch.setattr(sessions, "match", counted)
    first = edit.matched()
    assert first.residual is not None
    path = Path(first.residual.path)
    good = path.read_bytes()
    path.unlink()
    assert edit.matched() == first
    path.write_bytes(good[:-9])
    assert edit.matched() == first
    assert (counted.calls, path.read_bytes()) == (3, good)


def test_the_table_is_found_where_the_store_is_now(
    edit: Edit, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    counted = Counted(TABLE)
    monkeypatch.setattr(sessions, "match", counted)
    edit.matched()
    moved = edit.store.root.rename(tmp_path / "elsewhere")
    edit.store = Store(moved)
    facts = edit.matched()
    assert counted.calls == 1
    assert facts.residual is not None
    assert Path(facts.residual.path).is_relative_to(moved)


def test_everything_that_decides_a_match_makes_it_another(
    edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted()
    monkeypatch.setattr(sessions, "match", counted)
    edit.matched()
    first, *rest = edit.line.takes
    mark = Mark("corner", Box.of(0, 0, 200, 100))
    named = replace(edit.line, takes=(replace(first, scene="harbour"), *rest))
    marked = replace(edit.line, takes=(replace(first, marks=("corner",)), *rest), marks=(mark,))
    larger = replace(marked, marks=(replace(mark, box=Box.of(0, 0, 300, 100)),))
    fewer = replace(edit.line, takes=tuple(rest))
    for calls, line in enumerate((named, marked, larger, fewer), 2):
        edit.matched(line)
        assert counted.calls == calls
    edit.takes["t0"] = replace(edit.takes["t0"], sha256="f" * 64)
    edit.matched()
    edit.takes["t0"] = replace(edit.takes["t0"], tags=ColorTags("pc", "bt709", "bt709", "bt709"))
    edit.matched()
    edit.samples["t0"] = edit.samples["t0"].rename(edit.samples["t0"].with_name("other.npy"))
    edit.matched()
    assert counted.calls == 8
    monkeypatch.setattr(sessions, "_REVISION", -1)
    edit.matched()
    edit.matched()
    assert counted.calls == 9


def test_marks_bars_and_captions_are_not_shown_to_the_match(
    edit: Edit, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted = Counted()
    monkeypatch.setattr(sessions, "match", counted)
    frames = np.load(edit.samples["t0"]).repeat(3, axis=0)
    for k, frame in enumerate(frames):  # a pan, and a bar that stays
        frame[:] = np.roll(frame, 40 * k, axis=1)
        frame[:12] = 0
    ink = np.zeros((144, 256), dtype=np.uint8)
    cv2.putText(ink, "LOGO", (20, 130), cv2.FONT_HERSHEY_SIMPLEX, 1.0, 255, 3)
    frames[:, ink > 0] = 255
    np.save(edit.samples["t0"], frames)
    first, *rest = edit.line.takes
    mark = Mark("corner", Box.of(1500, 800, 300, 200))
    line = replace(edit.line, takes=(replace(first, marks=("corner",)), *rest), marks=(mark,))
    edit.matched(line)
    hidden = counted.shown[0].leave_out
    assert hidden[:12].all()
    assert hidden[ink > 0].mean() > 0.9
    # The mark's box, scaled by 256 / 1920 and 144 / 1080, whole pixels around it.
    assert hidden[107:133, 200:240].all()
    assert not hidden[60:100, 100:190].any()
    assert not counted.shown[1].leave_out.any()
