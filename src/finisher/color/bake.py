"""A grade's cube: how fine it must be, as a .cube text, and applied to pictures in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from finisher.look import Grade, Space

PLAIN, FINE = 33, 65
"""Points a side of a cube without and with a look or an input transform in it."""

_SAME = 1e-4
_WHITE = 65280 / 65535
# Pixels worked on at once: few enough that the intermediates stay in a core's cache.
_CHUNK = 1 << 15


def size_for(grade: Grade) -> int:
    """How many points a side a grade's cube needs; the bends of an input transform are a look's.

    On natural pictures a CDL alone bakes to 0.004 ΔE2000 on average at 33 points (0.02 at the
    99th percentile). A look bends more sharply: with a CDL before it 0.014 (0.11) at 33 points
    against 0.005 (0.04) at 65, for a tenth more time in the picture path. 65 points also hold
    every point of a look of 17, 33 or 65, so that a look by itself passes exactly.
    """
    return PLAIN if grade.look is None and grade.input is Space.REC709 else FINE


def thinned(cube: NDArray[np.float32]) -> NDArray[np.float32]:
    """A fine cube by every other of its points, where those tell all of it; else as it is.

    A look of 33 points and what bends no more than one are read four times as quickly so, and
    pictures come out the same: less than a fortieth of a code of 8 bits apart.
    """
    if cube.shape[0] != FINE:
        return cube
    plain = np.ascontiguousarray(cube[::2, ::2, ::2])
    places = np.linspace(0, 1, FINE, dtype=np.float32)
    b, g, r = np.meshgrid(places, places, places, indexing="ij")
    told = apply(plain, np.stack([r, g, b], axis=-1)).astype(np.float32)
    return plain if float(np.abs(told - cube).max()) < _SAME else cube


def cube_text(cube: NDArray[np.float32]) -> str:
    """A cube [b, g, r, channel] as a plain .cube file: one 3D table over 0 to 1, R fastest.

    Only this plainest form is safe for libavfilter's lut3d, which misreads domains, shapers and
    input ranges without a word. Seven decimals hold a float32's precision below 1.
    """
    size = cube.shape[0]
    head = f"LUT_3D_SIZE {size}\nDOMAIN_MIN 0 0 0\nDOMAIN_MAX 1 1 1\n"
    # Adding zero turns -0.0 into 0.0, so that equal cubes have equal texts.
    numbers = (np.round(cube.astype(np.float64), 7) + 0.0).ravel().tolist()
    rows: str = ("%.7f %.7f %.7f\n" * size**3) % tuple(numbers)
    return head + rows


def path_text(cube: NDArray[np.float32]) -> str:
    """The same cube as a .cube file for the picture path, which has it look up and store others.

    libswscale's white is 255/256 of full scale at 16 bits a channel, 65280, where lut3d's is 65535:
    the table is laid out again so that what comes as 65280 finds white, and white leaves as 65280.
    """
    size = cube.shape[0]
    places = np.linspace(0, 1 / _WHITE, size, dtype=np.float64)
    b, g, r = np.meshgrid(*[np.minimum(places, 1)] * 3, indexing="ij")
    laid = apply(cube, np.stack([r, g, b], axis=-1)).astype(np.float64)
    # The last points lie beyond white: on the lines that reach it from the points before them.
    before = np.minimum(np.arange(size), size - 2)
    within = laid[np.ix_(before, before, before)]
    reach = (places[-1] - places[-2]) / (1 - places[-2])
    return cube_text((_WHITE * (within + reach * (laid - within))).astype(np.float32))


def apply(cube: NDArray[np.float32], rgb: NDArray[np.generic]) -> NDArray[np.generic]:
    """Pictures of any leading shape through a cube, interpolated in tetrahedra.

    Floats are 0 to 1 and clipped to it before the look-up, as a stored picture would be; they
    come back as float32, unclipped. uint8 comes back as uint8, rounded.

    Raises:
        TypeError: for another kind of numbers.
    """
    pixels = rgb.reshape(-1, 3)
    if rgb.dtype == np.uint8:
        result: NDArray[np.generic] = np.empty(pixels.shape, dtype=np.uint8)
        scale = (cube.shape[0] - 1) / 255.0
    elif np.issubdtype(rgb.dtype, np.floating):
        result = np.empty(pixels.shape, dtype=np.float32)
        scale = float(cube.shape[0] - 1)
    else:
        raise TypeError(f"pictures are uint8 or floats, not {rgb.dtype}")
    table = np.ascontiguousarray(cube, dtype=np.float32).reshape(-1, 3)
    for start in range(0, len(pixels), _CHUNK):
        part = pixels[start : start + _CHUNK].astype(np.float32) * np.float32(scale)
        graded = _look_up(table, cube.shape[0], part)
        if result.dtype == np.uint8:
            graded = np.clip(graded * 255 + 0.5, 0, 255)
        result[start : start + _CHUNK] = graded.astype(result.dtype)
    return result.reshape(rgb.shape)


def _look_up(
    table: NDArray[np.float32], size: int, place: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Tetrahedral interpolation at places given in lattice steps.

    Walks from a cell's lowest corner to its highest along the axes in order of falling fraction:
    the corners met on the way are the tetrahedron the place lies in, the differences between
    successive fractions their weights.
    """
    top = np.float32(size - 1)
    place = np.clip(place, 0, top)
    cell = np.minimum(place.astype(np.int32), size - 2)
    fraction = place - cell
    r, g, b = fraction[:, 0], fraction[:, 1], fraction[:, 2]
    corner = cell[:, 0] + size * (cell[:, 1] + size * cell[:, 2])
    largest = np.maximum(np.maximum(r, g), b)
    smallest = np.minimum(np.minimum(r, g), b)
    middle = r + g + b - largest - smallest
    steps = np.array([1, size, size * size], dtype=np.int32)
    # Where fractions are equal the corner chosen has no weight, so any order will do.
    first = np.where(largest == r, steps[0], np.where(largest == g, steps[1], steps[2]))
    last = np.where(smallest == b, steps[2], np.where(smallest == g, steps[1], steps[0]))
    whole = int(steps.sum())
    result: NDArray[np.float32] = table[corner] * (1 - largest)[:, None]
    result += table[corner + first] * (largest - middle)[:, None]
    result += table[corner + whole - last] * (middle - smallest)[:, None]
    result += table[corner + whole] * smallest[:, None]
    return result
