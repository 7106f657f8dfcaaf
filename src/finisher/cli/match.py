"""`finish match`: how sessions differ in colour, what makes them agree, and that as a file."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.console.table import show_table
from finisher.facts import MatchFacts
from finisher.pipeline import matching
from finisher.pipeline.matching import Matched
from finisher.pipeline.names import write_whole
from finisher.problems import DocumentError, Exit, Problem


def match(words: Namespace, session: Session) -> Exit:
    """Show each match with a sheet, and write one where a file is named."""
    found = _found(words, session)
    if words.output is not None and len(found) > 1:
        names = ", ".join(one.facts.session for one in found)
        message = f"-o {words.output}: several sessions are matched: {names}"
        raise DocumentError(Problem("usage", message, hint="choose one with --session"))
    sheets = [_sheet(words, one) for one in found]
    text = None
    for one, picture in zip(found, sheets, strict=True):
        matching.spare(one, picture, *filter(None, [words.output]))
    if words.output is not None:
        text = matching.match_text(found[0], words.output)
    for one, picture in zip(found, sheets, strict=True):
        matching.write_sheet(one, picture)
    if text is not None:
        write_whole(words.output, text)
    if words.json:
        put(_document(found, sheets, words.output))
    else:
        _show(found, sheets)
        if words.output is not None:
            say(str(words.output))
    return Exit.OK


def _found(words: Namespace, session: Session) -> tuple[Matched, ...]:
    """The matches asked for.

    Raises:
        DocumentError: when neither an edit list nor both lists of files are given.
    """
    circumstances = session.settings, session.workers, session.listen
    files = bool(words.ours), bool(words.theirs)
    if words.edl is not None and files == (False, False):
        return matching.of_edit(words.edl, words.session, *circumstances)
    if words.edl is None and files == (True, True) and words.session is None:
        return matching.of_files(words.ours, words.theirs, *circumstances)
    message = "give an edit list, or takes with --ours and --theirs"
    raise DocumentError(Problem("usage", message, hint="finish match edl.json --session tuesday"))


def _sheet(words: Namespace, one: Matched) -> Path:
    """Where a sheet goes: beside the edit list, or where the command runs."""
    edl: Path | None = words.edl
    name = f"{edl.stem}.{one.facts.session}" if edl is not None else one.facts.session
    folder = words.sheets or (edl.parent if edl is not None else Path())
    return Path(folder) / f"{name}.match.png"


def _show(found: tuple[Matched, ...], sheets: list[Path]) -> None:
    rows = [
        (
            f"{one.facts.session} to {one.facts.reference}",
            str(one.facts.evidence),
            f"{len(one.facts.takes)} pairs, {one.facts.pairs} areas",
            f"{one.facts.distance_before:.2f} to {one.facts.distance_after:.2f}",
            f"{one.facts.confidence:.2f}",
            _what(one.facts),
        )
        for one in found
    ]
    head = ("match", "rests on", "takes", "ΔE2000", "confidence", "correction")
    show_table("Session matches", head, rows)
    for one, picture in zip(found, sheets, strict=True):
        if one.facts.reason:
            say(f"{one.facts.session}: {one.facts.reason}")
        say(str(picture))


def _what(facts: MatchFacts) -> str:
    """What a match is, in a few words."""
    if facts.confidence == 0:
        return "no reliable match"
    if facts.residual is not None:
        return "CDL and table"
    return "none needed" if facts.cdl.identity else "CDL"


def _document(
    found: tuple[Matched, ...], sheets: list[Path], written: Path | None
) -> dict[str, object]:
    """`finisher/matches@1`."""
    return {
        "schema": "finisher/matches@1",
        "matches": [
            {
                "session": one.facts.session,
                "reference": one.facts.reference,
                "confidence": one.facts.confidence,
                "evidence": str(one.facts.evidence),
                "takes": [list(pair) for pair in one.facts.takes],
                "areas": one.facts.pairs,
                "distance_before": one.facts.distance_before,
                "distance_after": one.facts.distance_after,
                "cdl": to_json(one.facts.cdl),
                "table": one.facts.residual is not None,
                "reason": one.facts.reason,
                "sheet": str(picture),
            }
            for one, picture in zip(found, sheets, strict=True)
        ],
        "written": str(written) if written is not None else None,
    }
