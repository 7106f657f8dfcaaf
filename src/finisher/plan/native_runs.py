"""Runs of the sound that takes came with: how far each plays on, and from where in its take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from finisher.event import Event, NativeSound
from finisher.facts import Facts
from finisher.plan.sources import stretched, stretches_to
from finisher.timecode import Rate, Span
from finisher.timeline import Timeline

SILENT = (NativeSound.MUTE, NativeSound.REPLACE)
"""What the edit says of native sound that is not to be heard."""


@dataclass(frozen=True, slots=True)
class Run:
    """Programme frames during which a take's sound plays on from a source frame."""

    event: Event
    record: Span
    source: int
    whole: Span
    """Programme frames of its event; of all of them, where several are one run."""


@dataclass(frozen=True, slots=True)
class Source:
    """The sound a run plays from: its name, where it begins and ends, and frames in it."""

    name: str
    late: int
    """Its first sample that is heard."""
    samples: int
    """One past its last."""
    rate: Rate
    speed: Fraction

    def at(self, frame: int) -> int:
        """The sample at which a source frame begins."""
        return stretches_to(self.rate.samples(frame), self.speed)


def source_of(timeline: Timeline, facts: Facts, event: Event) -> Source:
    """The sound of an event's take; stretched where the event asks for it and is retimed."""
    sound = facts.takes[event.take].sound
    late, samples = (sound.late, sound.samples) if sound is not None else (0, 0)
    name, speed = stretched(f"take:{event.take}", event.speed), event.speed
    heard = stretches_to(late, speed), stretches_to(samples, speed)
    return Source(name, *heard, timeline.rate, speed)


def wanted(timeline: Timeline) -> Iterator[tuple[Event, Span]]:
    """Events whose native sound the edit wants, with their programme frames."""
    replaced = {name for layer in timeline.layers for name in layer.replaces}
    for item, record in zip(timeline.items, timeline.record_spans(), strict=True):
        if not isinstance(item, Event) or item.id in replaced:
            continue
        if item.sound.native not in SILENT:
            yield item, record


def silenced(event: Event) -> bool:
    """Whether an event's own sound can't go with its picture."""
    return event.retimed and event.sound.native is not NativeSound.STRETCH


def runs(event: Event, record: Span) -> Iterator[Run]:
    """Each pass of an event that plays forwards at its own speed."""
    if silenced(event):
        return
    own = event.unextended - event.slowed
    for first in range(0, own, event.period):
        end = min(first + event.single, own)
        span = Span(record.start + first, record.start + end)
        yield Run(event, span, event.source.start, record)


def through(found: Iterator[Run], soft: frozenset[int]) -> list[Run]:
    """Make one run of those that only go on, as where a take was cut and nothing removed.

    Args:
        found: runs in order.
        soft: boundaries at which pictures overlap; nothing goes through them.
    """
    done: list[Run] = []
    for run in found:
        last = done[-1] if done else None
        if last is not None and run.record.start not in soft and _goes_on(last, run):
            record = Span(last.record.start, run.record.end)
            whole = Span(last.whole.start, run.whole.end)
            done[-1] = replace(last, record=record, whole=whole)
        else:
            done.append(run)
    return done


def _goes_on(last: Run, run: Run) -> bool:
    """Whether a run is no more than the one before it going on."""
    return (
        last.record.end == run.record.start
        and last.source + len(last.record) == run.source
        and (last.event.take, last.event.sound) == (run.event.take, run.event.sound)
        and not run.event.retimed
        and not last.event.retimed
    )
