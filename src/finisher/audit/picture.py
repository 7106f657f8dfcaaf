"""The picture against its fingerprints: right content, right order, cuts on their frames."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from finisher.audit.motion import Cells, Stretch, stretches
from finisher.audit.trace import Displaced, displaced, named
from finisher.findings import Finding, Status, Weight
from finisher.promises import GRID, Promises
from finisher.provenance.promised import must_carry
from finisher.timecode import Rate, Span

CONTENT_MEAN = 2.0
"""Code values an event's cells may differ by on average: fingerprints are foretold from small
sketches of the takes, while the file went through grading at full size and an encoder. Measured
on graded, reframed and dissolved exports at crf 18: 0.3, of which rounding makes 0.25."""
CONTENT_FRAME = 5.0
"""Code values any single frame may differ by; the worst in those exports: 0.5. A frame of
another shot differs by more."""
REACH = 3
"""Frames to either side among which the best temporal fit is sought."""
MOVES = 0.5
"""Code values by which a sequence must differ from itself displaced for order to be told: twice
what rounding alone makes; at 0.4 a real displacement by one frame was still missed."""
STEADY = 0.3
"""Code values of a steady difference that say nothing about order: the whole mean error of
foretelling, as measured."""
FITS_BETTER = 0.8
"""A displaced fit must undercut the promised one by a fifth before it counts as better."""
JUMP = 4.0
"""Code values a promised cut must change cells by for its frame to be told."""
STRAYS = 2.0
"""Code values between promised neighbours above which a single frame's place is told."""
_ALIKE = 0.1
"""Code values within which two fits are as good as each other."""
_CLOSER = 0.5
"""A single frame counts as its neighbour when it is twice as near to it."""
_LIVELY = 16
"""Cells that order is told by, the liveliest: bars and still backgrounds would drown them."""
_WINDOW = 24
"""Frames judged together, so that a slip in the middle of a long event shows."""

_TOLD = 3
"""Displaced stretches that are told one by one."""
_CELLS = GRID[0] * GRID[1]


@dataclass(frozen=True, slots=True)
class _Fit:
    """How one stretch of frames lies in time against what was promised."""

    event: str
    span: Span
    shift: int
    told: bool
    """Whether the promised sequence moves enough to tell."""


def check_picture(promises: Promises, cells: Cells) -> tuple[Finding, ...]:
    """Every check of the frames' number, content, order and cuts."""
    count = Finding(
        "frame-count",
        Status.PASSED if len(cells) == promises.frames else Status.FAILED,
        f"{len(cells)} frames displayed, {promises.frames} promised",
        promised=promises.frames,
        measured=len(cells),
    )
    if not promises.fingerprints:
        return count, *_unprinted(promises, cells)
    promised = np.frombuffer(promises.fingerprints, np.uint8).reshape(-1, _CELLS)
    both = min(len(promised), len(cells))
    wanted, found = promised[:both].astype(np.float32), cells[:both].reshape(both, _CELLS)
    return (
        count,
        _content(promises, wanted, found),
        _order(promises, wanted, found),
        _cuts(promises, wanted, found),
    )


def _unprinted(promises: Promises, cells: Cells) -> Iterator[Finding]:
    """The checks of a file without fingerprints: only where there was no room is that no fault."""
    needed = must_carry(promises, np.rint(cells).astype(np.uint8).tobytes())
    detail = "the file carries no fingerprints"
    detail += ", though it has room for them" if needed else ": there is no room for them"
    for name in ("picture-content", "picture-order", "cuts-in-place"):
        if needed:
            yield Finding(name, Status.FAILED, detail)
        else:
            yield Finding(name, Status.NOT_CHECKED, detail, Weight.ADVISORY)


def events_of(promises: Promises, frames: int) -> tuple[tuple[str, Span], ...]:
    """Each event with its frames, as the cut list tells them; what lies before the first too."""
    starts = [0, *(min(cut.frame, frames) for cut in promises.cuts)]
    names = ["the opening", *(cut.event for cut in promises.cuts)]
    return tuple(
        (name, Span(start, end))
        for name, (start, end) in zip(names, pairwise([*starts, frames]), strict=True)
        if start < end
    )


def _apart(a: Cells, b: Cells) -> Cells:
    """Mean absolute difference of each pair of frames."""
    return np.asarray(np.abs(a - b).mean(axis=1), np.float32)


def _content(promises: Promises, wanted: Cells, found: Cells) -> Finding:
    """Whether each event looks as foretold."""
    if not len(wanted):
        return Finding("picture-content", Status.FAILED, "no frame to compare", promised=0)
    errors = _apart(wanted, found)
    means = {
        event: float(errors[span.start : span.end].mean())
        for event, span in events_of(promises, len(wanted))
    }
    worst = int(errors.argmax())
    off = [event for event, mean in means.items() if mean > CONTENT_MEAN]
    failed = bool(off) or float(errors[worst]) > CONTENT_FRAME
    detail = (
        f"cells differ by {errors.mean():.2f} code values on average, "
        f"by {errors[worst]:.2f} at frame {worst}"
    )
    if off:
        detail += f"; not as foretold: {', '.join(off)}"
    return Finding(
        "picture-content",
        Status.FAILED if failed else Status.PASSED,
        detail,
        promised={"event_mean_at_most": CONTENT_MEAN, "frame_at_most": CONTENT_FRAME},
        measured={
            "mean": round(float(errors.mean()), 3),
            "worst": round(float(errors[worst]), 3),
            "worst_frame": worst,
        },
    )


def _order(promises: Promises, wanted: Cells, found: Cells) -> Finding:
    """Whether every stretch stands where it was promised, and moves as it was."""
    events = events_of(promises, len(wanted))
    fits = [
        fit
        for event, span in events
        for look in (_fits, _strays)
        for fit in look(event, span, wanted, found)
        if fit.told
    ]
    motion = [(event, s) for event, span in events for s in stretches(span, wanted, found)]
    slipped = [fit for fit in fits if fit.shift != 0]
    stuck = [(event, stretch) for event, stretch in motion if not stretch.moves]
    spans = [fit.span for fit in fits] + [s.span for _, s in motion if not s.slow]
    single, together = _frames(s for s in spans if len(s) == 1), _frames(spans)
    seen = {fit.event for fit in fits} | {event for event, _ in motion}
    still = [event for event, _ in events if event not in seen]
    detail = (
        f"{len(single)} of {len(wanted)} frames move enough to tell the place of each, "
        f"{len(together)} that of several together"
    )
    if still:
        detail += f"; nothing is told of {', '.join(still)}"
    if not seen:
        return Finding("picture-order", Status.NOT_CHECKED, detail, Weight.ADVISORY)
    wrong = _wrong(promises, slipped, stuck, displaced(events, wanted, found))
    return Finding(
        "picture-order",
        Status.FAILED if wrong else Status.PASSED,
        f"{wrong}; {detail}" if wrong else detail,
        promised=0,
        measured={
            "frames_told": len(single),
            "frames_told_together": len(together),
            "events_not_told": list(still),
            "slips": [[fit.event, fit.span.start, fit.span.end, fit.shift] for fit in slipped],
            "stuck": [[event, s.span.start, s.span.end, round(s.gain, 3)] for event, s in stuck],
        },
    )


def _frames(spans: Iterable[Span]) -> set[int]:
    """All frames of some spans."""
    return {frame for span in spans for frame in range(span.start, span.end)}


def _wrong(
    promises: Promises,
    slipped: Sequence[_Fit],
    stuck: Sequence[tuple[str, Stretch]],
    course: Sequence[Displaced],
) -> str:
    """What is wrong with the order, in words, by frame and timecode; nothing where it is right."""
    rate = _rate(promises)
    told = [one.words(rate) for one in course[:_TOLD]]
    if len(course) > _TOLD:
        told.append(f"{len(course) - _TOLD} more stretches are not in their place")
    if not told and slipped:
        fit = slipped[0]
        told = [Displaced(fit.event, fit.span, fit.shift).words(rate)]
    if not told and stuck:
        event, stretch = max(stuck, key=lambda one: len(one[1].span))
        first, last = stretch.span.start, stretch.span.end - 1
        place = f"frames {named(first, rate)} to {named(last, rate)} of {event}"
        gain = f"{max(0.0, stretch.gain):.0%} of the movement is there"
        told = [f"{place} do not move as promised: {gain}"]
    return "; ".join(told)


def _rate(promises: Promises) -> Rate | None:
    """The promised rate, None where it is none: another check tells of that."""
    try:
        return Rate.parse(promises.rate)
    except ValueError:
        return None


def _fits(event: str, span: Span, wanted: Cells, found: Cells) -> list[_Fit]:
    """The best temporal displacement of each stretch of an event, looked for inside the event."""
    low, high = span.start + REACH, span.end - REACH
    if high - low < REACH:
        return []
    parts = max(1, round((high - low) / _WINDOW))
    edges = [low + (high - low) * part // parts for part in range(parts + 1)]
    return [_fit(event, Span(start, end), wanted, found) for start, end in pairwise(edges)]


def _fit(event: str, span: Span, wanted: Cells, found: Cells) -> _Fit:
    """The best temporal displacement of one stretch."""
    cells = _lively(wanted[span.start - 1 : span.end + 1])
    here = found[span.start : span.end, cells]

    def promised(shift: int) -> Cells:
        return wanted[span.start + shift : span.end + shift, cells]

    costs = {shift: _unlike(here, promised(shift)) for shift in range(-REACH, REACH + 1)}
    best = min(costs, key=lambda shift: (costs[shift], abs(shift)))
    moves = min(_unlike(promised(0), promised(by)) for by in (-1, 1))
    # A grade that is off by more than is forgiven must not speak for a displacement either:
    # freed of the whole of it, the displaced fit may not be the worse one.
    free = {shift: _unlike(here, promised(shift), np.inf) for shift in (0, best)}
    slips = costs[best] < FITS_BETTER * costs[0] and free[best] <= free[0] + _ALIKE
    return _Fit(event, span, best if slips else 0, told=moves >= MOVES)


def _unlike(a: Cells, b: Cells, forgiven: float = STEADY) -> float:
    """Mean difference of two stretches, but for a small steady one.

    A steady error of the grade must not speak for a displacement. No more than that is forgiven:
    in an even movement a displacement is a steady difference too. No frame counts for more than
    `STRAYS`, or one jump would speak for a whole stretch; it is judged as a single frame.
    """
    each = _apart(a - _steady(a, b, forgiven), b)
    return float(np.minimum(each, STRAYS).mean())


def _steady(a: Cells, b: Cells, forgiven: float = STEADY) -> Cells:
    """The steady difference of each cell, as far as it is forgiven."""
    return np.asarray(np.clip(np.median(a - b, axis=0), -forgiven, forgiven), np.float32)


def _lively(wanted: Cells) -> NDArray[np.intp]:
    """The cells of a stretch that change most from frame to frame."""
    changes = np.abs(np.diff(wanted, axis=0)).mean(axis=0)
    return np.argsort(changes)[-_LIVELY:]


def _strays(event: str, span: Span, wanted: Cells, found: Cells) -> list[_Fit]:
    """Single frames against their neighbours: a frame shown twice, or two exchanged."""
    if len(span) < 2:
        return []
    own = slice(span.start, span.end)
    cells = _lively(wanted[own])
    promised, fits = wanted[own, cells], []
    here = found[own, cells] - _steady(found[own, cells], promised)
    for shift in (-1, 1):
        there = slice(max(0, -shift), len(promised) - max(0, shift))
        beside = slice(there.start + shift, there.stop + shift)
        told = _apart(promised[there], promised[beside]) >= STRAYS
        near = _apart(here[there], promised[beside])
        strayed = near < _CLOSER * _apart(here[there], promised[there])
        for offset in np.flatnonzero(told):
            frame = span.start + there.start + int(offset)
            moved = shift if strayed[offset] else 0
            fits.append(_Fit(event, Span(frame, frame + 1), moved, told=True))
    return fits


def _cuts(promises: Promises, wanted: Cells, found: Cells) -> Finding:
    """Whether the picture jumps at each cut's frame and not beside it."""
    if len(wanted) < 2:
        return Finding("cuts-in-place", Status.NOT_CHECKED, "no cut to look at", Weight.ADVISORY)
    foretold, seen = _jumps(wanted), _jumps(found)
    told, moved = 0, []
    for cut in promises.cuts:
        near = _around(cut.frame, len(wanted))
        if not near or not _stands_out(foretold, cut.frame, near):
            continue
        told += 1
        at = max(near, key=lambda frame: float(seen[frame]))
        if at != cut.frame:
            moved.append((cut.event, cut.frame, at))
    asked = sum(0 < cut.frame < len(wanted) for cut in promises.cuts)
    detail = f"{told} of {asked} cuts change the picture enough to tell their frame"
    if moved:
        event, frame, at = moved[0]
        detail = f"the cut to {event} was promised at {frame} and lies at {at}; {detail}"
    if told == 0:
        return Finding("cuts-in-place", Status.NOT_CHECKED, detail, Weight.ADVISORY)
    return Finding(
        "cuts-in-place",
        Status.FAILED if moved else Status.PASSED,
        detail,
        promised=asked,
        measured={"told": told, "moved": [[event, frame, at] for event, frame, at in moved]},
    )


def _jumps(cells: Cells) -> Cells:
    """How much each frame differs from the one before; 0 for the first."""
    return np.concatenate(([np.float32(0)], _apart(cells[1:], cells[:-1])))


def _around(frame: int, frames: int) -> Sequence[int]:
    """The frames near a cut; none where it lies at an edge of the programme."""
    return (
        range(max(1, frame - REACH), min(frames, frame + REACH + 1)) if 0 < frame < frames else ()
    )


def _stands_out(jumps: Cells, frame: int, near: Sequence[int]) -> bool:
    """Whether a promised jump is large, and twice as large as any beside it."""
    beside = max((float(jumps[other]) for other in near if other != frame), default=0.0)
    return float(jumps[frame]) >= max(JUMP, 2 * beside)
