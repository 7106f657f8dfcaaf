"""Finding looks by name: beside the EDL first, then among those that come with finisher."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

from finisher.look import Look
from finisher.ocio.looks import check_look
from finisher.problems import DocumentError, Problem, Where, nearest
from finisher.shipped import folder
from finisher.timeline import Event, Timeline

SUFFIXES = (".cube", ".clf", ".ctf", ".cc", ".ccc", ".cdl", ".csp", ".3dl", ".spi1d", ".spi3d")
"""Formats a look may come in; all are read through OpenColorIO."""


def names() -> list[str]:
    """Looks that come with finisher."""
    return sorted(path.stem for path in folder("luts").glob("*") if path.suffix in SUFFIXES)


def find(timeline: Timeline) -> dict[str, Look]:
    """Every look the timeline names, checked to be readable.

    Raises:
        DocumentError: for names that no file answers to, and for files that are no looks.
    """
    looks: dict[str, Look] = {}
    problems: list[Problem] = []
    base = Path(timeline.path).resolve().parent
    for name, where in _named(timeline):
        if name in looks:
            continue
        path = next((p for p in _candidates(name, base) if p.is_file()), None)
        if path is None:
            hint = nearest(name, names()) or f"shipped looks: {', '.join(names())}"
            problems.append(Problem("look-missing", f"there is no look {name!r}", where, hint))
            continue
        try:
            check_look(path)
        except DocumentError as error:
            problems += error.problems
            continue
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        looks[name] = Look(path.stem, str(path), sha256)
    if problems:
        raise DocumentError(problems)
    return looks


def candidates(timeline: Timeline) -> Iterator[Path]:
    """Every file that could answer to a look the timeline names, whether it is there or not."""
    base = Path(timeline.path).resolve().parent
    for name, _ in _named(timeline):
        yield from _candidates(name, base)


def _named(timeline: Timeline) -> Iterator[tuple[str, Where | None]]:
    """Look names with the place that names them."""
    for session in timeline.sessions:
        if session.look is not None:
            yield session.look, session.where
    for item in timeline.items:
        if isinstance(item, Event) and item.look is not None:
            yield item.look, item.where


def _candidates(name: str, base: Path) -> Iterator[Path]:
    """Files a name may stand for; never one outside the EDL's folder or the shipped looks."""
    for place in (base, base / "luts", folder("luts")):
        for spelling in (name, *(name + suffix for suffix in SUFFIXES)):
            path = (place / spelling).resolve()
            if path.suffix in SUFFIXES and path.is_relative_to(place.resolve()):
                yield path
