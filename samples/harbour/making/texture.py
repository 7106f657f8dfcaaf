"""Textures of the built harbour: coursed stone, the row of houses, the lighthouse tower."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np

from making.layout import (
    FACADE_HEIGHT,
    HERO_TALL,
    HERO_WIDE,
    HERO_X,
    HERO_Y,
    HOUSES_RIGHT,
    LIGHT_TALL,
    QUAY_LEFT,
    QUAY_TOP,
)
from making.noise import Bytes, Floats, fractal
from making.paint import Points, Rgb, limb, oval, shade

_PPM = 110


def stone(high: float, wide: float, course: float, block: float, seed: int, *, wet: bool) -> Bytes:
    """Coursed stone with mortar, per-block tone, weathering and weed near the water."""
    ppm = 72
    rng = np.random.default_rng(seed)
    rows, cols = round(high * ppm), round(wide * ppm)
    base = np.zeros((rows, cols, 3), np.float32)
    base[:] = (0.225, 0.205, 0.215) if wet else (0.400, 0.325, 0.295)
    y = 0.0
    while y < high:
        x = -float(rng.uniform(0, block))
        tall = course * float(rng.uniform(0.85, 1.15))
        while x < wide:
            long = block * float(rng.uniform(0.6, 1.4))
            tone = float(rng.normal(1.22, 0.15))
            warm = float(rng.normal(0, 0.025))
            a = (round((x + 0.018) * ppm), round((y + 0.018) * ppm))
            b = (round((x + long - 0.018) * ppm), round((y + tall - 0.018) * ppm))
            colour = base[0, 0] * tone + np.array([warm, 0, -warm], np.float32)
            cv2.rectangle(base, a, b, colour.tolist(), -1)
            cv2.line(base, a, (b[0], a[1]), (colour * 1.22).tolist(), 2)
            x += long
        y += tall
    base *= 1 + 0.085 * fractal(rows, cols, seed + 1, 0.8)[..., None]
    base *= 1 + 0.07 * fractal(rows, cols, seed + 2, 1.6)[..., None]
    if wet:
        depth = np.linspace(0, 1, rows, dtype=np.float32)[:, None]
        edge = fractal(rows, cols, seed + 3, 1.5) * 0.05
        weed = 1 / (1 + np.exp(-(depth + edge - 0.66) * 26))
        base += (np.array([0.085, 0.125, 0.085], np.float32) - base) * (weed * 0.75)[..., None]
    return _opaque(base)


def sunlit(plate: Bytes) -> Bytes:
    """The same stone in the low sun."""
    warm = np.array([1.85, 1.42, 1.12, 1.0], np.float32)
    return np.asarray(np.clip(plate * warm, 0, 255), np.uint8)


def _opaque(colour: Floats) -> Bytes:
    alpha = np.ones((*colour.shape[:2], 1), np.float32)
    both = np.concatenate([np.clip(colour, 0, 1), alpha], axis=2)
    return np.asarray(np.round(both * 255), np.uint8)


def _box(plate: Bytes, x: float, y: float, wide: float, tall: float, colour: Rgb) -> None:
    """A rectangle on a facade; metres, y up from the ground, lower left corner."""
    rows = plate.shape[0]
    a = (round(x * _PPM), round(rows - (y + tall) * _PPM))
    b = (round((x + wide) * _PPM) - 1, round(rows - y * _PPM) - 1)
    cv2.rectangle(plate, a, b, (*colour, 255), -1)


def _outline(plate: Bytes, points: Points, colour: Rgb) -> None:
    rows = plate.shape[0]
    flipped = np.stack([points[:, 0] * _PPM, rows - points[:, 1] * _PPM], 1)
    cv2.fillPoly(plate, [np.round(flipped).astype(np.int32)], (*colour, 255), cv2.LINE_AA)


_PLASTER: tuple[Rgb, ...] = (
    (176, 128, 92),
    (150, 104, 96),
    (186, 160, 128),
    (112, 120, 132),
    (168, 112, 78),
    (140, 134, 122),
    (178, 140, 112),
)
_SHUTTERS: tuple[Rgb, ...] = ((58, 84, 92), (92, 56, 52), (70, 88, 70), (48, 62, 88))


@dataclass(frozen=True)
class House:
    """One house of the row: its place on the plate and its paint."""

    index: int
    x: float
    wide: float
    tall: float

    @property
    def wall(self) -> Rgb:
        """Plaster."""
        return _PLASTER[self.index % len(_PLASTER)]

    @property
    def roof(self) -> Rgb:
        """Tiles."""
        return ((104, 62, 54), (86, 58, 60), (112, 72, 56))[self.index % 3]

    @property
    def trim(self) -> Rgb:
        """Frames and sills."""
        return ((214, 200, 182), (196, 184, 172))[self.index % 2]

    @property
    def shutter(self) -> Rgb:
        """Shutters and door."""
        return _SHUTTERS[self.index % len(_SHUTTERS)]


def _window(plate: Bytes, house: House, x: float, y: float, *, lit: bool) -> None:
    """A sash window with a sill, glazing bars and perhaps shutters."""
    wide, tall, trim, shutter = 1.0, 1.4, house.trim, house.shutter
    if house.index % 3:
        for side in (x - 0.52, x + wide + 0.08):
            _box(plate, side, y - 0.02, 0.44, tall + 0.04, shutter)
            for slat in np.arange(0.08, tall, 0.12):
                _box(plate, side + 0.05, y + float(slat), 0.34, 0.035, shade(shutter, 0.72))
    _box(plate, x - 0.09, y - 0.09, wide + 0.18, tall + 0.18, trim)
    _box(plate, x - 0.16, y - 0.16, wide + 0.32, 0.09, shade(trim, 0.85))
    pane: Rgb = (255, 190, 104) if lit else (70, 78, 98)
    _box(plate, x, y, wide, tall, pane)
    if lit:
        _box(plate, x, y, wide, tall * 0.42, (240, 160, 82))
        _box(plate, x, y, wide * 0.22, tall, (214, 128, 74))
        _box(plate, x + wide * 0.80, y, wide * 0.20, tall, (214, 128, 74))
    else:
        _outline(
            plate,
            np.array([(x, y + tall), (x + wide * 0.9, y + tall), (x, y + tall * 0.3)]),
            (132, 116, 122),
        )
    _box(plate, x + wide / 2 - 0.03, y, 0.06, tall, trim)
    _box(plate, x, y + tall * 0.52, wide, 0.05, trim)


def facade() -> tuple[Bytes, tuple[tuple[float, float, float], ...]]:
    """The row of houses as one plate, and the lit windows as (x, y, width) in the world."""
    wide = HOUSES_RIGHT - QUAY_LEFT
    plate = np.zeros((round(FACADE_HEIGHT * _PPM), round(wide * _PPM), 4), np.uint8)
    rng = np.random.default_rng(31)
    lit: list[tuple[float, float, float]] = []
    widths = (7.4, 6.2, 8.0, 6.6, 7.2, 9.2, 7.4)
    x = 0.0
    for index, wide_here in enumerate(widths):
        tall = (7.2, 8.6, 6.6, 8.9, 7.6, 7.0, 8.4)[index]
        house = House(index, x, wide_here, tall)
        _house(plate, house)
        lit += _openings(plate, house, rng)
        x += wide_here
    _weather(plate)
    _hero_window(plate)
    return plate, tuple(lit)


def _house(plate: Bytes, house: House) -> None:
    """Wall, roof, chimney."""
    index, x, wide, tall = house.index, house.x, house.wide, house.tall
    wall, roof, trim = house.wall, house.roof, house.trim
    ridge = tall + (2.4, 1.9, 2.8)[index % 3]
    _box(plate, x + wide * 0.68, tall, 0.8, ridge - tall + 0.7, shade(roof, 0.8))
    _box(plate, x + wide * 0.68 - 0.08, ridge + 0.6, 0.96, 0.16, shade(roof, 1.1))
    if index % 2:
        peak = [(x - 0.25, tall), (x + wide / 2, ridge), (x + wide + 0.25, tall)]
        _outline(
            plate,
            np.array(
                [(x, 0), (x, tall), (x + wide / 2, ridge - 0.1), (x + wide, tall), (x + wide, 0)]
            ),
            wall,
        )
        for a, b in ((peak[0], peak[1]), (peak[1], peak[2])):
            _outline(plate, limb(a, b, 0.16, 0.16), roof)
        _outline(plate, oval(x + wide / 2, tall + 0.7, 0.34, 0.34), trim)
        _outline(plate, oval(x + wide / 2, tall + 0.7, 0.26, 0.26), (72, 80, 98))
    else:
        _box(plate, x, 0, wide, tall, wall)
        _outline(
            plate,
            np.array(
                [
                    (x - 0.2, tall - 0.1),
                    (x + 0.5, ridge),
                    (x + wide - 0.5, ridge),
                    (x + wide + 0.2, tall - 0.1),
                ]
            ),
            roof,
        )
        for step in np.arange(tall + 0.12, ridge, 0.2):
            _box(plate, x + 0.3, float(step), wide - 0.6, 0.035, shade(roof, 0.84))
        _box(plate, x - 0.2, tall - 0.16, wide + 0.4, 0.14, shade(roof, 0.66))
    _box(plate, x, 0, wide, 0.55, shade(wall, 0.62))
    _box(plate, x + wide - 0.1, 0, 0.1, tall, shade(wall, 1.22))


def _openings(
    plate: Bytes, house: House, rng: np.random.Generator
) -> list[tuple[float, float, float]]:
    """Windows and a door, row by row; returns the lit windows' places in the world."""
    lit: list[tuple[float, float, float]] = []
    count = 3 if house.wide > 7 else 2
    gap = house.wide / count
    for floor in range(int((house.tall - 0.9) // 2.75)):
        for slot in range(count):
            left = house.x + gap * (slot + 0.5) - 0.5
            low = 1.05 + floor * 2.75
            middle = left + QUAY_LEFT + 0.5
            if abs(middle - HERO_X) < 2.4 and floor == 0:
                continue
            if floor == 0 and slot == house.index % count:
                _door(plate, house, left)
                continue
            bright = bool(rng.random() < 0.36)
            _window(plate, house, left, low, lit=bright)
            if bright:
                lit.append((middle, QUAY_TOP + low + 0.7, 1.0))
    return lit


def _door(plate: Bytes, house: House, left: float) -> None:
    door = shade(house.shutter, 0.9)
    _box(plate, left - 0.12, 0, 1.24, 2.42, house.trim)
    _box(plate, left, 0, 1.0, 2.3, door)
    _box(plate, left + 0.14, 1.15, 0.72, 0.9, shade(door, 0.75))


def _hero_window(plate: Bytes) -> None:
    """The one window that is looked into: its panes are left open (alpha 0)."""
    x = HERO_X - QUAY_LEFT - HERO_WIDE / 2
    y = HERO_Y - QUAY_TOP - HERO_TALL / 2
    trim: Rgb = (226, 210, 188)
    for side in (x - 0.98, x + HERO_WIDE + 0.10):
        _box(plate, side, y - 0.04, 0.88, HERO_TALL + 0.08, (52, 92, 98))
        for slat in np.arange(0.08, HERO_TALL, 0.11):
            _box(plate, side + 0.08, y + float(slat), 0.72, 0.03, (36, 66, 72))
    _box(plate, x - 0.11, y - 0.11, HERO_WIDE + 0.22, HERO_TALL + 0.22, trim)
    _box(plate, x - 0.24, y - 0.30, HERO_WIDE + 0.48, 0.22, (96, 62, 44))
    rng = np.random.default_rng(33)
    for px in np.arange(x - 0.16, x + HERO_WIDE + 0.16, 0.085):
        tall = float(rng.uniform(0.04, 0.15))
        leaf = oval(float(px), y - 0.07 + tall * 0.4, 0.06, 0.05 + tall * 0.5, 12)
        _outline(plate, leaf, (62, 92, 58))
        if rng.random() < 0.55:
            _outline(plate, oval(float(px), y + tall * 0.8 - 0.02, 0.036, 0.036, 10), (206, 76, 70))
    rows = plate.shape[0]
    half = HERO_WIDE / 2
    for left in (x, x + half + 0.035):
        for low, tall in ((y, HERO_TALL * 0.60), (y + HERO_TALL * 0.60 + 0.05, HERO_TALL * 0.36)):
            top = round(rows - (low + tall) * _PPM)
            start, end = round(left * _PPM), round((left + half - 0.035) * _PPM)
            keep = max(top, 0)
            _flower_safe_hole(plate, (keep, round(rows - low * _PPM)), (start, end))


def _flower_safe_hole(plate: Bytes, rows: tuple[int, int], cols: tuple[int, int]) -> None:
    """Open a pane, but keep the flowers that stand in front of its lower edge."""
    part = plate[rows[0] : rows[1], cols[0] : cols[1]]
    glass = np.all(part[..., :3] == (226, 210, 188), axis=-1)
    part[glass] = 0


def _weather(plate: Bytes) -> None:
    """Uneven plaster, soot under the eaves, a cooler foot: keeps flat fills from looking flat."""
    high, wide = plate.shape[:2]
    coarse = cv2.resize(fractal(high // 8, wide // 8, 34, 1.5), (wide, high))
    fine = cv2.resize(fractal(high // 2, wide // 2, 35, 0.7), (wide, high))
    tone = 1 + 0.055 * coarse + 0.035 * fine
    tone *= np.linspace(1.06, 0.86, high, dtype=np.float32)[:, None]
    colour = plate[..., :3].astype(np.float32) * tone[..., None]
    colour = np.minimum(np.clip(colour, 0, 255), plate[..., 3:].astype(np.float32))
    plate[..., :3] = colour.astype(np.uint8)


def tower() -> Bytes:
    """The lighthouse: tapered, banded, round in its shading; 12 m by 31 m."""
    ppm, wide, tall = 26, 12.0, LIGHT_TALL + 1
    rows, cols = round(tall * ppm), round(wide * ppm)
    plate = np.zeros((rows, cols, 4), np.uint8)

    def fill(points: Sequence[tuple[float, float]], colour: Rgb) -> None:
        here = np.array([(x * ppm, rows - y * ppm) for x, y in points])
        fixed = np.round(here * 16).astype(np.int32)
        cv2.fillPoly(plate, [fixed], (*colour, 255), cv2.LINE_AA, shift=4)

    def half(y: float) -> float:
        return 3.1 - 1.15 * min(y, 24.0) / 24.0

    bands = np.linspace(0, 24, 7)
    for index, (low, high) in enumerate(pairwise(bands.tolist())):
        colour: Rgb = (222, 208, 196) if index % 2 == 0 else (164, 56, 48)
        fill(
            [
                (6 - half(low), low),
                (6 + half(low), low),
                (6 + half(high), high),
                (6 - half(high), high),
            ],
            colour,
        )
    for low in (6.0, 13.0, 19.5):
        fill([(5.7, low), (6.3, low), (6.3, low + 1.3), (5.7, low + 1.3)], (62, 52, 60))
    fill([(3.2, 24), (8.8, 24), (9.0, 24.6), (3.0, 24.6)], (74, 62, 66))
    fill([(4.5, 24.6), (7.5, 24.6), (7.5, 27.6), (4.5, 27.6)], (255, 220, 150))
    for x in (4.5, 5.5, 6.5, 7.4):
        fill([(x, 24.6), (x + 0.14, 24.6), (x + 0.14, 27.6), (x, 27.6)], (74, 56, 56))
    fill(
        [(4.1, 27.6), (7.9, 27.6), (6.9, 29.2), (6.2, 29.8), (5.8, 29.8), (5.1, 29.2)],
        (150, 52, 46),
    )
    fill([(5.92, 29.8), (6.08, 29.8), (6.08, 31), (5.92, 31)], (60, 50, 56))
    across = np.linspace(-1, 1, cols, dtype=np.float32) * 6 / 3.0
    round_light = (
        0.66 + 0.34 * np.clip(across, -1, 1) + 0.22 * np.exp(-((across - 0.8) ** 2) / 0.03)
    )
    lamp = np.zeros((rows, 1), np.float32)
    lamp[round(rows - 27.6 * ppm) : round(rows - 24.6 * ppm)] = 1
    gain = np.maximum(round_light[None], lamp)
    colour_f = plate[..., :3] * gain[..., None]
    plate[..., :3] = np.minimum(colour_f, plate[..., 3:]).astype(np.uint8)
    return plate
