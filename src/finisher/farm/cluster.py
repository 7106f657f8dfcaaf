"""The door to dask: units are rendered by a cluster's workers, everything else where it was."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from concurrent.futures import CancelledError, Executor, Future
from functools import partial
from pathlib import Path
from typing import Any, ParamSpec, TypeVar, cast

from finisher.farm import errand, ground
from finisher.farm.errand import Errand, Work
from finisher.farm.ground import Ground
from finisher.problems import FinisherError, MachineError, Problem, Where
from finisher.render.kitchen import Whereabouts
from finisher.render.unit import UnitJob
from finisher.store import Store

P = ParamSpec("P")
T = TypeVar("T")

_CONNECT_SECONDS = 5
_WORKER_SECONDS = 10
"""How long a cluster may take to have its first worker."""


class Farm(Executor):
    """Hands units to the workers of a cluster, and all other work to the executor at hand.

    A worker that dies has its units done by another; one that comes back is given work again.
    """

    def __init__(self, client: Any, common: Ground, here: Executor) -> None:
        """Work with a connected client of dask; `hire` makes one."""
        self._client = client
        self._ground = common
        self._here = here

    def submit(
        self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[T]:
        """Have a function run: by the cluster, if it is work on a unit."""
        match cast("tuple[object, ...]", arguments):
            case (UnitJob() as job, Whereabouts() as whereabouts):
                # Such work needs nothing but the store and the takes.
                order = errand.errand(job, whereabouts, self._ground)
                return self._away(cast("Work[T]", function), order)
            case _:
                return self._here.submit(function, *arguments, **named)

    def _away(self, work: Work[T], order: Errand) -> Future[T]:
        """What comes of work that a worker of the cluster does."""
        # A key of its own: another run's result may lie in another store.
        name = f"finisher-unit-{uuid.uuid4().hex}"
        there = self._client.submit(errand.run, work, order, key=name, pure=False)
        promise: Future[T] = Future()
        promise.add_done_callback(lambda made: there.release() if made.cancelled() else None)
        there.add_done_callback(partial(_settle, promise))
        return promise

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (the signature of concurrent.futures)
        """Leave the cluster: what it has not begun for us is dropped; `here` is its owner's."""
        del wait, cancel_futures
        self._client.close()


def hire(address: str, store: Store, here: Executor) -> Farm:
    """The workers of the dask scheduler at `HOST:PORT`, once all of them are seen to be fit.

    Raises:
        MachineError: `farm-missing` without dask, `farm-unreachable` without a scheduler,
            `farm-empty` without workers, `farm-differs` and `farm-blind` for a worker that would
            not render the same, or into the same store; or when the store can't be written.
    """
    common = ground.ground_of(store)
    client = _connected(address)
    try:
        _inspect(client, address, common, store.root.absolute())
    except BaseException:
        client.close()
        raise
    return Farm(client, common, here)


def _connected(address: str) -> Any:
    """A client of the scheduler."""
    try:
        from distributed import Client  # noqa: PLC0415 (an extra, and slow to load)
    except ModuleNotFoundError as error:
        message = f"dask.distributed is not installed ({error.name} is missing)"
        hint = "pip install 'finisher[farm]'"
        raise MachineError(Problem("farm-missing", message, hint=hint)) from error
    try:
        return Client(f"tcp://{address}", timeout=_CONNECT_SECONDS, set_as_default=False)
    except Exception as error:
        # Whatever it is: something else may listen there, or a dask too old to be understood.
        message = f"no dask scheduler answers: {error}"
        hint = "start one with `dask scheduler`, and name its address"
        where = Where(f"dask://{address}")
        raise MachineError(Problem("farm-unreachable", message, where, hint)) from error


def _inspect(client: Any, address: str, common: Ground, store: Path) -> None:
    """Let every worker say whether it stands on common ground."""
    where = Where(f"dask://{address}")
    try:
        client.wait_for_workers(1, timeout=_WORKER_SECONDS)
    except TimeoutError as error:
        hint = f"`dask worker {address}` on each machine that is to render"
        message = "the scheduler has no workers"
        raise MachineError(Problem("farm-empty", message, where, hint)) from error
    try:
        # What is to be done passes through the scheduler, which has to know it by name.
        client.run_on_scheduler(ground.versions)
    except Exception as error:
        raise _unfit("the scheduler", error) from error
    for worker, answer in client.run(ground.check, common, store, on_error="return").items():
        if isinstance(answer, BaseException):
            raise _unfit(f"worker {worker}", answer) from answer


def _unfit(who: str, error: BaseException) -> MachineError:
    """Why one of them can't work for us; what isn't our own word comes of another installation."""
    if isinstance(error, MachineError):
        return error
    message = f"{who} can't run this finisher: {error}"
    hint = "install the same finisher and libraries on every machine"
    return MachineError(Problem("farm-differs", message, hint=hint))


def _settle(promise: Future[T], there: Any) -> None:
    """Pass on how a unit ended."""
    if not promise.set_running_or_notify_cancel():
        return
    try:
        promise.set_result(there.result())
    except BaseException as error:  # noqa: BLE001 (whatever it is, it is passed on)
        promise.set_exception(_told(error))


def _told(error: BaseException) -> BaseException:
    """An error as finisher tells it; what nobody foresaw stays as it is."""
    from distributed.scheduler import KilledWorker  # noqa: PLC0415 (loaded since the client is)

    if isinstance(error, FinisherError):
        return error
    if isinstance(error, KilledWorker):
        message = f"{error.allowed_failures + 1} workers were lost at the same unit"
        hint = "the workers' logs say why; mostly the memory does not suffice"
        return MachineError(Problem("worker-lost", message, hint=hint))
    if isinstance(error, CancelledError):
        message = "the connection to the dask scheduler was lost"
        hint = "run again: what was finished is kept"
        return MachineError(Problem("farm-lost", message, hint=hint))
    return error
