"""What the encoder is set to where a preset asks for a score or a size instead of a crf."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TypeVar

from finisher.canonical import Json, digest
from finisher.crew import as_done
from finisher.findings import Finding, Status, Weight
from finisher.media.reference import picture_bytes
from finisher.pipeline.fitting import AIM, Search
from finisher.pipeline.master import Master, Work
from finisher.plan.model import Plan
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.render import quality, sizing
from finisher.render.kitchen import Whereabouts
from finisher.render.samples import at_crf
from finisher.render.unit import KIND, SUFFIX, UnitJob, render_unit
from finisher.report.model import Encoding, UnitEncoding
from finisher.store import Store

STAGE = "quality"
CHECK = "picture-quality"
"""The check of a score. Only who has the pictures before the encoder can make it."""
_FITS = "fits"
_REVISION = 1
"""Raised when the same programme would be fitted by another crf."""
# What is not picture, until a first file shows it: bits of sound a second where the preset leaves
# them to its encoder, index entries of each frame and its sound, credentials of each source.
_SOUND_RATE, _INDEX, _CREDENTIALS = 192_000, 24, 60_000

Found = TypeVar("Found")
Build = Callable[[Work], tuple[Master, Path]]
"""Renders, joins and signs; the file that came of it."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Where an encode is chosen, by whom, and who is told."""

    plan: Plan
    whereabouts: Whereabouts
    store: Store
    workers: Executor
    listen: Listener


def encoded(task: Circumstances, work: Work, build: Build) -> tuple[Master, Path, Encoding | None]:
    """Build a deliverable at its preset's crf, or at those that reach what it asks for instead.

    Raises:
        RenderError: when no file can be made that fits the size asked for; and as `build`.
        MachineError: when a worker is killed, or ffmpeg can't measure.
    """
    video = task.plan.preset.video
    if video.vmaf is not None:
        return _at_score(task, work, build, video.vmaf)
    if video.file_bytes is not None:
        return _at_size(task, work, build, video.file_bytes)
    return *build(work), None


def foreseen(units: Sequence[UnitJob], store: Store) -> tuple[UnitJob, ...]:
    """The units as they would be rendered, as far as that was found out before."""
    sized = any(job.video.file_bytes is not None for job in units)
    if sized and isinstance(fit := store.read(_FITS, _fit_key(units)), int):
        return _at(units, fit)
    return tuple(
        quality.chosen(job, choice)
        if job.video.vmaf is not None and (choice := quality.known(job, store)) is not None
        else job
        for job in map(_carried, units)
    )


def _carried(job: UnitJob) -> UnitJob:
    """The unit; one that is carried over as it is coded asks for nothing."""
    nothing = replace(job.video, vmaf=None, file_bytes=None)
    return replace(job, video=nothing) if job.copied else job


def _at(units: Sequence[UnitJob], tenths: int) -> tuple[UnitJob, ...]:
    """All units that are encoded at one crf."""
    return tuple(
        _carried(job) if job.copied else replace(job, video=at_crf(job.video, tenths))
        for job in units
    )


def _starts(units: Sequence[UnitJob]) -> list[int]:
    """The programme frame each unit begins with."""
    return list(accumulate((len(job.pictures) for job in units[:-1]), initial=0))


def _at_score(
    task: Circumstances, work: Work, build: Build, target: float
) -> tuple[Master, Path, Encoding]:
    """Every unit at the crf that gives it the score."""
    units = {number: job for number, job in enumerate(work.units) if not job.copied}
    before = foreseen(work.units, task.store)
    there = sum(task.store.get(KIND, job.key, SUFFIX) is not None for job in before)
    known = [quality.known(job, task.store) for job in units.values()]
    found = _each(task, quality.choose, tuple(units.values()), known)
    choices = dict(zip(units, found, strict=True))
    encoding = Encoding(
        tuple(
            UnitEncoding(start, choice.frames, choice.tenths / 10, choice.vmaf)
            for number, start in enumerate(_starts(work.units))
            if (choice := choices.get(number)) is not None
        ),
        vmaf=target,
    )
    task.listen(Finished(STAGE, words(encoding)))
    settled = [
        quality.chosen(job, choices[number]) if number in choices else _carried(job)
        for number, job in enumerate(work.units)
    ]
    master, path = build(replace(work, units=tuple(settled)))
    # The search has left every unit in the store; those it rendered were not there before.
    return replace(master, picture=replace(master.picture, remembered=there)), path, encoding


def _at_size(
    task: Circumstances, work: Work, build: Build, target: int
) -> tuple[Master, Path, Encoding]:
    """All units at the one crf that brings the file near the size, and never beyond it."""
    units = {number: job for number, job in enumerate(work.units) if not job.copied}
    known = [sizing.known(job, task.store) for job in units.values()]
    sizes = _each(task, sizing.foretell, tuple(units.values()), known)
    before = task.store.read(_FITS, _fit_key(work.units))
    first = before if isinstance(before, int) else _first(task, work, sizes, target)
    task.listen(Finished(STAGE, f"crf {first / 10:g} to begin with"))

    def at(tenths: int) -> tuple[Master, Path]:
        return build(replace(work, units=_at(work.units, tenths)))

    search = Search(target, sizes, tuple(units), at)
    fit = search.fit(first)
    task.store.write(_FITS, _fit_key(work.units), fit.tenths)
    there = min(attempt.master.picture.remembered for attempt in search.made)
    master = replace(fit.master, picture=replace(fit.master.picture, remembered=there))
    starts = _starts(work.units)
    told = tuple(
        UnitEncoding(starts[number], len(job.pictures), fit.tenths / 10)
        for number, job in units.items()
    )
    return master, fit.path, Encoding(told, file_bytes=target)


def _fit_key(units: Sequence[UnitJob]) -> str:
    """The key of a crf that fits: the programme with its size, and this code."""
    return digest([[job.key for job in units], _REVISION])


def _first(task: Circumstances, work: Work, sizes: Sequence[sizing.Sizes], target: int) -> int:
    """The crf to begin with: what else takes room is guessed, and learnt from the first file."""
    plan, audio = task.plan, task.plan.preset.audio
    seconds = float(plan.rate.seconds(plan.frames))
    sound = 0.0 if audio is None else seconds * (audio.bit_rate or _SOUND_RATE) / 8
    rest = sound + _INDEX * plan.frames + _CREDENTIALS * len(plan.takes)
    carried = [_carried(job) for job in work.units if job.copied]
    rest += sum(picture_bytes(render_unit(job, task.whereabouts)) for job in carried)
    return sizing.next_crf(sizes, {}, AIM * target - rest) if sizes else sizing.LOWEST


def _each(
    task: Circumstances,
    work: Callable[[UnitJob, Whereabouts], Found],
    units: Sequence[UnitJob],
    found: Sequence[Found | None],
) -> list[Found]:
    """What each unit comes to, by workers where it was not found before; longest units first."""
    done = {i: one for i, one in enumerate(found) if one is not None}
    task.listen(Started(STAGE, sum(len(job.pictures) for job in units), "frames"))
    task.listen(Advanced(STAGE, sum(len(units[i].pictures) for i in done)))
    left = sorted(set(range(len(units))) - set(done), key=lambda i: -len(units[i].pictures))
    calls = [(i, (units[i], task.whereabouts)) for i in left]
    for i, future in as_done(task.workers, work, calls):
        done[i] = future.result()
        task.listen(Advanced(STAGE, len(units[i].pictures)))
    return [done[i] for i in range(len(units))]


def words(encoding: Encoding) -> str:
    """What was chosen, in a few words."""
    crfs = [unit.crf for unit in encoding.units]
    if not crfs:
        return "nothing is encoded"
    low, high = min(crfs), max(crfs)
    span = f"crf {low:g}" if low == high else f"crf {low:g} to {high:g}"
    score = encoding.reached
    return span if score is None else f"VMAF {score:.2f} of {encoding.vmaf:g}, {span}"


def reached(encoding: Encoding) -> tuple[Finding, ...]:
    """Whether every unit reached the score asked for, to within `quality.NEAR`."""
    target, score = encoding.vmaf, encoding.reached
    if target is None or score is None:
        return ()
    worst = min(encoding.units, key=lambda unit: unit.vmaf or 0.0)
    missed = [u for u in encoding.units if (u.vmaf or 0.0) < target - quality.NEAR]
    detail = f"VMAF {score:.2f} over {sum(u.frames for u in encoding.units)} frames, {target:g} "
    detail += f"asked for; lowest {worst.vmaf:.2f}, in the {worst.frames} from {worst.start} on"
    if missed:
        detail += f"; {len(missed)} of {len(encoding.units)} stretches do not reach it"
    measured: dict[str, Json] = {"mean": round(score, 3), "lowest": round(worst.vmaf or 0.0, 3)}
    status = Status.WARNED if missed else Status.PASSED
    return (Finding(CHECK, status, detail, Weight.ADVISORY, (), target, measured),)


def fits(target: int, size: int) -> Finding:
    """Whether a file is no larger than it was to be, and how near it came."""
    under = 100 * (target - size) / target
    status = Status.FAILED if size > target else Status.PASSED
    detail = f"{size:,} bytes of {target:,} asked for, {under:.1f} % under"
    return Finding("limit-size", status, detail, promised=target, measured=size)
