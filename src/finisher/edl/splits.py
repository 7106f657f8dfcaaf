"""Laws of sound that leaves its picture: J- and L-cuts have room, replaced sound a replacement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finisher.edl.draft import Draft
from finisher.edl.events import Placed
from finisher.event import Event, NativeSound, Seam


@dataclass(frozen=True, slots=True)
class _Side:
    """One end of an event: the key that lets sound cross it, and what lies beyond it."""

    key: str
    samples: int
    """How far its sound is to reach."""
    beyond: Placed | None
    """The item there; None at the programme's beginning and end."""
    soft: bool
    """Whether a transition lies there."""


def check(draft: Draft, placed: Sequence[Placed]) -> None:
    """Report J- and L-cuts that can't be, and events whose sound is to be replaced by nothing."""
    replaced = {name for layer in draft.document.audio for name in layer.replaces}
    neighbours = zip((None, *placed), placed, (*placed[1:], None), strict=False)
    for before, entry, after in neighbours:
        event = entry.item
        if not isinstance(event, Event):
            continue
        _check_replaced(draft, entry, event, replaced)
        following = after.item if after is not None else None
        into = isinstance(following, Event) and following.transition is not None
        sides = (
            _Side("j_cut", event.j_cut, before, soft=event.transition is not None),
            _Side("l_cut", event.l_cut, after, soft=into),
        )
        for side in sides:
            if side.samples:
                _check_side(draft, entry, side, _unheard(event, replaced, side.key))


def _check_replaced(draft: Draft, entry: Placed, event: Event, replaced: set[str]) -> None:
    """Sound that is replaced has a layer in its place."""
    if event.sound.native is not NativeSound.REPLACE or event.id in replaced:
        return
    if any(pointer.startswith("/audio") for pointer in draft.damaged):
        return  # the layer may be the one that could not be read
    message = f'no sound layer "replaces" the event "{event.id}"'
    hint = f'"replaces": ["{event.id}"] on a layer, or "mute"'
    draft.wrong("replace-alone", f"{entry.pointer}/sound", message, hint)


def _check_side(draft: Draft, entry: Placed, side: _Side, unheard: str) -> None:
    """A J- or L-cut lies in what is beyond it, at a cut, and there is sound to be heard."""
    pointer = f"{entry.pointer}/{side.key}"
    if unheard:
        message = f"there is nothing to be heard across the cut: {unheard}"
        draft.wrong("split-silent", pointer, message)
        return
    if side.soft:
        message = "across a transition sound crosses with the picture"
        draft.wrong("split-transition", pointer, message, "leave out one of the two")
        return
    if side.beyond is None:
        where = "before the programme" if side.key == "j_cut" else "after the programme"
        draft.wrong("split-too-long", pointer, f"there is nothing {where} to be heard over")
        return
    item = side.beyond.item
    # An item begins on the sample nearest to its frame: it may hold one more than its length.
    room = draft.rate.samples(item.length) + 1 if item is not None else side.samples
    if side.samples > room:
        message = (
            f"{side.samples} samples reach beyond what lies "
            f"{'before' if side.key == 'j_cut' else 'after'} the cut, which has {room - 1}"
        )
        draft.wrong("split-too-long", pointer, message)


def _unheard(event: Event, replaced: set[str], key: str) -> str:
    """Why nothing of an event's own sound can cross its cut, in words; empty where it can."""
    native = event.sound.native
    if event.id in replaced or native is NativeSound.REPLACE:
        return "the event's own sound is replaced"
    if native is NativeSound.MUTE:
        return "the event is silent"
    if event.retimed and native is not NativeSound.STRETCH:
        return "the event is silent, for it does not play at its take's speed"
    if key == "j_cut":
        return ""
    if event.extend is not None:
        return "the frames it is extended by are silent"
    if event.loop is not None and event.loop.seam is Seam.PINGPONG and event.single > 2:
        return "its last pass may go backwards"
    return ""
