"""A mark that jumps, learnt from takes: what three show at one place, found by itself in another.

It may stand at the same few places in every take, at other times. What stands still for a dozen
pictures is compared all over between takes, each with the stretch of it that agrees best. Of so
many comparisons scenery agrees by chance as well as marks do, so agreement is a candidate only:
what three takes give is scanned for in one that had no part in it. A mark is found there for most
of the time; each of four takes must bear out what the three others show, and at the same places
that the clearest of the four is found at.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Box, Raster
from finisher.sighting import MarkPlace
from finisher.watermark.learn import Area, Field, common, gradients, mean_field
from finisher.watermark.learnt import Learnt, Told
from finisher.watermark.planes import Floats
from finisher.watermark.scan import Scan

SIDE = 640
"""Pixels along the longer side of the pictures that such a mark is looked for in."""
PROVING = 4
"""Takes, each of which must bear out what the others show."""
FEWEST = 36
"""Pictures of a take below which a mark hardly has time to jump and come to rest."""
_LEAST_SIDE = 120
"""Pixels of the pictures' shorter side below which there is no room for a mark to be looked for."""
_GROUP = 6
"""Pictures that are added up at once; two groups are a window."""
_PATCH = (16, 12)
"""Width and height of what is compared, at half size: the letters of a small mark."""
_STRIDE = 2
"""Pixels at half size from one patch to the next."""
_FLOOR = 0.06
"""Gradient, normalised, below which a patch is empty."""
_BOTH_WAYS, _WHOLE_BOTH_WAYS = 0.15, 0.25
"""Part of a patch's energy, and of a mark's, that must run along the lesser of its two axes, twice:
1 where all directions count alike, 0 in a single straight edge, which scenery is full of."""
_TRIES = 12
"""Peaks of agreement that are looked at in each fold..."""
_SCANS = 5
"""...and how many of these, the most coherent, are scanned for."""
_COHERENT = 0.25
"""Coherence of three takes below which it is not worth while."""
_SMALLEST = 10
"""Pixels of the shorter side of a mark."""
_REACH = 128
"""Pixels around a peak in which its mark lies."""
_PART = 0.5
"""Part of a take's time for which the mark must be found in it."""
_TRIM = 1
"""Pictures at either end of a stretch that are left out: an end may be off by so many."""
_LONG = 12
"""Pictures of a take at one place from which on it counts there: fewer hardly move."""
_NEAR = Fraction(1, 2)
"""Of the larger width and height: how far the middles of two boxes may be apart that are one place.
Boxes that were learnt apart from each other differ by a few pixels at each side."""


@dataclass(frozen=True, slots=True, eq=False)
class Jumping:
    """A mark that jumps, as learnt at the size it was looked for at."""

    learnt: Learnt
    places: tuple[tuple[MarkPlace, ...], ...]
    """Of each take that was handed in: where it is found, and when."""

    def standing(self) -> tuple[Box, tuple[tuple[int, ...], ...]]:
        """The place that most takes show long enough, and which pictures of each show it there."""
        tried = []
        for box in _distinct(self.places):
            here = tuple(
                tuple(
                    picture
                    for place in take
                    if same_place(place.box, box)
                    for picture in range(place.start + _TRIM, place.end - _TRIM)
                )
                for take in self.places
            )
            shown = tuple(pictures if len(pictures) >= _LONG else () for pictures in here)
            tried.append((sum(map(bool, shown)), min(map(len, here)), box, shown))
        _, _, box, shown = max(tried, key=lambda one: one[:2])
        return box, shown


@dataclass(frozen=True, slots=True, eq=False)
class _Candidate:
    """What three takes agree on."""

    learnt: Learnt
    area: Area
    proof: tuple[MarkPlace, ...] = ()
    """Where it is found in the take that it was not learnt from."""


def jumping(takes: Sequence[NDArray[np.uint8]]) -> Jumping | str:
    """Learn from pictures of four takes, (count, height, width) each; or why nothing was learnt."""
    if min(len(take) for take in takes) < FEWEST:
        return f"one has fewer than {FEWEST} pictures"
    if min(takes[0].shape[1:]) < _LEAST_SIDE:
        return "their pictures are too small"
    moving = [_moving(take) for take in takes[:PROVING]]
    counts = np.cumsum([0] + [len(one) for one in moving])
    spans = [slice(int(a), int(b)) for a, b in pairwise(counts)]
    tables = _tables([_halved(one) for one in moving], spans)
    proven: list[_Candidate] = []
    for left in range(PROVING):
        others = [i for i in range(PROVING) if i != left]
        best, which = _threes(tables, [spans[i] for i in others])
        found = _proven(_candidates(best, which, [moving[i] for i in others]), takes[left])
        if found is None:
            return f"take {left + 1} does not bear out what the others show"
        proven.append(found)
    clearest = max(proven, key=lambda one: one.area.coherence)
    places = tuple(_found(clearest, take) for take in takes)
    for one, here, take in zip(proven, places, takes, strict=False):
        if _together(one.proof, here) < _PART * len(take):
            return "what takes bear out is not one and the same"
    if len(_distinct(places)) < 2:
        return "it stands at one place alone"
    return Jumping(clearest.learnt, places)


def _moving(pictures: NDArray[np.uint8]) -> Floats:
    """What stands still for a dozen pictures and not for most of the take: (windows, 2, h, w)."""
    groups = []
    for at in range(0, len(pictures) - _GROUP + 1, _GROUP):
        several = [gradients(one) for one in pictures[at : at + _GROUP]]
        groups.append(np.mean(np.stack([np.stack(one) for one in several]), axis=0))
    sums = np.stack(groups).astype(np.float32)
    return np.asarray((sums[:-1] + sums[1:]) / 2 - np.median(sums, axis=0), np.float32)


def _halved(windows: Floats) -> Floats:
    """Windows at half their size."""
    size = (windows.shape[3] // 2, windows.shape[2] // 2)
    return np.stack(
        [
            np.stack([cv2.resize(p, size, interpolation=cv2.INTER_AREA) for p in one])
            for one in windows
        ]
    )


def _tables(takes: Sequence[Floats], spans: Sequence[slice]) -> NDArray[np.float16]:
    """How far windows of a take agree with a later one's in a patch: (rows, columns, n, n), 0 to 1.

    `spans` are each take's windows. They may agree the other way round.

    Patches that hold one straight edge agree with none.
    """
    windows = np.concatenate(takes)
    wide, high = _PATCH
    views = np.lib.stride_tricks.sliding_window_view(windows, (high, wide), axis=(2, 3))
    views = views[:, :, ::_STRIDE, ::_STRIDE]
    rows, columns = views.shape[2:4]
    tables = np.zeros((rows, columns, len(windows), len(windows)), np.float16)
    for row in range(rows):
        patches = np.ascontiguousarray(np.moveaxis(views[:, :, row], 2, 0))
        flat = patches.reshape(columns, len(windows), -1)
        along, across = flat[..., : wide * high], flat[..., wide * high :]
        tensor = [(a * b).sum(-1) for a, b in ((along, along), (along, across), (across, across))]
        both = _both_ways(*tensor) >= _BOTH_WAYS
        length = np.sqrt(tensor[0] + tensor[2] + np.float32(_FLOOR**2 * wide * high))
        unit = flat * (both / length)[..., None]
        # Take by take: products this small are made by one thread, which many threads only delay.
        for one, other in combinations(spans, 2):
            tables[row][:, one, other] = np.abs(unit[:, one] @ unit[:, other].transpose(0, 2, 1))
    return tables


def _both_ways(xx: Floats, xy: Floats, yy: Floats) -> Floats:
    """Twice the lesser axis's part of a structure tensor's energy: 0 of one edge, 1 of all."""
    whole = xx + yy
    return np.asarray(1 - np.hypot(xx - yy, 2 * xy) / np.maximum(whole, 1e-9), np.float32)


def _threes(
    tables: NDArray[np.float16], spans: Sequence[slice]
) -> tuple[Floats, NDArray[np.int64]]:
    """At every patch the best agreement of three takes, and which window of each shows it."""
    a, b, c = spans
    rows, columns = tables.shape[:2]
    best = np.zeros((rows, columns), np.float32)
    which = np.zeros((rows, columns, 3), np.int64)
    for row in range(rows):
        here = tables[row].astype(np.float32)
        sums = here[:, a, b, None] + here[:, a, None, c] + here[:, None, b, c]
        flat = sums.reshape(columns, -1)
        at = flat.argmax(1)
        best[row] = flat[np.arange(columns), at] / 3
        which[row] = np.stack(np.unravel_index(at, sums.shape[1:]), axis=1)
    return best, which


def _candidates(
    best: Floats, which: NDArray[np.int64], takes: Sequence[Floats]
) -> Iterator[_Candidate]:
    """What three takes agree on, the most coherent first."""
    left, found = best.copy(), []
    wide, high = (side // _STRIDE for side in _PATCH)
    for _ in range(_TRIES):
        row, column = divmod(int(left.argmax()), left.shape[1])
        if left[row, column] <= 0:
            break
        x, y = (
            2 * (i * _STRIDE + side // 2) for i, side in zip((column, row), _PATCH, strict=True)
        )
        windows = [one[k] for one, k in zip(takes, which[row, column], strict=True)]
        one = _learnt(windows, x, y)
        if one is not None and one.area.coherence >= _COHERENT:
            found.append(one)
        near = np.s_[max(0, row - high) : row + high + 1, max(0, column - wide) : column + wide + 1]
        left[near] = 0
    yield from sorted(found, key=lambda one: -one.area.coherence)[:_SCANS]


def _learnt(windows: Sequence[Floats], x: int, y: int) -> _Candidate | None:
    """What one window of each take draws around a pixel; None where that can't be a mark."""
    fields = [_field(one, x, y) for one in windows]
    room = 2 * _STRIDE * 2
    for area in common(fields, 2):
        here = (
            -room <= x - area.x <= area.width + room and -room <= y - area.y <= area.height + room
        )
        if not here or min(area.width, area.height) < _SMALLEST:
            continue
        planes = mean_field(fields, area)
        along, across, weight = planes
        products = along**2, along * across, across**2
        tensor = [np.asarray((weight * one).sum(), np.float32) for one in products]
        if _both_ways(*tensor) < _WHOLE_BOTH_WAYS:
            continue
        raster = Raster(windows[0].shape[2], windows[0].shape[1])
        box = Box.of(area.x, area.y, area.width, area.height)
        told = Told(box, raster, (), round(area.coherence, 4), len(set(area.signs)) > 1)
        return _Candidate(Learnt(*planes, told), area)
    return None


def _field(window: Floats, x: int, y: int) -> Field:
    """A window as a field that holds nothing far from a pixel."""
    codes = np.zeros(window.shape, np.int8)
    near = np.s_[:, max(0, y - _REACH) : y + _REACH, max(0, x - _REACH) : x + _REACH]
    codes[near] = np.rint(127 * np.clip(window[near], -1, 1))
    return Field(codes[0], codes[1], 2 * _GROUP)


def _proven(candidates: Iterator[_Candidate], take: NDArray[np.uint8]) -> _Candidate | None:
    """The first that is found for most of a take that had no part in it."""
    for one in candidates:
        places = _found(one, take)
        if sum(place.end - place.start for place in places) >= _PART * len(take):
            return _Candidate(one.learnt, one.area, places)
    return None


def _found(one: _Candidate, take: NDArray[np.uint8]) -> tuple[MarkPlace, ...]:
    """Where a mark stands in a take."""
    scan = Scan(one.learnt, (one.area.width, one.area.height))
    for picture in take:
        scan.add(picture)
    return scan.places()


def _together(ours: Sequence[MarkPlace], theirs: Sequence[MarkPlace]) -> int:
    """Pictures of a take in which two marks are found at one place."""
    return sum(
        max(0, min(one.end, other.end) - max(one.start, other.start))
        for one in ours
        for other in theirs
        if same_place(one.box, other.box)
    )


def same_place(one: Box, other: Box) -> bool:
    """Whether two boxes are of one place."""
    x, y = (one.x + one.width / 2, one.y + one.height / 2)
    wide, high = max(one.width, other.width), max(one.height, other.height)
    near = abs(other.x + other.width / 2 - x) <= wide * _NEAR
    return bool(near and abs(other.y + other.height / 2 - y) <= high * _NEAR)


def _distinct(places: Sequence[Sequence[MarkPlace]]) -> list[Box]:
    """The places of all takes, each once."""
    seen: list[Box] = []
    for one in (place for take in places for place in take):
        if not any(same_place(one.box, other) for other in seen):
            seen.append(one.box)
    return seen
