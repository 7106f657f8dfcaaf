"""Boats: a planked hull and what stands on it, oars, a rower, mooring ropes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from making.paint import RIM, Rgb, Spot, Stage, limb, mix, oval, shade
from making.people import Person, head


@dataclass(frozen=True)
class Hull:
    """A wooden boat's side view: length, freeboard and paint."""

    length: float
    board: float
    paint: Rgb
    stripe: Rgb
    inside: Rgb = (92, 66, 50)


def hull(stage: Stage, spot: Spot, boat: Hull) -> None:
    """Planked hull with sheer, a stripe, a gunwale and its sunlit stem."""
    u = np.linspace(-0.5, 0.5, 25)
    sheer = boat.board * (1 + 0.85 * (u + 0.08) ** 2 * 4 * 0.55)
    x_top = u * boat.length
    x_low = u * boat.length * 0.80 - 0.02 * boat.length
    keel = np.full_like(u, -0.42)
    strakes = 6
    far = np.stack([x_top, sheer + 0.10 * boat.board], 1)
    stage.flat(spot, np.concatenate([far, np.stack([x_top, sheer * 0.7], 1)[::-1]]), boat.inside)
    for row in range(strakes):
        a, b = row / strakes, (row + 1) / strakes
        low = np.stack([x_low + (x_top - x_low) * a, keel + (sheer - keel) * a], 1)
        high = np.stack([x_low + (x_top - x_low) * b, keel + (sheer - keel) * b], 1)
        tone = boat.stripe if row == strakes - 2 else boat.paint
        base = shade(tone, 0.58 + 0.40 * b)
        stage.flat(spot, np.concatenate([low, high[::-1]]), base)
        stage.stroke(spot, low, shade(base, 0.70), 0.014)
        lit = slice(19, 25) if spot.facing > 0 else slice(0, 6)
        stage.flat(spot, np.concatenate([low[lit], high[lit][::-1]]), mix(base, RIM, 0.22))
    stage.stroke(spot, np.stack([x_top, sheer], 1), mix(boat.stripe, RIM, 0.45), 0.055)
    stage.stroke(spot, np.stack([x_top, sheer - 0.05], 1), shade(boat.paint, 0.5), 0.025)


def waterline(stage: Stage, spot: Spot, length: float) -> None:
    """Broken bright strokes where the hull meets the water."""
    if stage.mirror:
        return
    here = replace(spot, y=0.0, roll=0.0, afloat=False)
    for index in range(9):
        centre = (index / 8 - 0.5) * length * 0.84 + 0.06 * np.sin(stage.time * 2.7 + index * 2.3)
        half = length * 0.035 * (1 + 0.5 * np.sin(stage.time * 3.3 + index * 1.9))
        y = -0.02 - 0.025 * (1 + np.sin(index * 4.1 + stage.time * 2.2))
        stage.stroke(
            here, np.array([(centre - half, y), (centre + half, y)]), (216, 178, 158), 0.022
        )


def dory(stage: Stage, spot: Spot, boat: Hull) -> None:
    """An open boat with thwarts and shipped oars."""
    hull(stage, spot, boat)
    top = boat.board
    for x in (-0.22, 0.04, 0.27):
        seat = limb(
            (x * boat.length - 0.14, top * 1.07), (x * boat.length + 0.14, top * 1.07), 0.035, 0.035
        )
        stage.flat(spot, seat, (172, 124, 82))
    oar = np.array([(-0.34 * boat.length, top * 1.12), (0.30 * boat.length, top * 1.35)])
    stage.stroke(spot, oar, (206, 164, 112), 0.045)
    waterline(stage, spot, boat.length)


def sloop(stage: Stage, spot: Spot, boat: Hull) -> None:
    """A small sailing boat under main and jib."""
    hull(stage, spot, boat)
    top, length = boat.board, boat.length
    tall = length * 1.25
    belly = 0.10 * length * (1 + 0.06 * np.sin(stage.time * 1.3))
    v = np.linspace(0, 1, 14)
    mast = 0.06 * length
    luff = np.stack([np.full_like(v, mast - 0.04), top + 0.55 + v * (tall - 0.9)], 1)
    leech_x = mast - 0.46 * length * (1 - v) - belly * np.sin(np.pi * v) * 0.5
    leech = np.stack([leech_x, top + 0.55 + v * (tall - 0.9)], 1)
    stage.flat(spot, np.concatenate([luff, leech[::-1]]), (226, 190, 160))
    for row in (3, 6, 9):
        stage.stroke(spot, np.stack([luff[row], leech[row]]), (190, 144, 120), 0.03)
    jib = np.stack(
        [
            mast + 0.42 * length * (1 - v) - belly * 0.5 * np.sin(np.pi * v),
            top + 0.3 + v * (tall * 0.78),
        ],
        1,
    )
    jib_luff = np.stack([np.full_like(v, mast + 0.05), top + 0.3 + v * (tall * 0.78)], 1)
    jib_luff[:, 0] += 0.16 * length * (1 - v)
    stage.flat(spot, np.concatenate([jib_luff, jib[::-1]]), (244, 206, 172))
    stage.flat(spot, limb((mast, top), (mast, top + tall), 0.07, 0.05), (96, 62, 48))
    stage.flat(
        spot, limb((mast, top + 0.5), (mast - 0.47 * length, top + 0.62), 0.05, 0.04), (110, 72, 52)
    )
    waterline(stage, spot, length)


def trawler(stage: Stage, spot: Spot, boat: Hull) -> None:
    """A fishing boat: wheelhouse with a lit window, mast, derrick, net floats."""
    hull(stage, spot, boat)
    top, length = boat.board, boat.length
    cabin = [
        (-0.02 * length, top * 0.95),
        (0.24 * length, top),
        (0.22 * length, top + 2.0),
        (0.00, top + 2.0),
    ]
    stage.flat(spot, np.array(cabin), (206, 190, 172))
    stage.flat(
        spot,
        np.array(
            [
                (0.185 * length, top),
                (0.24 * length, top),
                (0.22 * length, top + 2),
                (0.175 * length, top + 2),
            ]
        ),
        (246, 204, 164),
    )
    stage.flat(
        spot,
        np.array(
            [
                (-0.03 * length, top + 1.98),
                (0.245 * length, top + 1.98),
                (0.225 * length, top + 2.2),
                (-0.01 * length, top + 2.2),
            ]
        ),
        (64, 88, 98),
    )
    for x in (0.03, 0.10):
        stage.flat(
            spot,
            np.array(
                [
                    (x * length, top + 1.05),
                    ((x + 0.055) * length, top + 1.05),
                    ((x + 0.055) * length, top + 1.7),
                    (x * length, top + 1.7),
                ]
            ),
            (255, 206, 124),
        )
    _rigging(stage, spot, boat)
    waterline(stage, spot, length)


def _rigging(stage: Stage, spot: Spot, boat: Hull) -> None:
    """The trawler's mast, boom and stays, and the floats along her rail."""
    top, length = boat.board, boat.length
    stage.flat(
        spot, limb((-0.06 * length, top), (-0.06 * length, top + 4.6), 0.08, 0.05), (92, 62, 50)
    )
    swing = 0.02 * np.sin(stage.time * 1.4)
    boom = (-0.34 * length + swing, top + 3.0)
    stage.stroke(spot, np.array([(-0.06 * length, top + 0.9), boom]), (112, 78, 58), 0.08)
    for end in (boom, (-0.48 * length, top * 1.4), (0.46 * length, top * 1.7)):
        stage.stroke(spot, np.array([(-0.06 * length, top + 4.5), end]), (86, 74, 76), 0.025)
    stage.stroke(spot, np.array([boom, (boom[0], top + 0.6)]), (86, 74, 76), 0.025)
    for index in range(6):
        stage.flat(
            spot,
            oval(-0.42 * length + index * 0.30, top * 1.22 + 0.05 * (index % 2), 0.15, 0.13, 14),
            ((210, 104, 56), (222, 176, 84))[index % 2],
        )


def rowing(stage: Stage, spot: Spot, boat: Hull, who: Person, phase: float) -> None:
    """A rower with his back to the way ahead; ``phase`` runs 2 pi per stroke."""
    pull = np.sin(phase)
    top = boat.board
    lean = 0.10 - 0.30 * pull
    hip = (0.10, top + 0.10)
    shoulder = (hip[0] + 0.52 * np.sin(lean), hip[1] + 0.52 * np.cos(lean))
    hand = (hip[0] - 0.50 + 0.26 * pull, top + 0.40 + 0.09 * np.cos(phase))
    pin = (-0.52, top + 0.14)
    dip = 0.5 + 0.5 * np.cos(phase + 0.25)
    blade = (-0.72 - 0.80 * pull, 0.30 - 0.42 * dip + 0.16)
    _oar(stage, spot, pin, (pin[0] + (blade[0] - pin[0]) * 0.8, blade[1] + 0.12), dark=0.62)
    stage.flat(spot, limb(hip, (-0.42, top + 0.22), 0.10, 0.075), shade(who.trousers, 0.9))
    stage.flat(spot, limb((-0.42, top + 0.22), (-0.62, top - 0.05), 0.075, 0.06), who.trousers)
    side = np.array(
        [
            (shoulder[0] - 0.13, shoulder[1] + 0.03),
            (shoulder[0] + 0.12, shoulder[1]),
            (hip[0] + 0.17, hip[1] - 0.05),
            (hip[0] - 0.15, hip[1] - 0.05),
        ]
    )
    stage.flat(spot, side, who.coat)
    lit = side[[0, 3]] if spot.facing < 0 else side[[1, 2]]
    inward = 0.035 if spot.facing < 0 else -0.035
    stage.flat(
        spot, np.concatenate([lit, lit[::-1] + np.array([inward, 0.0])]), mix(who.coat, RIM, 0.6)
    )
    face = replace(spot, facing=-spot.facing)
    head(stage, face, who, (-(shoulder[0] + 0.16 * np.sin(lean)), shoulder[1] + 0.20))
    elbow = ((shoulder[0] + hand[0]) / 2 + 0.05, (shoulder[1] + hand[1]) / 2 - 0.10 - 0.05 * pull)
    stage.flat(
        spot, limb((shoulder[0], shoulder[1] - 0.05), elbow, 0.075, 0.060), shade(who.coat, 0.86)
    )
    stage.flat(spot, limb(elbow, hand, 0.050, 0.040), who.skin)
    stage.flat(spot, oval(hand[0], hand[1], 0.055, 0.05, 16), shade(who.skin, 0.95))
    hull(stage, spot, boat)
    stage.stroke(spot, np.array([hand, pin]), (196, 150, 100), 0.05)
    _oar(stage, spot, pin, blade, dark=1.0)
    waterline(stage, spot, boat.length)
    _rings(stage, spot, blade[0], dip)


def _oar(
    stage: Stage, spot: Spot, pin: tuple[float, float], blade: tuple[float, float], dark: float
) -> None:
    a, b = np.array(pin), np.array(blade)
    stage.stroke(spot, np.stack([a, b]), shade((206, 162, 110), dark), 0.05)
    tip = b + (b - a) * 0.30
    stage.flat(
        spot, limb((b[0], b[1]), (tip[0], tip[1]), 0.055, 0.085), shade((226, 178, 120), dark)
    )


def _rings(stage: Stage, spot: Spot, at: float, dip: float) -> None:
    """Ripples around the working blade."""
    if stage.mirror or dip < 0.3:
        return
    here = replace(spot, y=0.0, roll=0.0, afloat=False)
    for size in (0.30, 0.52):
        half = size * (0.6 + 0.6 * dip)
        turn = np.linspace(np.pi * 1.08, np.pi * 1.92, 14)
        arc = np.stack([at + half * np.cos(turn), -0.05 + half * 0.16 * np.sin(turn)], 1)
        stage.stroke(here, arc, (228, 190, 166), 0.02)


def rope(
    stage: Stage, a: tuple[float, float, float], b: tuple[float, float, float], sag: float
) -> None:
    """A hanging rope between two world points, with its twist picked out."""
    u = np.linspace(0, 1, 40)[:, None]
    points = np.array(a) + (np.array(b) - np.array(a)) * u
    points[:, 1] -= (4 * u * (1 - u))[:, 0] * sag
    flat = stage.pixels(points)
    width = stage.metre((a[2] + b[2]) / 2) * 0.045
    stage.layer.line(flat, (120, 92, 66), width)
    for index in range(0, 38, 2):
        stage.layer.line(flat[index : index + 2], (206, 164, 116), width * 0.45)
