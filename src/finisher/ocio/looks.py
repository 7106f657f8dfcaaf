"""Looks as OpenColorIO reads them, checked to be sound."""

from __future__ import annotations

import hashlib
import re
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
    UnsetEnvVariable,
)
from PyOpenColorIO import Exception as OcioError
from PyOpenColorIO import ExceptionMissingFile as OcioMissing

from finisher.look import Look
from finisher.ocio.forms import LARGEST, Unfit, fit
from finisher.ocio.through import through
from finisher.problems import DocumentError, Problem, Where

SetLoggingLevel(LOGGING_LEVEL_NONE)  # what goes wrong is raised; stderr is the console's
UnsetEnvVariable("OCIO_OPTIMIZATION_FLAGS")  # it would overrule what is asked for, in all colours

SUFFIXES = tuple(sorted({f".{suffix}" for _, suffix in FileTransform.getFormats()}))
"""File suffixes of the look formats this build of OpenColorIO reads."""
COLLECTIONS = (".ccc", ".cdl")
"""Suffixes of those that may hold several corrections."""
_BINARY = (".icc", ".icm", ".pf")
"""Suffixes of those that are no text."""
_LINE = re.compile(r"[Aa]t line \(?(\d+)\)?")


def check_look(path: Path) -> None:
    """Read a look as a render would, and find it sound.

    Raises:
        DocumentError: the file is missing, too large, empty, truncated, of a kind OpenColorIO
            does not read, breaks its format's rules, holds several corrections, or holds values
            that are not finite.
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
    content = content_of(path)
    sha256 = hashlib.sha256(content).hexdigest()
    if named is not None and named.sha256 != sha256:
        raise bad_look(
            path, "look-changed", f"the look {named.name!r} changed since it was first read"
        )
    with tempfile.TemporaryDirectory(prefix="finisher-look-") as folder:
        copy = Path(folder) / f"{sha256}{path.suffix.lower()}"
        copy.write_bytes(fit_content(content, path))
        group = _load(copy, path)
    _require_finite(group, path)
    return group


def content_of(path: Path) -> bytes:
    """A file's bytes, of a size that a look may have.

    Raises:
        DocumentError: it can't be read, or is too large.
    """
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise bad_look(
                path,
                "look-too-large",
                f"the look has {size / 1e6:,.0f} MB; {LARGEST / 1e6:.0f} MB is the most",
            )
        return path.read_bytes()
    except OSError as error:
        raise bad_look(
            path, "look-missing", f"the look cannot be read: {error.strerror or error}"
        ) from error


def fit_content(content: bytes, path: Path) -> bytes:
    """A look's content as OpenColorIO may read it, without a BOM.

    Raises:
        DocumentError: it is of no kind of look, no text, or breaks its format's own rules.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        kind = f"{path.suffix} files" if path.suffix else "files without a suffix"
        raise bad_look(
            path,
            "look-unsupported",
            f"{kind} are not looks that OpenColorIO reads",
            "use one of " + " ".join(SUFFIXES),
        )
    if suffix in _BINARY:
        return content
    try:
        return fit(content, suffix)
    except Unfit as unfit:
        where = Where(str(path), line=unfit.line)
        problem = Problem(unfit.code, unfit.message, where, unfit.hint)
        raise DocumentError(problem) from None


def _load(copy: Path, path: Path) -> GroupTransform:
    """Parse the copy; problems name the path the user knows."""
    transform = FileTransform(src=str(copy), interpolation=INTERP_BEST)
    transform.setCDLStyle(CDL_NO_CLAMP)
    try:
        if path.suffix.lower() in COLLECTIONS:
            _require_one(copy, path)
        group: GroupTransform = Config.CreateRaw().getProcessor(transform).createGroupTransform()
    except (OcioError, OcioMissing, UnicodeDecodeError) as error:
        raise unreadable(path, str(error), copy) from error
    return group


def _require_one(copy: Path, path: Path) -> None:
    """A collection is a look only where it holds a single correction."""
    found = corrections(copy)
    if len(found) != 1:
        named = [name for name, _ in found if name]
        hint = f"name one of them: {path.name}#{named[0]}" if named else "save one as .cc"
        raise bad_look(
            path,
            "look-ambiguous",
            f"the file holds {len(found)} corrections; a look is one",
            hint,
        )


def corrections(copy: Path) -> list[tuple[str, CDLTransform]]:
    """The corrections of a collection with their ids, `""` where one has none.

    Raises:
        OcioError: as OpenColorIO has it, where it can't be read.
    """
    group = CDLTransform.CreateGroupFromFile(str(copy))
    return [(one.getFormatMetadata().getID(), one) for one in group]


def unreadable(path: Path, told: str, copy: Path) -> DocumentError:
    """What OpenColorIO said, shortened to the part that tells what is wrong with this file."""
    lines = [line.strip() for line in told.replace(str(copy), path.name).splitlines()]
    reasons = [line.partition("failed with: ")[2] for line in lines if "failed with: " in line]
    # Several readers share a suffix and say much the same: the first is enough.
    reason = (reasons or lines)[0].split("    '")[0]
    line = _LINE.search(reason)
    where = Where(str(path), line=int(line[1]) if line is not None and line[1] != "0" else None)
    return DocumentError(
        Problem(
            "look-unreadable", f"the look cannot be read: {reason}", where, "is the file whole?"
        )
    )


def _require_finite(group: GroupTransform, path: Path) -> None:
    """Refuse tables with NaN or infinity, and figures that lead there; OpenColorIO lets both by."""
    tables = [one.getData() for one in group if hasattr(one, "getData")]
    if not all(np.isfinite(table).all() for table in tables) or not _finite_within(group):
        raise bad_look(path, "look-not-finite", "the look holds values that are not finite numbers")


def _finite_within(group: GroupTransform) -> bool:
    """Whether colours of 0 to 1 come out as numbers: CDLs and matrices have no tables."""
    steps = np.linspace(0, 1, 5, dtype=np.float32)
    rgb = np.stack(np.meshgrid(steps, steps, steps), axis=-1)
    return bool(np.isfinite(through(group, rgb)).all())


def bad_look(path: Path, code: str, message: str, hint: str | None = None) -> DocumentError:
    """A problem with a look file."""
    return DocumentError(Problem(code, message, Where(str(path)), hint))
