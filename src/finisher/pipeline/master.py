"""A plan becomes an unsigned master file: grades, picture units, sound, joined."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from finisher.look import Grade
from finisher.media import xmp
from finisher.media.mux import mux
from finisher.pipeline.edit import Edit
from finisher.pipeline.labels import packet
from finisher.plan.model import Plan
from finisher.problems import Problem, RenderError
from finisher.progress import Finished, Listener, Started
from finisher.render import grades, picture, sound, working
from finisher.render.grades import Baked
from finisher.render.kitchen import Whereabouts
from finisher.render.picture import RenderedPicture
from finisher.render.sound import RenderedSound
from finisher.render.unit import UnitJob
from finisher.render.working import WorkingJob
from finisher.store import Store

MUX = "join"


@dataclass(frozen=True, slots=True)
class Work:
    """What rendering a plan comes down to, known before any of it is done."""

    baked: dict[Grade, Baked]
    effects: dict[int, WorkingJob]
    """Events with effects, by number."""
    units: tuple[UnitJob, ...]
    sound_key: str | None


@dataclass(frozen=True, slots=True)
class Master:
    """A rendered plan: its parts in the store, ready to be joined."""

    picture: RenderedPicture
    sound: RenderedSound | None


def work_of(edit: Edit, decided: Plan, store: Store) -> Work:
    """Bake the plan's grades and name its units.

    Raises:
        DocumentError: when a look can't be read, or an effect of one's own found.
    """
    takes = edit.gathered.facts.takes
    baked = grades.bake((event.grade for event in decided.events), store)
    effects = working.jobs(decided, takes, baked, Path(edit.timeline.path).resolve().parent)
    keys = {number: job.key for number, job in effects.items()}
    units = picture.jobs(decided, takes, baked, keys)
    return Work(baked, effects, units, sound.key_of(decided, edit.gathered.sounds))


def places(edit: Edit, decided: Plan, work: Work, store: Store) -> Whereabouts:
    """Where on this machine lies what the work is made from."""
    keys = {number: job.key for number, job in work.effects.items()}
    return picture.whereabouts(decided, edit.gathered.facts.takes, work.baked, keys, store)


def render(
    edit: Edit, decided: Plan, work: Work, store: Store, workers: Executor, listen: Listener
) -> Master:
    """Render what the store does not hold.

    Raises:
        RenderError, MediaError: when a unit or the sound fails.
    """
    rendered = picture.render(work.units, places(edit, decided, work, store), workers, listen)
    return Master(rendered, sound.render(decided, edit.gathered.sounds, store, listen))


def join(
    decided: Plan, master: Master, labels: Mapping[str, str], destination: Path, listen: Listener
) -> None:
    """Join units and sound into one file, its labels included.

    Raises:
        RenderError: when the file can't be written, or does not hold every frame.
        OSError: when its last box can't be written.
    """
    listen(Started(MUX))
    count = mux(
        master.picture.units,
        master.sound.mastered.path if master.sound is not None else None,
        decided.rate,
        decided.preset.container,
        destination,
        dict(labels),
    )
    if count != decided.frames:
        raise RenderError(
            Problem("frame-count", f"{count} frames were joined, {decided.frames} are planned")
        )
    content = packet(decided)
    if content is not None:
        xmp.append(destination, content)
    listen(Finished(MUX, f"{count} frames"))
