"""TOML whose keys know their lines."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from finisher.problems import DocumentError, Problem, Where

MAX_BYTES = 1 << 20
"""A preset is about 1 kB."""

_TABLE = re.compile(r"\s*\[\s*([A-Za-z0-9_\-. ]+?)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"\s*([A-Za-z0-9_\-]+(?:\s*\.\s*[A-Za-z0-9_\-]+)*)\s*=")
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")


@dataclass(frozen=True, slots=True)
class Toml:
    """A TOML file's value and the line of each of its plain keys."""

    file: str
    value: dict[str, Any]
    lines: dict[tuple[str, ...], int]

    def where(self, path: Sequence[str | int]) -> Where:
        """The place of a value, or of the nearest thing around it that has a line."""
        keys = tuple(str(part) for part in path)
        line = next(
            (self.lines[keys[:n]] for n in range(len(keys), 0, -1) if keys[:n] in self.lines), 1
        )
        return Where(self.file, "".join(f"/{key}" for key in keys), line, 1)

    def holds(self, path: Sequence[str | int]) -> bool:
        """Whether a value stands in this very file."""
        return tuple(str(part) for part in path) in self.lines


def load(path: Path) -> Toml:
    """Read a TOML file.

    Raises:
        DocumentError: when it can't be read or is no TOML.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        if len(data) > MAX_BYTES:
            raise DocumentError(
                Problem("document-too-large", f"more than {MAX_BYTES} bytes", Where(str(path)))
            )
        text = data.decode("utf-8")
        return Toml(str(path), tomllib.loads(text), _lines(text))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DocumentError(Problem("preset-unreadable", reason, Where(str(path)))) from error
    except UnicodeDecodeError as error:
        raise DocumentError(Problem("not-utf-8", str(error), Where(str(path)))) from error
    except tomllib.TOMLDecodeError as error:
        raise DocumentError(_syntax(path, str(error))) from error
    except RecursionError as error:
        raise DocumentError(
            Problem("syntax", "values are nested too deep", Where(str(path)))
        ) from error


def _syntax(path: Path, message: str) -> Problem:
    """The parser's complaint, its place taken out of the words."""
    match = _AT.search(message)
    if match is None:
        return Problem("syntax", message, Where(str(path)))
    where = Where(str(path), "", int(match[1]), int(match[2]))
    return Problem("syntax", f"no TOML: {message[: match.start()]}", where)


def _lines(text: str) -> dict[tuple[str, ...], int]:
    """Lines of tables and keys, by their plain spellings; enough to find one's way."""
    lines: dict[tuple[str, ...], int] = {}
    table: tuple[str, ...] = ()
    for number, line in enumerate(text.splitlines(), 1):
        if match := _TABLE.match(line):
            table = _parts(match[1])
            lines.setdefault(table, number)
        elif match := _KEY.match(line):
            lines.setdefault((*table, *_parts(match[1])), number)
    return lines


def _parts(dotted: str) -> tuple[str, ...]:
    """The keys of a dotted key."""
    return tuple(part.strip() for part in dotted.split("."))
