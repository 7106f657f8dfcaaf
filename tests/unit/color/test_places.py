"""Common places are recognised through framing, mirror and drift, and nothing else is."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from finisher.color.pictures import Pictures
from finisher.color.places import same_places


def place(seed: int) -> np.ndarray:
    """A drawn place, 300 × 200, of shapes with texture."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((200, 300, 3)) + rng.uniform(60, 190, 3)
    for _ in range(70):
        centre = (int(rng.integers(0, 300)), int(rng.integers(0, 200)))
        colour = tuple(float(v) for v in rng.uniform(20, 220, 3))
        cv2.ellipse(picture, centre, (int(rng.integers(4, 30)), 11), 40, 0, 360, colour, -1)
    grain = cv2.GaussianBlur(rng.normal(0, 20, (200, 300)), (0, 0), 1.5)
    return np.clip(picture + grain[..., None], 5, 245)


def take(name: str, picture: np.ndarray, hidden: np.ndarray | None = None) -> Pictures:
    codes = np.ascontiguousarray(np.rint(picture)).astype(np.uint8)[None]
    mask = np.zeros(codes.shape[1:3], dtype=np.bool_) if hidden is None else hidden
    return Pictures(name, None, codes, mask)


@pytest.mark.parametrize("mirrored", [False, True])
def test_equal_areas_of_another_framing_have_equal_colours(mirrored: bool) -> None:
    whole = place(1)
    other = whole[20:, 30:280]
    other = cv2.resize(other[:, ::-1] if mirrored else other, (256, 184))
    (common,) = same_places([(take("a", whole), take("b", other))])
    assert (common.ours, common.theirs) == ("a", "b")
    assert len(common.colours.weight) > 100
    # Two resamplings of what two codes of grain are left of, averaged over 64 pixels.
    assert np.median(np.abs(common.colours.ours - common.colours.theirs)) < 2 / 255


def test_other_places_are_not_taken_for_one() -> None:
    pairs = [(take("a", place(2 * k)), take("b", place(2 * k + 1))) for k in range(6)]
    assert same_places(pairs) == []


def test_what_is_left_out_is_no_evidence() -> None:
    whole = place(3)
    hidden = np.zeros((200, 300), dtype=np.bool_)
    hidden[:, :150] = True
    ours = whole.copy()
    ours[:, :150] = 128
    (common,) = same_places([(take("a", ours, hidden), take("b", whole))])
    # The right half holds 25 × 18 whole areas; a row at its edge is half hidden.
    assert 200 < len(common.colours.weight) <= 25 * 19
    assert not (np.abs(common.colours.ours - 128 / 255) < 1e-9).all(axis=1).any()


def test_a_take_without_features_or_frames_is_no_place() -> None:
    flat = take("a", np.full((100, 100, 3), 128.0))
    none = Pictures("b", None, np.zeros((0, 100, 100, 3), np.uint8), flat.leave_out)
    assert same_places([(flat, flat), (none, flat), (flat, none)]) == []
