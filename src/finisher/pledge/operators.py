"""A framing as linear algebra: from a take's luma sketch to the cells of a fingerprint."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Fit, Framing, Raster, frame
from finisher.media.conform import BLUR_SIGMA, BLUR_STEPS, SURROUND_LEVEL, surround_raster
from finisher.promises import GRID

BLACK = 16.0
"""Limited-range black."""
WEIGHTS = np.array([0.2126, 0.7152, 0.0722])
"""Luma weights of Rec. ITU-R BT.709."""

Matrix = NDArray[np.float64]


def luma(rgb: NDArray[np.float64]) -> Matrix:
    """Limited-range luma of 8 bits, not rounded, of RGB of any leading shape, 0 to 1."""
    found: Matrix = BLACK + 219 * (rgb @ WEIGHTS)
    return found


@dataclass(frozen=True, slots=True)
class Operator:
    """Cell means as a sum of `gain · rows @ luma @ columns.T`, plus a constant per cell."""

    terms: tuple[tuple[float, Matrix, Matrix], ...]
    bias: Matrix

    def __call__(self, luma: Matrix) -> Matrix:
        """The cell means (rows, columns) of a picture whose graded sketch has this luma."""
        cells = self.bias.copy()
        for gain, rows, columns in self.terms:
            cells += gain * (rows @ luma @ columns.T)
        return cells


def operator(framing: Framing, sketch: Raster, grid: tuple[int, int] = GRID) -> Operator:
    """The operator of a framing, for sketches of the given size and so many rows and columns."""
    rows, columns = _means(framing, sketch, grid)
    covered = np.outer(rows.sum(axis=1), columns.sum(axis=1))
    bias = BLACK * (1 - covered)
    if framing.fit is not Fit.BLUR_PAD:
        return Operator(((1.0, rows, columns),), bias)
    return Operator(
        ((1.0, rows, columns), *_surround(framing, sketch, grid)), bias * (1 - SURROUND_LEVEL)
    )


def _means(framing: Framing, sketch: Raster, grid: tuple[int, int]) -> tuple[Matrix, Matrix]:
    """Row and column weights that average the sketch over what each cell shows of its place."""
    crop, place = framing.crop, framing.place
    ratio_y = Fraction(sketch.height, framing.source.height)
    ratio_x = Fraction(sketch.width, framing.source.width)
    rows = _axis(
        grid[0],
        framing.raster.height,
        (place.y, place.height),
        (crop.y, crop.height),
        sketch.height,
        ratio_y,
    )
    columns = _axis(
        grid[1],
        framing.raster.width,
        (place.x, place.width),
        (crop.x, crop.width),
        sketch.width,
        ratio_x,
    )
    return rows, columns


def _axis(
    cells: int,
    extent: int,
    place: tuple[Fraction, Fraction],
    crop: tuple[Fraction, Fraction],
    pixels: int,
    ratio: Fraction,
) -> Matrix:
    """Weights (cells, pixels) along one axis: the part of a cell each sketch pixel fills."""
    weights = np.zeros((cells, pixels))
    scale = float(crop[1] / place[1] * ratio)
    edges = np.arange(pixels + 1)
    for cell in range(cells):
        low = max(Fraction(cell * extent, cells), place[0])
        high = min(Fraction((cell + 1) * extent, cells), place[0] + place[1])
        if high <= low:
            continue
        start = float(crop[0] * ratio) + float(low - place[0]) * scale
        end = float(crop[0] * ratio) + float(high - place[0]) * scale
        overlap = np.minimum(edges[1:], end) - np.maximum(edges[:-1], start)
        filled = float((high - low) * cells / extent)
        weights[cell] = np.clip(overlap, 0, None) / (end - start) * filled
    return weights


def _surround(
    framing: Framing, sketch: Raster, grid: tuple[int, int]
) -> tuple[tuple[float, Matrix, Matrix], ...]:
    """The blurred, darkened surround: its mean over whole cells less that behind the picture."""
    half = (Fraction(1, 2), Fraction(1, 2))
    cover = frame(framing.source, framing.raster, Fit.COVER, half)
    small = surround_raster(framing.raster)
    blurred_rows = _blur(small.height) @ _axis(
        small.height,
        framing.raster.height,
        (cover.place.y, cover.place.height),
        (cover.crop.y, cover.crop.height),
        sketch.height,
        Fraction(sketch.height, framing.source.height),
    )
    blurred_columns = _blur(small.width) @ _axis(
        small.width,
        framing.raster.width,
        (cover.place.x, cover.place.width),
        (cover.crop.x, cover.crop.width),
        sketch.width,
        Fraction(sketch.width, framing.source.width),
    )
    terms = []
    for gain, box in ((1.0, cover.place), (-1.0, framing.place)):
        rows = _box_means(grid[0], framing.raster.height, box.y, box.height, small.height)
        columns = _box_means(grid[1], framing.raster.width, box.x, box.width, small.width)
        terms.append((gain * SURROUND_LEVEL, rows @ blurred_rows, columns @ blurred_columns))
    return tuple(terms)


def _box_means(cells: int, extent: int, start: Fraction, length: Fraction, pixels: int) -> Matrix:
    """Weights that average an axis of `pixels` spread over `extent`, inside [start, +length)."""
    ratio = Fraction(pixels, extent)
    return _axis(cells, extent, (start, length), (start, length), pixels, ratio)


def _blur(pixels: int) -> Matrix:
    """The recursive Gaussian of libavfilter's gblur over an axis.

    After Alvarez and Mazorra, "Signal and image restoration using shock filters and anisotropic
    diffusion" (1994): each pass is a decaying average forwards and one backwards, and beyond its
    ends the axis goes on as it ended.
    """
    spread = BLUR_SIGMA**2 / (2 * BLUR_STEPS)
    decay = (1 + 2 * spread - math.sqrt(1 + 4 * spread)) / (2 * spread)
    at = np.arange(pixels)
    forwards = np.tril(decay ** np.abs(at[:, None] - at[None, :]))
    forwards[:, 0] /= 1 - decay
    once = (1 - decay) ** 2 * forwards[::-1, ::-1] @ forwards
    passes: Matrix = np.linalg.matrix_power(once, BLUR_STEPS)
    return passes
