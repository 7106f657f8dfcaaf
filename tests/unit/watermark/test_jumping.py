"""A mark that jumps, told from takes at other times but the same places; and scenery, refused."""

import cv2
import numpy as np
from numpy.typing import NDArray
from tests import marking

from finisher.watermark.jumping import Jumping, jumping

SIZE = (320, 180)
WIDTH, HEIGHT = 84, 21
PLACES = ((20, 16), (210, 80), (30, 140))
COUNT = 60
STAYS = ((0, 18), (18, 40), (40, 60))
ORDERS = ((0, 1, 2), (1, 2, 0), (2, 0, 1), (1, 0, 2))
"""Which of the places each take shows in each stretch."""


def scene(seed: int) -> NDArray[np.uint8]:
    dice = np.random.default_rng(seed)
    total = np.zeros((260, 520, 3), np.float32)
    for sigma, gain in ((2, 20), (6, 80), (20, 400)):
        noise = dice.standard_normal((260, 520, 1)).astype(np.float32)
        total += gain * cv2.GaussianBlur(noise, (0, 0), sigma)[..., None]
    return np.clip(120 + total, 20, 230).astype(np.uint8)


def take(seed: int, order: tuple[int, ...] | None) -> NDArray[np.uint8]:
    """The luma of a take under a camera that moves by three pixels a picture, and a mark."""
    wide = scene(seed)
    frames = [wide[i : i + 180, 3 * i : 3 * i + 320].copy() for i in range(COUNT)]
    for (start, end), which in zip(STAYS, order or (), strict=False):
        box = (*map(float, PLACES[which]), float(WIDTH), float(HEIGHT))
        frames[start:end] = marking.burnt(frames[start:end], "white star", box, 0.5)
    return np.stack([marking.plane_of(frame) for frame in frames])


def test_a_mark_that_jumps_is_told_with_its_places_and_times() -> None:
    found = jumping([take(seed, order) for seed, order in enumerate(ORDERS)])
    assert isinstance(found, Jumping)
    for order, places in zip(ORDERS, found.places, strict=True):
        right = 0
        for (start, end), which in zip(STAYS, order, strict=True):
            x, y = PLACES[which]
            for one in places:
                middle = one.box.x + one.box.width / 2, one.box.y + one.box.height / 2
                # A box may miss soft rims and gaps of a mark by a few pixels at each side.
                near = abs(middle[0] - x - WIDTH / 2) <= 6 and abs(middle[1] - y - HEIGHT / 2) <= 6
                right += near * max(0, min(end, one.end) - max(start, one.start))
        # At the ends of a stretch a few pictures may count as another's.
        assert right >= 0.9 * COUNT
    box, shown = found.standing()
    assert any(abs(box.x - x) <= 6 and abs(box.y - y) <= 6 for x, y in PLACES)
    assert all(len(pictures) >= 14 for pictures in shown)


def test_takes_without_a_mark_have_none_that_jumps() -> None:
    assert isinstance(jumping([take(seed, None) for seed in range(10, 14)]), str)


def test_a_mark_of_three_takes_is_not_borne_out_by_a_fourth_without() -> None:
    orders = (*ORDERS[:3], None)
    assert isinstance(jumping([take(seed, order) for seed, order in enumerate(orders)]), str)


def test_short_takes_are_not_looked_at() -> None:
    assert "pictures" in str(jumping([take(seed, None)[:35] for seed in range(4)]))
