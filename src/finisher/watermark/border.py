"""Where code of other packages runs: what it raises is told of it, what it prints is on stderr."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, redirect_stdout, suppress
from types import FrameType

from finisher.problems import FinisherError, MachineError, Problem

_LONGEST = 300
"""Characters that are told of what another package says."""
_ENDS = ("SIGINT", "SIGTERM", "SIGHUP")
"""Signals by which a run is asked to end."""


class Unfit(Exception):
    """What another package handed over is not what was asked for; its text says how."""


def sentence(text: str) -> str:
    """A stranger's text on one line, without what steers a terminal, of 300 characters at most."""
    shown = "".join(sign if sign.isprintable() else " " for sign in text[: 4 * _LONGEST])
    return " ".join(shown.split())[:_LONGEST]


@contextmanager
def abroad(told: Callable[[str], Problem]) -> Iterator[None]:
    """Run code of another package.

    What it prints goes to stderr. An interrupt that somebody sent stays one, even where the code
    made something else of it; one that the code raised by itself, or an exit, is an error like
    any other.

    Args:
        told: makes a problem of what went wrong, in words.

    Raises:
        FinisherError: as the code raised it.
        MachineError: for whatever else it raised.
        KeyboardInterrupt: when the run is to end.
    """
    with _stdout_kept(), _interrupts_heard() as heard:
        try:
            yield
        except BaseException as error:
            if heard:
                raise KeyboardInterrupt from error
            if isinstance(error, FinisherError) and _sound(error):
                raise
            raise MachineError(told(_words(error))) from error
        if heard:
            raise KeyboardInterrupt


def _sound(error: FinisherError) -> bool:
    """Whether an error carries problems that can be told."""
    carried: Sequence[object] = error.problems
    texts = (one.message if isinstance(one, Problem) else None for one in carried)
    return all(type(text) is str for text in texts)


def _words(error: BaseException) -> str:
    """What an exception says, whose text may be an exception too."""
    if isinstance(error, Unfit):
        return sentence(str(error))
    try:
        text = str(error)
    except Exception:  # noqa: BLE001 (its name is all there is to tell)
        text = ""
    return sentence(f"it ended with {type(error).__name__}" + (f": {text}" if text else ""))


@contextmanager
def _interrupts_heard() -> Iterator[list[int]]:
    """The signals to end that came meanwhile; other threads than the first are sent none."""
    heard: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield heard
        return
    before = {}
    for name in _ENDS:
        number = getattr(signal, name, None)
        handler = None if number is None else signal.getsignal(number)
        if number is not None and callable(handler):
            before[number] = handler
            signal.signal(number, _hearing(heard, handler))
    try:
        yield heard
    finally:
        # Who heard one may have laid other handlers, for cleaning up takes its time.
        for number, handler in before.items() if not heard else ():
            signal.signal(number, handler)


def _hearing(
    heard: list[int], handler: Callable[[int, FrameType | None], object]
) -> Callable[[int, FrameType | None], None]:
    """A handler that notes a signal before the usual one is asked."""

    def note(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        handler(number, frame)

    return note


@contextmanager
def _stdout_kept() -> Iterator[None]:
    """Stdout is for one document: what is written to it meanwhile, by whatever way, is stderr's."""
    _flush()
    own: int | None = None
    with suppress(OSError):  # nobody can write to what is closed
        own = os.dup(1)
        os.dup2(2, 1)
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        _flush()
        if own is not None:
            os.dup2(own, 1)
            os.close(own)


def _flush() -> None:
    """Write what is held back for stdout, by Python and by C."""
    for stream in (sys.stdout, sys.__stdout__):
        if stream is not None:  # as where a program has no console
            with suppress(OSError, ValueError):
                stream.flush()
    if sys.platform == "linux":
        ctypes.CDLL(None).fflush(None)
