from __future__ import annotations

import numpy as np
from tests import barcode

from finisher.media.stamp import stamped

BOX = (48, 70, 224, 40)


def test_a_stamp_is_seen_and_stays_in_its_box() -> None:
    grey = barcode.picture(np.full((180, 320), 110, np.uint8))
    made = stamped(grey, BOX)
    before, after = grey.to_ndarray(), made.to_ndarray()
    x, y, width, height = BOX
    inside = after[y : y + height, x : x + width].astype(int)
    # White letters with a dark edge, on any picture.
    assert inside.max() > 190
    assert inside.min() < 60
    assert (np.abs(inside - 110) > 40).mean() > 0.1
    outside = after[:180].copy()
    outside[y : y + height, x : x + width] = 110
    assert np.array_equal(outside, before[:180])
    assert (after[180:] == 128).all()


def test_what_was_stamped_is_left_as_it_was() -> None:
    picture = barcode.picture(barcode.draw(5))
    before = picture.to_ndarray().copy()
    stamped(picture, BOX)
    assert np.array_equal(picture.to_ndarray(), before)


def test_the_stamp_keeps_the_picture_s_tags() -> None:
    made = stamped(barcode.picture(barcode.draw(5)), BOX)
    assert (made.colorspace, made.color_range) == (1, 1)
    assert (made.color_primaries, made.color_trc) == (1, 1)


def test_colour_fades_under_the_letters_alone() -> None:
    picture = barcode.picture(np.full((180, 320), 110, np.uint8))
    planes = picture.to_ndarray()
    planes[180:] = 200
    coloured = type(picture).from_ndarray(planes, format="yuv420p")
    made = stamped(coloured, BOX).to_ndarray()[180:].reshape(2, 90, 160)
    x, y, width, height = (side // 2 for side in BOX)
    assert made[:, y : y + height, x : x + width].min() < 160
    made[:, y : y + height, x : x + width] = 200
    assert (made == 200).all()
