"""Work handed to an executor, and taken back in whatever order it is done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, as_completed
from typing import TypeVar

from finisher.problems import WORKER_LOST, MachineError

Key = TypeVar("Key")
Done = TypeVar("Done")


def as_done(
    workers: Executor,
    function: Callable[..., Done],
    calls: Iterable[tuple[Key, tuple[object, ...]]],
) -> Iterator[tuple[Key, Future[Done]]]:
    """Call a function for each key with its arguments, in this order; each as soon as it is done.

    What was not begun is taken back when the caller goes no further.

    Raises:
        MachineError: when a worker is killed.
    """
    pending: dict[Future[Done], Key] = {}
    try:
        for key, arguments in calls:
            pending[workers.submit(function, *arguments)] = key
        for future in as_completed(pending):
            # An executor that broke says so in every future.
            if isinstance(future.exception(), BrokenExecutor):
                raise MachineError(WORKER_LOST) from future.exception()
            yield pending[future], future
    except BrokenExecutor as error:
        raise MachineError(WORKER_LOST) from error
    finally:
        for future in pending:
            future.cancel()
