"""What remains of a mark in each piece of it and in each frame, where an average would hide it.

Held against what was foretold, the scenery is in both and cancels: what is missing along the mark's
own edges was taken from the mark. Alone, a frame tells only where its scenery's edges come to
little against the mark's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.watermark.agreement import Reals, moved
from finisher.watermark.averages import Area, Tone, blurred, gradient, plainly
from finisher.watermark.outline import AROUND, NEAR, Shape, around, cut_to, outline, tone_in
from finisher.watermark.planes import Floats
from finisher.watermark.seen import Left
from finisher.watermark.template import AnyTemplate, PlacedBox

Pictures = Sequence[NDArray[np.uint8]] | NDArray[np.uint8]
"""Planes of one shape, or (frames, height, width) of them."""

_PIECES = (6, 2)
"""Pieces along a mark's longer side and across it: about a letter each."""
_SHARE = 0.05
"""Part of a mark's contrast that a piece must have to speak for itself."""
_SEEN = 0.3
"""Part of its mean contrast that a mark must have in a frame for it to tell anything."""
_GONE = 0.15
"""Part of what is left in most frames below which one shows nothing of a mark: 0.25 and above in
737 exports, below 0.0 where the mark was taken out."""
_FAINT = 0.35
"""Part of its strength that a mark must have in most frames for one without it to tell."""
_NOISE = 0.2
"""Part of a mark's amplitude up to which the scenery's own lets one frame tell it by itself: of 900
exports none has a frame below `_GONE` then, and 42 of 43 that every third was taken from do."""
_CLEAR = 48.0
"""Codes between a mark of one tone and what it lies on, root mean square, from which a frame tells
by itself: a grade nobody told of may have moved that tone by half as much."""
_FEWEST = 4
"""Frames that must tell."""
_TOLERANCE = 2
_FAR = 2.5
"""How far around a mark the scenery is looked at, in its shorter sides..."""
_STEPS = 5
"""...at so many places across and down."""


@dataclass(frozen=True, slots=True, eq=False)
class _Lens:
    """A mark's gradient over a part of the picture, and what a frame there is looked at by."""

    area: Area
    shape: Shape
    tone: Tone | None

    def contrast(self, codes: Floats) -> Floats:
        """The mark's contrast to what it lies on; 1 where it is not known."""
        if self.tone is None:
            return np.ones_like(codes)
        side = (self.tone.around, self.tone.around)
        return np.float32(self.tone.level) - np.asarray(cv2.boxFilter(codes, cv2.CV_32F, side))

    def cut(self, frame: NDArray[np.uint8] | Floats) -> Floats:
        x, y, width, height = self.area
        return np.asarray(frame[y : y + height, x : x + width], np.float32)

    @property
    def here(self) -> tuple[slice, slice]:
        """The mark's own pixels in it."""
        rows, columns = self.shape.along.shape
        return np.s_[self.shape.y : self.shape.y + rows, self.shape.x : self.shape.x + columns]


def _lens(frames: Pictures, template: AnyTemplate, box: PlacedBox, room: int) -> _Lens | None:
    """What a mark is looked at by; None where too little of it lies in the picture."""
    area = around(box, room, (frames[0].shape[1], frames[0].shape[0]))
    if min(area[2:]) < 3:
        return None
    tone = tone_in(template, box)
    here = (box[0] - area[0], box[1] - area[1], box[2], box[3])
    shape = cut_to(outline(plainly(frames, area, tone), template, here), area[2:])
    return None if shape is None else _Lens(area, shape, tone)


def left_of(
    expected: Pictures,
    shown: Pictures,
    template: AnyTemplate,
    box: PlacedBox,
    by: tuple[int, int] = (0, 0),
) -> Left | None:
    """What is left of a mark, by the same frames of a region as foretold and as shown.

    Both are planes of one shape of the kind that the template is looked for in; what is shown lies
    `by` so many pixels right and down. None where nothing was foretold of the mark itself.
    """
    lens = _lens(expected, template, box, 2 * int(AROUND * min(box[2:])) + NEAR)
    if lens is None:
        return None
    cells = _cells(lens.shape)
    told, lost, power = [], [], []
    for before, after in zip(expected, shown, strict=True):
        codes = lens.cut(before)
        taken = codes - lens.cut(moved(np.asarray(after, np.float32), by))
        contrast = lens.contrast(codes)[lens.here]
        told.append(_summed(_match(lens, codes) * contrast, cells))
        lost.append(_summed(_match(lens, taken) * contrast, cells))
        power.append(_summed((lens.shape.along**2 + lens.shape.across**2) * contrast**2, cells))
    return _left(*(np.array(one, np.float64) for one in (told, lost, power)))


def _left(told: Reals, lost: Reals, power: Reals) -> Left | None:
    """What is left, by sums over (frame, piece)."""
    strength = told.sum() / max(float(power.sum()), 1e-6)
    # The scenery's own edges are in what was foretold; over all frames they cancel.
    due = strength * power
    whole = 1 - lost.sum() / due.sum() if due.sum() > 0 else 0.0
    if whole <= 0:
        return None
    pieces, frames = due.sum(axis=0), due.sum(axis=1)
    telling = pieces >= _SHARE * pieces.sum()
    least = float((1 - lost.sum(axis=0)[telling] / pieces[telling]).min()) / whole
    seen = frames >= _SEEN * frames.mean()
    kept = 1 - lost.sum(axis=1)[seen] / frames[seen]
    usual = float(np.median(kept))
    gone = int((kept < _GONE * usual).sum()) if usual >= _FAINT else 0
    return Left(least, gone, len(kept))


def gone_from(
    frames: Iterable[NDArray[np.uint8]], template: AnyTemplate, box: PlacedBox
) -> tuple[int, int]:
    """How many frames of an export show nothing of a mark, and how many by themselves would.

    None would where the mark is too faint against its scenery, or nothing moves or changes.
    """
    planes = list(frames)
    lens = _lens(planes, template, box, int(_FAR * min(box[2:])) + NEAR) if planes else None
    if lens is None:
        return 0, 0
    found = [_amplitudes(lens, lens.cut(frame)) for frame in planes]
    match = np.array([one for one, _, _ in found])
    power, noise = (np.array([one[at] for one in found]) for at in (1, 2))
    usual = match.sum(axis=0) / np.maximum(power.sum(axis=0), 1e-6)
    best = int(usual.argmax())
    match, power = match[:, best], power[:, best]
    seen = power >= _SEEN * power.mean()
    if not seen.any():
        return 0, 0
    strength = float(np.median(match[seen] / power[seen]))
    telling = seen & (noise < _NOISE * strength * power)
    if lens.tone is not None:
        telling &= power >= _CLEAR**2 * lens.shape.energy
    if strength <= 0 or telling.sum() < _FEWEST:
        return 0, 0
    gone = match[telling] < _GONE * strength * power[telling]
    return int(gone.sum()), int(telling.sum())


def _amplitudes(lens: _Lens, codes: Floats) -> tuple[Reals, Reals, float]:
    """A frame's match with a mark and its power at each place in tolerance, and the scenery's.

    The last is the standard deviation of the match over places that the mark is not at.
    """
    contrast = lens.contrast(codes)
    along, across = (one * contrast for one in gradient(blurred(codes)))
    squares, shape = contrast * contrast, lens.shape
    rows, columns = shape.along.shape
    high, wide = codes.shape
    own = shape.along**2 + shape.across**2

    def match(y: int, x: int) -> float:
        here = np.s_[y : y + rows, x : x + columns]
        # Dot products of views, which copy nothing.
        return float(
            np.einsum("ij,ij", along[here], shape.along)
            + np.einsum("ij,ij", across[here], shape.across)
        )

    reach = range(-_TOLERANCE, _TOLERANCE + 1)
    places = [(shape.y + down, shape.x + right) for down, right in product(reach, reach)]
    inside = [0 <= y <= high - rows and 0 <= x <= wide - columns for y, x in places]
    found = [match(*at) if good else 0.0 for at, good in zip(places, inside, strict=True)]
    power = [
        float(np.einsum("ij,ij", squares[y : y + rows, x : x + columns], own)) if good else 0.0
        for (y, x), good in zip(places, inside, strict=True)
    ]
    ys = np.linspace(0, high - rows, _STEPS).astype(int)
    xs = np.linspace(0, wide - columns, _STEPS).astype(int)
    apart = max(4, rows // 2), max(4, columns // 2)
    away = [
        match(y, x)
        for y, x in product(ys, xs)
        if abs(y - shape.y) >= apart[0] or abs(x - shape.x) >= apart[1]
    ]
    noise = float(np.std(away)) if len(away) > 1 else float("inf")
    return np.array(found), np.array(power), noise


def _match(lens: _Lens, codes: Floats) -> Floats:
    """A plane's gradient along the mark's, pixel by pixel of it."""
    along, across = gradient(blurred(codes))
    here = lens.here
    return np.asarray(along[here] * lens.shape.along + across[here] * lens.shape.across)


def _cells(shape: Shape) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First rows and columns of a mark's pieces."""
    rows, columns = shape.along.shape
    across, down = _PIECES if columns >= rows else _PIECES[::-1]
    ys, xs = (
        np.arange(min(many, side)) * side // min(many, side)
        for many, side in ((down, rows), (across, columns))
    )
    return ys, xs


def _summed(values: Floats, cells: tuple[NDArray[np.int64], NDArray[np.int64]]) -> Reals:
    """Sums over the pieces of a mark, (pieces,)."""
    rows = np.add.reduceat(values, cells[0], axis=0)
    return np.asarray(np.add.reduceat(rows, cells[1], axis=1).ravel(), np.float64)
