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
from finisher.sound.stems import Stem
from finisher.store import Store

STAGE = "sound"
_REVISION = 3
"""Raised when the same mix would come out differently by this code."""


@dataclass(frozen=True, slots=True)
class RenderedSound:
    """The programme's encoded sound, what it measures, and whether it was there already."""

    mastered: Mastered
    key: str
    remembered: bool

    @property
    def stems(self) -> dict[str, Path]:
        """Files of the programme's parts by name, where its preset asks for them."""
        return {stem.name: stem.path for stem in self.mastered.stems}


def key_of(plan: Plan, sounds: Mapping[str, Path]) -> str | None:
    """Key of a plan's encoded sound; conformed sounds are named by their content."""
    if plan.sound is None or plan.preset.audio is None:
        return None
    used = {piece.source for track in plan.sound.tracks for piece in track.pieces}
    contents = {name: sounds[name].name for name in sorted(used) if name in sounds}
    skip = skip_of(plan)
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
        bench = _Bench(sounds, plan.preset.audio, skip_of(plan), store)
        rendered = RenderedSound(bench.master(plan.sound, key), key, remembered=False)
    else:
        rendered = RenderedSound(known, key, remembered=True)
    listen(Finished(STAGE, _words(rendered)))
    return rendered


def skip_of(plan: Plan) -> int:
    """Samples the encoder is not fed, so that its priming stands where they would."""
    spec = plan.preset.audio
    return 0 if spec is None or plan.preset.container.edit_list else priming(spec.codec)


def _recalled(store: Store, key: str) -> Mastered | None:
    """The sound as it was mastered before, with all its stems."""
    path, value = store.get("sound", key, ".nut"), store.read("sound", key)
    if path is None or value is None:
        return None
    try:
        mastered = from_json(Mastered, value)
    except (TypeError, ValueError, KeyError):
        return None
    stems = []
    for stem in mastered.stems:
        stored = store.get("sound", key, f".{stem.name}.wav")
        if stored is None:
            return None
        stems.append(replace(stem, path=stored))
    return replace(mastered, path=path, stems=tuple(stems))


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
                found.append(replace(done, stems=tuple(self._kept(x, key) for x in done.stems)))

        path = self.store.put("sound", key, ".nut", write)
        mastered = replace(found[0], path=path)
        named = tuple(replace(stem, path=Path(stem.path.name)) for stem in mastered.stems)
        value = replace(mastered, path=Path(path.name), stems=named)
        self.store.write("sound", key, to_json(value))
        return mastered

    def _kept(self, stem: Stem, key: str) -> Stem:
        """A stem, moved to the store."""

        def write(destination: Path) -> None:
            stem.path.replace(destination)

        return replace(stem, path=self.store.put("sound", key, f".{stem.name}.wav", write))


def _words(sound: RenderedSound) -> str:
    """What came of it, in a few words."""
    if sound.remembered:
        return "known"
    level, peak = sound.mastered.integrated_lufs, sound.mastered.true_peak_dbtp
    if level is None or peak is None:
        return "silent"
    return f"{level:.2f} LUFS, {peak:.2f} dBTP in {sound.mastered.passes} passes"
