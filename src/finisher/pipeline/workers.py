"""Who works on this machine: processes, started only when there is work, or this one itself."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import ParamSpec, TypeVar

_MAP_FROM = -3  # M_MMAP_THRESHOLD in glibc's malloc.h
P = ParamSpec("P")
T = TypeVar("T")


class LocalWorkers(Executor):
    """A pool of processes that costs nothing until something is submitted."""

    def __init__(self, count: int | None = None) -> None:
        """At most `count` processes; one for each usable core by default."""
        self._count = count or usable_cores()
        self._pool: ProcessPoolExecutor | None = None

    def submit(
        self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[T]:
        """Run a function in a worker process."""
        if self._pool is None:
            # Spawned, not forked: the media libraries run threads, and forks of those deadlock.
            context = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(self._count, context, initializer=_settle_in)
        return self._pool.submit(function, *arguments, **named)

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:  # noqa: FBT001, FBT002 (the signature of concurrent.futures)
        """Let the workers go; without waiting, what they are at is abandoned."""
        if self._pool is None:
            return
        # A busy worker would finish its unit first: on an interrupt nobody wants to wait for it.
        busy = [] if wait else list((self._pool._processes or {}).values())  # noqa: SLF001
        self._pool.shutdown(wait=wait, cancel_futures=cancel_futures)
        for process in busy:
            process.terminate()
        self._pool = None


class Serial(Executor):
    """This process itself: what is submitted is done before `submit` returns."""

    def submit(
        self, function: Callable[P, T], /, *arguments: P.args, **named: P.kwargs
    ) -> Future[T]:
        """Run a function here and now; only an interrupt is raised at once."""
        done: Future[T] = Future()
        try:
            done.set_result(function(*arguments, **named))
        except Exception as error:  # noqa: BLE001 (an executor hands on whatever was raised)
            done.set_exception(error)
        return done


def usable_cores() -> int:
    """Cores this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0)) or 1
    return os.cpu_count() or 1


def _settle_in() -> None:
    """One thread a worker, and interrupts left to the parent, which ends its workers in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Stdout is the parent's, for one document: what code of others prints here goes to stderr.
    os.dup2(2, 1)
    _give_memory_back()
    threading.Thread(target=_leave_with_parent, daemon=True).start()
    # Said before OpenCV is loaded, which most workers never do.
    os.environ["OPENCV_FOR_THREADS_NUM"] = "1"


def _give_memory_back() -> None:
    """Have glibc map every picture by itself, and hand it back once it is let go.

    Left alone it raises the size from which it does so to that of the pictures it has seen, and
    keeps what lies between those still in use: a worker grew with the units it had made.
    """
    libc = ctypes.CDLL(None) if sys.platform == "linux" else None
    if libc is not None and hasattr(libc, "mallopt"):
        libc.mallopt(_MAP_FROM, 1 << 20)


def _leave_with_parent() -> None:
    """End this worker once its parent is gone, however it went: nobody else would."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
