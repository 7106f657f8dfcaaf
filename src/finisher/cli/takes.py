"""`finish takes recall`: earlier exports that show somebody or let them speak."""

from __future__ import annotations

from argparse import Namespace
from functools import partial

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.console.problems import show_problems
from finisher.console.table import show_table
from finisher.pipeline.consents import read_log, today
from finisher.pipeline.heads import held
from finisher.pipeline.recall import Recall, Recalled, recall
from finisher.problems import Exit
from finisher.report.plain import plain
from finisher.report.words import plural


def takes(words: Namespace, session: Session) -> Exit:
    """List the exports with a person in them."""
    data = session.settings.data
    log = held(partial(read_log, words.consent), data) if words.consent is not None else None
    found = recall(words.person, data, log, today())
    show_problems((*found.problems, *(log.flaws if log is not None else ())))
    if words.json:
        put(_document(found))
        return Exit.OK
    if not found.exports:
        hint = f" ({found.hint})" if found.hint else ""
        say(plain(f"none: no export names {found.person}{hint}"))
        return Exit.OK
    head = ("delivered", "preset", "now", "in", "consent", "path")
    show_table(f"{found.person}: {plural(len(found.exports), 'export')}", head, _rows(found))
    for one in found.exports:
        say(one.export.path)
    return Exit.OK


def _rows(found: Recall) -> list[tuple[str, ...]]:
    return [
        (
            one.export.time,
            one.export.preset,
            str(one.state),
            ", ".join(file.id for file in one.files),
            "" if one.decision is None else one.decision.words,
            one.export.path,
        )
        for one in found.exports
    ]


def _document(found: Recall) -> dict[str, object]:
    """`finisher/recall@1`."""
    return {
        "schema": "finisher/recall@1",
        "person": found.person,
        "hint": found.hint,
        "exports": [_export(one) for one in found.exports],
        "problems": [problem.as_json() for problem in found.problems],
    }


def _export(one: Recalled) -> dict[str, object]:
    export, decision = one.export, one.decision
    return {
        "time": export.time,
        "path": export.path,
        "sha256": export.sha256,
        "state": str(one.state),
        "preset": export.preset,
        "title": export.title,
        "edl": export.edl,
        "release": {
            "scope": export.scope,
            "territories": list(export.territories),
            "until": export.until,
        },
        "files": [to_json(file) for file in one.files],
        "consent": None
        if decision is None
        else {"outcome": str(decision.outcome), "words": decision.words},
    }
