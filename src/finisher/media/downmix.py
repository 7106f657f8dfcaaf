"""Any set of channels to one of the house's layouts, by stated gains."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from av.audio.frame import AudioFrame
from numpy.typing import NDArray

from finisher.channels import HALF_POWER, Layout, pan

# Where each channel goes in 5.1. A single rear channel is shared between both surrounds, so that
# folded to stereo it has the 0.5 of ITU-R BS.775-4, annex 4. Two pairs of surrounds are summed
# into one: what differs between them keeps its power. Heights lie 3 dB below what they are above.
_PLACES: dict[str, dict[str, float]] = {
    **{name: {name: 1.0} for name in Layout.SURROUND.channels},
    **{name: {"FL": 1.0} for name in ("DL", "FLC", "WL", "BIL")},
    **{name: {"FR": 1.0} for name in ("DR", "FRC", "WR", "BIR")},
    **{name: {"SL": 1.0} for name in ("BL", "SDL", "SSL")},
    **{name: {"SR": 1.0} for name in ("BR", "SDR", "SSR")},
    "BC": {"SL": HALF_POWER, "SR": HALF_POWER},
    "LFE2": {"LFE": 1.0},
    "TFL": {"FL": HALF_POWER},
    "TFR": {"FR": HALF_POWER},
    "TFC": {"FC": HALF_POWER},
    "TBL": {"SL": HALF_POWER},
    "TBR": {"SR": HALF_POWER},
    "TSL": {"SL": HALF_POWER},
    "TSR": {"SR": HALF_POWER},
    "TBC": {"SL": 0.5, "SR": 0.5},
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


def layout_of(channels: int) -> Layout:
    """What a sound of so many channels is conformed to: stereo up to two, 5.1 above."""
    return Layout.STEREO if channels <= 2 else Layout.SURROUND


@lru_cache(maxsize=32)
def gains(names: tuple[str, ...], wanted: Layout) -> NDArray[np.float32]:
    """The gains from each channel of these names (rows) to each of the wanted layout (columns).

    One channel alone goes to both sides at its own level. Channels of unknown names are taken in
    the WAVE order of their number; where there is none, all go to both sides, at gains that keep
    their power together.
    """
    if len(names) == 1:
        given, own = Layout.STEREO, np.ones((1, 2))
    else:
        named = all(name in _PLACES for name in names)
        known = names if named else _UNNAMED.get(len(names), names)
        anywhere = dict.fromkeys(("FL", "FR"), (2 * len(names)) ** -0.5)
        places = [_PLACES.get(name, anywhere) for name in known]
        own = np.array([[p.get(name, 0.0) for name in Layout.SURROUND.channels] for p in places])
        given = Layout.SURROUND
        if layout_of(len(names)) is Layout.STEREO:
            given, own = Layout.STEREO, own @ np.array(pan(Layout.SURROUND, Layout.STEREO))
    return np.asarray(own @ np.array(pan(given, wanted)), np.float32)


def placed(
    channels: NDArray[np.float32], names: Sequence[str], wanted: Layout
) -> NDArray[np.float32]:
    """(channels, n) floats as (n, channels of the wanted layout)."""
    if tuple(names) == wanted.channels:
        return np.ascontiguousarray(channels.T)
    if len(names) == 1 and wanted is Layout.STEREO:
        return np.repeat(channels.T, 2, axis=1)
    return np.ascontiguousarray(channels.T @ gains(tuple(names), wanted))
