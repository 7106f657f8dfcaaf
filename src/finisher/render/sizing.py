"""The one crf at which a programme's pictures come to a size, foretold from samples."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

from finisher.canonical import digest, from_json, to_json
from finisher.media.reference import picture_bytes
from finisher.render.kitchen import Whereabouts
from finisher.render.samples import trial
from finisher.render.unit import UnitJob
from finisher.store import Store

KIND = "sizes"
LOWEST, HIGHEST = 80, 510
"""The crfs there are, in tenths; below the lowest, files grow and nobody sees it."""
_TRIED = (160, 220, 290, 360)
"""Crfs, in tenths, that samples are encoded at; the log of the size is nearly straight between."""
_REVISION = 1
"""Raised when the same unit would be foretold otherwise."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Bytes that a unit's pictures are foretold to take, by crf in tenths."""

    bytes: tuple[tuple[int, float], ...]

    def at(self, tenths: int) -> float:
        """Bytes at any crf: a line through the logs of those on either side."""
        pairs = list(pairwise(self.bytes))
        inside = (p for p in pairs if tenths <= p[1][0])
        (low, more), (high, less) = next(inside, pairs[-1])
        share = (tenths - low) / (high - low)
        return float(math.exp(math.log(more) + share * (math.log(less) - math.log(more))))


def known(job: UnitJob, store: Store) -> Sizes | None:
    """What was foretold of a unit before."""
    try:
        return from_json(Sizes, store.read(KIND, _key(job)))
    except (TypeError, ValueError, KeyError):
        return None


def foretell(job: UnitJob, whereabouts: Whereabouts) -> Sizes:
    """Encode a unit's samples at some crfs, and foretell the whole unit's sizes.

    Raises:
        RenderError: when the encoder fails.
        MediaError: when a source picture can't be read.
    """
    found: list[Sizes] = []

    def write(destination: Path) -> None:
        samples = trial(job, whereabouts)
        share = len(job.pictures) / len(samples.pictures)
        with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".sizes-") as folder:
            encoded = Path(folder) / "samples.mov"
            sizes = []
            for tenths in _TRIED:
                samples.encode(tenths, encoded)
                sizes.append((tenths, share * picture_bytes(encoded)))
        found.append(Sizes(tuple(sizes)))
        destination.write_text(json.dumps(to_json(found[0])), encoding="utf-8")

    Store(whereabouts.store).put(KIND, _key(job), ".json", write)
    return found[0]


def _key(job: UnitJob) -> str:
    """The key of a foretelling: the unit, whatever size its file is to have, and this code."""
    return digest([replace(job, video=replace(job.video, file_bytes=None)).key, _REVISION])


def total(sizes: Sequence[Sizes], tenths: int) -> float:
    """Bytes of all units at one crf."""
    return math.fsum(one.at(tenths) for one in sizes)


def fitting(sizes: Sequence[Sizes], scale: float, budget: float) -> int:
    """The lowest crf, in tenths, at which all units fit a budget of bytes, or the highest there is.

    `scale` is how much larger they came out than foretold, where some were rendered already.
    """
    low, high = LOWEST, HIGHEST
    while low < high:
        middle = (low + high) // 2
        if scale * total(sizes, middle) <= budget:
            high = middle
        else:
            low = middle + 1
    return low


def next_crf(sizes: Sequence[Sizes], made: Mapping[int, int], budget: float) -> int:
    """The crf to try after those that were rendered, by the bytes their pictures took.

    It lies between the lowest that fits and the highest that does not, where both were rendered.
    """
    if not made:
        return fitting(sizes, 1.0, budget)
    nearest = min(made, key=lambda tenths: abs(made[tenths] - budget))
    at = fitting(sizes, made[nearest] / total(sizes, nearest), budget)
    too_large = max((t for t, size in made.items() if size > budget), default=LOWEST - 1)
    fits = min((t for t, size in made.items() if size <= budget), default=HIGHEST + 1)
    return min(max(at, too_large + 1), max(fits - 1, too_large + 1))
