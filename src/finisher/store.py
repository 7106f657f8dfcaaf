"""A content-addressed folder: whatever was made once for a key is never made again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import logging
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from finisher.canonical import Json
from finisher.problems import MachineError, Problem, Where

_LOG = logging.getLogger(__name__)
_SEAL = ".sum"
"""Ends the name of the small file beside each entry: its length, digest and time of change."""
_UNFINISHED = "."
"""Begins the name of what is still being made, or was when its process died."""
_SMALL = 1 << 20
"""Bytes up to which an entry is read whole each time it is asked for."""


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

    Beside each entry lies its seal. An entry that no longer agrees with it, whatever damaged it,
    counts as not made. Any number of processes may share a store: two that make the same entry
    make the same thing of it.
    """

    root: Path

    def path(self, kind: str, key: str, suffix: str) -> Path:
        """Where an entry lies, made or not."""
        return self.root / kind / key[:2] / f"{key}{suffix}"

    def get(self, kind: str, key: str, suffix: str) -> Path | None:
        """The entry, marked as used; None where it was not made yet, or was damaged since."""
        path = self.path(kind, key, suffix)
        if not _whole(path):
            if path.exists():
                _LOG.warning("%s was damaged: it counts as not made, and is made again", path)
            return None
        # A store that can't be written can still be read.
        with contextlib.suppress(OSError):
            os.utime(_seal_of(path))
        return path

    def make(self, kind: str, key: str, suffix: str, write: Callable[[Path], None]) -> Path:
        """The entry, made by `write` if it was not there.

        Raises:
            MachineError: when the disk is full or the folder can't be written.
        """
        return self.get(kind, key, suffix) or self.put(kind, key, suffix, write)

    def put(self, kind: str, key: str, suffix: str, write: Callable[[Path], None]) -> Path:
        """An entry in place of the one that may be there: a temporary file, sealed and renamed.

        Raises:
            MachineError: when the disk is full or the folder can't be written.
        """
        return self.put_together(kind, [key], suffix, lambda made: write(made[0]))[0]

    def put_together(
        self,
        kind: str,
        keys: Sequence[str],
        suffix: str,
        write: Callable[[Sequence[Path]], None],
    ) -> list[Path]:
        """Several entries made in one go, each sealed and renamed once all of them are written.

        Raises:
            MachineError: when the disk is full or the folder can't be written.
        """
        paths = [self.path(kind, key, suffix) for key in keys]
        with contextlib.ExitStack() as stack:
            made = []
            for path in paths:
                stack.enter_context(_writing(path.parent))
                made.append(stack.enter_context(_under_way(path.parent, suffix)))
            write(made)
            for part, path in zip(made, paths, strict=True):
                _seal_of(part).write_text(_sealed(part), encoding="ascii")
                # The seal first: an entry without one would be taken for damaged.
                _seal_of(part).replace(_seal_of(path))
                part.replace(path)
        return paths

    def read(self, kind: str, key: str) -> Json:
        """A stored JSON value; None where there is none or it can't be read."""
        path = self.get(kind, key, ".json")
        if path is None:
            return None
        try:
            value: Json = json.loads(path.read_bytes())
        except (OSError, ValueError):
            return None
        return value

    def write(self, kind: str, key: str, value: Json) -> None:
        """Store a JSON value, in place of the one that may be there.

        Raises:
            MachineError: when the disk is full or the folder can't be written.
        """
        # Names of files need not be UTF-8; their odd bytes are lone surrogates in text.
        data = json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        self.put(kind, key, ".json", partial(_write_bytes, data))

    def entries(self) -> Iterator[Entry]:
        """Everything stored."""
        for path in sorted(self.root.glob("*/??/*")):
            if path.name.startswith(_UNFINISHED) or path.name.endswith(_SEAL):
                continue
            with contextlib.suppress(FileNotFoundError):
                seal, status = _seal_of(path), path.stat()
                used = (seal if seal.exists() else path).stat().st_mtime
                yield Entry(path.parent.parent.name, path, status.st_size, used)

    def remove(self, entry: Entry) -> None:
        """Remove an entry and its seal.

        Raises:
            MachineError: when the folder can't be written.
        """
        with _writing(entry.path.parent):
            entry.path.unlink(missing_ok=True)
            _seal_of(entry.path).unlink(missing_ok=True)

    def sweep(self, before: float) -> int:
        """Remove what died before it was done, and seals of nothing; bytes freed.

        `before` is in seconds since 1970: what changed later may still be worked on.

        Raises:
            MachineError: when a folder can't be written.
        """
        freed = 0
        for path in [*self.root.glob("*/??/.*"), *self.root.glob(f"*/??/*{_SEAL}")]:
            abandoned = path.name.startswith(_UNFINISHED) or not path.with_suffix("").exists()
            with _writing(path.parent), contextlib.suppress(FileNotFoundError):
                if abandoned and path.stat().st_mtime < before:
                    freed += _remove(path)
        return freed


@contextlib.contextmanager
def _under_way(folder: Path, suffix: str) -> Iterator[Path]:
    """A file for an entry that is being made; what is still there on leaving goes, seal and all."""
    folder.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=folder, prefix=f"{_UNFINISHED}making-", suffix=suffix)
    os.close(handle)
    made = Path(name)
    try:
        yield made
    finally:
        made.unlink(missing_ok=True)
        _seal_of(made).unlink(missing_ok=True)


def _seal_of(path: Path) -> Path:
    return path.with_name(path.name + _SEAL)


def _sealed(path: Path) -> str:
    """The seal of a file, whose content is on the disk when this returns."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())
        found = hashlib.file_digest(file, hashlib.blake2b).hexdigest()
        status = os.fstat(file.fileno())
    return f"{status.st_size} {status.st_mtime_ns} {found}"


def _whole(path: Path) -> bool:
    """Whether an entry is there and holds what was sealed.

    Large ones are read only where their time of change is not the one sealed: a cut of an hour
    has tens of gigabytes of units, and whatever writes to a file moves that time.
    """
    try:
        size, changed, known = _seal_of(path).read_text(encoding="ascii").split()
        status = path.stat()
        if size != str(status.st_size):
            return False
        if status.st_size > _SMALL and changed == str(status.st_mtime_ns):
            return True
        with path.open("rb") as file:
            return hashlib.file_digest(file, hashlib.blake2b).hexdigest() == known
    except (OSError, ValueError):
        return False


def _remove(path: Path) -> int:
    """Remove a file, or a folder with all it holds; their bytes."""
    if not path.is_dir() or path.is_symlink():
        size = path.lstat().st_size
        path.unlink()
        return size
    size = sum(inside.lstat().st_size for inside in path.rglob("*") if not inside.is_dir())
    shutil.rmtree(path)
    return size


def _write_bytes(data: bytes, path: Path) -> None:
    path.write_bytes(data)


@contextlib.contextmanager
def _writing(folder: Path) -> Iterator[None]:
    """Turn what a disk may refuse into a problem with its place; a short write has no number."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        raise MachineError(
            Problem("store-unwritable", f"can't store: {reason}", Where(str(folder)))
        ) from error
