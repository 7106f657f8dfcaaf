"""A pinhole camera, an anti-aliased layer to paint on, and a stage that joins the two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from making.noise import Bytes, Floats

Rgb = tuple[int, int, int]
Points = npt.NDArray[np.float64]
HAZE: Rgb = (232, 176, 146)
RIM: Rgb = (255, 192, 128)


def mix(a: Rgb, b: Rgb, amount: float) -> Rgb:
    """Colour between ``a`` (0) and ``b`` (1)."""
    r, g, bl = (round(p + (q - p) * amount) for p, q in zip(a, b, strict=True))
    return (r, g, bl)


def shade(colour: Rgb, factor: float) -> Rgb:
    """A colour made darker or lighter by a factor."""
    r, g, b = (min(255, max(0, round(c * factor))) for c in colour)
    return (r, g, b)


@dataclass(frozen=True)
class Camera:
    """Looks along +z; a pan is a shift of ``cx``, a tilt a shift of ``horizon`` (pixels)."""

    width: int
    height: int
    x: float
    y: float
    z: float
    focal: float
    cx: float
    horizon: float

    def halved(self) -> Camera:
        """The same view on half the raster."""
        return replace(
            self,
            width=self.width // 2,
            height=self.height // 2,
            focal=self.focal / 2,
            cx=self.cx / 2,
            horizon=self.horizon / 2,
        )

    def project(self, points: Points) -> Points:
        """World metres (n, 3) to pixels (n, 2)."""
        depth = np.maximum(points[:, 2] - self.z, 0.4)
        px = self.cx + self.focal * (points[:, 0] - self.x) / depth
        py = self.horizon - self.focal * (points[:, 1] - self.y) / depth
        return np.stack([px, py], axis=1)


class Layer:
    """Premultiplied RGBA, kept at ``scale`` times the frame's raster for clean edges."""

    def __init__(self, width: int, height: int, scale: int) -> None:
        self.scale = scale
        self.pixels: Bytes = np.zeros((height * scale, width * scale, 4), np.uint8)

    def poly(self, points: Points, colour: Rgb) -> None:
        """Fill a polygon given in frame pixels, with sub-pixel corners."""
        if self._outside(points):
            return
        # LINE_AA blends all four channels towards (colour, 255): exactly premultiplied "over".
        cv2.fillPoly(self.pixels, [self._fixed(points)], (*colour, 255), cv2.LINE_AA, shift=4)

    def line(self, points: Points, colour: Rgb, width: float) -> None:
        """Stroke an open polyline; ``width`` in frame pixels."""
        if self._outside(points):
            return
        thick = max(1, round(width * self.scale))
        cv2.polylines(
            self.pixels,
            [self._fixed(points)],
            isClosed=False,
            color=(*colour, 255),
            thickness=thick,
            lineType=cv2.LINE_AA,
            shift=4,
        )

    def over(self, source: Bytes, x: int, y: int) -> None:
        """Lay a premultiplied picture over the layer at layer pixels (x, y)."""
        height, width = source.shape[:2]
        room = self.pixels[y : y + height, x : x + width]
        rest = cv2.bitwise_not(cv2.merge([source[..., 3]] * 4))
        room[:] = cv2.add(source, cv2.multiply(room, rest, scale=1 / 255))

    def flatten(self) -> Floats:
        """The layer at the frame's raster, 0..1."""
        height, width = self.pixels.shape[:2]
        size = (width // self.scale, height // self.scale)
        small = (
            self.pixels
            if self.scale == 1
            else cv2.resize(self.pixels, size, interpolation=cv2.INTER_AREA)
        )
        return np.asarray(small, np.float32) / np.float32(255)

    def _fixed(self, points: Points) -> npt.NDArray[np.int32]:
        bounded = np.clip(points, -20000, 20000)
        return np.round((bounded * self.scale - 0.5) * 16).astype(np.int32)

    def _outside(self, points: Points) -> bool:
        height, width = self.pixels.shape[:2]
        low, high = points.min(0) * self.scale, points.max(0) * self.scale
        return bool(high[0] < -8 or high[1] < -8 or low[0] > width + 8 or low[1] > height + 8)


def clip_below(points: Points, floor: float) -> Points:
    """Cut a polygon (metres, y up) at y = floor and keep what is above."""
    kept: list[Points] = []
    for here, after in zip(points, np.roll(points, -1, axis=0), strict=True):
        if here[1] >= floor:
            kept.append(here)
        if (here[1] >= floor) != (after[1] >= floor):
            kept.append(here + (after - here) * (floor - here[1]) / (after[1] - here[1]))
    return np.array(kept) if len(kept) > 2 else np.zeros((0, 2))


def limb(a: Sequence[float], b: Sequence[float], wide: float, narrow: float) -> Points:
    """A tapered capsule from a to b."""
    start, end = np.array(a, float), np.array(b, float)
    angle = np.arctan2(*(end - start)[::-1])
    turn = np.linspace(np.pi / 2, 3 * np.pi / 2, 8) + angle
    back = start + np.stack([np.cos(turn), np.sin(turn)], 1) * wide
    front = end - np.stack([np.cos(turn), np.sin(turn)], 1) * narrow
    return np.concatenate([back, front])


def oval(cx: float, cy: float, rx: float, ry: float, count: int = 28) -> Points:
    """An ellipse as a polygon."""
    turn = np.linspace(0, 2 * np.pi, count, endpoint=False)
    return np.stack([cx + rx * np.cos(turn), cy + ry * np.sin(turn)], 1)


@dataclass(frozen=True)
class Spot:
    """Where a flat figure stands: its origin, its roll in radians, its facing and clipping."""

    x: float
    y: float
    z: float
    roll: float = 0.0
    facing: int = 1
    afloat: bool = False


@dataclass(frozen=True)
class Stage:
    """Paints world things on a layer, upright or mirrored in the water."""

    camera: Camera
    layer: Layer
    time: float
    mirror: bool = False

    def pixels(self, points: Points) -> Points:
        """World points (n, 3) to frame pixels."""
        if self.mirror:
            points = points * np.array([1.0, -1.0, 1.0])
        return self.camera.project(points)

    def metre(self, z: float) -> float:
        """Pixels per metre at depth z."""
        return self.camera.focal / max(z - self.camera.z, 0.4)

    def haze(self, colour: Rgb, z: float) -> Rgb:
        """A colour seen through the evening air."""
        return mix(colour, HAZE, 0.75 * (1 - float(np.exp(-(z - self.camera.z) / 620))))

    def solid(self, points: Sequence[Sequence[float]], colour: Rgb) -> None:
        """A polygon in world metres."""
        self.layer.poly(self.pixels(np.array(points, float)), colour)

    def flat(self, spot: Spot, points: Points, colour: Rgb) -> None:
        """A polygon drawn on a figure's own plane (metres, y up)."""
        placed = self._placed(spot, points)
        if spot.afloat:
            placed = clip_below(placed, 0.0)
        if len(placed) > 2:
            self.layer.poly(self._lift(spot, placed), self.haze(colour, spot.z))

    def stroke(self, spot: Spot, points: Points, colour: Rgb, width: float) -> None:
        """A line of ``width`` metres on a figure's own plane."""
        lifted = self._lift(spot, self._placed(spot, points))
        self.layer.line(lifted, self.haze(colour, spot.z), width * self.metre(spot.z))

    def plate(self, levels: Sequence[Bytes], corners: Sequence[Sequence[float]]) -> None:
        """A textured quad; corners in world metres: top left, top right, bottom right, left."""
        scale = self.layer.scale
        target = (self.pixels(np.array(corners, float)) * scale).astype(np.float32)
        across = float(np.hypot(*(target[1] - target[0])))
        source = next((p for p in reversed(levels) if p.shape[1] >= across * 0.8), levels[0])
        high, wide = source.shape[:2]
        box = np.array([[0, 0], [wide, 0], [wide, high], [0, high]], np.float32)
        room_h, room_w = self.layer.pixels.shape[:2]
        low = np.floor(np.clip(target.min(0) - 2, 0, [room_w, room_h])).astype(int)
        top = np.ceil(np.clip(target.max(0) + 2, 0, [room_w, room_h])).astype(int)
        if (top - low).min() < 2:
            return
        # The half-pixel terms keep texel centres on texel centres.
        matrix = cv2.getPerspectiveTransform(box - 0.5, target - low.astype(np.float32) - 0.5)
        size = (int(top[0] - low[0]), int(top[1] - low[1]))
        warped = cv2.warpPerspective(source, matrix, size, flags=cv2.INTER_LINEAR)
        self.layer.over(np.asarray(warped, np.uint8), int(low[0]), int(low[1]))

    def _placed(self, spot: Spot, points: Points) -> Points:
        cos, sin = np.cos(spot.roll), np.sin(spot.roll)
        local = points * np.array([spot.facing, 1.0])
        turned = local @ np.array([[cos, sin], [-sin, cos]])
        return np.asarray(turned + np.array([spot.x, spot.y]))

    def _lift(self, spot: Spot, placed: Points) -> Points:
        depth = np.full((len(placed), 1), spot.z)
        return self.pixels(np.concatenate([placed, depth], axis=1))


def levels(plate: Bytes, count: int = 4) -> list[Bytes]:
    """A plate and its halved copies, so that a small view does not shimmer."""
    out = [plate]
    for _ in range(count - 1):
        height, width = out[-1].shape[:2]
        half = cv2.resize(out[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        out.append(np.asarray(half, np.uint8))
    return out
