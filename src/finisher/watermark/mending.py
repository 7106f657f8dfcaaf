"""Stretches of a mark that jumps, mended: ends drawn out, parts joined, gaps filled that fit.

A mark is somewhere all the time, leaves a place for no shorter than it stays at one, and does not
hop by less than its own size.
"""

from __future__ import annotations

import numpy as np

from finisher.watermark.levels import (
    AGAIN,
    HOLD,
    HOLDS,
    INSIDE,
    LIKELY,
    SHORTEST,
    SHOWS,
    STANDS,
    STEP,
    STEPS,
    SURE,
    TELL,
    Dwell,
    Levels,
    counted,
    covered,
    same,
    speaks,
)

_WORTH = 1.0
"""How much of what exceeds that by which a mark may stand, in pictures, lengthens a stretch."""
_FILLS = 0.5
"""Part of the way from low to high, in the mean, of what fits a gap."""
_SURE_STEPS = (0.4, 0.2)
"""What the scores of one that looks make sure of must go there, at one end and at both."""
_BETWEEN = 4
"""How many places may seem to lie between two stretches at one."""


def lengthened(found: list[Dwell], known: dict[int, Levels], count: int) -> list[Dwell]:
    """Sure stretches drawn out over gaps as far as the mark may still, or already, stand there."""
    starts, ends = [one.start for one in found], [one.end for one in found]
    for after in range(len(found) + 1):
        before = after - 1
        start = ends[before] if before >= 0 else 0
        end = starts[after] if after < len(found) else count
        on, back = np.zeros(end - start + 1), np.zeros(end - start + 1)
        if before >= 0 and found[before].sure:
            on[1:] = np.cumsum(known[id(found[before].where)].standing(start, end) - STANDS)
        if after < len(found) and found[after].sure:
            parts = known[id(found[after].where)].standing(start, end) - STANDS
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


def joined(found: list[Dwell], known: dict[int, Levels]) -> list[Dwell]:
    """Stretches at one place as one, where the mark can't have been elsewhere between them."""
    out: list[Dwell] = []
    for one in found:
        at = _left(out, one)
        last = out[at] if at is not None else None
        better = None if last is None else max(last.where, one.where, key=lambda place: place.best)
        if last is None or better is None or not _stayed(known[id(better)], last, one, out[-1]):
            out.append(one)
        else:
            out[at:] = [Dwell(last.start, one.end, better, last.sure or one.sure)]
    return out


def _left(found: list[Dwell], one: Dwell) -> int | None:
    """Which of the last stretches was at the same place, if any was."""
    for at in range(len(found) - 1, max(-1, len(found) - 1 - _BETWEEN), -1):
        if same(found[at].where, one.where):
            return at
    return None


def _stayed(levels: Levels, last: Dwell, one: Dwell, before: Dwell) -> bool:
    """Whether a mark stood at a place between two stretches there."""
    if before is last and one.start - last.end < 2 * SHORTEST:
        return True
    part = float(levels.part(last.end, one.start).mean())
    if before is last:
        return part >= HOLD
    away = (last.end, one.start)
    looks = [
        look
        for look in levels.where.looks
        if look.score > 0 and away[0] <= look.start < look.end <= away[1]
    ]
    if part < HOLDS or covered(looks) < INSIDE * (away[1] - away[0]):
        return False
    return float(np.mean([look.evidence for look in looks])) >= SHOWS


def apart(found: list[Dwell], known: dict[int, Levels], size: tuple[int, int]) -> list[Dwell]:
    """Stretches without hops that are shorter than the mark.

    Where one place explains both, its outline matches itself a stroke further on; where none does,
    scenery passes by.
    """
    out: list[Dwell] = []
    for one in found:
        last = out[-1] if out else None
        if last is None or one.start - last.end >= TELL or not _overlap(last, one, size):
            out.append(one)
            continue
        better, other = (last, one) if last.where.best >= one.where.best else (one, last)
        part = known[id(better.where)].part(other.start, other.end)
        if float(part.mean()) >= HOLDS:
            sure = last.sure or one.sure
            out[-1] = Dwell(last.start, one.end, better.where, sure)
        else:
            out[-1] = better
    return out


def _overlap(one: Dwell, other: Dwell, size: tuple[int, int]) -> bool:
    """Whether a mark of a size at one place covers a part of what it covers at the other."""
    near = abs(one.where.x - other.where.x) < size[0] and abs(one.where.y - other.where.y) < size[1]
    return near and not same(one.where, other.where)


def filled(
    found: list[Dwell], levels: list[Levels], count: int, size: tuple[int, int]
) -> list[Dwell]:
    """Stretches with those between that begin and end just where the others leave room."""
    out: list[Dwell] = []
    for after in range(len(found) + 1):
        start = found[after - 1].end if after else 0
        end = found[after].start if after < len(found) else count
        if end - start >= SHORTEST:
            beside = found[max(0, after - 1) : after + 1]
            here = [Dwell(start, end, one.where, sure=False) for one in levels]
            fits = [
                (fit, number)
                for number, one in enumerate(levels)
                if (fit := _fit(one, start, end, count)) > 0
                and not any(_overlap(here[number], other, size) for other in beside)
            ]
            out += [here[max(fits)[1]]] if fits else []
        out += found[after : after + 1]
    return out


def _fit(levels: Levels, start: int, end: int, count: int) -> float:
    """How far a place's scores are those of a mark in a gap and not beside it; 0 if not enough."""
    came = levels.step(start) if start > 0 else None
    went = levels.step(end) if end < count else None
    steps = [step for step in (came, None if went is None else -went) if step is not None]
    part = float(levels.part(start, end).mean())
    looks = [look for look in levels.where.looks if speaks(look, start, end)]
    sure = counted(looks, SURE) > 0
    likely = counted(looks, LIKELY) > 0 and counted(looks, AGAIN) > 1
    most, least = _SURE_STEPS if sure else (STEP, STEPS)
    if not (sure or likely) or not steps or max(steps) <= most or min(steps) <= least:
        return 0.0
    return part * levels.reach if part >= _FILLS else 0.0
