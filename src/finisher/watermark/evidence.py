"""Whether a mark shows at its predicted place: a matched filter over normalised gradients.

The score is the masked correlation of a shot's averaged, normalised gradient with the template's
at the predicted place, z its distance from the same measure around it in the same average,
strength the amplitude of the template in the plain average. What is looked at is the mark's
neighbourhood alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, product

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.sighting import MarkFacts
from finisher.watermark.averages import (
    Area,
    Averages,
    Plain,
    averaged,
    plainly,
)
from finisher.watermark.learnt import Learnt
from finisher.watermark.outline import (
    AROUND,
    NEAR,
    ROOM,
    Shape,
    around,
    cut_to,
    ground_sigma,
    outline,
    tone_in,
)
from finisher.watermark.planes import Floats
from finisher.watermark.rules import found
from finisher.watermark.template import (
    AnyTemplate,
    PlacedBox,
    mirrored,
)

TOLERANCE = 2
"""Pixels the mark may lie from its predicted place: encoders and scalers move edges by less."""

_MASK = 0.15
"""Part of the template's steepest gradient above which a pixel takes part."""
_ENERGY_FLOOR = 0.03
_PIECES, _ENOUGH = (3, 2), 0.15
"""Pieces a mark is cut into along its longer side and across its shorter one, and the part of its
edges that one must have to speak for itself."""
_BACKGROUNDS = 32
"""Fewest places elsewhere that make a distribution."""
_STEP = 2 * TOLERANCE + 1
_REACH_X, _REACH_Y = (2, 160), (3, 120)
"""How far from the mark other places are held against it: times its side, and at least pixels."""

_DIGITS = 4
"""Sums of floats differ by some 1e-8 from run to run; what is told of a picture must not."""

NOTHING = MarkFacts(score=0.0, z=0.0, found=False, strength=0.0)


def presence(
    frames: Iterable[NDArray[np.uint8]], template: AnyTemplate, box: PlacedBox
) -> MarkFacts:
    """Measure how clearly a mark shows at a place.

    `frames` are planes of one shape, of the kind that the template is looked for in, spread over
    the shot (24 are plenty; with moving content fewer than 4 say little); `box` is where the
    template's full extent must lie, in their pixels. A place outside the picture, or no frames at
    all, yields a score of 0.
    """
    opened = _opened(frames, box)
    if opened is None:
        return replace(NOTHING, plane=template.plane)
    size, stream = opened
    area = neighbourhood(box, size)
    here = (box[0] - area[0], box[1] - area[1], box[2], box[3])
    # As far as the ground of a mark with a rim is blurred.
    near = around(here, int(3 * ground_sigma(box)) + NEAR, area[2:])
    averages = averaged(stream, area, tone_in(template, box), near)
    shape = cut_to(outline(averages.plain, template, here), area[2:])
    if shape is None:
        return replace(NOTHING, plane=template.plane)
    widest = _dilated(_scores(averages, shape))
    hit = float(widest[shape.y, shape.x])
    z = _distance(widest, shape, hit)
    strength, least = _strength(averages.plain, shape)
    score, z, strength, least = (round(value, _DIGITS) for value in (hit, z, strength, least))
    return MarkFacts(score, z, found(score, z), strength, least, template.plane)


def amplitude(frames: Iterable[NDArray[np.uint8]], template: AnyTemplate, box: PlacedBox) -> float:
    """The strength alone, as `presence` measures it: for a fraction of its time."""
    opened = _opened(frames, box)
    if opened is None:
        return 0.0
    size, stream = opened
    # As far as blurs and the mark's ground reach.
    area = around(box, 2 * int(AROUND * min(box[2:])) + NEAR, size)
    plain = plainly(stream, area, tone_in(template, box))
    here = (box[0] - area[0], box[1] - area[1], box[2], box[3])
    shape = cut_to(outline(plain, template, here), area[2:])
    return 0.0 if shape is None else round(_strength(plain, shape)[0], _DIGITS)


def _opened(
    frames: Iterable[NDArray[np.uint8]], box: PlacedBox
) -> tuple[tuple[int, int], Iterable[NDArray[np.uint8]]] | None:
    """Width and height of frames, and all of them; None without any, or for a box beside them."""
    stream = iter(frames)
    first = next(stream, None)
    if first is None or not _reaches(first.shape, box):
        return None
    return (first.shape[1], first.shape[0]), chain((first,), stream)


def contrast(frames: Iterable[NDArray[np.uint8]], template: AnyTemplate, box: PlacedBox) -> float:
    """Root mean square of a mark's contrast to what it lies on, in codes, as frames show it.

    Infinite of a mark that has a rim or was learnt: it stands out from anything.
    """
    tone = tone_in(template, box)
    if tone is None:
        return float("inf")
    opened = _opened(frames, box)
    if opened is None:
        return 0.0
    size, stream = opened
    return float(np.sqrt(plainly(stream, around(box, 0, size), tone).power.mean()))


def neighbourhood(box: PlacedBox, size: tuple[int, int]) -> Area:
    """What of a picture of a size (width, height) is looked at for a mark: whole pixels."""
    x, y, width, height = box
    over = ROOM + TOLERANCE
    far_x = max(_REACH_X[0] * width, _REACH_X[1]) + over
    far_y = max(_REACH_Y[0] * height, _REACH_Y[1]) + over
    left, top = max(0, int(np.floor(x - far_x))), max(0, int(np.floor(y - far_y)))
    right = min(size[0], int(np.ceil(x + width + far_x)))
    bottom = min(size[1], int(np.ceil(y + height + far_y)))
    return left, top, right - left, bottom - top


def turned(frames: Sequence[NDArray[np.uint8]], template: AnyTemplate, box: PlacedBox) -> str:
    """How a mark that is not found as it was is found all the same: `mirrored`, `inverted` or ``.

    A picture mirrored as a whole has its mark, mirrored, on the other side.
    """
    if not len(frames):
        return ""
    x, y, width, height = box
    other = (frames[0].shape[1] - x - width, y, width, height)
    glass = mirrored(template)
    if any(presence(frames, glass, place).found for place in (other, box)):
        return "mirrored"
    negative = presence((255 - frame for frame in frames), template, box)
    return "inverted" if negative.found else ""


def elsewhere(
    frames: Iterable[NDArray[np.uint8]], template: AnyTemplate, box: PlacedBox | None
) -> NDArray[np.float32]:
    """Score and z, (n, 2), at places all over the picture that are not the mark's.

    They lie twice the tolerance and a pixel apart; what passes for a mark at any of them is a
    false positive. `box` is the mark's own place, None where the pictures carry none: then it is
    looked for in the size it has at the template's own scale, at most an eighth of the picture.
    """
    stream = iter(frames)
    first = next(stream, None)
    if first is None:
        return np.zeros((0, 2), np.float32)
    at = box or _anywhere(template, first.shape[1], first.shape[0])
    size = (first.shape[1], first.shape[0])
    near = around(at, int(3 * ground_sigma(at)) + NEAR, size)
    averages = averaged(chain((first,), stream), None, tone_in(template, at), near)
    shape = cut_to(outline(averages.plain, template, at), size)
    if shape is None:
        return np.zeros((0, 2), np.float32)
    widest = _dilated(_scores(averages, shape))[::_STEP, ::_STEP]
    values = np.stack([widest, _distances(widest, shape)], axis=-1)
    if box is None:
        return np.asarray(values.reshape(-1, 2), np.float32)
    down, right = np.arange(widest.shape[0]) * _STEP, np.arange(widest.shape[1]) * _STEP
    high, wide = shape.along.shape
    beside = (abs(down - shape.y) >= high)[:, None] | (abs(right - shape.x) >= wide)[None, :]
    return np.asarray(values[beside], np.float32)


def _anywhere(template: AnyTemplate, columns: int, rows: int) -> PlacedBox:
    """A box in the middle of the picture of the template's own shape."""
    high, wide = (template.along if isinstance(template, Learnt) else template.alpha).shape
    scale = min(1.0, columns / wide / 8, rows / high / 8)
    wide, high = max(2, round(wide * scale)), max(2, round(high * scale))
    return (float((columns - wide) // 2), float((rows - high) // 2), float(wide), float(high))


def _reaches(picture: tuple[int, ...], box: PlacedBox) -> bool:
    """Whether a box touches the picture and is no larger than it; it may come from a stranger."""
    x, y, width, height = box
    rows, columns = picture
    small = 1 <= width <= columns and 1 <= height <= rows
    return bool(small and -width < x < columns and -height < y < rows)


def _scores(averages: Averages, shape: Shape) -> Floats:
    """Masked normalised correlation at every position of the template's top left corner."""
    steepness = np.hypot(shape.along, shape.across)
    mask = (steepness > _MASK * float(steepness.max())).astype(np.float32)
    along, across = shape.along * mask, shape.across * mask
    energy = float((along**2 + across**2).sum())
    match = cv2.matchTemplate(averages.normal_x, along, cv2.TM_CCORR)
    match = match + cv2.matchTemplate(averages.normal_y, across, cv2.TM_CCORR)
    squares = averages.normal_x**2 + averages.normal_y**2
    there = np.maximum(cv2.matchTemplate(squares, mask, cv2.TM_CCORR), 0.0)
    # Where next to nothing is drawn, noise must not be scaled up to a match.
    floor = _ENERGY_FLOOR * np.sqrt(float(mask.sum()))
    scores = match / (np.sqrt(energy) * np.maximum(np.sqrt(there), floor))
    return np.asarray(np.abs(scores) if shape.either else scores, np.float32)


def _dilated(scores: Floats) -> Floats:
    """The best score within the tolerance of each position."""
    return np.asarray(cv2.dilate(scores, np.ones((_STEP, _STEP), np.uint8)), np.float32)


def _reach(shape: Shape) -> tuple[int, int]:
    """How many steps across and down other places are held against a mark of this shape."""
    high, wide = shape.along.shape
    across = max(_REACH_X[0] * wide, _REACH_X[1])
    down = max(_REACH_Y[0] * high, _REACH_Y[1])
    return across // _STEP, down // _STEP


def _distance(widest: Floats, shape: Shape, hit: float) -> float:
    """Standard deviations of the hit above the same measure around the predicted place."""
    far_x, far_y = (_STEP * steps for steps in _reach(shape))
    ys = np.arange(shape.y % _STEP, widest.shape[0], _STEP)
    xs = np.arange(shape.x % _STEP, widest.shape[1], _STEP)
    ys, xs = ys[abs(ys - shape.y) <= far_y], xs[abs(xs - shape.x) <= far_x]
    high, wide = shape.along.shape
    away = (abs(ys - shape.y) >= high)[:, None] | (abs(xs - shape.x) >= wide)[None, :]
    others = widest[np.ix_(ys, xs)][away]
    if others.size < _BACKGROUNDS:
        return 0.0
    # A blank surround has no spread of its own; the floor is that of the energy floor's noise.
    return (hit - float(others.mean())) / max(float(others.std()), _ENERGY_FLOOR)


def _distances(widest: Floats, shape: Shape) -> Floats:
    """The same at every step of the picture."""
    across, down = _reach(shape)
    high, wide = shape.along.shape
    outer = (2 * across + 1, 2 * down + 1)
    inner = (2 * ((wide - 1) // _STEP) + 1, 2 * ((high - 1) // _STEP) + 1)

    def around(values: NDArray[np.float64]) -> NDArray[np.float64]:
        sums = [
            cv2.boxFilter(values, -1, side, normalize=False, borderType=cv2.BORDER_CONSTANT)
            for side in (outer, inner)
        ]
        return np.asarray(sums[0] - sums[1], np.float64)

    value = widest.astype(np.float64)
    count = around(np.ones_like(value))
    enough = np.maximum(count, 1)
    mean = around(value) / enough
    spread = np.sqrt(np.maximum(around(value * value) / enough - mean * mean, 0))
    z = (value - mean) / np.maximum(spread, _ENERGY_FLOOR)
    return np.asarray(np.where(count >= _BACKGROUNDS, z, 0), np.float32)


def _strength(plain: Plain, shape: Shape) -> tuple[float, float]:
    """Least-squares amplitude of the template's gradient in the plain average, best in tolerance.

    1 means the mark stands out as its template would over this background. With it, what its
    weakest piece has of that.
    """
    rows, columns = shape.along.shape
    squares = shape.along**2 + shape.across**2
    best, least = 0.0, 1.0
    for dy, dx in product(range(-TOLERANCE, TOLERANCE + 1), repeat=2):
        top, left = max(0, shape.y + dy) - plain.y, max(0, shape.x + dx) - plain.x
        here = np.s_[top : top + rows, left : left + columns]
        if plain.along[here].shape != shape.along.shape:
            continue
        match = plain.along[here] * shape.along + plain.across[here] * shape.across
        power = plain.power[here] * squares
        if shape.either and float(match.sum()) < 0:
            match = -match
        amplitude = float(match.sum()) / max(float(power.sum()), 1e-6)
        if amplitude > best:
            best, least = amplitude, _least(match, power) / amplitude
    # The ground was measured with the mark on it: its contrast is that much too small.
    return best / (1 + best * shape.covered), least


def _least(match: Floats, power: Floats) -> float:
    """The amplitude in that piece of a mark which has least of it, of those that show enough.

    Cut both ways: of letters in a row a half may be covered from above as well as from a side.
    """
    longer = 1 if match.shape[1] >= match.shape[0] else 0
    enough = _ENOUGH * max(1e-6, float(power.sum()))
    found = []
    for axis, pieces in zip((longer, 1 - longer), _PIECES, strict=True):
        cut = zip(
            np.array_split(match, pieces, axis), np.array_split(power, pieces, axis), strict=True
        )
        pairs = ((float(one.sum()), float(other.sum())) for one, other in cut)
        found += [total / weight for total, weight in pairs if weight >= enough]
    return min(found)
