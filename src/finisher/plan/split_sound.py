"""J- and L-cuts: where native sound is cut apart from its picture, and the handles that takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from finisher.event import Event
from finisher.facts import Facts
from finisher.plan.native_runs import Source, runs, silenced, source_of, wanted
from finisher.problems import Problem, Severity
from finisher.timecode import SAMPLE_RATE
from finisher.timeline import Timeline


@dataclass(frozen=True, slots=True)
class Split:
    """A cut of the sound, in samples from the picture's: where one ends and the other begins."""

    outgoing: int
    incoming: int


def splits(timeline: Timeline) -> dict[int, Split]:
    """The cuts at which sound leaves its picture, by the programme frame of the picture's cut.

    A J-cut alone moves both sounds' cut before the picture's, an L-cut alone behind it; with an
    L-cut out of one event and a J-cut into the next, both are heard between the two.
    """
    found: dict[int, Split] = {}
    items = list(zip(timeline.items, timeline.record_spans(), strict=True))
    for (before, _), (after, record) in pairwise(items):
        late = before.l_cut if isinstance(before, Event) else 0
        early = after.j_cut if isinstance(after, Event) else 0
        if late or early:
            found[record.start] = Split(late or -early, -early or late)
    return found


def missing_sound(timeline: Timeline, facts: Facts) -> Iterator[Problem]:
    """J- and L-cuts whose takes have too little sound beyond their event."""
    for event, record in wanted(timeline):
        if silenced(event) or not (event.j_cut or event.l_cut):
            continue
        *_, last = runs(event, record)
        source = source_of(timeline, facts, event)
        begins = source.at(event.source.start)
        lasting = timeline.rate.samples(last.record.end) - timeline.rate.samples(last.record.start)
        ends = source.at(last.source) + lasting
        if event.j_cut:
            yield from _too_few(event, source, "J-cut", (begins - event.j_cut, begins))
        if event.l_cut:
            yield from _too_few(event, source, "L-cut", (ends, ends + event.l_cut))


def _too_few(event: Event, source: Source, what: str, needed: tuple[int, int]) -> Iterator[Problem]:
    """A problem where a take's sound does not hold what is needed of it."""
    start, end = needed
    before = max(0, min(end, source.late) - start)
    after = max(0, end - max(start, source.samples))
    if before or after:
        short = f"{before} too few before its start" if before else f"{after} too few after its end"
        has = f"which has [{source.late}, {source.samples}): {short}"
        there = has if source.samples else "which has none"
        message = f"its {what} needs samples [{start}, {end}) of the sound of take {event.take!r}, "
        yield Problem("split-handles", message + there, event.where)


def split_notes(timeline: Timeline) -> Iterator[Problem]:
    """What is heard before and after it is seen, in words."""
    for event, _ in wanted(timeline):
        told = [
            f"{length / SAMPLE_RATE:.3f} s {words}"
            for length, words in (
                (event.j_cut, "before it is seen"),
                (event.l_cut, "after it was seen"),
            )
            if length
        ]
        if told and not silenced(event):
            message = f"event {event.id} is heard {' and '.join(told)}"
            yield Problem("sound-split", message, event.where, severity=Severity.NOTE)
