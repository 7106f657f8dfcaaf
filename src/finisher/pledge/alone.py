"""When an event, or a mark at one of its places, is alone on screen."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from finisher.event import TransitionKind
from finisher.plan.model import Mix, Picture, Shot, Worked
from finisher.timecode import Span


def alone(pictures: Sequence[Picture], number: int, record: Span) -> tuple[Span, ...]:
    """The runs of an event's frames that show nothing but it, in order."""
    runs, at = [], record.start
    for is_alone, run in groupby(
        pictures[record.start : record.end], lambda picture: _only(picture, number)
    ):
        length = len(list(run))
        if is_alone:
            runs.append(Span(at, at + length))
        at += length
    return tuple(runs)


def within(runs: tuple[Span, ...], shown: Sequence[Span]) -> tuple[Span, ...]:
    """What of an event's runs lies in the frames that show a mark in its place; all without any."""
    if not shown:
        return runs
    met = (both for run in runs for span in shown if (both := run.meet(span)) is not None)
    return tuple(sorted(met, key=lambda span: span.start))


def _only(picture: Picture, number: int) -> bool:
    """Whether nothing but an event is shown: its mark stands as still in a blend of its frames."""
    if isinstance(picture, Mix) and picture.kind is TransitionKind.DISSOLVE:
        return _only(picture.outgoing, number) and _only(picture.incoming, number)
    return isinstance(picture, Shot | Worked) and picture.event == number
