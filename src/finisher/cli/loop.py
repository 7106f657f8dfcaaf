"""`finish loop`: where a take loops best, shown as numbers and as a picture, and written down."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

from finisher.cli.session import Session, put, say
from finisher.console.table import show_table
from finisher.edl.fields import time_form
from finisher.edl.times import NoSuchTime, frames
from finisher.event import Event
from finisher.facts import LoopFacts, SeamVerdict
from finisher.pipeline import looping
from finisher.pipeline.looping import Found, Search
from finisher.problems import DocumentError, Exit, Problem, Where
from finisher.timecode import Rate, Span


def loop(words: Namespace, session: Session) -> Exit:
    """Show a take's best loops, and write the chosen one into an event where one is named."""
    picture = _sheet(words)
    event = _event(words, session)
    facts, sketches = looping.measured(words.take, session.settings, session.workers)
    rate = _rate(words, event) or looping.own_rate(facts)
    span = _span(words, event, rate, facts.index.frames_at(rate))
    shortest = _frames(words.min, rate) if words.min is not None else None
    found = looping.find(Search(words.take, rate, span, shortest), facts, sketches)
    chosen = found.loops[_choice(words, found)]
    looping.write_sheet(found, picture)
    if event is not None:
        looping.write_choice(words.edl, event[1], chosen)
    if words.json:
        put(_document(found, picture, None if event is None else event[1].id, chosen))
    else:
        _show(found, picture)
        if event is not None:
            say(f"{words.edl}: event {event[1].id!r} loops [{chosen.start}, {chosen.end})")
    return Exit.OK


def _sheet(words: Namespace) -> Path:
    """Where the sheet goes.

    Raises:
        DocumentError: when it is no PNG by its name, or is the take itself.
    """
    beside: Path = words.take.parent / f"{words.take.stem}.loops.png"
    picture: Path = words.output or beside
    if picture.suffix.lower() != ".png" or picture.resolve() == words.take.resolve():
        message = f"-o {picture}: the sheet is a PNG of its own"
        raise DocumentError(Problem("usage", message, hint=f"-o {beside.name}"))
    return picture


def _event(words: Namespace, session: Session) -> tuple[Rate, Event] | None:
    """The event to write to, and the rate its frames are counted at.

    Raises:
        DocumentError: when only half of it is named, or the event is of another take.
    """
    if words.edl is None and words.event is None:
        return None
    if words.rate is not None:
        message = "--rate with --edl: frames are counted at the edit list's rate"
        raise DocumentError(Problem("usage", message, hint="keep one of them"))
    if words.edl is None or words.event is None:
        raise DocumentError(Problem("usage", "--edl and --event go together"))
    timeline, event = looping.event_of(words.edl, words.event, session.settings)
    path = Path(timeline.take(event.take).path)
    if path.resolve() != words.take.resolve():
        message = f"event {event.id!r} shows {path.name}, not {words.take.name}"
        raise DocumentError(Problem("loop-other-take", message, event.where))
    if event.retimed:
        message = f"event {event.id!r} is retimed: its take's frames are not the ones it shows"
        raise DocumentError(Problem("seam-auto-retimed", message, event.where))
    return timeline.rate, event


def _rate(words: Namespace, event: tuple[Rate, Event] | None) -> Rate | None:
    """The rate frames are counted at: the edit's, or the one named."""
    if event is not None:
        return event[0]
    try:
        return Rate.parse(words.rate) if words.rate is not None else None
    except ValueError as error:
        raise DocumentError(Problem("not-a-rate", str(error))) from error


def _span(words: Namespace, event: tuple[Rate, Event] | None, rate: Rate, available: int) -> Span:
    """The range to look in: as named, or the event's, or all of the take."""
    whole = event[1].source if event is not None else Span(0, available)
    start = _frames(words.start, rate) if words.start is not None else whole.start
    end = _frames(words.out, rate) if words.out is not None else whole.end
    if end <= start:
        message = f"the range ends at frame {end}, not after its start at {start}"
        raise DocumentError(Problem("empty-range", message, Where(str(words.take))))
    return Span(start, end)


def _frames(text: str, rate: Rate) -> int:
    """A time as edit lists write them, in frames."""
    value = int(text) if text.isdecimal() else text
    try:
        if time_form(value) is None:
            return frames(value, rate)
        message, hint = f"{text!r} is not a time", "36, 36f, 1.5s or 00:00:01:12"
    except NoSuchTime as error:
        message, hint = error.message, error.hint or ""
    raise DocumentError(Problem("not-a-time", message, hint=hint or None))


def _choice(words: Namespace, found: Found) -> int:
    """Which of the loops is meant, from 0."""
    if not 1 <= words.choose <= len(found.loops):
        message = f"--choose {words.choose}: there are {len(found.loops)} loops to choose from"
        raise DocumentError(Problem("usage", message))
    return int(words.choose) - 1


def _show(found: Found, picture: Path) -> None:
    """The loops as a table, and what to make of the best."""
    rows = [
        (
            str(number),
            f"[{seam.start}, {seam.end})",
            str(seam.end - seam.start),
            f"blend {seam.frames}" if seam.frames else "cut",
            f"{seam.visibility:.2f}",
            f"{seam.appearance:.2f}",
            f"{seam.motion:.2f}",
            str(seam.verdict),
        )
        for number, seam in enumerate(found.loops, 1)
    ]
    head = ("", "frames", "length", "seam", "visibility", "position", "motion", "")
    show_table(f"Loops in {found.search.take.name}, at {found.search.rate} fps", head, rows)
    if found.loops[0].verdict is SeamVerdict.SHOWS:
        say("this range can't loop unseen: every seam shows")
    back = found.back
    say(
        f"there and back it shows least over [{back.start}, {back.end}): "
        f"visibility {back.visibility:.2f}, {back.verdict}"
    )
    say(str(picture))


def _document(
    found: Found, picture: Path, event: str | None, chosen: LoopFacts
) -> dict[str, object]:
    """`finisher/loops@1`."""
    return {
        "schema": "finisher/loops@1",
        "take": str(found.search.take),
        "rate": str(found.search.rate),
        "loops": [_seam(seam) for seam in found.loops],
        "pingpong": _seam(found.back) | {"seam": "pingpong"},
        "sheet": str(picture),
        "event": event,
        "chosen": _seam(chosen),
    }


def _seam(seam: LoopFacts) -> dict[str, object]:
    return {
        "in": seam.start,
        "out": seam.end,
        "seam": "blend" if seam.frames else "cut",
        "frames": seam.frames,
        "visibility": seam.visibility,
        "position": seam.appearance,
        "motion": seam.motion,
        "verdict": str(seam.verdict),
    }
