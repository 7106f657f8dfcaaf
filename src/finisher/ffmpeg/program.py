"""The ffmpeg that is run: which one, on what files, and for how long.

It is the embedded one, or the one that `FINISHER_FFMPEG` names. No shell is involved, nothing is
read from standard input, only local files are opened, and no process outlives the call that
started it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import IO, cast

import ffmpeg
import imageio_ffmpeg

from finisher.problems import MachineError, MediaError, Problem, Where

LIMIT_SECONDS = 3600.0
"""Longest any process may take: a stuck reader must not hold up a render farm for ever."""
_TAIL_LINES, _LINE, _COMMAND = 12, 300, 1000
"""How much of a failed process's words is told: lines, characters of each, of the command."""


@cache
def executable() -> str:
    """The ffmpeg to run.

    Raises:
        MachineError: when `FINISHER_FFMPEG` names no program, or no embedded one is installed.
    """
    named = os.environ.get("FINISHER_FFMPEG")
    if named:
        found = shutil.which(named)
        if found is None:
            raise MachineError(
                Problem("no-ffmpeg", f"FINISHER_FFMPEG names {named!r}, which is no program")
            )
        return found
    try:
        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except RuntimeError as error:
        hint = "set FINISHER_FFMPEG to an ffmpeg 5 or newer"
        raise MachineError(Problem("no-ffmpeg", str(error), hint=hint)) from error


@cache
def version() -> str:
    """What the ffmpeg in use calls itself, e.g. `n9.0.2`.

    Raises:
        MachineError: when it does not answer.
    """
    try:
        answer = subprocess.run(
            [executable(), "-hide_banner", "-version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=30,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise MachineError(Problem("no-ffmpeg", f"{executable()} does not run: {error}")) from error
    words = answer.stdout.decode("utf-8", "replace").split()
    if words[:2] != ["ffmpeg", "version"]:
        raise MachineError(Problem("no-ffmpeg", f"{executable()} is no ffmpeg"))
    return words[2] if len(words) > 2 else "unknown"


@contextmanager
def named(path: Path) -> Iterator[Path]:
    """A name for a file that is text: graphs are built of text, and names of bytes of any kind."""
    whole = path.absolute()
    try:
        str(whole).encode()
    except UnicodeEncodeError:
        with tempfile.TemporaryDirectory(prefix="finisher-name-") as folder:
            alias = Path(folder) / "media"
            alias.symlink_to(whole)
            yield alias
    else:
        yield path


def url(path: Path) -> str:
    """A local file's name that no option, pattern or protocol can be read into."""
    return f"file:{path.absolute()}"


def opened(path: Path, **options: str | int) -> ffmpeg.nodes.FilterableStream:
    """A local file as a graph's input; a play list inside it can't reach the network."""
    return ffmpeg.input(url(path), protocol_whitelist="file", **options)


@contextmanager
def running(
    arguments: Sequence[str], path: Path, complaints: list[str] | None
) -> Iterator[IO[bytes]]:
    """Run ffmpeg and hand out its standard output; on leaving, it has ended.

    A reader that stops early ends the process quietly; one that read to the end learns of errors.
    """
    command = [executable(), "-hide_banner", "-nostdin", "-v", "error", "-y", *arguments]
    late = threading.Event()
    with tempfile.TemporaryFile() as log:
        process = _started(command, log)
        timer = threading.Timer(LIMIT_SECONDS, _stop, (process, late))
        timer.daemon = True
        timer.start()
        output = cast("IO[bytes]", process.stdout)
        try:
            yield output
            unread = output.read(1)
            if unread:
                process.kill()
            process.wait()
        except BaseException:
            process.kill()
            process.wait()
            raise
        finally:
            timer.cancel()
            output.close()
        log.seek(0)
        lines = log.read().decode("utf-8", "replace").splitlines()
    if complaints is not None:
        complaints.extend(lines)
    if late.is_set():
        lines = [*lines, f"stopped after {LIMIT_SECONDS:g} s"]
    if process.returncode != 0 and not unread:
        raise MediaError(_failure(command, path, lines, process.returncode))


def _stop(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    """End a process that has had its time."""
    late.set()
    process.kill()


def _started(command: Sequence[str], log: IO[bytes]) -> subprocess.Popen[bytes]:
    """A process whose output is a pipe and whose complaints go to a file, so that none blocks."""
    try:
        return subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log
        )
    except OSError as error:
        raise MachineError(Problem("no-ffmpeg", f"{command[0]} does not start")) from error


def _failure(command: Sequence[str], path: Path, lines: Sequence[str], code: int) -> Problem:
    """What to tell people about a process that failed."""
    told = " / ".join(line[:_LINE] for line in lines[-_TAIL_LINES:]) or "it said nothing"
    return Problem(
        "media-unreadable",
        f"ffmpeg ended with {code}: {told}",
        where=Where(path.name),
        hint=f"the command was: {subprocess.list2cmdline(command)[:_COMMAND]}",
    )
