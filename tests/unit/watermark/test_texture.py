"""Texture: edges anywhere but at the mark's own place make a take evidence."""

import cv2
import numpy as np
import pytest

from finisher.watermark.texture import ENOUGH, textured

PLACE = (240.0, 140.0, 60.0, 20.0)


def marked(luma: np.ndarray) -> np.ndarray:
    return cv2.putText(luma.copy(), "AB7", (244, 156), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 235, 2)


def noise(sigma: float, deviation: float) -> np.ndarray:
    dice = np.random.default_rng(3)
    plane = cv2.GaussianBlur(dice.standard_normal((180, 320)).astype(np.float32), (0, 0), sigma)
    return np.clip(120 + plane * (deviation / plane.std()), 16, 235).astype(np.uint8)


@pytest.mark.parametrize("luma", [np.full((180, 320), 16, np.uint8), noise(40, 20)])
def test_flat_and_blurred_pictures_have_none_but_the_mark(luma: np.ndarray) -> None:
    assert textured([luma], PLACE) == 0
    assert textured([marked(luma)] * 2, PLACE) == 0


def test_scenery_has_it_all_over() -> None:
    # A tenth is asked for; scenery of edges a few pixels wide has it nearly everywhere.
    assert textured([noise(3, 20)], PLACE) > 0.9
    half = noise(3, 20)
    half[:, 160:] = 120
    assert 0.4 < textured([half], PLACE) < 0.6 + PLACE[2] / 320
    assert textured([half, np.full((180, 320), 16, np.uint8)], PLACE) > ENOUGH


def test_no_pictures_have_none() -> None:
    assert textured([], PLACE) == 0
