"""A delivery's report: pictures off the finished file, curves off the plan and the master."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from finisher import __version__
from finisher.facts import Facts
from finisher.findings import FileAudit
from finisher.pipeline.master import Master
from finisher.pipeline.names import Destination, write_whole
from finisher.pipeline.signing import SignedBy
from finisher.pipeline.stages import Stopwatch
from finisher.plan.model import Plan
from finisher.report.document import report_document
from finisher.report.html import report_html
from finisher.report.model import Report
from finisher.report.plain import escaped
from finisher.timecode import SAMPLE_RATE, Span


def report_of(
    decided: Plan,
    found: FileAudit,
    master: Master,
    facts: Facts,
    signer: SignedBy,
    clock: Stopwatch,
) -> Report:
    """The report, but for what is to be seen in it."""
    mastered = master.sound.mastered if master.sound is not None else None
    return Report(
        plan=decided,
        audit=found,
        output=found.name,
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        loudness=_series(mastered.momentary, 4) if mastered else (),
        short_term=_series(mastered.short_term, 30) if mastered else (),
        ducking=_ducking(decided),
        mastered=mastered,
        stems=tuple(f"{name}.wav" for name in master.sound.stems) if master.sound else (),
        stages=tuple(clock.times),
        cached_units=master.picture.remembered,
        matches=facts.matches,
        identity=signer.words,
    )


def write_reports(report: Report, placed: Destination) -> None:
    """Both reports, each whole.

    Raises:
        MachineError: when they can't be written.
    """
    document = escaped(json.dumps(report_document(report), ensure_ascii=False, indent=2)) + "\n"
    write_whole(placed.json, document)
    write_whole(placed.html, report_html(report))


def _series(levels: tuple[float, ...], tenths: int) -> tuple[tuple[int, float], ...]:
    """Loudness at steps of 100 ms with the sample its window, of so many tenths, ends at."""
    step = SAMPLE_RATE // 10
    return tuple(((tenths + i) * step, level) for i, level in enumerate(levels))


def _ducking(decided: Plan) -> tuple[Span, ...]:
    """Where sounds are held down under others."""
    if decided.sound is None:
        return ()
    return tuple(sorted({span for track in decided.sound.tracks for span in track.ducked}))
