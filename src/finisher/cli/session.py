"""What every command is handed: circumstances, workers and a listener."""

from __future__ import annotations

import io
import json
import os
import sys
from collections.abc import Mapping
from concurrent.futures import Executor
from contextlib import suppress
from dataclasses import dataclass

from finisher.pipeline.settings import Settings, cache_folder, data_folder
from finisher.problems import MachineError, Problem, Where
from finisher.progress import Listener
from finisher.report.plain import escaped


@dataclass(frozen=True, slots=True)
class Session:
    """One invocation's surroundings."""

    given: Settings | None
    workers: Executor
    listen: Listener

    @property
    def settings(self) -> Settings:
        """The circumstances asked for, or the usual ones."""
        return self.given or Settings(cache_folder(), data_folder())


def put(document: Mapping[str, object]) -> None:
    """Print the one document a `--json` command has for stdout.

    Raises:
        MachineError, BrokenPipeError: as `say`.
    """
    # What a narrow encoding lacks is escaped as JSON has it, not as `speak_plainly` would.
    narrow = not str(sys.stdout.encoding).lower().startswith("utf")
    text = json.dumps(document, ensure_ascii=narrow, indent=2)
    # Texts out of files may hold what steers a terminal: JSON has an escape for everything.
    say(escaped(text))


def say(text: str) -> None:
    """Print a result for stdout, all of it.

    Raises:
        MachineError: when there is no room for it.
        BrokenPipeError: when whoever read it has gone.
    """
    try:
        sys.stdout.write(text if text.endswith("\n") else text + "\n")
        sys.stdout.flush()
    except OSError as error:
        # What is still held is dropped, or leaving would fail at it again.
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise
        raise MachineError(
            Problem("output-unwritable", f"can't write: {error.strerror}", Where("stdout"))
        ) from error


def speak_plainly() -> None:
    """Let stdout and stderr escape what their encoding lacks, rather than fail at it."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
