"""Evidence of hidden marks in a finished file, by whatever detectors are installed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.audit.aids import Aids
from finisher.audit.mark_frames import Frames, spread
from finisher.audit.turns import Turn, Turns
from finisher.ffmpeg import sounds
from finisher.geometry import Raster
from finisher.problems import FinisherError, MediaError
from finisher.promises import PromisedHidden
from finisher.timecode import SAMPLE_RATE, Rate, Span
from finisher.timeline import Carrier
from finisher.watermark import detectors
from finisher.watermark.detector import Declared, Evidence, Hearing, Reading, Sight
from finisher.watermark.hidden.aligning import aligned
from finisher.watermark.hidden.judging import BLIND
from finisher.watermark.hidden.statistics import CERTAIN

PICTURES = 16
"""Pictures a detector is shown of each event."""
_ROOM = 1 << 30
"""Bytes of disk that whole pictures may take for a while."""
_MOST = 256
"""Hidden marks that are looked for: each costs a second or so."""
_NARROWEST, _WIDEST, _LARGEST = 64, 1 << 14, 1 << 26
"""Pixels of a side, and of all, that no canvas has fewer or more of."""
_STEEPEST = 64
"""How many times a framing may make a picture larger or smaller."""
_LISTEN = 60
"""Seconds of sound a detector is given of each mark."""
_FEW = 4
"""Pictures shown at first, one of each quarter: where they are enough the others cost nothing."""
_ENOUGH = CERTAIN / 1000
"""Chance below which they are: so small that this first look adds nothing to that of the second."""
_BATCH = 4
"""Pictures of takes that are held at a time."""
_HELD = 128 << 20
"""Bytes that they may take; one is always held."""
LATE = "left out for time"


@dataclass(frozen=True, slots=True)
class HiddenSample:
    """What was read of one promised hidden mark."""

    found: tuple[Evidence, ...] = ()
    """One for each way it was read, blind first; none where nothing was looked for."""
    reason: str = ""
    """Why nothing was."""
    title: str = ""
    """The detector's name and version."""


def hindrance(detector: str, aids: Aids) -> str:
    """Why a detector can't be asked here; empty where it can. Nothing is loaded to find out."""
    if aids.unasked:
        return aids.unasked
    try:
        known = detectors.found(detector)
    except FinisherError as error:
        return "; ".join(problem.message for problem in error.problems)
    if known.capability.network and not aids.upload:
        return f"{detector} sends what it reads elsewhere, and nobody allowed that (--allow-upload)"
    return known.available() or ""


def frames_of_hidden(
    marks: Sequence[PromisedHidden], raster: Raster, seed: str, aids: Aids
) -> tuple[tuple[int, ...], ...]:
    """The frames shown to detectors of each mark: as many as there is room for."""
    room = _ROOM // (raster.width * raster.height * 3)
    events = {(mark.event, mark.spans) for mark in marks}
    each = min(PICTURES, max(1, room // max(1, len(events))))
    return tuple(
        spread(mark.spans, each, f"{seed}/{mark.event}/hidden")
        if number < min(_MOST, room // each) and _wanted(mark, aids)
        else ()
        for number, mark in enumerate(marks)
    )


def _wanted(mark: PromisedHidden, aids: Aids) -> bool:
    """Whether pictures are to be looked at for a mark."""
    return mark.found and mark.carrier == Carrier.PICTURE and not hindrance(mark.detector, aids)


def asked(marks: Sequence[PromisedHidden], looked_at: Sequence[Sequence[int]], aids: Aids) -> int:
    """How many marks a detector is asked for, in pictures and in sound."""
    pictures = sum(1 for frames in looked_at[:_MOST] if frames)
    return pictures + sum(1 for mark in marks[:_MOST] if _spoken(mark, aids))


def measure_hidden(
    marks: Sequence[PromisedHidden],
    looked_at: Sequence[Sequence[int]],
    kept: Frames | None,
    aids: Aids,
    turns: Turns,
) -> tuple[HiddenSample, ...]:
    """Read each hidden mark that lies in pictures; what lies in sound is left for `overhear`."""
    samples = []
    for number, (mark, frames) in enumerate(zip(marks, looked_at, strict=True)):
        if number >= _MOST:
            samples.append(HiddenSample((), f"only {_MOST} hidden marks are looked for"))
            continue
        reason = hindrance(mark.detector, aids) if mark.found else ""
        if not reason and frames and not _credible(mark):
            reason = "what is promised of its place is not credible"
        told = HiddenSample((), reason, detectors.title(mark.detector))
        there = [] if kept is None else [frame for frame in frames if frame in kept.row]
        turn = turns.next() if frames else None
        if not reason and kept is not None and there:
            told = HiddenSample((), LATE, told.title)
            if turn is not None:
                told = _looked(mark, _Shown(there, kept, aids), turn)
        if turn is not None:
            turn.end()
        samples.append(told)
    return tuple(samples)


@dataclass(frozen=True, slots=True, eq=False)
class _Shown:
    """The pictures there are of a mark, and what else is known of them."""

    frames: Sequence[int]
    kept: Frames
    aids: Aids


def _looked(mark: PromisedHidden, shown: _Shown, turn: Turn) -> HiddenSample:
    """Read a mark in a few pictures, and in all of them where those don't settle it."""
    frames, told = shown.frames, HiddenSample()
    # One of each quarter comes before the second of any, so that time cut short cuts no end off.
    order = [frame for first in (0, 2, 1, 3) for frame in frames[first::4]]
    asking = Asking(
        mark.detector,
        shown.aids.opening(mark.mark, mark.detector),
        Declared(mark.payload, mark.canvas),
    )
    for chosen in (order[:_FEW], order) if len(order) > _FEW else (order,):
        sample = asked_in(asking, _sights(mark, chosen, shown.kept, shown.aids), turn)
        told = told if sample.reason and any(map(certain, told.found)) else sample
        if sample.reason or any(map(_enough, sample.found)):
            break
    return told


@dataclass(frozen=True, slots=True)
class Asking:
    """A detector, what it is opened with, and what it is to look for."""

    detector: str
    options: Mapping[str, str]
    declared: Declared


def asked_in(asking: Asking, seen: Iterator[Sight], turn: Turn) -> HiddenSample:
    """What a detector reads in pictures; where its time ends before it is certain, nothing."""
    title = detectors.title(asking.detector)
    try:
        paced = turn.paced(seen)
        found = detectors.look(asking.detector, asking.options, paced, asking.declared)
    except MemoryError:
        return HiddenSample((), "there is not enough memory to look at its pictures", title)
    if turn.late and not any(map(certain, found)):
        return HiddenSample((), LATE, title)
    return HiddenSample(found, "", title)


def certain(one: Evidence) -> bool:
    """Whether it is no chance, however few pictures it rests on."""
    return one.p is not None and one.p < CERTAIN


def _enough(one: Evidence) -> bool:
    """Whether a first look settles it."""
    read = one.reading is Reading.FOUND and one.variant == BLIND
    return read and one.p is not None and one.p < _ENOUGH


def _credible(mark: PromisedHidden) -> bool:
    """Whether a mark's places are such that pictures of their size can be made."""
    width, height = mark.canvas
    sides = (*mark.crop[2:], *mark.place[2:])
    within = min(mark.canvas) >= _NARROWEST and max(mark.canvas) <= _WIDEST
    near = all(abs(part) <= _WIDEST for part in (*mark.crop, *mark.place))
    if not (within and width * height <= _LARGEST and near and min(sides) >= 1):
        return False
    scales = (crop / place for crop, place in zip(mark.crop[2:], mark.place[2:], strict=True))
    return all(1 / _STEEPEST <= scale <= _STEEPEST for scale in scales)


def _sights(
    mark: PromisedHidden, frames: Sequence[int], kept: Frames, aids: Aids
) -> Iterator[Sight]:
    """The pictures a detector is shown, one after another."""
    held = min(_BATCH, max(1, _HELD // (mark.canvas[0] * mark.canvas[1] * 3)))
    for first in range(0, len(frames), held):
        batch = frames[first : first + held]
        own: Mapping[int, NDArray[np.uint8]] = {}
        if aids.originals is not None:
            # Without them it is read as by anybody who has the file alone.
            with suppress(MediaError):
                own = aids.originals.pictures(mark.event, batch, mark.canvas)
        for frame, shown in zip(batch, kept.of(batch), strict=True):
            picture = np.array(shown)
            back, valid = aligned(picture, mark.canvas, mark.crop, mark.place)
            yield Sight(picture, back, valid, own.get(frame))


@dataclass(frozen=True, slots=True)
class Heard:
    """A file's sound, and the rate of its pictures as promised."""

    path: Path
    rate: str

    def over(self, spans: Sequence[Span]) -> Hearing:
        """What is heard over the longest of some stretches, of its first minute.

        Raises:
            MediaError: when the file has no sound that can be read.
            ValueError: when its rate is none.
        """
        rate = Rate.parse(self.rate)
        longest = max(spans, key=len)
        start = rate.samples(longest.start)
        end = min(rate.samples(longest.end), start + _LISTEN * SAMPLE_RATE)
        kept: list[NDArray[np.float32]] = []
        at = 0
        with sounds.decode_sound(self.path) as sound:
            for block in sound.blocks:
                kept.append(block[max(0, start - at) : max(0, end - at)])
                at += len(block)
                if at >= end:
                    break
        pieces = [piece for piece in kept if len(piece)]
        empty = np.zeros((0, max(1, sound.channels)), np.float32)
        return Hearing(np.concatenate(pieces) if pieces else empty, sound.rate)


def _spoken(mark: PromisedHidden, aids: Aids) -> bool:
    """Whether sound is to be listened to for a mark."""
    wanted = mark.carrier == Carrier.SOUND and mark.found and bool(mark.spans)
    return wanted and not hindrance(mark.detector, aids)


def overhear(
    marks: Sequence[PromisedHidden],
    samples: Sequence[HiddenSample],
    heard: Heard,
    aids: Aids,
    turns: Turns,
) -> tuple[HiddenSample, ...]:
    """The samples with what was read of marks that lie in sound."""
    told = list(samples)
    for number, mark in enumerate(marks[:_MOST]):
        if not _spoken(mark, aids) or samples[number].reason:
            continue
        title, turn = samples[number].title, turns.next()
        if turn is None:
            told[number] = HiddenSample((), LATE, title)
            continue
        try:
            wave = heard.over(mark.spans)
        except (MediaError, ValueError) as error:
            told[number] = HiddenSample((), str(error), title)
        else:
            options = aids.opening(mark.mark, mark.detector)
            found = detectors.look(mark.detector, options, wave, Declared(mark.payload, (0, 0)))
            told[number] = HiddenSample(found, "", title)
        turn.end()
    return tuple(told)
