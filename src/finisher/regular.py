"""Regular files alone: a pipe or a device named in their place may never say anything."""

from __future__ import annotations

import errno
from pathlib import Path


def regular(path: Path) -> Path:
    """The same path, where a regular file lies there or nothing does.

    Raises:
        OSError: when something else lies there.
    """
    if path.exists() and not path.is_file():
        raise OSError(errno.EISDIR if path.is_dir() else errno.EINVAL, "not a regular file")
    return path
