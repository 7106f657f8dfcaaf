"""Earlier exports that show somebody or let them speak, and what became of each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from finisher.consent.deciding import decide
from finisher.consent.model import Decision, Log, Use
from finisher.consent.people import person
from finisher.edl.days import day
from finisher.pipeline.exports import Export, ExportedFile, listed
from finisher.problems import Problem, nearest


class State(StrEnum):
    """What lies where an export was delivered to."""

    THERE = "there"
    """The very file."""
    CHANGED = "changed"
    """Another: replaced by a later export, or altered."""
    GONE = "gone"
    """None, or none that can be read."""


@dataclass(frozen=True, slots=True)
class Recalled:
    """An export with somebody in it."""

    export: Export
    state: State
    files: tuple[ExportedFile, ...]
    """The takes and layers they are in."""
    decision: Decision | None
    """What the log says of it today; None where none is given."""


@dataclass(frozen=True, slots=True)
class Recall:
    """All exports with somebody in them, oldest first."""

    person: str
    exports: tuple[Recalled, ...]
    hint: str | None
    """A name like theirs that does occur, where theirs does not."""
    problems: tuple[Problem, ...]
    """Lines of the list that could not be read."""


def recall(name: str, data: Path, log: Log | None, on: date) -> Recall:
    """Every export written down that a person is in.

    Args:
        name: as the edit lists write it; capitals count, ways to compose a letter don't.
        data: the folder of the user's data.
        log: consents to hold the exports against, None to leave that out.
        on: the day to decide by.

    Raises:
        MachineError: when the list of exports can't be read.
    """
    exports, problems = listed(data)
    wanted = person(name)
    found = tuple(
        Recalled(export, _state(export), files, _decided(export, wanted, log, on))
        for export in exports
        if (files := tuple(file for file in export.files if wanted in file.persons))
    )
    known = {one for export in exports for one in export.persons}
    hint = None if found else nearest(wanted, known)
    return Recall(wanted, found, hint, problems)


def _state(export: Export) -> State:
    """What became of an export's file."""
    path = Path(export.path)
    try:
        if path.stat().st_size != export.bytes:
            return State.CHANGED
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return State.GONE
    return State.THERE if found == export.sha256 else State.CHANGED


def _decided(export: Export, name: str, log: Log | None, on: date) -> Decision | None:
    """What a log says of an export's release."""
    if log is None:
        return None
    until = None if export.until is None else day(export.until)
    return decide(log, name, Use(export.scope, export.territories, until), on)
