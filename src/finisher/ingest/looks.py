"""Finding looks by name: in the configuration, beside the EDL, then among those that come along."""

from __future__ import annotations

import contextlib
import hashlib
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from finisher.event import Event
from finisher.ingest import made_looks
from finisher.look import Look
from finisher.ocio import config
from finisher.ocio.looks import check_look
from finisher.problems import DocumentError, Problem, Where, nearest
from finisher.shipped import folder
from finisher.store import Store
from finisher.timeline import Timeline

SUFFIXES = (
    *(".cube", ".clf", ".ctf", ".cc", ".ccc", ".cdl", ".csp", ".3dl", ".spi1d", ".spi3d"),
    made_looks.HALD,
)
"""Formats a look may come in; all but Hald pictures are read through OpenColorIO."""

_CORRECTION = re.compile(r"(?P<file>.+\.(?:ccc|cdl))#(?P<id>.+)", re.IGNORECASE)
"""A correction of a collection: `grades/day.ccc#shot-3`."""


def names() -> list[str]:
    """Looks that come with finisher."""
    return sorted(path.stem for path in folder("luts").glob("*") if path.suffix in SUFFIXES)


def find(timeline: Timeline, store: Store) -> dict[str, Look]:
    """Every look the timeline names, checked to be readable, as a file that OpenColorIO reads.

    Raises:
        DocumentError: for names that no look answers to, for files that are no looks, and for a
            configuration that can't be used.
        MachineError: when the store can't be written.
    """
    opened = config.opened(timeline.ocio) if timeline.ocio is not None else None
    known = opened.looks if opened is not None else ()
    base = Path(timeline.path).resolve().parent
    looks: dict[str, Look] = {}
    problems: list[Problem] = []
    for name, where in _named(timeline):
        if name in looks:
            continue
        try:
            if opened is not None and name in known:
                looks[name] = made_looks.of_config(opened, name, store)
            else:
                looks[name] = _of_file(name, where, base, known, store)
        except DocumentError as error:
            # A broken file is told once, however many events name it.
            problems += [problem for problem in error.problems if problem not in problems]
    if problems:
        raise DocumentError(problems)
    return looks


def candidates(timeline: Timeline) -> Iterator[Path]:
    """Every file that could answer to a look the timeline names, whether it is there or not.

    Of a configuration these are its own file and all that the looks named refer to. One that was
    changed since, so that it can't be used, is known by its own file alone.
    """
    base = Path(timeline.path).resolve().parent
    named = [name for name, _ in _named(timeline)]
    for name in named:
        for spelling in {name, _file_and_id(name)[0]}:
            yield from _candidates(spelling, base)
    if timeline.ocio is None:
        return
    yield Path(timeline.ocio.path)
    with contextlib.suppress(DocumentError):
        opened = config.opened(timeline.ocio)
        for name in set(opened.looks).intersection(named):
            yield from config.files(opened, name)


def _of_file(
    name: str, where: Where | None, base: Path, known: tuple[str, ...], store: Store
) -> Look:
    """The look a name stands for among files.

    Raises:
        DocumentError: there is none, or it is no look.
    """
    path, identifier = _found(name, base), None
    if path is None:
        file, identifier = _file_and_id(name)
        path = _found(file, base)
    if path is None:
        shipped = names()
        hint = nearest(name, [*known, *shipped]) or f"shipped looks: {', '.join(shipped)}"
        raise DocumentError(Problem("look-missing", f"there is no look {name!r}", where, hint))
    if identifier is not None:
        return made_looks.of_correction(path, identifier, store)
    if path.suffix.lower() == made_looks.HALD:
        return made_looks.of_hald(path, store)
    check_look(path)
    return Look(path.stem, str(path), hashlib.sha256(path.read_bytes()).hexdigest())


def _named(timeline: Timeline) -> Iterator[tuple[str, Where | None]]:
    """Look names with the place that names them."""
    for session in timeline.sessions:
        if session.look is not None:
            yield session.look, session.where
    for item in timeline.items:
        if isinstance(item, Event) and item.look is not None:
            yield item.look, item.where


def _file_and_id(name: str) -> tuple[str, str | None]:
    """A name's file, and the id of the correction it asks for."""
    found = _CORRECTION.fullmatch(name)
    return (found["file"], found["id"]) if found is not None else (name, None)


def _found(name: str, base: Path) -> Path | None:
    """The first file that answers to a name."""
    return next((path for path in _candidates(name, base) if path.is_file()), None)


def _candidates(name: str, base: Path) -> Iterator[Path]:
    """Files a name may stand for; never one outside the EDL's folder or the shipped looks."""
    for place in (base, base / "luts", folder("luts")):
        for spelling in (name, *(name + suffix for suffix in SUFFIXES)):
            path = place / spelling
            with suppress(OSError, RuntimeError):  # a circle of links leads nowhere
                real = path.resolve()
                if real.suffix.lower() in SUFFIXES and real.is_relative_to(place.resolve()):
                    # By the name it goes by: a link may come to lead elsewhere.
                    yield path
