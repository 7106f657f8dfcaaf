from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
import pytest

from finisher.color.bake import apply
from finisher.color.fit import Colours, graded
from finisher.color.match import Matched, by_patches, match
from finisher.color.pictures import Pictures, letterbox
from finisher.color.restraint import MOST_GAIN, gain
from finisher.color.science import cielab, delta_e
from finisher.facts import Evidence
from finisher.look import CDL

DRIFT = CDL((1.10, 0.96, 0.93), (0.015, 0.0, -0.01), (0.95, 1.05, 1.04), 0.9)
NONE = CDL()
STILLS = (
    Path(os.environ.get("FINISHER_FIXTURES", Path(__file__).parents[4] / "shared" / "fixtures"))
    / "stills"
)


def scene(seed: int) -> np.ndarray:
    """A drawn place, 384 × 256: sky, ground, and some dozens of coloured shapes with texture."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(0, 1, 256)[:, None, None]
    picture = np.ascontiguousarray(
        np.broadcast_to(rng.uniform(0.3, 0.9, 3) * (1 - ramp), (256, 384, 3))
    )
    picture += rng.uniform(0.1, 0.6, 3) * ramp
    for _ in range(70):
        centre = (int(rng.integers(0, 384)), int(rng.integers(0, 256)))
        axes = (int(rng.integers(4, 40)), int(rng.integers(4, 30)))
        colour = tuple(float(v) for v in rng.uniform(0.05, 0.9, 3))
        cv2.ellipse(picture, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1)
    grain = cv2.GaussianBlur(rng.normal(0, 0.1, (256, 384)), (0, 0), 1.5)
    return np.clip(picture + grain[..., None], 0.02, 0.95)


def window(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The place as one session framed it."""
    h, w = (int(v * rng.uniform(0.7, 0.85)) for v in picture.shape[:2])
    y, x = rng.integers(0, picture.shape[0] - h), rng.integers(0, picture.shape[1] - w)
    part = np.ascontiguousarray(picture[y : y + h, x : x + w])
    return np.clip(cv2.resize(part, (256, round(256 * h / w))), 0, 1)


def take(name: str, picture: np.ndarray, drift: CDL = NONE) -> Pictures:
    noise = np.random.default_rng(len(name)).normal(0, 0.6, (1, *picture.shape))
    codes = np.clip(np.round(np.clip(graded(drift, picture), 0, 1) * 255 + noise), 0, 255)
    frames = codes.astype(np.uint8)
    return Pictures(name, None, frames, letterbox(frames))


Sessions = tuple[list[Pictures], list[Pictures], list[np.ndarray]]


def sessions(
    places: list[np.ndarray], drift: CDL, seed: int, others: list[np.ndarray] | None = None
) -> Sessions:
    """Our drifted takes, the reference's, and ours as they were before."""
    rng = np.random.default_rng(seed)
    truth = [window(place, rng) for place in places]
    ours = [take(f"a{k}", picture, drift) for k, picture in enumerate(truth)]
    theirs = [
        take(f"b{k}", window(place, rng)[:, :: -1 if k % 2 else 1])
        for k, place in enumerate(others or places)
    ]
    return ours, theirs, truth


def error(cdl: CDL, ours: list[Pictures], truth: list[np.ndarray]) -> float:
    """Mean ΔE2000 between corrected and undrifted takes."""
    each = [
        delta_e(cielab(np.clip(graded(cdl, one.frames[0] / 255.0), 0, 1)), cielab(was)).mean()
        for one, was in zip(ours, truth, strict=True)
    ]
    return float(np.mean(each))


@pytest.fixture(scope="module")
def places() -> list[np.ndarray]:
    return [scene(seed) for seed in range(4)]


def test_a_drift_over_common_places_is_undone(places: list[np.ndarray]) -> None:
    ours, theirs, truth = sessions(places, DRIFT, 1)
    facts = match("tuesday", "monday", ours, theirs).facts
    assert error(NONE, ours, truth) > 3
    # Noise of 0.6 codes and rounding alone make about half a ΔE; a CDL drift leaves little else.
    assert error(facts.cdl, ours, truth) < 1.2
    assert (facts.session, facts.reference) == ("tuesday", "monday")
    assert facts.confidence > 0.9
    assert facts.pairs > 100
    assert facts.distance_after < 0.4 * facts.distance_before
    assert facts.evidence is Evidence.PLACES
    assert {("a0", "b0"), ("a1", "b1"), ("a2", "b2"), ("a3", "b3")} <= set(facts.takes)
    assert facts.reason == ""


def test_without_a_drift_nothing_is_done(places: list[np.ndarray]) -> None:
    ours, theirs, truth = sessions(places, NONE, 2)
    facts = match("tuesday", "monday", ours, theirs).facts
    assert facts.confidence > 0.9, "that the sessions agree is known, not guessed"
    assert error(facts.cdl, ours, truth) <= error(NONE, ours, truth) + 0.1


def test_sessions_that_share_nothing_are_left_alone(places: list[np.ndarray]) -> None:
    others = [scene(100 + k) for k in range(4)]
    ours, theirs, truth = sessions(places, DRIFT, 0, others)
    facts = match("tuesday", "monday", ours, theirs).facts
    assert error(facts.cdl, ours, truth) <= error(NONE, ours, truth) + 0.1
    assert facts.confidence == 0
    assert facts.reason
    assert facts.evidence is Evidence.NONE
    assert facts.cdl.identity
    assert facts.distance_after == facts.distance_before


def test_the_same_pictures_give_the_same_figures(places: list[np.ndarray]) -> None:
    ours, theirs, _ = sessions(places[:2], DRIFT, 3)
    one, other = (match("a", "b", ours, theirs) for _ in range(2))
    assert one.facts == other.facts
    assert (one.table is None) == (other.table is None)


def test_scene_names_decide_what_is_compared(places: list[np.ndarray]) -> None:
    ours, theirs, truth = sessions(places, DRIFT, 4)
    mislabelled = [replace(one, scene=f"{k}") for k, one in enumerate(ours)]
    named = [replace(one, scene=f"{k}") for k, one in enumerate(theirs)]
    right = match("a", "b", mislabelled, named).facts
    assert error(right.cdl, ours, truth) < 1.2
    # One name alone in common: the other takes have no part in the estimate.
    only = [replace(one, scene="0" if k == 0 else f"x{k}") for k, one in enumerate(theirs)]
    assert 0 < match("a", "b", mislabelled, only).facts.pairs < right.pairs / 2


def test_a_mark_that_is_left_out_has_no_say(places: list[np.ndarray]) -> None:
    ours, theirs, truth = sessions(places, DRIFT, 5)
    marked = []
    for one in ours:
        frames, mask = one.frames.copy(), one.leave_out.copy()
        frames[:, :60, :120], mask[:60, :120] = (255, 0, 255), True
        marked.append(replace(one, frames=frames, leave_out=mask))
    assert error(match("a", "b", marked, theirs).facts.cdl, ours, truth) < 1.4


def nothing(pairs: object) -> list[object]:
    """No common place is ever recognised."""
    del pairs
    return []


@pytest.mark.parametrize("drift", [DRIFT, NONE])
def test_blocks_of_named_scenes_serve_where_features_are_missing(
    places: list[np.ndarray], monkeypatch: pytest.MonkeyPatch, drift: CDL
) -> None:
    monkeypatch.setattr("finisher.color.match.same_places", nothing)
    # Soft pictures: nothing to recognise a place by, and colours that vary slowly.
    soft = [cv2.GaussianBlur(place, (0, 0), 12) for place in places]
    truth = [place[:, ::-1] for place in soft]
    ours = [replace(take(f"a{k}", was, drift), scene=f"{k}") for k, was in enumerate(truth)]
    theirs = [replace(take(f"b{k}", place), scene=f"{k}") for k, place in enumerate(soft)]
    facts = match("a", "b", ours, theirs).facts
    most = error(NONE, ours, truth) + 0.1
    assert error(facts.cdl, ours, truth) < (most if drift == NONE else 0.6 * most)
    assert facts.evidence is Evidence.COLOURS


def test_one_take_that_went_its_own_way_is_outvoted(places: list[np.ndarray]) -> None:
    ours, theirs, truth = sessions(places, DRIFT, 7)
    ours[0] = take("a0", truth[0], CDL((0.7, 1.0, 1.3)))
    facts = match("a", "b", ours, theirs).facts
    assert error(facts.cdl, ours[1:], truth[1:]) < 0.5 * error(NONE, ours[1:], truth[1:])


def test_nothing_to_go_by_means_no_match() -> None:
    black = np.zeros((2, 144, 256, 3), dtype=np.uint8)
    dark = Pictures("a", None, black, letterbox(black))
    grey = replace(dark, frames=black + 128, leave_out=np.zeros((144, 256), dtype=np.bool_))
    for ours, theirs in (([], [grey]), ([dark], [grey]), ([dark], [dark]), ([grey], [])):
        facts = match("a", "b", ours, theirs).facts
        assert facts.cdl.identity
        assert facts.confidence == 0
        assert (facts.evidence, facts.takes) == (Evidence.NONE, ())
        assert facts.reason


def test_a_plain_picture_is_not_evidence_enough_for_a_cast() -> None:
    flat = np.full((2, 144, 256, 3), 128, dtype=np.uint8)
    one = Pictures("a", None, flat, letterbox(flat))
    warm = replace(one, frames=flat + np.array([30, 0, 0], dtype=np.uint8))
    assert match("a", "b", [warm], [one]).facts.cdl.identity


@pytest.fixture(scope="module")
def stills() -> list[np.ndarray]:
    if not STILLS.is_dir():
        pytest.skip("the fixture stills are not here")
    pictures = []
    for path in sorted(STILLS.glob("kodim*.png"))[:5]:
        image = cv2.imread(str(path))[:512, :768, ::-1]
        high = image.shape[0] * 384 // image.shape[1]
        pictures.append(cv2.resize(image, (384, high), interpolation=cv2.INTER_AREA) / 255.0)
    return pictures


@pytest.mark.parametrize(("drift", "most"), [(DRIFT, 1.2), (NONE, 0.7)])
def test_natural_pictures_in_other_framings(
    stills: list[np.ndarray], drift: CDL, most: float
) -> None:
    ours, theirs, truth = sessions(stills, drift, 8)
    assert error(match("a", "b", ours, theirs).facts.cdl, ours, truth) < most


@pytest.mark.parametrize(("strength", "share"), [(0.5, 0.8), (0.0, 1.2)])
def test_natural_pictures_by_their_blocks_alone(
    stills: list[np.ndarray], monkeypatch: pytest.MonkeyPatch, strength: float, share: float
) -> None:
    monkeypatch.setattr("finisher.color.match.same_places", nothing)
    ours, theirs, truth = sessions(stills, DRIFT.scaled(strength), 9)
    facts = match("a", "b", ours, theirs).facts
    assert error(facts.cdl, ours, truth) < share * error(NONE, ours, truth)


def declared(colours: np.ndarray, drift: CDL) -> Colours:
    return Colours(np.clip(graded(drift, colours), 0, 1), colours, np.ones(len(colours)))


def test_one_grey_patch_takes_a_cast_out_and_leaves_the_rest_in_peace() -> None:
    warm = CDL((1.06, 1.0, 0.94))
    facts = by_patches("a", "b", declared(np.array([[0.5, 0.5, 0.5]]), warm), [("a0", "b0")]).facts
    assert facts.evidence is Evidence.PATCHES
    assert facts.takes == (("a0", "b0"),)
    assert facts.distance_after < 0.2
    # One grey says nothing of the others, but a usual drift moves them alike.
    ramp = np.linspace(0.1, 0.9, 9)[:, None] * np.ones(3)
    left = delta_e(cielab(graded(facts.cdl, graded(warm, ramp))), cielab(ramp))
    was = delta_e(cielab(graded(warm, ramp)), cielab(ramp))
    assert (left < was).all()
    assert left.mean() < 0.4 * was.mean()
    assert abs(facts.cdl.saturation - 1) < 0.1, "grey does not speak of saturation"


def test_a_few_patches_of_different_colours_settle_the_cdl() -> None:
    told = np.array([[0.15, 0.14, 0.2], [0.5, 0.5, 0.5], [0.8, 0.7, 0.6], [0.6, 0.3, 0.25]])
    facts = by_patches("a", "b", declared(told, DRIFT), [("a0", "b0")] * 4).facts
    assert facts.pairs == 4
    assert facts.takes == (("a0", "b0"),)
    rgb = np.random.default_rng(3).uniform(0.1, 0.85, (500, 3))
    drifted = np.clip(graded(DRIFT, rgb), 0, 1)
    # The drift is a CDL: four exact colours leave a quarter of it undecided at most.
    left = delta_e(cielab(np.clip(graded(facts.cdl, drifted), 0, 1)), cielab(rgb)).mean()
    assert left < 0.25 * delta_e(cielab(drifted), cielab(rgb)).mean()


def test_patches_that_contradict_each_other_are_told() -> None:
    grey = np.full((2, 3), 0.5)
    wanted = np.array([[0.6, 0.5, 0.4], [0.4, 0.5, 0.6]])
    facts = by_patches("a", "b", Colours(grey, wanted, np.ones(2)), [("a0", "b0")] * 2).facts
    assert facts.confidence < 0.5
    assert "patches" in facts.reason


def test_patches_beyond_any_drift_are_met_in_part_and_told() -> None:
    dark, light = np.full((1, 3), 0.1), np.full((1, 3), 0.9)
    facts = by_patches("a", "b", Colours(dark, light, np.ones(1)), [("a0", "b0")]).facts
    assert "weakened" in facts.reason
    assert 0 < facts.distance_after < facts.distance_before


def twisted(rgb: np.ndarray) -> np.ndarray:
    """A drift that is no CDL: warm colours turn one way, cold ones the other."""
    warmth = np.tanh(3 * (rgb[..., :1] - rgb[..., 2:]))
    return np.clip(rgb + warmth * np.array([-0.03, 0.03, 0.0]), 0, 1)


def corrected(found: Matched, rgb: np.ndarray) -> np.ndarray:
    offsets = 0.0 if found.table is None else apply(found.table, rgb)
    return np.clip(graded(found.facts.cdl, rgb) + offsets, 0, 1)


def test_what_no_cdl_undoes_is_undone_by_the_table(stills: list[np.ndarray]) -> None:
    _, theirs, truth = sessions(stills, NONE, 10)
    ours = [take(f"a{k}", twisted(picture)) for k, picture in enumerate(truth)]
    found = match("a", "b", ours, theirs)
    assert found.table is not None
    with_table = [
        delta_e(cielab(corrected(found, one.frames[0] / 255.0)), cielab(was)).mean()
        for one, was in zip(ours, truth, strict=True)
    ]
    # Half of what the CDL leaves is noise and rounding, about half a ΔE, and no table undoes it.
    assert np.mean(with_table) < 0.85 * error(found.facts.cdl, ours, truth)
    assert found.facts.distance_after < found.facts.distance_before


def test_how_many_threads_opencv_has_changes_nothing(places: list[np.ndarray]) -> None:
    ours, theirs, _ = sessions(places[:3], DRIFT, 11)
    before = cv2.getNumThreads()
    found = []
    try:
        for threads in (1, 4):
            cv2.setNumThreads(threads)
            found.append(match("a", "b", ours, theirs))
            assert cv2.getNumThreads() == threads, "what others set is left as it was"
    finally:
        cv2.setNumThreads(before)
    assert found[0].facts == found[1].facts
    tables = [b"" if one.table is None else one.table.tobytes() for one in found]
    assert tables[0] == tables[1]


_ALONE = """
import cv2, hashlib, numpy as np
from finisher.color.match import match
from finisher.color.pictures import Pictures, left_out
rng = np.random.default_rng(1)
def take(name, picture):
    frames = np.clip(picture + rng.normal(0, 0.6, picture.shape), 0, 255).astype(np.uint8)[None]
    return Pictures(name, None, frames, left_out(frames))
ours, theirs = [], []
for k in range(4):
    picture = cv2.GaussianBlur(rng.uniform(0, 255, (144, 256, 3)), (0, 0), 1.5) * 2 - 128
    ours.append(take(f"a{k}", 250 * (np.clip(picture, 0, 255) / 255) ** [1.1, 1.0, 0.95]))
    theirs.append(take(f"b{k}", picture[:, ::-1]))
found = match("a", "b", ours, theirs)
assert found.facts.confidence > 0.9
table = b"" if found.table is None else found.table.tobytes()
print(hashlib.sha256(repr(found.facts).encode() + table).hexdigest())
"""


def test_how_many_threads_the_machine_has_changes_nothing() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _ALONE],
            env=os.environ | {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(told) == 1


def test_a_drift_that_only_a_harsh_correction_would_undo_is_undone_in_part(
    places: list[np.ndarray],
) -> None:
    pale = CDL((0.55, 0.55, 0.55), (0.05, 0.05, 0.05))
    ours, theirs, truth = sessions(places, pale, 12)
    found = match("a", "b", ours, theirs)
    assert gain(found.facts.cdl, found.table) <= MOST_GAIN
    assert "weakened" in found.facts.reason
    assert error(found.facts.cdl, ours, truth) < 0.5 * error(NONE, ours, truth)


def test_patches_that_can_not_be_met_are_no_match() -> None:
    grey = np.full((2, 3), 0.5)
    apart = Colours(grey, np.array([[0.9] * 3, [0.1] * 3]), np.ones(2))
    found = by_patches("b", "a", apart, [("b1", "a1"), ("b2", "a2")])
    assert (found.facts.confidence, found.facts.cdl.identity) == (0.0, True)
    assert "can't be met" in found.facts.reason


def test_patches_of_black_or_clipped_white_say_nothing() -> None:
    ours = np.array([[1.0, 1.0, 1.0], [0.5, 0.45, 0.4], [0.01, 0.02, 0.01]])
    theirs = np.array([[0.5, 0.5, 0.5], [0.45, 0.45, 0.45], [0.4, 0.4, 0.4]])
    takes = [("b1", "a1"), ("b2", "a2"), ("b3", "a3")]
    found = by_patches("b", "a", Colours(ours, theirs, np.ones(3)), takes)
    assert found.facts.takes == (("b2", "a2"),)
    assert "2 of the patches" in found.facts.reason
    nothing = by_patches("b", "a", Colours(ours[::2], theirs[::2], np.ones(2)), takes[::2])
    assert nothing.facts.confidence == 0
