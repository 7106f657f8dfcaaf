"""Commands that look and tell: plan, check, probe, audit."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from finisher import __version__
from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.console.plan import show_plan
from finisher.console.problems import show_problems
from finisher.console.table import show_table
from finisher.findings import FileAudit, Verdict
from finisher.pipeline import inspection, trust
from finisher.pipeline.gate import Gate, requirements
from finisher.problems import Exit, Severity
from finisher.report.document import audit_document
from finisher.report.html import audit_html
from finisher.report.junit import audit_junit
from finisher.report.sarif import audit_sarif
from finisher.report.text import audit_text
from finisher.report.words import plural


def plan(words: Namespace, session: Session) -> Exit:
    """Show what a render would do, or write it down for others to do."""
    if getattr(words, "openjd", None) is not None:
        from finisher.cli.farm import openjd  # noqa: PLC0415 (most plans are for looking at)

        return openjd(words, session)
    planned = inspection.plans(
        words.edl, words.preset, session.settings, session.workers, session.listen
    )
    if words.json:
        documents = [one.document for one in planned]
        put(
            documents[0]
            if len(documents) == 1
            else {"schema": "finisher/plans@1", "plans": documents}
        )
        return Exit.OK
    for one in planned:
        show_plan(one.plan, one.cached)
        show_problems([w for w in one.warnings if w not in one.plan.warnings])
    return Exit.OK


def check(words: Namespace, session: Session) -> Exit:
    """List what is wrong with an edit."""
    found, code = inspection.examine(
        words.edl, words.preset, session.settings, session.workers, session.listen
    )
    if words.json:
        put({"schema": "finisher/check@1", "findings": [p.as_json() for p in found]})
    else:
        show_problems(found)
        errors = sum(p.severity is Severity.ERROR for p in found)
        say(f"{plural(errors, 'error')}, {plural(len(found) - errors, 'remark')}")
    return code


def probe(words: Namespace, session: Session) -> Exit:
    """Show what is measured of takes."""
    measured = inspection.probe(words.files, session.settings, session.workers, session.listen)
    if words.json:
        put({"schema": "finisher/probe@1", "files": [to_json(facts) for facts in measured]})
        return Exit.OK
    rows = [
        (
            Path(facts.path).name,
            f"{facts.raster} {facts.codec} {facts.pixel_format}",
            f"{len(facts.index)} {'constant' if facts.index.uniform else 'variable'} rate",
            "/".join(
                t or "?"
                for t in (
                    facts.tags.matrix,
                    facts.tags.primaries,
                    facts.tags.transfer,
                    facts.tags.range,
                )
            ),
            "" if facts.steadiness is None else f"{facts.steadiness.flicker:.1%}",
            "none"
            if facts.sound is None
            else f"{facts.sound.channels} ch {facts.sound.source_rate} Hz",
            f"{facts.credentials.integrity}"
            + (f", {facts.credentials.generator}" if facts.credentials.generator else ""),
        )
        for facts in measured
    ]
    head = ("file", "picture", "pictures", "colour", "flicker", "sound", "credentials")
    show_table("Takes", head, rows)
    return Exit.OK


def audit(words: Namespace, session: Session) -> Exit:
    """Audit finished files; the exit code is the gate."""
    gate = Gate(
        settings=session.settings,
        wanted=requirements(words.require or ""),
        edl=words.edl,
        consent=words.consent,
        workers=session.workers,
        listen=session.listen,
    )
    audits = gate.audits(words.files)
    lists = trust.lists(session.settings.data, session.settings.anchors)
    style = words.format or ("json" if words.json else "text")
    if style == "json":
        put(audit_document(audits, lists))
    else:
        now = datetime.now(UTC).isoformat(timespec="seconds")
        say(
            {
                "text": lambda: audit_text(audits, lists),
                "junit": lambda: audit_junit(audits),
                "sarif": lambda: audit_sarif(audits, __version__),
                "html": lambda: audit_html(audits, lists, __version__, now),
            }[style]()
        )
    return verdict_code(audits)


def verdict_code(audits: list[FileAudit]) -> Exit:
    """3 where a file is no media that can be read, 1 where one did not pass, 0 otherwise."""
    if any(found.verdict is Verdict.UNREADABLE for found in audits):
        return Exit.MEDIA
    return Exit.OK if all(found.passed for found in audits) else Exit.CHECK_FAILED
