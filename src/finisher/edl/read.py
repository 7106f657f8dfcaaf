"""Reading an edit list: from a file to a timeline, with every problem told in one go."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from finisher.edl import color, declared, marks, rights, splits
from finisher.edl.draft import Draft, draft
from finisher.edl.events import items
from finisher.edl.layers import layers
from finisher.edl.source import MAX_BYTES, Source, scan
from finisher.edl.track import check
from finisher.geometry import Raster
from finisher.problems import DocumentError, Problem, Where
from finisher.timeline import Timeline


def read(path: Path, roots: Sequence[Path] = ()) -> Timeline:
    """The timeline an edit list describes.

    Files it names must lie in its own folder or in one of `roots`; whether they exist is not
    looked at here. Paths of the timeline are absolute, the edit list's own is as given.

    Raises:
        DocumentError: with every problem found, in the order of the text.
    """
    data = _bytes(path)
    source = scan(data, str(path))
    under_way = draft(source, path.absolute().parent, tuple(roots))
    if not isinstance(under_way, Draft):
        raise DocumentError(_ordered(source, under_way))
    timeline = _timeline(under_way, path, hashlib.sha256(data).hexdigest())
    if under_way.problems or source.problems:
        raise DocumentError(_ordered(source, under_way.problems))
    return timeline


def _bytes(path: Path) -> bytes:
    """An edit list's bytes; one more than may be, where there are too many."""
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(
            Problem("edl-missing", f"can't read the edit list: {reason}", Where(str(path)))
        ) from error


def _ordered(source: Source, problems: Iterable[Problem]) -> list[Problem]:
    """All problems in the order of the text."""

    def place(problem: Problem) -> tuple[int, int]:
        where = problem.where
        return (where.line or 0, where.column or 0) if where is not None else (0, 0)

    return sorted([*source.problems, *problems], key=place)


def _timeline(under_way: Draft, path: Path, sha256: str) -> Timeline:
    """Lower every part; the result counts only when no problems were reported."""
    document = under_way.document
    track = items(under_way)
    check(under_way, track)
    splits.check(under_way, track)
    return Timeline(
        title=document.title or path.stem,
        rate=document.rate,
        canvas=Raster(document.canvas.width, document.canvas.height),
        takes=declared.takes(under_way),
        sessions=declared.sessions(under_way),
        items=tuple(entry.item for entry in track if entry.item is not None),
        layers=layers(under_way, track),
        marks=marks.visible(under_way),
        hidden=marks.hidden(under_way),
        deliverables=declared.deliverables(under_way),
        ocio=color.config(under_way, under_way.document.ocio),
        consent=rights.consent_log(under_way),
        release=rights.release(under_way),
        training=rights.training(under_way),
        path=str(path),
        sha256=sha256,
    )
