"""Colour as numbers: display decoding, Oklab, CIELAB and the CIEDE2000 difference.

Pictures are Rec.709 primaries, D65 white, display-encoded 0 to 1 with colour on the last axis.
The sRGB curve (IEC 61966-2-1) stands for the display, as everywhere in this package.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

# IEC 61966-2-1: linear Rec.709 RGB to CIE XYZ, D65.
_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
# The white those rows sum to, so that equal R, G and B are exactly neutral.
_WHITE = _XYZ.sum(axis=1)

# B. Ottosson, "A perceptual color space for image processing" (2020): RGB to cone response, and
# its cube root to Oklab.
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_OKLAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)

# CIE 15:2004: where CIELAB's cube root gives way to a straight line, and that line's slope.
_LAB_EDGE = (6 / 29) ** 3
_LAB_SLOPE = (29 / 6) ** 2 / 3


def linear(encoded: NDArray[np.floating]) -> Floats:
    """Display-encoded values as linear light; values below 0 are mirrored."""
    values = np.asarray(encoded, dtype=np.float64)
    size = np.abs(values)
    light = np.where(size <= 0.04045, size / 12.92, ((size + 0.055) / 1.055) ** 2.4)
    return np.copysign(light, values)


def encoded(light: NDArray[np.floating]) -> Floats:
    """Linear light as display-encoded values: the inverse of `linear`."""
    values = np.asarray(light, dtype=np.float64)
    size = np.abs(values)
    code = np.where(size <= 0.0031308, size * 12.92, 1.055 * size ** (1 / 2.4) - 0.055)
    return np.copysign(code, values)


def oklab(rgb: NDArray[np.floating]) -> Floats:
    """Display-encoded RGB as Oklab: L 0 to 1, a and b within about ±0.4."""
    lab: Floats = np.cbrt(linear(rgb) @ _CONES.T) @ _OKLAB.T
    return lab


def cielab(rgb: NDArray[np.floating]) -> Floats:
    """Display-encoded RGB as CIELAB under D65: L* 0 to 100 (CIE 15:2004)."""
    xyz = linear(rgb) @ _XYZ.T / _WHITE
    f = np.where(xyz > _LAB_EDGE, np.cbrt(xyz), xyz * _LAB_SLOPE + 4 / 29)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def delta_e(one: NDArray[np.floating], other: NDArray[np.floating]) -> Floats:
    """CIEDE2000 between CIELAB colours of broadcastable shapes; the last axis is used up.

    After Sharma, Wu, Dalal: "The CIEDE2000 color-difference formula: implementation notes,
    supplementary test data, and mathematical observations" (2005), weights kL = kC = kH = 1.
    """
    first = np.asarray(one, dtype=np.float64)
    second = np.asarray(other, dtype=np.float64)
    chroma = (np.hypot(first[..., 1], first[..., 2]) + np.hypot(second[..., 1], second[..., 2])) / 2
    stretch = 1.5 - 0.5 * _seventh(chroma)
    c1, h1 = _polar(first, stretch)
    c2, h2 = _polar(second, stretch)
    lightness = second[..., 0] - first[..., 0]
    turn = np.where(c1 * c2 == 0, 0.0, (h2 - h1 + 180) % 360 - 180)
    # Exactly opposite hues: Sharma takes +180 where the difference is not above it.
    turn = np.where((turn == -180) & (h2 > h1), 180.0, turn)
    hue = 2 * np.sqrt(c1 * c2) * np.sin(np.radians(turn) / 2)
    mean_l, mean_c = (first[..., 0] + second[..., 0]) / 2, (c1 + c2) / 2
    mean_h = _mean_hue(h1, h2, c1 * c2 == 0)
    scale_h = 1 + 0.015 * mean_c * _hue_weight(mean_h)
    scale_c = 1 + 0.045 * mean_c
    scale_l = 1 + 0.015 * (mean_l - 50) ** 2 / np.sqrt(20 + (mean_l - 50) ** 2)
    rotation = (
        -2 * _seventh(mean_c) * np.sin(np.radians(60 * np.exp(-(((mean_h - 275) / 25) ** 2))))
    )
    l_term, c_term, h_term = lightness / scale_l, (c2 - c1) / scale_c, hue / scale_h
    squares = l_term**2 + c_term**2 + h_term**2 + rotation * c_term * h_term
    difference: Floats = np.sqrt(np.maximum(squares, 0.0))
    return difference


def _seventh(chroma: Floats) -> Floats:
    """The formula's √(C⁷ / (C⁷ + 25⁷))."""
    power = chroma**7
    root: Floats = np.sqrt(power / (power + 25.0**7))
    return root


def _polar(lab: Floats, stretch: Floats) -> tuple[Floats, Floats]:
    """Chroma and hue in degrees, 0 to 360, with the a axis stretched."""
    a, b = lab[..., 1] * stretch, lab[..., 2]
    return np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360


def _mean_hue(h1: Floats, h2: Floats, colourless: NDArray[np.bool_]) -> Floats:
    """The hue half-way round the shorter arc; the sum where either has no hue."""
    total = h1 + h2
    far = np.abs(h1 - h2) > 180
    mean = np.where(far, np.where(total < 360, total + 360, total - 360), total) / 2
    return np.where(colourless, total, mean)


def _hue_weight(hue: Floats) -> Floats:
    """The formula's T: how much a hue difference counts around the circle."""
    angle = np.radians(hue)
    weight: Floats = (
        1
        - 0.17 * np.cos(angle - np.radians(30))
        + 0.24 * np.cos(2 * angle)
        + 0.32 * np.cos(3 * angle + np.radians(6))
        - 0.20 * np.cos(4 * angle - np.radians(63))
    )
    return weight
