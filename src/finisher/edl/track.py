"""Laws of the picture track: names are unique, transitions have room between their neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from finisher.edl.draft import Draft
from finisher.edl.events import Placed
from finisher.edl.fields import MAX_FRAMES
from finisher.event import Event, Item, Transition


def check(draft: Draft, placed: Sequence[Placed]) -> None:
    """Report what is wrong between the items of the track."""
    if not placed and not draft.names.events:
        draft.wrong("no-events", "/events", "there are no events")
    _check_ids(draft, placed)
    total = sum(entry.item.length for entry in placed if entry.item is not None)
    if total > MAX_FRAMES:
        message = f"the programme would be {total} frames long; the limit is {MAX_FRAMES}"
        draft.wrong("too-long", "/events", message)
    for before, entry in pairwise([None, *placed]):
        if entry is not None and entry.item is not None:
            _check_room(draft, None if before is None else before.item, entry)
    for entry, following in pairwise(placed):
        if entry.item is not None and following.item is not None:
            _check_apart(draft, entry.item, following)


def _check_ids(draft: Draft, placed: Sequence[Placed]) -> None:
    """Names of events are theirs alone."""
    seen: dict[str, str] = {}
    for entry in placed:
        name = entry.name
        if name is None:
            continue
        if name in seen:
            draft.duplicate(entry.pointer, "event", name, seen[name])
        seen.setdefault(name, entry.pointer)


def _transition(item: Item | None) -> Transition | None:
    """The transition into an item, gaps having none."""
    return item.transition if isinstance(item, Event) else None


def _check_room(draft: Draft, before: Item | None, entry: Placed) -> None:
    """A transition lies within the two items it joins."""
    transition, item = _transition(entry.item), entry.item
    if transition is None or item is None:
        return
    pointer = f"{entry.pointer}/transition"
    if transition.after > item.length:
        message = (
            f"{transition.after} of the transition's {transition.frames} frames lie after the cut, "
            f"but the event has only {item.length}"
        )
        draft.wrong("transition-too-long", pointer, message)
    if before is not None and transition.before > before.length:
        message = (
            f"{transition.before} of the transition's {transition.frames} frames lie before the "
            f"cut, but what comes before has only {before.length}"
        )
        draft.wrong("transition-too-long", pointer, message)


def _check_apart(draft: Draft, item: Item, following: Placed) -> None:
    """Between two transitions an event shows alone, for one frame at least."""
    first, second = _transition(item), _transition(following.item)
    if first is None or second is None or not isinstance(item, Event):
        return
    if first.after + second.before >= item.length:
        message = (
            f'the transitions into and out of "{item.id}" touch: {first.after} frames after its '
            f"start and {second.before} before its end, of {item.length}"
        )
        hint = f"together they may take {item.length - 1}"
        draft.wrong("transitions-touch", f"{following.pointer}/transition", message, hint)
