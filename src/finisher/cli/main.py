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
from finisher.confidential import without_keys
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
    "watermark": "watermark",
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
        with _stoppable() as heard:
            return _ended(given, heard)
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        return Exit.OK
    except MachineError as error:
        # Stdout takes nothing more: a document about it has nowhere to go either.
        show_problems(error.problems)
        return error.exit


def _ended(given: list[str], heard: Sequence[int]) -> int:
    """Run, and tell how it ended; `heard` are the signals that asked it to stop.

    Raises:
        BrokenPipeError, MachineError: when stdout can't be told.
    """
    if given and given[0] not in (*options.COMMANDS, "-h", "--help", "--version"):
        # The first word may be an edit list; a file named like a command is written ./render.
        given.insert(0, "render")
    try:
        words = _parsed(given)
        return Exit.OK if words is None else _run(words)
    except (KeyboardInterrupt, Exception) as error:  # noqa: BLE001 (the one boundary: a bug must still end in its own exit code)
        problems, code = _ending(error, heard)
    _tell(problems, given)
    return code


def _parsed(given: list[str]) -> Namespace | None:
    """A command line's words, None where help or the version was asked for and is shown.

    Raises:
        DocumentError: as `finisher.cli.options.parse`.
    """
    try:
        return options.parse(given)
    except SystemExit:
        return None


def _ending(error: BaseException, heard: Sequence[int]) -> tuple[Sequence[Problem], Exit]:
    """What a run that did not come to its end tells, and its exit code.

    Whoever is interrupted may end in another way: a library while it loads complains of what it
    could not load, a worker's pipe breaks. It was interrupted all the same.

    Raises:
        BrokenPipeError: when stdout is gone.
    """
    if heard or isinstance(error, KeyboardInterrupt):
        told = Problem("interrupted", "interrupted; what was finished is kept")
        return (told,), Exit.INTERRUPTED
    if isinstance(error, BrokenPipeError):
        raise error
    if isinstance(error, FinisherError):
        return error.problems, error.exit
    return (_bug(error),), Exit.BUG


def _bug(error: BaseException) -> Problem:
    """Tell a bug as Python does, on stderr, and as a problem.

    What went wrong may be told in words out of a file: none of them may steer a terminal. And it
    may have had a key in its hands.
    """
    lines = without_keys("".join(traceback.format_exception(error))).splitlines()
    trace = "\n".join(plain(line, 2000) for line in lines)
    print(trace, file=sys.stderr)  # noqa: T201 (a bug is told as Python tells it)
    message = without_keys(f"{type(error).__name__}: {error}")
    return Problem("bug", message, hint="a bug in finisher")


@contextmanager
def _stoppable() -> Iterator[list[int]]:
    """Let whoever ends the process, or closes its terminal, stop it as cleanly as Ctrl-C does.

    What is given fills with the signals that were heard.
    """
    heard: list[int] = []
    if current_thread() is not main_thread():
        yield heard  # only the main thread may say what signals do
        return
    kinds = [getattr(signal, name, None) for name in ("SIGINT", "SIGTERM", "SIGHUP")]
    before = {kind: signal.getsignal(kind) for kind in kinds if kind is not None}
    # What was set to be ignored, as nohup does, stays ignored.
    taken = [
        kind
        for kind, handler in before.items()
        if handler is signal.SIG_DFL or (kind == signal.SIGINT and callable(handler))
    ]

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        heard.append(number)
        for kind in taken:
            if number != signal.SIGINT != kind:
                signal.signal(kind, signal.SIG_IGN)  # once is enough; cleaning up takes its time
        raise KeyboardInterrupt

    for kind in taken:
        signal.signal(kind, stop)
    try:
        yield heard
    finally:
        for kind in taken:
            signal.signal(kind, before[kind])


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
