"""Progress as plain events: stages report, whoever listens decides how it looks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Started:
    """A stage begins; `total` is its amount of work in `unit`s, None when it can't be known."""

    stage: str
    total: int | None = None
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Advanced:
    """`amount` more of a stage's work is done."""

    stage: str
    amount: int = 1
    note: str = ""
    """How far that is by another measure, as `3/7 units`."""


@dataclass(frozen=True, slots=True)
class Finished:
    """A stage is done; `note` says in a few words what came of it."""

    stage: str
    note: str = ""


Event = Started | Advanced | Finished
Listener = Callable[[Event], None]


def silent(event: Event) -> None:
    """Listen to nothing."""
