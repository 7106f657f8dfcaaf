"""The door to files that only ever grow: a line is added whole, or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from finisher.problems import MachineError, Problem, Where

_OPEN = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_CLOEXEC", 0)


def append(path: Path, line: Callable[[bytes], bytes], mode: int = 0o666) -> bytes:
    """Add what `line` makes of all that is in a file to its end, on the disk when this returns.

    Nobody else adds to it in between. What can't be written whole is taken back. Gives all that
    was in the file when the line was in it.

    Args:
        path: the file; made where there is none, its folder too, unless `line` refuses to begin it.
        line: gets the content, gives what is to follow it; nothing for nothing to add. What it
            raises is passed on, with nothing written.
        mode: who may do what with a file that is made, less the process's mask.

    Raises:
        MachineError: when it can't be read or written.
    """
    with _writing(path):
        there = path.exists()
    if not there:
        line(b"")  # what is refused leaves no empty file behind
    with _writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, _OPEN, mode)
    with os.fdopen(handle, "r+b", buffering=0) as file, _alone(handle, path):
        with _writing(path):
            content = file.readall()
        added = line(content)
        with _writing(path):
            if added:
                _add(handle, added, len(content))
            if not content:
                _settle(path.parent)
    return content + added


def _add(handle: int, added: bytes, size: int) -> None:
    """Write behind the end; on failure the file ends where it did."""
    try:
        view = memoryview(added)
        while view:
            view = view[os.write(handle, view) :]
        os.fsync(handle)
    except OSError:
        with contextlib.suppress(OSError):
            os.ftruncate(handle, size)
        raise


def read(path: Path) -> bytes:
    """All that is in a file; nothing where there is none.

    Raises:
        MachineError: when it can't be read.
    """
    with _writing(path):
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return b""


@contextlib.contextmanager
def _alone(handle: int, path: Path) -> Iterator[None]:
    """Hold a file against everybody else who adds to it by this door; closing it lets go."""
    with _writing(path):
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 (each system has one of the two)

            os.lseek(handle, 0, os.SEEK_SET)
            msvcrt.locking(handle, msvcrt.LK_LOCK, 1)
        else:
            import fcntl  # noqa: PLC0415

            fcntl.flock(handle, fcntl.LOCK_EX)
    yield


def _settle(folder: Path) -> None:
    """Let a new file's name survive a power cut too, where a system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


@contextlib.contextmanager
def _writing(path: Path) -> Iterator[None]:
    """Turn what a disk refuses into a problem with its place."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        message = f"can't be read or added to: {reason}"
        raise MachineError(Problem("ledger-unwritable", message, Where(str(path)))) from error
