"""Pictures between two others along their motion, where it can be followed from one to the other.

Motion is dense optical flow (DIS: Kroeger et al., "Fast Optical Flow using Dense Inverse Search",
ECCV 2016), found both ways. Flows from the picture between are combined from the two as in Jiang
et al., "Super SloMo", CVPR 2018, eq. 4; each picture is brought there and counts by its share of
the time and by how well the two flows agree.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[np.float32]
"""(height, width, 2) displacements in pixels of its own size, across and down."""
Luma = NDArray[np.uint8]

_FLOW_SIDE = 512
"""Longer side at which motion is looked for: beyond that it grows no truer, only slower."""
_BLOCK, _REACH = 8, 10
"""Pixels of a block at that size, and how many blocks away it is looked for: a sixth of the
picture's width, beyond which hardly anything of a moving picture is left in view."""
_MARGIN = 6
"""Pixels at that size over which motion comes back around what must stand still."""
_STAY = 0.15
"""Codes a block must match better by for each block it is further away."""
_AGREE = 1.5
"""Pixels at that size by which there and back may miss each other before trust is lost: half the
spacing of the pixels DIS matches patches by, and its subpixel error."""


_ALIKE = 15
"""Codes, of a spread of 50, by which a patch and what a flow leads to may differ on average."""
_PATCH = 9
"""Pixels at that size over which two pictures are compared: the patch DIS itself matches by."""


@dataclass(frozen=True, slots=True)
class Motion:
    """How one picture becomes another: flow there and back, and where they agree, 0 to 1."""

    outgoing: Luma
    incoming: Luma
    there: Field
    back: Field
    trust_there: NDArray[np.float32]
    trust_back: NDArray[np.float32]

    @property
    def agreement(self) -> float:
        """The part of both pictures whose motion is told the same from either side, 0 to 1."""
        return float(self.trust_there.mean() + self.trust_back.mean()) / 2


def motion(outgoing: Luma, incoming: Luma) -> Motion:
    """The motion from one luma picture to another of its size, at a size flow is found best at."""
    a, b = (_levelled(_shrunk(picture)) for picture in (outgoing, incoming))
    finder = _finder()
    there = np.asarray(finder.calc(a, b, _rough(a, b)), np.float32)
    back = np.asarray(finder.calc(b, a, _rough(b, a)), np.float32)
    forth, reverse = _trust(there, back), _trust(back, there)
    return Motion(
        a, b, there, back, forth * _likeness(a, b, there), reverse * _likeness(b, a, back)
    )


@lru_cache(maxsize=1)
def _finder() -> cv2.DISOpticalFlow:
    """The flow finder: found slower and truer than its fastest, by its authors' own settings."""
    return cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)


def _shrunk(picture: Luma) -> Luma:
    """A picture at the size flow is looked for; small ones as they are."""
    height, width = picture.shape
    scale = _FLOW_SIDE / max(height, width)
    if scale >= 1:
        return picture
    size = (max(16, round(width * scale)), max(16, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


def _levelled(picture: Luma) -> Luma:
    """The same with mean and spread as all others: a change of light is no motion."""
    values = picture.astype(np.float32)
    spread = float(values.std())
    gain = 50 / spread if spread > 1 else 1.0
    levelled: Luma = np.clip((values - values.mean()) * gain + 128, 0, 255).astype(np.uint8)
    return levelled


def _rough(a: Luma, b: Luma) -> Field:
    """The motion in blocks, found by trying all: what is small and far would be overlooked else."""
    height, width = a.shape
    size = (max(4, width // _BLOCK), max(4, height // _BLOCK))
    small_a, small_b = (
        np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.float32)
        for picture in (a, b)
    )
    around = np.pad(small_b, _REACH, mode="edge")
    best = np.full(size[::-1], np.inf, np.float32)
    flow = np.zeros((*size[::-1], 2), np.float32)
    for down in range(-_REACH, _REACH + 1):
        for across in range(-_REACH, _REACH + 1):
            there = around[_REACH + down :, _REACH + across :][: size[1], : size[0]]
            miss = cv2.blur(np.abs(small_a - there), (5, 5)) + _STAY * (abs(across) + abs(down))
            nearer = miss < best
            best[nearer] = miss[nearer]
            flow[nearer] = (across, down)
    smooth = np.dstack([cv2.medianBlur(flow[..., axis], 3) for axis in (0, 1)])
    ratio = np.array([width / size[0], height / size[1]], np.float32)
    return np.asarray(cv2.resize(smooth, (width, height)) * ratio, np.float32)


def _trust(flow: Field, reverse: Field) -> NDArray[np.float32]:
    """1 where going along a flow and back by the other ends where it began, falling to 0."""
    along = np.asarray(warped(reverse, flow), np.float32)
    miss = np.linalg.norm(flow + along, axis=2)
    # Long ways are allowed a longer miss, as is usual for this test.
    allowed = _AGREE + 0.05 * np.linalg.norm(flow, axis=2)
    trusted: NDArray[np.float32] = np.clip(2 - miss / allowed, 0, 1).astype(np.float32)
    return trusted


def _likeness(one: Luma, other: Luma, flow: Field) -> NDArray[np.float32]:
    """1 where a flow leads to like surroundings, falling to 0: flat areas agree on anything."""
    apart = np.abs(one.astype(np.float32) - np.asarray(warped(other.astype(np.float32), flow)))
    miss = np.asarray(cv2.blur(apart, (_PATCH, _PATCH)), np.float32)
    alike: NDArray[np.float32] = np.clip(2 - miss / _ALIKE, 0, 1).astype(np.float32)
    return alike


def warped(picture: NDArray[np.generic], flow: Field) -> NDArray[np.generic]:
    """What each pixel finds at the end of its displacement; beyond the edge, the edge."""
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    moved = cv2.remap(
        picture,  # type: ignore[arg-type]
        x + flow[..., 0],
        y + flow[..., 1],
        cv2.INTER_CUBIC if picture.ndim == 2 else cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(moved, picture.dtype)


@dataclass(frozen=True, slots=True)
class Meeting:
    """Where two pictures meet at a point in time between them: flows from there to each."""

    to_outgoing: Field
    to_incoming: Field
    weight: NDArray[np.float32]
    """What the incoming picture counts, 0 to 1."""
    trust: NDArray[np.float32]
    """How far the motion may be followed; where it may not, the plain mix stands."""


def meet(found: Motion, part: float) -> Meeting:
    """The meeting of two pictures, `part` of the way from the outgoing one to the incoming."""
    rest = 1 - part
    way = _way(found, part)
    to_outgoing, to_incoming = -part * way, rest * way
    inside_out, inside_in = _inside(to_outgoing), _inside(to_incoming)
    # What only one of the two has in view, the other can't contradict.
    both = inside_out * inside_in
    seen_out = np.asarray(warped(found.trust_there, to_outgoing), np.float32) * both
    seen_in = np.asarray(warped(found.trust_back, to_incoming), np.float32) * both
    seen_out, seen_in = seen_out + inside_out - both, seen_in + inside_in - both
    heavy = part * (seen_in + 1e-3)
    weight = np.asarray(heavy / (heavy + rest * (seen_out + 1e-3)), np.float32)
    gain = _gain(found, to_outgoing, to_incoming) * both + (1 - both)
    trust = np.maximum(seen_out, seen_in) * gain
    softened = np.asarray(cv2.GaussianBlur(trust, (0, 0), 1), np.float32)
    return Meeting(to_outgoing, to_incoming, weight, softened)


def held(at: Meeting, boxes: Sequence[tuple[int, int, int, int]], size: tuple[int, int]) -> Meeting:
    """The same meeting with nothing moved inside boxes (x, y, width, height) of pictures of a size.

    Over a few pixels around them the motion comes back, so that no edge shows.
    """
    if not boxes:
        return at
    height, width = at.trust.shape
    across, down = width / size[0], height / size[1]
    moving = np.ones_like(at.trust)
    for x, y, w, h in boxes:
        left, top = math.floor(x * across) - 1, math.floor(y * down) - 1
        right, bottom = math.ceil((x + w) * across) + 1, math.ceil((y + h) * down) + 1
        moving[max(0, top) : max(0, bottom), max(0, left) : max(0, right)] = 0
    distance = cv2.distanceTransform((moving > 0).astype(np.uint8), cv2.DIST_L2, 3)
    softly = np.clip(np.asarray(distance, np.float32) / _MARGIN, 0, 1)
    return replace(at, trust=np.asarray(at.trust * softly * moving, np.float32))


def _way(found: Motion, part: float) -> Field:
    """The motion from outgoing to incoming as it passes each pixel of the picture between.

    Both flows are carried there; where several arrive, those count that lead to like pixels.
    """
    height, width = found.outgoing.shape
    total = np.zeros((height * width, 3), np.float32)
    a, b = found.outgoing.astype(np.float32), found.incoming.astype(np.float32)
    sides = (
        (found.there, part, np.abs(a - np.asarray(warped(b, found.there))), found.trust_there),
        (found.back, 1 - part, np.abs(b - np.asarray(warped(a, found.back))), found.trust_back),
    )
    y, x = np.mgrid[0:height, 0:width]
    for flow, share, miss, trust in sides:
        across = np.rint(x + share * flow[..., 0]).astype(np.int64)
        down = np.rint(y + share * flow[..., 1]).astype(np.int64)
        inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
        places = (down * width + across)[inside]
        weight = (np.exp(-cv2.blur(miss, (5, 5)) / 4) * trust)[inside]
        vector = flow[inside] if flow is found.there else -flow[inside]
        for axis, values in enumerate((weight * vector[:, 0], weight * vector[:, 1], weight)):
            total[:, axis] += np.bincount(places, values, height * width)
    arrived = total.reshape(height, width, 3)
    field = np.zeros_like(arrived)
    # Where nothing arrives, what goes on around it: nearest first, however faint.
    for reach, share in ((1, 1.0), (6, 1e-3), (24, 1e-6), (96, 1e-9)):
        field += share * np.asarray(cv2.GaussianBlur(arrived, (0, 0), reach), np.float32)
    return np.asarray(field[..., :2] / np.maximum(field[..., 2:], 1e-20), np.float32)


def _inside(flow: Field) -> NDArray[np.float32]:
    """1 where a displacement ends inside the picture, else 0."""
    height, width = flow.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    across, down = x + flow[..., 0], y + flow[..., 1]
    inside = (across >= 0) & (across <= width - 1) & (down >= 0) & (down <= height - 1)
    return np.asarray(inside, np.float32)


def _gain(found: Motion, to_outgoing: Field, to_incoming: Field) -> NDArray[np.float32]:
    """Where the two pictures agree better along the motion than in place: towards 1, else to 0.

    What stands still behind something that moves is dragged along by any smooth flow; there they
    agree in place already, and that is the better guess.
    """
    a, b = found.outgoing.astype(np.float32), found.incoming.astype(np.float32)
    in_place = cv2.blur(np.abs(a - b), (_PATCH, _PATCH)) ** 2
    moved = np.abs(np.asarray(warped(a, to_outgoing)) - np.asarray(warped(b, to_incoming)))
    along = cv2.blur(moved, (_PATCH, _PATCH)) ** 2
    return np.asarray(in_place / (in_place + along + 0.1), np.float32)


def between(
    outgoing: NDArray[np.generic], incoming: NDArray[np.generic], at: Meeting, part: float
) -> NDArray[np.float32]:
    """One plane of the picture between, of any size and depth, not rounded."""
    height, width = outgoing.shape
    size = (width, height)
    ratio = (width / at.to_outgoing.shape[1], height / at.to_outgoing.shape[0])
    flows = [_sized(flow, size, ratio) for flow in (at.to_outgoing, at.to_incoming)]
    weight, trust = (cv2.resize(field, size) for field in (at.weight, at.trust))
    a, b = outgoing.astype(np.float32), incoming.astype(np.float32)
    moved = (
        np.asarray(warped(a, flows[0])) * (1 - weight) + np.asarray(warped(b, flows[1])) * weight
    )
    plain = a * (1 - part) + b * part
    return np.asarray(plain + (moved - plain) * trust, np.float32)


def _sized(flow: Field, size: tuple[int, int], ratio: tuple[float, float]) -> Field:
    """A flow for pictures of another size."""
    if (flow.shape[1], flow.shape[0]) == size:
        return flow
    return np.asarray(cv2.resize(flow, size) * np.array(ratio, np.float32), np.float32)
