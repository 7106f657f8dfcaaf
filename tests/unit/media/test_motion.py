"""Pictures along a motion: nearer to the truth than a mix, and still where they must be."""

from __future__ import annotations

from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.event import TransitionKind
from finisher.media.blend import Passing, blend
from finisher.media.motion import Meeting, between, held, meet, motion

SIZE = (240, 320)
Luma = NDArray[np.uint8]


def clouds(seed: int) -> NDArray[np.float32]:
    dice = np.random.default_rng(seed)
    made = np.zeros((400, 600), np.float32)
    for octave in range(5):
        grid = dice.standard_normal((8 << octave, 12 << octave)).astype(np.float32)
        made += cv2.resize(grid, (600, 400), interpolation=cv2.INTER_CUBIC) / 1.6**octave
    return np.asarray(np.clip(120 + 30 * made / made.std(), 16, 235), np.float32)


def view(picture: NDArray[np.float32], x: float, y: float = 60, zoom: float = 1) -> Luma:
    matrix = np.array([[1 / zoom, 0, x], [0, 1 / zoom, y]], np.float32)
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    seen = cv2.warpAffine(picture, matrix, SIZE[::-1], flags=flags)
    return np.asarray(np.clip(np.rint(seen), 0, 255), np.uint8)


def errors(old: Luma, new: Luma, truth: Luma, part: float) -> tuple[float, float]:
    """Mean error against the true picture: of a plain mix, and along the motion."""
    plain = old * (1 - part) + new * part
    moved = between(old, new, meet(motion(old, new), part), part)
    return float(np.abs(plain - truth).mean()), float(np.abs(moved - truth).mean())


@pytest.mark.parametrize("part", [0.25, 0.5, 0.8])
@pytest.mark.parametrize(("pan", "zoom"), [(24, 1.0), (-40, 1.0), (0, 1.12)])
def test_a_moving_camera_is_followed(pan: float, zoom: float, part: float) -> None:
    ground = clouds(1)
    old, new = view(ground, 100), view(ground, 100 + pan, 60, zoom)
    # Each point of a zoom goes straight: its size grows evenly.
    truth = view(ground, 100 + part * pan, 60, 1 + part * (zoom - 1))
    plain, moved = errors(old, new, truth, part)
    assert moved < plain / 4


def test_something_small_that_moves_far_is_followed_and_its_ground_stays() -> None:
    ground, skin = clouds(2), clouds(3)

    def scene(x: float) -> Luma:
        seen = view(ground, 100).astype(np.float32)
        shift = np.array([[1, 0, x], [0, 1, 90]], np.float32)
        alpha = cv2.warpAffine(np.ones((50, 50), np.float32), shift, SIZE[::-1])
        body = cv2.warpAffine(skin[:50, :50] + 30, shift, SIZE[::-1])
        return np.asarray(np.clip(np.rint(seen * (1 - alpha) + body * alpha), 0, 255), np.uint8)

    plain, moved = errors(scene(80), scene(120), scene(100), 0.5)
    # What it uncovers and covers, a fifth of what changed, neither picture shows alone.
    assert moved < 0.7 * plain
    far = motion(scene(80), scene(120)).there[:, 260:]
    assert np.abs(far).max() < 1, "the ground was dragged along"


def test_agreement_tells_one_shot_from_two() -> None:
    one, other = clouds(4), clouds(5)
    assert motion(view(one, 100), view(one, 124)).agreement > 0.9
    assert motion(view(one, 100), view(other, 100)).agreement < 0.3


def test_a_change_of_light_is_no_motion() -> None:
    old = view(clouds(6), 100)
    new = np.clip(old * 0.7 + 40, 0, 255).astype(np.uint8)
    found = motion(old, new)
    assert np.abs(found.there).mean() < 0.2
    assert found.agreement > 0.95


def test_equal_pictures_and_flat_ones_come_out_as_they_are() -> None:
    old = view(clouds(7), 100)
    assert np.abs(between(old, old, meet(motion(old, old), 0.4), 0.4) - old).max() < 0.01
    dark, light = np.full(SIZE, 40, np.uint8), np.full(SIZE, 200, np.uint8)
    mixed = between(dark, light, meet(motion(dark, light), 0.25), 0.25)
    assert np.abs(mixed - 80).max() < 0.01


def test_nothing_is_moved_inside_a_box() -> None:
    ground = clouds(8)
    old, new = view(ground, 100), view(ground, 130)
    at = meet(motion(old, new), 0.5)
    assert between(old, new, at, 0.5)[100:140, 200:280].std() > 0
    box = (200, 100, 80, 40)
    kept = between(old, new, held(at, [box], SIZE[::-1]), 0.5)
    plain = old * 0.5 + new * 0.5
    assert (kept[100:140, 200:280] == plain[100:140, 200:280]).all()
    moved = between(old, new, at, 0.5)
    assert np.abs(kept - moved)[:, :150].max() < 0.01, "far from the box nothing changes"


def test_a_box_at_the_edge_or_outside_is_no_trouble() -> None:
    old, new = view(clouds(9), 100), view(clouds(9), 110)
    at: Meeting = meet(motion(old, new), 0.5)
    for box in ((-20, -20, 30, 30), (310, 230, 50, 50), (900, 900, 10, 10)):
        assert held(at, [box], SIZE[::-1]).trust.shape == at.trust.shape


@pytest.mark.parametrize("pixel_format", ["yuv420p", "yuv422p10le", "yuv444p"])
def test_a_blend_moves_all_planes_of_any_depth(pixel_format: str) -> None:
    ground = clouds(10)

    def picture(x: float) -> av.VideoFrame:
        luma = view(ground, x)
        rgb = np.stack([luma, 255 - luma, luma // 2 + 60], -1)
        return av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel_format)

    old, truth, new = (picture(x) for x in (100, 112, 124))
    made = blend(old, new, Passing(TransitionKind.BLEND, 0, 1))
    plain = blend(old, new, Passing(TransitionKind.DISSOLVE, 0, 1))
    assert made.format.name == pixel_format
    for moved, mixed, right in zip(*(planes(f) for f in (made, plain, truth)), strict=True):
        assert np.abs(moved - right).mean() < np.abs(mixed - right).mean() / 2


def planes(frame: av.VideoFrame) -> list[NDArray[np.int64]]:
    ten = frame.format.name.endswith("10le")
    found = []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        samples = rows[:, : 2 * plane.width].copy().view("<u2") if ten else rows[:, : plane.width]
        found.append(samples.astype(np.int64))
    return found


def test_the_weight_is_that_of_any_transition() -> None:
    """The first of one step stands in the middle, as a dissolve's does."""
    ground = clouds(11)
    old, new = view(ground, 100), view(ground, 120)
    truth = view(ground, 100 + 20 * float(Fraction(1, 4)))
    plain, moved = errors(old, new, truth, 1 / 4)
    assert moved < plain / 4
