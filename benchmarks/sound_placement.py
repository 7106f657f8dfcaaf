"""Random clips of impulses through the real mix: how far is each from where fractions say?

Half of the clips are events, some with J- and L-cuts or gaps between them, half are layers at any
sample. Every sound is silence with impulses at random samples; where exact fractions put each of
them is compared with where the mix has any.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.sounding import Placing, planned, random_clips

from finisher.sound.mix import mix
from finisher.timecode import Rate

_SAMPLES = 480_000
_SPACING = 500
"""Samples from one impulse to the next, on average."""


def main() -> int:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--clips", type=int, default=1000, help="at each rate")
    words.add_argument("--seed", type=int, default=2026)
    rates = ["24", "25", "30", "60", "24000/1001", "30000/1001", "60000/1001", "12", "1000/33"]
    words.add_argument("--rates", nargs="+", default=rates)
    asked = words.parse_args()
    worst = 0
    with tempfile.TemporaryDirectory() as folder:
        for rate in asked.rates:
            impulses, error = _measured(Rate.parse(rate), asked.clips, asked.seed, Path(folder))
            print(
                f"{rate:>10} fps: {asked.clips} clips, {impulses} impulses, worst {error} samples"
            )
            worst = max(worst, error)
    print(f"worst placement error: {worst} samples")
    return int(worst > 0)


def _measured(rate: Rate, count: int, seed: int, folder: Path) -> tuple[int, int]:
    """Impulses heard, and the farthest that one is from where it belongs."""
    clips = random_clips(rate, count, seed)
    plan, _ = planned(*clips.items, layers=clips.layers, files=clips.files, rate=rate)
    chance = np.random.default_rng(seed)
    marked = {name: _impulses(chance) for name in ("take:a", "take:b", "layer:")}
    paths = {name: folder / name.replace(":", "-") for name in marked}
    for name, places in marked.items():
        sound = np.zeros((_SAMPLES, 2), np.float32)
        sound[places] = 0.5
        sound.tofile(paths[name])
    sounds = {f"layer:{layer.id}": paths["layer:"] for layer in clips.layers}
    sounds |= {name: paths[name] for name in ("take:a", "take:b")}
    start, found = 0, []
    for block in mix(plan, sounds):
        found.append(start + np.flatnonzero(block[:, 0]))
        start += len(block)
    heard = np.concatenate(found)
    belongs = np.unique(np.concatenate([_heard(clip, marked) for clip in clips.expected]))
    return len(heard), max(_farthest(heard, belongs), _farthest(belongs, heard))


def _impulses(chance: np.random.Generator) -> NDArray[np.int64]:
    """Where the impulses of a sound are."""
    return np.unique(chance.integers(0, _SAMPLES, _SAMPLES // _SPACING))


def _heard(clip: Placing, marked: dict[str, NDArray[np.int64]]) -> NDArray[np.int64]:
    """Where the impulses of a clip are in the programme."""
    source, first, start, end = clip
    places = marked["layer:" if source.startswith("layer:") else source]
    inside = places[(places >= first) & (places < first + end - start)]
    return np.asarray(inside - first + start, np.int64)


def _farthest(these: NDArray[np.int64], those: NDArray[np.int64]) -> int:
    """The greatest distance from one of these to the nearest of those."""
    after = np.searchsorted(those, these).clip(1, len(those) - 1)
    apart = np.minimum(np.abs(those[after] - these), np.abs(those[after - 1] - these))
    return int(apart.max())


if __name__ == "__main__":
    sys.exit(main())
