"""The log of consents on the disk: found, read, its documents held against their hashes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from pathlib import Path

from finisher import ledger
from finisher.consent.asking import appearances, over, remarks, unconsented, use_of
from finisher.consent.content import films, peopled_by_content, strangers
from finisher.consent.model import Log, Proof, Row
from finisher.consent.people import person, recognisable
from finisher.consent.reading import parse
from finisher.consent.table import MAX_BYTES
from finisher.consent.writing import line
from finisher.edl.paths import PathRefused, inside
from finisher.facts import Facts
from finisher.pipeline import heads
from finisher.plan.model import Plan, PlannedLayer, PlannedTake
from finisher.problems import DocumentError, PolicyError, Problem, Severity, Where
from finisher.promises import PromisedRelease, Promises
from finisher.regular import regular
from finisher.timeline import Timeline

NAME = "consent.csv"
"""The log beside an edit list that names none."""
_ABSENT = "consent-evidence-absent"
"""The one remark that a strict run is refused for."""


@dataclass(frozen=True, slots=True)
class Consents:
    """What an edit's persons agreed to, as of a day."""

    on: date
    """By UTC."""
    log: Log | None = None
    files: tuple[Path, ...] = ()
    """Everything on the disk that decides: the log, there or looked for, and its documents."""


def today() -> date:
    """The day it is, by UTC: the one place where decisions on consent meet a clock."""
    return datetime.now(UTC).date()


def midnight(day: date) -> datetime:
    """When a day ends, by UTC: what was decided on it is to be decided again."""
    return datetime.combine(day + timedelta(days=1), time(), UTC)


def find(timeline: Timeline, on: date, data: Path) -> Consents:
    """The consents of everybody an edit names, by its log.

    An edit that names nobody, and no log, has none to look for. `data` is the folder of the user's
    data, where the ends of logs are kept in mind.

    Raises:
        DocumentError: when the log it names is not there, can't be read or is wrong in form.
    """
    named = [name for take in timeline.takes for name in take.cameos]
    named += [name for layer in timeline.layers for name in layer.cameos]
    if not named and timeline.consent is None:
        return Consents(on)
    beside = Path(timeline.path).parent / NAME
    path = beside if timeline.consent is None else Path(timeline.consent)
    if timeline.consent is None and not path.exists():
        return Consents(on, None, (path,))
    return _read(path, frozenset(map(person, named)), on, data)


def among(
    timeline: Timeline, facts: Facts, found: Consents, data: Path
) -> tuple[Timeline, Consents]:
    """An edit that names everybody its files are known to show, and what they agreed to.

    Persons go by what a file holds: they are in it under each of its ids, and where it is a
    finished film, as it promises, as far as the log or the edit knows their names.

    Args:
        timeline: the edit, with its cameos as declared.
        facts: what was measured of its takes and layers.
        found: the consents of those who are declared.
        data: the folder of the user's data.

    Raises:
        DocumentError: when the log can't be read or is wrong in form.
    """
    beside = Path(timeline.path).parent / NAME
    if films(facts) and not found.files:
        log = _read(beside, frozenset(), found.on, data) if beside.exists() else None
        found = log or Consents(found.on, None, (beside,))
    whole = named_by(timeline, facts, found.log)
    if whole == timeline:
        return timeline, found
    return whole, find(whole, found.on, data)


def named_by(timeline: Timeline, facts: Facts, log: Log | None) -> Timeline:
    """An edit that names everybody in its files whom a log, or the edit itself, can name."""
    return peopled_by_content(timeline, facts, _names(timeline, log))


def _read(path: Path, persons: Collection[str], on: date, data: Path) -> Consents:
    """The consents of some persons, by a log that is there."""
    log = heads.held(partial(read_log, path, persons), data)
    return Consents(on, log, (path, *_documents(log, persons)))


def read_log(path: Path, persons: Collection[str] | None = None) -> Log:
    """A log, with what became of the documents it names.

    Args:
        path: where it lies; its documents lie in the same folder.
        persons: whose documents are looked at; None for everybody's.

    Raises:
        DocumentError: when it is not there, can't be read or is wrong in form.
    """
    return _proven(parse(_bytes(path), str(path)), path, persons)


def _proven(log: Log, path: Path, persons: Collection[str] | None = None) -> Log:
    """A log with its documents held against their hashes, as `read_log`."""
    folder = path.absolute().parent
    rows = (
        replace(row, proof=_proof(row, folder)) if persons is None or row.person in persons else row
        for row in log.rows
    )
    return replace(log, rows=tuple(rows))


def blocks(
    timeline: Timeline, decided: Plan, consents: Consents, *, strict: bool
) -> tuple[Problem, ...]:
    """Persons a plan shows or lets speak who did not agree to it.

    `strict` is whether a document that is not here counts as none.
    """
    shown = appearances(timeline, *_used(decided))
    use = use_of(timeline.release)
    refused = unconsented(shown, consents.log, use, consents.on)
    if refused or not strict:
        return refused
    told = remarks(shown, consents.log, use, consents.on)
    return tuple(replace(p, severity=Severity.ERROR) for p in told if p.code == _ABSENT)


def warnings(
    timeline: Timeline, decided: Plan, consents: Consents, *, strict: bool
) -> tuple[Problem, ...]:
    """What there is to say of consents that forbid nothing, those of unused takes among them."""
    takes, layers = _used(decided)
    shown, use = appearances(timeline, takes, layers), use_of(timeline.release)
    ended = over(timeline.release, consents.on)
    here = {one.person for one in shown}
    declared = appearances(
        timeline, {take.id for take in timeline.takes}, {layer.id for layer in timeline.layers}
    )
    idle = [one for one in declared if one.person not in here]
    lowered = (
        replace(p, severity=Severity.WARNING)
        for p in unconsented(idle, consents.log, use, consents.on)
    )
    told = remarks(shown, consents.log, use, consents.on)
    told = (*ended, *(p for p in told if not (strict and p.code == _ABSENT)), *lowered)
    return (*told, *_strangers(timeline, decided, consents.log))


def _strangers(timeline: Timeline, decided: Plan, log: Log | None) -> Iterator[Problem]:
    """A word on each film among the takes that promises persons whom nobody here can name."""
    names = _names(timeline, log)
    places = {layer.id: layer.where for layer in timeline.layers}
    places |= {take.id: take.where for take in timeline.takes}
    files: list[PlannedTake | PlannedLayer] = [*decided.takes, *decided.layers]
    for file in files:
        count = strangers(file.credentials, names)
        if count:
            told = f"{file.id!r} is a finished film, or was made of one, that names persons: "
            told += f"{count} of them can't be recognised, and nobody asks whether they agree"
            hint = "give the log that names them, or name them in `cameos`"
            where = places.get(file.id)
            yield Problem("persons-unknown", told, where, hint, Severity.WARNING)


def peopled(promised: Promises, timeline: Timeline, consents: Consents) -> Promises:
    """Promises with the persons of each file that goes in, and what they were asked for."""
    names = {take.id: take.cameos for take in timeline.takes}
    for layer in timeline.layers:  # a layer may be called as a take is
        names[layer.id] = (*names.get(layer.id, ()), *layer.cameos)
    used = {person(name) for take in promised.takes for name in names.get(take.id, ())}
    if not used:
        return promised
    takes = (
        replace(
            take,
            people=tuple(
                sorted(
                    recognisable(name, promised.edl_sha256, promised.title)
                    for name in set(map(person, names.get(take.id, ())))
                )
            ),
        )
        for take in promised.takes
    )
    release = timeline.release
    return replace(
        promised,
        takes=tuple(takes),
        release=PromisedRelease(
            release.scope,
            release.territories,
            release.until.isoformat() if release.until is not None else None,
            _last(consents.log, used),
            consents.log is not None and consents.log.chained,
        ),
    )


def append(path: Path, act: Mapping[str, str], evidence: Path | None, data: Path) -> Log:
    """Add an act to the end of a log, made where there is none; the log up to that act.

    Args:
        path: the log.
        act: cells by column, as `finisher.consent.writing.line` takes them.
        evidence: the document it rests on, None without one.
        data: the folder of the user's data, where the ends of logs are kept in mind.

    Raises:
        DocumentError: when log or act are wrong in form, or the document lies elsewhere.
        PolicyError: when rows of the log were altered.
        MachineError: when it can't be written.
    """
    if evidence is not None:
        act = {**act, **_logged(evidence, path.absolute().parent)}

    def added(content: bytes) -> bytes:
        if content.strip():  # held against its ends here, where nobody else adds to it
            there = _proven(parse(content, str(path)), path)
            if flaws := heads.held(lambda: there, data).flaws:
                raise PolicyError(flaws)
        return line(content, str(path), act)

    log = parse(ledger.append(path, added), str(path))
    heads.keep(log, data)
    return _proven(log, path)


def _names(timeline: Timeline, log: Log | None) -> tuple[str, ...]:
    """Everybody whom a log or an edit names, once each."""
    declared = [person(name) for take in timeline.takes for name in take.cameos]
    declared += [person(name) for layer in timeline.layers for name in layer.cameos]
    return tuple(dict.fromkeys((*declared, *(log.persons if log is not None else ()))))


def _used(decided: Plan) -> tuple[set[str], set[str]]:
    """The takes and the layers of a plan, by name."""
    return {take.id for take in decided.takes}, {layer.id for layer in decided.layers}


def _last(log: Log | None, persons: Collection[str]) -> str:
    """The link of the last row about some persons; what is logged of others changes no film."""
    rows = log.rows if log is not None else ()
    return next((row.link for row in reversed(rows) if row.person in persons), "")


def _bytes(path: Path) -> bytes:
    """A log's bytes; one more than may be, where there are too many."""
    try:
        with regular(path).open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        message = f"can't read the log of consents: {error.strerror or type(error).__name__}"
        raise DocumentError(Problem("consent-log-missing", message, Where(str(path)))) from error


def _documents(log: Log, persons: Collection[str]) -> list[Path]:
    """Where the documents of some persons lie, or should."""
    folder = Path(log.path).absolute().parent
    rows = (row for row in log.rows if row.person in persons and row.evidence is not None)
    return [folder / str(row.evidence) for row in rows]


def _proof(row: Row, folder: Path) -> Proof:
    """What became of the document of a row."""
    if row.evidence is None:
        return Proof.NONE
    try:
        path = inside(row.evidence, folder, ())
    except PathRefused as error:
        raise DocumentError(Problem("consent-row", error.message, row.where, error.hint)) from None
    try:
        return Proof.HELD if _sha256(path) == row.evidence_sha256 else Proof.CHANGED
    except OSError:
        return Proof.ABSENT


def _logged(evidence: Path, folder: Path) -> dict[str, str]:
    """A document as a row names it: by its path from the log, and its content."""
    where = Where(str(evidence))
    relative = Path(os.path.relpath(evidence.absolute(), folder)).as_posix()
    try:
        inside(relative, folder, ())
        return {"evidence": relative, "evidence_sha256": _sha256(evidence)}
    except PathRefused as error:
        hint = "documents lie in the log's folder, or below it"
        raise DocumentError(Problem("consent-evidence", error.message, where, hint)) from None
    except OSError as error:
        message = f"can't read the document: {error.strerror or type(error).__name__}"
        raise DocumentError(Problem("consent-evidence", message, where)) from error


def _sha256(path: Path) -> str:
    with regular(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
