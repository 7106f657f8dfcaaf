"""What conformed sounds are called in a plan, at their own speed and stretched; how they pan."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

from finisher.channels import Layout, centre, pan
from finisher.facts import Facts
from finisher.hearing import SoundFacts
from finisher.plan.model import SoundPan, SoundTrack
from finisher.timeline import Role

SPOKEN = (Role.DIALOGUE, Role.NARRATION)
"""Roles in which somebody speaks."""


def stretched(source: str, speed: Fraction) -> str:
    """What `take:<id>` or `layer:<id>` is called where it plays at a speed other than its own."""
    return f"{source}@{speed}" if speed != 1 else source


def unstretched(source: str) -> str:
    """`take:<id>` or `layer:<id>`, whatever its speed; the inverse of `stretched`.

    Names of takes and layers hold no slash, and the speed of a stretched sound always does.
    """
    return source.rpartition("@")[0] if "/" in source else source


def stretches_to(sample: int, speed: Fraction) -> int:
    """Where a sample of a sound lies in it stretched: the nearest, halves up."""
    return sample if speed == 1 else math.floor(sample / speed + Fraction(1, 2))


def sound_of(source: str, facts: Facts) -> SoundFacts | None:
    """What was measured of the sound that is called so, stretched or not."""
    kind, _, name = unstretched(source).partition(":")
    return facts.takes[name].sound if kind == "take" else facts.layers[name].sound


def pans(tracks: Iterable[SoundTrack], facts: Facts, layout: Layout) -> tuple[SoundPan, ...]:
    """How each sound comes into the programme that is laid out otherwise, or belongs in its centre.

    Speech of one channel is in both sides of its file; in a programme that has a centre it goes
    there.
    """
    found: dict[str, SoundPan] = {}
    for track in tracks:
        for source in {piece.source: None for piece in track.pieces}:
            sound = sound_of(source, facts)
            if sound is None or sound.layout is layout:
                continue
            alone = sound.channels == 1 and track.role in SPOKEN
            gains = centre() if alone and layout is Layout.SURROUND else pan(sound.layout, layout)
            found.setdefault(source, SoundPan(source, sound.layout, gains))
    return tuple(found[source] for source in sorted(found))
