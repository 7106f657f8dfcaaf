"""A framing is undone to within a fraction of a pixel."""

import cv2
import numpy as np
import pytest

from finisher.watermark.hidden.aligning import aligned


def scene(width, height):
    y, x = np.mgrid[0:height, 0:width]
    waves = [110 + 90 * np.sin(x / a) * np.cos(y / b) for a, b in ((9, 14), (17, 8), (12, 11))]
    return np.stack(waves, 2).astype(np.uint8)


def test_the_whole_at_its_own_size_is_left_alone():
    picture = scene(320, 256)
    same, valid = aligned(picture, (320, 256), (0, 0, 320, 256), (0, 0, 320, 256))
    assert same is picture
    assert valid.all()


def test_a_cut_lies_where_it_was_cut():
    picture = scene(320, 256)
    cut = np.ascontiguousarray(picture[16:216, 50:270])
    back, valid = aligned(cut, (320, 256), (50, 16, 220, 200), (0, 0, 220, 200))
    assert np.array_equal(back[16:216, 50:270], cut)
    assert valid[16:216, 50:270].all()
    assert valid.sum() == 220 * 200
    assert (back[~valid] == 128).all()


@pytest.mark.parametrize(("wide", "high"), [(480, 384), (240, 192), (400, 200)])
def test_a_scaled_and_padded_picture_comes_back(wide, high):
    picture = scene(320, 256)
    small = cv2.resize(picture, (wide, high), interpolation=cv2.INTER_AREA)
    padded = np.zeros((high + 40, wide + 20, 3), np.uint8)
    padded[30 : 30 + high, 12 : 12 + wide] = small
    back, valid = aligned(padded, (320, 256), (0, 0, 320, 256), (12, 30, wide, high))
    assert valid.all()
    inner = np.s_[8:-8, 8:-8]
    # Half a pixel off would be 10 levels at the waves' steepest; scaling itself costs about 2.
    assert np.abs(back[inner].astype(int) - picture[inner]).mean() < 2.5


def test_fractions_of_a_pixel_at_the_edge_do_not_count():
    picture = scene(100, 80)
    _, valid = aligned(picture, (200, 160), (10.5, 20.0, 50.0, 40.0), (0, 0, 100, 80))
    assert not valid[20:60, 10].any()
    assert valid[20:60, 11:60].all()
    assert not valid[20:60, 60].any()


def test_what_lies_outside_the_delivered_picture_was_not_delivered():
    picture = scene(100, 80)
    _, valid = aligned(picture, (200, 160), (0, 0, 200, 160), (-50, 0, 200, 160))
    assert not valid[:, :50].any()
    assert valid[:80, 50:150].all()
    assert not valid[:, 150:].any()
