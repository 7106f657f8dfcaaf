"""Whether the sound is the mix that was promised, and stands where it was promised."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from finisher.audit.hear import MeasuredSound
from finisher.findings import Finding, Status, Weight
from finisher.promises import PromisedLevels, PromisedSound
from finisher.sound.imprint import unpacked
from finisher.timecode import SAMPLE_RATE

LEVEL_DB = 0.5
"""dB a level may differ. Promised ones are rounded by up to 0.25, decoders of one stream differ by
a thousandth of that; a gain changed by 1 dB moves levels by 0.75 at least."""
SHARE = 0.001
"""Part of the audible levels that may differ by more, spread out: none does in whole files."""
LONGEST = 960
"""Samples over which levels that differ may follow each other: 20 ms, or one level where they are
coarser. None does in whole files, which were within the 0.25 dB of rounding all along: the room is
for decoders that were not tried."""
AUDIBLE_DBFS = -60.0
"""Below it on both sides nothing is compared: what decoders round there is no part of a mix."""
LATE = SAMPLE_RATE // 1000
"""Samples an excerpt may lie off its place: 1 ms, a fortieth of a frame, and where it is whole,
it is found on its very sample."""
ALIKE = 0.9
"""Likeness below which an excerpt is not the promised one: the same stream gives 0.999, and other
passages of the same programme seldom 0.8."""

Levels = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Consecutive levels of one channel that are not the promised ones."""

    channel: int
    first: int
    hops: int


def check_content(promised: PromisedSound, found: MeasuredSound) -> Finding:
    """Each channel is as loud as promised, every hundredth of a second.

    Channels are told apart. Levels have no polarity: where an excerpt lies, `check_offset` sees it.
    """
    wanted, heard = promised.levels, found.levels
    if wanted is None or heard is None:
        return _unpromised("sound-content", "levels")
    if heard.shape[1] != wanted.channels:
        detail = f"levels of {wanted.channels} channels are promised, there are {heard.shape[1]}"
        return Finding("sound-content", Status.FAILED, detail, promised=wanted.channels)
    apart, audible = _differences(wanted, heard)
    values = apart[audible]
    middle, most = (
        (float(np.median(values)), float(np.percentile(values, 100 * (1 - SHARE))))
        if values.size
        else (0.0, 0.0)
    )
    worst = _longest(apart > LEVEL_DB)
    runs = max(1, LONGEST // wanted.hop)
    good = most <= LEVEL_DB and (worst is None or worst.hops <= runs)
    detail = f"{values.size} audible levels differ by {middle:.2f} dB in the median, 99.9 % by "
    detail += f"{most:.2f} dB or less"
    if not good and worst is not None:
        detail += f"; {_place(worst, wanted.hop, promised)}"
    return Finding(
        "sound-content",
        Status.PASSED if good else Status.FAILED,
        detail,
        promised={"within_db": LEVEL_DB, "every_samples": wanted.hop},
        measured={"median_db": round(middle, 3), "p999_db": round(most, 3)},
    )


def check_offset(promised: PromisedSound, found: MeasuredSound) -> Finding:
    """Excerpts lie where they are promised to, to a millisecond.

    Each is looked for a quarter of a second to either side, by normalised cross-correlation at
    every sample. All must be found and in place, as sound that drifts is not, and upright: one that
    is alike upside down has its polarity turned round.
    """
    if not promised.excerpts or not found.lags:
        detail = "nothing in it tells one place from another" if promised.levels else ""
        return _unpromised("sound-offset", "excerpts", detail)
    placed = [lag for lag, alike in found.lags if abs(alike) >= ALIKE]
    strange = len(found.lags) - len(placed)
    turned = sum(alike <= -ALIKE for _, alike in found.lags)
    worst = max(placed, key=abs, default=None)
    good = worst is not None and abs(worst) <= LATE and not strange and not turned
    if worst is None:
        detail = f"none of {len(found.lags)} excerpts is found within 250 ms of its place"
    else:
        detail = f"{len(placed)} of {len(found.lags)} excerpts found, {_told(worst)}"
        detail += _turn(turned, len(placed))
    return Finding(
        "sound-offset",
        Status.PASSED if good else Status.FAILED,
        detail,
        promised={"within_samples": LATE, "at": [one.start for one in promised.excerpts]},
        measured={
            "samples": worst,
            "excerpts": [
                {"late": lag if abs(alike) >= ALIKE else None, "alike": round(alike, 4)}
                for lag, alike in found.lags
            ],
        },
    )


def _unpromised(name: str, what: str, why: str = "") -> Finding:
    """The finding on a file that does not say what it should sound like."""
    detail = why or f"the file promises no {what} of its sound"
    return Finding(name, Status.NOT_CHECKED, detail, Weight.ADVISORY)


def _differences(promised: PromisedLevels, heard: Levels) -> tuple[Levels, NDArray[np.bool_]]:
    """How far levels lie apart, 0 where neither is audible, and where one is."""
    wanted = unpacked(np.frombuffer(promised.values, np.uint8).reshape(-1, promised.channels))
    measured = np.full(wanted.shape, -np.inf)
    count = min(len(wanted), len(heard))
    measured[:count] = heard[:count]
    audible = np.maximum(wanted, measured) >= AUDIBLE_DBFS
    floor = AUDIBLE_DBFS - 10.0
    apart = np.abs(np.maximum(wanted, floor) - np.maximum(measured, floor))
    return np.where(audible, apart, 0.0), audible


def _longest(wrong: NDArray[np.bool_]) -> _Stretch | None:
    """The longest stretch of a channel that is wrong without a break."""
    best: _Stretch | None = None
    for channel, line in enumerate(wrong.T):
        edges = np.flatnonzero(np.diff(np.concatenate(([False], line, [False])).astype(np.int8)))
        starts, lengths = edges[::2], edges[1::2] - edges[::2]
        if len(starts):
            at = int(lengths.argmax())
            if best is None or lengths[at] > best.hops:
                best = _Stretch(channel, int(starts[at]), int(lengths[at]))
    return best


def _place(stretch: _Stretch, hop: int, promised: PromisedSound) -> str:
    """Where a stretch lies, in words."""
    first, last = (at * hop / SAMPLE_RATE for at in (stretch.first, stretch.first + stretch.hops))
    name = promised.layout.channels[stretch.channel : stretch.channel + 1]
    return f"the longest that does not runs from {first:.2f} s to {last:.2f} s in {''.join(name)}"


def _told(lag: int) -> str:
    """How far off a place sound lies at most, in words."""
    if not lag:
        return "in place to the sample"
    way = "late" if lag > 0 else "early"
    return f"up to {abs(lag) * 1000 / SAMPLE_RATE:.2f} ms {way}"


def _turn(turned: int, found: int) -> str:
    """What is upside down of the excerpts that were found, in words."""
    if not turned:
        return ""
    return "; its polarity is turned round" + ("" if turned == found else f" in {turned} of them")
