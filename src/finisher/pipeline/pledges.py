"""The promises of a deliverable, with the fingerprints foretold once and kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest, from_json, to_json
from finisher.color.bake import apply
from finisher.look import Grade
from finisher.media.copying import digest_of
from finisher.pipeline import marks
from finisher.pipeline.consents import peopled
from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Master, Work
from finisher.plan.model import Plan, Shot
from finisher.pledge.fingerprints import Grading, foretell
from finisher.pledge.promise import promise
from finisher.pledge.sounding import sounding
from finisher.progress import Finished, Listener, Started
from finisher.promises import PromisedCopy, PromisedSound, Promises
from finisher.render import working
from finisher.render.grades import behind_input
from finisher.render.sound import skip_of
from finisher.store import Store
from finisher.watermark.reference import Reference

STAGE = "foretell"
_REVISION = 5
"""Raised when the same plan's fingerprints would be foretold differently by this code."""
_SOUNDING, _SOUND_REVISION = "sounding", 2
"""The same of what a sound is promised to contain."""


def promises_of(edit: Edit, decided: Plan, work: Work, store: Store, listen: Listener) -> Promises:
    """What the finished file will promise; effects must have been laid on by now."""
    listen(Started(STAGE))
    key = digest([[job.key for job in work.units], _REVISION])

    def write(destination: Path) -> None:
        sketches = {
            take.id: np.load(edit.gathered.sketches[take.id], mmap_mode="r")
            for take in decided.takes
        }
        worked = {
            number: np.load(working.sketches(store, job.key), mmap_mode="r")
            for number, job in work.effects.items()
        }
        destination.write_bytes(foretell(decided, sketches, _grading(work), worked))

    fingerprints = store.make("fingerprints", key, ".bin", write).read_bytes()
    told = marks.said(edit, decided, work, _grading(work), store)
    promised = promise(decided, edit.gathered.facts, edit.gathered.templates, fingerprints, told)
    promised = replace(promised, copies=_copies(edit, decided, work, store))
    promised = peopled(promised, edit.timeline, edit.consents)
    listen(Finished(STAGE, f"{decided.frames} frames"))
    return promised


def references_of(
    edit: Edit, decided: Plan, work: Work, promised: Promises, store: Store, seed: str
) -> tuple[Reference, ...]:
    """What marks must look like in the finished file: each place that could be foretold.

    Which frames are compared follows from `seed`, the finished file's SHA-256: nobody can know
    them while it is made. Their pictures are views of one file in the store.
    """
    told = {(mark.event, mark.mark, mark.box) for mark in promised.marks}
    found = marks.references(edit, decided, work, _grading(work), store, seed)
    return tuple(one for one in found if (one.event, one.mark, one.box) in told)


def sounded(promised: Promises, decided: Plan, master: Master, store: Store) -> Promises:
    """The promises with what the sound that was rendered contains.

    Raises:
        MediaError: when it can't be read back.
    """
    if promised.sound is None or master.sound is None:
        return promised
    key = digest([master.sound.key, promised.sound, _SOUND_REVISION])
    known = store.read(_SOUNDING, key)
    try:
        sound = None if known is None else from_json(PromisedSound, known)
    except (TypeError, ValueError, KeyError):
        sound = None
    if sound is None:
        mastered, wanted = master.sound.mastered, promised.sound.loudness is not None
        sound = replace(
            sounding(promised.sound, mastered.path, skip_of(decided)),
            unmeasurable=wanted and mastered.reached is None,
        )
        store.write(_SOUNDING, key, to_json(sound))
    return replace(promised, sound=sound)


def _copies(edit: Edit, decided: Plan, work: Work, store: Store) -> tuple[PromisedCopy, ...]:
    """What is carried over from takes, with the digest of their own coded pictures."""
    found = []
    for unit, job in zip(decided.units, work.units, strict=True):
        shown = [picture for picture in unit.pictures if isinstance(picture, Shot)]
        if not unit.copied or not shown:
            continue
        take = edit.gathered.facts.takes[decided.events[shown[0].event].take]
        known = store.read("copied", job.key)
        if not isinstance(known, str):
            ordinals = range(shown[0].picture, shown[-1].picture + 1)
            known = digest_of(Path(take.picture), take.index, ordinals)
            store.write("copied", job.key, known)
        name = decided.events[shown[0].event].take
        found.append(PromisedCopy(name, unit.start, len(shown), known))
    return tuple(found)


def _grading(work: Work) -> Grading:
    """Grades in memory, by the same cubes the renderer is given; sketches are Rec.709 already."""

    def graded(grade: Grade, rgb: NDArray[np.float64]) -> NDArray[np.float64] | None:
        grade = behind_input(grade)
        if grade.identity:
            return None
        through = apply(work.baked[grade].cube, rgb).astype(np.float64)
        return np.clip(through, 0.0, 1.0, out=through)

    return graded
