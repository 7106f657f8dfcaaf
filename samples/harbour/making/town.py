"""The built harbour: quay, houses, lamps, lighthouse and the rope along the wall."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from making import texture
from making.layout import (
    FACADE_HEIGHT,
    HERO_X,
    HERO_Y,
    HOUSES_RIGHT,
    LAMP_Z,
    LAMPS,
    LIGHT_BASE,
    LIGHT_TALL,
    LIGHT_X,
    LIGHT_Z,
    QUAY_BACK,
    QUAY_FRONT,
    QUAY_LEFT,
    QUAY_RIGHT,
    QUAY_TOP,
    WARM,
)
from making.noise import Bytes
from making.paint import Rgb, Spot, Stage, levels, limb, oval, shade


@dataclass(frozen=True)
class Town:
    """Textures of the harbour, each with smaller copies for distant views."""

    face: list[Bytes]
    flank: list[Bytes]
    paving: list[Bytes]
    facade: list[Bytes]
    tower: list[Bytes]
    windows: tuple[tuple[float, float, float], ...]

    @classmethod
    def make(cls) -> Town:
        """Draw every texture once."""
        facade, windows = texture.facade()
        return cls(
            face=levels(texture.stone(3.4, 56.0, 0.42, 0.95, 21, wet=True)),
            flank=levels(texture.sunlit(texture.stone(3.4, 10.0, 0.42, 0.95, 23, wet=True))),
            paving=levels(texture.stone(10.0, 56.0, 0.62, 0.9, 22, wet=False), 3),
            facade=levels(facade),
            tower=levels(texture.tower()),
            windows=windows,
        )


def draw_lighthouse(stage: Stage, town: Town) -> None:
    """Headland rocks, keeper's house and tower."""
    rng = np.random.default_rng(41)
    for depth, colour, rise in ((LIGHT_Z + 6, (108, 84, 86), 1.15), (LIGHT_Z, (84, 66, 72), 1.0)):
        xs = np.linspace(14, 460, 230)
        body = 7.5 * np.exp(-(((xs - 66) / 34) ** 2)) + 8.0 * (1 / (1 + np.exp(-(xs - 120) / 12)))
        ys = np.maximum(body * rise + rng.normal(0, 0.32, len(xs)), 0.15)
        ys *= np.clip((xs - 14) / 9, 0, 1)
        outline = [(x, y) for x, y in zip(xs, ys, strict=True)] + [(460.0, -0.2), (14.0, -0.2)]
        stage.flat(Spot(0, 0, depth), np.array(outline), colour)
    cottage = Spot(LIGHT_X + 10, LIGHT_BASE - 1.2, LIGHT_Z - 1)
    stage.flat(cottage, np.array([(-4, -1), (-4, 3.2), (4, 3.2), (4, -1.0)]), (196, 178, 160))
    stage.flat(cottage, np.array([(-4.5, 3.1), (-3.4, 5.4), (3.4, 5.4), (4.5, 3.1)]), (112, 66, 58))
    stage.flat(cottage, np.array([(-2.4, 1), (-2.4, 2.2), (-1.4, 2.2), (-1.4, 1)]), (255, 204, 120))
    x0, x1 = LIGHT_X - 6, LIGHT_X + 6
    y0, y1 = LIGHT_BASE - 0.6, LIGHT_BASE + LIGHT_TALL + 0.4
    z = LIGHT_Z - 2
    stage.plate(town.tower, [(x0, y1, z), (x1, y1, z), (x1, y0, z), (x0, y0, z)])


def draw_room(stage: Stage) -> None:
    """What stands behind the open window: a warm wall, a shelf, a lamp."""
    z = QUAY_BACK + 0.5
    left, right = HERO_X - 1.6, HERO_X + 1.6
    low, high = HERO_Y - 1.3, HERO_Y + 1.3
    stage.solid(
        [(left, low, z), (right, low, z), (right, high, z), (left, high, z)], (226, 146, 76)
    )
    stage.solid(
        [(left, HERO_Y - 0.2, z), (right, HERO_Y - 0.2, z), (right, high, z), (left, high, z)],
        (246, 176, 96),
    )
    spot = Spot(HERO_X, HERO_Y, z - 0.02)
    stage.flat(
        spot, np.array([(-0.85, 0.28), (-0.1, 0.28), (-0.1, 0.33), (-0.85, 0.33)]), (128, 74, 42)
    )
    rng = np.random.default_rng(44)
    for x in np.arange(-0.80, -0.2, 0.085):
        tone = (150 + int(rng.integers(0, 60)), 84 + int(rng.integers(0, 50)), 60)
        tall = float(rng.uniform(0.16, 0.26))
        stage.flat(
            spot,
            np.array([(x, 0.33), (x + 0.07, 0.33), (x + 0.07, 0.33 + tall), (x, 0.33 + tall)]),
            tone,
        )
    stage.flat(
        spot, np.array([(0.50, -0.6), (0.54, -0.6), (0.54, 0.1), (0.50, 0.1)]), (120, 70, 40)
    )
    stage.flat(
        spot, np.array([(0.32, 0.04), (0.72, 0.04), (0.62, 0.36), (0.42, 0.36)]), (255, 226, 158)
    )


def draw_houses(stage: Stage, town: Town) -> None:
    """The facade row and the sunlit end wall of the last house."""
    z, low, high = QUAY_BACK, QUAY_TOP, QUAY_TOP + FACADE_HEIGHT
    end = HOUSES_RIGHT
    side = [(end, low, z), (end, low, z + 9), (end, low + 8.4, z + 9), (end, low + 8.4, z)]
    stage.solid(side, (190, 128, 96))
    foot = [(end, low, z), (end, low, z + 9), (end, low + 0.55, z + 9), (end, low + 0.55, z)]
    stage.solid(foot, (122, 84, 70))
    for near, base in ((1.6, 1.1), (5.4, 1.1), (1.6, 3.9), (5.4, 3.9)):
        for grow, colour in ((0.1, (224, 184, 148)), (0.0, (244, 190, 140))):
            a, b = z + near - grow, z + near + 1.1 + grow
            p, q = low + base - grow, low + base + 1.4 + grow
            stage.solid([(end, p, a), (end, p, b), (end, q, b), (end, q, a)], colour)
        for mid in (z + near + 0.55,):
            stage.solid(
                [
                    (end, low + base, mid - 0.03),
                    (end, low + base, mid + 0.03),
                    (end, low + base + 1.4, mid + 0.03),
                    (end, low + base + 1.4, mid - 0.03),
                ],
                (190, 142, 112),
            )
    stage.plate(
        town.facade, [(QUAY_LEFT, high, z), (end, high, z), (end, low, z), (QUAY_LEFT, low, z)]
    )


def draw_paving(stage: Stage, town: Town) -> None:
    """The top of the quay and the wall's end, lit by the sun."""
    if stage.mirror:
        return
    y = QUAY_TOP
    stage.plate(
        town.paving,
        [
            (QUAY_LEFT, y, QUAY_BACK + 1),
            (QUAY_RIGHT, y, QUAY_BACK + 1),
            (QUAY_RIGHT, y, QUAY_FRONT),
            (QUAY_LEFT, y, QUAY_FRONT),
        ],
    )


def draw_wall(stage: Stage, town: Town) -> None:
    """The quay's face, its coping, tyres, ladder and a slack rope."""
    y, z, right = QUAY_TOP, QUAY_FRONT, QUAY_RIGHT
    stage.plate(
        town.flank,
        [(right, y, z), (right, y, QUAY_BACK), (right, -0.1, QUAY_BACK), (right, -0.1, z)],
    )
    stage.plate(
        town.face, [(QUAY_LEFT, y, z), (right, y, z), (right, -0.1, z), (QUAY_LEFT, -0.1, z)]
    )
    stage.solid(
        [(QUAY_LEFT, y, z), (right, y, z), (right, y - 0.24, z), (QUAY_LEFT, y - 0.24, z)],
        (134, 112, 102),
    )
    stage.solid(
        [
            (QUAY_LEFT, y + 0.015, z),
            (right, y + 0.015, z),
            (right, y - 0.045, z),
            (QUAY_LEFT, y - 0.045, z),
        ],
        (196, 152, 124),
    )
    spot = Spot(0, 0, z - 0.05)
    for x in np.arange(-57.0, right, 6.5):
        stage.flat(spot, oval(x, 1.15, 0.36, 0.36), (38, 34, 38))
        stage.flat(spot, oval(x, 1.15, 0.17, 0.17), (78, 66, 66))
        stage.stroke(spot, np.array([(x, 1.5), (x, 2.1)]), (120, 100, 80), 0.04)
    for x in (-9.6, -9.15):
        stage.stroke(spot, np.array([(x, 0.0), (x, 2.3)]), (92, 60, 48), 0.06)
    for y2 in np.arange(0.2, 2.2, 0.28):
        stage.stroke(spot, np.array([(-9.6, y2), (-9.15, y2)]), (104, 70, 54), 0.05)


def draw_lamp(stage: Stage, x: float) -> None:
    """An iron lamp post on the quay."""
    spot = Spot(x, QUAY_TOP, LAMP_Z)
    iron: Rgb = (44, 42, 50)
    stage.flat(spot, np.array([(-0.14, 0), (0.14, 0), (0.08, 0.5), (-0.08, 0.5)]), iron)
    stage.flat(spot, limb((0, 0.3), (0, 3.5), 0.06, 0.045), iron)
    stage.flat(spot, limb((0.028, 0.5), (0.028, 3.4), 0.016, 0.014), (186, 122, 84))
    stage.flat(spot, np.array([(-0.15, 3.5), (0.15, 3.5), (0.22, 3.95), (-0.22, 3.95)]), WARM)
    stage.flat(spot, np.array([(-0.27, 3.95), (0.27, 3.95), (0.0, 4.25)]), iron)
    stage.stroke(spot, np.array([(-0.15, 3.5), (-0.22, 3.95)]), iron, 0.03)
    stage.stroke(spot, np.array([(0.15, 3.5), (0.22, 3.95)]), iron, 0.03)


def draw_bunting(stage: Stage) -> None:
    """Small flags between the lamp posts, moving in the air."""
    colours: tuple[Rgb, ...] = ((196, 70, 58), (222, 190, 140), (62, 104, 116), (214, 140, 66))
    for left, right in pairwise(LAMPS):
        count = 15
        u = np.linspace(0, 1, count + 1)
        xs = left + (right - left) * u
        ys = 3.6 - 0.75 * 4 * u * (1 - u) + 0.02 * np.sin(stage.time * 2.1 + u * 5)
        spot = Spot(0, QUAY_TOP, LAMP_Z + 0.02)
        stage.stroke(spot, np.stack([xs, ys], 1), (70, 58, 60), 0.025)
        for index in range(count):
            x, y = (xs[index] + xs[index + 1]) / 2, (ys[index] + ys[index + 1]) / 2
            lean = 0.09 * np.sin(stage.time * 4.2 + index * 1.7 + left)
            flag = np.array([(x - 0.17, y), (x + 0.17, y), (x + lean, y - 0.40)])
            stage.flat(spot, flag, colours[index % 4])


def draw_clutter(stage: Stage) -> None:
    """Bollards, crates, barrels and a coil of rope on the quay."""
    for x in (-50.0, -40.5, -29.5, -19.5, -14.0, -6.4):
        spot = Spot(x, QUAY_TOP, QUAY_FRONT + 0.45)
        stage.flat(spot, np.array([(-0.2, 0), (0.2, 0), (0.15, 0.45), (-0.15, 0.45)]), (46, 42, 48))
        stage.flat(spot, oval(0, 0.48, 0.24, 0.11), (62, 54, 58))
        stage.flat(spot, oval(0.12, 0.5, 0.09, 0.05), (206, 144, 104))
    for x, tone in ((-26.6, (124, 84, 56)), (-25.7, (146, 100, 66)), (-11.2, (130, 88, 58))):
        spot = Spot(x, QUAY_TOP, QUAY_FRONT + 1.4)
        stage.flat(spot, np.array([(-0.42, 0), (0.42, 0), (0.42, 0.6), (-0.42, 0.6)]), tone)
        for y in (0.17, 0.37):
            stage.stroke(spot, np.array([(-0.42, y), (0.42, y)]), shade(tone, 0.6), 0.03)
        stage.stroke(spot, np.array([(0.40, 0.0), (0.40, 0.6)]), shade(tone, 1.5), 0.03)
    for ring in range(4):
        coil = oval(-7.6, 0.05 + 0.055 * ring, 0.42 - 0.03 * ring, 0.10)
        stage.flat(
            Spot(0, QUAY_TOP, QUAY_FRONT + 0.9), coil, shade((176, 142, 98), 0.8 + 0.1 * ring)
        )
