from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from finisher.color import scopes

BARS = [(1, 1, 1), (1, 1, 0), (0, 1, 1), (0, 1, 0), (1, 0, 1), (1, 0, 0), (0, 0, 1), (0, 0, 0)]
# Rec.709 luma of each, by its weights 0.2126, 0.7152 and 0.0722.
LUMA = [1.0, 0.9278, 0.7874, 0.7152, 0.2848, 0.2126, 0.0722, 0.0]


def flat(*rgb: float, size: tuple[int, int] = (36, 64)) -> np.ndarray:
    return np.full((*size, 3), np.rint(np.array(rgb) * 255), np.uint8)


def bars(level: float) -> np.ndarray:
    return np.hstack([flat(*(level * np.array(bar)), size=(144, 32)) for bar in BARS])


def lit(scope: np.ndarray) -> np.ndarray:
    """Where a trace is, (height, width)."""
    return scope.max(axis=2) > 150


def rows(scope: np.ndarray, columns: slice) -> tuple[int, int]:
    found = np.flatnonzero(lit(scope)[:, columns].any(axis=1))
    return int(found.min()), int(found.max())


def row_of(level: float) -> int:
    """128 rows, two codes each; white 6 rows from the top."""
    return 6 + 127 - int(level * 255 + 0.5) // 2


def test_bars_stand_at_their_luma() -> None:
    scope = scopes.waveform(bars(0.75))
    assert scope.shape == (140, 256, 3)
    for number, luma in enumerate(LUMA):
        top, bottom = rows(scope, slice(32 * number + 2, 32 * number + 30))
        # Codes of 8 bits are rounded before they are weighed.
        assert top == bottom
        assert abs(top - row_of(0.75 * luma)) <= 1


def test_black_and_white_are_inside_the_scope_and_on_its_outer_lines() -> None:
    assert rows(scopes.waveform(flat(1, 1, 1)), slice(None)) == (6, 6)
    assert rows(scopes.waveform(flat(0, 0, 0)), slice(None)) == (133, 133)


def test_the_parade_has_a_channel_in_each_third() -> None:
    scope = scopes.parade(flat(0.2, 0.5, 0.9))
    for left, level, brightest in ((0, 0.2, 0), (87, 0.5, 1), (174, 0.9, 2)):
        part = scope[:, left : left + 81]
        assert rows(part, slice(None)) == (row_of(level), row_of(level))
        assert int(part[row_of(level), 40].argmax()) == brightest


@pytest.mark.parametrize("number", range(1, 7))
def test_75_per_cent_colours_fall_into_their_boxes(number: int) -> None:
    rgb = 0.75 * np.array(BARS[number])
    luma = float(rgb @ (0.2126, 0.7152, 0.0722))
    scope = scopes.vectorscope(flat(*rgb))
    cells = np.argwhere((scope != scopes.vectorscope(flat(0, 0, 0))).any(axis=2))
    # The only other cell that differs is the middle, where black lies.
    away = cells[np.abs(cells - 69.5).max(axis=1) > 2]
    assert len(away) == 1
    row, column = away[0]
    scale = 69.5 / 0.56
    assert abs(column - (69.5 + (rgb[2] - luma) / 1.8556 * scale)) < 1
    assert abs(row - (69.5 - (rgb[0] - luma) / 1.5748 * scale)) < 1
    # It has the hue it stands for.
    told = scope[row, column].astype(int)
    assert set(np.flatnonzero(told > told.mean())) == set(np.flatnonzero(rgb > rgb.mean()))


def test_greys_lie_in_the_middle_of_the_vectorscope() -> None:
    ramp = np.repeat(np.arange(256, dtype=np.uint8)[None, :, None], 3, axis=2)
    bright = np.argwhere(lit(scopes.vectorscope(ramp)))
    assert np.abs(bright - 69.5).max() <= 1


def test_brightness_tells_how_many_by_the_stated_law() -> None:
    picture = np.zeros((128, 256, 3), np.uint8)
    picture[:16] = 255
    scope = scopes.waveform(picture).astype(float)
    # 16 of 128 rows of pixels in one of 128 rows of the scale: 16 times an even spread.
    for row, times in ((6, 16), (133, 112)):
        share = (1 - np.exp(-times / 4)) ** 0.5
        assert np.abs(scope[row, 5] - (52 + share * (226 - 52), 54 + share * (232 - 54),
                                       58 + share * (222 - 58))).max() <= 0.51  # fmt: skip


def test_levels_are_in_per_cent() -> None:
    picture = np.vstack([flat(0.1, 0.1, 0.1), flat(0.5, 0.5, 0.5), flat(0.5, 0.5, 0.5),
                         flat(0.9, 0.9, 0.9)])  # fmt: skip
    found = scopes.levels(picture)
    # Half a code is 0.2 %.
    assert np.allclose((found.dark, found.middle, found.bright), (10, 50, 90), atol=0.2)


@settings(max_examples=30)
@given(arrays.arrays(np.uint8, st.tuples(st.integers(1, 20), st.integers(1, 300), st.just(3))))
def test_any_picture_has_scopes(picture: np.ndarray) -> None:
    for draw, size in (
        (scopes.waveform, (140, 256, 3)),
        (scopes.parade, (140, 256, 3)),
        (scopes.vectorscope, (140, 140, 3)),
    ):
        scope = draw(picture)
        assert scope.shape == size
        assert scope.dtype == np.uint8
        # Something is lit, and the paper is never touched outside the scale.
        assert scope.max() > 60
        assert np.array_equal(scope, draw(picture))


def test_drawing_leaves_the_paper_clean() -> None:
    first = scopes.vectorscope(flat(1, 0, 0))
    scopes.vectorscope(bars(1.0))
    assert np.array_equal(scopes.vectorscope(flat(1, 0, 0)), first)
