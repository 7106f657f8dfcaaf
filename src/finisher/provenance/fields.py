"""Values of data nobody vouches for: of the kind that is expected, or refused."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

MOST_ITEMS = 100_000
LONGEST_TEXT = 1 << 16

_T = TypeVar("_T")


def mapping(value: object) -> dict[str, Any]:
    """A value that must be an object."""
    if not isinstance(value, dict):
        raise ValueError("promises: an object is expected")  # noqa: TRY004 - data, not arguments
    return value


def each(value: object, read: Callable[[object], _T]) -> tuple[_T, ...]:
    """A value that must be a list, item by item."""
    if not isinstance(value, list) or len(value) > MOST_ITEMS:
        raise ValueError(f"promises: a list of at most {MOST_ITEMS} is expected")
    return tuple(map(read, value))


def text(value: object, longest: int = LONGEST_TEXT) -> str:
    """A value that must be text."""
    if not isinstance(value, str) or len(value) > longest:
        raise ValueError(f"promises: text of at most {longest} characters is expected")
    return value


def count(value: object) -> int:
    """A value that must be a whole number, zero or more."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 63:
        raise ValueError("promises: a whole number is expected")
    return value


def number(value: object) -> float:
    """A value that must be a finite number."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("promises: a number is expected")  # noqa: TRY004 - data
    try:
        found = float(value)
    except OverflowError:
        found = math.inf
    if not math.isfinite(found):
        raise ValueError("promises: a finite number is expected")
    return found


def within(value: object, bounds: tuple[float, float]) -> float:
    """A value that must be a number between two others, those included."""
    found = number(value)
    low, high = bounds
    if not low <= found <= high:
        raise ValueError(f"promises: {found:g} does not lie between {low:g} and {high:g}")
    return found


def flag(value: object) -> bool:
    """A value that must be true or false."""
    if not isinstance(value, bool):
        raise ValueError("promises: true or false is expected")  # noqa: TRY004 - data
    return value
