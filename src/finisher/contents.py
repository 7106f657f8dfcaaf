"""Content hashes of files, remembered by inode, size and time of change."""

from __future__ import annotations

import contextlib
import hashlib
import re
from pathlib import Path

from finisher.canonical import digest
from finisher.problems import MachineError, MediaError, Problem, Where
from finisher.store import Store


def sha256_of(path: Path, store: Store) -> str:
    """SHA-256 of a file's content; a file unchanged since it was last hashed is not read again.

    Raises:
        MediaError: when there is no such file, or it can't be read.
    """
    try:
        status = path.stat()
        if not path.is_file():
            raise MediaError(Problem("media-missing", "not a file", Where(str(path))))
        identity = digest(
            [
                str(path.resolve()),
                *(status.st_dev, status.st_ino, status.st_size),
                # The time of modification can be set back; that of the inode's change cannot.
                *(status.st_mtime_ns, status.st_ctime_ns),
            ]
        )
        known = store.read("hashes", identity)
        if isinstance(known, str):
            return known
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        raise MediaError(
            Problem("media-missing", "there is no such file", Where(str(path)), _sequence(path))
        ) from None
    except OSError as error:
        raise MediaError(
            Problem("media-unreadable", f"can't be read: {error.strerror}", Where(str(path)))
        ) from error
    # A store that can't be written costs reading the file again, and nothing else.
    with contextlib.suppress(MachineError):
        store.write("hashes", identity, found)
    return found


def unchanged(path: Path, sha256: str, store: Store) -> None:
    """Make sure that a file holds what it was measured as; said before it is read, and after.

    Raises:
        MediaError: when it holds something else, or nothing.
    """
    if sha256_of(path, store) != sha256:
        message = "it changed since it was measured: nothing made of it is kept"
        raise MediaError(Problem("media-changed", message, Where(str(path)), "run again"))


def _sequence(path: Path) -> str | None:
    """What to do about a name that stands for many pictures; None for any other."""
    if not re.search(r"%0?\d*d|\*|#{2,}", path.name):
        return None
    return "an image sequence is made a take by an encoder first: FFV1 in Matroska loses nothing"
