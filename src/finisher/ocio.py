"""The only door to OpenColorIO: reads looks, and evaluates a grade into a cube.

Colour is Rec.709 display-encoded throughout, so the configuration is OpenColorIO's raw one: a
default that changes with the package would change pictures.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PyOpenColorIO import (
    BIT_DEPTH_F32,
    CDL_NO_CLAMP,
    INTERP_BEST,
    LOGGING_LEVEL_NONE,
    OPTIMIZATION_LOSSLESS,
    CDLTransform,
    Config,
    FileTransform,
    GetVersion,
    GroupTransform,
    SetLoggingLevel,
)
from PyOpenColorIO import Exception as OcioError
from PyOpenColorIO import ExceptionMissingFile as OcioMissing

from finisher.look import CDL, Grade, Look
from finisher.problems import DocumentError, Problem, Where

SetLoggingLevel(LOGGING_LEVEL_NONE)  # what goes wrong is raised; stderr is the console's

SUFFIXES = tuple(sorted({f".{suffix}" for _, suffix in FileTransform.getFormats()}))
"""File suffixes of the look formats this build of OpenColorIO reads."""


def version() -> str:
    """The version of OpenColorIO at work."""
    return str(GetVersion())


def cube(grade: Grade, size: int) -> NDArray[np.float32]:
    """A grade evaluated on a lattice of `size`³ points over 0 to 1.

    Indexed [b, g, r], the last axis holding the R, G, B that come out. Values may lie outside 0
    to 1: clipping is left to whatever stores the picture, so that interpolation near black and
    white stays true. CDLs are evaluated without clamping between steps; in OpenColorIO's
    no-clamp style a value below zero passes the power unchanged.

    Raises:
        DocumentError: the look is missing, unreadable, changed since it was named by its hash,
            or gives values that are not finite.
    """
    group = GroupTransform()
    for cdl in (grade.match, grade.cdl):
        if not cdl.identity:
            group.appendTransform(_transform(cdl))
    if grade.look is not None:
        group.appendTransform(_read(Path(grade.look.path), grade.look))
    steps = np.linspace(0.0, 1.0, size, dtype=np.float32)
    lattice = np.ones((size, size, size, 4), dtype=np.float32)
    lattice[..., 2], lattice[..., 1], lattice[..., 0] = np.meshgrid(
        steps, steps, steps, indexing="ij"
    )
    # Lossless: the faster default replaces powers by approximations that differ between CPUs.
    processor = Config.CreateRaw().getProcessor(group)
    processor.getOptimizedCPUProcessor(
        BIT_DEPTH_F32,
        BIT_DEPTH_F32,
        OPTIMIZATION_LOSSLESS,
    ).applyRGBA(lattice)
    result = np.ascontiguousarray(lattice[..., :3])
    if not np.isfinite(result).all():
        name = grade.look.path if grade.look is not None else "cdl"
        raise _wrong(Path(name), "grade-not-finite", "the grade gives values that are not finite")
    return result


def check_look(path: Path) -> None:
    """Read a look as a render would, and find it sound.

    Raises:
        DocumentError: the file is missing, empty, truncated, of a kind OpenColorIO does not
            read, holds several corrections, or holds values that are not finite.
    """
    _read(path, None)


def write_cdl(cdl: CDL, path: Path, identifier: str) -> None:
    """Write a CDL as an ASC file for a colourist: `.cc`, `.ccc` or `.cdl` by the path's suffix.

    Raises:
        DocumentError: the suffix is none of these.
    """
    formats = {".cc": "ColorCorrection", ".ccc": "ColorCorrectionCollection"}
    formats[".cdl"] = "ColorDecisionList"
    if path.suffix not in formats:
        raise _wrong(
            path,
            "cdl-suffix",
            f"{path.suffix or 'no suffix'} is not an ASC CDL file",
            ", ".join(formats),
        )
    transform = _transform(cdl)
    transform.getFormatMetadata().setID(identifier)
    group = GroupTransform([transform])
    text = group.write(formatName=formats[path.suffix], config=Config.CreateRaw())
    path.write_text(text, encoding="utf-8")


def _transform(cdl: CDL) -> CDLTransform:
    """A CDL as OpenColorIO's own, its style pinned: the clamping one differs by up to 5 %."""
    transform = CDLTransform()
    transform.setSlope(cdl.slope)
    transform.setOffset(cdl.offset)
    transform.setPower(cdl.power)
    transform.setSat(cdl.saturation)
    transform.setStyle(CDL_NO_CLAMP)
    return transform


def _read(path: Path, named: Look | None) -> GroupTransform:
    """A look file as plain transforms, with no tie left to the file.

    OpenColorIO replaces `$NAME` in paths and keeps what it read by path, so it is given a copy
    named by the content's hash.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise _wrong(
            path, "look-missing", f"the look cannot be read: {error.strerror or error}"
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    if named is not None and named.sha256 != sha256:
        raise _wrong(
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
                raise _wrong(
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
        return _wrong(
            path,
            "look-unsupported",
            f"{kind} are not looks that OpenColorIO reads",
            "use one of " + " ".join(SUFFIXES),
        )
    lines = [line.strip() for line in told.replace(str(copy), path.name).splitlines()]
    reasons = [line.partition("failed with: ")[2] for line in lines if "failed with: " in line]
    # Several readers share a suffix and say much the same: the first is enough.
    reason = (reasons or lines)[0].split("    '")[0]
    return _wrong(
        path, "look-unreadable", f"the look cannot be read: {reason}", "is the file whole?"
    )


def _require_finite(group: GroupTransform, path: Path) -> None:
    """Refuse tables with NaN or infinity, which OpenColorIO lets through."""
    for transform in group:
        if hasattr(transform, "getData") and not np.isfinite(transform.getData()).all():
            raise _wrong(
                path, "look-not-finite", "the look holds values that are not finite numbers"
            )


def _wrong(path: Path, code: str, message: str, hint: str | None = None) -> DocumentError:
    """A problem with a look file."""
    return DocumentError(Problem(code, message, Where(str(path)), hint))
