"""Any channel layout to stereo floats, by stated coefficients."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

_HALF_POWER = math.sqrt(0.5)

# ITU-R BS.775-4, annex 4: L' = L + 0.707 C + 0.707 Ls. The low-frequency channel is left out, as
# there; a single rear channel is shared between both sides like two surrounds of equal content.
_PANS: dict[str, tuple[float, float]] = {
    "FL": (1.0, 0.0),
    "FR": (0.0, 1.0),
    "FC": (_HALF_POWER, _HALF_POWER),
    "LFE": (0.0, 0.0),
    "BL": (_HALF_POWER, 0.0),
    "BR": (0.0, _HALF_POWER),
    "SL": (_HALF_POWER, 0.0),
    "SR": (0.0, _HALF_POWER),
    "BC": (0.5, 0.5),
    "FLC": (_HALF_POWER, 0.0),
    "FRC": (0.0, _HALF_POWER),
    "DL": (1.0, 0.0),
    "DR": (0.0, 1.0),
}
# Files that count channels and don't name them are taken to hold them in this order (WAVE).
_UNNAMED = {
    2: ("FL", "FR"),
    3: ("FL", "FR", "FC"),
    4: ("FL", "FR", "BL", "BR"),
    5: ("FL", "FR", "FC", "BL", "BR"),
    6: ("FL", "FR", "FC", "LFE", "BL", "BR"),
    8: ("FL", "FR", "FC", "LFE", "BL", "BR", "SL", "SR"),
}
_FULL_SCALE = {"u1": 1 << 7, "i2": 1 << 15, "i4": 1 << 31}


def channels_of(frame: AudioFrame) -> NDArray[np.float32]:
    """A frame's samples as (channels, n) floats, full scale at 1; they may hold NaN."""
    samples = frame.to_ndarray()
    if not frame.format.is_planar:
        samples = samples.reshape(-1, frame.layout.nb_channels).T
    full = _FULL_SCALE.get(samples.dtype.str[1:])
    if full is None:
        with np.errstate(over="ignore", invalid="ignore"):  # a double may exceed a float
            return samples.astype(np.float32)
    floats = samples.astype(np.float64) / full
    if samples.dtype == np.uint8:
        floats -= 1.0
    return floats.astype(np.float32)


def matrix(names: Sequence[str]) -> NDArray[np.float32]:
    """The (channels, 2) gains that take channels of these names to stereo.

    One channel alone goes to both sides at its own level. Channels of unknown names are taken in
    the WAVE order of their number; where there is none, each goes to both sides at half.
    """
    if len(names) == 1:
        return np.ones((1, 2), np.float32)
    known = names if all(name in _PANS for name in names) else _UNNAMED.get(len(names), names)
    return np.array([_PANS.get(name, (0.5, 0.5)) for name in known], np.float32)


def to_stereo(channels: NDArray[np.float32], names: Sequence[str]) -> NDArray[np.float32]:
    """(channels, n) floats as (n, 2)."""
    if len(names) == 1:
        return np.repeat(channels.T, 2, axis=1)
    if tuple(names) == ("FL", "FR"):
        return np.ascontiguousarray(channels.T)
    return np.ascontiguousarray(channels.T @ matrix(names))
