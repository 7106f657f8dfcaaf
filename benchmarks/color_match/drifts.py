"""Drifts that no CDL can undo, of a strength that is told in ΔE2000."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from finisher.color.science import cielab, delta_e, encoded, linear, oklab

Floats = NDArray[np.float64]
Drift = Callable[[Floats], Floats]

# B. Ottosson (2020): Oklab to cone response, and its cube to linear Rec.709.
_CONES = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def from_oklab(lab: Floats) -> Floats:
    """Oklab to display-encoded RGB, unclipped."""
    return encoded((lab @ _CONES.T) ** 3 @ _RGB.T)


def family(rng: np.random.Generator) -> Callable[[float], Drift]:
    """A drift by its strength, drawn at random; at strength 1 it is about 3.5 ΔE.

    Exposure, temperature and tint in linear light, an S-curve, a coloured lift, gamma, then
    saturation, a turn of all hues and a twist that turns some one way and some the other.
    """
    exposure, warm, tint = rng.normal(0, [0.15, 0.06, 0.025])
    curve, gamma, saturation = rng.normal(0, [0.12, 0.07, 0.10])
    lift = rng.normal(0, 0.012, 3)
    turn, twist = np.radians(rng.normal(0, [2.0, 2.5]))
    phase = rng.uniform(0, 2 * np.pi)

    def strong(scale: float) -> Drift:
        def drift(rgb: Floats) -> Floats:
            gains = 2 ** (exposure * scale) * (1 + scale * np.array([warm, -tint, -warm]))
            code = np.clip(encoded(np.clip(linear(rgb) * gains, 0, None)), 0, 1)
            code = code + scale * (curve * code * (1 - code) * (2 * code - 1) + lift * (1 - code))
            lab = oklab(np.clip(code, 0, 1) ** np.exp(gamma * scale))
            chroma, hue = np.hypot(lab[..., 1], lab[..., 2]), np.arctan2(lab[..., 2], lab[..., 1])
            hue = hue + scale * (turn + twist * np.sin(hue + phase))
            chroma = chroma * np.exp(saturation * scale)
            turned = [lab[..., 0], chroma * np.cos(hue), chroma * np.sin(hue)]
            return np.clip(from_oklab(np.stack(turned, axis=-1)), 0, 1)

        return drift

    return strong


def drift_of(level: float, pictures: Sequence[Floats], rng: np.random.Generator) -> Drift:
    """A random drift that moves these pictures by `level` ΔE2000 on average."""
    strong = family(rng)
    if level == 0:
        return lambda rgb: rgb
    pixels = np.concatenate([picture[::4, ::4].reshape(-1, 3) for picture in pictures])
    was = cielab(pixels)
    low, high = 0.0, 8.0
    for _ in range(14):
        middle = (low + high) / 2
        moved = float(delta_e(cielab(strong(middle)(pixels)), was).mean())
        low, high = (middle, high) if moved < level else (low, middle)
    return strong(high)
