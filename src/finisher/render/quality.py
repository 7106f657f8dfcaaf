"""The crf at which a unit reaches a VMAF: found on samples, held to what the whole unit scores."""

from __future__ import annotations

import json
import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from finisher.canonical import digest, from_json, to_json
from finisher.ffmpeg import program, scores
from finisher.media.reference import write_reference
from finisher.render.kitchen import Whereabouts
from finisher.render.samples import at_crf, finished, trial
from finisher.render.unit import UnitJob, render_unit
from finisher.store import Store

KIND = "quality"
NEAR = 0.5
"""Points of VMAF within which a target counts as reached; viewers notice about six."""
LOWEST, HIGHEST = 80, 400
"""The crfs tried, in tenths. Below, files grow and no score does; above, skies and other soft
gradients fall into bands, which the score does not see."""
_REVISION = 1
"""Raised when the same target would be reached by another crf."""
_CLOSE = 0.25
"""Points around the target within which the search on samples ends: the whole unit decides."""
_BRACKET = 15
"""Tenths between two crfs on either side of the target that a straight line will do for."""
_TRIALS = 6
_CORRECTIONS = 3
_USUAL = (230, 95.0)
"""Where a search begins: near this crf, in tenths, drawn pictures at full size score this."""
_FALL = 0.07
"""Points that a score usually falls by with each tenth, until the search knows better."""
_LEAST_FALL = 0.03
"""What is taken for the fall where less was seen: scores level out near the top."""
_APART = 5
"""Tenths between two crfs from which on what lies between their scores is slope, not noise."""
_BEYOND, _FARTHEST = 4, 80
"""Tenths a search goes beyond where it expects the target, and at most beyond what it saw."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A unit's crf, in tenths, and the mean VMAF of all its frames as they were encoded."""

    tenths: int
    vmaf: float
    frames: int


def chosen(job: UnitJob, choice: Choice) -> UnitJob:
    """The unit with nothing left to be found."""
    return replace(job, video=at_crf(job.video, choice.tenths))


def known(job: UnitJob, store: Store) -> Choice | None:
    """What was chosen for a unit before, None where nothing was."""
    try:
        return from_json(Choice, store.read(KIND, _key(job)))
    except (TypeError, ValueError, KeyError):
        return None


def choose(job: UnitJob, whereabouts: Whereabouts) -> Choice:
    """Find the crf at which a unit reaches its target, and render it with that.

    The search is made on samples. Then the whole unit is rendered into the store and measured
    against its finished pictures, frame by frame; where it misses its target by more than `NEAR`,
    it is rendered again, corrected by as much.

    Raises:
        RenderError: when the encoder fails.
        MediaError: when a source picture can't be read.
        MachineError: when ffmpeg can't measure.
    """
    target, store = job.video.vmaf, Store(whereabouts.store)
    if target is None:
        raise ValueError("the unit asks for no VMAF")
    found: list[Choice] = []

    def write(destination: Path) -> None:
        with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".quality-") as folder:
            found.append(_Bench(job, whereabouts, Path(folder)).choice(target))
        destination.write_text(json.dumps(to_json(found[0])), encoding="utf-8")

    store.put(KIND, _key(job), ".json", write)
    return found[0]


def _key(job: UnitJob) -> str:
    """The key of a choice: the unit with its target, what measures it, and this code."""
    return digest([job.key, program.version(), _REVISION])


@dataclass(frozen=True, slots=True)
class _Bench:
    """Where one unit is tried and measured."""

    job: UnitJob
    whereabouts: Whereabouts
    folder: Path

    def choice(self, target: float) -> Choice:
        """The choice nearest the target, of those that were rendered."""
        curve = self._sampled()
        at = search(target, curve)
        reference = self.folder / "unit.nut"
        with finished(self.job, self.whereabouts, range(len(self.job.pictures))) as pictures:
            write_reference(pictures, self.job.raster, self.job.video.pixel_format, reference)
        whole: dict[int, float] = {}
        for _ in range(1 + _CORRECTIONS):
            whole[at] = self._rendered(at, reference)
            at = corrected(target, whole, curve.seen)
            if at in whole:
                break
        best = min(whole, key=lambda tenths: (abs(whole[tenths] - target), tenths))
        return Choice(best, whole[best], len(self.job.pictures))

    def _sampled(self) -> Curve:
        """Scores of the samples, measured as they are asked for."""
        samples = trial(self.job, self.whereabouts)
        reference, encoded = self.folder / "samples.nut", self.folder / "samples.mov"
        video, raster = self.job.video, self.job.raster
        write_reference(samples.pictures, raster, video.pixel_format, reference)

        def measure(tenths: int) -> float:
            samples.encode(tenths, encoded)
            found = scores.vmaf(encoded, reference, len(samples.pictures))
            # Nothing lies before the first frame: it counts as still, and scores too low.
            counted = found[1:] or found
            return math.fsum(counted) / len(counted)

        return Curve(measure)

    def _rendered(self, tenths: int, reference: Path) -> float:
        """Mean score of the whole unit, rendered at a crf."""
        count = len(self.job.pictures)
        job = replace(self.job, video=at_crf(self.job.video, tenths))
        found = scores.vmaf(render_unit(job, self.whereabouts), reference, count)
        return math.fsum(found) / count


class Curve:
    """Scores by crf, each measured once."""

    def __init__(self, measure: Callable[[int], float]) -> None:
        """Know nothing yet; `measure` scores a crf, given in tenths."""
        self._measure = measure
        self.seen: dict[int, float] = {}

    def __call__(self, tenths: int) -> float:
        """The score at a crf, in tenths."""
        if tenths not in self.seen:
            self.seen[tenths] = self._measure(tenths)
        return self.seen[tenths]


def search(target: float, curve: Curve) -> int:
    """The crf, in tenths, at which a falling curve comes to the target.

    The answer was measured to lie within `_CLOSE` of it, or lies between two crfs on either side
    of it that were and are no more than `_BRACKET` apart; at either end of the range it is that
    end.
    """
    usual, score = _USUAL
    at = _within(usual + (score - target) / _FALL)
    for _ in range(_TRIALS):
        if abs(curve(at) - target) <= _CLOSE:
            return at
        at, settled = _next(target, curve.seen)
        if settled or at in curve.seen:
            return at
    return _next(target, curve.seen)[0]


def _next(target: float, seen: Mapping[int, float]) -> tuple[int, bool]:
    """Where to look next, by a line through what was seen; whether that is answer enough."""
    found = _between(target, seen)
    if found is not None:
        return found
    nearest = min(seen, key=lambda c: abs(seen[c] - target))
    step = (seen[nearest] - target) / _fall(seen, nearest)
    # A little beyond, so that the target comes to lie between two that were seen.
    step = min(max(step + math.copysign(_BEYOND, step), -_FARTHEST), _FARTHEST)
    return _within(nearest + step), False


def _between(target: float, seen: Mapping[int, float]) -> tuple[int, bool] | None:
    """Where a line between the two nearest on either side meets the target; whether they are near.

    None where all that was seen lies on one side. Between neighbours it is the better one.
    """
    above = max((c for c, score in seen.items() if score >= target), default=None)
    below = min((c for c, score in seen.items() if score < target), default=None)
    if above is None or below is None or above > below:
        return None
    share = (seen[above] - target) / (seen[above] - seen[below])
    inside = min(max(above + math.floor(share * (below - above)), above + 1), below - 1)
    return inside, below - above <= _BRACKET


def _fall(seen: Mapping[int, float], at: int) -> float:
    """Points a score falls by with each tenth around a crf, as far as was seen."""
    far = [c for c in seen if abs(c - at) >= _APART] or [c for c in seen if c != at]
    if not far:
        return _FALL
    other = min(far, key=lambda c: abs(c - at))
    return max((seen[at] - seen[other]) / (other - at), _LEAST_FALL)


def corrected(target: float, whole: Mapping[int, float], sampled: Mapping[int, float]) -> int:
    """Where a unit that misses its target should reach it; where it is, if it is near enough.

    The samples know how steep the score falls, the whole unit knows where it stands.
    """
    at = min(whole, key=lambda tenths: abs(whole[tenths] - target))
    missed = whole[at] - target
    if abs(missed) <= NEAR:
        return at
    found = _between(target, whole)
    if found is not None:
        return found[0]
    seen = whole if len(whole) > 1 else {**sampled, at: sampled.get(at, target)}
    step = missed / _fall(seen, at)
    return _within(at + min(max(step, -_FARTHEST), _FARTHEST))


def _within(tenths: float) -> int:
    """A crf in the range, rounded down: to the better picture."""
    return min(max(math.floor(tenths), LOWEST), HIGHEST)
