"""Looks as OpenColorIO reads them, checked to be sound."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np
from PyOpenColorIO import (
    CDL_NO_CLAMP,
    INTERP_BEST,
    LOGGING_LEVEL_NONE,
    CDLTransform,
    Config,
    FileTransform,
    GroupTransform,
    SetLoggingLevel,
)
from PyOpenColorIO import Exception as OcioError
from PyOpenColorIO import ExceptionMissingFile as OcioMissing

from finisher.look import Look
from finisher.problems import DocumentError, Problem, Where

SetLoggingLevel(LOGGING_LEVEL_NONE)  # what goes wrong is raised; stderr is the console's

SUFFIXES = tuple(sorted({f".{suffix}" for _, suffix in FileTransform.getFormats()}))
"""File suffixes of the look formats this build of OpenColorIO reads."""


def check_look(path: Path) -> None:
    """Read a look as a render would, and find it sound.

    Raises:
        DocumentError: the file is missing, empty, truncated, of a kind OpenColorIO does not
            read, holds several corrections, or holds values that are not finite.
    """
    _read(path, None)


def read_look(look: Look) -> GroupTransform:
    """A look as plain transforms, with no tie left to its file.

    Raises:
        DocumentError: as `check_look`, and when it changed since it was named by its hash.
    """
    return _read(Path(look.path), look)


def _read(path: Path, named: Look | None) -> GroupTransform:
    """A look file as plain transforms, with no tie left to the file.

    OpenColorIO replaces `$NAME` in paths and keeps what it read by path, so it is given a copy
    named by the content's hash.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise bad_look(
            path, "look-missing", f"the look cannot be read: {error.strerror or error}"
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    if named is not None and named.sha256 != sha256:
        raise bad_look(
            path, "look-changed", f"the look {named.name!r} changed since it was first read"
        )
    with tempfile.TemporaryDirectory(prefix="finisher-look-") as folder:
        copy = Path(folder) / f"{sha256}{path.suffix.lower()}"
        copy.write_bytes(content)
        group = _load(copy, path)
    _require_finite(group, path)
    return group


def _load(copy: Path, path: Path) -> GroupTransform:
    """Parse the copy; problems name the path the user knows."""
    transform = FileTransform(src=str(copy), interpolation=INTERP_BEST)
    transform.setCDLStyle(CDL_NO_CLAMP)
    try:
        if path.suffix.lower() in {".ccc", ".cdl"}:
            corrections = len(CDLTransform.CreateGroupFromFile(str(copy)))
            if corrections != 1:
                raise bad_look(
                    path,
                    "look-ambiguous",
                    f"the file holds {corrections} corrections; a look is one",
                    "save the one you mean as .cc",
                )
        group: GroupTransform = Config.CreateRaw().getProcessor(transform).createGroupTransform()
    except (OcioError, OcioMissing) as error:
        raise _unreadable(path, str(error), copy) from error
    return group


def _unreadable(path: Path, told: str, copy: Path) -> DocumentError:
    """What OpenColorIO said, shortened to the part that tells what is wrong with this file."""
    if path.suffix.lower() not in SUFFIXES:
        kind = f"{path.suffix} files" if path.suffix else "files without a suffix"
        return bad_look(
            path,
            "look-unsupported",
            f"{kind} are not looks that OpenColorIO reads",
            "use one of " + " ".join(SUFFIXES),
        )
    lines = [line.strip() for line in told.replace(str(copy), path.name).splitlines()]
    reasons = [line.partition("failed with: ")[2] for line in lines if "failed with: " in line]
    # Several readers share a suffix and say much the same: the first is enough.
    reason = (reasons or lines)[0].split("    '")[0]
    return bad_look(
        path, "look-unreadable", f"the look cannot be read: {reason}", "is the file whole?"
    )


def _require_finite(group: GroupTransform, path: Path) -> None:
    """Refuse tables with NaN or infinity, which OpenColorIO lets through."""
    for transform in group:
        if hasattr(transform, "getData") and not np.isfinite(transform.getData()).all():
            raise bad_look(
                path, "look-not-finite", "the look holds values that are not finite numbers"
            )


def bad_look(path: Path, code: str, message: str, hint: str | None = None) -> DocumentError:
    """A problem with a look file."""
    return DocumentError(Problem(code, message, Where(str(path)), hint))
