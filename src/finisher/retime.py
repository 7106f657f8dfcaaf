"""Speeds: ramps of them, integrated exactly into positions, and what sound can follow."""

from __future__ import annotations

import math
from bisect import bisect_right
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

SLOWEST, FASTEST = Fraction(94, 100), Fraction(106, 100)
"""Speeds between which sound that is stretched, its pitch kept, still passes for its own."""


def stretchable(speed: Fraction) -> bool:
    """Whether a sound still passes for unstretched at that speed: 6 % off at most."""
    return SLOWEST <= speed <= FASTEST


@dataclass(frozen=True, slots=True)
class SpeedKey:
    """A speed, in source frames a programme frame, at a programme frame of the event."""

    at: int
    speed: Fraction


@dataclass(frozen=True, slots=True)
class Ramp:
    """A speed that runs straight from key to key; before the first and after the last it stays.

    Keys rise from frame 0; no speed is negative, and the last is above zero, so that every
    source frame is reached.
    """

    keys: tuple[SpeedKey, ...]

    def position(self, frame: int) -> Fraction:
        """Source frames passed from the event's first frame to `frame`: the speed's integral."""
        keys = self.keys
        if frame <= 0:
            return frame * keys[0].speed
        which = bisect_right(keys, frame, key=lambda key: key.at) - 1
        key, done = keys[which], _passed(keys)[which]
        into = frame - key.at
        if which + 1 == len(keys):
            return done + into * key.speed
        following = keys[which + 1]
        slope = (following.speed - key.speed) / (following.at - key.at)
        return done + into * key.speed + slope * into * into / 2

    @lru_cache(maxsize=4096)  # noqa: B019 -- a ramp is a value: what is kept is a few numbers
    def length(self, frames: int) -> int:
        """Programme frames in which `frames` source frames pass, the last of them begun."""
        last = self.keys[-1]
        left = frames - self.position(last.at)
        if left > 0:
            return last.at + math.ceil(left / last.speed)
        low, high = 0, last.at
        while low < high:
            middle = (low + high) // 2
            if self.position(middle) >= frames:
                high = middle
            else:
                low = middle + 1
        return low


@lru_cache(maxsize=256)
def _passed(keys: tuple[SpeedKey, ...]) -> tuple[Fraction, ...]:
    """Source frames passed at each key: between two, their mean speed times the frames."""
    passed = [Fraction(0)]
    for key, following in pairwise(keys):
        mean = (key.speed + following.speed) / 2
        passed.append(passed[-1] + mean * (following.at - key.at))
    return tuple(passed)
