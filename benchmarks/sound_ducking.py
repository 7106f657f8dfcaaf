"""How deep music goes down under lines of three levels, at every onset and through every line.

Voices made by formula speak lines at random instants over a room's noise; regions of speech are
found in the recording, music that is a plain tone is ducked under them, and its level is read in
the mix where each line really begins, and throughout it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.sounding import SECOND, event, layer_facts, planned
from tests.voices import Voice, line, speak

from finisher.sound.mix import mix
from finisher.sound.speech import regions
from finisher.timecode import Span
from finisher.timeline import Duck, Layer, Role

_ROOM = 10 ** (-66 / 20)
_AUDIBLE = 10 ** (-40 / 20)
"""Of a line's largest sample: where it begins and ends, for who listens."""
_WINDOW = 480


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--lines", type=int, default=40)
    words.add_argument("--seed", type=int, default=2026)
    words.add_argument("--depth", type=float, default=-12.0)
    asked = words.parse_args()
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        for level in (0, -10, -20):
            chance = np.random.default_rng(asked.seed)
            voice, spoken = _recording(chance, asked.lines, level)
            off = _off(voice, spoken, asked.depth, Path(folder))
            onset, within = off[:, 0].max(), off[:, 1].max()
            failed |= onset > 0.3
            print(
                f"dialogue {level:+} dB: {len(spoken)} onsets, worst {onset:.3f} dB from "
                f"{asked.depth:g} dB at an onset, {within:.3f} dB within a line"
            )
    return int(failed)


def _recording(
    chance: np.random.Generator, lines: int, level: float
) -> tuple[NDArray[np.float64], list[Span]]:
    """Lines at a level in dB over room noise, and where each of them is heard."""
    parts, spoken, at = [], [], 0
    for number in range(lines):
        pause = np.zeros(int(chance.uniform(0.2, 3.0) * SECOND))
        voice = Voice(pitch=float(chance.uniform(90, 240)), seed=number)
        said = speak(line(chance, int(chance.integers(3, 14))), voice) * 10 ** (level / 20)
        audible = np.flatnonzero(np.abs(said) > _AUDIBLE * np.abs(said).max())
        parts += [pause, said]
        first = at + len(pause)
        spoken.append(Span(first + int(audible[0]), first + int(audible[-1]) + 1))
        at = first + len(said)
    whole = np.concatenate(parts)
    return whole + chance.normal(0, _ROOM, len(whole)), spoken


def _off(
    voice: NDArray[np.float64], spoken: list[Span], depth: float, folder: Path
) -> NDArray[np.float64]:
    """How far the music is from its depth, in dB, at each line's onset and at most within it."""
    path, tone = folder / "voice", folder / "tone"
    np.repeat(voice[:, None], 2, axis=1).astype(np.float32).tofile(path)
    wave = 0.1 * np.sin(2 * np.pi * 1000 * np.arange(len(voice)) / SECOND)
    np.repeat(wave[:, None], 2, axis=1).astype(np.float32).tofile(tone)
    frames = len(voice) * 24 // SECOND
    plan, _ = planned(
        event("e", "a", 0, frames),
        layers=(
            Layer("line", "l", Role.DIALOGUE),
            Layer("bed", "b", Role.MUSIC, duck=Duck((Role.DIALOGUE,), depth)),
        ),
        files={
            "line": layer_facts(len(voice), *regions(path)),
            "bed": layer_facts(len(voice)),
        },
        takes={"a": None},
    )
    music = replace(plan, tracks=tuple(t for t in plan.tracks if t.id == "bed"))
    mixed = np.concatenate(list(mix(music, {"layer:bed": tone})))[:, 0].astype(float)
    # Ten whole periods tell the level of a 1 kHz tone.
    power = np.convolve(np.square(mixed), np.full(_WINDOW, 1 / _WINDOW), mode="same")
    levels = 10 * np.log10(np.maximum(power, 1e-20) / (0.1**2 / 2)) - depth
    inside = [
        Span(max(_WINDOW, one.start), min(one.end, len(mixed) - _WINDOW))
        for one in spoken
        if one.start < len(mixed) - 2 * _WINDOW
    ]
    return np.array(
        [(abs(levels[one.start]), np.abs(levels[one.start : one.end]).max()) for one in inside]
    )


if __name__ == "__main__":
    sys.exit(main())
