"""How steadily a take is exposed: flicker that comes and goes, told apart from what stays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from finisher.facts import SteadinessFacts

Floats = NDArray[np.float64]

_CELL = 4
"""Pixels of a sketch along a cell: large enough that movement of detail averages out."""
_DARK, _BRIGHT = 24.0, 245.0
"""Codes between which a cell says something: neither lost in black nor clipped."""
_FEW_CELLS = 24
_ALIKE = 0.02
_UNSURE, _SURE = 0.06, 0.15
"""Share of cells within two per cent of the median change: below the first another shot begins or
all of it moves, above the second it is the light. Natural clips show 0.3 to 0.9, fast pans 0.1."""
_SHORTEST = 8
"""Pictures below which nothing can be told."""

_AROUND = 4
"""Pictures to either side of an instant that show whether a change stays."""
_STEP = 0.10
"""Change of exposure that, where it stays, is a cut or a light switched: never smoothed over."""
_SMOOTH = 4.0
"""Standard deviation in pictures of what counts as slow."""
_RARE = 0.05
"""Share of a take's pictures up to which outliers are flashes, meant as they are."""
_LEAST = 0.008
"""Flicker below which moving content alone, or the corner of a fade, explains it."""

_LUMA = np.array([0.2126, 0.7152, 0.0722])


def steadiness(sketches: NDArray[np.uint8]) -> SteadinessFacts | None:
    """The flicker and drift of a take, from sketches of all its pictures (n, height, width, 3).

    From picture to picture the exposure changes by the median ratio of display-encoded luma over
    cells that are neither black nor clipped, so that what moves has no say. Their running sum is
    the course of exposure; what is left of it after smoothing within stretches that hold no lasting
    jump is flicker. Where it is less than the content alone could make, there are no gains. None
    where there are too few pictures.
    """
    if len(sketches) < _SHORTEST:
        return None
    course, cuts = _course(sketches)
    slow = np.empty_like(course)
    for start, end in _stretches(course, cuts):
        slow[start:end] = _slow(course[start:end])
    fast = course - slow
    flicker = float(np.sqrt(np.mean(fast**2)))
    gains = np.exp(-fast) if flicker >= _LEAST else ()
    return SteadinessFacts(
        round(flicker, 5),
        round(float(slow[-1] - slow[0]), 5),
        tuple(round(float(gain), 5) for gain in gains),
    )


def _course(sketches: NDArray[np.uint8]) -> tuple[Floats, list[int]]:
    """Logarithm of each picture's exposure against the first's, and where another shot begins."""
    course, cuts = np.zeros(len(sketches)), []
    before = _cells(sketches[0])
    for i in range(1, len(sketches)):
        now = _cells(sketches[i])
        usable = (np.minimum(before, now) > _DARK) & (np.maximum(before, now) < _BRIGHT)
        change, agreeing = _change(np.log(now[usable] / before[usable]))
        course[i] = course[i - 1] + change
        if agreeing < _UNSURE:
            cuts.append(i)
        before = now
    return course, cuts


def _change(ratios: Floats) -> tuple[float, float]:
    """The change that cells agree on, less of it the fewer they are, and their share."""
    if len(ratios) < _FEW_CELLS:
        return 0.0, 0.0
    middle = float(np.median(ratios))
    agreeing = float(np.mean(np.abs(ratios - middle) < _ALIKE))
    return middle * min(1.0, max(0.0, (agreeing - _UNSURE) / (_SURE - _UNSURE))), agreeing


def _cells(sketch: NDArray[np.uint8]) -> Floats:
    """Mean luma of a sketch's cells, in codes of 8 bits, full range."""
    luma = sketch @ _LUMA
    height, width = luma.shape[0] // _CELL, luma.shape[1] // _CELL
    cut = luma[: height * _CELL, : width * _CELL]
    return np.asarray(cut.reshape(height, _CELL, width, _CELL).mean(axis=(1, 3)), np.float64)


def _stretches(course: Floats, cuts: Sequence[int]) -> list[tuple[int, int]]:
    """Ranges of pictures between other shots and lasting jumps of exposure."""
    starts = [0]
    # Where much flickers, medians of a few pictures differ by chance too.
    step = max(_STEP, 3 * float(np.median(np.abs(np.diff(course)))))
    for i in range(1, len(course)):
        before = course[max(starts[-1], i - _AROUND) : i]
        after = course[i : i + _AROUND]
        lasting = abs(float(np.median(after) - np.median(before)))
        sudden = abs(float(course[i] - course[i - 1]))
        # A jump is as large from one picture to the next as between what lies around it.
        jumps = lasting > step and sudden > 0.7 * lasting and min(len(after), len(before)) > 1
        if jumps or i in cuts:
            starts.append(i)
    return list(zip(starts, [*starts[1:], len(course)], strict=True))


def _slow(course: Floats) -> Floats:
    """A course without its flicker: a flash stays one, and a fade keeps its corners.

    Flicker comes and goes: what stays to one side of the smoothed course for several pictures is
    none.
    """
    usual = _median(course, 5)
    apart = np.abs(course - usual)
    flash = apart > max(_STEP, 6 * float(np.median(apart)))
    if float(flash.mean()) > _RARE:
        flash[:] = False
    slow = _smoothed(np.where(flash, usual, course))
    slow += _median(np.where(flash, usual, course) - slow, 9)
    return np.where(flash, course, slow)


def _median(course: Floats, around: int) -> Floats:
    """The median of so many neighbours of each; the ends go on as they are."""
    padded = np.pad(course, around // 2, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, around)
    return np.asarray(np.median(windows, axis=1), np.float64)


def _smoothed(course: Floats) -> Floats:
    """A Gaussian mean; the course goes on point-symmetrically, so that a fade stays a fade."""
    reach = min(len(course) - 1, round(3 * _SMOOTH))
    if reach < 1:
        return course.copy()
    before = 2 * course[0] - course[reach:0:-1]
    after = 2 * course[-1] - course[-2 : -reach - 2 : -1]
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / _SMOOTH) ** 2)
    whole = np.concatenate([before, course, after])
    return np.convolve(whole, weights / weights.sum(), mode="valid")
