"""A delivery's report: pictures off the finished file, curves off the plan and the master."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from itertools import pairwise

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
    return Report(
        plan=decided,
        audit=found,
        output=found.name,
        version=__version__,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        loudness=_loudness(master),
        ducking=_ducking(decided),
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
    document = json.dumps(report_document(report), ensure_ascii=False, indent=2) + "\n"
    write_whole(placed.json, document)
    write_whole(placed.html, report_html(report))


def _loudness(master: Master) -> tuple[tuple[int, float], ...]:
    """Momentary loudness with the sample its 400 ms window ends at, from 100 ms steps."""
    if master.sound is None:
        return ()
    step, window = SAMPLE_RATE // 10, SAMPLE_RATE * 4 // 10
    curve = master.sound.mastered.momentary
    return tuple((window + i * step, level) for i, level in enumerate(curve))


def _ducking(decided: Plan) -> tuple[Span, ...]:
    """Where sounds are held down under others."""
    if decided.sound is None:
        return ()
    spans = {
        Span(start, end)
        for track in decided.sound.tracks
        for (start, level), (end, next_level) in pairwise(track.curve)
        if level < 0 and level == next_level and start < end
    }
    return tuple(sorted(spans))
