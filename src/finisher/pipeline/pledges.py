"""The promises of a deliverable, with the fingerprints foretold once and kept."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.canonical import digest
from finisher.color.bake import apply
from finisher.look import Grade
from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Work
from finisher.plan.model import Plan
from finisher.pledge.fingerprints import Grading, foretell
from finisher.pledge.promise import promise
from finisher.progress import Finished, Listener, Started
from finisher.promises import Promises
from finisher.render import working
from finisher.store import Store

STAGE = "foretell"
_REVISION = 3
"""Raised when the same plan's fingerprints would be foretold differently by this code."""


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
    promised = promise(decided, edit.gathered.facts, edit.gathered.templates, fingerprints)
    listen(Finished(STAGE, f"{decided.frames} frames"))
    return promised


def _grading(work: Work) -> Grading:
    """Grades in memory, by the same cubes the renderer is given."""

    def graded(grade: Grade, rgb: NDArray[np.float64]) -> NDArray[np.float64]:
        if grade.identity:
            return rgb
        through = apply(work.baked[grade].cube, rgb).astype(np.float64)
        return np.clip(through, 0.0, 1.0, out=through)

    return graded
