"""A further row for the log of consents; nothing that is there is ever written again."""

from __future__ import annotations

import re
from collections.abc import Mapping

from finisher.consent.reading import COLUMNS, FIRST, PREVIOUS, columns, parse
from finisher.consent.table import written
from finisher.problems import DocumentError, PolicyError, Problem, Where

_FORMULA = re.compile(r"[=+\-@\t]")


def line(data: bytes, path: str, act: Mapping[str, str]) -> bytes:
    """What has to be appended to a log for one more act; an empty log gets its heading first.

    Args:
        data: all that is in the log.
        path: what it is called in problems.
        act: cells by column, but for the link to the row before; those left out are empty.

    Raises:
        DocumentError: when the log, or the act, is wrong in form.
        PolicyError: when rows of the log were altered: nothing is added to such.
    """
    _check_formulas(act)
    head, names = b"", tuple[str, ...](COLUMNS)
    if not data.strip():
        data, head, last = b"", written(COLUMNS).encode(), FIRST
    else:
        log, names = parse(data, path), columns(data, path)
        if log.flaws:
            raise PolicyError(log.flaws)
        last = log.rows[-1].link if log.rows else FIRST
        head = b"" if data.endswith((b"\n", b"\r")) else b"\n"
    _check_columns(act, names, path)
    row = {**act, PREVIOUS: last}
    made = head + written([row.get(name, "") for name in names]).encode()
    parse(data + made, path)
    return made


def _check_formulas(act: Mapping[str, str]) -> None:
    """Refuse cells that a spreadsheet would run.

    Raises:
        DocumentError: naming them.
    """
    hint = "begin it with a letter"
    problems = [
        Problem(
            "consent-formula", f"{name}: {text[:40]!r} is a formula to a spreadsheet", hint=hint
        )
        for name, text in act.items()
        if _FORMULA.match(text)
    ]
    if problems:
        raise DocumentError(problems)


def _check_columns(act: Mapping[str, str], names: tuple[str, ...], path: str) -> None:
    """Refuse an act that says what a log has no column for.

    Raises:
        DocumentError: naming the columns.
    """
    missing = [name for name, text in act.items() if text and name not in names]
    if missing:
        told = f"the log has no column for: {', '.join(missing)}"
        raise DocumentError(Problem("consent-log-form", told, Where(path, "", 1, 1)))
