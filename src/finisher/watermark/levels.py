"""What looks and scores tell of a place where a mark may stand: its levels with it and without.

A look is an average of pictures compared with the template; a score is one picture's own.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

PER_Z = 0.06
"""What a score gains for each standard deviation of its picture's scores that it has: a simple
outline matches much of a busy picture, a mark of letters little of any."""
NOTED = 0.5
"""Evidence below which a look is not worth remembering."""


@dataclass(frozen=True, slots=True)
class Bar:
    """What a look must show to count."""

    score: float
    z: float
    evidence: float


# Best looks at 53 pairs of unmarked takes and logos: 0.79 at z 3.7, 0.74 at 4.9, 0.57 at 9.8; none
# of them is sure.
SURE = (Bar(0.60, 5.0, 1.0), Bar(0.82, 3.0, 1.05), Bar(0.50, 12.0, 1.2))
"""One of these is enough: of a simple outline much must match, of letters much more than beside."""
CHANGED = (Bar(0.40, 12.0, 1.2),)
"""What changed from one average to the next where nothing else does."""
LIKELY = (Bar(0.42, 4.2, 0.80), Bar(0.70, 3.0, 0.90))
"""For a place of a take in which another is sure."""
AGAIN = (Bar(0.30, 2.5, NOTED),)
"""And what a second look there must show."""
STEP, STEPS = 0.6, 0.4
"""Part of the way from low to high that a likely place must go where the mark comes or goes, at one
end and at both: scenery that passes by comes little by little."""
TELL = 3
"""Pictures on either side of a change that tell."""
INSIDE = 0.75
"""Part of a look's pictures that must lie in a stretch to speak for it."""
NO_BACKING, BACKED = 0.55, 1.2
"""Evidence of looks without which pictures say nothing, and from which on they say all."""
_BEST = 0.95
"""Part of the most evidence at a place that speaks for the mark for sure."""
_HIGH = 0.12
"""What the high scores at a place must be..."""
_AWAY = 0.25
"""The low score assumed where a mark may never be away."""
_ABOVE = 1.2
"""...and of how far the low ones lie below none: beside a mark scores rise as it goes."""
_SPREAD = 0.05
"""Least standard deviation of scores at a place: noise of encoding."""
_NARROW, _BROAD = 0.15, 0.25
"""The same without and with the mark, in parts of the way between: what it lies on changes."""
SHORTEST = 3
"""Pictures: half of the shortest time at a place."""
STANDS = 0.3
"""Part of the way from low to high from which on a mark may stand there still, next to where it
does for sure."""
HOLD = 0.1
"""The same part in the mean, between two stretches at one place."""
HOLDS, SHOWS = 0.3, 0.65
"""And that, and the evidence of looks there in the mean, where another place seems to lie
between."""
_ROUNDS = 4
NEAR = 3
"""Pixels apart within which two places are one."""


@dataclass(frozen=True, slots=True)
class Look:
    """What a comparison of averaged pictures with the template showed at a place."""

    start: int
    end: int
    """Of pictures that were averaged; where one average was taken from another both are the first
    picture of the later."""
    score: float
    """Negative where the mark went."""
    z: float
    """Standard deviations of that picture's scores that this one has, always positive."""

    @property
    def evidence(self) -> float:
        """Both in one."""
        return abs(self.score) + PER_Z * self.z


@dataclass(slots=True, eq=False)
class Followed:
    """A place that stood out once, and its score in each picture since."""

    x: int
    y: int
    first: int
    """The first picture that was scored."""
    best: float
    """Evidence of the look that showed most."""
    sub: tuple[float, float]
    """Its position to a part of a pixel, when it was at its best."""
    scores: array[float] = field(default_factory=lambda: array("f"))
    looks: list[Look] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Dwell:
    """A stretch of pictures, the end not included, in which the mark stands at a place."""

    start: int
    end: int
    where: Followed
    sure: bool


@dataclass(frozen=True, slots=True, eq=False)
class Levels:
    """A place's scores without and with the mark."""

    where: Followed
    low: float
    high: float
    off: float
    on: float
    """Standard deviations of the one and the other."""

    @property
    def reach(self) -> float:
        """By how much the mark raises them."""
        return self.high - self.low

    def part(self, start: int, end: int) -> Reals:
        """How far each picture of a stretch goes from low to high; 0 before the first scored."""
        first, scores = self.where.first, self.where.scores
        seen = np.asarray(scores[max(0, start - first) : max(0, end - first)])
        return np.concatenate([np.zeros(end - start - len(seen)), (seen - self.low) / self.reach])

    def standing(self, start: int, end: int) -> Reals:
        """The same, and at least enough for it to stand there where short averages show it."""
        parts = self.part(start, end)
        for look in self.where.looks:
            long = look.end - look.start
            if 0 < long <= 2 * SHORTEST and look.score > 0 and look.evidence >= SHOWS:
                # Of one that shows it, a third on either side may be of another time.
                inner = slice(
                    max(0, look.start + long // 3 - start), max(0, look.end - long // 3 - start)
                )
                np.maximum(parts[inner], STANDS + HOLD, out=parts[inner])
        return parts

    def step(self, at: int) -> float | None:
        """How far scores go up at a change; None at the take's ends and before the first scored."""
        here, scores = at - self.where.first, self.where.scores
        if here < 1 or here >= len(scores):
            return None
        after, before = scores[here : here + TELL], scores[max(0, here - TELL) : here]
        return float(np.mean(after) - np.mean(before)) / self.reach


def levels_of(place: Followed) -> Levels | None:
    """Scores of a place parted into low and high ones; None where that can't be, or need not."""
    scores = np.asarray(place.scores, np.float64)
    if len(scores) < 2 * SHORTEST or not counted(place.looks, LIKELY):
        return None
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), np.ones(3) / 3, "valid")
    smooth.sort()
    low, high = float(smooth[: max(3, len(smooth) // 10)].mean()), float(smooth[-3:].mean())
    up = scores > (low + high) / 2
    for _ in range(_ROUNDS):
        if min(int(up.sum()), int((~up).sum())) < SHORTEST:
            return None
        low, high = float(np.median(scores[~up])), float(np.median(scores[up]))
        up = scores > (low + high) / 2
    # What looks back most is with the mark, what none backs without it, whatever else is.
    backed = backing(place, place.first + len(scores))[place.first :]
    high = max(high, float(np.median(scores[backed >= _BEST * backed.max()])))
    on = max(_SPREAD, _spread(scores[up], high), _BROAD * (high - low))
    without = scores[backed <= NO_BACKING]
    if len(without) < 2 * SHORTEST:
        # It stands there nearly all the time: its lower scores are mostly over other scenery.
        without = scores[~up]
        least = float(smooth[: max(SHORTEST, len(smooth) // 10)].mean())
        changes = [look for look in place.looks if look.start == look.end]
        low = min(float(np.median(without)), least if counted(changes, LIKELY) else _AWAY)
    else:
        low = float(np.median(without))
    off = max(_SPREAD, _spread(without, low), _NARROW * (high - low))
    # Scenery that stands still may be its negative, and hide it: then what changed tells it.
    changed = counted([look for look in place.looks if look.start == look.end], CHANGED) > 1
    told = high - low > _SPREAD and (changed or high > max(_HIGH, -_ABOVE * low))
    most = (high - low) / 2
    return Levels(place, low, high, min(off, most), min(on, most)) if told else None


def _spread(values: Reals, middle: float) -> float:
    """Standard deviation as the median of what values are off tells it."""
    return 1.4826 * float(np.median(np.abs(values - middle)))


def backing(place: Followed, count: int) -> Reals:
    """The most evidence of looks at a place that there is for each picture.

    A mark that came is there until it goes, one that went was there since it came.
    """
    most, since, came = np.zeros(count), 0, 0.0
    for look in place.looks:
        if look.start < look.end and look.score > 0:
            here = most[look.start : look.end]
            np.maximum(here, look.evidence, out=here)
    changes = [look for look in place.looks if look.start == look.end]
    for look in sorted(changes, key=lambda one: one.start):
        here = most[since : look.start]
        np.maximum(here, came if look.score > 0 else max(came, look.evidence), out=here)
        since, came = look.start, look.evidence if look.score > 0 else 0.0
    np.maximum(most[since:], came, out=most[since:])
    return most


def speaks(look: Look, start: int, end: int) -> bool:
    """Whether a look is at a stretch, or at one of its ends."""
    if look.start == look.end:
        return abs(look.start - (start if look.score > 0 else end)) < TELL
    inside = min(end, look.end) - max(start, look.start)
    return look.score > 0 and inside >= INSIDE * (look.end - look.start)


def counted(looks: Sequence[Look], bars: tuple[Bar, ...]) -> int:
    """How many looks show enough."""
    return sum(
        any(
            abs(look.score) >= bar.score and look.z >= bar.z and look.evidence >= bar.evidence
            for bar in bars
        )
        for look in looks
    )


def same(one: Followed, other: Followed) -> bool:
    """Whether two places are one."""
    return abs(one.x - other.x) <= NEAR and abs(one.y - other.y) <= NEAR


def covered(looks: Sequence[Look]) -> int:
    """How many pictures looks cover together."""
    total = reached = 0
    for look in sorted(looks, key=lambda one: one.start):
        total += max(0, look.end - max(reached, look.start))
        reached = max(reached, look.end)
    return total
