"""People and gulls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from making.paint import RIM, Points, Rgb, Spot, Stage, limb, mix, oval, shade


@dataclass(frozen=True)
class Person:
    """How somebody looks."""

    skin: Rgb
    hair: Rgb
    coat: Rgb
    trousers: Rgb
    hat: Rgb | None = None
    scarf: Rgb | None = None
    skirt: bool = False
    size: float = 1.0


ANA = Person((214, 156, 122), (58, 38, 34), (156, 54, 48), (46, 50, 66), scarf=(222, 190, 130))
TOM = Person((142, 94, 68), (32, 26, 28), (46, 78, 96), (62, 54, 52), hat=(206, 158, 74), size=1.06)
OLD = Person((222, 170, 142), (206, 200, 196), (196, 150, 66), (52, 58, 74), hat=(44, 52, 70))
MAY = Person(
    (184, 126, 92),
    (44, 30, 30),
    (86, 110, 92),
    (74, 52, 66),
    skirt=True,
    scarf=(206, 96, 72),
    size=0.95,
)
KID = Person((226, 172, 140), (122, 78, 46), (214, 150, 58), (58, 74, 96), size=0.66)


def head(stage: Stage, spot: Spot, who: Person, centre: tuple[float, float]) -> None:
    """A head in three-quarter profile: hair, face, ear, eye, rim light from the sun."""
    cx, cy = centre
    n = who.size

    def put(points: Points, colour: Rgb) -> None:
        stage.flat(spot, points * n, colour)

    put(limb((cx - 0.01, cy - 0.17), (cx, cy - 0.05), 0.055, 0.055), shade(who.skin, 0.78))
    put(oval(cx - 0.025, cy + 0.02, 0.118, 0.128), who.hair)
    if who.skirt or who.scarf is not None:
        put(limb((cx - 0.08, cy), (cx - 0.10, cy - 0.16), 0.065, 0.045), who.hair)
    face = oval(cx + 0.022, cy - 0.012, 0.090, 0.112)
    put(face, who.skin)
    put(
        np.array([(cx + 0.10, cy + 0.012), (cx + 0.135, cy - 0.028), (cx + 0.10, cy - 0.038)]),
        who.skin,
    )
    put(oval(cx + 0.030, cy - 0.075, 0.060, 0.040), shade(who.skin, 0.90))
    put(oval(cx - 0.045, cy - 0.015, 0.022, 0.032, 14), shade(who.skin, 0.80))
    put(oval(cx + 0.066, cy + 0.014, 0.011, 0.015, 12), (34, 26, 28))
    put(
        limb((cx + 0.045, cy + 0.044), (cx + 0.090, cy + 0.046), 0.008, 0.006), shade(who.hair, 0.8)
    )
    put(
        limb((cx + 0.062, cy - 0.062), (cx + 0.095, cy - 0.058), 0.007, 0.006),
        mix(who.skin, (150, 60, 56), 0.55),
    )
    put(oval(cx + 0.048, cy - 0.035, 0.024, 0.018, 14), mix(who.skin, (214, 104, 84), 0.30))
    cap = oval(cx - 0.02, cy + 0.065, 0.112, 0.078)
    put(cap, who.hat if who.hat is not None else who.hair)
    if who.hat is not None:
        put(
            limb((cx - 0.11, cy + 0.045), (cx + 0.155, cy + 0.050), 0.022, 0.014),
            shade(who.hat, 0.75),
        )
    side = 1 if spot.facing > 0 else -1
    turn = np.linspace(-0.7, 0.6, 9)
    # The sun stands to the right: it edges the face, or the back of the head.
    middle, reach, under = (0.020, 0.094, who.skin) if side > 0 else (-0.025, 0.118, who.hair)
    bow = np.stack([side * np.cos(turn), np.sin(turn)], 1)
    outer = np.array([cx + middle, cy + 0.012]) + bow * np.array([reach, 0.112])
    inner = np.array([cx + middle, cy + 0.012]) + bow * np.array([reach - 0.013, 0.100])
    put(np.concatenate([outer, inner[::-1]]), mix(RIM, under, 0.30))


def walker(stage: Stage, spot: Spot, who: Person, stride: float) -> None:
    """Somebody walking; ``stride`` is the phase of the step in radians."""
    n = who.size

    def put(points: Points, colour: Rgb) -> None:
        stage.flat(spot, points * n, colour)

    rise = 0.022 * float(np.cos(2 * stride))
    _legs(stage, spot, who, stride, rise)
    _arm(stage, spot, who, stride, rise, behind=True)
    hem = 0.52 if who.skirt else 0.74
    sway = 0.05 * np.sin(stride)
    torso = np.array(
        [
            (-0.15, 1.42),
            (-0.06, 1.47),
            (0.08, 1.46),
            (0.155, 1.38),
            (0.165, 1.10),
            (0.17 + sway, hem),
            (-0.19 - sway * 0.5, hem),
            (-0.165, 1.10),
        ]
    )
    torso[:, 1] += rise
    put(torso, who.coat)
    put(
        np.array(
            [(0.02, 1.44 + rise), (0.04, 1.44 + rise), (0.055 + sway, hem), (0.03 + sway, hem)]
        ),
        shade(who.coat, 0.70),
    )
    lit = torso[[3, 4, 5]] if spot.facing > 0 else torso[[0, 7, 6]]
    inward = -0.030 if spot.facing > 0 else 0.030
    put(np.concatenate([lit, lit[::-1] + np.array([inward, 0])]), mix(who.coat, RIM, 0.62))
    _arm(stage, spot, who, stride, rise, behind=False)
    if who.scarf is not None:
        put(limb((-0.08, 1.46 + rise), (0.09, 1.45 + rise), 0.058, 0.052), who.scarf)
        tail = 1.18 + rise + 0.03 * np.sin(stride * 2)
        put(
            limb((-0.09, 1.44 + rise), (-0.20 - 0.04 * np.sin(stride), tail), 0.040, 0.030),
            shade(who.scarf, 0.85),
        )
    head(stage, spot, who, (0.025, 1.62 + rise))


def _legs(stage: Stage, spot: Spot, who: Person, stride: float, rise: float) -> None:
    """Two legs half a stride apart, the far one darker; the knee bends as a leg comes forward."""
    n = who.size
    hip = (0.0, 0.90 + rise)
    for phase, dark in ((stride + np.pi, 0.70), (stride, 1.0)):
        swing = 0.46 * np.sin(phase)
        bend = 0.75 * max(0.0, float(np.cos(phase))) ** 1.5
        knee = (hip[0] + 0.45 * np.sin(swing), hip[1] - 0.45 * np.cos(swing))
        foot = (knee[0] + 0.44 * np.sin(swing - bend), knee[1] - 0.44 * np.cos(swing - bend))
        heel, toe = (foot[0] - 0.03, foot[1] - 0.02), (foot[0] + 0.15, foot[1] - 0.035)
        colour = shade(who.trousers, dark)
        stage.flat(spot, limb(hip, knee, 0.090, 0.070) * n, colour)
        stage.flat(spot, limb(knee, foot, 0.066, 0.046) * n, colour)
        stage.flat(spot, limb(heel, toe, 0.045, 0.035) * n, shade((46, 36, 34), dark))


def _arm(
    stage: Stage, spot: Spot, who: Person, stride: float, rise: float, *, behind: bool
) -> None:
    phase = stride if behind else stride + np.pi
    swing = 0.42 * np.sin(phase)
    dark = 0.68 if behind else 0.90
    shoulder = (-0.01, 1.37 + rise)
    elbow = (shoulder[0] + 0.28 * np.sin(swing), shoulder[1] - 0.28 * np.cos(swing))
    bent = swing + 0.35
    hand = (elbow[0] + 0.25 * np.sin(bent), elbow[1] - 0.25 * np.cos(bent))
    n = who.size
    stage.flat(spot, oval(hand[0], hand[1], 0.045, 0.045, 14) * n, shade(who.skin, dark))
    stage.flat(spot, limb(shoulder, elbow, 0.068, 0.056) * n, shade(who.coat, dark))
    stage.flat(spot, limb(elbow, hand, 0.056, 0.042) * n, shade(who.coat, dark))


def talker(stage: Stage, spot: Spot, who: Person, gesture: float) -> None:
    """Somebody standing and talking, one hand moving."""
    n = who.size

    def put(points: Points, colour: Rgb) -> None:
        stage.flat(spot, points * n, colour)

    lean = 0.012 * np.sin(gesture * 0.8)
    for x, dark in ((-0.07, 0.75), (0.07, 1.0)):
        put(limb((x * 0.8, 0.92), (x, 0.06), 0.092, 0.056), shade(who.trousers, dark))
        put(limb((x - 0.03, 0.035), (x + 0.14, 0.03), 0.045, 0.034), shade((44, 34, 34), dark))
    hem = 0.46 if who.skirt else 0.72
    torso = np.array(
        [
            (-0.17 + lean, 1.41),
            (-0.06 + lean, 1.47),
            (0.08 + lean, 1.47),
            (0.17 + lean, 1.40),
            (0.18, 1.05),
            (0.19, hem),
            (-0.20, hem),
            (-0.18, 1.05),
        ]
    )
    put(torso, who.coat)
    lit = torso[[3, 4, 5]] if spot.facing > 0 else torso[[0, 7, 6]]
    inward = -0.030 if spot.facing > 0 else 0.030
    put(np.concatenate([lit, lit[::-1] + np.array([inward, 0])]), mix(who.coat, RIM, 0.62))
    elbow = (0.10 + lean, 1.10)
    reach = 0.55 + 0.45 * np.sin(gesture)
    hand = (0.34 + 0.05 * np.cos(gesture * 1.3), 1.10 + 0.20 * reach)
    put(limb((0.02 + lean, 1.37), elbow, 0.072, 0.060), shade(who.coat, 0.86))
    put(oval(hand[0], hand[1], 0.052, 0.046, 16), who.skin)
    put(limb(elbow, (hand[0] - 0.04, hand[1] - 0.02), 0.060, 0.045), shade(who.coat, 0.92))
    if who.scarf is not None:
        put(limb((-0.08 + lean, 1.47), (0.09 + lean, 1.46), 0.058, 0.052), who.scarf)
    head(stage, spot, who, (0.02 + lean * 1.5, 1.62 + 0.006 * np.sin(gesture * 2.0)))


def gull(stage: Stage, where: tuple[float, float, float], flap: float, facing: int) -> None:
    """A gull in flight: two jointed wings and a body."""
    spot = Spot(*where, facing=facing)
    up = 0.34 * np.sin(flap)
    bend = 0.20 * np.sin(flap - 0.9)
    for side, tone in ((-1, 0.84), (1, 1.0)):
        wrist = (side * 0.30, 0.10 + up)
        tip = (side * 0.72 - 0.10, 0.02 + up * 1.25 + bend)
        wing = np.array(
            [
                (-0.08, 0.02),
                (0.10, 0.05),
                (wrist[0] + 0.06, wrist[1] + 0.05),
                tip,
                (wrist[0] - 0.10, wrist[1] - 0.04),
            ]
        )
        stage.flat(spot, wing, shade((214, 204, 204), tone))
        stage.flat(
            spot,
            np.array(
                [
                    tip,
                    (tip[0] - side * 0.20, tip[1] * 0.9 + wrist[1] * 0.1 - 0.03),
                    (tip[0] - side * 0.20, tip[1] * 0.7 + wrist[1] * 0.3 + 0.03),
                ]
            ),
            (70, 62, 70),
        )
    stage.flat(spot, limb((-0.24, -0.02), (0.22, 0.03), 0.05, 0.07), (238, 226, 218))
    stage.flat(spot, limb((0.26, 0.04), (0.34, 0.03), 0.022, 0.010), (226, 160, 70))
