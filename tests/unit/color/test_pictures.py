"""What of a take is no picture of it: bars, and graphics burned in."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from finisher.color.pictures import graphics, left_out, letterbox

NO_BARS = np.zeros((144, 256), dtype=np.bool_)


def moving(seed: int, count: int = 5) -> np.ndarray:
    """Frames of a pan over a picture with soft and sharp parts."""
    rng = np.random.default_rng(seed)
    ground = cv2.GaussianBlur(rng.uniform(0, 255, (200, 600, 3)).astype(np.float32), (0, 0), 6)
    ground = cv2.normalize(ground, None, 20, 235, cv2.NORM_MINMAX)
    for _ in range(40):
        centre = (int(rng.integers(0, 600)), int(rng.integers(0, 200)))
        colour = tuple(float(v) for v in rng.uniform(20, 230, 3))
        cv2.circle(ground, centre, int(rng.integers(5, 20)), colour, -1)
    frames = [ground[20 : 20 + 144, 60 * k : 60 * k + 256] for k in range(count)]
    return np.clip(np.stack(frames), 0, 255).astype(np.uint8)


def lettered(frames: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same with a caption, and where it is."""
    ink = np.zeros(frames.shape[1:3], dtype=np.uint8)
    cv2.putText(ink, "FINISHER", (90, 125), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    share = ink[..., None] / 255.0
    edge = cv2.dilate(ink, np.ones((3, 3), np.uint8))[..., None] / 255.0
    return np.rint(frames * (1 - edge) + 250 * share).astype(np.uint8), ink > 128


def test_bars_are_found_where_they_are_and_only_at_the_edges() -> None:
    frames = np.full((3, 40, 60, 3), 90, dtype=np.uint8)
    frames[:, :5], frames[:, 36:], frames[:, 20] = 3, 0, 0
    frames[1:, :, 0] = 0
    mask = letterbox(frames)
    assert mask[:5].all()
    assert mask[36:].all()
    assert not mask[5:36].any(), "a dark row in the middle, and a column lit once, are picture"
    assert letterbox(np.zeros((1, 8, 8, 3), dtype=np.uint8)).all()


@pytest.mark.parametrize("lift", [0, 6, 12])
def test_bars_with_lifted_black_and_noise_are_bars(lift: int) -> None:
    rng = np.random.default_rng(lift)
    frames = moving(1)
    noise = np.clip(rng.normal(lift, 2.0, frames.shape), 0, 255).astype(np.uint8)
    boxed = frames.copy()
    boxed[:, :18], boxed[:, 126:] = noise[:, :18], noise[:, 126:]
    boxed[:, :, :30], boxed[:, :, 226:] = noise[:, :, :30], noise[:, :, 226:]
    mask = letterbox(boxed)
    expected = np.ones((144, 256), dtype=np.bool_)
    expected[18:126, 30:226] = False
    assert np.array_equal(mask, expected)


def test_a_night_picture_is_no_bar() -> None:
    rng = np.random.default_rng(4)
    night = cv2.GaussianBlur(rng.uniform(0, 1, (144, 256, 3)).astype(np.float32), (0, 0), 8)
    night = cv2.normalize(night, None, 0, 40, cv2.NORM_MINMAX)
    assert letterbox(night.astype(np.uint8)[None]).mean() < 0.05


@pytest.mark.parametrize("seed", range(4))
def test_a_caption_over_moving_pictures_is_left_out(seed: int) -> None:
    frames, ink = lettered(moving(seed))
    mask = graphics(frames, NO_BARS)
    assert mask[ink].mean() > 0.9
    near = cv2.dilate(ink.astype(np.uint8), np.ones((15, 15), np.uint8)) > 0
    assert mask[~near].mean() < 0.02, "the picture around it stays"


@pytest.mark.parametrize("seed", range(4))
def test_a_moving_picture_without_graphics_stays_whole(seed: int) -> None:
    assert graphics(moving(seed), NO_BARS).mean() < 0.02


def test_a_shot_that_stands_still_is_not_taken_for_graphics() -> None:
    rng = np.random.default_rng(7)
    still = np.repeat(moving(3)[:1], 5, axis=0)
    noisy = np.clip(still + rng.normal(0, 1.0, still.shape), 0, 255).astype(np.uint8)
    assert not left_out(noisy).any()
    # Something crosses a quarter of it.
    for k, frame in enumerate(noisy):
        frame[60:120, 20 + 15 * k : 60 + 15 * k] = 200
    assert not left_out(noisy).any()


def test_one_frame_tells_nothing_of_what_stands_still() -> None:
    frames, _ = lettered(moving(2)[:1])
    assert not graphics(frames, NO_BARS).any()


def test_bars_and_captions_are_left_out_together() -> None:
    frames, ink = lettered(moving(5))
    frames[:, :20] = 0
    mask = left_out(frames)
    assert mask[:20].all()
    assert mask[ink].mean() > 0.9
    assert mask.mean() < 0.4
