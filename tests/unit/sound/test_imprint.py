"""An excerpt is found where it lies, upright or upside down, and a tone proves no turn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.sound.imprint import EXCERPT, REACH, Excerpt, cut, lag

LENGTH = EXCERPT + 2 * REACH


def cut_at(line: NDArray[np.float32], at: int) -> Excerpt:
    return cut(0, 0, line[at : at + EXCERPT, None])


@given(st.integers(-REACH, REACH), st.integers(0, 1_000))
@settings(max_examples=20, deadline=None)
def test_turned_sound_is_found_in_the_same_place_with_the_other_sign(late: int, seed: int) -> None:
    line = np.random.default_rng(seed).normal(0, 0.1, LENGTH).astype(np.float32)
    excerpt = cut_at(line, REACH + late)
    place, alike = lag(excerpt, line[:, None])
    # Its values are bytes: what rounding them costs is below a thousandth.
    assert (place, alike) == (late, pytest.approx(1, abs=1e-3))
    assert lag(excerpt, -line[:, None]) == (place, pytest.approx(-alike, abs=1e-9))


def test_a_steady_tone_lies_half_a_period_off_before_it_is_turned() -> None:
    period = 480
    line = np.sin(2 * np.pi * np.arange(LENGTH) / period).astype(np.float32)
    place, alike = lag(cut_at(line, REACH), -line[:, None])
    assert abs(place) == period // 2
    assert alike > 0.99


def test_silence_is_like_nothing() -> None:
    line = np.random.default_rng(1).normal(0, 0.1, LENGTH).astype(np.float32)
    _, alike = lag(cut_at(line, REACH), np.zeros((LENGTH, 1), np.float32))
    assert alike == 0
