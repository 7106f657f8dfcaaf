"""The same places seen by two sessions: features, a verified geometry, and equal areas.

Where both sessions show one place (the same set from another angle, another crop, a mirror
image), pixels can be compared directly, which beats every statistic of colour.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.color.fit import Colours
from finisher.color.pictures import Pictures

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

# Frames of a take that are searched: its first and last sample show most of what moves.
_LOOKED_AT = 2
_AT_ONCE = 4
"""Threads that search and compare; what each finds does not hang on the others."""
_AREA = 8
_FEATURES = 300
_INLIERS = 14
"""Features that must agree on one geometry; chance agreement was never seen above nine."""
_ALIKE = 0.6
"""Least correlation of lightness, within areas, that shows two areas to be the same place."""
_UNIT = 1024
"""Length of a feature's words: they are whole numbers below it."""
_FLAT = 4.0
"""Standard deviation in codes below which an area has no structure to compare."""


@dataclass(frozen=True, slots=True)
class _View:
    """One frame ready to be compared: picture, what counts of it, and its features."""

    rgb: Bytes
    grey: Bytes
    counts: Bytes
    points: NDArray[np.float32]
    words: NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Common:
    """A place that one of our takes and one of theirs show, and the colours of its areas."""

    ours: str
    theirs: str
    colours: Colours


def same_places(pairs: Sequence[tuple[Pictures, Pictures]]) -> list[Common]:
    """The common place of each pair of takes (ours, theirs) that shows one.

    Areas are averages of 8 × 8 pixels where lightness correlates between the aligned frames.
    """
    with _one_thread():
        return _found(pairs)


@contextmanager
def _one_thread() -> Iterator[None]:
    """OpenCV on one thread: what it finds must not hang on how many there are."""
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def _found(pairs: Sequence[tuple[Pictures, Pictures]]) -> list[Common]:
    """Every pair's frames against each other; side by side, as no pair hangs on another."""
    takes = {id(take): take for pair in pairs for take in pair}
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        seen = dict(zip(takes, threads.map(_views, takes.values()), strict=True))
        mirrored = {key: [_mirror(view) for view in views] for key, views in seen.items()}

        def common(pair: tuple[Pictures, Pictures]) -> Common | None:
            one, other = pair
            return _common(pair, (*seen[id(one)], *mirrored[id(one)]), seen[id(other)])

        return [found for found in threads.map(common, pairs) if found is not None]


def _common(
    pair: tuple[Pictures, Pictures], ours: Sequence[_View], theirs: Sequence[_View]
) -> Common | None:
    """The frames of a pair that have most in common, None where none have anything."""
    every = (_compare(mine, yours) for mine in ours for yours in theirs)
    hits = [colours for colours in every if colours is not None]
    if not hits:
        return None
    most = max(hits, key=lambda colours: float(colours.weight.sum()))
    return Common(pair[0].take, pair[1].take, most)


def _views(pictures: Pictures) -> list[_View]:
    """The frames of a take that are searched."""
    count = len(pictures.frames)
    chosen = sorted({k * (count - 1) // max(1, _LOOKED_AT - 1) for k in range(_LOOKED_AT)})
    counts = np.where(pictures.leave_out, 0, 255).astype(np.uint8)
    return [_view(pictures.frames[k], counts) for k in chosen] if count else []


def _view(rgb: Bytes, counts: Bytes) -> _View:
    """Find a frame's features; its lightness is stretched so that a dark take has them too."""
    grey = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    even = cv2.createCLAHE(clipLimit=2.0, tileGridSize=(4, 4)).apply(grey)
    sift = cv2.SIFT.create(nfeatures=_FEATURES, contrastThreshold=0.02)
    points, words = sift.detectAndCompute(even, counts)
    if not points:
        return _View(
            rgb, grey, counts, np.empty((0, 2), np.float32), np.empty((0, 128), np.float32)
        )
    # RootSIFT: Hellinger's distance compares histograms better than Euclid's. In whole numbers
    # whose products a float32 adds up exactly, in whatever order.
    roots = np.rint(_UNIT * np.sqrt(words / np.maximum(words.sum(axis=1, keepdims=True), 1e-9)))
    places = np.array([point.pt for point in points], dtype=np.float32)
    return _View(rgb, grey, counts, places, roots.astype(np.float32))


def _mirror(view: _View) -> _View:
    """The same frame seen in a mirror, without searching it again.

    SIFT's words are 4 rows and 4 columns, turned to the feature's own direction, of 8 directions:
    a mirror reverses the rows and the sense of the directions.
    """
    words = view.words.reshape(-1, 4, 4, 8)[:, ::-1, :, (8 - np.arange(8)) % 8]
    points = view.points.copy()
    points[:, 0] = view.rgb.shape[1] - 1 - points[:, 0]
    rgb, grey, counts = (
        np.ascontiguousarray(plane[:, ::-1]) for plane in (view.rgb, view.grey, view.counts)
    )
    return _View(rgb, grey, counts, points, np.ascontiguousarray(words).reshape(-1, 128))


def _compare(ours: _View, theirs: _View) -> Colours | None:
    """Equal areas of two frames, or None where they show no common place."""
    geometry = _geometry(ours, theirs)
    if geometry is None:
        return None
    size = (ours.grey.shape[1], ours.grey.shape[0])
    rgb = cv2.warpAffine(theirs.rgb, geometry, size, flags=cv2.INTER_LINEAR)
    grey = cv2.warpAffine(theirs.grey, geometry, size, flags=cv2.INTER_LINEAR)
    counts = cv2.warpAffine(theirs.counts, geometry, size, flags=cv2.INTER_LINEAR)
    covered = _areas((np.minimum(counts, ours.counts) == 255).astype(np.float64)[..., None])
    alike = _alike(ours.grey.astype(np.float64), np.asarray(grey, dtype=np.float64))
    weight = np.where(covered[..., 0] > 0.999, alike, 0.0).ravel()
    keep = weight > 0
    # A false geometry correlates in a few areas by chance; a true one in most of its overlap.
    if keep.sum() < 12 or keep.sum() < 0.4 * (covered[..., 0] > 0.999).sum():
        return None
    mine = _areas(ours.rgb / 255.0).reshape(-1, 3)
    yours = _areas(np.asarray(rgb, dtype=np.float64) / 255.0).reshape(-1, 3)
    return Colours(mine[keep], yours[keep], weight[keep])


def _geometry(ours: _View, theirs: _View) -> Floats | None:
    """The affine map from their frame onto ours that enough features agree on."""
    if min(len(ours.points), len(theirs.points)) < _INLIERS:
        return None
    alike = (theirs.words @ ours.words.T) / np.float32(_UNIT**2)
    best = np.argmax(alike, axis=1)
    rows = np.arange(len(best))
    top = alike[rows, best]
    alike[rows, best] = -1.0
    # Lowe's ratio on distances √(2 − 2·similarity), and each the other's best.
    clear = (1 - top) < 0.72 * (1 - alike.max(axis=1))
    alike[rows, best] = top
    mutual = np.argmax(alike, axis=0)[best] == rows
    kept = np.flatnonzero(clear & mutual)
    if len(kept) < _INLIERS:
        return None
    geometry, inliers = cv2.estimateAffine2D(
        theirs.points[kept],
        ours.points[best[kept]],
        method=cv2.RANSAC,
        ransacReprojThreshold=2.0,
        maxIters=500,
    )
    if int(np.count_nonzero(inliers)) < _INLIERS:
        return None
    affine = np.asarray(geometry, dtype=np.float64)
    stretch = np.linalg.svd(affine[:, :2], compute_uv=False)
    # Another framing of a place scales it evenly and within reason.
    plausible = stretch[1] > 0.3 and stretch[0] < 3.3 and stretch[0] < 1.6 * stretch[1]
    return affine if plausible else None


def _areas(values: Floats) -> Floats:
    """Means over areas; edges that don't fill one are dropped."""
    height, width = values.shape[0] // _AREA, values.shape[1] // _AREA
    cut = values[: height * _AREA, : width * _AREA]
    means: Floats = cut.reshape(height, _AREA, width, _AREA, -1).mean(axis=(1, 3))
    return means


def _alike(ours: Floats, theirs: Floats) -> Floats:
    """Per area: 1 where structure agrees, a half where neither has any, else 0."""
    mean = _areas(np.stack([ours, theirs, ours**2, theirs**2, ours * theirs], axis=-1))
    deviation = np.sqrt(np.maximum(mean[..., 2:4] - mean[..., 0:2] ** 2, 0.0))
    product = mean[..., 4] - mean[..., 0] * mean[..., 1]
    correlation = product / np.maximum(deviation[..., 0] * deviation[..., 1], 1e-9)
    flat = (deviation < _FLAT).all(axis=-1)
    return np.where(flat, 0.5, np.where(correlation > _ALIKE, 1.0, 0.0))
