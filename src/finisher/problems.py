"""What can be wrong with the input, where, and the exit code it leads to."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Exit(IntEnum):
    """Exit codes of the command line; scripts rely on them."""

    OK = 0
    CHECK_FAILED = 1
    USAGE = 2
    MEDIA = 3
    RENDER = 4
    POLICY = 5
    ENVIRONMENT = 6
    BUG = 70
    INTERRUPTED = 130


class Severity(StrEnum):
    """How much a problem weighs: errors stop the work, the rest is reported."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Where:
    """A place in a document: file, JSON pointer and, where known, line and column (from 1)."""

    file: str
    pointer: str = ""
    line: int | None = None
    column: int | None = None

    def __str__(self) -> str:
        """`edl.json:9:19: /events/0/in`, leaving out what is not known."""
        place = self.file
        if self.line is not None:
            place += f":{self.line}:{self.column if self.column is not None else 1}"
        return f"{place}: {self.pointer}" if self.pointer else place


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong, with its place, a stable code and, where one is known, the way out."""

    code: str
    message: str
    where: Where | None = None
    hint: str | None = None
    severity: Severity = Severity.ERROR

    def __str__(self) -> str:
        """One line an editor can jump from."""
        head = f"{self.where}: " if self.where is not None else ""
        tail = f" ({self.hint})" if self.hint else ""
        return f"{head}{self.message}{tail}"

    def as_json(self) -> dict[str, object]:
        """The problem as it appears in `--json` documents."""
        place = self.where
        return {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message,
            "hint": self.hint,
            "where": None
            if place is None
            else {
                "file": place.file,
                "pointer": place.pointer,
                "line": place.line,
                "column": place.column,
            },
        }


class FinisherError(Exception):
    """Base of every error finisher raises on purpose.

    ├── DocumentError     exit 2   the EDL, a preset or the command line is wrong
    ├── MediaError        exit 3   media missing, unreadable, too short or ambiguous
    ├── RenderError       exit 4   a render step failed
    ├── PolicyError       exit 5   refused: a credential, a mark or a consent would be lost
    └── MachineError      exit 6   missing encoder or key, disk full
    """

    exit: Exit = Exit.BUG

    def __init__(self, problems: Problem | Iterable[Problem]) -> None:
        """Carry one or more problems; their text is the error's text."""
        self.problems: Sequence[Problem] = (
            (problems,) if isinstance(problems, Problem) else tuple(problems)
        )
        super().__init__("\n".join(map(str, self.problems)))

    def __reduce__(self) -> tuple[type[FinisherError], tuple[Sequence[Problem]]]:
        """Errors cross process boundaries whole."""
        return type(self), (self.problems,)


class DocumentError(FinisherError):
    """The edit list, the preset or the command line is wrong."""

    exit = Exit.USAGE


class MediaError(FinisherError):
    """Media is missing, unreadable, too short or ambiguous."""

    exit = Exit.MEDIA


class RenderError(FinisherError):
    """A render step failed."""

    exit = Exit.RENDER


class PolicyError(FinisherError):
    """Going on would lose a credential, a mark or somebody's consent."""

    exit = Exit.POLICY


class MachineError(FinisherError):
    """The machine lacks something: an encoder, a key, room on the disk."""

    exit = Exit.ENVIRONMENT


WORKER_LOST = Problem(
    "worker-lost",
    "a worker process was killed at its work",
    hint="the memory may not suffice for so many at once: try --jobs 1",
)
"""What is told when an executor's process vanished, whatever it was working on."""


def nearest(word: str, words: Iterable[str]) -> str | None:
    """A hint naming the known word closest to a mistyped one, or None."""
    close = difflib.get_close_matches(word, list(words), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else None


def listed(names: Sequence[str], most: int = 12) -> str:
    """The first of many names; the others are counted."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
