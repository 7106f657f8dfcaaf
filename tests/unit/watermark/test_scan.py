"""A mark that jumps is found at each of its places, to the picture."""

from itertools import pairwise

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from finisher.sighting import Plane
from finisher.watermark.scan import Scan
from finisher.watermark.template import Template

SIZE = (320, 180)
MARK = (64, 24)
PLACES = [(0, 12, 20, 30), (12, 30, 220, 120), (30, 48, 40, 140)]


def template() -> Template:
    alpha = np.zeros((MARK[1], MARK[0]), np.uint8)
    cv2.putText(alpha, "Ox7", (2, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 255, 2, cv2.LINE_AA)
    part = alpha.astype(np.float32) / 255
    return Template(part, {Plane.LUMA: np.full_like(part, 225)})


def footage(count: int = 48, step: int = 2) -> list[NDArray[np.uint8]]:
    dice = np.random.default_rng(3)
    wide = np.zeros((SIZE[1], SIZE[0] + step * count), np.float32)
    for sigma, gain in ((2, 20), (8, 120)):
        noise = dice.standard_normal(wide.shape).astype(np.float32)
        wide += gain * cv2.GaussianBlur(noise, (0, 0), sigma)
    scene = np.clip(110 + wide, 20, 200).astype(np.uint8)
    return [scene[:, step * i : step * i + SIZE[0]].copy() for i in range(count)]


def jumping(
    frames: list[NDArray[np.uint8]],
    opacity: float,
    places: list[tuple[int, int, int, int]] = PLACES,
) -> list[NDArray[np.uint8]]:
    mark = template()
    for start, end, x, y in places:
        here = np.s_[y : y + MARK[1], x : x + MARK[0]]
        for frame in frames[start:end]:
            part = opacity * mark.alpha
            frame[here] = np.rint(frame[here] * (1 - part) + part * mark.codes).astype(np.uint8)
    return frames


def scanned(frames: list[NDArray[np.uint8]], size: tuple[int, int] = MARK) -> Scan:
    scan = Scan(template(), size)
    for frame in frames:
        scan.add(frame)
    return scan


@pytest.mark.parametrize("opacity", [0.35, 0.6])
def test_every_place_is_found_to_the_picture(opacity: float) -> None:
    found = scanned(jumping(footage(), opacity)).places()
    assert len(found) == len(PLACES)
    for place, (start, end, x, y) in zip(found, PLACES, strict=True):
        assert abs(place.start - start) <= 1
        assert abs(place.end - end) <= 1
        # Half a pixel of the size that is searched, and rounding.
        assert abs(place.box.x - x) <= 2
        assert abs(place.box.y - y) <= 2
        assert (place.box.width, place.box.height) == MARK
    assert all(one.end <= other.start for one, other in pairwise(found))


def test_one_that_stays_is_found_too() -> None:
    found = scanned(jumping(footage(), 0.5, [(0, 48, 40, 140)])).places()
    assert [(place.start, place.end) for place in found] == [(0, 48)]


def test_nothing_is_found_where_nothing_is() -> None:
    assert scanned(footage()).places() == ()
    assert scanned([]).places() == ()


def test_a_mark_larger_than_the_picture_or_smaller_than_any_is_not_looked_for() -> None:
    assert scanned(footage(6), (400, 100)).places() == ()
    assert scanned(footage(6), (2, 1)).places() == ()


def test_a_faint_one_is_found_over_scenery_that_stands_still() -> None:
    """What changed from one average to the next is the mark alone, give or take a code of noise."""
    dice = np.random.default_rng(5)
    scene = footage(1)[0].astype(np.float32)
    frames = [
        np.clip(scene + dice.normal(0, 1, scene.shape), 0, 255).astype(np.uint8) for _ in range(48)
    ]
    found = scanned(jumping(frames, 0.12)).places()
    assert [(place.start, place.end) for place in found] == [(a, b) for a, b, *_ in PLACES]


def test_one_between_dark_and_bright_is_found_over_both() -> None:
    """Over what is brighter than it, its edges turn round: it is told by its luma."""
    mark = Template(template().alpha, {Plane.LUMA: np.full_like(template().alpha, 120)})
    frames = []
    for frame in footage():
        bright = np.clip(frame.astype(np.int16) // 2 + 20, 0, 255).astype(np.uint8)
        bright[:, SIZE[0] // 2 :] += 130
        frames.append(bright)
    scan = Scan(mark, MARK)
    for start, end, x, y in PLACES:
        here = np.s_[y : y + MARK[1], x : x + MARK[0]]
        for frame in frames[start:end]:
            part = 0.6 * mark.alpha
            frame[here] = np.rint(frame[here] * (1 - part) + part * 120).astype(np.uint8)
    for frame in frames:
        scan.add(frame)
    assert [(p.start, p.end) for p in scan.places()] == [(a, b) for a, b, *_ in PLACES]
