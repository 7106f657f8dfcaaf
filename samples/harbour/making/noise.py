"""Deterministic textures: tileable fractal noise, an animated sea surface, film grain."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]


def smoothstep(low: float, high: float, value: Floats) -> Floats:
    """The usual cubic step from 0 below ``low`` to 1 above ``high``."""
    x = np.clip((value - low) / (high - low), 0.0, 1.0)
    return np.asarray(x * x * (3.0 - 2.0 * x), dtype=np.float32)


def fractal(height: int, width: int, seed: int, slope: float) -> Floats:
    """Noise with an amplitude spectrum of 1/f**slope, mean 0, deviation 1; tiles seamlessly."""
    rng = np.random.default_rng(seed)
    # Frequencies per pixel in both directions: the grain of the noise is round on any plate.
    radius = np.hypot(np.fft.fftfreq(height)[:, None], np.fft.rfftfreq(width)[None, :])
    radius = np.maximum(radius, 1.0 / max(height, width))
    spectrum = radius**-slope * np.exp(2j * np.pi * rng.random(radius.shape))
    spectrum[0, 0] = 0.0
    field = np.fft.irfft2(spectrum, s=(height, width))
    return np.asarray(field / field.std(), dtype=np.float32)


@dataclass(frozen=True)
class Ocean:
    """A square tile of water: travelling waves whose frequencies all fit one loop period."""

    tile: float
    amplitude: npt.NDArray[np.complex128]
    kx: npt.NDArray[np.float64]
    kz: npt.NDArray[np.float64]
    omega: npt.NDArray[np.float64]

    @classmethod
    def make(cls, tile: float, peak: float, period: float, seed: int, size: int = 192) -> Ocean:
        """Waves around ``peak`` metres long; the surface repeats exactly after ``period`` s."""
        rng = np.random.default_rng(seed)
        k = np.fft.fftfreq(size, tile / size) * 2 * np.pi
        kx, kz = np.meshgrid(k, k)
        length = np.hypot(kx, kz)
        length[0, 0] = 1.0
        k0 = 2 * np.pi / peak
        # A soft peak: longer swells die quickly, shorter ripples fall off as a power law.
        energy = np.exp(-((k0 / length) ** 2)) * (length / k0) ** -3.2
        towards = 0.35 + 0.65 * ((-0.35 * kx - 0.94 * kz) / length).clip(0, 1) ** 2
        amplitude = energy * towards * np.exp(2j * np.pi * rng.random(length.shape))
        amplitude *= rng.rayleigh(1.0, length.shape)
        amplitude[0, 0] = 0.0
        base = 2 * np.pi / period
        omega = np.maximum(np.round(np.sqrt(9.81 * length) / base), 1.0) * base
        slope = np.fft.ifft2(1j * kz * amplitude).real
        return cls(tile, amplitude / slope.std(), kx, kz, omega)

    def slopes(self, time: float) -> Floats:
        """Surface slope along x and z at one instant, with one wrapped row and column."""
        now = self.amplitude * np.exp(1j * self.omega * time)
        gx = np.fft.ifft2(1j * self.kx * now).real
        gz = np.fft.ifft2(1j * self.kz * now).real
        both = np.stack([gx, gz], axis=-1)
        return np.pad(both, ((0, 1), (0, 1), (0, 0)), mode="wrap").astype(np.float32)

    def sample(self, slopes: Floats, x: Floats, z: Floats) -> Floats:
        """Slopes at world positions, the tile repeated without end."""
        size = slopes.shape[0] - 1
        mx = np.mod(x * np.float32(size / self.tile), size).astype(np.float32)
        mz = np.mod(z * np.float32(size / self.tile), size).astype(np.float32)
        return np.asarray(cv2.remap(slopes, mx, mz, cv2.INTER_LINEAR), dtype=np.float32)


def grain(height: int, width: int, frame: int, seed: int) -> Floats:
    """One frame of slightly soft monochrome grain, deviation 1, repeatable by frame number."""
    rng = np.random.default_rng((seed, frame))
    field = rng.standard_normal((height, width), dtype=np.float32)
    # A 3-tap blur each way; the factor brings the deviation back to 1.
    tap = np.array([0.2, 0.6, 0.2], np.float32)
    soft = cv2.sepFilter2D(field, -1, tap, tap)
    return np.asarray(soft * np.float32(1 / 0.44), dtype=np.float32)
