"""Every export that was delivered, written down where its maker alone can read it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from finisher import ledger
from finisher.canonical import Json, from_json, to_json
from finisher.consent.people import person
from finisher.edl.days import day
from finisher.edl.territories import known
from finisher.pipeline.edit import Edit
from finisher.pipeline.written import place
from finisher.plan.model import Plan, PlannedLayer, PlannedTake
from finisher.problems import MachineError, Problem, Severity, Where
from finisher.report.delivery import Delivery

_PRIVATE = 0o600
"""It names persons."""


@dataclass(frozen=True, slots=True)
class ExportedFile:
    """A take or sound layer that went into an export."""

    id: str
    path: str
    sha256: str
    manifest: str | None
    persons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Export:
    """A film as it was delivered."""

    time: str
    """By UTC, ISO 8601, whole seconds."""
    path: str
    bytes: int
    sha256: str
    preset: str
    title: str
    edl: str
    edl_sha256: str
    scope: str
    territories: tuple[str, ...]
    until: str | None
    files: tuple[ExportedFile, ...]

    @property
    def persons(self) -> tuple[str, ...]:
        """Everybody in it, once each."""
        return tuple(dict.fromkeys(name for file in self.files for name in file.persons))


def record(edit: Edit, decided: Plan, delivery: Delivery, data: Path) -> tuple[Problem, ...]:
    """Write an export down, unless the very same one is; what kept that from being done."""
    if delivery.audit is None or not delivery.audit.passed:
        return ()
    export = _export(edit, decided, delivery, delivery.audit.sha256)
    try:
        ledger.append(place(data), partial(_line, export=export), _PRIVATE)
    except MachineError as error:
        message = f"the export could not be written down: {error.problems[0].message}"
        where, hint = error.problems[0].where, "`finish takes recall` will not find it"
        return (Problem("ledger-unwritable", message, where, hint, Severity.WARNING),)
    return ()


def listed(data: Path) -> tuple[tuple[Export, ...], tuple[Problem, ...]]:
    """Every export written down, oldest first, and a problem for each line that does not read.

    Raises:
        MachineError: when there is a list that can't be read.
    """
    path = place(data)
    exports: list[Export] = []
    problems: list[Problem] = []
    for number, line in _lines(ledger.read(path)):
        export = _read(line)
        if export is None:
            place_ = Where(str(path), "", number, 1)
            told = "a line of the list of exports is damaged: what it told is not known"
            problems.append(Problem("ledger-damaged", told, place_, severity=Severity.WARNING))
        else:
            exports.append(export)
    return tuple(exports), tuple(problems)


def _export(edit: Edit, decided: Plan, delivery: Delivery, sha256: str) -> Export:
    """What is written down of a delivery."""
    timeline = edit.timeline
    takes = {take.id: take.cameos for take in timeline.takes}
    layers = {layer.id: layer.cameos for layer in timeline.layers}
    until = timeline.release.until
    return Export(
        time=datetime.now(UTC).isoformat(timespec="seconds"),
        path=str(Path(delivery.path).absolute()),
        bytes=delivery.bytes,
        sha256=sha256,
        preset=decided.preset.name,
        title=decided.title,
        edl=str(Path(decided.edl_path).absolute()),
        edl_sha256=decided.edl_sha256,
        scope=timeline.release.scope,
        territories=timeline.release.territories,
        until=until.isoformat() if until is not None else None,
        files=(
            *(_file(take, takes.get(take.id, ())) for take in decided.takes),
            *(_file(layer, layers.get(layer.id, ())) for layer in decided.layers),
        ),
    )


def _file(file: PlannedTake | PlannedLayer, cameos: Sequence[str]) -> ExportedFile:
    persons = tuple(dict.fromkeys(map(person, cameos)))
    return ExportedFile(
        file.id, str(Path(file.path).absolute()), file.sha256, file.credentials.manifest, persons
    )


def _line(content: bytes, export: Export) -> bytes:
    """The line to add to a list that holds some already; none where the export is the last of it.

    What a run that died left of a line is closed first, so that it damages no other.
    """
    before = [read for _, line in _lines(content) if (read := _read(line)) is not None]
    same = [one for one in before if one.path == export.path]
    if same and (same[-1].sha256, same[-1].edl_sha256) == (export.sha256, export.edl_sha256):
        return b""
    # Names of files need not be UTF-8; their odd bytes are lone surrogates, escaped in ASCII.
    text = json.dumps(to_json(export), ensure_ascii=True, separators=(",", ":"))
    head = b"\n" if content and not content.endswith(b"\n") else b""
    return head + text.encode("ascii") + b"\n"


def _lines(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines with something on them, numbered from 1."""
    for number, line in enumerate(content.split(b"\n"), start=1):
        if line.strip():
            yield number, line


def _read(line: bytes) -> Export | None:
    """An export as it was written down; None where the line tells none."""
    try:
        value: Json = json.loads(line)
        found = from_json(Export, value)
    except (TypeError, ValueError, KeyError, RecursionError):
        return None
    somewhere = bool(found.territories) and all(map(known, found.territories))
    return found if somewhere and (found.until is None or day(found.until)) else None
