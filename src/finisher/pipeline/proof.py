"""A draft: rendered and joined, stamped in every picture; neither signed nor audited."""

from __future__ import annotations

from pathlib import Path

from finisher.pipeline import effects
from finisher.pipeline import master as mastering
from finisher.pipeline.desk import Desk
from finisher.pipeline.edit import warnings
from finisher.pipeline.labels import labels
from finisher.pipeline.master import Master
from finisher.pipeline.names import Destination, workshop, writing
from finisher.plan.model import Plan
from finisher.problems import Problem
from finisher.progress import Listener
from finisher.report.delivery import Delivery

UNSIGNED = "nobody: a draft is for looking at, and carries no credentials"


def proof(desk: Desk, decided: Plan, destination: Destination, listen: Listener) -> Delivery:
    """Make a draft.

    Raises:
        RenderError, MediaError, MachineError: as the stages do.
    """
    work = mastering.work_of(desk.edit, decided, desk.store)
    effects.lay(desk.edit, decided, work, desk.store, desk.workers, listen)
    master = mastering.render(desk.edit, decided, work, desk.store, desk.workers, listen)
    told = labels(decided)
    with workshop(destination) as folder, writing(destination.media):
        joined = destination.temporary(Path(folder), "joined")
        mastering.join(decided, master, told | {"title": f"DRAFT {decided.title}"}, joined, listen)
        joined.replace(destination.media)
    return Delivery(
        str(destination.media),
        destination.media.stat().st_size,
        "",
        "",
        decided.preset.name,
        decided.raster,
        decided.rate,
        decided.frames,
        None,
        UNSIGNED,
        repairs=decided.repairs,
        warnings=(*warnings(desk.edit, decided, desk.settings), *_remarks(master)),
    )


def _remarks(master: Master) -> tuple[Problem, ...]:
    """What there is to say of its sound."""
    return master.sound.mastered.problems if master.sound is not None else ()
