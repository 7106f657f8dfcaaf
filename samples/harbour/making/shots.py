"""The six takes: who stands where, how the camera moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from making import boats, people
from making.boats import Hull
from making.film import Draw, Shot
from making.layout import HERO_X, HERO_Y, QUAY_BACK, QUAY_FRONT, QUAY_TOP
from making.paint import Camera, Spot, Stage

RED = Hull(4.3, 0.52, (150, 52, 44), (222, 200, 170))
BLUE = Hull(4.0, 0.50, (52, 92, 108), (226, 206, 176))
WHITE = Hull(6.4, 0.75, (214, 200, 184), (46, 70, 88))
GREEN = Hull(9.5, 1.15, (46, 84, 78), (214, 190, 150))
OAK = Hull(4.4, 0.50, (150, 98, 58), (206, 170, 116))
LOOP_SECONDS = 1.5


@dataclass(frozen=True)
class Take:
    """A file to make: its name, session, raster, rate, length, vendor and sound."""

    name: str
    session: str
    vendor: str
    width: int
    height: int
    rate: int
    frames: int
    shot: Shot
    sound: str | None


def _ease(time: float, length: float) -> float:
    u = min(max(time / length, 0.0), 1.0)
    return u * u * (3 - 2 * u)


def _hand(time: float, amount: float, seed: float) -> tuple[float, float]:
    """Hand-held drift: a few slow, unrelated sines, in fractions of the frame's height."""
    x = np.sin(time * 1.31 + seed) + 0.55 * np.sin(time * 2.17 + seed * 2.3)
    y = np.sin(time * 1.07 + seed * 1.7) + 0.50 * np.sin(time * 2.63 + seed * 0.6)
    return float(x) * amount, float(y) * amount


def _bob(time: float, period: float, phase: float, spot: Spot, heave: float, roll: float) -> Spot:
    turn = 2 * np.pi * time / period + phase
    return Spot(
        spot.x,
        float(heave * np.sin(turn)),
        spot.z,
        float(roll * np.sin(turn + 1.1)),
        spot.facing,
        afloat=True,
    )


def _at(depth: float, draw: Callable[[Stage], None]) -> tuple[float, Draw]:
    return depth, draw


def _fleet(time: float, beat: float | None = None) -> list[tuple[float, Draw]]:
    """The boats seen in every take; ``beat`` makes them all share one period."""
    red = _bob(time, beat or 2.6, 0.3, Spot(-1.2, 0, 24.0), 0.045, 0.030)
    blue = _bob(time, beat or 2.9, 1.9, Spot(3.4, 0, 27.5, facing=-1), 0.045, 0.026)
    sail = _bob(time, beat or 4.2, 0.8, Spot(16.5, 0, 66.0, facing=-1), 0.06, 0.022)
    fish = _bob(time, beat or 3.8, 2.6, Spot(-9.6, 0, 22.6), 0.05, 0.012)
    far = _bob(time, beat or 4.6, 1.1, Spot(34.0, 0, 120.0), 0.06, 0.02)
    knot = (red.x - 1.9, 0.62 + red.y - 1.9 * red.roll, red.z)
    return [
        _at(24.0, lambda s: boats.dory(s, red, RED)),
        _at(27.5, lambda s: boats.dory(s, blue, BLUE)),
        _at(66.0, lambda s: boats.sloop(s, sail, WHITE)),
        _at(120.0, lambda s: boats.sloop(s, far, WHITE)),
        _at(22.6, lambda s: boats.trawler(s, fish, GREEN)),
        _at(25.2, lambda s: boats.rope(s, (-6.4, QUAY_TOP + 0.4, QUAY_FRONT), knot, 0.5)),
    ]


def _folk(time: float) -> list[tuple[float, Draw]]:
    """Passers-by on the quay."""
    out: list[tuple[float, Draw]] = []
    strollers = (
        (people.ANA, -20.6, 1.25, 28.4, 1),
        (people.TOM, -19.7, 1.25, 28.9, 1),
        (people.KID, -18.9, 1.25, 28.2, 1),
        (people.OLD, -9.0, -0.95, 30.5, -1),
        (people.MAY, -14.6, 1.05, 32.0, 1),
        (people.TOM, -37.0, 1.1, 30.0, 1),
        (people.MAY, -33.0, -1.0, 29.0, -1),
    )
    for index, (who, x, speed, z, facing) in enumerate(strollers):
        spot = Spot(x + speed * time, QUAY_TOP, z, facing=facing)
        stride = time * 2 * np.pi * abs(speed) / (1.38 * who.size) + index * 1.3
        out.append(_at(z, partial(people.walker, spot=spot, who=who, stride=stride)))
    return out


def _gulls(time: float, paths: tuple[tuple[float, ...], ...]) -> list[tuple[float, Draw]]:
    out: list[tuple[float, Draw]] = []
    for index, (x, y, z, speed, beat) in enumerate(paths):
        where = (x + speed * time, y + 0.5 * float(np.sin(time * 0.9 + index)), z)
        flap = time * beat + index * 2.0
        way = 1 if speed > 0 else -1
        out.append(_at(z, partial(people.gull, where=where, flap=flap, facing=way)))
    return out


def _opening() -> Shot:
    """Wide view over the harbour: slow pan to the light with a push in."""

    def camera(time: float) -> Camera:
        go = _ease(time, 5.0)
        dx, dy = _hand(time, 0.9, 0.4)
        return Camera(
            1920,
            1080,
            -1.0 + 1.6 * go,
            4.6,
            0.0,
            1500 + 110 * go,
            1130 - 130 * go + 22 + dx,
            520 + dy,
        )

    def cast(time: float) -> list[tuple[float, Draw]]:
        gulls = (
            (2.0, 9.0, 30.0, 1.5, 8.0),
            (7.5, 10.0, 38.0, 1.2, 7.0),
            (20, 12, 60, -1.4, 6.4),
            (5.5, 7.5, 24.0, 1.7, 8.8),
        )
        return _fleet(time) + _folk(time) + _gulls(time, gulls)

    return Shot(camera, cast, beam=6.0)


def _walk() -> Shot:
    """On the quay: people going home past lit windows; a slow track along."""

    def camera(time: float) -> Camera:
        go = time / 6.0
        dx, dy = _hand(time, 0.8, 1.3)
        return Camera(1280, 720, -20.4 + 1.9 * go, 3.6, 12.5, 1500, 640 + dx, 300 + dy)

    def cast(time: float) -> list[tuple[float, Draw]]:
        return _fleet(time) + _folk(time) + _gulls(time, ((-24, 8.0, 25, 1.4, 8.0),))

    return Shot(camera, cast)


def _row() -> Shot:
    """The rower comes home across the light; hand-held, close to the water."""

    def camera(time: float) -> Camera:
        dx, dy = _hand(time, 2.6, 2.2)
        return Camera(1920, 1080, 4.2 + 0.50 * time, 1.9, 7.0, 1380, 720 + dx, 440 + dy)

    def cast(time: float) -> list[tuple[float, Draw]]:
        phase = 2 * np.pi * time / 2.3
        x = 8.35 + 0.52 * time + 0.05 * float(np.sin(phase + 0.8))
        base = _bob(time, 2.3, 0.0, Spot(x, 0, 15.5, facing=1), 0.03, 0.014)
        more = _gulls(time, ((2.0, 4.5, 24.0, 1.3, 7.6), (13, 6.5, 34, -1.6, 7.0)))
        boat = _at(15.5, lambda s: boats.rowing(s, base, OAK, people.OLD, phase))
        return [*_fleet(time), *_folk(time), *more, boat]

    return Shot(camera, cast)


def _light() -> Shot:
    """The lighthouse turning; water, boat and beam all share one 1.5 s beat."""

    def camera(_time: float) -> Camera:
        return Camera(1920, 1080, 52.0, 3.0, 112.0, 1500, 262.0, 612)

    def cast(time: float) -> list[tuple[float, Draw]]:
        spot = _bob(time, LOOP_SECONDS, 0.0, Spot(52.6, 0, 129.5, facing=1), 0.07, 0.050)
        dark = _bob(time, LOOP_SECONDS, 2.2, Spot(66.5, 0, 152.0, facing=-1), 0.08, 0.030)
        return [
            *_fleet(time, LOOP_SECONDS),
            _at(129.5, lambda s: boats.dory(s, spot, RED)),
            _at(152.0, lambda s: boats.sloop(s, dark, WHITE)),
        ]

    return Shot(camera, cast, period=LOOP_SECONDS, beam=2 * LOOP_SECONDS)


def _moorings() -> Shot:
    """Wooden boats at the quay's end, two people talking above them; 30 fps, pan left."""

    def camera(time: float) -> Camera:
        go = _ease(time, 4.4)
        dx, dy = _hand(time, 0.7, 3.1)
        return Camera(1280, 720, 2.0 - 2.2 * go, 3.0, 11.5, 1180, 600 + 130 * go + dx, 330 + dy)

    def cast(time: float) -> list[tuple[float, Draw]]:
        left, right = Spot(-7.35, QUAY_TOP, 28.2), Spot(-6.3, QUAY_TOP, 28.2, facing=-1)
        talk = [
            _at(28.2, lambda s: people.talker(s, left, people.TOM, time * 2.6)),
            _at(28.2, lambda s: people.talker(s, right, people.ANA, time * 2.1 + 2.0)),
        ]
        gulls = _gulls(time, ((9.0, 6.8, 30.0, -1.7, 8.2), (12.0, 8.2, 36.0, -1.4, 7.3)))
        return _fleet(time) + talk + gulls

    return Shot(camera, cast)


def _window() -> Shot:
    """The warm window at dusk: a push in, then rest."""

    def camera(time: float) -> Camera:
        go = _ease(time, 4.3)
        dx, dy = _hand(time, 0.8 * (1 - go), 4.0)
        focal = 1900 + 760 * go
        at_x = 400 - 40 * go
        away = QUAY_BACK - 16.5
        cx = at_x - (HERO_X + 18.6) / away * focal
        horizon = 545 + (HERO_Y - 4.1) / away * focal
        return Camera(1920, 1080, -18.6, 4.1, 16.5, focal, cx + dx, horizon + dy)

    def cast(time: float) -> list[tuple[float, Draw]]:
        spot = Spot(HERO_X - 0.32, HERO_Y - 1.52, QUAY_BACK + 0.3)
        going = Spot(-19.6 + 0.9 * time, QUAY_TOP, 30.0)
        stride = time * 2 * np.pi * 0.9 / 1.38
        return [
            *_fleet(time),
            _at(spot.z, lambda s: people.talker(s, spot, people.ANA, time * 1.4)),
            _at(30.0, lambda s: people.walker(s, going, people.OLD, stride)),
        ]

    return Shot(camera, cast)


def takes() -> list[Take]:
    """Every take of the teaser."""
    return [
        Take("scene01_take02", "monday", "lumenfall", 1920, 1080, 24, 96, _opening(), "wide"),
        Take("scene02_take01", "monday", "lumenfall", 1280, 720, 24, 132, _walk(), None),
        Take("scene03_take03", "monday", "lumenfall", 1920, 1080, 24, 72, _row(), "oars"),
        Take("scene04_take01", "tuesday", "tidecast", 1920, 1080, 24, 84, _light(), "light"),
        Take("scene05_take02", "tuesday", "tidecast", 1280, 720, 30, 117, _moorings(), None),
        Take("scene06_take01", "tuesday", "tidecast", 1920, 1080, 24, 108, _window(), "evening"),
    ]
