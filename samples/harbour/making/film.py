"""One frame of a shot: nature, mirrored world, world, lights, film finish."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache, partial

import cv2
import numpy as np

from making import layout as places
from making import town as buildings
from making.nature import SUN_AZIMUTH, SUN_HEIGHT, Nature, reflect
from making.noise import Floats
from making.paint import Camera, Layer, Stage
from making.town import Town

Draw = Callable[[Stage], None]
Cast = Callable[[float], list[tuple[float, Draw]]]
Look = Callable[[float], Camera]


@dataclass(frozen=True)
class Shot:
    """A camera path and what stands in front of it."""

    camera: Look
    cast: Cast
    period: float = 60.0
    beam: float | None = None


def frame(shot: Shot, time: float, nature: Nature, town: Town) -> Floats:
    """Render one moment, display-referred RGB 0..1 (before grain)."""
    camera = shot.camera(time)
    picture = np.zeros((camera.height, camera.width, 3), np.float32)
    sky = nature.sky(camera, time)
    picture[: sky.shape[0]] = sky
    nature.hills(picture, camera)
    top, slope = nature.sea(picture, camera, time)
    items = _scenery(town) + shot.cast(time)
    items.sort(key=lambda item: -item[0])
    # Reflections are broken up anyway: half the raster will do.
    small = camera.halved()
    mirrored = Layer(small.width, small.height, 1)
    _draw(items, Stage(small, mirrored, time, mirror=True))
    reflect(picture, mirrored.flatten(), top, slope, camera)
    layer = Layer(camera.width, camera.height, 2)
    _draw(items, Stage(camera, layer, time))
    world = layer.flatten()
    picture *= 1 - world[..., 3:]
    picture += world[..., :3]
    _lights(picture, camera, town, time, world[..., 3])
    if shot.beam is not None:
        _beam(picture, camera, time * 2 * np.pi / shot.beam)
    return _finish(picture)


def _draw(items: list[tuple[float, Draw]], stage: Stage) -> None:
    for depth, draw in items:
        if depth > stage.camera.z + 0.6:
            draw(stage)


def _scenery(town: Town) -> list[tuple[float, Draw]]:
    """What stands in every shot, with the depth it is sorted by."""
    out: list[tuple[float, Draw]] = [
        (places.LIGHT_Z, lambda s: buildings.draw_lighthouse(s, town)),
        (places.QUAY_BACK + 0.6, buildings.draw_room),
        (places.QUAY_BACK, lambda s: buildings.draw_houses(s, town)),
        (places.QUAY_BACK - 0.1, lambda s: buildings.draw_paving(s, town)),
        (places.QUAY_FRONT, lambda s: buildings.draw_wall(s, town)),
        (places.QUAY_FRONT + 1.45, buildings.draw_clutter),
        (places.LAMP_Z + 0.02, buildings.draw_bunting),
    ]
    lamps = [(places.LAMP_Z, partial(buildings.draw_lamp, x=x)) for x in places.LAMPS]
    return [*out, *lamps]


def _glow(
    picture: Floats, x: float, y: float, radius: float, colour: tuple[float, ...], gain: float
) -> None:
    """A soft light added around a point (screen, so nothing burns out hard)."""
    reach = radius * 3
    height, width = picture.shape[:2]
    x0, x1 = max(0, int(x - reach)), min(width, int(x + reach) + 1)
    y0, y1 = max(0, int(y - reach)), min(height, int(y + reach) + 1)
    if x0 >= x1 or y0 >= y1:
        return
    gx = np.arange(x0, x1, dtype=np.float32)[None] - np.float32(x)
    gy = np.arange(y0, y1, dtype=np.float32)[:, None] - np.float32(y)
    far = np.sqrt(gx * gx + gy * gy) * np.float32(1 / radius)
    fall = np.exp(-far * 1.9) * np.clip(1.5 - far * 0.5, 0, 1) * np.float32(gain)
    part = picture[y0:y1, x0:x1]
    part += fall[..., None] * np.array(colour, np.float32) * (1 - np.minimum(part, 1))


def _lights(picture: Floats, camera: Camera, town: Town, time: float, solid: Floats) -> None:
    """Glow of windows, lamps, the lighthouse's lamp and the sun."""
    warm = (1.0, 0.66, 0.32)
    flicker = 1 + 0.04 * np.sin(time * 9.1) * np.sin(time * 5.3)
    spots = [(x, y, places.QUAY_BACK - 0.1, 0.75 * w, 0.30) for x, y, w in town.windows]
    spots += [(x, places.QUAY_TOP + 3.72, places.LAMP_Z, 0.85, 0.62) for x in places.LAMPS]
    spots.append((places.HERO_X, places.HERO_Y, places.QUAY_BACK - 0.1, 1.5, 0.34))
    for x, y, z, size, gain in spots:
        if z <= camera.z + 1:
            continue
        at = camera.project(np.array([[x, y, z]]))[0]
        metre = camera.focal / (z - camera.z)
        _glow(picture, float(at[0]), float(at[1]), size * metre, warm, gain * float(flicker))
    sun_x = camera.cx + SUN_AZIMUTH * camera.focal
    sun_y = camera.horizon - SUN_HEIGHT * camera.focal
    row, col = int(sun_y), int(sun_x)
    hidden = 0.0
    if 4 <= row < camera.height - 4 and 4 <= col < camera.width - 4:
        hidden = float(solid[row - 4 : row + 5, col - 4 : col + 5].mean())
    if col < -camera.width * 0.2 or col > camera.width * 1.2:
        return
    _glow(picture, sun_x, sun_y, 0.16 * camera.focal, (1.0, 0.60, 0.30), 0.34 * (1 - hidden))


def _beam(picture: Floats, camera: Camera, angle: float) -> None:
    """Two opposed beams turning about the tower; brightest when they face the viewer."""
    lamp = np.array([places.LIGHT_X, places.LIGHT_BASE + 25.4, places.LIGHT_Z - 2])
    at = camera.project(lamp[None])[0]
    metre = camera.focal / (lamp[2] - camera.z)
    part = 4
    height, width = picture.shape[0] // part, picture.shape[1] // part
    gx = np.arange(width, dtype=np.float32)[None] * part + np.float32(part / 2 - 0.5)
    gy = np.arange(height, dtype=np.float32)[:, None] * part + np.float32(part / 2 - 0.5)
    light = np.zeros((height, width), np.float32)
    for turn in (angle, angle + np.pi):
        across, towards = np.cos(turn), -np.sin(turn)
        end = lamp + np.array([across, 0.012, -towards]) * 70.0
        tip = camera.project(end[None])[0]
        axis = tip - at
        length = float(np.hypot(*axis)) + 1e-6
        ux, uy = axis / length
        along = (gx - at[0]) * ux + (gy - at[1]) * uy
        off = (gx - at[0]) * -uy + (gy - at[1]) * ux
        wide = metre * 0.5 + np.maximum(along, 0) * 0.055
        ray = np.exp(-((off / wide) ** 2)) * np.exp(-np.maximum(along, 0) / (length * 0.62))
        ray *= 1 / (1 + np.exp(np.minimum(-along / (metre * 0.35), 60)))
        light += ray * np.float32(0.34 + 0.30 * max(towards, 0.0) ** 2)
        flare = max(float(towards), 0.0) ** 14
        _glow(picture, float(at[0]), float(at[1]), metre * 9, (1.0, 0.88, 0.66), 0.85 * flare)
    full = cv2.resize(light, (picture.shape[1], picture.shape[0]))
    tint = cv2.merge([full * np.float32(0.9 * c) for c in (1.0, 0.86, 0.62)])
    picture += tint * (1 - np.minimum(picture, 1))
    _glow(picture, float(at[0]), float(at[1]), metre * 2.6, (1.0, 0.84, 0.56), 0.75)


def _finish(picture: Floats) -> Floats:
    """Bloom, a soft shoulder, a gentle vignette."""
    height, width = picture.shape[:2]
    small = cv2.resize(picture, (width // 4, height // 4), interpolation=cv2.INTER_AREA)
    hot = np.clip(small - 0.62, 0, 1)
    soft = cv2.GaussianBlur(hot, (0, 0), height / 120) + cv2.GaussianBlur(hot, (0, 0), height / 36)
    picture += cv2.resize(soft * np.float32(0.16), (width, height))
    x = np.linspace(-1, 1, width, dtype=np.float32)
    y = np.linspace(-1, 1, height, dtype=np.float32)
    far = x[None] ** 2 * 0.55 + y[:, None] ** 2 * 0.45
    picture *= (1 - 0.20 * far * np.sqrt(far))[..., None]
    # One table per channel: 8192 steps over 0..1.6 are far finer than the grain.
    index = np.clip(picture * np.float32(8191 / 1.6), 0, 8191).astype(np.uint16)
    tables = _film_curve()
    return np.stack([np.take(tables[c], index[..., c]) for c in range(3)], axis=-1)


@lru_cache(maxsize=1)
def _film_curve() -> Floats:
    """Shoulder, a touch of contrast around the middle, a lifted and slightly blue floor."""
    value = np.linspace(0, 1.6, 8192)
    over = np.maximum(value - 0.78, 0)
    shoulder = np.minimum(value, 0.78) + 0.20 * (1 - np.exp(-over / 0.20))
    curved = shoulder + 0.19 * (shoulder - 0.5) * shoulder * (1 - shoulder)
    floor = np.array([0.016, 0.020, 0.030])[:, None]
    return np.asarray(np.clip(floor + curved * (1 - floor), 0, 1), np.float32)
