"""What a claim says of the watermarks of its sources: those that were found in them, no others."""

from __future__ import annotations

from finisher.plan.model import Plan
from finisher.promises import Promises

_MOST = 8
"""Marks of a file that are named; of more, their number is told."""


def carrying(plan: Plan, promises: Promises) -> dict[str, str]:
    """Words on each file that was found to carry watermarks, by the file's SHA-256.

    It is said of the source alone. That the export still carries them is what the audit proves,
    against the promises.
    """
    takes = {event.id: event.take for event in plan.events}
    contents = {take.id: take.sha256 for take in plan.takes}
    found: dict[str, dict[str, None]] = {}

    def note(event: str, words: str) -> None:
        sha256 = contents.get(takes.get(event, ""))
        if sha256 is not None:
            found.setdefault(sha256, {})[words] = None

    for mark in promises.marks:
        if mark.verified:
            note(mark.event, f"the visible mark {mark.mark!r}")
    for hidden in promises.hidden:
        if hidden.found:
            note(hidden.event, f"the hidden mark {hidden.mark!r} ({hidden.detector})")
    return {sha256: _told(tuple(words)) for sha256, words in found.items()}


def _told(words: tuple[str, ...]) -> str:
    """One sentence."""
    if len(words) > _MOST:
        return f"found in it before the edit: {len(words)} watermarks"
    return f"found in it before the edit: {', '.join(words)}"
