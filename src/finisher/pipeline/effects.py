"""Effects laid on, before anything is promised of the pictures they make."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from dataclasses import replace
from pathlib import Path

from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Work, places
from finisher.plan.model import Plan
from finisher.problems import WORKER_LOST, DocumentError, MachineError, Problem, RenderError
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.render import working
from finisher.store import Store
from finisher.timeline import Event

STAGE = "effects"


def lay(
    edit: Edit, decided: Plan, work: Work, store: Store, workers: Executor, listen: Listener
) -> None:
    """Lay on the effects that the store does not hold yet; nothing happens without any.

    Raises:
        DocumentError, RenderError: with every effect that fails, at the place of its event.
        MediaError: when a picture can't be read.
        MachineError: when a worker is killed, or the store can't be written.
    """
    if not work.effects:
        return
    left = {n: job for n, job in work.effects.items() if not working.known(job, store)}
    listen(Started(STAGE, len(work.effects), "events"))
    listen(Advanced(STAGE, len(work.effects) - len(left)))
    where = places(edit, decided, work, store)
    pending: dict[Future[Path], int] = {}
    failed: dict[int, DocumentError | RenderError] = {}
    try:
        for number, job in left.items():
            pending[workers.submit(working.work, job, where)] = number
        for future in as_completed(pending):
            try:
                future.result()
            except (DocumentError, RenderError) as error:
                failed[pending[future]] = error
            listen(Advanced(STAGE))
    except BrokenExecutor as error:
        raise MachineError(WORKER_LOST) from error
    finally:
        for future in pending:
            future.cancel()
    if failed:
        problems = [p for number in sorted(failed) for p in _placed(edit, number, failed[number])]
        raise type(failed[min(failed)])(problems)
    listen(Finished(STAGE, f"{len(left)} laid on, {len(work.effects) - len(left)} known"))


def _placed(edit: Edit, number: int, error: DocumentError | RenderError) -> list[Problem]:
    """An effect's problems at the place of its event."""
    events = [item for item in edit.timeline.items if isinstance(item, Event)]
    return [
        replace(problem, where=problem.where or events[number].where) for problem in error.problems
    ]
