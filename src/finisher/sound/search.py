"""The gain that brings a mix to a loudness through the limiter, found without hearing it again."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from finisher.sound.kweighting import GROUP
from finisher.sound.limiter import reduction, run_gains
from finisher.sound.meter import Reading, by_hop, integrated

MOST_LIMITING_DB = 12.0
"""More than that turns a mix into another one: what would need it is not brought to its target."""

FORESEEN_DB = 40.0
"""As far as it is worked out what limiting a loudness would need."""

_CHUNK = 1_000 * GROUP
_STEPS = 12
_CLOSE_LU = 0.005  # finer than any tolerance asked for
_MARGIN_DB = 2.0  # by which a limited mix is usually gained more than one that is not


@dataclass(frozen=True, slots=True)
class Setting:
    """What is done to the mix before it is encoded."""

    gain_db: float = 0.0
    ceiling_db: float = math.inf
    """dBTP; infinite for no limiter."""


@dataclass(slots=True)
class Mixed:
    """What is known of a mix: enough to foresee its loudness after gain and limiter."""

    reading: Reading
    powers: NDArray[np.float32]
    """Weighted power of each run."""
    hear: Callable[[float], NDArray[np.float32]]
    """Reads the true peaks of all runs that reach beyond a magnitude, `limiter.peaks_of`."""
    peaks: NDArray[np.float32] | None = None
    heard_from: float = math.inf
    """The magnitude from which on `peaks` are right."""

    def curve(self, setting: Setting) -> NDArray[np.float32] | None:
        """The limiter's reduction; None where it has nothing to do."""
        over = self.reading.true_peak + setting.gain_db - setting.ceiling_db
        if over <= 0 or math.isinf(over):
            return None
        matters = 10.0 ** ((setting.ceiling_db - setting.gain_db) / 20.0)
        if self.peaks is None or matters < self.heard_from:
            # Somewhat further than now, so that a search does not have it all read again.
            self.heard_from = matters * 10.0 ** (-_MARGIN_DB / 20.0)
            self.peaks = self.hear(self.heard_from)
        return reduction(self.peaks, setting.gain_db, setting.ceiling_db)

    def level(self, setting: Setting) -> float | None:
        """Loudness after gain and limiter, LUFS.

        Each half millisecond's weighted power is taken times the gain's there. That is not quite
        what the weighting filters make of a moving gain, and within some hundredths of an LU. A
        plain gain moves loudness by more than itself where it lifts sound over the absolute gate.
        """
        curve, hops = self.curve(setting), []
        for at in range(0, len(self.powers), _CHUNK):
            powers = self.powers[at : at + _CHUNK].astype(np.float64)
            if curve is None:
                powers *= 10.0 ** (setting.gain_db / 10.0)
            else:
                powers *= run_gains(curve[at : at + len(powers) + 1], setting.gain_db)
            hops.append(by_hop(powers))
        return integrated(np.concatenate(hops)) if hops else None


def search(
    mixed: Mixed, aim: float, start: Setting, most_limiting: float = MOST_LIMITING_DB
) -> Setting:
    """The setting with `start`'s ceiling that makes a mix as loud as `aim`, LUFS, by secants.

    Its gain is bounded by the one at which the highest peak is limited by `most_limiting` dB: that
    peak's reduction is known beforehand.
    """
    bound = most_limiting + start.ceiling_db - mixed.reading.true_peak
    gain = min(bound, start.gain_db)
    known: list[tuple[float, float]] = []
    for _ in range(_STEPS):
        reached = mixed.level(replace(start, gain_db=gain))
        if reached is None or abs(aim - reached) <= _CLOSE_LU:
            break
        known.append((gain, reached))
        following = min(bound, gain + (aim - reached) / _slope(known))
        if following == gain:
            break
        gain = following
    return replace(start, gain_db=gain)


def limiting_for(mixed: Mixed, aim: float, ceiling_db: float) -> float:
    """Decibels of limiting that a loudness would need, up to `FORESEEN_DB`."""
    start = Setting(aim - (mixed.reading.integrated or 0.0), ceiling_db)
    setting = search(mixed, aim, start, FORESEEN_DB)
    return max(0.0, mixed.reading.true_peak + setting.gain_db - ceiling_db)


def _slope(known: list[tuple[float, float]]) -> float:
    """LU gained by a decibel between the last two points; 1 where there is but one.

    Kept away from 0, where a mix is limited so much that a decibel gains next to nothing.
    """
    if len(known) < 2:
        return 1.0
    (gain, level), (later_gain, later_level) = known[-2:]
    return min(1.0, max(0.2, (later_level - level) / (later_gain - gain)))
