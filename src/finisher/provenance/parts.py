"""The files a programme is made of: each content once, with every stretch where it is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from finisher.plan.model import Fill, Mix, Picture, Plan
from finisher.plan.sources import unstretched
from finisher.timecode import SAMPLE_RATE, Span, joined, runs

UNSEEN = "its sound alone"


@dataclass(frozen=True, slots=True)
class Use:
    """A stretch of the programme, in seconds, that a file is seen or heard in."""

    start: Fraction
    end: Fraction
    words: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """A used file: a take, a sound layer, or both."""

    label: str
    title: str
    path: str
    sha256: str
    manifest: str | None
    uses: tuple[Use, ...]


def parts(plan: Plan) -> tuple[Part, ...]:
    """The files of a plan in its order; one that goes by several names is one file."""
    found: dict[str, Part] = {}
    for part in (*_takes(plan), *_layers(plan)):
        known = found.get(part.sha256)
        whole = part if known is None else replace(known, uses=(*known.uses, *part.uses))
        found[part.sha256] = whole
    return tuple(found.values())


def shown(plan: Plan) -> list[tuple[Span, ...]]:
    """For each event, the stretches of programme frames that show it, transitions and all.

    Where a programme is closed into a loop, an event is seen at both its ends.
    """
    frames: list[list[int]] = [[] for _ in plan.events]
    for unit in plan.units:
        for frame, picture in enumerate(unit.pictures, unit.start):
            for number in {*numbers(picture)}:
                frames[number].append(frame)
    return [runs(one) for one in frames]


def numbers(picture: Picture) -> tuple[int, ...]:
    """The events a picture is made of."""
    if isinstance(picture, Mix):
        return *numbers(picture.outgoing), *numbers(picture.incoming)
    return () if isinstance(picture, Fill) else (picture.event,)


def _takes(plan: Plan) -> Iterator[Part]:
    """The takes, each once however often it is used; where one sounds unseen, that too."""
    seen: dict[str, list[Span]] = {take.id: [] for take in plan.takes}
    for event, stretches in zip(plan.events, shown(plan), strict=True):
        seen[event.take] += stretches
    samples, seconds = plan.rate.samples, plan.rate.seconds
    for take in plan.takes:
        uses = [Use(seconds(run.start), seconds(run.end)) for run in seen[take.id]]
        in_samples = (Span(samples(run.start), samples(run.end)) for run in seen[take.id])
        visible = joined(sorted(in_samples, key=lambda span: span.start))
        uses += _heard(without(sounding(plan, f"take:{take.id}"), visible), UNSEEN)
        yield Part(
            f"take-{take.id}",
            _name(take.path),
            take.path,
            take.sha256,
            take.credentials.manifest,
            tuple(uses),
        )


def _layers(plan: Plan) -> Iterator[Part]:
    """The sound layers, each placed wherever it sounds."""
    for layer in plan.layers:
        yield Part(
            f"layer-{layer.id}",
            _name(layer.path),
            layer.path,
            layer.sha256,
            layer.credentials.manifest,
            tuple(_heard(sounding(plan, f"layer:{layer.id}"), "")),
        )


def sounding(plan: Plan, source: str) -> list[Span]:
    """Where a sound is heard, in samples; pieces that touch are one stretch."""
    tracks = plan.sound.tracks if plan.sound is not None else ()
    pieces = [p for track in tracks for p in track.pieces if unstretched(p.source) == source]
    return joined(piece.span for piece in pieces)


def _heard(spans: Sequence[Span], words: str) -> list[Use]:
    """Stretches of samples as uses."""
    return [
        Use(Fraction(span.start, SAMPLE_RATE), Fraction(span.end, SAMPLE_RATE), words)
        for span in spans
    ]


def without(spans: Sequence[Span], others: Sequence[Span]) -> list[Span]:
    """What spans hold that others don't; both are in order and apart."""
    left: list[Span] = []
    for span in spans:
        at = span.start
        for other in others:
            if at < other.end and other.start < span.end:
                if at < other.start:
                    left.append(Span(at, other.start))
                at = max(at, other.end)
        if at < span.end:
            left.append(Span(at, span.end))
    return left


def _name(path: str) -> str:
    """The last part of a path, whichever way its slashes lean."""
    return path.replace("\\", "/").rpartition("/")[2]
