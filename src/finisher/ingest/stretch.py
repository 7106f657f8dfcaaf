"""Sounds of takes at other speeds, their pitch kept: made once for each take and speed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from finisher import ffmpeg
from finisher.canonical import digest
from finisher.event import Event, NativeSound
from finisher.facts import TakeFacts
from finisher.plan.native_sound import stretched
from finisher.store import Store
from finisher.timeline import Timeline

_REVISION = 1
"""Raised when the same sound would be stretched differently by this code."""
_FRAME = 8
"""Bytes of a stereo sample."""


def stretches(
    timeline: Timeline, takes: Mapping[str, TakeFacts], sounds: Mapping[str, Path], store: Store
) -> dict[str, Path]:
    """Where each stretched sound lies, by the name the plan gives it.

    Raises:
        MediaError: when a sound can't be stretched.
        MachineError: when there is no ffmpeg, or no room.
    """
    made: dict[str, Path] = {}
    for item in timeline.items:
        if not isinstance(item, Event) or item.sound.native is not NativeSound.STRETCH:
            continue
        sound = takes[item.take].sound
        if sound is None or not item.retimed:
            continue
        source = sounds[f"take:{item.take}"]
        wanted = round(sound.samples / item.speed)
        key = digest([source.name, str(item.speed), ffmpeg.version(), _REVISION])

        def write(
            destination: Path, source: Path = source, event: Event = item, wanted: int = wanted
        ) -> None:
            ffmpeg.stretch(source, destination, event.speed)
            # The filter ends where its windows do: a few samples of silence, or a few too many.
            os.truncate(destination, wanted * _FRAME)

        made[stretched(item.take, item.speed)] = store.make("sounds", key, ".f32", write)
    return made
