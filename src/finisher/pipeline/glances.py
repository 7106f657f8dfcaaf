"""A few pictures of takes, looked at closely: what marks are learnt and calibrated from."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor
from pathlib import Path
from typing import TypeVar

from finisher.contents import sha256_of
from finisher.geometry import Raster
from finisher.ingest import take as takes
from finisher.ingest.inputs import looked_at
from finisher.ingest.take import TakeJob
from finisher.media.index import picture_shape
from finisher.media.sketch import Closer, Kept
from finisher.pipeline.settings import Settings
from finisher.problems import WORKER_LOST, DocumentError, MachineError, Problem, Where
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.store import Store

COLOUR_SIDE = 640
"""Pixels along the longer side of pictures in colour."""

T = TypeVar("T")


def glance(path: str, root: Path, wanted: int, first: int | None) -> tuple[str, Raster, list[Kept]]:
    """A take's SHA-256, its size, and so many of its pictures, spread over it.

    `first` bounds how far into the take they lie, in pictures.

    Raises:
        MediaError: when it can't be read.
    """
    store = Store(root)
    job = TakeJob(path, sha256_of(Path(path), store), (), None)
    facts = takes.measured(job, store) or takes.measure(job, root)
    picture = Path(facts.picture)
    shape = picture_shape(picture)
    count = min(len(shape.index), first or len(shape.index))
    wanted = min(wanted, count)
    ordinals = [(2 * i + 1) * count // (2 * wanted) for i in range(wanted)]
    kept = looked_at(picture, shape, Closer(frozenset(ordinals), COLOUR_SIDE), None, store)
    return job.sha256, shape.raster, [kept[i] for i in ordinals]


def each(
    stage: str,
    files: Sequence[Path],
    submit: Callable[[str], Callable[[], T]],
    listen: Listener,
) -> Iterator[T]:
    """What a worker makes of each take, in order, told as progress.

    Raises:
        MediaError: when a take can't be read.
        MachineError: when a worker is killed.
    """
    listen(Started(stage, len(files), "takes"))
    pending = [submit(str(path.resolve())) for path in files]
    for result in pending:
        try:
            made = result()
        except BrokenExecutor as error:
            raise MachineError(WORKER_LOST) from error
        listen(Advanced(stage))
        yield made
    listen(Finished(stage))


def at_work(
    work: Callable[..., T], settings: Settings, workers: Executor, *more: object
) -> Callable[[str], Callable[[], T]]:
    """How a take is handed to a worker: as `each` wants it."""

    def submit(path: str) -> Callable[[], T]:
        return workers.submit(work, path, settings.cache, *more).result

    return submit


def spare(outputs: Sequence[Path], inputs: Sequence[Path]) -> None:
    """Make sure that no file that is read is about to be written over.

    Raises:
        DocumentError: when one is.
    """
    taken = {path.resolve() for path in inputs}
    for path in outputs:
        if path.resolve() in taken:
            message = f"{path} is read by this command, and is not written over"
            raise DocumentError(Problem("output-is-input", message, Where(str(path))))
