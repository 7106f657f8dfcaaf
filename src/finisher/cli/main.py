"""One invocation: parse, run, turn what came of it into an exit code."""

from __future__ import annotations

import signal
import sys
import tempfile
import traceback
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import current_thread, main_thread
from types import FrameType

from finisher.cli import options
from finisher.cli.session import Session, put, speak_plainly
from finisher.command import without_keys
from finisher.console.problems import show_problems
from finisher.console.progress import Mode, progress
from finisher.pipeline.workers import LocalWorkers, Serial
from finisher.problems import Exit, FinisherError, MachineError, Problem
from finisher.report.plain import plain

# Loaded when asked for: `finish presets` must not wait for libraries that only a render needs.
_HOMES = {
    "render": "render",
    "plan": "inspect",
    "check": "inspect",
    "probe": "inspect",
    "loop": "loop",
    "match": "match",
    "audit": "inspect",
    "consent": "consent",
    "takes": "takes",
    "prep": "prep",
    "presets": "house",
    "policies": "policies",
    "schema": "house",
    "init": "house",
    "doctor": "house",
    "cache": "house",
    "trust": "trust",
    "unit": "farm",
}


def _command(name: str) -> Callable[[Namespace, Session], Exit]:
    """The function that runs a command."""
    run: Callable[[Namespace, Session], Exit] = getattr(
        import_module(f"finisher.cli.{_HOMES[name]}"), name
    )
    return run


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    speak_plainly()
    try:
        with _stoppable():
            return _ended(given)
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        return Exit.OK
    except MachineError as error:
        # Stdout takes nothing more: a document about it has nowhere to go either.
        show_problems(error.problems)
        return error.exit


def _ended(given: list[str]) -> int:
    """Run, and tell how it ended.

    Raises:
        BrokenPipeError, MachineError: when stdout can't be told.
    """
    if given and given[0] not in (*options.COMMANDS, "-h", "--help", "--version"):
        # The first word may be an edit list; a file named like a command is written ./render.
        given.insert(0, "render")
    try:
        words = options.parse(given)
    except SystemExit:
        return Exit.OK  # help, or the version
    except FinisherError as error:
        _tell(error.problems, given)
        return error.exit
    try:
        return _run(words)
    except FinisherError as error:
        problems, code = error.problems, error.exit
    except KeyboardInterrupt:
        told = Problem("interrupted", "interrupted; what was finished is kept")
        problems, code = (told,), Exit.INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 (the one boundary: a bug must still end in its own exit code)
        # What went wrong may be told in words out of a file: none of them may steer a terminal. And
        # it may have had a key in its hands.
        lines = without_keys(traceback.format_exc()).splitlines()
        trace = "\n".join(plain(line, 2000) for line in lines)
        print(trace, file=sys.stderr)  # noqa: T201 (a bug is told as Python tells it)
        message = without_keys(f"{type(error).__name__}: {error}")
        told = Problem("bug", message, hint="a bug in finisher")
        problems, code = (told,), Exit.BUG
    _tell(problems, given)
    return code


@contextmanager
def _stoppable() -> Iterator[None]:
    """Let whoever ends the process, or closes its terminal, stop it as cleanly as Ctrl-C does."""
    if current_thread() is not main_thread():
        yield  # only the main thread may say what signals do
        return
    kinds = [getattr(signal, name, None) for name in ("SIGTERM", "SIGHUP")]
    # What was set to be ignored, as nohup does, stays ignored.
    heard = [k for k in kinds if k is not None and signal.getsignal(k) is signal.SIG_DFL]

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        for kind in heard:
            signal.signal(kind, signal.SIG_IGN)  # once is enough; cleaning up takes its time
        raise KeyboardInterrupt

    for kind in heard:
        signal.signal(kind, stop)
    try:
        yield
    finally:
        for kind in heard:
            signal.signal(kind, signal.SIG_DFL)


def _run(words: Namespace) -> Exit:
    """Run a command with its listener, its workers and its store in place."""
    with ExitStack() as stack:
        cache: Path | None = None
        if getattr(words, "no_cache", False):
            cache = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="finisher-")))
        mode = Mode(getattr(words, "progress", Mode.AUTO))
        workers = LocalWorkers(words.jobs) if hasattr(words, "jobs") else Serial()
        stack.callback(workers.shutdown)
        listen = stack.enter_context(progress(mode))
        circumstances = options.settings(words, cache) if hasattr(words, "jobs") else None
        try:
            return _command(words.command)(words, Session(circumstances, workers, listen))
        except KeyboardInterrupt:
            workers.shutdown(wait=False, cancel_futures=True)
            raise


def _tell(problems: Sequence[Problem], given: Sequence[str]) -> None:
    """Problems for people on stderr; with `--json` also as the one document on stdout."""
    with suppress(OSError):  # a terminal that was closed takes nothing more
        show_problems(problems)
    if options.wants_json(given):
        document = {
            "schema": "finisher/problems@1",
            "problems": [problem.as_json() for problem in problems],
        }
        put(document)
