"""The sound of a plan: mixed, mastered and encoded once, kept in the store."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from finisher.canonical import digest, from_json, to_json
from finisher.media.encode_sound import priming
from finisher.media.versions import libraries
from finisher.plan.model import Plan, SoundPlan
from finisher.presets.model import Audio
from finisher.progress import Finished, Listener, Started
from finisher.sound.master import Mastered, master
from finisher.store import Store

STAGE = "sound"
_REVISION = 1
"""Raised when the same mix would come out differently by this code."""


@dataclass(frozen=True, slots=True)
class RenderedSound:
    """The programme's encoded sound, what it measures, and whether it was there already."""

    mastered: Mastered
    key: str
    remembered: bool


def key_of(plan: Plan, sounds: Mapping[str, Path]) -> str | None:
    """Key of a plan's encoded sound; conformed sounds are named by their content."""
    if plan.sound is None or plan.preset.audio is None:
        return None
    used = {piece.source for track in plan.sound.tracks for piece in track.pieces}
    contents = {name: sounds[name].name for name in sorted(used) if name in sounds}
    skip = _skip(plan, plan.preset.audio)
    return digest([plan.sound, plan.preset.audio, skip, contents, libraries(), _REVISION])


def render(
    plan: Plan, sounds: Mapping[str, Path], store: Store, listen: Listener
) -> RenderedSound | None:
    """The plan's sound, None where its preset delivers none.

    Raises:
        RenderError: when a sound is missing or the encoder fails.
    """
    key = key_of(plan, sounds)
    if key is None or plan.sound is None or plan.preset.audio is None:
        return None
    listen(Started(STAGE))
    known = _recalled(store, key)
    if known is None:
        bench = _Bench(sounds, plan.preset.audio, _skip(plan, plan.preset.audio), store)
        rendered = RenderedSound(bench.master(plan.sound, key), key, remembered=False)
    else:
        rendered = RenderedSound(known, key, remembered=True)
    listen(Finished(STAGE, _words(rendered)))
    return rendered


def _skip(plan: Plan, spec: Audio) -> int:
    """Samples the encoder is not fed, so that its priming stands where they would."""
    return 0 if plan.preset.container.edit_list else priming(spec.codec)


def _recalled(store: Store, key: str) -> Mastered | None:
    """The sound as it was mastered before."""
    path, value = store.get("sound", key, ".nut"), store.read("sound", key)
    if path is None or value is None:
        return None
    try:
        return replace(from_json(Mastered, value), path=path)
    except (TypeError, ValueError, KeyError):
        return None


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a mix is mastered with."""

    sounds: Mapping[str, Path]
    spec: Audio
    skip: int
    store: Store

    def master(self, sound: SoundPlan, key: str) -> Mastered:
        """Master into the store."""
        found: list[Mastered] = []

        def write(destination: Path) -> None:
            with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".mix-") as folder:
                done = master(sound, self.sounds, self.spec, self.skip, Path(folder))
                done.path.replace(destination)
                found.append(done)

        path = self.store.put("sound", key, ".nut", write)
        mastered = replace(found[0], path=path)
        self.store.write("sound", key, to_json(replace(mastered, path=Path(path.name))))
        return mastered


def _words(sound: RenderedSound) -> str:
    """What came of it, in a few words."""
    if sound.remembered:
        return "known"
    level, peak = sound.mastered.integrated_lufs, sound.mastered.true_peak_dbtp
    if level is None or peak is None:
        return "silent"
    return f"{level:.2f} LUFS, {peak:.2f} dBTP in {sound.mastered.passes} passes"
