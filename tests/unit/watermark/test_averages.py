"""Averages of gradients are what their definition says, whichever part of a picture is kept."""

import cv2
import numpy as np
import pytest

from finisher.watermark.averages import BLUR, CLEAR, KNEE, Tone, averaged, plainly

ROWS, COLUMNS = 60, 90
FRAMES = list(np.random.default_rng(5).integers(16, 236, (4, ROWS, COLUMNS)).astype(np.uint8))
CLOSE = {"rtol": 1e-4, "atol": 1e-3}
"""Sums of floats in another order, which differ from run to run; products of gradient and contrast
are in the thousands."""


def defined(tone: Tone | None) -> list[np.ndarray]:
    """Each average as it is defined, frame by frame and in double precision."""
    found = []
    for frame in FRAMES:
        codes = frame.astype(np.float64)
        soft = cv2.GaussianBlur(codes, (7, 7), BLUR)
        along, across = np.zeros_like(soft), np.zeros_like(soft)
        along[:, 1:-1] = (soft[:, 2:] - soft[:, :-2]) / 2
        across[1:-1] = (soft[2:] - soft[:-2]) / 2
        weight = 1 / (np.hypot(along, across) + KNEE)
        contrast = np.ones_like(codes)
        if tone is not None:
            contrast = tone.level - cv2.blur(codes, (tone.around, tone.around))
            weight = weight * np.clip(contrast / CLEAR, -1, 1)
        plain = (along * contrast, across * contrast, contrast**2)
        found.append((along * weight, across * weight, codes, *plain))
    return [np.mean(parts, axis=0) for parts in zip(*found, strict=True)]


@pytest.mark.parametrize("tone", [None, Tone(200.0, 9)])
def test_means_are_those_of_every_frame(tone):
    along, across, codes, *plain = defined(tone)
    found = averaged(FRAMES, tone=tone)
    np.testing.assert_allclose(found.normal_x, along, **CLOSE)
    np.testing.assert_allclose(found.normal_y, across, **CLOSE)
    np.testing.assert_allclose(found.plain.codes, codes, **CLOSE)
    for one, other in zip(
        (found.plain.along, found.plain.across, found.plain.power), plain, strict=True
    ):
        np.testing.assert_allclose(one, other, **CLOSE)


@pytest.mark.parametrize("tone", [None, Tone(200.0, 9)])
def test_what_is_near_is_the_same_as_in_all_of_it(tone):
    whole, part = averaged(FRAMES, tone=tone), averaged(FRAMES, None, tone, (20, 15, 40, 30))
    # Without a contrast, blurs and differences of the part reach four pixels over its border.
    inner = np.s_[19:41, 24:56]
    np.testing.assert_allclose(part.normal_x, whole.normal_x, **CLOSE)
    np.testing.assert_allclose(part.plain.along[4:-4, 4:-4], whole.plain.along[inner], **CLOSE)
    np.testing.assert_allclose(part.plain.power[4:-4, 4:-4], whole.plain.power[inner], **CLOSE)
    assert (part.plain.x, part.plain.y) == (20, 15)


def test_the_plain_ones_alone_are_the_same():
    area = (10, 10, 60, 40)
    both, alone = averaged(FRAMES, area, Tone(30.0, 9)).plain, plainly(FRAMES, area, Tone(30.0, 9))
    np.testing.assert_allclose(both.along, alone.along, **CLOSE)
    np.testing.assert_allclose(both.power, alone.power, **CLOSE)


def test_there_is_no_average_of_no_frames():
    with pytest.raises(ValueError, match="no frames"):
        averaged([])
