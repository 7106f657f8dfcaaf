"""Effects laid on, before anything is promised of the pictures they make."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace

from finisher.crew import as_done
from finisher.event import Event
from finisher.pipeline.edit import Edit
from finisher.pipeline.master import Work, places
from finisher.plan.model import Plan
from finisher.problems import DocumentError, Problem, RenderError
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.render import working
from finisher.store import Store

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
    calls = [(number, (job, where)) for number, job in left.items()]
    failed: dict[int, DocumentError | RenderError] = {}
    for number, future in as_done(workers, working.work, calls):
        try:
            future.result()
        except (DocumentError, RenderError) as error:
            failed[number] = error
        listen(Advanced(STAGE))
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
