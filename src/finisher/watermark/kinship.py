"""Whether takes show the same thing: then what they have in common is no mark.

Two signs are looked for: edges that stand at the same place in both, as scenery and bars do before
a locked camera; and a scene that one map of shift, turn and size carries from one to the other, as
with takes made from one picture or one seed whose camera moves differently.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.learn import Area, Field, planes_of

Gray = NDArray[np.uint8]

LONG_SIDE = 640
"""Pixels along the longer side of the pictures that scenes are compared by."""
STANDING = 0.16
"""Correlation of two takes' fields, away from the mark, above which scenery stands in both."""
_FEATURES = 800
_RATIO = 0.75
"""How much better than the second best a match of features must be."""
_INLIERS = 12
"""Matches that one map must explain."""
_SPREAD = 0.06
"""Standard deviation of their places, in parts of the picture's width or height: that of a mark's
own corners is smaller."""
_WITHIN = 4.0
"""Pixels of deviation from the map."""
_FLAT = 10
"""Codes that pixels of a bar differ by at most, over all of it and all pictures."""
_BAR = 0.02
"""Part of the picture's height or width that a bar covers at least."""
_ROOM = 0.02
"""Around the mark, in parts of the longer side, where nothing is compared."""


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """What scenes are compared by: corners, their descriptions, and the size of the picture."""

    points: NDArray[np.float32]
    """(corners, 2): x and y."""
    words: NDArray[np.float32]
    """(corners, 128) descriptions that size and turn do not change."""
    size: tuple[int, int]


def scene(gray: Gray) -> Scene:
    """The corners of a picture, reduced to the size that scenes are compared at."""
    rows, columns = gray.shape
    scale = LONG_SIDE / max(rows, columns)
    size = (round(columns * scale), round(rows * scale))
    small = np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_AREA), np.uint8)
    # Corners are found in parts, so that no lively part takes them all.
    equal = cv2.createCLAHE(2.0, (8, 8)).apply(small)
    found, words = cv2.SIFT.create(_FEATURES, contrastThreshold=0.02).detectAndCompute(equal, None)
    if not len(found):
        return Scene(np.zeros((0, 2), np.float32), np.zeros((0, 128), np.float32), size)
    points = np.array([one.pt for one in found], np.float32)
    return Scene(points, np.asarray(words, np.float32), size)


def standing(one: Field, other: Field, area: Area | None) -> float:
    """Correlation of two takes' fields away from an area, -1 to 1."""
    values = []
    for field in (one, other):
        along, across = planes_of(field)
        both = np.stack((along, across))
        if area is not None:
            _blank(both, area, field.along.shape[1] / along.shape[1])
        values.append(both.astype(np.float64))
    length = float(np.sqrt((values[0] ** 2).sum() * (values[1] ** 2).sum()))
    return float((values[0] * values[1]).sum()) / length if length > 0 else 0.0


def _blank(both: NDArray[np.float32], area: Area, scale: float) -> None:
    """Leave an area out of a field."""
    room = round(_ROOM * max(both.shape[1:]))
    left, top = round(area.x / scale) - room, round(area.y / scale) - room
    right = round((area.x + area.width) / scale) + room
    bottom = round((area.y + area.height) / scale) + room
    both[:, max(0, top) : bottom, max(0, left) : right] = 0


def same_scene(
    ours: Sequence[Scene], theirs: Sequence[Scene], areas: Sequence[Area], width: int
) -> bool:
    """Whether any of some pictures of a take shows the scene of any of another's.

    Corners inside of `areas`, in pixels of takes that are `width` wide, do not count.
    """
    ours, theirs = ([_without(one, areas, width) for one in scenes] for scenes in (ours, theirs))
    return any(_maps(one, other) for one in ours for other in theirs)


def _without(one: Scene, areas: Sequence[Area], width: int) -> Scene:
    """A scene less the corners inside of areas."""
    scale, room = one.size[0] / width, _ROOM * max(one.size)
    keep = np.ones(len(one.points), bool)
    for area in areas:
        low = np.array([area.x, area.y]) * scale - room
        high = np.array([area.x + area.width, area.y + area.height]) * scale + room
        keep &= ~((one.points >= low) & (one.points <= high)).all(axis=1)
    return Scene(one.points[keep], one.words[keep], one.size)


def _maps(one: Scene, other: Scene) -> bool:
    """Whether one map carries many corners of a scene, from all over it, onto another's."""
    if min(len(one.points), len(other.points)) < _INLIERS:
        return False
    pairs = cv2.BFMatcher(cv2.NORM_L2).knnMatch(one.words, other.words, k=2)
    good = [a for a, *rest in pairs if rest and a.distance < _RATIO * rest[0].distance]
    if len(good) < _INLIERS:
        return False
    start = np.array([one.points[m.queryIdx] for m in good], np.float32)
    end = np.array([other.points[m.trainIdx] for m in good], np.float32)
    cv2.setRNGSeed(1)  # the same takes are always judged alike
    matrix, inliers = cv2.estimateAffinePartial2D(start, end, ransacReprojThreshold=_WITHIN)
    if int(inliers.sum()) < _INLIERS:
        return False
    spread = start[inliers.ravel() > 0].std(axis=0) / np.array(one.size)
    size = float(np.hypot(matrix[0, 0], matrix[1, 0]))
    return bool(max(spread) > _SPREAD and 1 / 4 < size < 4)


def bars(pictures: Sequence[Gray]) -> tuple[int, int, int, int]:
    """Rows and columns that are flat in all pictures: at the top, bottom, left and right."""
    low, high = np.min(pictures, axis=0), np.max(pictures, axis=0)
    counts = []
    for axis in (1, 0):
        least, most = low.min(axis=axis).astype(int), high.max(axis=axis).astype(int)
        for way in (slice(None), slice(None, None, -1)):
            flat = np.maximum.accumulate(most[way]) - np.minimum.accumulate(least[way]) <= _FLAT
            count = int(flat.argmin()) if not flat.all() else 0
            counts.append(count if count >= _BAR * len(flat) else 0)
    return counts[0], counts[1], counts[2], counts[3]


def same_bars(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two takes have a bar at the same side, of the same size but for a few pixels."""
    return any(a > 0 and b > 0 and abs(a - b) <= 4 for a, b in zip(one, other, strict=True))
