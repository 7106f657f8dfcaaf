"""What evidence of a payload amounts to, once its chance is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from finisher.watermark.detector import Declared, Evidence, Hearing, Reading, Sight
from finisher.watermark.hidden.statistics import CERTAIN, chance_of_bits, correlation, finest

BLIND, ALIGNED, COLOURED = "blind", "aligned", "aligned and coloured"
MOST_TESTS = 6
"""Three variants, each for the payload and for its inverse."""


def payload_of(declared: Declared) -> NDArray[np.bool_]:
    """The declared bits."""
    return np.array([bit == "1" for bit in declared.payload], np.bool_)


def untellable(declared: Declared) -> str | None:
    """Why a payload can't be held against anything; None where it can."""
    payload = payload_of(declared)
    if not payload.size:
        return "no payload is declared, so nothing can be held against it"
    if finest(payload) * MOST_TESTS >= CERTAIN:
        return f"{int(payload.sum())} ones in {payload.size} bits can't be told from chance"
    return None


def judged(chances: tuple[float, float], tests: int) -> tuple[Reading, float]:
    """The reading, and its probability by chance over all tests made.

    `chances` are those of the payload and of its inverse in a single test.
    """
    agree, disagree = (min(1.0, tests * chance) for chance in chances)
    if agree < CERTAIN:
        return Reading.FOUND, agree
    if disagree < CERTAIN:
        return Reading.INVERTED, disagree
    return Reading.ABSENT, agree


def by_sights(
    read: Callable[[Iterable[Sight], NDArray[np.bool_]], tuple[Evidence, ...]],
    seen: Iterable[Sight] | Hearing,
    declared: Declared,
) -> tuple[Evidence, ...]:
    """What pictures show of a payload, or why they can't be asked."""
    if isinstance(seen, Hearing):
        return (unreadable("it lies in pictures, and sound was handed over"),)
    reason = untellable(declared)
    return (unreadable(reason),) if reason is not None else read(seen, payload_of(declared))


def by_bits(
    variant: str, soft: NDArray[np.float64], payload: NDArray[np.bool_], tests: int, pictures: int
) -> Evidence:
    """Evidence of decoded bits, the signs of `soft`, summed over pictures."""
    return decoded(variant, np.asarray(soft > 0, np.bool_), soft, payload, tests, pictures)


def decoded(
    variant: str,
    read: NDArray[np.bool_],
    soft: NDArray[np.float64],
    payload: NDArray[np.bool_],
    tests: int,
    pictures: int,
) -> Evidence:
    """Evidence of bits that a code reads in its own way of `soft`, summed over pictures."""
    reading, p = judged(chance_of_bits(read, payload), tests)
    return Evidence(
        reading,
        variant,
        matched=int((read == payload).sum()),
        bits=payload.size,
        p=p,
        correlation=correlation(soft, payload),
        pictures=pictures,
    )


def unreadable(reason: str) -> Evidence:
    """Evidence that says nothing, and why."""
    return Evidence(Reading.UNREADABLE, BLIND, reason=reason)
