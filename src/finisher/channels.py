"""Layouts of sound channels, and the stated gains that take one to another."""

from __future__ import annotations

import math
from enum import StrEnum

Matrix = tuple[tuple[float, ...], ...]
"""Gains from each channel that is given (rows) to each that is wanted (columns)."""

HALF_POWER = math.sqrt(0.5)


class Layout(StrEnum):
    """What the channels of a sound are, in order."""

    STEREO = "stereo"
    SURROUND = "5.1"

    @property
    def channels(self) -> tuple[str, ...]:
        """Names of the channels, by the abbreviations of SMPTE ST 2036-2 as FFmpeg writes them."""
        return _CHANNELS[self]

    @property
    def weights(self) -> tuple[float, ...]:
        """Gain of each channel's power in loudness (ITU-R BS.1770-4, table 3; none for LFE)."""
        return _WEIGHTS[self]


_CHANNELS = {
    Layout.STEREO: ("FL", "FR"),
    Layout.SURROUND: ("FL", "FR", "FC", "LFE", "SL", "SR"),
}
_WEIGHTS = {Layout.STEREO: (1.0, 1.0), Layout.SURROUND: (1.0, 1.0, 1.0, 0.0, 1.41, 1.41)}

_SAME: dict[Layout, Matrix] = {
    layout: tuple(tuple(float(i == j) for j in range(len(names))) for i in range(len(names)))
    for layout, names in _CHANNELS.items()
}
# ITU-R BS.775-4, annex 4: L' = L + 0.707 C + 0.707 Ls. The low-frequency channel is left out.
_FOLD: Matrix = (
    (1.0, 0.0),
    (0.0, 1.0),
    (HALF_POWER, HALF_POWER),
    (0.0, 0.0),
    (HALF_POWER, 0.0),
    (0.0, HALF_POWER),
)
_SPREAD: Matrix = ((1.0, 0.0, 0.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0, 0.0, 0.0))
# Both sides of a voice that is the same in both: their power, and what folding down takes back.
_CENTRED: Matrix = ((0.0, 0.0, HALF_POWER, 0.0, 0.0, 0.0), (0.0, 0.0, HALF_POWER, 0.0, 0.0, 0.0))


def pan(given: Layout, wanted: Layout) -> Matrix:
    """The gains that take a sound of one layout into a programme of another."""
    if given is wanted:
        return _SAME[given]
    return _FOLD if wanted is Layout.STEREO else _SPREAD


def centre() -> Matrix:
    """The gains that put one channel, held in both of a stereo pair, into the centre of 5.1.

    It keeps its power, and folded down again it is what it was.
    """
    return _CENTRED
