"""Which of the places where a mark may stand it stands at, and from which picture to which.

Each place has a score in every picture since it was first noticed: low while the mark is elsewhere,
high while it is there. The sequence of places that explains all scores best with few changes is
taken; what looks at whole pictures did not bear out is left out of it, so that a gap remains.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Reals = NDArray[np.float64]

PER_Z = 0.06
"""What a score gains for each standard deviation of its picture's scores that it has: a simple
outline matches much of a busy picture, a mark of letters little of any."""
NOTED = 0.5
"""Evidence below which a look is not worth remembering."""


@dataclass(frozen=True, slots=True)
class _Bar:
    """What a look must show to count."""

    score: float
    z: float
    evidence: float


# Best looks at 53 pairs of unmarked takes and logos: 0.79 at z 3.7, 0.74 at 4.9, 0.57 at 9.8; none
# of them is sure.
_SURE = (_Bar(0.60, 5.0, 1.0), _Bar(0.82, 3.0, 1.05))
"""One of these is enough: of a simple outline much must match, of letters much more than beside."""
_LIKELY = (_Bar(0.42, 4.2, 0.80), _Bar(0.70, 3.0, 0.90))
"""For a place of a take in which another is sure."""
_AGAIN = (_Bar(0.30, 2.5, NOTED),)
"""And what a second look there must show."""
_MATCHES = 0.65
"""Score, in the mean, of a mark that never comes nor goes."""
_STAYS = (1.0, 0.8)
"""And its evidence, in the mean and at least: nothing but its outline
tells it from scenery that stands still."""
_ALONE = 0.1
"""By how much it must then exceed every other place's."""

_STEP, _STEPS = 0.6, 0.4
"""Part of the way from low to high that a likely place must go where the mark comes or goes, at one
end and at both: scenery that passes by comes little by little."""
_SURE_STEP = 0.2
_TELL = 3
"""Pictures on either side of a change that tell."""
_INSIDE = 0.75
"""Part of a look's pictures that must lie in a stretch to speak for it."""
_CHANGE = 4.0
"""Log-likelihood that a change of place must explain."""
_MOST = 2.5
"""The same that one picture may tell at most: single pictures may be spoilt."""
_REACH = 0.5
"""From low to high, from which on a place tells as much as any."""
_LEAST = 0.25
_NO_BACKING, _BACKED = 0.55, 1.2
"""Evidence of looks without which pictures say nothing, and from which on they say all."""
_BEST = 0.95
"""Part of the most evidence at a place that speaks for the mark for sure."""
_HIGH = 0.12
"""What the high scores at a place must be..."""
_ABOVE = 1.2
"""...and of how far the low ones lie below none: beside a mark scores rise as it goes."""
_SPREAD = 0.05
"""Least standard deviation of scores at a place: noise of encoding."""
_NARROW, _BROAD = 0.15, 0.25
"""The same without and with the mark, in parts of the way between: what it lies on changes."""
_SHORTEST = 3
_STANDS = 0.3
"""Part of the way from low to high from which on a mark may stand there still, next to where it
does for sure."""
_WORTH = 1.0
"""How much of that, in pictures, lengthens a stretch."""
_HOLD = 0.1
"""The same part in the mean, between two stretches at one place."""
_ROUNDS = 4
_TRIES = 30
_NEAR = 3
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
class _Levels:
    """A place's scores without and with the mark."""

    where: Followed
    low: float
    high: float
    off: float
    on: float
    """Standard deviations of the one and the other."""

    @property
    def reach(self) -> float:
        return self.high - self.low

    def part(self, start: int, end: int) -> Reals:
        """How far each picture of a stretch goes from low to high; 0 before the first scored."""
        first, scores = self.where.first, self.where.scores
        seen = np.asarray(scores[max(0, start - first) : max(0, end - first)])
        return np.concatenate([np.zeros(end - start - len(seen)), (seen - self.low) / self.reach])

    def step(self, at: int) -> float | None:
        """How far scores go up at a change; None at the take's ends and before the first scored."""
        here, scores = at - self.where.first, self.where.scores
        if here < 1 or here >= len(scores):
            return None
        after, before = scores[here : here + _TELL], scores[max(0, here - _TELL) : here]
        return float(np.mean(after) - np.mean(before)) / self.reach


def dwells(followed: Sequence[Followed], count: int) -> tuple[Dwell, ...]:
    """The stretches of a take of so many pictures, in order; empty where no place is sure."""
    if not followed:
        return ()
    levels = [one for place in followed if (one := _levels(place)) is not None]
    found = _moving(levels, count)
    if not any(one.sure for one in found):
        place = _staying(followed, count)
        return () if place is None else (Dwell(0, count, place, sure=True),)
    known = {id(one.where): one for one in levels}
    return tuple(_joined(_lengthened(found, known, count), known))


def _levels(place: Followed) -> _Levels | None:
    """Scores of a place parted into low and high ones; None where that can't be, or need not."""
    scores = np.asarray(place.scores, np.float64)
    if len(scores) < 2 * _SHORTEST or not _counted(place.looks, _LIKELY):
        return None
    smooth = np.convolve(np.pad(scores, 1, mode="edge"), np.ones(3) / 3, "valid")
    smooth.sort()
    low, high = float(smooth[: max(3, len(smooth) // 10)].mean()), float(smooth[-3:].mean())
    up = scores > (low + high) / 2
    for _ in range(_ROUNDS):
        if min(int(up.sum()), int((~up).sum())) < _SHORTEST:
            return None
        low, high = float(np.median(scores[~up])), float(np.median(scores[up]))
        up = scores > (low + high) / 2
    # What looks back most is with the mark, what none backs without it, whatever else is.
    backing = _backing(place, place.first + len(scores))[place.first :]
    high = max(high, float(np.median(scores[backing >= _BEST * backing.max()])))
    on = max(_SPREAD, _spread(scores[up], high), _BROAD * (high - low))
    without = scores[backing <= _NO_BACKING]
    if len(without) < 2 * _SHORTEST:
        without = scores[~up]
    low = float(np.median(without))
    off = max(_SPREAD, _spread(without, low), _NARROW * (high - low))
    told = high - low > _SPREAD and high > max(_HIGH, -_ABOVE * low)
    most = (high - low) / 2
    return _Levels(place, low, high, min(off, most), min(on, most)) if told else None


def _spread(values: Reals, middle: float) -> float:
    """Standard deviation as the median of what values are off tells it."""
    return 1.4826 * float(np.median(np.abs(values - middle)))


def _likelihood(levels: _Levels, count: int) -> Reals:
    """By how much each picture speaks for a mark at a place; unseen ones speak against it."""
    row = np.full(count, -_MOST)
    first, low, high = levels.where.first, levels.low, levels.high
    scores = np.clip(np.asarray(levels.where.scores), low, high)
    told = ((scores - low) / levels.off) ** 2 / 2 - ((scores - high) / levels.on) ** 2 / 2
    told += np.log(levels.off / levels.on)
    row[first : first + len(scores)] = np.clip(told, -_MOST, _MOST)
    row *= min(1.0, max(_LEAST, levels.reach / _REACH))
    backing = (_backing(levels.where, count) - _NO_BACKING) / (_BACKED - _NO_BACKING)
    return np.where(row > 0, row * np.clip(backing, 0, 1), row)


def _backing(place: Followed, count: int) -> Reals:
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


def _moving(levels: list[_Levels], count: int) -> list[Dwell]:
    """Stretches of the best sequence, without those that looks don't bear out."""
    table = np.array([_likelihood(one, count) for one in levels]).reshape(len(levels), count)
    found: list[Dwell] = []
    for _ in range(_TRIES):
        found, faint, wrong = [], [], []
        for start, end, which in _runs(_path(table)):
            if which < 0:
                continue
            one = _borne_out(levels[which], start, end, count)
            if one is not None:
                found.append(one)
            elif _counted([x for x in levels[which].where.looks if _speaks(x, start, end)], _SURE):
                wrong.append((which, start, end))
            else:
                faint.append((which, start, end))
        # A stretch that looks confirm may have its wrong ends from one beside it that they don't.
        for which, start, end in faint or wrong:
            table[which, start:end] = -_MOST
        if not faint and not wrong:
            break
    return found


def _borne_out(levels: _Levels, start: int, end: int, count: int) -> Dwell | None:
    """A stretch, where looks and the scores at its ends confirm it."""
    came = levels.step(start) if start > 0 else None
    went = levels.step(end) if end < count else None
    steps = [step for step in (came, None if went is None else -went) if step is not None]
    if not steps or end - start < _SHORTEST:
        return None
    looks = [look for look in levels.where.looks if _speaks(look, start, end)]
    sure = _counted(looks, _SURE) > 0
    likely = _counted(looks, _LIKELY) > 0 and _counted(looks, _AGAIN) > 1
    if sure:
        steep = max(steps) > _SURE_STEP
    else:
        steep = likely and max(steps) > _STEP and min(steps) > _STEPS
    return Dwell(start, end, levels.where, sure) if steep else None


def _speaks(look: Look, start: int, end: int) -> bool:
    """Whether a look is at a stretch, or at one of its ends."""
    if look.start == look.end:
        return abs(look.start - (start if look.score > 0 else end)) < _TELL
    inside = min(end, look.end) - max(start, look.start)
    return look.score > 0 and inside >= _INSIDE * (look.end - look.start)


def _counted(looks: Sequence[Look], bars: tuple[_Bar, ...]) -> int:
    """How many looks show enough."""
    return sum(
        any(
            abs(look.score) >= bar.score and look.z >= bar.z and look.evidence >= bar.evidence
            for bar in bars
        )
        for look in looks
    )


def _lengthened(found: list[Dwell], known: dict[int, _Levels], count: int) -> list[Dwell]:
    """Sure stretches drawn out over gaps as far as the mark may still, or already, stand there."""
    starts, ends = [one.start for one in found], [one.end for one in found]
    for after in range(len(found) + 1):
        before = after - 1
        start = ends[before] if before >= 0 else 0
        end = starts[after] if after < len(found) else count
        on, back = np.zeros(end - start + 1), np.zeros(end - start + 1)
        if before >= 0 and found[before].sure:
            on[1:] = np.cumsum(known[id(found[before].where)].part(start, end) - _STANDS)
        if after < len(found) and found[after].sure:
            parts = known[id(found[after].where)].part(start, end) - _STANDS
            back[:-1] = np.cumsum(parts[::-1])[::-1]
        last = int(on.argmax()) if on.max() > _WORTH else 0
        first = int(back.argmax()) if back.max() > _WORTH else end - start
        if last > first:
            last = first = int((on + back).argmax())
        if before >= 0:
            ends[before] = start + last
        if after < len(found):
            starts[after] = start + first
    return [Dwell(a, b, x.where, x.sure) for a, b, x in zip(starts, ends, found, strict=True)]


def _joined(found: list[Dwell], known: dict[int, _Levels]) -> list[Dwell]:
    """Stretches at one place with nothing but a faint time between them as one."""
    out: list[Dwell] = []
    for one in found:
        last = out[-1] if out else None
        if last is None or not _same(last.where, one.where):
            out.append(one)
            continue
        better = max(last.where, one.where, key=lambda place: place.best)
        between = known[id(better)].part(last.end, one.start)
        if len(between) and float(between.mean()) < _HOLD:
            out.append(one)
        else:
            out[-1] = Dwell(last.start, one.end, better, last.sure or one.sure)
    return out


def _same(one: Followed, other: Followed) -> bool:
    return abs(one.x - other.x) <= _NEAR and abs(one.y - other.y) <= _NEAR


def _staying(followed: Sequence[Followed], count: int) -> Followed | None:
    """The place where a mark stands all through a take, if one alone stands out so."""
    ranked: list[tuple[float, Followed]] = []
    for place in followed:
        still = [x for x in place.looks if x.end - x.start > _SHORTEST and x.score > 0]
        if place.first > 0 or not still or _covered(still) < count - 2 * _TELL:
            continue
        told = [look.evidence for look in still]
        if min(told) >= _STAYS[1] and float(np.mean([x.score for x in still])) >= _MATCHES:
            ranked.append((float(np.mean(told)), place))
    ranked.sort(key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] < _STAYS[0]:
        return None
    best, place = ranked[0]
    others = [told for told, other in ranked if not _same(place, other)]
    return place if not others or best - others[0] >= _ALONE else None


def _covered(looks: Sequence[Look]) -> int:
    """How many pictures looks cover together."""
    total = reached = 0
    for look in sorted(looks, key=lambda one: one.start):
        total += max(0, look.end - max(reached, look.start))
        reached = max(reached, look.end)
    return total


def _path(table: Reals) -> list[int]:
    """The place in each picture, -1 for none: the most evidence, less what changes cost."""
    places, count = table.shape
    gains = np.vstack([table, np.zeros((1, count))])
    came = np.zeros((places + 1, count), np.int16)
    total = gains[:, 0].copy()
    for at in range(1, count):
        best = int(total.argmax())
        stay = total >= total[best] - _CHANGE
        came[:, at] = np.where(stay, np.arange(places + 1), best)
        total = np.where(stay, total, total[best] - _CHANGE) + gains[:, at]
    path = [int(total.argmax())]
    for at in range(count - 1, 0, -1):
        path.append(int(came[path[-1], at]))
    return [one if one < places else -1 for one in reversed(path)]


def _runs(path: list[int]) -> list[tuple[int, int, int]]:
    """Stretches of one place: first picture, the one after the last, the place."""
    edges = [0, *(i for i in range(1, len(path)) if path[i] != path[i - 1]), len(path)]
    return [(a, b, path[a]) for a, b in pairwise(edges)]
