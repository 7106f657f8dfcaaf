"""The audit of files nobody vouches for, made in a child: a parser's death is a verdict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from finisher.audit.aids import ALONE, Aids
from finisher.audit.audit import is_there, measured_too
from finisher.audit.credentials import examine, promises_in
from finisher.audit.turns import STAGE
from finisher.canonical import Json, from_json, to_json
from finisher.confined import limits_for, run
from finisher.findings import FileAudit
from finisher.problems import MediaError, Problem
from finisher.progress import Event, Finished, Listener, Started, silent
from finisher.promises import PromisedTake, Promises
from finisher.provenance.promised import from_assertion


@dataclass(frozen=True, slots=True)
class AuditJob:
    """What `finisher.audit.audit.audit` is asked, as values that travel to a child."""

    path: Path
    anchors: str | None = None
    takes: Mapping[str, Path] = field(default_factory=dict)
    expected: tuple[PromisedTake, ...] = ()
    aids: Aids = ALONE


def audit_apart(job: AuditJob, listen: Listener = silent) -> tuple[FileAudit, Promises | None]:
    """The audit of a file, and the promises it carries where they can be used.

    The file and the takes are opened in the child alone: by the C2PA SDK, by PyAV and by finisher's
    own walkers, and by the ffmpeg processes it starts.

    Raises:
        MediaError: when the file or a take can't be opened; `parser-crashed`, `parser-timeout` or
            `parser-memory` when reading them came to no end.
        MachineError: when no ffmpeg, or no child, can be run.
    """
    is_there(job.path)
    answer = _answer(job, listen)
    members = answer if isinstance(answer, dict) else {}
    try:
        return from_json(FileAudit, members.get("audit")), _usable(members.get("promises"))
    except (TypeError, ValueError, KeyError, RecursionError) as error:
        told = f"its reader answered nonsense ({type(error).__name__})"
        raise MediaError(Problem("parser-crashed", told)) from None


def _answer(job: AuditJob, listen: Listener) -> Json:
    """What the child finds; one that dies while detectors look is asked again, without them.

    A detector is not the file: whatever it does, the file is not unreadable for it.
    """
    limits = limits_for(_size((job.path, *job.takes.values())))
    looking: list[str] = []

    def heeding(event: Event) -> None:
        if isinstance(event, Started | Finished) and event.stage == STAGE:
            looking[:] = [STAGE] if isinstance(event, Started) else []
        listen(event)

    try:
        return run(_audit, job, limits, heeding)
    except MediaError as error:
        ours = all(problem.code.startswith("parser-") for problem in error.problems)
        if not looking or not ours:
            raise
        listen(Finished(STAGE, "stopped"))
        why = f"a detector came to no end, and all were left out ({error})"
        return run(_audit, replace(job, aids=replace(job.aids, unasked=why)), limits, listen)


def promises_apart(path: Path) -> Promises | None:
    """The promises a file carries, None where it has none that can be used.

    Raises:
        MediaError, MachineError: as `audit_apart`.
    """
    return _usable(run(_promises, path, limits_for(_size((path,)))))


def _audit(job: AuditJob, listen: Listener) -> Json:
    """In the child: the audit and the promises."""
    takes = dict(job.takes)
    examined = examine(job.path, job.anchors, takes, job.expected)
    found = measured_too(job.path, examined, takes, listen, job.aids)
    return {"audit": to_json(found), "promises": examined.carried}


def _promises(path: Path, listen: Listener) -> Json:
    """In the child: what stands in a file as its promises."""
    del listen  # it takes no time
    return promises_in(path)


def _usable(carried: Json) -> Promises | None:
    """Promises that can be read."""
    try:
        return from_assertion(carried) if carried is not None else None
    except ValueError:
        return None


def _size(paths: Iterable[Path]) -> int:
    """Bytes of files together; one that isn't there has none."""
    return sum(path.stat().st_size for path in paths if path.is_file())
