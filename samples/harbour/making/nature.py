"""Sky, hills and sea: everything that is computed pixel by pixel."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from making.noise import Floats, Ocean, fractal, smoothstep
from making.paint import HAZE, Camera

SUN_AZIMUTH = 0.13
SUN_HEIGHT = 0.052
_SKY_STOPS = (0.0, 0.05, 0.12, 0.22, 0.36, 0.60, 1.0)
_SKY_COLOURS = np.array(
    [
        (0.985, 0.735, 0.520),
        (0.965, 0.655, 0.475),
        (0.850, 0.590, 0.505),
        (0.610, 0.520, 0.560),
        (0.380, 0.435, 0.555),
        (0.215, 0.320, 0.470),
        (0.120, 0.215, 0.360),
    ]
)
_DEEP = np.array([0.055, 0.150, 0.185], np.float32)
_WARM = np.array([1.00, 0.62, 0.30], np.float32)


@dataclass(frozen=True)
class Nature:
    """The fixed textures behind sky, hills and water."""

    clouds: Floats
    detail: Floats
    ridge: Floats
    swell: Ocean
    ripple: Ocean
    gradient: Floats

    @classmethod
    def make(cls, period: float) -> Nature:
        """All natural textures; the water repeats every ``period`` seconds."""
        steps = np.linspace(0, 1, 2048)
        table = [np.interp(steps, _SKY_STOPS, _SKY_COLOURS[:, c]) for c in range(3)]
        return cls(
            clouds=fractal(1024, 1024, 11, 1.75),
            detail=fractal(1024, 1024, 12, 1.35),
            ridge=fractal(4, 8192, 13, 1.5)[0],
            swell=Ocean.make(26.0, 3.4, period, 14),
            ripple=Ocean.make(6.1, 0.75, period, 15),
            gradient=np.stack(table, axis=1).astype(np.float32),
        )

    def tint(self, elevation: Floats, azimuth: Floats) -> Floats:
        """Clear-sky colour by direction, the sun's wide glow included."""
        index = (np.clip(elevation, 0, 1) * 2047).astype(np.int32)
        colour = np.take(self.gradient, index, axis=0)
        du = azimuth - np.float32(SUN_AZIMUTH)
        dv = elevation - np.float32(SUN_HEIGHT)
        glow = np.exp(-(du * du) / 0.10 - np.abs(dv) / 0.16) * np.float32(0.20)
        return np.asarray(colour + glow[..., None] * _WARM * (1.15 - colour), np.float32)

    def sky(self, camera: Camera, time: float) -> Floats:
        """The sky above the horizon row, clouds lit from the sun's side."""
        # The sky holds nothing sharp: half the raster is enough, and four times quicker.
        rows = min(camera.height, 2 * ((int(np.ceil(camera.horizon)) + 3) // 2))
        y, x = np.mgrid[0 : rows // 2, 0 : camera.width // 2].astype(np.float32) * 2 + 0.5
        elevation = np.maximum((np.float32(camera.horizon) - y) / np.float32(camera.focal), 0)
        azimuth = (x - np.float32(camera.cx)) / np.float32(camera.focal)
        colour = self.tint(elevation, azimuth)
        lift = 1 / (elevation + np.float32(0.13))
        u = azimuth * lift * 120 + np.float32(time * 5.0)
        v = lift * 150 + np.float32(time * 1.2)
        body = self._cloud(u, v)
        towards = self._cloud(u + 9, v + 7)
        cover = smoothstep(0.25, 1.75, body) * smoothstep(0.0, 0.05, elevation)
        lit = np.clip(0.5 + (body - towards) * 0.75, 0, 1)
        near = np.exp(-((azimuth - np.float32(SUN_AZIMUTH)) ** 2) / 0.30 - elevation / 0.45)
        shadow = colour * 0.70 + np.array([0.075, 0.060, 0.105], np.float32)
        warm = np.array([1.0, 0.70, 0.52], np.float32)
        bright = colour * 0.55 + warm * (0.22 + 0.30 * near[..., None])
        cloud = shadow + (bright - shadow) * lit[..., None]
        colour += (cloud - colour) * (cover * 0.88)[..., None]
        self._add_sun(colour, elevation, azimuth, cover)
        full = cv2.resize(colour, (camera.width, rows), interpolation=cv2.INTER_LINEAR)
        return np.asarray(full, np.float32)

    def _cloud(self, u: Floats, v: Floats) -> Floats:
        def look(plate: Floats, scale: float) -> Floats:
            size = plate.shape[0] - 1
            mu, mv = np.mod(u * np.float32(scale), size), np.mod(v * np.float32(scale), size)
            return np.asarray(cv2.remap(plate, mu, mv, cv2.INTER_LINEAR), np.float32)

        return np.asarray(look(self.clouds, 1.0) + 0.28 * look(self.detail, 2.7), np.float32)

    @staticmethod
    def _add_sun(colour: Floats, elevation: Floats, azimuth: Floats, cover: Floats) -> None:
        du = azimuth - np.float32(SUN_AZIMUTH)
        dv = elevation - np.float32(SUN_HEIGHT)
        distance = np.sqrt(du * du + dv * dv)
        disc = smoothstep(0.0245, 0.0218, distance) * (1 - 0.35 * cover)
        halo = np.exp(-distance / 0.055) * np.float32(0.42) + np.exp(-distance / 0.20) * 0.16
        light = np.array([1.0, 0.83, 0.60], np.float32)
        colour += halo[..., None] * _WARM * (1.12 - np.minimum(colour, 1.1))
        colour += disc[..., None] * (light * 1.06 - colour)

    def hills(self, frame: Floats, camera: Camera) -> None:
        """Two hazy ridges, drawn with exact edge coverage."""
        x = np.arange(camera.width, dtype=np.float32)
        azimuth = (x - np.float32(camera.cx)) / np.float32(camera.focal)
        specs = (
            (1900.0, 0.062, 0.014, 900.0, np.array([0.640, 0.480, 0.500], np.float32)),
            (1100.0, 0.034, 0.010, 1500.0, np.array([0.430, 0.365, 0.435], np.float32)),
        )
        rows = np.arange(camera.height, dtype=np.float32)[:, None]
        for depth, base, swing, stretch, colour in specs:
            seen = azimuth + np.float32(camera.x / depth)
            place = np.mod(seen * stretch + 3100 + depth, 8191)
            wave = np.interp(place, np.arange(8192), self.ridge).astype(np.float32)
            crest = np.maximum(base + swing * wave - 0.055 * np.maximum(seen - 0.02, 0), 0.003)
            edge = np.float32(camera.horizon) - crest * np.float32(camera.focal)
            inside = np.clip(rows - edge[None] + 0.5, 0, 1)
            inside *= np.clip(np.float32(camera.horizon) - rows + 1.5, 0, 1)
            sun = np.exp(-((azimuth - np.float32(SUN_AZIMUTH)) ** 2) / 0.05)[None, :, None]
            low = max(0, int(edge.min()) - 1)
            high = min(camera.height, int(camera.horizon) + 3)
            part = frame[low:high]
            lit = colour + sun * (_WARM - colour) * 0.42
            part += (lit - part) * inside[low:high, :, None]

    def sea(self, frame: Floats, camera: Camera, time: float) -> tuple[int, Floats]:
        """Shade the water; returns its first row and the slopes used (for reflections)."""
        top = max(0, int(np.floor(camera.horizon)))
        y, x = np.mgrid[top : camera.height, 0 : camera.width].astype(np.float32)
        drop = np.maximum((y - np.float32(camera.horizon) + 0.5) / np.float32(camera.focal), 3e-4)
        depth = np.float32(camera.y) / drop
        azimuth = (x - np.float32(camera.cx)) / np.float32(camera.focal)
        world_x = azimuth * depth + np.float32(camera.x)
        world_z = depth + np.float32(camera.z)
        footprint = depth * depth / np.float32(camera.focal * camera.y)
        keep_swell = np.exp(-((footprint / 1.3) ** 2))
        keep_ripple = np.exp(-((footprint / 0.30) ** 2))
        swell = self.swell.sample(self.swell.slopes(time), world_x, world_z)
        ripple = self.ripple.sample(self.ripple.slopes(time), world_x, world_z)
        slope = swell * (0.052 * keep_swell)[..., None] + ripple * (0.034 * keep_ripple)[..., None]
        lost = 0.052**2 * (1 - keep_swell**2) + 0.034**2 * (1 - keep_ripple**2)
        frame[top:] = self._water(drop, azimuth, slope, lost)
        air = np.exp(-drop / 0.010)[..., None] * np.float32(0.55)
        haze = np.array(HAZE, np.float32) / 255
        frame[top:] += (haze - frame[top:]) * air
        return top, slope

    def _water(self, drop: Floats, azimuth: Floats, slope: Floats, lost: Floats) -> Floats:
        """Mirror of the sky by Fresnel, over the deep colour, with sun glints."""
        up = np.maximum(drop - slope[..., 1] * 2.0, 0.012) + np.sqrt(lost) * 0.8
        side = azimuth + slope[..., 0] * 1.6
        mirror = self.tint(np.minimum(up * 1.25, 1), side) * 0.93
        facing = np.clip(drop - slope[..., 1], 0.01, 1)
        fresnel = 0.06 + 0.86 * np.exp(-facing * 3.1)
        colour = _DEEP + (mirror - _DEEP) * fresnel[..., None]
        spread_v = 0.0011 + 2.2 * lost
        spread_u = 0.0012 + 0.9 * lost
        off_v = up - np.float32(SUN_HEIGHT)
        off_u = side - np.float32(SUN_AZIMUTH)
        glint = np.exp(-(off_v**2) / spread_v - off_u**2 / spread_u)
        wide = np.exp(-(off_v**2) / 0.02 - off_u**2 / 0.016) * 0.20
        shine = (glint * 0.85 + wide)[..., None]
        light = np.array([1.0, 0.80, 0.55], np.float32)
        return np.asarray(colour + shine * light * (1.2 - colour), np.float32)


def reflect(frame: Floats, layer: Floats, top: int, slope: Floats, camera: Camera) -> None:
    """Lay the mirrored world (at half the raster) on the water, broken up by its slopes."""
    height, width = slope.shape[:2]
    x = np.arange(width, dtype=np.float32)[None]
    y = np.arange(height, dtype=np.float32)[:, None]
    reach = np.float32(camera.focal) * 0.55
    # A mirror image is seen through many facets at once: soften the slopes, then the picture.
    calm = cv2.GaussianBlur(slope, (0, 0), camera.height / 500)
    mx = (x + calm[..., 0] * (reach * np.float32(0.55))) * np.float32(0.5) - np.float32(0.25)
    my = (y + top + calm[..., 1] * reach) * np.float32(0.5) - np.float32(0.25)
    moved = cv2.remap(layer, mx, my, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    drop = (y + np.float32(top - camera.horizon)) / np.float32(camera.focal)
    strength = (0.78 * np.exp(-np.maximum(drop, 0) * 1.9)).astype(np.float32)[..., None]
    part = frame[top:]
    alpha = moved[..., 3:4] * strength
    part *= 1 - alpha
    part += moved[..., :3] * strength * 0.88 + _DEEP * alpha * 0.10
