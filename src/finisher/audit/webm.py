"""A WebM file's structure against what was promised; its clock ticks in milliseconds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from finisher.facts import FrameIndex
from finisher.findings import Finding, Status
from finisher.media.matroska import MatroskaFacts
from finisher.promises import Promises
from finisher.timecode import Rate

TOGETHER = Fraction(1, 1000)
"""Seconds within which picture and sound start together: one tick."""


def check_webm(promises: Promises, found: MatroskaFacts, index: FrameIndex) -> Iterator[Finding]:
    """Every check of its head, its tracks and its pictures' times."""
    kind = found.doc_type
    yield Finding(
        "container",
        Status.PASSED if kind == "webm" else Status.FAILED,
        f"it calls itself {kind}",
        promised="webm",
        measured=kind,
    )
    wanted = "vide" if promises.sound is None else "soun, vide"
    tracks = ", ".join(sorted(found.tracks))
    status = Status.PASSED if tracks == wanted else Status.FAILED
    yield Finding("tracks", status, f"tracks: {tracks}", promised=wanted, measured=tracks)
    yield _rate(promises, index)
    yield _starts(found, index)


def _rate(promises: Promises, index: FrameIndex) -> Finding:
    """Every picture stands at the tick nearest to its instant at the promised rate.

    Whoever wrote the file could do no better, and a picture that is a frame off is tens of ticks
    away; half a tick is let pass either way.
    """
    try:
        rate = Rate.parse(promises.rate)
    except ValueError:
        rate = None
    tick, worst = Fraction(index.time_base), None
    if rate is not None:
        apart = (abs(pts * tick - rate.seconds(k)) for k, pts in enumerate(index.pts))
        worst = max(apart, default=Fraction(0))
    good = worst is not None and worst <= tick / 2
    told = "no rate is promised" if worst is None else f"{float(1000 * worst):.2f} ms off at most"
    return Finding(
        "rate",
        Status.PASSED if good else Status.FAILED,
        f"pictures at {promises.rate} frames a second by a clock of {1000 * tick} ms, {told}",
        promised=promises.rate,
        measured={"tick": str(tick), "worst": None if worst is None else str(worst)},
    )


def _starts(found: MatroskaFacts, index: FrameIndex) -> Finding:
    """Picture and sound start together, at the programme's beginning."""
    picture = (index.pts[0] if index.pts else 0) * Fraction(index.time_base)
    starts = {"picture": picture}
    if "soun" in found.tracks:
        starts["sound"] = found.sound_start
    late = max(abs(instant) for instant in starts.values())
    return Finding(
        "starts-together",
        Status.PASSED if late <= TOGETHER else Status.FAILED,
        " and ".join(f"{name} at {float(instant):.4f} s" for name, instant in starts.items()),
        promised=0,
        measured={name: str(instant) for name, instant in starts.items()},
    )
