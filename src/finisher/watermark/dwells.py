"""Which of the places where a mark may stand it stands at, and from which picture to which.

Each place has a score in every picture since it was first noticed: low while the mark is elsewhere,
high while it is there. The sequence of places that explains all scores best with few changes is
taken; what looks at whole pictures did not bear out is left out of it, so that a gap remains.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from finisher.watermark.levels import (
    AGAIN,
    BACKED,
    LIKELY,
    NEAR,
    NO_BACKING,
    SHORTEST,
    STEP,
    STEPS,
    SURE,
    TELL,
    Dwell,
    Followed,
    Levels,
    Reals,
    backing,
    counted,
    covered,
    levels_of,
    same,
    speaks,
)
from finisher.watermark.mending import apart, filled, joined, lengthened

_MATCHES = 0.65
"""Score, in the mean, of a mark that never comes nor goes."""
_STAYS = (1.0, 0.8)
"""And its evidence, in the mean and at least: nothing but its outline
tells it from scenery that stands still."""
_ALONE = 0.1
"""By how much it must then exceed every other place's."""
_SURE_STEP = 0.2
_CHANGE = 4.0
"""Log-likelihood that a change of place must explain."""
_MOST = 2.5
"""The same that one picture may tell at most: single pictures may be spoilt."""
_REACH = 0.5
"""From low to high, from which on a place tells as much as any."""
_LEAST = 0.25
_TRIES = 30


def dwells(
    followed: Sequence[Followed], count: int, size: tuple[int, int] = (NEAR, NEAR)
) -> tuple[Dwell, ...]:
    """The stretches of a take of so many pictures, in order; empty where no place is sure.

    `size` is the mark's width and height.
    """
    if not followed:
        return ()
    levels = [one for place in followed if (one := levels_of(place)) is not None]
    found = _moving(levels, count)
    if not any(one.sure for one in found):
        place = _staying(followed, count)
        return () if place is None else (Dwell(0, count, place, sure=True),)
    known = {id(one.where): one for one in levels}
    whole = joined(apart(lengthened(found, known, count), known, size), known)
    return tuple(filled(whole, levels, count, size))


def _likelihood(levels: Levels, count: int) -> Reals:
    """By how much each picture speaks for a mark at a place; unseen ones speak against it."""
    row = np.full(count, -_MOST)
    first, low, high = levels.where.first, levels.low, levels.high
    scores = np.clip(np.asarray(levels.where.scores), low, high)
    told = ((scores - low) / levels.off) ** 2 / 2 - ((scores - high) / levels.on) ** 2 / 2
    told += np.log(levels.off / levels.on)
    row[first : first + len(scores)] = np.clip(told, -_MOST, _MOST)
    row *= min(1.0, max(_LEAST, levels.reach / _REACH))
    backed = (backing(levels.where, count) - NO_BACKING) / (BACKED - NO_BACKING)
    return np.where(row > 0, row * np.clip(backed, 0, 1), row)


def _moving(levels: list[Levels], count: int) -> list[Dwell]:
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
            elif counted([x for x in levels[which].where.looks if speaks(x, start, end)], SURE):
                wrong.append((which, start, end))
            else:
                faint.append((which, start, end))
        # A stretch that looks confirm may have its wrong ends from one beside it that they don't.
        for which, start, end in faint or wrong:
            table[which, start:end] = -_MOST
        if not faint and not wrong:
            break
    return found


def _borne_out(levels: Levels, start: int, end: int, count: int) -> Dwell | None:
    """A stretch, where looks and the scores at its ends confirm it."""
    came = levels.step(start) if start > 0 else None
    went = levels.step(end) if end < count else None
    steps = [step for step in (came, None if went is None else -went) if step is not None]
    if not steps or end - start < SHORTEST:
        return None
    looks = [look for look in levels.where.looks if speaks(look, start, end)]
    sure = counted(looks, SURE) > 0
    likely = counted(looks, LIKELY) > 0 and counted(looks, AGAIN) > 1
    steep = max(steps) > _SURE_STEP if sure else likely and max(steps) > STEP and min(steps) > STEPS
    return Dwell(start, end, levels.where, sure) if steep else None


def _staying(followed: Sequence[Followed], count: int) -> Followed | None:
    """The place where a mark stands all through a take, if one alone stands out so."""
    ranked: list[tuple[float, Followed]] = []
    for place in followed:
        still = [x for x in place.looks if x.end - x.start > SHORTEST and x.score > 0]
        if place.first > 0 or not still or covered(still) < count - 2 * TELL:
            continue
        told = [look.evidence for look in still]
        if min(told) >= _STAYS[1] and float(np.mean([x.score for x in still])) >= _MATCHES:
            ranked.append((float(np.mean(told)), place))
    ranked.sort(key=lambda pair: -pair[0])
    if not ranked or ranked[0][0] < _STAYS[0]:
        return None
    best, place = ranked[0]
    others = [told for told, other in ranked if not same(place, other)]
    return place if not others or best - others[0] >= _ALONE else None


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
