"""Marks of a finished file, judged: what became of each on each event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from finisher.audit.mark_evidence import MarkSample, StretchSample
from finisher.audit.mark_pictures import Pair
from finisher.audit.mark_times import clock, length, seconds
from finisher.findings import Coverage, MarkFinding
from finisher.geometry import Box
from finisher.problems import listed
from finisher.promises import PromisedMark, Promises
from finisher.sighting import MarkFacts, Plane
from finisher.timecode import Span
from finisher.watermark import rules
from finisher.watermark.rules import MarkVerdict
from finisher.watermark.seen import Agreement, Seen

UNKNOWN = frozenset({MarkVerdict.NOT_CHECKABLE, MarkVerdict.NOT_FOUND_IN_SOURCE})
"""Verdicts that say nothing of what an export did to a mark."""
_WEAKER = MarkVerdict.DEGRADED
_FORMERLY = 0.42
"""The score from which on marks were promised by versions that did not say what they had found."""
HARM = frozenset({MarkVerdict.LOST, MarkVerdict.CROPPED, MarkVerdict.ALTERED})
"""Verdicts that fail a delivery, unless the edit says why it may be."""
BURIED_BELOW = 0.25
"""Part of its contrast in the take below which a mark is hardly made out, whoever meant it so."""
PARTLY = "; unproven at "
"""Begins what is told of a mark's places that its take does not show it at."""


@dataclass(frozen=True, slots=True, eq=False)
class _Place:
    """One place of a mark: what is promised, and what was seen."""

    promised: PromisedMark
    sample: MarkSample
    carried: int
    """Frames of it that are the take's own, bit for bit."""

    @property
    def source(self) -> MarkFacts:
        """What its take shows of it, as the finished file is to."""
        mark = self.promised
        known = mark.source_score > _FORMERLY if mark.verified is None else mark.verified
        return MarkFacts(mark.source_score, 0.0, found=known, strength=mark.source_strength)


def judge_marks(
    promises: Promises, samples: Sequence[MarkSample], carried: Sequence[Span] = ()
) -> tuple[MarkFinding, ...]:
    """A finding for each mark on each event.

    `samples` holds one for each promised mark, or none at all where none was looked at. `carried`
    are the stretches of the programme whose coded pictures are a take's own, bit for bit.
    """
    return tuple(_judged(promises, places) for places in _grouped(promises, samples, carried))


def pairs_of(promises: Promises, samples: Sequence[MarkSample]) -> tuple[Pair | None, ...]:
    """Pictures of the place that fared worst, for each of the findings of `judge_marks`."""
    return tuple(map(_worst_pair, _grouped(promises, samples, ())))


def _grouped(
    promises: Promises, samples: Sequence[MarkSample], carried: Sequence[Span]
) -> tuple[list[_Place], ...]:
    """The places of each mark on each event."""
    told = samples or tuple(MarkSample() for _ in promises.marks)
    groups: dict[tuple[str, str], list[_Place]] = {}
    for mark, sample in zip(promises.marks, told, strict=True):
        place = _Place(mark, sample, _within(mark.spans, carried))
        groups.setdefault((mark.event, mark.mark), []).append(place)
    return tuple(groups.values())


def undeclared(promises: Promises) -> tuple[MarkFinding, ...]:
    """One remark on takes of which nobody said whether they carry marks."""
    if not promises.undeclared:
        return ()
    detail = f"the edit does not say which marks these takes carry: {listed(promises.undeclared)}"
    return (MarkFinding("", "", str(MarkVerdict.NOT_DECLARED), detail),)


def within(spans: Sequence[Span], carried: Sequence[Span]) -> bool:
    """Whether all of a time is carried over bit for bit."""
    frames = sum(map(len, spans))
    return frames > 0 and _within(spans, carried) == frames


def _within(spans: Sequence[Span], carried: Sequence[Span]) -> int:
    """How many frames of a time lie in others, none of which overlap."""
    met = (span.meet(other) for span in spans for other in carried)
    return sum(len(both) for both in met if both is not None)


def _judged(promises: Promises, places: Sequence[_Place]) -> MarkFinding:
    """The finding for a mark on an event, by those of its places that its take shows it at.

    Of the others nothing is claimed: they are told, and neither save nor condemn the rest.
    """
    shown = [place for place in places if place.promised.spans]
    proven = [place for place in shown if place.source.found]
    deciding = proven or shown or places
    finding = _unjudged(deciding)
    if not shown:
        return replace(finding, detail="its event is nowhere alone on screen while it shows")
    if proven and all(map(_all_carried, proven)):
        finding = replace(
            finding,
            verdict=str(MarkVerdict.INTACT_BIT_IDENTICAL),
            detail="the coded pictures are the take's own, bit for bit",
            coverage=_coverage(promises, proven),
        )
    elif deciding[0].promised.template_sha256 not in promises.templates:
        return _beheld(deciding, finding)
    elif not proven:
        score = max(place.source.score for place in shown)
        words = f"its take does not show it (score {score:.2f})"
        return replace(finding, verdict=str(MarkVerdict.NOT_FOUND_IN_SOURCE), detail=words)
    elif any(place.promised.moved for place in proven):
        return replace(finding, detail="an effect may have moved or changed it: look at it")
    else:
        finding = _measured(promises, proven, finding)
    return replace(finding, detail=finding.detail + _unproven(promises, shown))


def _unjudged(places: Sequence[_Place]) -> MarkFinding:
    """What is told of a mark whatever became of it."""
    first = places[0].promised
    spans = [span for place in places for span in place.promised.spans]
    return MarkFinding(
        event=first.event,
        mark=first.mark,
        verdict=str(MarkVerdict.NOT_CHECKABLE),
        detail="",
        box=first.box,
        false_positives=rules.false_positives(first.calibration),
        span=(min(s.start for s in spans), max(s.end for s in spans)) if spans else None,
    )


def _unproven(promises: Promises, shown: Sequence[_Place], most: int = 3) -> str:
    """When a mark stands where its take does not show it, in words; empty where it always does."""
    spans = [s for place in shown if not place.source.found for s in place.promised.spans]
    if not spans:
        return ""
    times = [
        f"{clock(promises, span.start)}–{clock(promises, span.end)}"
        for span in sorted(spans, key=lambda span: span.start)
    ]
    return f"{PARTLY}{listed(times, most)}: its take does not show it there"


def _beheld(places: Sequence[_Place], finding: MarkFinding) -> MarkFinding:
    """A finding on a mark of which nobody knows how it looks: its place alone can be compared."""
    finding = replace(finding, detail="no template tells what to look for here")
    known = [p.sample.fidelity.place for p in places if p.sample.fidelity is not None]
    if not known:
        return finding
    place = min(known, key=_surplus)
    beside = "" if place.control is None else f", {place.control:.2f} beside it"
    told = f"its place agrees with the take's by {place.box:.2f}{beside}"
    finding = replace(finding, fidelity=place.box, control=place.control)
    if rules.agrees(place):
        return replace(finding, detail=f"{finding.detail}; {told}")
    allowed = _leave(MarkVerdict.ALTERED, places[0].promised)
    return replace(finding, verdict=str(MarkVerdict.ALTERED), detail=told, allowed=allowed)


def _surplus(place: Agreement) -> float:
    """By how much a place agrees better than what is beside it asks for."""
    return place.box - rules.ALTERED_BELOW * max(place.control or 0.0, rules.PLAIN)


def _all_carried(place: _Place) -> bool:
    return place.carried == place.promised.frames


def _measured(promises: Promises, shown: Sequence[_Place], finding: MarkFinding) -> MarkFinding:
    """A finding with what was measured of a mark at the places that its take shows it at."""
    place, seen = _telling(shown)
    coverage = _coverage(promises, shown)
    several = sum(len(one.sample.stretches) for one in shown)
    known = _seen(place, seen)
    export, fidelity = known.export, known.fidelity
    verdict, detail = rules.judge(
        replace(
            known,
            visible=min(_visible(promises, one.promised) for one in shown),
            coverage=coverage if several > 1 else None,
            places=max(1, several),
        )
    )
    verdict, detail = _seen_through(verdict, detail, export, place.promised.take_strength)
    if place.promised.plane is not Plane.LUMA:
        detail += f"; told by its colour, in {place.promised.plane.capitalize()}"
        if fidelity is None:
            detail += ": what may lie over it in luma is not known without its take"
    allowed = _leave(verdict, place.promised)
    return replace(
        finding,
        verdict=str(verdict),
        detail=detail if allowed is None else f"{detail}; allowed: {allowed}",
        score=None if export is None else export.score,
        threshold=None if export is None else rules.threshold(export.z),
        z=None if export is None else export.z,
        retention=_retained(known),
        frames=sum(one.frames for p in shown for one in p.sample.stretches),
        fidelity=None if fidelity is None else fidelity.place.box,
        control=None if fidelity is None else fidelity.place.control,
        coverage=coverage,
        allowed=allowed,
    )


def _seen_through(
    verdict: MarkVerdict, detail: str, export: MarkFacts | None, take: float
) -> tuple[MarkVerdict, str]:
    """A verdict that is no better than degraded where a grade or effects bury a mark.

    `take` is its strength there, ungraded. What they leave is promised, so that nothing else would
    tell a mark that is as strong as it should be from one that anybody can see.
    """
    known = export is not None and take > 0 and verdict in (MarkVerdict.INTACT, _WEAKER)
    left = max(0.0, export.strength) / take if known and export is not None else 1.0
    if left >= BURIED_BELOW:
        return verdict, detail
    words = f"{left:.0%} of the contrast it has in its take is left"
    return _WEAKER, f"{words}; {detail}"


def _leave(verdict: MarkVerdict, mark: PromisedMark) -> str | None:
    """Why the edit lets this happen to a mark, None where it does not."""
    if verdict is MarkVerdict.CROPPED:
        return mark.may_crop or mark.may_lose
    harmed = verdict in HARM or verdict is MarkVerdict.DEGRADED
    return mark.may_lose if harmed else None


def _telling(places: Sequence[_Place]) -> tuple[_Place, StretchSample | None]:
    """The stretch that tells most: of those it is whole in the weakest, else the nearest miss."""
    both = [(place, one) for place in places for one in place.sample.stretches if one.evidence]
    there = [(place, one) for place, one in both if _confirmed(place, one)]
    if there:
        return min(there, key=lambda pair: _kept(*pair))
    if both:
        return max(both, key=lambda pair: pair[1].evidence.score if pair[1].evidence else 0.0)
    place = places[0]
    return place, place.sample.stretches[0] if place.sample.stretches else None


def _seen(place: _Place, seen: StretchSample | None) -> Seen:
    """What is known of a mark by one of its stretches alone."""
    return Seen(
        source=place.source,
        export=None if seen is None else seen.evidence,
        visible=1.0,
        frames=0 if seen is None else seen.frames,
        alone=None if seen is None else seen.alone,
        turned="" if seen is None else seen.turned,
        fidelity=place.sample.fidelity,
    )


def _retained(seen: Seen) -> float | None:
    """How much of its strength is left, by the worse of both: what was promised and foretold.

    Of a mark too faint to be found by itself only what was foretold is told.
    """
    foretold = None if seen.fidelity is None else seen.fidelity.kept
    export = seen.export
    promised = None if export is None else rules.retention(seen.source, export)
    if foretold is None or promised is None or export is None:
        return promised if foretold is None else foretold
    return min(foretold, promised) if export.found else foretold


def _kept(place: _Place, seen: StretchSample) -> float:
    """How much of a mark's strength a stretch shows; its score where that can't be told."""
    kept = _retained(_seen(place, seen))
    if kept is not None:
        return kept
    return seen.evidence.score if seen.evidence is not None else 0.0


def _confirmed(place: _Place, seen: StretchSample) -> bool:
    """Whether a mark is there in a stretch, taken by itself, be it weakened."""
    verdict, _ = rules.judge(_seen(place, seen))
    return verdict in (MarkVerdict.INTACT, MarkVerdict.DEGRADED)


def _coverage(promises: Promises, places: Sequence[_Place]) -> Coverage:
    """For how long a mark was found, of how long it should show; short stretches are left out."""
    confirmed = predicted = 0
    for place in places:
        if _all_carried(place):
            confirmed += place.promised.frames
            predicted += place.promised.frames
            continue
        for seen in place.sample.stretches:
            frames = sum(map(len, seen.stretch.spans))
            if seen.frames < rules.FEWEST_FRAMES:
                continue
            predicted += frames
            confirmed += frames if _confirmed(place, seen) else 0
    total = length(promises, places[0].promised.event)
    return Coverage(confirmed, predicted, max(total, predicted), seconds(promises, confirmed))


def _worst_pair(places: Sequence[_Place]) -> Pair | None:
    """The pictures of the place that fared worst."""
    known = [place for place in places if place.sample.pair is not None]
    if not known:
        return None

    def rank(place: _Place) -> float:
        fidelity = place.sample.fidelity
        return 1.0 if fidelity is None else fidelity.place.box

    return min(known, key=rank).sample.pair


def _visible(promises: Promises, mark: PromisedMark) -> float:
    """The part of a mark that is shown, 0 to 1: what the framing keeps, inside the picture."""
    picture = Box.of(0, 0, promises.width, promises.height)
    x, y, width, height = mark.box
    across = min(x + width, float(picture.width)) - max(x, 0.0)
    down = min(y + height, float(picture.height)) - max(y, 0.0)
    area = width * height
    inside = max(0.0, across) * max(0.0, down) / area if area > 0 else 0.0
    return min(inside, mark.visible)
