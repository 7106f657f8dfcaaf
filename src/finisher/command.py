"""The door to programs the user names: bytes in, bytes out, within limits, never a shell."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Thread
from typing import IO

from finisher.confidential import LEFT_OUT, without_keys
from finisher.problems import DocumentError, MachineError, Problem

_BLOCK = 1 << 16
_STEP = 0.1
"""Seconds after which whoever waits for a program looks whether it still should."""
_LINGER = 1.0
"""Seconds to wait for what a program that has ended still has to say."""
_STDERR = 1 << 14
_LINE = 300
_SHORTEST = 4
"""Characters of a PIN; anything shorter stands in every sentence."""
_CONFIDENTIAL = re.compile(r"PIN|PASS|SECRET|TOKEN|CREDENTIAL|KEY", re.IGNORECASE)
"""Variables of the environment whose values a program should not have repeated."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may take and give."""

    seconds: float = 120.0
    """A person may have to type a PIN, or a service to wake up."""
    answer: int = 1 << 18
    """Most bytes of its standard output."""
    withheld: tuple[str, ...] = ()
    """Variables of the environment that are none of its business."""


def words_of(text: str) -> tuple[str, ...]:
    """A command line as its words, split as a POSIX shell would, and nothing else done to it.

    Raises:
        DocumentError: when a quotation is left open, or there are no words.
    """
    try:
        words = tuple(shlex.split(text))
    except ValueError as error:
        # The command itself is not told: there may be a PIN in it.
        raise DocumentError(Problem("command-unreadable", f"the command: {error}")) from None
    if not words:
        raise DocumentError(Problem("command-unreadable", "the command is empty"))
    return words


def find(words: Sequence[str]) -> str:
    """The program that a command names.

    Raises:
        MachineError: when there is none that can be run.
    """
    found = shutil.which(words[0])
    if found is None:
        hint = "name it by its path, or put its folder on PATH"
        raise MachineError(
            Problem("command-missing", f"{words[0]} is no program that can be run", hint=hint)
        )
    return found


def run(words: Sequence[str], given: bytes, limits: Limits, stop: Event | None = None) -> bytes:
    """Run a program with bytes on its standard input; what it writes to standard output.

    It may ask its own questions on the terminal, and stays in finisher's process group for that;
    where there is no terminal it leads a group of its own. When it fails, the last two lines of
    its standard error are told, made harmless and short, without whatever looks like a key or is
    the value of a variable named like a secret.

    Args:
        words: the program and its arguments.
        given: what it reads.
        limits: what it may take and give.
        stop: set by another thread to end it, with everything it started.

    Raises:
        MachineError: when it is missing, fails, takes too long or says too much.
        KeyboardInterrupt: when it was stopped.
    """
    name = Path(words[0]).name
    environment = {k: v for k, v in os.environ.items() if k not in limits.withheld}
    try:
        process = subprocess.Popen(
            [find(words), *words[1:]],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            process_group=None if _attended() else 0,
        )
    except OSError as error:
        message = f"{name} does not start: {error.strerror or 'refused'}"
        raise MachineError(Problem("command-missing", message)) from None
    try:
        answer, told = _talk(process, given, limits, stop or Event())
    finally:
        # Whatever ended the talk, nothing is left running.
        _end(process)
    if len(answer) > limits.answer:
        message = f"{name} wrote more than {limits.answer} bytes"
        raise MachineError(Problem("command-overflow", message))
    if process.returncode:
        message = f"{name} failed with exit code {process.returncode}"
        raise MachineError(Problem("command-failed", f"{message}: {_last_words(told)}"))
    return answer


def _talk(
    process: subprocess.Popen[bytes], given: bytes, limits: Limits, stop: Event
) -> tuple[bytes, bytes]:
    """Feed a program and hear it out: its answer, one byte over the limit at most, and stderr.

    Raises:
        MachineError: when it takes too long.
        KeyboardInterrupt: when it was stopped.
    """
    answer, told = bytearray(), bytearray()
    threads = [
        Thread(target=_feed, args=(process.stdin, given), daemon=True),
        Thread(target=_hear, args=(process, answer, limits.answer), daemon=True),
        Thread(target=_note, args=(process.stderr, told), daemon=True),
    ]
    for thread in threads:
        thread.start()
    until = time.monotonic() + limits.seconds
    while not _ended(process):
        if stop.is_set():
            raise KeyboardInterrupt
        if time.monotonic() > until:
            name = Path(str(process.args[0])).name  # type: ignore[index]
            message = f"{name} took longer than {limits.seconds:g} s"
            raise MachineError(Problem("command-timeout", message))
    for thread in threads:
        # A child of the program may hold its pipes open for ever.
        thread.join(_LINGER)
    return bytes(answer), bytes(told)


def _ended(process: subprocess.Popen[bytes]) -> bool:
    """Wait a moment for a program; whether it has ended."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STEP)
    return process.returncode is not None


def _attended() -> bool:
    """Whether there is a terminal to ask a person on; only finisher's own group may use it."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR))
    except OSError:
        return False
    return True


def _end(process: subprocess.Popen[bytes]) -> None:
    """See to it that a program that still runs, and everything it started, is gone."""
    if process.poll() is None:
        begun = _begun_by(process.pid)
        with suppress(OSError):
            if hasattr(os, "killpg") and os.getpgid(process.pid) == process.pid:
                os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        for one in begun:
            with suppress(OSError):
                os.kill(one, signal.SIGKILL)
    process.wait()


def _begun_by(program: int) -> list[int]:
    """The processes a program started, and those that they did, where the kernel lists them."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError, ValueError, IndexError):
            # The name before it, in parentheses, may hold anything.
            parent = int(path.read_bytes().rpartition(b")")[2].split()[1])
            children.setdefault(parent, []).append(int(path.parent.name))
    found = [program]
    for one in found:
        found += children.get(one, [])
    return found[1:]


def _feed(pipe: IO[bytes], given: bytes) -> None:
    """Write it all; a program that does not want to read it is free not to."""
    with suppress(OSError), pipe:
        pipe.write(given)


def _hear(process: subprocess.Popen[bytes], into: bytearray, most: int) -> None:
    """Keep what a program answers; at more than so many bytes it has said enough."""
    pipe = process.stdout
    if pipe is None:
        return
    with pipe:
        while block := os.read(pipe.fileno(), _BLOCK):
            into.extend(block[: most + 1 - len(into)])
            if len(into) > most:
                _end(process)
                return


def _note(pipe: IO[bytes], into: bytearray) -> None:
    """Keep the end of what a program complains of."""
    with pipe:
        while block := os.read(pipe.fileno(), _BLOCK):
            into.extend(block)
            del into[:-_STDERR]


def _last_words(told: bytes) -> str:
    """The last two lines of a program's words that say something, short and harmless.

    The very last often tells only that it ends.
    """
    lines = [line.strip() for line in told.decode("utf-8", "replace").splitlines()]
    said = [line for line in lines if line]
    if not said:
        return "it did not say why"
    visible = ["".join(map(_visible, line)) for line in said[-2:]]
    for name, value in os.environ.items():
        if _CONFIDENTIAL.search(name) and len(value) >= _SHORTEST:
            visible = [line.replace(value, LEFT_OUT) for line in visible]
    return "; ".join(without_keys(line)[:_LINE] for line in visible)


def _visible(character: str) -> str:
    """A character, or a space for one that does something else than show."""
    return character if character.isprintable() else " "
