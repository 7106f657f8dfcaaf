"""Hidden marks of a finished file, judged: only what was read in a take is held against it."""

from __future__ import annotations

from collections.abc import Sequence

from finisher.audit.hidden_evidence import HiddenSample, certain
from finisher.findings import MarkFinding
from finisher.promises import PromisedHidden
from finisher.provenance.chain import SoftBinding
from finisher.timeline import Carrier
from finisher.watermark.detector import Evidence, Reading
from finisher.watermark.hidden.judging import BLIND
from finisher.watermark.rules import MarkVerdict


def judge_hidden(mark: PromisedHidden, sample: HiddenSample, *, copied: bool) -> MarkFinding:
    """A finding for a promised hidden mark; `copied` says that all of it is the take's own bits."""
    verdict, detail, evidence = _judged(mark, sample, copied=copied)
    return MarkFinding(
        event=mark.event,
        mark=mark.mark,
        verdict=str(verdict),
        detail=detail,
        score=None if evidence is None else evidence.correlation,
        frames=0 if evidence is None else evidence.pictures,
        kind="sound" if mark.carrier == Carrier.SOUND else "hidden",
        span=(mark.spans[0].start, mark.spans[-1].end) if mark.spans else None,
        detector=sample.title or mark.detector,
        matched=_matched(evidence),
        p=None if evidence is None else evidence.p,
        variant=None if evidence is None else evidence.variant,
        allowed=mark.may_lose,
    )


def _judged(
    mark: PromisedHidden, sample: HiddenSample, *, copied: bool
) -> tuple[MarkVerdict, str, Evidence | None]:
    """The first rule that fits wins."""
    if not mark.found and mark.reason:
        return MarkVerdict.NOT_CHECKABLE, f"not looked for in its take: {mark.reason}", None
    if not mark.found:
        return MarkVerdict.NOT_FOUND_IN_SOURCE, "its take does not carry the payload", None
    if not mark.spans:
        return _unseen(mark)
    if copied:
        words = "the coded pictures are the take's own, bit for bit"
        return MarkVerdict.INTACT_BIT_IDENTICAL, words, None
    if sample.reason or not sample.found:
        reason = sample.reason or "nothing of its event was there to look at"
        return MarkVerdict.NOT_CHECKABLE, reason, None
    return _read(sample.found)


def _unseen(mark: PromisedHidden) -> tuple[MarkVerdict, str, None]:
    """A mark whose carrier is nowhere alone in the programme."""
    if mark.carrier == Carrier.SOUND:
        return MarkVerdict.LOST, "the sound that carries it is not in the mix", None
    return MarkVerdict.NOT_CHECKABLE, "its event is nowhere alone on screen", None


def _read(found: Sequence[Evidence]) -> tuple[MarkVerdict, str, Evidence]:
    """What detectors read, as a verdict, with the evidence that it rests on."""
    sure = list(filter(certain, found))
    blind = next((one for one in sure if one.variant == BLIND), None)
    if blind is not None and blind.reading is Reading.FOUND:
        return MarkVerdict.INTACT, f"read blind{_figures(blind)}", blind
    for one in sure:
        if one.reading is Reading.FOUND:
            words = f"recoverable with the source ({one.variant}), and not without{_figures(one)}"
            return MarkVerdict.DEGRADED, words, one
    for one in sure:
        if one.reading is Reading.INVERTED:
            words = f"its payload reads inverted ({one.variant}){_figures(one)}"
            return MarkVerdict.ALTERED, words, one
    for one in found:
        if one.reading is Reading.FOUND:
            words = f"read, but so few bits can't be certain ({one.variant}){_figures(one)}"
            return MarkVerdict.NOT_CHECKABLE, words, one
    if all(one.reading is Reading.UNREADABLE for one in found):
        return MarkVerdict.NOT_CHECKABLE, found[0].reason or "nothing could be read", found[0]
    best = min(found, key=lambda one: 1.0 if one.p is None else one.p)
    return MarkVerdict.LOST, f"its payload is not there{_figures(best)}", best


def _matched(one: Evidence | None) -> tuple[int, int] | None:
    """Bits that agree, and how many there are."""
    if one is None or one.matched is None or one.bits is None:
        return None
    return one.matched, one.bits


def _figures(one: Evidence) -> str:
    """Bits that agree, and the chance that they would anyway."""
    told = []
    if one.matched is not None and one.bits is not None:
        told.append(f"{one.matched} of {one.bits} bits")
    if one.p is not None:
        told.append(f"p = {one.p:.1g}")
    return f": {', '.join(told)}" if told else ""


def judge_binding(binding: SoftBinding, sample: HiddenSample) -> MarkFinding:
    """A finding for a soft binding that a manifest in the file's chain names.

    Where its ingredient shows is not known: what is not read of it may be elsewhere, and is no
    loss.
    """
    sure = filter(certain, sample.found)
    read = next((one for one in sure if one.reading is Reading.FOUND), None)
    detail = sample.reason or "not read in pictures spread over the whole film"
    if read is not None:
        detail = f"read blind{_figures(read)}"
    return MarkFinding(
        event="",
        mark=binding.alg,
        verdict=str(MarkVerdict.INTACT if read is not None else MarkVerdict.NOT_CHECKABLE),
        detail=f"soft binding of {binding.title!r}: {detail}",
        frames=0 if read is None else read.pictures,
        kind="hidden",
        detector=sample.title or None,
        matched=_matched(read),
        p=None if read is None else read.p,
        variant=None if read is None else read.variant,
    )
