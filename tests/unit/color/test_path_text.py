"""The cube as the picture path has it: laid out for a white of 65280 in 16 bits."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from finisher.color.bake import FINE, PLAIN, apply, path_text, size_for
from finisher.look import CDL, Grade, Space
from finisher.ocio import cubes

WHITE = 65280 / 65535
GRADES = {
    "nothing": Grade(),
    "strong": Grade(cdl=CDL((1.2, 1.0, 0.8), (0.05, 0.0, -0.03), (0.8, 1.0, 1.3), 1.3)),
    "pq": Grade(input=Space.PQ),
}


def table(text: str) -> NDArray[np.float32]:
    """A .cube's points, [b, g, r, channel]."""
    size, *rows = text.splitlines()[0].split()[1:], *text.splitlines()[3:]
    side = int(size[0])
    values = np.array([row.split() for row in rows], np.float32)
    return values.reshape(side, side, side, 3)


@cache
def cube_and_path(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """A grade's cube, and the table that is laid out for the path."""
    cube = cubes.cube(GRADES[name], size_for(GRADES[name]))
    return cube, table(path_text(cube))


def through_path(name: str, rgb: NDArray[np.float32]) -> NDArray[np.float64]:
    """Colours as the path has them looked up: its white on the way in and out is `WHITE`."""
    _, laid = cube_and_path(name)
    return apply(laid, rgb * np.float32(WHITE)).astype(np.float64) / WHITE


@pytest.mark.parametrize("name", GRADES)
@given(rgb=st.tuples(*[st.floats(0, 1, width=32)] * 3))
def test_the_path_finds_what_the_cube_says(name: str, rgb: tuple[float, float, float]) -> None:
    colours = np.array([rgb], np.float32)
    said = apply(cube_and_path(name)[0], colours)
    # Laid out anew between the same points, a bend is cut by a part of a cell at most; that of PQ
    # at the edge of Rec.709 is the sharpest.
    bound = {"nothing": 1e-6, "strong": 4e-3, "pq": 0.05}[name]
    assert np.abs(through_path(name, colours) - said).max() < bound


@pytest.mark.parametrize("name", GRADES)
def test_black_white_and_greys_are_kept(name: str) -> None:
    greys = np.repeat(np.linspace(0, 1, 50, dtype=np.float32)[:, None], 3, axis=1)
    said = apply(cube_and_path(name)[0], greys)
    missed = np.abs(through_path(name, greys) - said)
    assert missed[0].max() < 1e-6
    assert missed[-1].max() < 1e-6
    # Half a code of 8 bits, on PQ's bends alone.
    assert missed.max() < (0.5 if name == "pq" else 0.05) / 255


def test_an_input_transform_is_baked_as_finely_as_a_look() -> None:
    assert size_for(Grade()) == PLAIN
    assert {size_for(Grade(input=space)) for space in Space if space is not Space.REC709} == {FINE}
