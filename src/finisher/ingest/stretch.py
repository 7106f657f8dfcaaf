"""Sounds of takes and layers at other speeds, their pitch kept: one for each and its speed."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path

from finisher.canonical import digest
from finisher.event import Event, NativeSound
from finisher.facts import Facts
from finisher.ffmpeg import program
from finisher.ffmpeg.sounds import stretch
from finisher.plan.layer_sound import speed_of
from finisher.plan.sources import sound_of, stretched, stretches_to
from finisher.retime import stretchable
from finisher.store import Store
from finisher.timeline import Timeline

_REVISION = 2
"""Raised when the same sound would be stretched differently by this code."""
_SAMPLE = 4
"""Bytes of one channel's sample."""


def stretches(
    timeline: Timeline, facts: Facts, sounds: Mapping[str, Path], store: Store
) -> dict[str, Path]:
    """Where each stretched sound lies, by the name the plan gives it.

    Each is exactly as long as its sound divided by its speed, to the nearest sample.

    Args:
        timeline: the edit, its loops settled.
        facts: sounds of takes and layers as measured.
        sounds: conformed files by `take:<id>` or `layer:<id>`.
        store: where results are kept.

    Raises:
        MediaError: when a sound can't be stretched.
        MachineError: when there is no ffmpeg, or no room.
    """
    made: dict[str, Path] = {}
    for name, speed in _asked(timeline, facts):
        sound, source = sound_of(name, facts), sounds.get(name)
        if sound is None or source is None:
            continue
        channels = len(sound.layout.channels)
        wanted = stretches_to(sound.samples, speed) * channels * _SAMPLE
        key = digest([source.name, str(speed), program.version(), _REVISION])

        def write(
            destination: Path,
            source: Path = source,
            speed: Fraction = speed,
            channels: int = channels,
            wanted: int = wanted,
        ) -> None:
            stretch(source, destination, speed, channels)
            os.truncate(destination, wanted)

        made[stretched(name, speed)] = store.make("sounds", key, ".f32", write)
    return made


def _asked(timeline: Timeline, facts: Facts) -> Iterator[tuple[str, Fraction]]:
    """Sounds that the edit wants at another speed; how far that may be is not asked here."""
    for item in timeline.items:
        if isinstance(item, Event) and item.sound.native is NativeSound.STRETCH and item.retimed:
            yield f"take:{item.take}", item.speed
    programme = timeline.rate.samples(timeline.length)
    for layer in timeline.layers:
        speed = speed_of(layer, facts.layers[layer.id].sound.samples, programme)
        if speed != 1 and stretchable(speed):
            yield f"layer:{layer.id}", speed
