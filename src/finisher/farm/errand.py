"""A unit as an errand for whoever it is handed to: ground checked, sources seen, work done."""

from __future__ import annotations

import platform
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import cv2

from finisher.farm import ground
from finisher.farm.ground import Ground
from finisher.problems import MachineError, Problem
from finisher.render import quality
from finisher.render.kitchen import Whereabouts
from finisher.render.unit import UnitJob, render_unit
from finisher.store import Store

T = TypeVar("T")
Work = Callable[[UnitJob, Whereabouts], T]
"""What can be done with a unit by whoever knows where its sources lie."""
_ONE_AT_A_TIME = threading.Lock()
"""Filter graphs are kept from unit to unit in a process: threads of one must not share them."""


@dataclass(frozen=True, slots=True)
class Errand:
    """A unit with all it takes to work on it: any number of times, anywhere, to the same end."""

    job: UnitJob
    key: str
    """The job's content key, as whoever planned it knows it."""
    whereabouts: Whereabouts
    ground: Ground


def errand(job: UnitJob, whereabouts: Whereabouts, common: Ground) -> Errand:
    """A unit's errand, which names only the files that unit is made of."""
    takes = {source.sha256 for source in job.sources}
    luts = {source.lut for source in job.sources}
    needed = replace(
        whereabouts,
        takes={key: path for key, path in whereabouts.takes.items() if key in takes},
        luts={key: path for key, path in whereabouts.luts.items() if key in luts},
    )
    return Errand(job, job.key, from_anywhere(needed), common)


def from_anywhere(whereabouts: Whereabouts) -> Whereabouts:
    """Whereabouts by paths that mean the same in whatever folder the work is done."""
    return replace(
        whereabouts,
        takes={key: path.absolute() for key, path in whereabouts.takes.items()},
        luts={key: path.absolute() for key, path in whereabouts.luts.items()},
        store=whereabouts.store.absolute(),
    )


def run(work: Work[T], order: Errand) -> T:
    """Do work on an errand's unit, once this machine is seen to be fit for it.

    Raises:
        MachineError: when this machine is another than the work was planned for, see
            `finisher.farm.ground.check`; and as the work itself.
    """
    ground.check(order.ground, order.whereabouts.store)
    if order.job.key != order.key:
        # The same version of finisher by name, and yet not the same: a checkout under way.
        machine = platform.node() or "this machine"
        message = f"{machine} would render this unit in another way than it was planned"
        hint = "install the same finisher and libraries on every machine"
        raise MachineError(Problem("farm-differs", message, hint=hint))
    for path in _sources(order.whereabouts):
        if not path.is_file():
            raise ground.blind(path, "a file that the unit is made of is not there")
    # One core a unit, like all else at work on it: other units have the other cores.
    cv2.setNumThreads(1)
    with _ONE_AT_A_TIME:
        return work(order.job, order.whereabouts)


def rendered(job: UnitJob, whereabouts: Whereabouts) -> Path:
    """A unit's file, rendered unless it is there; where a score decides its crf, that is found.

    Raises:
        RenderError, MediaError, MachineError: as `finisher.render.unit.render_unit` and
            `finisher.render.quality.choose`.
    """
    if job.video.vmaf is not None:
        store = Store(whereabouts.store)
        choice = quality.known(job, store) or quality.choose(job, whereabouts)
        job = quality.chosen(job, choice)
    return render_unit(job, whereabouts)


def _sources(whereabouts: Whereabouts) -> Iterator[Path]:
    yield from whereabouts.takes.values()
    yield from whereabouts.luts.values()
