"""What remains of a mark frame by frame, where the average of all frames would hide it."""

import cv2
import numpy as np
import pytest
from tests import marking

from finisher.geometry import Box, Raster
from finisher.watermark.averages import blurred, gradient
from finisher.watermark.learnt import Learnt, Told
from finisher.watermark.remains import left_of
from finisher.watermark.template import place, read_template
from finisher.watermark.unaided import told_alone

SIZE = (640, 360)
NAMES = ["white star", "badge", "diamond", "hairline"]


def scenery(count: int = 16) -> list[marking.Picture]:
    """A camera over coloured patches."""
    dice = np.random.default_rng(11)
    still = dice.integers(40, 190, (40, 60, 3)).astype(np.uint8)
    large = np.kron(still, np.ones((16, 16, 1), np.uint8))
    soft = cv2.GaussianBlur(large, (0, 0), 5)
    return marking.walked(soft, SIZE, count, "pan")


BARE = scenery()


def planes(frames: list[marking.Picture]) -> list[np.ndarray]:
    return [marking.plane_of(frame) for frame in frames]


def blinking(name: str, opacity: float, every: int) -> tuple[list[np.ndarray], marking.Placed]:
    """A mark that is not in every so-many-th frame; with 0, one that always is."""
    box = marking.corner(name, SIZE, 0, 0.5)
    marked = marking.burnt(BARE, name, box, opacity)
    if every:
        marked[::every] = BARE[::every]
    return planes(marked), box


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("every", [0, 3, 8])
def test_frames_without_a_mark_are_counted(name, every):
    template = read_template(marking.template(name))
    shown, box = blinking(name, 0.6, every)
    alone = told_alone(shown, template, box)
    missing = len(shown[::every]) if every else 0
    assert alone.frames >= 12
    assert alone.gone == missing
    expected, _ = blinking(name, 0.6, 0)
    left = left_of(np.stack(expected), np.stack(shown), template, box)
    assert left.gone == missing
    assert left.frames == len(shown)


def test_a_mark_as_faint_as_its_scenery_tells_nothing_by_single_frames():
    shown, box = blinking("diamond", 0.04, 3)
    alone = told_alone(shown, read_template(marking.template("diamond")), box)
    assert alone is None or alone.frames < len(shown)


def test_a_mark_that_is_nowhere_has_no_frames_to_miss():
    box = marking.corner("white star", SIZE, 0, 0.5)
    template = read_template(marking.template("white star"))
    assert told_alone(planes(BARE), template, box) is None
    assert told_alone([], template, box) is None
    assert told_alone(planes(BARE), template, (900.0, 900.0, 80.0, 40.0)) is None


def test_what_lies_a_pixel_beside_is_moved_back():
    expected, box = blinking("white star", 0.6, 0)
    shown = [np.roll(frame, (1, -2), (0, 1)) for frame in expected]
    template = read_template(marking.template("white star"))
    assert left_of(np.stack(expected), np.stack(shown), template, box, (-2, 1)).least > 0.9
    aside = left_of(np.stack(expected), np.stack(shown), template, box)
    assert aside is None or aside.least < 0.5


@pytest.mark.parametrize("name", ["white star", "hairline", "red glyphs"])
def test_a_letter_that_is_missing_is_told_by_its_own_piece(name):
    template, box = read_template(marking.template(name)), marking.corner(name, SIZE, 0, 0.5)
    marked = marking.burnt(BARE, name, box, 0.6)
    x, y, wide, high = box
    letter = (x + 0.45 * wide, y, 0.25 * wide, high)
    without = marking.inpainted(marked, letter)
    assert told_alone(planes(marked), template, box).least > 0.6
    assert told_alone(planes(without), template, box).least < 0.2


def test_a_learnt_mark_may_be_darker_than_its_scenery():
    """Learnt where it was lighter: its gradients all point the other way."""
    name, box = "white star", marking.corner("white star", SIZE, 0, 0.5)
    lit = place(read_template(marking.template(name)), (0.0, 0.0, *box[2:]), 0)
    along, across = gradient(blurred(lit.alpha))
    told = Told(Box.of(0, 0, 8, 8), Raster(*SIZE), ("a",), 0.9, either=True)
    shown, box = blinking(name, 0.6, 3)
    for sign in (1, -1):
        learnt = Learnt(sign * along, sign * across, np.ones_like(along), told)
        assert told_alone(shown, learnt, box).gone == len(shown[::3])
