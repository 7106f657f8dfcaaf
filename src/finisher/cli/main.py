"""One invocation: parse, run, turn what came of it into an exit code."""

from __future__ import annotations

import os
import sys
import tempfile
import traceback
from argparse import Namespace
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from finisher.cli import options
from finisher.cli.session import Session, put
from finisher.console import Mode, progress, show_problems
from finisher.pipeline.workers import LocalWorkers
from finisher.problems import Exit, FinisherError, Problem

# Loaded when asked for: `finish presets` must not wait for libraries that only a render needs.
_HOMES = {
    "render": "render",
    "plan": "inspect",
    "check": "inspect",
    "probe": "inspect",
    "audit": "inspect",
    "prep": "house",
    "presets": "house",
    "schema": "house",
    "init": "house",
    "doctor": "house",
    "cache": "house",
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
    if given and given[0] not in (*options.COMMANDS, "-h", "--help", "--version"):
        # The first word may be an edit list; a file named like a command is written ./render.
        given.insert(0, "render")
    try:
        words = options.parser().parse_args(given)
    except SystemExit as stop:
        return Exit.USAGE if stop.code else Exit.OK
    try:
        return _run(words)
    except FinisherError as error:
        _tell(error.problems, words)
        return error.exit
    except KeyboardInterrupt:
        sys.stderr.write("finish: interrupted; what was finished is kept\n")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone; there is nobody to tell.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return Exit.OK
    except Exception:  # noqa: BLE001 (the one boundary: a bug must still end in its own exit code)
        traceback.print_exc()
        sys.stderr.write("finish: this is a bug in finisher; the lines above say where\n")
        return Exit.BUG


def _run(words: Namespace) -> Exit:
    """Run a command with its listener, its workers and its store in place."""
    with ExitStack() as stack:
        cache: Path | None = None
        if getattr(words, "no_cache", False):
            cache = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="finisher-")))
        mode = Mode(getattr(words, "progress", Mode.AUTO))
        workers = LocalWorkers(getattr(words, "jobs", None))
        stack.callback(workers.shutdown)
        listen = stack.enter_context(progress(mode))
        circumstances = options.settings(words, cache) if hasattr(words, "jobs") else None
        try:
            return _command(words.command)(words, Session(circumstances, workers, listen))
        except KeyboardInterrupt:
            workers.shutdown(wait=False, cancel_futures=True)
            raise


def _tell(problems: Sequence[Problem], words: Namespace) -> None:
    """Problems for people on stderr; with `--json` also as the one document on stdout."""
    show_problems(problems)
    if getattr(words, "json", False):
        document = {
            "schema": "finisher/problems@1",
            "problems": [problem.as_json() for problem in problems],
        }
        put(document)
