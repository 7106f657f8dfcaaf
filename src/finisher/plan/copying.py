"""Which stretches of the programme are carried over as their takes have them, coded as they are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate, pairwise

from finisher.facts import CodingFacts, TakeFacts
from finisher.geometry import Raster
from finisher.look import ColorTags
from finisher.plan.model import Picture, PlannedEvent, Shot
from finisher.presets.model import Preset, Video, VideoCodec
from finisher.timecode import Rate, Span

SHORTEST = 12
"""Frames from which on a copy pays: what is encoded before and after it begins with a key frame of
its own, which costs about what twelve frames between do."""
_FINISHED = ColorTags("tv", "bt709", "bt709", "bt709")
_PROFILES = {"baseline": 66, "main": 77, "high": 100}
_SETS = 32
"""Sequence parameter sets that a stream may number (ITU-T H.264, 7.4.2.1.1)."""


@dataclass(frozen=True, slots=True)
class Copying:
    """What is copied of a programme."""

    spans: tuple[Span, ...] = ()
    """Programme frames, none of them touching two events."""
    reasons: Mapping[int, str] | None = None
    """Why frames of an event are encoded, by its number, where some are."""
    parameter_set: int = 0
    """A number that none of the copied pictures' parameter sets goes by."""

    def told(self, events: Sequence[PlannedEvent]) -> tuple[PlannedEvent, ...]:
        """The events with how many of their frames are copied, and why the others are not."""
        reasons = self.reasons or {}
        return tuple(
            replace(
                event,
                copied=self.within(event.record),
                encoded_because=reasons.get(number, ""),
            )
            for number, event in enumerate(events)
        )

    def within(self, record: Span) -> int:
        """How many frames of a range are copied."""
        return sum(len(met) for span in self.spans if (met := span.meet(record)) is not None)


@dataclass(frozen=True, slots=True)
class Target:
    """What pictures must be to be copied into a deliverable."""

    preset: Preset
    raster: Raster
    rate: Rate


def copying(
    pictures: Sequence[Picture],
    events: Sequence[PlannedEvent],
    takes: Mapping[str, TakeFacts],
    to: Target,
) -> Copying:
    """Choose what to copy: whole groups of pictures, and beginnings of groups that stand alone.

    All that is copied shares one set of parameters, that of the takes with most to copy.
    """
    reasons = {
        number: reason
        for number, event in enumerate(events)
        if (reason := _unfit(event, takes[event.take], to))
    }
    found: list[tuple[Span, bytes]] = []
    for number, run in _runs(pictures):
        coding = takes[events[number].take].coding
        if number not in reasons and coding is not None:
            shift = run.start - run.ordinals.start
            found += [
                (Span(group.start + shift, group.end + shift), coding.parameters)
                for group in _groups(coding, run.ordinals)
            ]
    if not found:
        return Copying((), _rest(reasons, events, ()))
    tally = Counter[bytes]()
    for span, parameters in found:
        tally[parameters] += len(span)
    chosen = tally.most_common(1)[0][0]
    for number, event in enumerate(events):
        coding = takes[event.take].coding
        if number not in reasons and coding is not None and coding.parameters != chosen:
            reasons[number] = "its parameter sets are not those of the other takes"
    spans = tuple(span for span, parameters in found if parameters == chosen)
    taken = {n for take in takes.values() if take.coding is not None for n in take.coding.numbers}
    free = next((number for number in range(1, _SETS) if number not in taken), None)
    if free is None:
        return Copying((), dict.fromkeys(range(len(events)), "all parameter sets are taken"))
    return Copying(spans, _rest(reasons, events, spans), free)


def _rest(
    reasons: dict[int, str], events: Sequence[PlannedEvent], spans: Sequence[Span]
) -> dict[int, str]:
    """Why frames are encoded of events that are fit to be copied but for these frames."""
    whole = Copying(tuple(spans))
    for number, event in enumerate(events):
        copied = whole.within(event.record)
        if number not in reasons and copied < len(event.record):
            reasons[number] = (
                "the other frames don't stand alone as they are coded, or are in transition"
                if copied
                else f"no {SHORTEST} frames of it stand alone as they are coded"
            )
    return reasons


def _unfit(event: PlannedEvent, take: TakeFacts, to: Target) -> str:
    """Why nothing of an event can be copied; empty where something may."""
    video = to.preset.video
    if to.preset.draft:
        return "a draft is stamped"
    if video.file_bytes is not None:
        return "a size is asked for, and copies have the one they have"
    return (
        _touched(event, take, to)
        or _otherwise(take, video, to.rate)
        or _beyond(take.coding, video, to.rate)
        or ""
    )


def _touched(event: PlannedEvent, take: TakeFacts, to: Target) -> str:
    """What is done to an event's pictures."""
    if event.working is not None:
        return "effects are laid on it"
    if take.copy is not None:
        return "its take had to be repaired"
    if take.raster != to.raster:
        return f"it is {take.raster}, {to.raster} is delivered"
    if not event.framing.untouched:
        return "it is framed"
    if not event.grade.identity:
        return "it is graded"
    return ""


def _otherwise(take: TakeFacts, video: Video, rate: Rate) -> str:
    """In what a take's pictures are coded otherwise than the deliverable's."""
    coding = take.coding
    if video.codec is not VideoCodec.H264:
        return f"{video.codec} is encoded, never copied"
    if take.codec != str(video.codec):
        return f"it is coded as {take.codec}, {video.codec} is delivered"
    if coding is None:
        return "its parameter sets do not stand at the head of its track"
    if take.pixel_format != video.pixel_format or coding.profile > _PROFILES[video.profile]:
        return f"it is no {video.pixel_format} of profile {video.profile} or below"
    if coding.tags != _FINISHED:
        return "its pictures don't say themselves that they are Rec.709 in limited range"
    if take.tags != _FINISHED:
        return "its container or the edit says that it is not Rec.709 in limited range"
    if take.index.steady(rate) != rate:
        return f"it does not run at {rate} frames a second"
    return ""


def _beyond(coding: CodingFacts | None, video: Video, rate: Rate) -> str:
    """Which limit of the preset a take's coding keeps not."""
    if coding is None:
        return ""
    gop = math.floor(Fraction(video.gop_seconds) * rate.fraction)
    apart = max((b - a for a, b in pairwise((*coding.entries, _shown(coding)))), default=0)
    if apart > gop:
        return f"its key frames are up to {apart} frames apart, the preset allows {gop}"
    between = _between(coding)
    if between > video.b_frames:
        return f"it has {between} B-frames in a row, the preset allows {video.b_frames}"
    if video.max_rate is None:
        return ""
    reached = _highest_rate(coding, rate)
    if reached > video.max_rate:
        mbits, most = reached / 1e6, video.max_rate / 1e6
        return f"it reaches {mbits:.1f} Mb/s, the preset allows {most:g}"
    return ""


def _shown(coding: CodingFacts) -> int:
    """How many pictures are displayed."""
    return sum(ordinal >= 0 for ordinal in coding.order)


def _between(coding: CodingFacts) -> int:
    """The longest run of pictures that are displayed before one decoded ahead of them."""
    early = list(accumulate(coding.order, max, initial=-1))
    waiting = {o for o, highest in zip(coding.order, early, strict=False) if o < highest}
    longest = run = 0
    for ordinal in range(max(coding.order, default=0) + 1):
        run = run + 1 if ordinal in waiting else 0
        longest = max(longest, run)
    return longest


def _highest_rate(coding: CodingFacts, rate: Rate) -> int:
    """Bits in the fullest second of pictures."""
    second = max(1, round(rate.fraction))
    sums = list(accumulate(coding.sizes, initial=0))
    if len(sums) <= second:
        return 8 * sums[-1] * second // max(1, len(coding.sizes))
    return 8 * max(b - a for a, b in zip(sums, sums[second:], strict=False))


@dataclass(frozen=True, slots=True)
class _Run:
    """Frames from `start` on that show a take's pictures one after the other."""

    start: int
    ordinals: range


def _runs(pictures: Sequence[Picture]) -> Iterator[tuple[int, _Run]]:
    """The longest such runs, with the number of their event."""
    at = 0
    while at < len(pictures):
        first, end = pictures[at], at + 1
        if not isinstance(first, Shot):
            at += 1
            continue
        while end < len(pictures) and pictures[end] == Shot(first.event, first.picture + end - at):
            end += 1
        yield first.event, _Run(at, range(first.picture, first.picture + end - at))
        at = end


def _groups(coding: CodingFacts, ordinals: range) -> list[Span]:
    """Stretches of a run of pictures that stand alone: neighbouring groups make one stretch."""
    places = {ordinal: i for i, ordinal in enumerate(coding.order) if ordinal >= 0}
    entries = [entry for entry in coding.entries if entry in ordinals]
    following = dict(pairwise((*coding.entries, len(places))))
    found: list[Span] = []
    for entry in entries:
        end = _standing(coding, places[entry], entry, min(following[entry], ordinals.stop))
        if found and found[-1].end == entry:
            found[-1] = Span(found[-1].start, end)
        else:
            found.append(Span(entry, end))
    return [span for span in found if len(span) >= SHORTEST]


def _standing(coding: CodingFacts, place: int, entry: int, limit: int) -> int:
    """The end of the longest beginning of a group, up to `limit`, that is decoded from itself.

    A beginning in the order of decoding is one where it holds the very pictures that are
    displayed first.
    """
    highest, end = entry - 1, entry
    for i, ordinal in enumerate(coding.order[place : place + limit - entry], 1):
        if ordinal < entry:
            break
        highest = max(highest, ordinal)
        if highest == entry + i - 1:
            end = entry + i
    return end
