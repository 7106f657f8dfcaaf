"""Do a piece of the SDK's work in a thread of its own, so that it can be interrupted."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from typing import IO, Generic, TypeVar

T = TypeVar("T")
_LINGER = 10.0
"""Seconds to wait for work that was told to stop: its next reading or writing fails."""


class Stopped(Exception):
    """The work was told to stop."""


class Interruptible:
    """A stream that fails once the work is told to stop; the SDK then gives up."""

    def __init__(self, stream: IO[bytes], stop: Event) -> None:
        self._stream = stream
        self._stop = stop

    def _go_on(self) -> IO[bytes]:
        if self._stop.is_set():
            raise Stopped
        return self._stream

    def read(self, size: int = -1) -> bytes:
        """As a file does.

        Raises:
            Stopped: when the work was told to stop; so do all its methods.
        """
        return self._go_on().read(size)

    def readinto(self, into: memoryview) -> int:
        """As a file does."""
        got: int = self._go_on().readinto(into)  # type: ignore[attr-defined]
        return got

    def write(self, data: bytes) -> int:
        """As a file does."""
        return self._go_on().write(data)

    def seek(self, offset: int, whence: int = 0) -> int:
        """As a file does."""
        return self._go_on().seek(offset, whence)

    def tell(self) -> int:
        """As a file does."""
        return self._go_on().tell()

    def flush(self) -> None:
        """As a file does."""
        self._go_on().flush()


class _Outcome(Generic[T]):
    """What the work gave or raised."""

    value: T
    error: BaseException | None = None


def apart(work: Callable[[Event], T], stop: Event | None = None) -> T:
    """What a function gives, run in a thread of its own.

    The SDK swallows what its callbacks raise, and a signal is raised wherever the main thread
    happens to be: were that inside such a callback, Ctrl-C would be lost. Here the main thread
    only waits.

    Args:
        work: is given an event that is set when it should stop.
        stop: that event, where others wait for it too: what work waits for should end with it. A
            callback that came back to a process about to end would take it down.

    Raises:
        BaseException: whatever the work raised, or a signal's handler did while it ran.
    """
    stop, done, outcome = stop or Event(), Event(), _Outcome[T]()

    def run() -> None:
        try:
            outcome.value = work(stop)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
            outcome.error = error
        finally:
            done.set()

    thread = Thread(target=run, daemon=True)
    try:
        thread.start()
        # Not by joining the thread: a join that was interrupted takes it for ended (bpo-45274).
        done.wait()
    except BaseException:
        stop.set()
        done.wait(_LINGER)
        raise
    if outcome.error is not None:
        raise outcome.error
    return outcome.value
