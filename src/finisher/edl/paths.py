"""Paths an edit list may name: files in its own folder or in the roots it was given."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Sequence
from pathlib import Path

_PROTOCOL = re.compile(r"[A-Za-z][A-Za-z0-9+.,-]*:")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class PathRefused(ValueError):
    """A path that may not be used; carries a code, a message and a way out."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        """Keep the three apart for whoever knows the place."""
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def check_form(text: str) -> None:
    """Refuse what is no plain relative path, whatever lies on the disk.

    Raises:
        PathRefused: for URLs and FFmpeg's protocols, absolute paths, backslashes, pipes, control
            characters and names that programs take for options.
    """
    plain = 'write a path relative to the edit list, such as "takes/scene09.mp4"'
    if _CONTROL.search(text):
        raise PathRefused("path-form", f"{text!r} holds a control character", plain)
    if _PROTOCOL.match(text):
        raise PathRefused("path-protocol", f'"{text}" names a protocol or drive, not a file', plain)
    if text.startswith("-") or "|" in text:
        raise PathRefused("path-form", f'"{text}" is a pipe or option, not a file', plain)
    if "\\" in text:
        raise PathRefused("path-form", f'"{text}" holds a backslash', "write / between folders")
    if text.startswith("/"):
        raise PathRefused("path-absolute", f'"{text}" is absolute', plain)


def inside(text: str, folder: Path, roots: Sequence[Path]) -> Path:
    """The absolute path of a file named in an edit list that lies in `folder`.

    Links are followed for the decision, so that none leads out; the path keeps their names.

    Raises:
        PathRefused: when its form is not allowed, or it leads out of the folder and all roots.
    """
    check_form(text)
    path = Path(os.path.normpath(folder / text))
    try:
        real, home = path.resolve(), folder.resolve()
        # From Python 3.13 on, resolving a circle of links no longer says so.
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            path.stat()
    except (OSError, RuntimeError) as error:
        raise PathRefused("path-form", f'"{text}" can\'t be followed: {error}') from None
    if real == home or text.endswith("/"):
        raise PathRefused("path-form", f'"{text}" names a folder, not a file')
    if not any(real.is_relative_to(root) for root in (home, *(r.resolve() for r in roots))):
        raise PathRefused(
            "path-outside",
            f'"{text}" leads out of the edit list\'s folder',
            "name the folder it lies in with --root",
        )
    return path
