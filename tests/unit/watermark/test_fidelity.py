"""A mark's place held against what was foretold: damage is told from what encoders do to all."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from finisher.sighting import Plane
from finisher.watermark.fidelity import compare
from finisher.watermark.seen import Left
from finisher.watermark.template import read_template

ROWS, COLUMNS = 120, 360
BOX = (120.5, 41.0, 118.0, 38.0)
MARK = np.zeros((76, 236, 4), np.uint8)
cv2.putText(MARK, "GEN AI", (6, 58), cv2.FONT_HERSHEY_SIMPLEX, 1.9, (255,) * 4, 6, cv2.LINE_AA)
MARK[..., :3] = 255
TEMPLATE = read_template(bytes(cv2.imencode(".png", MARK)[1]))


def field(seed: int = 3) -> np.ndarray:
    rng = np.random.default_rng(seed)
    shape = (ROWS // 4 + 20, COLUMNS // 4 + 60)
    noise = rng.uniform(60, 160, shape).astype(np.float32)
    return cv2.resize(noise, (COLUMNS + 240, ROWS + 80), interpolation=cv2.INTER_CUBIC)


def footage(ground: np.ndarray, opacity: float = 0.4, count: int = 12) -> np.ndarray:
    alpha = np.zeros((ROWS, COLUMNS), np.float32)
    alpha[41:79, 121:239] = cv2.resize(MARK[..., 3], (118, 38), interpolation=cv2.INTER_AREA) / 255
    alpha *= opacity
    frames = [ground[2 * i : 2 * i + ROWS, 7 * i : 7 * i + COLUMNS] for i in range(count)]
    return np.stack([np.rint(f * (1 - alpha) + 235 * alpha) for f in frames]).astype(np.uint8)


EXPECTED = footage(field())
AREA = np.s_[:, 40:80, 120:240]


def damaged(area: tuple[slice, ...], change) -> np.ndarray:
    out = EXPECTED.copy()
    for frame, soft in zip(out, EXPECTED, strict=True):
        frame[area[1:]] = change(soft)[area[1:]]
    return out


def test_what_is_as_foretold_agrees_wholly():
    found = compare(EXPECTED, EXPECTED, BOX, TEMPLATE)
    assert found.luma.box == pytest.approx(1) == found.luma.control
    assert found.kept == pytest.approx(1) == found.around
    whole = pytest.approx(1)
    assert found.left == Left(whole, 0, 12, whole, whole, whole)


def test_a_pixel_beside_its_place_is_no_damage():
    shown = np.roll(EXPECTED, (1, -1), (1, 2))
    found = compare(EXPECTED, shown, BOX, TEMPLATE)
    # A pixel at the rim is missing on two sides.
    assert found.luma.box > 0.9
    assert found.kept == pytest.approx(1, abs=0.1)


@pytest.mark.parametrize("part", [slice(120, 180), slice(180, 240), slice(120, 240)])
def test_half_a_mark_covered_does_not_agree(part):
    area = (slice(None), slice(40, 80), part)
    found = compare(EXPECTED, damaged(area, lambda f: np.full_like(f, 60)), BOX, TEMPLATE)
    assert found.luma.box < 0.15
    assert found.luma.control > 0.9


@pytest.mark.parametrize("rows", [slice(40, 60), slice(60, 80)])
def test_half_a_mark_covered_from_above_or_below_does_not_agree(rows):
    area = (slice(None), rows, slice(120, 240))
    found = compare(EXPECTED, damaged(area, lambda f: np.full_like(f, 60)), BOX, TEMPLATE)
    assert found.luma.box < 0.4
    assert found.luma.least < 0.4


def test_a_third_of_its_time_speaks_for_itself():
    shown = EXPECTED.copy()
    shown[:4] = damaged(AREA, lambda f: cv2.GaussianBlur(f, (0, 0), 6))[:4]
    found = compare(EXPECTED, shown, BOX, TEMPLATE)
    assert found.luma.box > 0.9  # the median of all
    assert found.luma.least < 0.6
    assert compare(EXPECTED, EXPECTED, BOX, TEMPLATE).luma.least == pytest.approx(1)


def test_a_blurred_mark_loses_its_strength_and_its_surroundings_do_not():
    found = compare(
        EXPECTED, damaged(AREA, lambda f: cv2.GaussianBlur(f, (0, 0), 6)), BOX, TEMPLATE
    )
    assert found.kept < 0.2
    assert found.around > 0.9


def test_grain_takes_from_the_box_what_it_takes_beside_it():
    rng = np.random.default_rng(1)
    shown = np.clip(EXPECTED + rng.normal(0, 20, EXPECTED.shape), 0, 255).astype(np.uint8)
    found = compare(EXPECTED, shown, BOX, TEMPLATE)
    assert found.luma.box < 0.95
    assert found.luma.box == pytest.approx(found.luma.control, abs=0.15)
    # Noise of twelve frames averages out of the template's amplitude.
    assert found.kept == pytest.approx(1, abs=0.15)


def test_flat_ground_has_no_control():
    expected = footage(np.full((ROWS + 80, COLUMNS + 240), 90, np.float32))
    found = compare(expected, expected, BOX, TEMPLATE)
    assert found.luma.control is None
    assert found.luma.box == pytest.approx(1)


def test_without_a_template_its_place_tells_what_is_left():
    faded = np.rint(EXPECTED * 0.5 + 60).astype(np.uint8)
    assert compare(EXPECTED, faded, BOX).kept == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize(
    ("expected", "shown", "box"),
    [
        (EXPECTED, EXPECTED[:5], BOX),
        (EXPECTED[:0], EXPECTED[:0], BOX),
        (EXPECTED, EXPECTED, (300.0, 40.0, 118.0, 38.0)),
        (EXPECTED, EXPECTED, (float("nan"), 40.0, 118.0, 38.0)),
        (EXPECTED * 0, EXPECTED * 0, BOX),
    ],
)
def test_where_nothing_can_be_compared_nothing_is_said(expected, shown, box):
    assert compare(expected, shown, box, TEMPLATE) is None


def test_a_part_counts_in_the_frames_that_have_something_to_compare():
    """Medians over them alone: five frames of twelve are flat, one is spoilt."""
    expected, shown = EXPECTED.copy(), EXPECTED.copy()
    expected[:5] = shown[:5] = 90
    shown[6] = 90
    found = compare(expected, shown, BOX, None)
    assert found.luma.box == pytest.approx(1) == found.luma.control


def test_what_is_beside_a_mark_may_be_too_narrow_to_be_cut():
    """Two pixels can't be cut in three; what they show counts all the same."""
    rng = np.random.default_rng(2)
    frames = rng.integers(60, 160, (6, 20, 10)).astype(np.uint8)
    assert compare(frames, frames, (0.0, 4.0, 4.0, 12.0)).luma.box == pytest.approx(1)


def test_a_frame_without_the_mark_is_told_whatever_the_others_show():
    bare = np.stack(footage(field(), opacity=0))
    for count in (1, 4):
        shown = EXPECTED.copy()
        shown[:: 12 // count] = bare[:: 12 // count]
        found = compare(EXPECTED, shown, BOX, TEMPLATE)
        assert found.luma.box > 0.9  # the median of all
        assert (found.left.gone, found.left.frames) == (count, 12)


def test_a_letter_taken_out_is_told_by_its_own_piece():
    bare = footage(field(), opacity=0)
    shown = EXPECTED.copy()
    shown[:, :, 150:176] = bare[:, :, 150:176]
    assert compare(EXPECTED, EXPECTED, BOX, TEMPLATE).left.least == pytest.approx(1)
    assert compare(EXPECTED, shown, BOX, TEMPLATE).left.least < 0.1


def test_what_is_added_to_flat_ground_does_not_agree():
    """Nothing was to be seen in luma, of a mark that is told by its colour."""
    expected = np.full_like(EXPECTED, 90)
    shown = expected.copy()
    for frame in shown:
        cv2.putText(frame, "caption", (122, 70), cv2.FONT_HERSHEY_SIMPLEX, 0.9, (235,), 2)
    assert compare(expected, shown, BOX).luma.box < 0.2
    rng = np.random.default_rng(1)
    grain = np.clip(expected + rng.normal(0, 12, expected.shape), 0, 255).astype(np.uint8)
    # Grain lies on everything.
    assert compare(expected, grain, BOX) is None


def test_the_plane_of_a_coloured_mark_is_compared_too():
    """In luma there is nothing but its scenery, which stays."""
    luma = footage(field(), opacity=0)
    coloured = footage(np.full((ROWS + 80, COLUMNS + 240), 128, np.float32))
    chroma = replace(TEMPLATE, colour=dict.fromkeys(Plane, TEMPLATE.codes), plane=Plane.CR)
    same = compare(luma, luma, BOX, chroma, (coloured, coloured))
    assert same.chroma.box == pytest.approx(1) == same.kept
    other = coloured.copy()
    other[:, :, 121:239] = np.roll(other[:, :, 121:239], 59, axis=2)
    found = compare(luma, luma, BOX, chroma, (coloured, other))
    assert found.luma.box == pytest.approx(1)
    assert found.chroma.box < 0.5


GROUND = footage(field(), opacity=0)
LAID = EXPECTED.astype(np.int16) - GROUND
"""What the mark adds to each frame."""


def laid(change) -> np.ndarray:
    """The scenery as it was, and what the mark adds to it changed."""
    return np.clip(GROUND + change(LAID.astype(np.float32)), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("by", [(0, 2), (2, 0), (1, -2)])
def test_a_mark_moved_over_its_scenery_is_not_the_one_at_its_place(by):
    found = compare(EXPECTED, laid(lambda mark: np.roll(mark, by, (1, 2))), BOX, TEMPLATE)
    assert found.kept > 0.8
    assert found.left.whole < 0.8 * found.kept


def test_a_mark_half_faded_has_half_of_its_strength_in_all_of_its_pieces():
    found = compare(EXPECTED, laid(lambda mark: mark / 2), BOX, TEMPLATE)
    assert found.kept == pytest.approx(0.5, abs=0.05) == found.left.whole
    assert found.left.least > 0.8
    assert found.luma.around == pytest.approx(1)


def test_a_mark_that_fades_out_has_less_in_the_last_third_of_its_time():
    fading = np.linspace(1, 0.2, 12, dtype=np.float32)[:, None, None]
    found = compare(EXPECTED, laid(lambda mark: mark * fading), BOX, TEMPLATE)
    assert found.kept > 0.5
    assert found.left.later < 0.7
    assert found.left.least > 0.8


def test_letters_missing_in_turn_are_missing_each_for_its_time():
    def change(mark):
        for number in range(3):
            mark[4 * number : 4 * number + 4, :, 121 + 40 * number : 161 + 40 * number] = 0
        return mark

    found = compare(EXPECTED, laid(change), BOX, TEMPLATE)
    assert found.left.later > 0.7
    assert found.left.least > 0.5
    assert found.left.then < 0.2
