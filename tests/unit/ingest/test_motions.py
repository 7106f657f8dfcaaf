"""Which motions an edit wants followed, and whether they can be, on sketches made for it."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from tests.planning import facts, index, preset, taken, timeline

from finisher.effects import Effect
from finisher.event import Conform, Event, Extend, Item, Prolongation, Transition, TransitionKind
from finisher.facts import MotionFacts
from finisher.geometry import Fit, Raster
from finisher.ingest.motions import motions
from finisher.plan.assemble import plan
from finisher.plan.model import Mix, Shot
from finisher.store import Store
from finisher.timecode import Span

INTO = Transition(TransitionKind.BLEND, 6)
KNOWN = facts(("t1", taken("t1", index(60))), ("t2", taken("t2", index(60))))


@pytest.fixture(scope="module")
def sketches(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A slow pan each, over grounds that have nothing in common."""
    folder, made = tmp_path_factory.mktemp("sketches"), {}
    for seed, name in ((1, "t1"), (2, "t2")):
        dice = np.random.default_rng(seed)
        ground = cv2.resize(dice.integers(20, 230, (14, 40, 3), np.uint8), (400, 90))
        made[name] = folder / f"{name}.npy"
        np.save(made[name], np.stack([ground[:, k : k + 160] for k in range(60)]))
    return made


def found(sketches: dict[str, Path], folder: Path, *items: Item) -> dict[str, MotionFacts]:
    return motions(timeline(*items), KNOWN.takes, sketches, Store(folder))


def test_a_jump_inside_a_shot_can_be_followed(sketches: dict[str, Path], tmp_path: Path) -> None:
    cut = (
        Event("a", "t1", Span(5, 15)),
        Event("b", "t1", Span(22, 40), transition=INTO),
    )
    told = found(sketches, tmp_path, *cut)
    assert told.keys() == {"b/in"}
    assert told["b/in"].pairs == 6
    assert told["b/in"].followed
    again = found(sketches, tmp_path, *cut)
    assert again == told


def test_shots_that_have_nothing_in_common_compete_and_are_dissolved(
    sketches: dict[str, Path], tmp_path: Path
) -> None:
    cut = (Event("a", "t1", Span(5, 15)), Event("b", "t2", Span(12, 30), transition=INTO))
    told = found(sketches, tmp_path, *cut)
    assert not told["b/in"].followed
    made = plan(timeline(*cut), preset(), replace(KNOWN, motions=told))
    mixes = [p for unit in made.units for p in unit.pictures if isinstance(p, Mix)]
    assert len(mixes) == 6
    assert {mix.kind for mix in mixes} == {TransitionKind.DISSOLVE}
    assert [warning.code for warning in made.warnings] == ["motion-declined"]


def test_retimes_and_extensions_are_motions_of_the_event(
    sketches: dict[str, Path], tmp_path: Path
) -> None:
    told = found(
        sketches,
        tmp_path,
        Event("slow", "t1", Span(0, 9), speed=Fraction(1, 2), conform=Conform.MOTION),
        Event("late", "t2", Span(0, 9), extend=Extend(6, Prolongation.INTERPOLATE)),
        Event("plain", "t2", Span(0, 9)),
    )
    assert told.keys() == {"slow", "late"}
    assert all(motion.followed for motion in told.values())


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"effects": (Effect("MirrorX"),)}, "effects move its pictures"),
        ({"fit": Fit.PAD}, "its two events are framed differently"),
        ({"focus": (Fraction(1), Fraction(1, 2))}, "its two events are framed differently"),
    ],
)
def test_pictures_made_differently_have_no_one_motion(
    sketches: dict[str, Path], tmp_path: Path, changed: dict[str, Any], words: str
) -> None:
    first = Event("a", "t1", Span(5, 15))
    cut = (replace(first, **changed), Event("b", "t1", Span(22, 40), transition=INTO))
    told = found(sketches, tmp_path, *cut)
    assert told == {"b/in": MotionFacts(0.0, 0, reason=words)}
    (warning,) = plan(timeline(*cut), preset(), replace(KNOWN, motions=told)).warnings
    assert words in warning.message


def test_under_effects_of_light_the_take_itself_is_looked_at(
    sketches: dict[str, Path], tmp_path: Path
) -> None:
    effects = (Effect("BlackAndWhite"),)
    told = found(
        sketches,
        tmp_path,
        Event("a", "t1", Span(5, 15), effects=effects),
        Event("b", "t1", Span(22, 40), transition=INTO, effects=effects),
    )
    assert told["b/in"].followed


def test_a_cut_inside_a_take_breaks_its_motion_there_alone(
    sketches: dict[str, Path], tmp_path: Path
) -> None:
    """Every place is looked at: one between two pictures of 59 would slip through a sample."""
    joined = np.concatenate([np.load(sketches["t1"])[:31], np.load(sketches["t2"])[31:]])
    np.save(tmp_path / "cut.npy", joined)
    event = Event("a", "t1", Span(0, 60), speed=Fraction(1, 2), conform=Conform.MOTION)
    told = motions(timeline(event), KNOWN.takes, {"t1": tmp_path / "cut.npy"}, Store(tmp_path))
    assert told["a"].broken == (30,)
    assert told["a"].pairs == 59
    made = plan(timeline(event), preset(), replace(KNOWN, motions=told))
    kinds = {
        picture.outgoing: picture.kind
        for unit in made.units
        for picture in unit.pictures
        if isinstance(picture, Mix)
    }
    assert kinds.pop(Shot(0, 30)) is TransitionKind.DISSOLVE
    assert set(kinds.values()) == {TransitionKind.BLEND}
    assert "in 1 of 59 places" in made.warnings[0].message


def test_an_edit_that_wants_none_is_not_looked_at(tmp_path: Path) -> None:
    assert found({}, tmp_path, Event("a", "t1", Span(0, 9))) == {}


def test_an_edit_that_lacks_media_is_left_to_planning(tmp_path: Path) -> None:
    assert found({}, tmp_path, Event("a", "t1", Span(0, 900), conform=Conform.MOTION)) == {}


def test_takes_of_other_shapes_compete(sketches: dict[str, Path], tmp_path: Path) -> None:
    takes = {
        "t1": KNOWN.takes["t1"],
        "t2": replace(KNOWN.takes["t2"], raster=Raster(1080, 1920)),
    }
    cut = (Event("a", "t1", Span(5, 15)), Event("b", "t2", Span(12, 30), transition=INTO))
    told = motions(timeline(*cut), takes, sketches, Store(tmp_path))
    assert told["b/in"] == MotionFacts(0.0, 6)
