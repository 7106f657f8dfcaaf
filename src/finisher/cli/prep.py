"""`finish prep`: dialogue recordings trimmed, split into numbered lines, copied for listening."""

from __future__ import annotations

from argparse import Namespace

from finisher.canonical import to_json
from finisher.cli.session import Session, put, say
from finisher.console.problems import show_problems
from finisher.facts import Integrity
from finisher.pipeline.prep import Line, Prepared, Wish, prepare_all
from finisher.problems import Exit
from finisher.sound.prepare import Pauses
from finisher.timecode import SAMPLE_RATE


def prep(words: Namespace, session: Session) -> Exit:
    """Cut recordings into lines; print what was written and where it lies in them."""
    del session
    usual = Pauses()
    pauses = Pauses(
        usual.shortest_ms if words.pause is None else words.pause,
        usual.below_db if words.below is None else words.below,
    )
    wish = Wish(words.output, pauses, words.trim, words.listen, words.allow_credential_loss)
    made = prepare_all(words.files, wish)
    show_problems([problem for one in made for problem in one.problems])
    if words.json:
        put(_document(made))
    elif any(one.lines for one in made):
        say("\n".join(_row(line) for one in made for line in one.lines))
    return Exit.OK


def _row(line: Line) -> str:
    """A line's file, and its place in the recording."""
    return f"{line.path}  {_seconds(line.source.start)}-{_seconds(line.source.end)}"


def _seconds(samples: int) -> str:
    """Minutes and seconds, to the millisecond: lines are cut on whole ones."""
    minutes, rest = divmod(samples * 1000 // SAMPLE_RATE, 60_000)
    return f"{minutes}:{rest // 1000:02}.{rest % 1000:03}"


def _document(made: tuple[Prepared, ...]) -> dict[str, object]:
    """The JSON document `finisher/prep@1`; places in samples at its rate."""
    return {
        "schema": "finisher/prep@1",
        "rate": SAMPLE_RATE,
        "recordings": [
            {
                "path": str(one.file),
                "lines": len(one.lines),
                "credentials_lost": None
                if one.credentials.integrity is Integrity.ABSENT
                else to_json(one.credentials),
                "problems": [problem.as_json() for problem in one.problems],
            }
            for one in made
        ],
        "lines": [
            {
                "path": str(line.path),
                "recording": str(one.file),
                "start": line.source.start,
                "end": line.source.end,
                "listen": None if line.copy is None else str(line.copy),
            }
            for one in made
            for line in one.lines
        ],
    }
