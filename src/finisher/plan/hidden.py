"""What becomes of hidden marks that lie in a take's own sound: where it is heard, and how."""

from __future__ import annotations

from itertools import pairwise

from finisher.event import Event, NativeSound, Seam
from finisher.timeline import Timeline


def unheard(timeline: Timeline, event: Event) -> str:
    """Why a mark in an event's own sound is gone, in words; empty where the sound is as it was.

    A code hidden in sound is read in step with it: stretched, it is as good as gone.
    """
    replaced = any(event.id in layer.replaces for layer in timeline.layers)
    native = event.sound.native
    if replaced or native is NativeSound.REPLACE:
        return "its own sound is replaced"
    if native is NativeSound.MUTE:
        return "its own sound is muted"
    if event.retimed and native is NativeSound.STRETCH:
        return "its own sound is stretched"
    return "it is retimed, and its own sound left out" if event.retimed else ""


def treated(timeline: Timeline, event: Event, *, crossfaded: bool) -> tuple[str, ...]:
    """What is done to an event's own sound that a mark in it may not survive, in words."""
    sound, loop = event.sound, event.loop
    told = (
        ("ducked", sound.native is NativeSound.DUCK),
        (f"set to {sound.gain_db:+g} dB", bool(sound.gain_db)),
        ("cut apart from its picture", bool(event.j_cut or event.l_cut)),
        ("looped", loop is not None),
        ("silent on its way back", loop is not None and loop.seam is Seam.PINGPONG),
        ("silent where it is extended", event.extend is not None),
        ("crossfaded", crossfaded),
        ("mixed with other sound", bool(timeline.layers)),
    )
    return tuple(words for words, done in told if done)


def crossfaded(timeline: Timeline) -> frozenset[str]:
    """Events with a transition at either of their ends."""
    return frozenset(
        one.id
        for before, item in pairwise((None, *timeline.items))
        if isinstance(item, Event) and item.transition is not None
        for one in (before, item)
        if isinstance(one, Event)
    )
