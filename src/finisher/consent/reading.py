"""The log of consents: from its bytes to acts, with every problem told in one go."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from finisher.canonical import digest
from finisher.consent.model import ANYTHING, Act, Log, Row
from finisher.consent.people import person
from finisher.consent.table import MAX_BYTES, Cell, NoTable, cells
from finisher.edl.days import day
from finisher.edl.paths import PathRefused, check_form
from finisher.edl.territories import COUNTRIES, GROUPS, WORLDWIDE, known
from finisher.problems import DocumentError, Problem, Where, nearest

PREVIOUS = "previous"
COLUMNS = (
    *("person", "act", "date", "scope", "territory", "from", "until"),
    *("evidence", "evidence_sha256", "note", PREVIOUS),
)
FIRST = "first"
"""What the first row carries for the one before it; a spreadsheet would take zeros for a number."""
_NEEDED = ("person", "act", "date")
_MOST_ROWS = 50_000
_LONGEST_NAME = 100
_SHA256 = re.compile(r"[0-9a-f]{64}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class _Page:
    """A log under way: its name, and a list of problems to add to."""

    path: str
    problems: list[Problem] = field(default_factory=list)

    def where(self, cell: Cell) -> Where:
        return Where(self.path, "", cell.line, cell.column)

    def wrong(self, cell: Cell, message: str, hint: str | None = None) -> None:
        """Report a cell whose value won't do."""
        self.problems.append(Problem("consent-row", message, self.where(cell), hint))


def parse(data: bytes, path: str) -> Log:
    """The acts in a log; whether their chain holds is among them, not an error.

    Args:
        data: the file's bytes, UTF-8; a byte order mark, as spreadsheets write it, is passed over.
        path: what it is called in problems.

    Raises:
        DocumentError: with every problem, in the order of the text.
    """
    heading, body = _table(data, path)
    page = _Page(path)
    names = _names(heading, page)
    if page.problems:
        raise DocumentError(page.problems)
    rows, flaws = _rows(body, names, page)
    if page.problems:
        raise DocumentError(page.problems)
    return Log(path, rows, PREVIOUS in names, flaws)


def columns(data: bytes, path: str) -> tuple[str, ...]:
    """The names of a log's columns, in order.

    Raises:
        DocumentError: when it has no heading that reads.
    """
    heading, _ = _table(data, path)
    return tuple(cell.text.strip() for cell in heading)


def _table(data: bytes, path: str) -> tuple[list[Cell], list[list[Cell]]]:
    """The heading of a log, and its other rows."""
    place = Where(path)
    if len(data) > MAX_BYTES:
        message = f"a log of consents has at most {MAX_BYTES >> 20} MiB"
        raise DocumentError(Problem("consent-log-form", message, place))
    try:
        rows = cells(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        message, hint = "the log of consents is no UTF-8", "save it as CSV UTF-8"
        raise DocumentError(Problem("consent-log-form", message, place, hint)) from None
    except NoTable as error:
        place = Where(path, "", error.line, error.column)
        raise DocumentError(Problem("consent-log-form", error.message, place, error.hint)) from None
    if not rows or len(rows) > _MOST_ROWS:
        message = f"a log of consents has a heading, and at most {_MOST_ROWS} rows"
        hint = f"the heading is {','.join(COLUMNS)}"
        raise DocumentError(Problem("consent-log-form", message, place, hint))
    return rows[0], rows[1:]


def _names(heading: list[Cell], page: _Page) -> list[str]:
    """The names of the columns; problems go to the page."""
    names = [cell.text.strip() for cell in heading]
    for place, (name, cell) in enumerate(zip(names, heading, strict=True)):
        told, hint = None, None
        if name in names[:place]:
            told = f'another column is called "{name}"'
        elif name not in COLUMNS and not name.startswith("x-"):
            told = f'there is no column "{name}"'
            hint = nearest(name, COLUMNS) or "your own begin with x-"
            hint = "separate cells by commas" if ";" in name else hint
        if told is not None:
            page.problems.append(Problem("consent-log-form", told, page.where(cell), hint))
    if page.problems:
        return names
    for needed in _NEEDED:
        if needed not in names:
            told = f'the column "{needed}" is missing'
            page.problems.append(Problem("consent-log-form", told, page.where(heading[0])))
    return names


def _rows(
    body: Sequence[list[Cell]], names: Sequence[str], page: _Page
) -> tuple[tuple[Row, ...], tuple[Problem, ...]]:
    """The acts, and where the chain breaks."""
    rows: list[Row] = []
    flaws: list[Problem] = []
    link = FIRST
    for found in body:
        if len(found) != len(names):
            told = f"a row of {len(found)} cells under {len(names)} columns"
            place = page.where(found[0])
            page.problems.append(Problem("consent-log-form", told, place))
            continue
        row = dict(zip(names, found, strict=True))
        unlinked = _unlinked(row, link, page)
        flaws += unlinked
        # What follows a break is held to the row it was written under, so that each is told once.
        link = _link(row[PREVIOUS].text.strip() if unlinked else link, row)
        act = _act(row, link, page)
        if act is not None:
            rows.append(act)
    return tuple(rows), tuple(flaws)


def _link(before: str, row: Mapping[str, Cell]) -> str:
    """SHA-256 of a row and the link before it; empty cells and the order of columns don't count."""
    filled = sorted([name, cell.text] for name, cell in row.items() if cell.text)
    return digest([before, [pair for pair in filled if pair[0] != PREVIOUS]])


def _unlinked(row: Mapping[str, Cell], before: str, page: _Page) -> list[Problem]:
    """What is wrong with the link a row carries."""
    carried = row.get(PREVIOUS)
    if carried is None or carried.text.strip() == before:
        return []
    place = page.where(carried)
    if not carried.text.strip():
        told = "this row carries no link to the one before it, as others here do"
        hint = "append with `finish consent`, or leave the whole column out"
        page.problems.append(Problem("consent-row-unchained", told, place, hint))
        return []
    told = "a row above was altered, added or taken away since this one was written"
    hint = "restore the log from a copy; acts are only ever appended"
    return [Problem("consent-log-altered", told, place, hint)]


def _act(row: Mapping[str, Cell], link: str, page: _Page) -> Row | None:
    """A row's act, None after reporting what is wrong with it."""
    before = len(page.problems)
    for cell in row.values():
        if _CONTROL.search(cell.text):
            page.wrong(cell, "a cell holds a control character")
    name, act = _person(row["person"], page), _kind(row["act"], page)
    done = _day(row["date"], page)
    if done is None and not row["date"].text.strip():
        page.wrong(row["date"], "an act has a date", 'write "2026-11-21"')
    scopes, territories = _scopes(row, act, page), _territories(row, act, page)
    begins, until = (_day(row.get(name), page) for name in ("from", "until"))
    if act is Act.REVOKE and (begins or until):
        page.wrong(row["act"], "a revocation has no first or last day: it ends what was granted")
    if until is not None and (begins or done or until) > until:
        page.wrong(row["until"], "a grant ends before it begins")
    evidence, sha256 = _evidence(row, page)
    if len(page.problems) > before or name is None or act is None or done is None:
        return None
    return Row(
        where=page.where(row["person"]),
        person=name,
        act=act,
        day=done,
        scopes=scopes,
        territories=territories,
        begins=begins or done,
        until=until,
        evidence=evidence,
        evidence_sha256=sha256,
        note=_text(row, "note"),
        link=link,
    )


def _text(row: Mapping[str, Cell], name: str) -> str:
    """A cell's text without blanks around it; empty where there is no such column."""
    cell = row.get(name)
    return cell.text.strip() if cell is not None else ""


def _person(cell: Cell, page: _Page) -> str | None:
    name = person(cell.text)
    if not name or len(name) > _LONGEST_NAME or "\n" in name:
        page.wrong(cell, f"a person has a name, of one line and at most {_LONGEST_NAME} characters")
        return None
    return name


def _kind(cell: Cell, page: _Page) -> Act | None:
    try:
        return Act(cell.text.strip())
    except ValueError:
        page.wrong(cell, f'"{cell.text[:40]}" is none of: grant, revoke')
        return None


def _day(cell: Cell | None, page: _Page) -> date | None:
    """The day in a cell; None where it is empty, or after reporting that it holds none."""
    if cell is None or not cell.text.strip():
        return None
    found = day(cell.text.strip())
    if found is None:
        page.wrong(cell, f'"{cell.text[:40]}" is not a date', 'write "2027-12-31"')
    return found


def _words(row: Mapping[str, Cell], name: str) -> tuple[str, ...]:
    """The words of a cell, separated by semicolons."""
    parts = (part.strip() for part in _text(row, name).split(";"))
    return tuple(dict.fromkeys(part for part in parts if part))


def _scopes(row: Mapping[str, Cell], act: Act | None, page: _Page) -> tuple[str, ...]:
    """What an act is about; a grant says so, a revocation that says nothing takes back all."""
    found = _words(row, "scope")
    if not found and act is Act.GRANT:
        hint = "words for uses, separated by semicolons, or * for any use at all"
        page.wrong(row.get("scope", row["act"]), "a grant has a scope", hint)
    return found or (ANYTHING,)


def _territories(row: Mapping[str, Cell], act: Act | None, page: _Page) -> tuple[str, ...]:
    """Where an act holds, likewise."""
    found = _words(row, "territory")
    words = ", ".join(GROUPS)
    form = f"ISO 3166 codes of two capitals such as DE, or {words}, separated by semicolons"
    if not found and act is Act.GRANT:
        page.wrong(row.get("territory", row["act"]), "a grant has a territory", form)
    for code in found:
        if not known(code):
            hint = nearest(code.upper(), (*COUNTRIES, *GROUPS)) or form
            page.wrong(row["territory"], f'"{code[:40]}" is no territory', hint)
    return found or (WORLDWIDE,)


def _evidence(row: Mapping[str, Cell], page: _Page) -> tuple[str | None, str | None]:
    """The document an act rests on, by path and by hash."""
    path, sha256 = _text(row, "evidence"), _text(row, "evidence_sha256").lower()
    if path:
        try:
            check_form(path)
        except PathRefused as error:
            page.wrong(row["evidence"], error.message, error.hint)
    if path and not sha256:
        told = "a document counts by its content: its SHA-256 is missing"
        page.wrong(row["evidence"], told, "`finish consent … --evidence FILE` writes it")
    if sha256 and not _SHA256.fullmatch(sha256):
        page.wrong(row["evidence_sha256"], "a SHA-256 has 64 digits, 0 to 9 and a to f")
    return path or None, sha256 or None
