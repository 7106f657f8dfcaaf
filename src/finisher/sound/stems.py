"""Stems: the programme apart by role, each under the master's own gain, so that they sum to it."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from finisher.plan.model import SoundPlan
from finisher.presets.model import StemFormat
from finisher.sound.limiter import gains
from finisher.sound.mix import Parts, mix_apart, summed
from finisher.sound.wav import encoded, header
from finisher.timecode import Span
from finisher.timeline import Role

NATIVE = "native"
MUSIC_AND_EFFECTS = "music-and-effects"
MIX = "mix"

DISJOINT = ("dialogue", "music", "effects", "ambience", NATIVE)
"""Stems that sum to the mix; each sound is in one of them."""

_DUBBED = ("music", "effects", "ambience")
"""What another language keeps."""

Stems = Mapping[str, NDArray[np.float64]]
"""A block by stem, (n, channels) each; what is silent is absent."""


@dataclass(frozen=True, slots=True)
class Stem:
    """A stem that was written."""

    name: str
    path: Path
    clipped: int = 0
    """Values cut off at full scale, which only happens at 24 bit."""


@dataclass(frozen=True, slots=True)
class Level:
    """The gain that a programme was mastered with."""

    gain_db: float
    curve: NDArray[np.float32] | None
    """The limiter's reduction, see `limiter.reduction`; None for none."""

    def gains(self, span: Span) -> NDArray[np.float64]:
        """Gain over a span of samples: a row for each, or one for all."""
        if self.curve is None:
            return np.full((1, 1), 10.0 ** (self.gain_db / 20.0))
        return gains(self.curve, self.gain_db, span)


def stem_of(role: Role | None) -> str:
    """The one of `DISJOINT` that a role belongs to."""
    if role is None:
        return NATIVE
    return "dialogue" if role is Role.NARRATION else role.value


def stem_names(sound: SoundPlan) -> tuple[str, ...]:
    """The stems there are of a programme: those that hold anything, their sums, the mix last."""
    held = {stem_of(track.role) for track in sound.tracks if track.pieces}
    names = [name for name in DISJOINT if name in held]
    if held & set(_DUBBED):
        names.append(MUSIC_AND_EFFECTS)
    return (*names, MIX)


def apart(parts: Parts) -> Stems:
    """A block by stem instead of role."""
    stems: dict[str, NDArray[np.float64]] = {}
    for role, part in parts.items():
        name = stem_of(role)
        stems[name] = stems[name] + part if name in stems else part
    return stems


def write_stems(
    plan: SoundPlan, sounds: Mapping[str, Path], level: Level, kind: StemFormat, folder: Path
) -> tuple[Stem, ...]:
    """Write a WAV file for each stem into a folder, all as long as the programme and in place.

    Raises:
        RenderError: if a sound the plan places is missing.
    """
    names, layout = stem_names(plan), plan.layout
    with ExitStack() as stack:
        files = [_Writer(stack.enter_context((folder / f"{n}.wav").open("wb"))) for n in names]
        for file in files:
            file.out.write(header(plan.samples, layout, kind))
        for span, parts in mix_apart(plan, sounds):
            stems = _with_sums(apart(parts), len(span), len(layout.channels))
            factors, silence = level.gains(span), summed([], len(span), len(layout.channels))
            for name, file in zip(names, files, strict=True):
                file.add(stems.get(name, silence) * factors, kind)
    return tuple(
        Stem(name, folder / f"{name}.wav", file.clipped)
        for name, file in zip(names, files, strict=True)
    )


@dataclass(slots=True)
class _Writer:
    """A stem's file while it is written."""

    out: BinaryIO
    clipped: int = 0

    def add(self, block: NDArray[np.float64], kind: StemFormat) -> None:
        """Append samples."""
        data, over = encoded(block, kind)
        self.out.write(data)
        self.clipped += over


def _with_sums(stems: Stems, samples: int, channels: int) -> Stems:
    """Disjoint stems and those that are made of them."""
    kept = [part for name, part in stems.items() if name in _DUBBED]
    return {
        **stems,
        MUSIC_AND_EFFECTS: summed(kept, samples, channels),
        MIX: summed(list(stems.values()), samples, channels),
    }
