"""Input transforms: what takes of other spaces are as Rec.709, encoded for an SDR display.

HDR's curves are OpenColorIO's built-in transforms, named one by one. What they lead to is light as
a display emits it. The SDR display is sRGB's (IEC 61966-2-1), as wherever colours are compared, and
its white lies at 203 cd/m², as Report ITU-R BT.2408 places it in HDR.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PyOpenColorIO import (
    TRANSFORM_DIR_FORWARD,
    TRANSFORM_DIR_INVERSE,
    BuiltinTransform,
    ExponentWithLinearTransform,
    GroupTransform,
    MatrixTransform,
    TransformDirection,
)

from finisher.look import Space
from finisher.ocio.through import through

REFERENCE_WHITE = 203.0
"""Light of SDR white in HDR, in cd/m² (Report ITU-R BT.2408, 2.1)."""
PEAK = 1000.0
"""Light that becomes SDR white, in cd/m²; what is brighter is clipped."""
KNEE = 0.8
"""Part of the reference white up to which light stays as it is."""

_UNIT = 100.0
"""Light that OpenColorIO's displays call 1, in cd/m²."""
_DISPLAYS = {
    Space.PQ: "DISPLAY - CIE-XYZ-D65_to_REC.2100-PQ",
    Space.HLG: "DISPLAY - CIE-XYZ-D65_to_REC.2100-HLG-1000nit",
}
# x and y of red, green and blue: Rec. ITU-R BT.709-6, item 1.3; SMPTE EG 432-1; BT.2020-2, table 3.
_REC709 = ((0.640, 0.330), (0.300, 0.600), (0.150, 0.060))
_PRIMARIES = {
    Space.P3: ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    Space.REC2020: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
}
_D65 = (0.3127, 0.3290)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722], np.float32)


def to_rec709(space: Space, rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Encoded R'G'B' of a space, 0 to 1, as Rec.709 encoded for an SDR display, 0 to 1.

    Three steps, in light: to Rec.709's primaries; colours outside of them drawn towards the grey
    of their own luminance until they fit; and of HDR, the highlights rolled off. Greys of SDR
    spaces stay as they are, and so does all that HDR has below the knee within Rec.709.
    """
    if space is Space.REC709:
        return rgb
    if space in _DISPLAYS:
        light = _from_hdr(space, rgb)
    else:
        to_light = [_curve(TRANSFORM_DIR_FORWARD), _between(_PRIMARIES[space], _REC709)]
        light = _fitted(through(GroupTransform(to_light), rgb), 1.0)
    encode = GroupTransform([_curve(TRANSFORM_DIR_INVERSE)])
    return np.clip(through(encode, light), 0, 1)


def _from_hdr(space: Space, rgb: NDArray[np.float32]) -> NDArray[np.float32]:
    """Encoded HDR as linear Rec.709 light, 0 to 1."""
    display = BuiltinTransform(_DISPLAYS[space], direction=TRANSFORM_DIR_INVERSE)
    from_xyz = np.asarray(np.linalg.inv(_to_xyz(_REC709)), np.float64)
    to_light = [display, _matrix(from_xyz)]
    light = through(GroupTransform(to_light), rgb) * np.float32(_UNIT / REFERENCE_WHITE)
    return _rolled_off(_fitted(light, np.inf))


def _curve(direction: TransformDirection) -> ExponentWithLinearTransform:
    """The display's curve: forwards from what is encoded to light."""
    gamma, offset = [2.4, 2.4, 2.4, 1.0], [0.055, 0.055, 0.055, 0.0]
    return ExponentWithLinearTransform(gamma=gamma, offset=offset, direction=direction)


def _between(
    source: tuple[tuple[float, float], ...], target: tuple[tuple[float, float], ...]
) -> MatrixTransform:
    """Linear light from one set of primaries to another, both of D65 white."""
    return _matrix(np.linalg.inv(_to_xyz(target)) @ _to_xyz(source))


def _to_xyz(primaries: tuple[tuple[float, float], ...]) -> NDArray[np.float64]:
    """The matrix from linear R, G, B of these primaries and D65 white to CIE XYZ (SMPTE RP 177)."""
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in primaries]).T
    x, y = _D65
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    return np.asarray(columns * np.linalg.solve(columns, white))


def _matrix(values: NDArray[np.float64]) -> MatrixTransform:
    """A matrix of 3 by 3 as OpenColorIO's own."""
    whole = np.eye(4)
    whole[:3, :3] = values
    return MatrixTransform(matrix=whole.ravel().tolist())


def _fitted(light: NDArray[np.float32], top: float) -> NDArray[np.float32]:
    """Colours within 0 and `top`: those outside moved towards their grey, no further than needed.

    Luminance is kept, unless it is itself above the top.
    """
    grey = np.clip(light @ _WEIGHTS, 0, top)[..., None]
    away = light - grey
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        below = np.where(light < 0, grey / -away, 1)
        above = np.where(light > top, (top - grey) / away, 1)
    part = np.minimum(below, above).min(axis=-1, keepdims=True)
    fitted: NDArray[np.float32] = (grey + away * part).astype(np.float32)
    return fitted


def _rolled_off(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """Light, 1 at the reference white, with what lies above the knee brought below 1.

    A Möbius curve on the largest of R, G and B, from slope 1 at the knee to 1 at the peak; the
    other two go along in proportion, so that hue and saturation of the light stay.
    """
    peak = PEAK / REFERENCE_WHITE
    low = -(KNEE**2) * (peak - 1) / (KNEE**2 - 2 * KNEE + peak)
    high = (KNEE**2 - 2 * KNEE * peak + peak) / (peak - 1)
    scale = (high + KNEE) ** 2 / (high - low)
    largest = light.max(axis=-1, keepdims=True)
    bent = scale * (largest + low) / (largest + high)
    above = largest > KNEE
    factor = np.where(above, np.minimum(bent, 1) / np.where(above, largest, 1), 1)
    return np.asarray(light * factor, np.float32)
