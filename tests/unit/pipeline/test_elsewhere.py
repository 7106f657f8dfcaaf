"""A learnt mark that its takes show elsewhere too: told of one that jumps, and of no other."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from tests import marking

from finisher.geometry import Box, Raster
from finisher.pipeline.calibrating import calibrate
from finisher.pipeline.elsewhere import elsewhere
from finisher.pipeline.settings import Settings
from finisher.pipeline.workers import Serial
from finisher.progress import silent
from finisher.watermark.learn import Area, averaged, mean_field
from finisher.watermark.learnt import Learnt, Told, learnt_png

ONE, TWO = (20.0, 16.0, 84.0, 21.0), (210.0, 130.0, 84.0, 21.0)
COUNT, HALF = 36, 18
ALL, FIRST, SECOND = slice(0, COUNT), slice(0, HALF), slice(HALF, COUNT)
Stay = tuple[slice, tuple[float, float, float, float], float]
"""When, where, and how opaque."""


def frames(seed: int) -> list[np.ndarray]:
    """A scene under a camera that moves."""
    dice = np.random.default_rng(seed)
    total = np.zeros((260, 440, 3), np.float32)
    for sigma, gain in ((2, 20), (6, 80), (20, 400)):
        noise = dice.standard_normal((260, 440, 1)).astype(np.float32)
        total += gain * cv2.GaussianBlur(noise, (0, 0), sigma)[..., None]
    wide = np.clip(120 + total, 20, 230).astype(np.uint8)
    return [wide[2 * i : 2 * i + 180, 3 * i : 3 * i + 320].copy() for i in range(COUNT)]


def marked(seed: int, *places: Stay) -> list[np.ndarray]:
    """The same with a logo at places, each for its time."""
    shown = frames(seed)
    for when, box, opacity in places:
        shown[when] = marking.burnt(shown[when], "white star", box, opacity)
    return shown


@pytest.fixture(scope="module")
def learnt() -> Learnt:
    """The logo, as takes teach it that show it at one place."""
    seen = [marked(seed, (ALL, ONE, 0.5)) for seed in range(4)]
    fields = [averaged(marking.plane_of(one) for one in shown) for shown in seen]
    known = [field for field in fields if field is not None]
    box = Box.of(20, 16, 84, 21)
    area = Area(*box.whole(), 0.9, (1.0,) * 4)
    return Learnt(*mean_field(known, area), Told(box, Raster(320, 180), (), 0.9))


@pytest.mark.parametrize(
    ("places", "told"),
    [
        (((FIRST, ONE, 0.5), (SECOND, TWO, 0.5)), True),
        (((FIRST, ONE, 0.5),), False),
        # The scan knows one place at a time: here it leaves the one for the clearer other.
        (((ALL, ONE, 0.4), (SECOND, TWO, 0.9)), False),
    ],
    ids=["jumps", "goes", "two of them"],
)
def test_only_what_leaves_one_place_for_another_jumps(
    places: tuple[Stay, ...],
    told: bool,
    learnt: Learnt,
    tmp_path: Path,
) -> None:
    paths = [tmp_path / f"t{seed}.mp4" for seed in (4, 5)]
    for seed, path in enumerate(paths, 4):
        marking.encode(path, marked(seed, *places), marking.h264(18))
    settings = Settings(tmp_path / "c", tmp_path / "d")
    found = elsewhere(paths, learnt, settings, Serial(), silent)
    assert list(found) == (paths if told else [])
    for here in found.values():
        assert [one.box.whole()[:2] for one in here] == [
            pytest.approx(box[:2], abs=3) for box in (ONE, TWO)
        ]
        # Ends of stretches may be off by a picture or two.
        assert here[0].end == pytest.approx(HALF, abs=2)
    # One take alone may carry something else that looks like it.
    assert elsewhere(paths[:1], learnt, settings, Serial(), silent) == {}


def test_a_mark_at_another_of_its_places_is_no_false_positive(
    learnt: Learnt, tmp_path: Path
) -> None:
    paths = [tmp_path / f"t{seed}.mp4" for seed in (4, 5)]
    for seed, path in enumerate(paths, 4):
        stays = (FIRST, ONE, 0.5), (SECOND, (150.0, 30.0, 84.0, 21.0), 0.5)
        marking.encode(path, marked(seed, *stays), marking.h264(18))
    mark = tmp_path / "mark.png"
    mark.write_bytes(learnt_png(learnt))
    settings = Settings(tmp_path / "c", tmp_path / "d")
    found = calibrate(paths, mark, None, settings, Serial(), silent)
    assert all(take.marked for take in found.takes)
    assert (found.elsewhere.found, found.elsewhere.samples > 1000) == (0, True)
