"""An edit's units written down for a scheduler: a jobs file, and a template that runs all of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from finisher.farm import jobs, openjd
from finisher.farm.errand import from_anywhere
from finisher.farm.ground import ground_of
from finisher.farm.openjd import Step
from finisher.pipeline import effects
from finisher.pipeline.edit import decide, open_edit
from finisher.pipeline.encoding import foreseen
from finisher.pipeline.master import places, work_of
from finisher.pipeline.names import write_whole
from finisher.pipeline.settings import Settings
from finisher.plan.model import Plan
from finisher.problems import DocumentError, Problem, Where
from finisher.progress import Listener
from finisher.render.kitchen import Whereabouts
from finisher.render.unit import UnitJob
from finisher.store import Store


@dataclass(frozen=True, slots=True)
class HandOut:
    """What was written, and the step of each deliverable."""

    template: Path
    jobs: Path
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be written down, and where the template goes."""

    edl: Path
    presets: Sequence[str]
    template: Path


def hand_out(asked: Asked, settings: Settings, workers: Executor, listen: Listener) -> HandOut:
    """Plan every deliverable, and write its units down; effects are laid on here and now.

    The template names the jobs file beside it, which names everything else by its path.

    Raises:
        DocumentError: when the template's name is no `.json`, `.yaml` or `.yml`, or would replace
            another kind of file; and as a render.
        MediaError, PolicyError, RenderError, MachineError: as a render would before its first unit.
    """
    beside = _beside(asked.template)
    _spare(asked.template, "specificationVersion", openjd.SPECIFICATION)
    _spare(beside, "schema", jobs.SCHEMA)
    edit = open_edit(asked.edl, asked.presets, settings, workers, listen)
    plans = [decide(edit, preset, settings) for preset in edit.presets]
    store = Store(settings.cache)
    units: list[UnitJob] = []
    steps: list[Step] = []
    where = Whereabouts({}, {}, store.root)
    for decided in plans:
        work = work_of(edit, decided, store)
        settled = _settled(decided, foreseen(work.units, store))
        effects.lay(edit, decided, work, store, workers, listen)
        where = where.joined(places(edit, decided, work, store))
        steps.append(Step(decided.preset.name, len(units) + 1, len(units) + len(settled)))
        units += settled
    write_whole(beside, jobs.text(units, from_anywhere(where), ground_of(store)))
    title = edit.timeline.title or asked.edl.stem
    write_whole(asked.template, openjd.text(title, steps, beside.name))
    return HandOut(asked.template, beside, tuple(steps))


def _settled(decided: Plan, units: tuple[UnitJob, ...]) -> tuple[UnitJob, ...]:
    """The units, if each can be rendered without knowing how large the others came out.

    Raises:
        DocumentError: when the size of the whole file decides their crf, and did not yet.
    """
    if any(unit.video.file_bytes is not None for unit in units):
        message = f"{decided.preset.name}: file_bytes is settled on whole files, not unit by unit"
        hint = "render it here once, or let crf or vmaf decide"
        raise DocumentError(Problem("not-available", message, hint=hint))
    return units


def _spare(path: Path, key: str, value: str) -> None:
    """Refuse to replace what is no document of the kind to be written: an edit list, say.

    Raises:
        DocumentError: when another file stands there.
    """
    try:
        found = json.loads(path.read_bytes())
    except FileNotFoundError:
        return
    except (OSError, ValueError):
        found = None
    if not isinstance(found, dict) or found.get(key) != value:
        message = "a file of another kind stands there"
        hint = "name another with --openjd"
        raise DocumentError(Problem("output-taken", message, Where(str(path)), hint))


def _beside(template: Path) -> Path:
    """The jobs file of a template.

    Raises:
        DocumentError: when the name is none that runners of such templates take.
    """
    if template.suffix.lower() not in (".json", ".yaml", ".yml"):
        message = f"--openjd {template}: a template is a .json or .yaml file"
        raise DocumentError(Problem("usage", message, Where(str(template))))
    return template.with_name(f"{template.stem}.jobs.json")
