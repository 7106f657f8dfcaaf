"""What a finished file promises of its takes' watermarks, seen and hidden."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from finisher.effects import tonal
from finisher.facts import Facts
from finisher.plan.model import Picture, Plan, PlannedEvent, PlannedMark
from finisher.pledge.alone import alone, within
from finisher.pledge.foretelling import Foretold
from finisher.promises import PromisedHidden, PromisedMark
from finisher.sighting import HiddenFacts, MarkFacts, Plane
from finisher.timecode import Span
from finisher.timeline import Carrier, HiddenMark, Mark
from finisher.watermark.evidence import NOTHING
from finisher.watermark.rules import threshold
from finisher.watermark.template import sha256

MOST = 4_096
"""Promised marks of each kind: as many as any reader of them takes."""
_MOST_SPANS, _FEWEST_SPANS = 65_536, 16
"""Stretches of time of all marks, and of one where there are very many marks."""
_TWICE = 2.0
Promised = TypeVar("Promised", PromisedMark, PromisedHidden)


@dataclass(frozen=True, slots=True)
class Said:
    """What the edit says of watermarks, and what was foretold of the visible ones."""

    marks: Mapping[str, Mark] = field(default_factory=dict)
    hidden: Mapping[str, HiddenMark] = field(default_factory=dict)
    undeclared: tuple[str, ...] = ()
    """Takes of which it does not say whether they carry marks."""
    calibrations: Mapping[str, str] = field(default_factory=dict)
    """What false positives were measured of a mark, in words, by its name."""
    foretold: tuple[Foretold, ...] = ()


@dataclass(frozen=True, slots=True)
class PromisedMarks:
    """The promises, and in words how many could not be made."""

    visible: tuple[PromisedMark, ...]
    hidden: tuple[PromisedHidden, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Context:
    """What every mark is promised from."""

    plan: Plan
    facts: Facts
    templates: Mapping[str, bytes]
    said: Said
    pictures: Sequence[Picture]
    foretold: Mapping[tuple[int, int, Plane], Foretold]


def promised_marks(
    plan: Plan, facts: Facts, templates: Mapping[str, bytes], said: Said
) -> PromisedMarks:
    """Every mark of every event; beyond what a reader takes, those on screen longest go first."""
    foretold = {(one.event, one.mark, one.plane): one for one in said.foretold}
    context = _Context(plan, facts, templates, said, plan.pictures, foretold)
    visible, hidden = tuple(_visible(context)), tuple(_hidden(context))
    few, few_hidden = _few(visible), _few(hidden)
    left = len(visible) - len(few) + len(hidden) - len(few_hidden)
    words = f"watermarks: {left} of their places are too many to promise, and are not checked"
    return PromisedMarks(few, few_hidden, (words,) if left else ())


def _few(marks: Sequence[Promised]) -> tuple[Promised, ...]:
    """As many marks as may be promised, each with as many stretches as there is room for."""
    kept = _longest([mark.spans for mark in marks])
    most = max(_FEWEST_SPANS, _MOST_SPANS // max(1, len(kept)))
    return tuple(replace(marks[i], spans=_fewer(marks[i].spans, most)) for i in kept)


def _longest(spans: Sequence[tuple[Span, ...]]) -> list[int]:
    """Numbers of as many as may be promised, in order."""
    if len(spans) <= MOST:
        return list(range(len(spans)))
    lengths = [sum(map(len, one)) for one in spans]
    return sorted(sorted(range(len(spans)), key=lambda i: -lengths[i])[:MOST])


def _fewer(spans: tuple[Span, ...], most: int) -> tuple[Span, ...]:
    """The longest of many stretches of time, in order."""
    if len(spans) <= most:
        return spans
    return tuple(sorted(sorted(spans, key=len, reverse=True)[:most], key=lambda span: span.start))


def _visible(context: _Context) -> Iterator[PromisedMark]:
    for number, event in enumerate(context.plan.events):
        runs = alone(context.pictures, number, event.record)
        for at, mark in enumerate(event.marks):
            yield _mark(context, (number, at), event, mark, runs)
        yield from _unfound(context, event, runs)


def _mark(
    context: _Context,
    which: tuple[int, int],
    event: PlannedEvent,
    mark: PlannedMark,
    runs: tuple[Span, ...],
) -> PromisedMark:
    """Where and when a mark must show, and how strongly; never, where it is not alone on screen.

    `runs` are the frames that show its event alone.
    """
    known = dict(context.facts.takes[event.take].marks).get(mark.mark, NOTHING)
    facts = _clearest(context, which, known)
    foretold = context.foretold.get((*which, facts.plane))
    score, there = facts.score, facts.found
    if foretold is not None and foretold.score is not None:
        score = foretold.score
        there = there and score > threshold(facts.z)
    said = context.said
    declared = said.marks.get(mark.mark)
    return PromisedMark(
        event=event.id,
        mark=mark.mark,
        spans=within(runs, mark.shown),
        box=mark.box.numbers,
        template_sha256=_template(context, mark.mark),
        source_score=score,
        source_strength=_strength(event, facts, foretold),
        may_crop=event.may_crop,
        may_lose=declared.may_lose if declared is not None else None,
        calibration=said.calibrations.get(mark.mark),
        visible=mark.visible,
        verified=there,
        moved=_moved(event),
        take_strength=facts.strength if there else 0.0,
        plane=facts.plane,
    )


def _clearest(context: _Context, which: tuple[int, int], known: MarkFacts) -> MarkFacts:
    """What is known of a mark in the plane that it is promised in: luma, where it shows there.

    Chroma, where the mark is to stand out there at least twice as far, in codes: encoders take
    more of it, and blurring tells less there.
    """
    found = sorted((one for one in known.planes if one.found), key=_chroma)
    told = [context.foretold.get((*which, one.plane)) for one in found]
    if len(found) < 2 or None in told:
        return found[0] if found else known
    contrasts = [0.0 if one is None else one.contrast for one in told]
    return found[1] if contrasts[1] > _TWICE * contrasts[0] else found[0]


def _chroma(facts: MarkFacts) -> bool:
    return facts.plane is not Plane.LUMA


def _strength(event: PlannedEvent, facts: MarkFacts, foretold: Foretold | None) -> float:
    """What a mark's strength is to be in the finished file; 0 where nobody can tell."""
    if event.working is not None:
        return 0.0
    if foretold is None or (foretold.strength is None and event.grade.identity):
        return facts.strength
    return foretold.strength or 0.0


def _template(context: _Context, mark: str) -> str:
    """SHA-256 of what a mark is looked for by, empty where there is nothing."""
    png = context.templates.get(mark)
    return sha256(png) if png is not None else ""


def _moved(event: PlannedEvent) -> bool:
    """Whether effects may have moved a mark or changed its shape: those of light alone do not."""
    effects = event.working.effects if event.working is not None else ()
    return not all(map(tonal, effects))


def _unfound(
    context: _Context, event: PlannedEvent, runs: tuple[Span, ...]
) -> Iterator[PromisedMark]:
    """Marks that were to be found in the take and were not: they have no place."""
    planned = {mark.mark for mark in event.marks}
    for name, facts in context.facts.takes[event.take].marks:
        declared = context.said.marks.get(name)
        if name in planned or facts.found or declared is None or not declared.scan:
            continue
        yield PromisedMark(
            event=event.id,
            mark=name,
            spans=runs,
            box=(0.0, 0.0, 0.0, 0.0),
            template_sha256=_template(context, name),
            source_score=facts.score,
            source_strength=0.0,
            may_crop=event.may_crop,
            may_lose=declared.may_lose,
            calibration=context.said.calibrations.get(name),
            verified=False,
        )


def _hidden(context: _Context) -> Iterator[PromisedHidden]:
    """Hidden marks that were declared; of sound that is not in the mix, for no time at all."""
    for number, event in enumerate(context.plan.events):
        runs = alone(context.pictures, number, event.record) if event.hidden else ()
        for name, facts in context.facts.takes[event.take].hidden:
            mark = context.said.hidden.get(name)
            if mark is None:
                continue
            carried = name in event.hidden
            if carried or mark.carrier is Carrier.SOUND:
                yield _one_hidden(event, mark, facts, runs if carried else ())


def _one_hidden(
    event: PlannedEvent, mark: HiddenMark, facts: HiddenFacts, spans: tuple[Span, ...]
) -> PromisedHidden:
    """A hidden mark, with what is shown of the take in the pixels it was embedded at."""
    framing = event.framing
    canvas = mark.canvas or framing.source
    x, y, width, height = framing.crop.numbers
    across, down = canvas.width / framing.source.width, canvas.height / framing.source.height
    return PromisedHidden(
        event=event.id,
        mark=mark.id,
        detector=mark.detector,
        payload=mark.payload,
        carrier=str(mark.carrier),
        spans=spans,
        canvas=(canvas.width, canvas.height),
        crop=(x * across, y * down, width * across, height * down),
        place=framing.place.numbers,
        found=facts.found,
        reason=facts.reason,
        may_lose=mark.may_lose,
    )
