"""The last row each log of consents was seen with, so that rows taken off its end show too."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from finisher import ledger
from finisher.canonical import Json
from finisher.consent.model import Log
from finisher.problems import MachineError, Problem, Where

NAME = "consents.jsonl"
_PRIVATE = 0o600


def held(read: Callable[[], Log], data: Path) -> Log:
    """A log with a flaw more where it lacks a row that it ended with before.

    A log that begins with another row is another log. What is seen is written down in the folder
    of the user's data; where that can't be read or written, nothing is known and nothing kept.

    Args:
        read: gives the log. It is called when its ends are known already: of a log that others add
            to meanwhile, an end is written down only when the row stands in it.
        data: the folder of the user's data.
    """
    known = _seen(data)
    log = read()
    if not log.rows or log.flaws:
        return log
    name, first, last = str(Path(log.path).resolve()), log.rows[0].link, log.rows[-1].link
    links = {row.link for row in log.rows}
    ends = {(end, linked) for path, begins, end, linked in known if (path, begins) == (name, first)}
    seen = {end for end, _ in ends}
    unlinked = not log.chained and any(linked for _, linked in ends)
    if unlinked or not seen <= links:
        told = "rows or links that this log had are no longer there, or were altered"
        hint = "restore the log from a copy; acts are only ever appended"
        flaw = Problem("consent-log-altered", told, Where(log.path), hint)
        return replace(log, flaws=(flaw,))
    if last not in seen:
        keep(log, data)
    return log


def keep(log: Log, data: Path) -> None:
    """Write down where a log ends, where that can be done."""
    name, first, last = str(Path(log.path).resolve()), log.rows[0].link, log.rows[-1].link
    with suppress(MachineError):
        ledger.append(data / NAME, partial(_line, head=[name, first, last, log.chained]), _PRIVATE)


def _seen(data: Path) -> list[tuple[str, str, str, bool]]:
    """What was written down; lines that don't read are passed over."""
    found: list[tuple[str, str, str, bool]] = []
    try:
        content = ledger.read(data / NAME)
    except MachineError:
        return found
    for line in content.splitlines():
        try:
            value: Json = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(value, list) and len(value) == 4:
            path, begins, end, linked = value
            found.append((str(path), str(begins), str(end), linked is True))
    return found


def _line(content: bytes, head: list[str | bool]) -> bytes:
    """A line for a log's end; what a run that died left of one is closed first."""
    begun = b"\n" if content and not content.endswith(b"\n") else b""
    return begun + json.dumps(head).encode("ascii") + b"\n"
