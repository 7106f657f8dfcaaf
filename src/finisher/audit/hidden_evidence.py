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
from finisher.ffmpeg import sounds
from finisher.geometry import Raster
from finisher.problems import FinisherError, MediaError
from finisher.promises import PromisedHidden
from finisher.timecode import SAMPLE_RATE, Rate, Span
from finisher.timeline import Carrier
from finisher.watermark import detectors
from finisher.watermark.detector import Declared, Evidence, Hearing, Sight
from finisher.watermark.hidden.aligning import aligned

PICTURES = 16
"""Pictures a detector is shown of each event."""
_ROOM = 1 << 30
"""Bytes of disk that whole pictures may take for a while."""
_MOST = 256
"""Hidden marks that are looked for: each costs a second or so."""
_WIDEST, _LARGEST = 1 << 14, 1 << 26
"""Pixels of a side, and of all, that no canvas has more of."""
_LISTEN = 60
"""Seconds of sound a detector is given of each mark."""
_BATCH = 4
"""Pictures of takes that are held at a time."""


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


def measure_hidden(
    marks: Sequence[PromisedHidden],
    looked_at: Sequence[Sequence[int]],
    kept: Frames | None,
    aids: Aids,
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
        if not reason and kept is not None and there:
            declared = Declared(mark.payload, mark.canvas)
            options = aids.opening(mark.mark, mark.detector)
            found = detectors.look(
                mark.detector, options, _sights(mark, there, kept, aids), declared
            )
            told = HiddenSample(found, "", told.title)
        samples.append(told)
    return tuple(samples)


def _credible(mark: PromisedHidden) -> bool:
    """Whether a mark's places are such that pictures of their size can be made."""
    width, height = mark.canvas
    sides = (*mark.crop[2:], *mark.place[2:])
    whole = 0 < width <= _WIDEST and 0 < height <= _WIDEST and width * height <= _LARGEST
    near = all(abs(part) <= _WIDEST for part in (*mark.crop, *mark.place))
    return whole and near and min(sides) >= 1


def _sights(
    mark: PromisedHidden, frames: Sequence[int], kept: Frames, aids: Aids
) -> Iterator[Sight]:
    """The pictures a detector is shown, one after another."""
    for first in range(0, len(frames), _BATCH):
        batch = frames[first : first + _BATCH]
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


def overhear(
    marks: Sequence[PromisedHidden], samples: Sequence[HiddenSample], heard: Heard, aids: Aids
) -> tuple[HiddenSample, ...]:
    """The samples with what was read of marks that lie in sound."""
    told = list(samples)
    spoken = [
        number
        for number, mark in enumerate(marks[:_MOST])
        if mark.carrier == Carrier.SOUND and mark.found and mark.spans
        if not samples[number].reason
    ]
    for number in spoken:
        mark = marks[number]
        try:
            wave = heard.over(mark.spans)
        except (MediaError, ValueError) as error:
            told[number] = HiddenSample((), str(error), samples[number].title)
            continue
        options, declared = aids.opening(mark.mark, mark.detector), Declared(mark.payload, (0, 0))
        found = detectors.look(mark.detector, options, wave, declared)
        told[number] = HiddenSample(found, "", samples[number].title)
    return tuple(told)
