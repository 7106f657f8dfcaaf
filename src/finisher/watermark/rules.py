"""The rules that turn a mark's evidence into a verdict, with what each threshold means."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from finisher.findings import Coverage
from finisher.sighting import MarkFacts
from finisher.watermark.seen import Agreement, Fidelity, Left, Seen

HIT = 0.72
"""What a score must reach, with `PER_Z` for each standard deviation above the rest of the picture:
structure that stands still all over a picture scores high anywhere in it, a weak mark on quiet
ground scores little but stands out. Of 1.4 million off-position places of 16 takes, one in ten
thousand reached 0.68, of the worst take three in ten thousand 0.70."""
PER_Z = 0.05
LEAST = 0.25
"""No score below counts, however far it stands out."""
LOST_BELOW, DEGRADED_BELOW = 0.25, 0.60
"""Part of its strength a mark must keep: blurring and covering leave less than a quarter even
where an outline still matches; ordinary encoding keeps nine tenths, hard encoding two thirds."""
DEGRADED_BELOW_AS_FORETOLD = 0.45
"""The same where its place agrees with what was foretold of it, so that nothing lies over it: of
342 marks blurred, covered or painted over, none kept more than 0.30 and agreed."""
SPARED = 0.8
"""A mark is excused for what the encoder took from everything beside it, down to this part."""
UNTOUCHED = 0.95
"""Part of their contrast from which on nothing was taken from the areas beside it."""
UNEVEN_BELOW = 0.3
"""What a mark's weakest part must have of its strength: 0.52 and above in exports of 8 takes,
about nothing where half of it was covered."""
MISSING_BELOW = 0.2
"""The same of a sixth of a mark, told by the file alone, where its scenery is faint against it:
0.23 and above in 718 exports, at most 0.15 where letters were painted out."""
DULLED_BELOW = 0.7
"""Part of its take's score below which something stands where the mark's own edges do: 0.75 and
above in 99 of 100 exports, at most 0.66 under captions and where half of it was covered."""
ALTERED_BELOW = 0.5
"""Part of the agreement beside it that a mark's place must have with what was foretold."""
PLAIN = 0.3
"""Agreement beside a mark below which the encoder left nothing to hold its place against."""
AGREEING = 0.8
"""Agreement beside a mark from which on everything is expected to be as it was foretold."""
DIFFERING_BELOW = 0.7
"""Part of the agreement beside it, where that is as high, that the part of a mark must have that
agrees least."""
AS_LEFT = 0.6
"""Part of the strength that is left of a mark that its place must agree by in its own plane: what
is there of it agrees at least as well, by 0.88 and more in each of 736 exports. Where grain drowns
it, what the noise beside it leaves of its agreement counts instead."""
FOLLOWED = 0.4
"""Part of its foretold strength at which a mark counts as there, whatever its score is short of;
where its place agrees as well as `AGREEING`, anything more than a trace does."""
FEWEST_FRAMES = 4
"""With fewer frames moving content does not average out."""
SMALLEST_SIDE = 12.0
"""Pixels: a smaller mark has too few edges to tell from noise."""
OFTEN = 2
"""Frames without a mark, among those looked at, that are no accident: an encoder may drop a small
one from a single one, or show it twice."""
SHAPED = 0.8
"""Part of its strength, found within two pixels, that a mark must have at its very place and in its
very shape: 0.90 and above in 1317 exports."""
PIECE_BELOW, TIME_BELOW, BOTH_BELOW = 0.5, 0.7, 0.2
"""What its weakest piece must have of the strength of the whole, its weakest third of the time, and
a piece in such a third, where no encoder explains it: of 1317 exports at most one in a hundred had
less of any, most of them at crf 35."""
TAKEN = 5.0
"""Part of its strength that an encoder may have taken from a mark, against what it took or added
beside it, relative to the mark: 4.4 at most in 1317 exports, but for plain ground."""
WHOLE = 0.999
"""Part of a mark inside the picture that counts as all of it."""


class MarkVerdict(StrEnum):
    """What became of a declared mark."""

    INTACT_BIT_IDENTICAL = "intact-bit-identical"
    """The take's own coded pictures were carried over: there was no way to lose it."""
    INTACT = "intact"
    DEGRADED = "degraded"
    ALTERED = "altered"
    """There, but not as it was: mirrored, inverted, or with something over it."""
    LOST = "lost"
    CROPPED = "cropped"
    NOT_FOUND_IN_SOURCE = "not-found-in-source"
    NOT_DECLARED = "not-declared"
    NOT_CHECKABLE = "not-checkable"


_FALLING = (MarkVerdict.INTACT, MarkVerdict.DEGRADED, MarkVerdict.ALTERED, MarkVerdict.LOST)
"""What may become of a mark that is found, from best to worst."""


def found(score: float, z: float) -> bool:
    """Whether a score at a predicted place means that the mark is there."""
    return score > threshold(z)


def threshold(z: float) -> float:
    """The score that a place must exceed, by its distance from the rest of the picture."""
    return max(LEAST, HIT - PER_Z * z)


def clearest(found: Sequence[MarkFacts]) -> MarkFacts:
    """What was found of a mark in several planes as one: the clearest, with the others behind."""
    first = max(found, key=lambda one: one.score - threshold(one.z))
    return replace(first, others=tuple(one for one in found if one is not first))


def judge(seen: Seen) -> tuple[MarkVerdict, str]:
    """Judge a mark by its evidence in the take and in the export; the first rule that fits wins."""
    source, export = seen.source, seen.export
    if not source.found:
        told = f"its take does not show it (score {source.score:.2f}, z {source.z:.1f})"
        return MarkVerdict.NOT_FOUND_IN_SOURCE, told
    if seen.visible < WHOLE:
        return MarkVerdict.CROPPED, f"{seen.visible:.0%} of it lies inside the picture"
    if export is None or seen.frames < FEWEST_FRAMES:
        told = f"{seen.frames} usable frames; {FEWEST_FRAMES} are needed, and a legible template"
        return MarkVerdict.NOT_CHECKABLE, told
    limits = _limits(seen.fidelity)
    if export.found:
        alone = _present(export, replace(seen, fidelity=None), limits)
        return _worse(alone, _present(export, seen, limits))
    if _followed(export, seen, limits):
        return _present(export, seen, limits)
    return _absent(export, seen.turned)


class _Limits(NamedTuple):
    """What a mark must keep."""

    lost: float = LOST_BELOW
    """Parts of its strength."""
    degraded: float = DEGRADED_BELOW
    dulled: float = DULLED_BELOW
    """Part of its take's score."""


def _limits(fidelity: Fidelity | None) -> _Limits:
    """What a mark must keep, with what an encoder took from the areas beside it too taken off.

    Where it was foretold, and is there piece by piece and frame by frame, that is known better.
    """
    if fidelity is None:
        return _Limits()
    around = 1.0 if fidelity.around is None else fidelity.around
    spared = 1.0 if around > UNTOUCHED else max(around, SPARED)
    if _altered(fidelity):
        return _Limits(LOST_BELOW * spared, DEGRADED_BELOW * spared)
    least = DEGRADED_BELOW_AS_FORETOLD if _explained(fidelity) else DEGRADED_BELOW
    dulled = 0.0 if _vouched(fidelity) else DULLED_BELOW
    return _Limits(LOST_BELOW * spared, least * spared, dulled)


def _vouched(fidelity: Fidelity) -> bool:
    """Whether a place agrees so well, and its mark is so even, that it is known to be that mark."""
    own, left = fidelity.own, fidelity.left
    if own is None or left is None or own.box < AGREEING:
        return False
    return not left.gone and left.least >= PIECE_BELOW and not _reshaped(fidelity)


def _worse(
    alone: tuple[MarkVerdict, str], compared: tuple[MarkVerdict, str]
) -> tuple[MarkVerdict, str]:
    """The worse of what a file alone says and what comparing it does: more is never known better.

    Who compares a few frames must not overlook what all of them together show.
    """
    return alone if _FALLING.index(alone[0]) > _FALLING.index(compared[0]) else compared


def _absent(export: MarkFacts, turned: str) -> tuple[MarkVerdict, str]:
    least = threshold(export.z)
    told = f"(score {export.score:.2f}, threshold {least:.2f} at z {export.z:.1f})"
    if turned:
        return MarkVerdict.ALTERED, f"{turned}: not as it was at its place {told}"
    return MarkVerdict.LOST, f"not at its place {told}"


def _present(export: MarkFacts, seen: Seen, limits: _Limits) -> tuple[MarkVerdict, str]:
    """What became of a mark that is found at its place."""
    coverage = seen.coverage
    if coverage is not None and coverage.confirmed < LOST_BELOW * coverage.predicted:
        return MarkVerdict.LOST, _covering(coverage)
    kept = _kept(export, seen)
    told = f"found with score {export.score:.2f}"
    told += "; its strength is unknown" if kept is None else f", {kept:.0%} of its strength"
    if kept is not None and kept < limits.lost:
        return MarkVerdict.LOST, f"only a trace: {told}"
    weak = kept is not None and kept < limits.degraded
    clear = seen.source.score >= HIT
    if changed := _changed(export, seen.fidelity, weak=weak, clear=clear):
        return MarkVerdict.ALTERED, f"{changed}; {told}"
    if weak:
        return MarkVerdict.DEGRADED, told
    dimmed = _dimmed(export, seen, limits)
    return (MarkVerdict.DEGRADED, f"{dimmed}; {told}") if dimmed else (MarkVerdict.INTACT, told)


def _changed(export: MarkFacts, fidelity: Fidelity | None, *, weak: bool, clear: bool) -> str:
    """How a mark is not as it was to be, in words; empty where it is.

    From a `weak` one encoders take here more than there and now more than then; where exactly one
    lies is told of one that its take shows `clear`ly.
    """
    if fidelity is not None and _altered(fidelity):
        place = fidelity.place
        beside = "" if place.control is None else f", {place.control:.2f} beside it"
        return f"its place does not show what it should: agreement {place.box:.2f}{beside}"
    # Of one too faint to be found by itself, a part tells nothing either.
    least = export.least if export.found else 1.0
    if fidelity is not None and fidelity.left is not None and not weak:
        left = fidelity.left
        if left.gone >= OFTEN:
            return f"{left.gone} of {left.frames} frames compared show nothing of it"
        if clear and export.found and _reshaped(fidelity):
            return "it is not quite at its place, or of another size, shape or tone"
        least = min(least, left.least)
    return f"a part of it has {max(0.0, least):.0%} of its strength" if least < UNEVEN_BELOW else ""


def _dimmed(export: MarkFacts, seen: Seen, limits: _Limits) -> str:
    """What of a mark that is as strong as it should be is not as it was; empty where all is."""
    if seen.coverage is not None and _gappy(seen.coverage, seen.places):
        return _covering(seen.coverage)
    alone = seen.alone
    if alone is not None and alone.gone >= OFTEN:
        return f"{alone.gone} of {alone.frames} frames that would show it do not"
    if alone is not None and alone.least < MISSING_BELOW:
        return f"a piece of it has {max(0.0, alone.least):.0%} of its strength"
    if export.found and export.score < limits.dulled * seen.source.score:
        return f"something stands where it does: its take's score is {seen.source.score:.2f}"
    fidelity = seen.fidelity
    if fidelity is not None and not _explained(fidelity) and (less := _less(fidelity.left)):
        return less
    luma = None if fidelity is None else fidelity.luma
    if luma is not None and luma.least is not None and luma.least < DIFFERING_BELOW:
        least = max(0.0, luma.least)
        return f"a part of it, or of its time, agrees {least:.0%} as well as areas beside it"
    return ""


def _less(left: Left | None) -> str:
    """What of a mark has less than the rest of it; empty where all is even."""
    if left is None:
        return ""
    if left.gone:
        return f"{left.gone} of {left.frames} frames compared shows nothing of it"
    if left.least < PIECE_BELOW:
        return f"a piece of it has {left.least:.0%} of the strength of the whole"
    if left.later < TIME_BELOW:
        return f"for a third of its time it has {left.later:.0%} of the strength of the whole"
    if left.then < BOTH_BELOW:
        return f"a piece of it has, for a third of its time, {max(0.0, left.then):.0%} of that"
    return ""


def _kept(export: MarkFacts, seen: Seen) -> float | None:
    """The part of its strength left: frame by frame where it was foretold so."""
    if seen.fidelity is not None and seen.fidelity.kept is not None:
        return seen.fidelity.kept
    return retention(seen.source, export)


def _altered(fidelity: Fidelity) -> bool:
    """Whether a mark's place lost agreement that the areas beside it have, or what is left of it.

    In luma a mark that is told by its colour may hardly be: there only what is beside it tells.
    """
    if any(not agrees(one) for one in fidelity.planes):
        return True
    own, kept = fidelity.own, fidelity.kept
    if own is None or kept is None:
        return False
    return own.box < AS_LEFT * min(1.0, kept, kept / max(math.hypot(kept, own.noise), 1e-6))


def _reshaped(fidelity: Fidelity) -> bool:
    """Whether a mark is as strong as it is at another place, or in another shape, alone."""
    left, kept = fidelity.left, fidelity.kept
    if left is None or left.whole is None or kept is None:
        return False
    return left.whole < SHAPED * kept


def _explained(fidelity: Fidelity) -> bool:
    """Whether an encoder may have taken what a mark lacks: it took from what is beside it too."""
    own, around = fidelity.own, fidelity.around
    if own is None or around is None or fidelity.kept is None:
        return False
    return around <= UNTOUCHED and 1 - fidelity.kept <= TAKEN * own.noise


def agrees(place: Agreement) -> bool:
    """Whether a place agrees with what was foretold as areas beside it do."""
    control = PLAIN if place.control is None else max(place.control, PLAIN)
    return place.box >= ALTERED_BELOW * control


def _followed(export: MarkFacts, seen: Seen, limits: _Limits) -> bool:
    """Whether a mark too faint to be found by itself is there as it was foretold.

    What all frames looked at keep of it must be more than a trace too.
    """
    fidelity = seen.fidelity
    if fidelity is None or fidelity.kept is None or _altered(fidelity):
        return False
    known = retention(seen.source, export)
    if known is not None and known < limits.lost:
        return False
    own = fidelity.own
    agreement = -1.0 if own is None else own.box
    if agreement >= AGREEING:
        return fidelity.kept >= limits.lost
    as_beside = own is not None and own.control is not None and agreement >= own.control
    return fidelity.kept > FOLLOWED and (as_beside or export.score > LEAST)


def _covering(coverage: Coverage) -> str:
    return f"in {coverage.confirmed} of {coverage.predicted} frames that should show it"


def _gappy(coverage: Coverage, places: int) -> bool:
    """Whether more is missing than a frame of each stretch, which may go at its cuts."""
    return coverage.confirmed < coverage.predicted - places


def retention(source: MarkFacts, export: MarkFacts) -> float | None:
    """Strength kept from take to export; None when the take's was not measured."""
    return export.strength / source.strength if source.strength > 0 else None


def false_positives(calibration: str | None) -> str:
    """How often what is no mark passes for one, in words: as measured on the user's footage."""
    return calibration or "about 1 in 10 000 places, measured on 29 unrelated takes"
