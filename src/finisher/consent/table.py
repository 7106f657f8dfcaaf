"""Comma-separated values, strictly (RFC 4180), whose every cell knows its line and column."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

MAX_BYTES = 4 << 20
"""A log of consents: tens of thousands of rows; what is larger was not meant to be one."""
MAX_CELL = 2_000
_CELL = re.compile(r'"(?P<quoted>[^"]*+(?:""[^"]*+)*+)"|(?P<bare>[^",\r\n]*)')
_END = re.compile(r"\r\n|\n|\r|\Z")
_PLAIN = re.compile(r"[^\s\",](?:[^\",\r\n]*[^\s\",])?|")


class NoTable(ValueError):
    """A text that is no table; tells the line and column, from 1, where that shows."""

    def __init__(self, message: str, line: int, column: int, hint: str | None = None) -> None:
        """Keep them apart for whoever knows the file."""
        super().__init__(message)
        self.message, self.line, self.column, self.hint = message, line, column, hint


@dataclass(frozen=True, slots=True)
class Cell:
    """A value, and where it begins, counted from 1."""

    text: str
    line: int
    column: int


def cells(text: str) -> list[list[Cell]]:
    """The rows of a table, the heading among them; lines with nothing on them are passed over.

    Raises:
        NoTable: at the first character that is out of place.
    """
    rows: list[list[Cell]] = []
    row: list[Cell] = []
    at, line, begins = 0, 1, 0
    while at < len(text):
        found = _CELL.match(text, at)
        if found is None or (found["quoted"] is None and text[at] == '"'):
            raise NoTable("a quoted cell does not end", line, at - begins + 1, 'it ends with "')
        cell = _cell(found, line, at - begins + 1)
        row.append(cell)
        broken = found[0].count("\n")
        if broken:
            line, begins = line + broken, at + found[0].rindex("\n") + 1
        at = found.end()
        if text[at : at + 1] == ",":
            at += 1
            if at < len(text):
                continue
            row.append(Cell("", line, at - begins + 1))
        end = _END.match(text, at)
        if end is None:
            hint = 'a cell with quotes or commas is written in quotes, each " in it twice'
            raise NoTable("a comma or the end of the line is expected", line, at - begins + 1, hint)
        if len(row) > 1 or row[0].text:
            rows.append(row)
        row, at, line, begins = [], end.end(), line + 1, end.end()
    return rows


def _cell(found: re.Match[str], line: int, column: int) -> Cell:
    """A matched cell, its doubled quotes made single."""
    quoted = found["quoted"]
    value = found["bare"] if quoted is None else quoted.replace('""', '"')
    if len(value) > MAX_CELL:
        raise NoTable(f"a cell of {len(value)} characters; the limit is {MAX_CELL}", line, column)
    return Cell(value, line, column)


def written(values: Sequence[str]) -> str:
    """Values as one line of a table, its end included; `cells` reads the same of it."""
    return ",".join(map(_quoted, values)) + "\n"


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    doubled = value.replace('"', '""')
    return f'"{doubled}"'
