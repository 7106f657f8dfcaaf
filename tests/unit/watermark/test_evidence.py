"""Marks on moving pictures: found where they are, nowhere else, and weaker when weakened."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from finisher.geometry import Box, Raster
from finisher.sighting import MarkFacts
from finisher.watermark.averages import averaged
from finisher.watermark.evidence import (
    NOTHING,
    amplitude,
    contrast,
    elsewhere,
    neighbourhood,
    presence,
    turned,
)
from finisher.watermark.learnt import Learnt, Told
from finisher.watermark.rules import HIT, UNEVEN_BELOW, MarkVerdict, found, judge
from finisher.watermark.seen import Seen
from finisher.watermark.template import mirrored, read_template

WIDTH, HEIGHT = 480, 270
BOX = (330.25, 220.5, 120.0, 40.0)


def logo() -> np.ndarray:
    image = np.zeros((80, 240, 4), np.uint8)
    white = (255, 255, 255, 255)
    cv2.putText(image, "GEN AI", (8, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.9, white, 6, cv2.LINE_AA)
    return image


TEMPLATE = read_template(bytes(cv2.imencode(".png", logo())[1]))


def takes(count: int = 10, seed: int = 1) -> list[np.ndarray]:
    """A large textured field under a moving camera."""
    rng = np.random.default_rng(seed)
    field = sum(
        cv2.resize(
            rng.uniform(-1, 1, (HEIGHT * 2 // s, WIDTH * 2 // s)).astype(np.float32),
            (WIDTH * 2, HEIGHT * 2),
            interpolation=cv2.INTER_CUBIC,
        )
        * weight
        for s, weight in ((60, 40), (15, 20), (4, 8))
    )
    moved = (field[9 * i : 9 * i + HEIGHT, 16 * i : 16 * i + WIDTH] for i in range(count))
    return [np.clip(110 + part, 16, 235).astype(np.uint8) for part in moved]


def marked(frames: list[np.ndarray], opacity: float, box=BOX, luma=235) -> list[np.ndarray]:
    """The logo burnt in by supersampling: another way than the one that looks for it."""
    fine = 8
    x, y, width, height = (round(v * fine) for v in box)
    alpha = np.zeros((HEIGHT * fine, WIDTH * fine), np.float32)
    mark = logo()[..., 3].astype(np.float32) / 255
    alpha[y : y + height, x : x + width] = cv2.resize(mark, (width, height))
    alpha = opacity * cv2.resize(alpha, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA)
    return [np.rint(f * (1 - alpha) + luma * alpha).astype(np.uint8) for f in frames]


def judged(source: MarkFacts, export: MarkFacts, frames: int) -> tuple[MarkVerdict, str]:
    return judge(Seen(source=source, export=export, visible=1.0, frames=frames))


@pytest.mark.parametrize("opacity", [0.15, 0.3, 0.8])
def test_a_mark_is_found_and_its_strength_is_its_opacity(opacity):
    found = presence(marked(takes(), opacity), TEMPLATE, BOX)
    assert found.found
    # A fifth: the blur of supersampling and moving texture under the mark.
    assert found.strength == pytest.approx(opacity, rel=0.2)


def test_a_dark_mark_is_found_by_a_dark_template():
    dark = logo()
    dark[..., :3] = 0
    template = read_template(bytes(cv2.imencode(".png", dark)[1]))
    frames = marked(takes(), 0.4, luma=16)
    assert presence(frames, template, BOX).found
    assert not presence(frames, TEMPLATE, BOX).found


@pytest.mark.parametrize("seed", range(4))
def test_unmarked_pictures_have_no_mark(seed):
    found = presence(takes(seed=seed), TEMPLATE, BOX)
    assert not found.found
    assert found.score < 0.3


def test_a_mark_elsewhere_is_not_at_its_place():
    frames = marked(takes(), 0.5, (100.0, 60.0, 120.0, 40.0))
    assert not presence(frames, TEMPLATE, BOX).found
    assert presence(frames, TEMPLATE, (100.0, 60.0, 120.0, 40.0)).found


def test_up_to_two_pixels_beside_its_place_still_count_but_not_ten():
    frames = marked(takes(), 0.5)
    x, y, width, height = BOX
    assert presence(frames, TEMPLATE, (x + 2, y - 2, width, height)).found
    assert not presence(frames, TEMPLATE, (x - 10, y, width, height)).found


def test_a_mirrored_mark_is_not_the_mark_but_is_told():
    frames = [np.ascontiguousarray(f[:, ::-1]) for f in marked(takes(), 0.5)]
    x, y, width, height = BOX
    there = (WIDTH - x - width, y, width, height)
    for place in (BOX, there):
        assert not presence(frames, TEMPLATE, place).found
        assert turned(frames, TEMPLATE, place) == "mirrored"


def test_an_inverted_mark_is_told_and_a_lost_one_is_not():
    frames = [255 - f for f in marked(takes(), 0.5)]
    assert not presence(frames, TEMPLATE, BOX).found
    assert turned(frames, TEMPLATE, BOX) == "inverted"
    assert turned(takes(), TEMPLATE, BOX) == ""
    assert turned([], TEMPLATE, BOX) == ""


def test_a_mark_of_middling_luma_is_found_over_brighter_and_darker_ground_alike():
    grey = logo()
    grey[..., :3] = 110
    template = read_template(bytes(cv2.imencode(".png", grey)[1]))
    lit = 16 + 219 * 110 / 255
    dark, bright = (marked([f // 2 + add for f in takes()], 0.5, luma=lit) for add in (0, 110))
    for frames in (dark, bright, dark[::2] + bright[::2]):
        facts = presence(frames, template, BOX)
        assert facts.found
        # A quarter: the mark itself is part of the ground that its contrast is taken from.
        assert facts.strength == pytest.approx(0.5, rel=0.25)


def test_its_neighbourhood_alone_tells_the_same_as_the_picture():
    frames = marked(takes(6), 0.3)
    x, y, width, height = neighbourhood(BOX, (WIDTH, HEIGHT))
    assert (width, height) < (WIDTH, HEIGHT)
    crops = [f[y : y + height, x : x + width] for f in frames]
    inside = (BOX[0] - x, BOX[1] - y, *BOX[2:])
    assert presence(crops, TEMPLATE, inside) == presence(frames, TEMPLATE, BOX)


def test_its_strength_alone_is_the_same_strength():
    frames = marked(takes(4), 0.3)
    assert amplitude(frames, TEMPLATE, BOX) == presence(frames, TEMPLATE, BOX).strength
    assert amplitude([], TEMPLATE, BOX) == 0
    assert amplitude(frames, TEMPLATE, (5000.0, 0.0, 20.0, 20.0)) == 0


def test_half_a_mark_has_a_third_without_strength():
    frames = marked(takes(6), 0.5)
    assert presence(frames, TEMPLATE, BOX).least > 0.7
    for frame in frames:
        frame[216:266, 390:456] = 40
    assert presence(frames, TEMPLATE, BOX).least < 0.1


@pytest.mark.parametrize("rows", [slice(216, 241), slice(241, 266)])
def test_letters_without_their_upper_or_lower_half_have_a_part_without_strength(rows):
    frames = marked(takes(6), 0.5)
    for frame in frames:
        frame[rows, 326:456] = cv2.GaussianBlur(frame, (0, 0), 12)[rows, 326:456]
    assert presence(frames, TEMPLATE, BOX).least < UNEVEN_BELOW


def test_contrast_tells_where_a_mark_would_be_seen():
    grey, light = (np.full((HEIGHT, WIDTH), level, np.uint8) for level in (60, 228))
    # White is 235 in limited range: far above grey, near to what is almost white.
    assert contrast([grey], TEMPLATE, BOX) == pytest.approx(175, abs=5)
    assert contrast([light], TEMPLATE, BOX) < 24
    assert contrast([], TEMPLATE, BOX) == 0
    assert contrast([grey], learnt(), BOX) == np.inf


def test_nothing_elsewhere_passes_for_the_mark():
    frames = marked(takes(6), 0.3)
    others = elsewhere(frames, TEMPLATE, BOX)
    assert len(others) > 500
    assert not any(found(score, z) for score, z in others)
    everywhere = elsewhere(frames, TEMPLATE, None)
    assert len(everywhere) > len(others)
    assert elsewhere([], TEMPLATE, BOX).shape == (0, 2)


def learnt() -> Learnt:
    """What a take of the mark alone teaches."""
    means = averaged(marked([np.full((HEIGHT, WIDTH), 90, np.uint8)], 0.4))
    here = np.s_[220:261, 330:451]
    weight = np.ones((41, 121), np.float32)
    told = Told(Box.of(330, 220, 121, 41), Raster(WIDTH, HEIGHT), (), 0.9)
    return Learnt(means.normal_x[here], means.normal_y[here], weight, told)


def test_a_learnt_mark_that_may_be_darker_or_lighter_is_found_either_way():
    known = learnt()
    either = replace(known, told=replace(known.told, either=True))
    box = (330.0, 220.0, 121.0, 41.0)
    lit, dark = marked(takes(), 0.3), marked(takes(), 0.5, luma=16)
    assert not presence(dark, known, box).found
    for frames in (lit, dark):
        facts = presence(frames, either, box)
        assert facts.found
        assert facts.strength > 0
    assert not presence(takes(), either, box).found


@pytest.mark.parametrize("factor", [1.0, 0.5])
def test_a_learnt_mark_is_found_at_its_size_and_at_others(factor):
    size = (round(WIDTH * factor), round(HEIGHT * factor))
    frames = [cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in marked(takes(), 0.3)]
    bare = [cv2.resize(f, size, interpolation=cv2.INTER_AREA) for f in takes()]
    box = tuple(v * factor for v in (330.0, 220.0, 121.0, 41.0))
    assert presence(frames, learnt(), box).found
    assert not presence(bare, learnt(), box).found
    assert not presence(frames, mirrored(learnt()), box).found


def test_blurring_and_covering_lose_it():
    source = presence(marked(takes(), 0.4), TEMPLATE, BOX)
    blurred, covered = marked(takes(), 0.4), marked(takes(), 0.4)
    area = np.s_[216:266, 326:456]
    for frame in blurred:
        frame[area] = cv2.GaussianBlur(frame[area], (0, 0), 6)
    for frame in covered:
        frame[area] = 40
    for frames in (blurred, covered):
        word, _ = judged(source, presence(frames, TEMPLATE, BOX), len(frames))
        assert word is MarkVerdict.LOST


def test_a_scaled_export_keeps_it():
    source = presence(marked(takes(), 0.4), TEMPLATE, BOX)
    for factor in (0.5, 1.5, 2.0):
        size = (round(WIDTH * factor), round(HEIGHT * factor))
        frames = [
            cv2.resize(f, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC)
            for f in marked(takes(), 0.4)
        ]
        box = tuple(v * factor for v in BOX)
        word, detail = judged(source, presence(frames, TEMPLATE, box), len(frames))
        assert word is MarkVerdict.INTACT, detail


def test_a_mark_at_the_very_edge_is_found():
    edge = (WIDTH - 120.0, HEIGHT - 40.0, 120.0, 40.0)
    assert presence(marked(takes(), 0.5, edge), TEMPLATE, edge).found


def test_blank_pictures_score_nothing():
    blank = [np.full((HEIGHT, WIDTH), 40, np.uint8)] * 8
    found = presence(blank, TEMPLATE, BOX)
    assert not found.found
    assert abs(found.score) < HIT / 2


@pytest.mark.parametrize(
    "box",
    [
        (5000.0, 10.0, 100.0, 40.0),
        (-400.0, 10.0, 100.0, 40.0),
        (0.0, 0.0, 1e300, 1e300),
        (float("nan"), 0.0, 10.0, 10.0),
        (10.0, 10.0, 0.0, 0.0),
    ],
)
def test_impossible_places_yield_nothing(box):
    assert presence(takes(4), TEMPLATE, box) == NOTHING


def test_no_frames_yield_nothing():
    assert presence([], TEMPLATE, BOX) == NOTHING
