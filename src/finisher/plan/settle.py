"""A timeline with its loops settled: where a seam was to be found, the one that was."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise

from finisher.event import Event, Item, Seam
from finisher.facts import LoopFacts
from finisher.problems import DocumentError, Problem
from finisher.timecode import Rate, Span
from finisher.timeline import Timeline


def settled(timeline: Timeline, loops: Mapping[str, LoopFacts]) -> Timeline:
    """The timeline with every `auto` seam as measured: the range, and a cut or a blend.

    Raises:
        DocumentError: where no loop was found, or an event is now too short for a transition, or
            for the sound that another is to be heard by over it.
    """
    if not any(_auto(item) for item in timeline.items):
        return timeline
    problems = [
        Problem(
            "loop-too-short",
            f"event {item.id!r}: there is no room for a loop in its {len(item.source)} frames",
            item.where,
            hint="a longer range, or another seam",
        )
        for item in timeline.items
        if isinstance(item, Event) and _auto(item) and item.id not in loops
    ]
    if problems:
        raise DocumentError(problems)
    items = tuple(_settled(item, loops) for item in timeline.items)
    crowded = [
        problem for before, item in pairwise([None, *items]) for problem in _crowded(before, item)
    ]
    for before, item in pairwise(items):
        crowded += _overreaching(before, item, timeline.rate)
    if crowded:
        raise DocumentError(crowded)
    return replace(timeline, items=items)


def _auto(item: Item) -> bool:
    return isinstance(item, Event) and item.loop is not None and item.loop.seam is Seam.AUTO


def _settled(item: Item, loops: Mapping[str, LoopFacts]) -> Item:
    """An item with its seam as found."""
    if not isinstance(item, Event) or item.loop is None or item.loop.seam is not Seam.AUTO:
        return item
    found = loops[item.id]
    seam = Seam.BLEND if found.frames else Seam.CUT
    loop = replace(item.loop, seam=seam, frames=found.frames)
    return replace(item, source=Span(found.start, found.end), loop=loop)


def _crowded(before: Item | None, item: Item | None) -> list[Problem]:
    """A transition that no longer fits between two items: what is found may be shorter."""
    transition = item.transition if isinstance(item, Event) else None
    if item is None or transition is None:
        return []
    short = transition.after > item.length
    short |= before is not None and transition.before > before.length
    if not short:
        return []
    lengths = f"{before.length if before is not None else 0} and {item.length} frames"
    message = f"its {transition.frames}-frame {transition.kind} does not fit between {lengths}"
    hint = "the loop that was found is shorter than its range"
    return [Problem("transition-too-long", message, transition.where, hint)]


def _overreaching(before: Item, item: Item, rate: Rate) -> Iterator[Problem]:
    """J- and L-cuts that reach beyond the item next to theirs."""
    cuts = (
        ("J-cut", item, item.j_cut if isinstance(item, Event) else 0, before),
        ("L-cut", before, before.l_cut if isinstance(before, Event) else 0, item),
    )
    for what, event, reach, over in cuts:
        room = rate.samples(over.length)
        # An item begins on the sample nearest to its frame: it may hold one more than its length.
        if reach > room + 1:
            message = f"its {what} of {reach} samples reaches beyond the {room} next to it"
            hint = "the loop that was found is shorter than its range"
            yield Problem("split-too-long", message, event.where, hint)
