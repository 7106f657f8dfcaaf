"""A content-addressed folder: whatever was made once for a key is never made again."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from finisher.canonical import Json
from finisher.problems import MachineError, Problem, Where


@dataclass(frozen=True, slots=True)
class Entry:
    """One stored file, for `finish cache`."""

    kind: str
    path: Path
    bytes: int
    used: float
    """When it was last asked for, in seconds since 1970."""


@dataclass(frozen=True, slots=True)
class Store:
    """Files by kind and key; an entry appears whole, by rename, or not at all.

    Any number of processes may share it: two that make the same entry write the same content.
    """

    root: Path

    def path(self, kind: str, key: str, suffix: str) -> Path:
        """Where an entry lies, made or not."""
        return self.root / kind / key[:2] / f"{key}{suffix}"

    def get(self, kind: str, key: str, suffix: str) -> Path | None:
        """The entry, marked as used; None where it was not made yet."""
        path = self.path(kind, key, suffix)
        try:
            os.utime(path)
        except OSError:
            return None
        return path

    def make(self, kind: str, key: str, suffix: str, write: Callable[[Path], None]) -> Path:
        """The entry, written to a temporary file and renamed if it was not there.

        Raises:
            MachineError: when the disk is full or the folder can't be written.
        """
        found = self.get(kind, key, suffix)
        if found is not None:
            return found
        path = self.path(kind, key, suffix)
        with _no_room(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, name = tempfile.mkstemp(dir=path.parent, prefix=".making-", suffix=suffix)
            os.close(handle)
            try:
                write(Path(name))
                Path(name).replace(path)
            finally:
                Path(name).unlink(missing_ok=True)
        return path

    def read(self, kind: str, key: str) -> Json:
        """A stored JSON value; None where there is none or it can't be read."""
        path = self.get(kind, key, ".json")
        if path is None:
            return None
        try:
            value: Json = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        return value

    def write(self, kind: str, key: str, value: Json) -> None:
        """Store a JSON value, in place of the one that may be there."""
        self.path(kind, key, ".json").unlink(missing_ok=True)
        text = json.dumps(value, ensure_ascii=False)
        self.make(kind, key, ".json", lambda path: _write_text(path, text))

    def entries(self) -> Iterator[Entry]:
        """Everything stored."""
        for path in sorted(self.root.glob("*/??/*")):
            with contextlib.suppress(FileNotFoundError):
                status = path.stat()
                yield Entry(path.parent.parent.name, path, status.st_size, status.st_mtime)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")


@contextlib.contextmanager
def _no_room(path: Path) -> Iterator[None]:
    """Turn what a disk may refuse into a problem with its place."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EROFS):
            raise
        raise MachineError(
            Problem("store-unwritable", f"can't store: {error.strerror}", Where(str(path.parent)))
        ) from error
