"""Choices on training and mining: which is stricter, and where an edit opens what a file closed."""

from __future__ import annotations

from collections.abc import Iterable

CHOICES = ("allowed", "constrained", "notAllowed")
"""From the widest to the strictest."""

Choice = tuple[str, str, str]
"""A use, the choice, and the terms of one that is constrained."""


def stricter(one: Choice, other: Choice) -> bool:
    """Whether a choice leaves less open than another for the same use."""
    return CHOICES.index(one[1]) > CHOICES.index(other[1])


def widened(stated: Iterable[Choice], given: Iterable[Choice]) -> tuple[Choice, ...]:
    """The choices of a file that an export's leave more open, or say nothing of.

    Terms other than the file's count as wider: nobody here can compare them.
    """
    by_use = {choice[0]: choice for choice in given}
    found = []
    for choice in stated:
        if choice[1] == CHOICES[0]:
            continue
        kept = by_use.get(choice[0])
        other_terms = kept is not None and kept[1] == choice[1] and kept[2] != choice[2]
        if kept is None or stricter(choice, kept) or other_terms:
            found.append(choice)
    return tuple(found)
