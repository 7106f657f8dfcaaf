"""Files that the edit's marks name: their templates and calibrations, read and held against it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from finisher.facts import TakeFacts
from finisher.problems import DocumentError, Problem, Where
from finisher.timeline import Mark, Timeline
from finisher.watermark import calibration
from finisher.watermark.learnt import Learnt, Told, fits
from finisher.watermark.template import read_template, sha256

Read = TypeVar("Read")


@dataclass(frozen=True, slots=True, eq=False)
class TemplateFile:
    """What a mark is looked for by."""

    png: bytes
    learnt: Told | None
    """Where it was learnt, None for a picture of the mark."""

    @property
    def sha256(self) -> str:
        """Of the file."""
        return sha256(self.png)


def templates(timeline: Timeline) -> dict[str, TemplateFile]:
    """The file of every mark that names one, by the mark's name.

    Raises:
        DocumentError: for templates that can't be read.
    """

    def read(mark: Mark) -> TemplateFile:
        try:
            png = Path(mark.template or "").read_bytes()
        except OSError as error:
            raise DocumentError(Problem("template-missing", str(error.strerror))) from error
        found = read_template(png)
        return TemplateFile(png, found.told if isinstance(found, Learnt) else None)

    named = (mark for mark in timeline.marks if mark.template is not None)
    return each(timeline, named, lambda mark: f"mark {mark.id!r}: {mark.template}", read)


def calibrations(timeline: Timeline, files: Mapping[str, TemplateFile]) -> dict[str, str]:
    """What was measured of every mark that names a calibration, in words.

    Raises:
        DocumentError: for those that can't be read, or were made for another mark.
    """

    def read(mark: Mark) -> str:
        file = files.get(mark.id)
        path = Path(mark.calibration or "")
        return calibration.read(path, file.sha256 if file is not None else None).words

    named = (mark for mark in timeline.marks if mark.calibration is not None)
    return each(timeline, named, _name, read)


def check_sizes(
    timeline: Timeline, files: Mapping[str, TemplateFile], facts: Mapping[str, TakeFacts]
) -> None:
    """Make sure that learnt marks are declared as large as they were learnt.

    Raises:
        DocumentError: with every mark that is not, in one of its takes.
    """

    def check(mark: Mark) -> None:
        own = files[mark.id].learnt if mark.id in files else None
        rasters = {facts[take.id].raster for take in timeline.takes if mark.id in take.marks}
        # One that is scanned for has its template's own size where none is said.
        sized = not mark.scan or mark.box.area > 0
        if own is None or not sized or all(fits(own, mark.box, raster) for raster in rasters):
            return
        sides = f"{own.box.width}x{own.box.height}"
        hint = f"it has {sides} pixels in takes of {own.raster}, at {own.box.x},{own.box.y}"
        message = "its box is not as large as the mark that was learnt"
        raise DocumentError(Problem("mark-size", message, hint=hint))

    each(timeline, timeline.marks, _name, check)


def _name(mark: Mark) -> str:
    return f"mark {mark.id!r}"


def each(
    timeline: Timeline,
    marks: Iterable[Mark],
    name: Callable[[Mark], str],
    read: Callable[[Mark], Read],
) -> dict[str, Read]:
    """What is read of each mark, by its id; problems begin with its name, and lie where it does.

    Raises:
        DocumentError: with the problems of all marks.
    """
    found: dict[str, Read] = {}
    problems: list[Problem] = []
    for mark in marks:
        try:
            found[mark.id] = read(mark)
        except DocumentError as error:
            where = mark.where or Where(timeline.path)
            problems += [
                replace(problem, message=f"{name(mark)}: {problem.message}", where=where)
                for problem in error.problems
            ]
    if problems:
        raise DocumentError(problems)
    return found
