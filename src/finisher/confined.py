"""The door to confined work: a function run in a child that may die, hang or swell without harm.

The child is a fresh process for each call. It leads a process group of its own, sees none of the
environment but what it needs, and may use so much memory and time. What it is given travels to it
as Python values; what comes back is JSON of bounded length: a child that a file took over can lie,
but it can't hand its parent anything that runs.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext, SpawnContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from finisher import problems
from finisher.canonical import Json, from_json, to_json
from finisher.problems import FinisherError, MachineError, MediaError, Problem
from finisher.progress import Advanced, Event, Finished, Listener, Started, silent

T = TypeVar("T")
Context = ForkServerContext | SpawnContext
Process = BaseProcess

_PATIENCE, _BYTES_A_SECOND = 60.0, 500_000
_LONGEST = 4 * 3600.0
_START = 120.0
"""Seconds until a child must have begun; a busy machine may take long to start a process."""
_MEMORY, _CORE_MEMORY = 2 << 30, 128 << 20
_LARGEST_ANSWER = 64 << 20
_TELL_EVERY = 0.1
_TAIL, _WORDS = 4096, 300
_NO_MEMORY = ("memory allocation of", "Cannot allocate memory", "out of memory", "bad_alloc")
_KEPT = ("FINISHER_", "LC_", "LD_", "DYLD_", "PYTHON", "OMP_", "OPENBLAS_", "OPENCV_")
_ALSO_KEPT = frozenset(
    ("PATH", "HOME", "LANG", "TMPDIR", "TMP", "TEMP", "SYSTEMROOT", "USERPROFILE", "TZ")
)
_EVENTS: dict[str, type[Event]] = {kind.__name__: kind for kind in (Started, Advanced, Finished)}
_FAILURES = {
    name: kind
    for name, kind in vars(problems).items()
    if isinstance(kind, type) and issubclass(kind, FinisherError)
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a child may use."""

    patience: float
    """Seconds without a sign of progress after which it counts as stuck."""
    longest: float = _LONGEST
    """Seconds in all, whatever progress it tells of."""
    memory: int | None = None
    """Bytes of memory it may write to; where None, 2 GiB and 128 MiB for each core."""


def limits_for(size: int) -> Limits:
    """Limits for work on files of so many bytes together.

    A child that tells of no progress is given 60 s, and another for each 500 kB; one that does,
    as while it decodes, may take 4 h.
    """
    return Limits(_PATIENCE + size / _BYTES_A_SECOND)


def run(
    function: Callable[[T, Listener], Json],
    argument: T,
    limits: Limits,
    listen: Listener = silent,
) -> Json:
    """What a module's function makes of an argument, computed in a child.

    Its progress is passed on. The child is gone when this returns or raises, interrupts included,
    and so are the processes it started.

    Raises:
        MediaError: `parser-crashed`, `parser-timeout` or `parser-memory`, when the child comes to
            no end of its own: whatever it was to read is to blame.
        FinisherError: what the function raised.
        MachineError: when no child can be started.
    """
    with tempfile.TemporaryDirectory(prefix="finisher-confined-") as folder:
        words = Path(folder) / "words"
        words.touch()
        context = _context(function.__module__)
        receiver, sender = context.Pipe(duplex=False)
        process = context.Process(
            target=_work, args=(sender, str(words), function, argument, limits), daemon=True
        )
        try:
            _begin(process, sender)
            return _heard(process, receiver, limits, listen, words)
        finally:
            _end(process)
            receiver.close()


def _context(module: str) -> Context:
    """How children begin: forked off a server that has loaded the code and never read a file."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, module])
    return context


def _begin(process: Process, sender: Connection) -> None:
    """Start a child; of the two ends it may speak through only its own stays open.

    Raises:
        MachineError: when it can't be started.
    """
    # A child would import the main module once more: that takes longest, and does nothing.
    main, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
    try:
        process.start()
    except OSError as error:
        problem = Problem("no-process", f"no process can be started: {error.strerror}")
        raise MachineError(problem) from error
    finally:
        sys.modules["__main__"] = main
        sender.close()  # or the death of the child would not end what is read from it


def _heard(
    process: Process, receiver: Connection, limits: Limits, listen: Listener, words: Path
) -> Json:
    """What a child answers."""
    began, waiting = time.monotonic(), _START
    while True:
        left = max(0.0, began + limits.longest - time.monotonic())
        if not receiver.poll(min(waiting, left)):
            raise _stuck(min(waiting, limits.longest))
        waiting = limits.patience
        try:
            kind, value = _message(_received(process, receiver, waiting))
            if kind == "answer":
                return value
            event = _told(kind, value)
        except EOFError:
            raise _died(process, words) from None
        except OSError:
            raise _crashed("its reader answered more than can be taken") from None
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise _crashed(f"its reader answered nonsense ({type(error).__name__})") from None
        if event is not None:
            listen(event)


def _received(process: Process, receiver: Connection, patience: float) -> bytes:
    """A whole message; one that is begun and not finished in time is the child's end.

    Raises:
        MediaError: when it is not.
        EOFError, OSError: when the child is gone, or the message too long.
    """
    late = threading.Event()

    def stop() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(patience, stop)
    timer.start()
    try:
        return receiver.recv_bytes(_LARGEST_ANSWER)
    except (EOFError, OSError):
        if late.is_set():
            raise _stuck(patience) from None
        raise
    finally:
        timer.cancel()


def _stuck(seconds: float) -> MediaError:
    """A child that makes no progress."""
    told = f"its reader was stopped: no progress in {seconds:.0f} s"
    return MediaError(Problem("parser-timeout", told))


def _message(data: bytes) -> tuple[str, Json]:
    """A message's kind and value.

    Raises:
        ValueError, RecursionError: when it is none.
    """
    message = json.loads(data)
    match message:
        case [str(kind), value]:
            return kind, value
        case _:
            raise ValueError("no message")


def _told(kind: str, value: Json) -> Event | None:
    """The progress a child tells of, None for a mere sign of life.

    Raises:
        FinisherError: what it told of.
        TypeError, ValueError, KeyError: when it is nothing that children tell.
    """
    if kind == "alive":
        return None
    if kind == "memory":
        raise MediaError(Problem("parser-memory", "its reader ran out of the memory it may use"))
    if kind == "error":
        raise _crashed(f"its reader failed: {str(value)[:_WORDS]}")
    if kind in _FAILURES:
        raise _FAILURES[kind](from_json(tuple[Problem, ...], value))
    return from_json(_EVENTS[kind], value)


def _crashed(message: str) -> MediaError:
    """A child that came to no good end."""
    return MediaError(Problem("parser-crashed", message))


def _died(process: Process, words: Path) -> MediaError:
    """Why a child is gone without an answer."""
    process.join(_START)
    with words.open("rb") as stream:
        stream.seek(max(0, words.stat().st_size - _TAIL))
        last = stream.read(_TAIL).decode("utf-8", "replace").strip()
    code = process.exitcode or 0
    if code == -getattr(signal, "SIGXCPU", 0):
        return MediaError(Problem("parser-timeout", "its reader used up the time it may compute"))
    # The kernel kills what takes too much of everybody's memory; nobody else did.
    if any(sign in last for sign in _NO_MEMORY) or code == -getattr(signal, "SIGKILL", 0):
        return MediaError(Problem("parser-memory", "its reader ran out of the memory it may use"))
    how = f"exit code {code}" if code >= 0 else _signal_name(-code)
    said = f", last words: {last.splitlines()[-1][:_WORDS]}" if last else ""
    return _crashed(f"its reader died ({how}{said})")


def _signal_name(number: int) -> str:
    """`SIGSEGV`, or the number of a signal without a name."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _end(process: Process) -> None:
    """See to it that a child, and everything it started, is gone."""
    if process.pid is None:
        return
    if process.is_alive() or process.exitcode != 0:
        # Before it leads a group of its own there is none by its number.
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
    process.join()
    process.close()


class _Teller:
    """A child's voice: many small steps of progress are told as few."""

    def __init__(self, sender: Connection) -> None:
        self._sender = sender
        self._told = time.monotonic()
        self._held: dict[str, Advanced] = {}

    def __call__(self, event: Event) -> None:
        if isinstance(event, Advanced):
            held = self._held.get(event.stage, Advanced(event.stage, 0))
            self._held[event.stage] = Advanced(event.stage, held.amount + event.amount, event.note)
            if time.monotonic() - self._told < _TELL_EVERY:
                return
            self._release()
            return
        self._release()
        self.say(type(event).__name__, to_json(event))

    def say(self, kind: str, value: Json) -> None:
        """One message."""
        self._sender.send_bytes(json.dumps([kind, value]).encode())

    def _release(self) -> None:
        """Tell what was held back."""
        for event in self._held.values():
            self.say("Advanced", to_json(event))
        self._held.clear()
        self._told = time.monotonic()


def _work(
    sender: Connection,
    words: str,
    function: Callable[[T, Listener], Json],
    argument: T,
    limits: Limits,
) -> None:
    """What the child does: shut itself in, work, and answer."""
    _confine(words, limits)
    teller = _Teller(sender)
    teller.say("alive", None)
    try:
        answer = function(argument, teller)
    except FinisherError as error:
        teller.say(type(error).__name__, to_json(tuple(error.problems)))
    except MemoryError:
        teller.say("memory", None)
    except Exception as error:  # noqa: BLE001 (whatever went wrong, the parent is told)
        teller.say("error", f"{type(error).__name__}: {error}"[:_WORDS])
    else:
        teller.say("answer", answer)


def _confine(words: str, limits: Limits) -> None:
    """Leave the parent's terminal, secrets and signals behind, and accept the limits."""
    if hasattr(os, "setsid"):
        os.setsid()  # an interrupt is the parent's to hear; it ends the whole group
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Libraries print what they read in files: none of it may reach a terminal.
    spoken = os.open(words, os.O_WRONLY | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(spoken, stream)
    for name in set(os.environ) - _ALSO_KEPT:
        if not name.startswith(_KEPT):
            del os.environ[name]
    _limit(limits)
    threading.Thread(target=_leave_with_parent, daemon=True).start()


def _limit(limits: Limits) -> None:
    """Accept limits, where the platform has them; programs the child starts inherit them.

    Memory is counted as what may be written to (`RLIMIT_DATA`): address space, which threads and
    mapped files take without using it, says little.
    """
    try:
        import resource  # noqa: PLC0415 (there is none on Windows)
    except ImportError:
        return
    cores = os.cpu_count() or 1
    memory = limits.memory if limits.memory is not None else _MEMORY + _CORE_MEMORY * cores
    # Seconds of all threads together: it ends a child whose parent was killed, if nothing else.
    for kind, most in (
        (resource.RLIMIT_DATA, memory),
        (resource.RLIMIT_CPU, int(limits.longest * cores) + 1),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(kind)[1]
        within = most if hard == resource.RLIM_INFINITY else min(most, hard)
        with contextlib.suppress(OSError, ValueError):  # some platforms refuse some limits
            resource.setrlimit(kind, (within, hard))


def _leave_with_parent() -> None:
    """End this child and all it started once its parent is gone, however it went."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        if hasattr(os, "killpg"):
            os.killpg(0, signal.SIGKILL)
        os._exit(1)
