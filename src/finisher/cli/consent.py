"""`finish consent`: add what a person did to the log of consents, or show what it holds."""

from __future__ import annotations

from argparse import Namespace
from functools import partial
from pathlib import Path

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.consent.idle import last
from finisher.consent.model import Act, Log, Row
from finisher.consent.people import person
from finisher.console.problems import show_problems
from finisher.console.table import show_table
from finisher.pipeline.consents import append, read_log, today
from finisher.pipeline.heads import held
from finisher.problems import DocumentError, Exit, PolicyError, Problem, nearest
from finisher.report.plain import plain


def consent(words: Namespace, session: Session) -> Exit:
    """Log an act, or show those that are logged."""
    data = session.settings.data
    if words.act == "show":
        return _show(words, data)
    log = append(words.log, _act(words), words.evidence, data)
    row = log.rows[-1]
    show_problems(last(log))
    if words.json:
        put({"schema": "finisher/consent@1", "log": str(words.log), "rows": [_document(row)]})
    else:
        say(str(row.where))
    return Exit.OK


def _act(words: Namespace) -> dict[str, str]:
    """The cells of a row, as the command line gives them.

    Raises:
        DocumentError: when nobody is named.
    """
    if words.person is None:
        hint = f"`finish consent {words.act} PERSON …`"
        raise DocumentError(Problem("usage", f"consent {words.act}: who?", hint=hint))
    return {
        "person": person(words.person),
        "act": str(Act(words.act)),
        "date": words.date or today().isoformat(),
        "scope": words.scope,
        "territory": words.territory,
        "from": words.begins,
        "until": words.until,
        "note": words.note,
    }


def _show(words: Namespace, data: Path) -> Exit:
    """Show the acts of one person, or of everybody.

    Raises:
        PolicyError: when rows of the log were altered.
    """
    log = held(partial(read_log, words.log), data)
    wanted = None if words.person is None else person(words.person)
    rows = [row for row in log.rows if wanted in (None, row.person)]
    if words.json:
        chained, flaws = log.chained, [flaw.as_json() for flaw in log.flaws]
        head = {"schema": "finisher/consent@1", "log": log.path, "chained": chained}
        put({**head, "flaws": flaws, "rows": [_document(row) for row in rows]})
    else:
        _table(words.log, log, rows)
        if wanted is not None and not rows:
            hint = nearest(wanted, log.persons)
            say(plain(f"nothing is logged of {wanted}" + (f" ({hint})" if hint else "")))
    if log.flaws:
        if words.json:
            return Exit.POLICY
        raise PolicyError(log.flaws)
    return Exit.OK


def _table(path: Path, log: Log, rows: list[Row]) -> None:
    """The acts, for people."""
    head = ("line", "person", "act", "date", "scope", "territory", "from", "until", "document")
    show_table(
        f"{path}, {'linked' if log.chained else 'rows without links'}",
        head,
        [
            (
                str(row.where.line),
                row.person,
                str(row.act),
                str(row.day),
                "; ".join(row.scopes),
                "; ".join(row.territories),
                "" if row.act is Act.REVOKE else str(row.begins),
                str(row.until or ""),
                f"{row.evidence}: {row.proof}" if row.evidence else "",
            )
            for row in rows
        ],
    )


def _document(row: Row) -> dict[str, object]:
    """An act as JSON."""
    return {
        "line": row.where.line,
        "person": row.person,
        "act": str(row.act),
        "date": row.day.isoformat(),
        "scope": list(row.scopes),
        "territory": list(row.territories),
        "from": row.begins.isoformat() if row.act is Act.GRANT else None,
        "until": row.until.isoformat() if row.until is not None else None,
        "evidence": row.evidence,
        "evidence_sha256": row.evidence_sha256,
        "proof": str(row.proof),
        "note": row.note,
        "link": to_json(row.link),
    }
