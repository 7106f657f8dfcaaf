"""What a delivery's report shows: pictures off the finished file, scopes, and matches as sheets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import cycle, islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.color import bake, scopes
from finisher.facts import MatchFacts
from finisher.geometry import Box, Framing, Raster
from finisher.ingest.gather import Gathered
from finisher.ingest.take import sampled_ordinals
from finisher.media.index import picture_shape
from finisher.media.reader import PictureReader
from finisher.media.sketch import rgb
from finisher.media.stills import jpeg
from finisher.ocio import cubes
from finisher.plan.model import Plan, PlannedEvent
from finisher.report.model import EventColour, Report, Scopes, SheetRow

PICTURE_SIDE = 360
"""Pixels along the longer side of a report's pictures."""
SCOPED = 40
"""Events that have scopes: a page with more would be slow to open, and nobody looks at them."""
_SIDE = 256
"""Pixels along the longer side of what goes into scopes and sheets, as sampled takes have."""
_ROWS = 4
"""Rows of a match's sheet."""

Pixels = NDArray[np.uint8]


def shown(report: Report, finished: Path, gathered: Gathered) -> Report:
    """The report with its pictures, the scopes of its first events, and sheets of its matches.

    Raises:
        MediaError: when the finished file can't be read.
    """
    pictures, middles = _event_pictures(report.plan, finished)
    return replace(
        report,
        pictures=pictures,
        colours=_colours(report.plan, gathered, middles),
        sheets={name: _sheet(gathered, match) for name, match in gathered.facts.matches.items()},
    )


def _event_pictures(
    decided: Plan, finished: Path
) -> tuple[dict[str, tuple[bytes, ...]], dict[str, Pixels]]:
    """First, middle and last frame of each event as JPEG, and the middle ones to be measured."""
    wanted = {
        event.id: (
            event.record.start,
            (event.record.start + event.record.end) // 2,
            event.record.end - 1,
        )
        for event in decided.events
    }
    middles = {wanted[event.id][1]: event for event in decided.events[:SCOPED]}
    frames: dict[int, bytes] = {}
    measured: dict[str, Pixels] = {}
    shape = picture_shape(finished)
    ordinals = sorted({n for three in wanted.values() for n in three if n < len(shape.index)})
    with PictureReader(finished, shape.index) as reader:
        for ordinal, picture in zip(ordinals, reader.pictures(ordinals), strict=True):
            pixels = rgb(picture)
            frames[ordinal] = jpeg(pixels, PICTURE_SIDE)
            event = middles.get(ordinal)
            if event is not None:
                framing = event.framing
                measured[event.id] = _small(_cut(pixels, framing.place, framing.raster))
    pictures = {
        name: tuple(frames[n] for n in three if n in frames) for name, three in wanted.items()
    }
    return pictures, measured


def _cut(picture: Pixels, box: Box, raster: Raster) -> Pixels:
    """The part of a picture that a box of its raster covers; the picture may be smaller."""
    height, width = picture.shape[:2]
    across, down = Fraction(width, raster.width), Fraction(height, raster.height)
    left, top = max(0, round(box.x * across)), max(0, round(box.y * down))
    right, bottom = round((box.x + box.width) * across), round((box.y + box.height) * down)
    return picture[top : max(bottom, top + 1), left : max(right, left + 1)]


def _small(picture: Pixels) -> Pixels:
    """A picture as means of areas, as large as a take's samples."""
    height, width = picture.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)


@dataclass(slots=True)
class _Samples:
    """Pictures of takes and their scopes, each loaded and drawn once."""

    files: Mapping[str, Path]
    loaded: dict[str, Pixels] = field(default_factory=dict)
    drawn: dict[tuple[str, int, Box], tuple[bytes, Scopes]] = field(default_factory=dict)

    def of(self, take: str) -> Pixels:
        """A take's samples, (n, height, width, 3)."""
        if take not in self.loaded:
            self.loaded[take] = np.load(self.files[take])
        return self.loaded[take]

    def scoped(self, take: str, number: int, framing: Framing) -> tuple[bytes, Scopes]:
        """What a framing takes of one of them as a file, with its scopes."""
        key = (take, number, framing.crop)
        if key not in self.drawn:
            picture = _cut(self.of(take)[number], framing.crop, framing.source)
            self.drawn[key] = (jpeg(picture, _SIDE), _scopes(picture))
        return self.drawn[key]


def _colours(
    decided: Plan, gathered: Gathered, middles: Mapping[str, Pixels]
) -> dict[str, EventColour]:
    """Colour before and after of every event whose middle frame was kept."""
    samples = _Samples(gathered.samples)
    found = {}
    for event in decided.events:
        if event.id in middles:
            number = _nearest(event, gathered)
            picture, before = samples.scoped(event.take, number, event.framing)
            found[event.id] = EventColour(picture, before, _scopes(middles[event.id]))
    return found


def _nearest(event: PlannedEvent, gathered: Gathered) -> int:
    """Which of a take's samples is nearest to an event's middle."""
    index = gathered.facts.takes[event.take].index
    middle = index.at(gathered.timeline.rate.seconds((event.source.start + event.source.end) // 2))
    sampled = sampled_ordinals(len(index))
    return min(range(len(sampled)), key=lambda number: abs(sampled[number] - middle))


def _scopes(picture: Pixels) -> Scopes:
    """A picture's scopes as files."""
    drawn = (scopes.waveform(picture), scopes.parade(picture), scopes.vectorscope(picture))
    waveform, parade, vectorscope = (jpeg(one, max(one.shape)) for one in drawn)
    return Scopes(waveform, parade, vectorscope, scopes.levels(picture))


def _sheet(gathered: Gathered, match: MatchFacts) -> tuple[SheetRow, ...]:
    """What a match does to the middle of a few takes, beside what they are matched to."""
    session = gathered.timeline.session(match.session)
    grade = match.grade(session.strength if session is not None else 1.0)
    cube = None if grade.identity else bake.thinned(cubes.cube(grade, bake.size_for(grade)))
    samples = _Samples(gathered.samples)
    rows = []
    for ours, theirs in islice(_pairs(gathered, match).items(), _ROWS):
        before, reference = _middle(samples.of(ours)), _middle(samples.of(theirs))
        after = None
        if cube is not None:
            after = jpeg(np.asarray(bake.apply(cube, before), np.uint8), _SIDE)
        rows.append(SheetRow(ours, theirs, jpeg(reference, _SIDE), jpeg(before, _SIDE), after))
    return tuple(rows)


def _pairs(gathered: Gathered, match: MatchFacts) -> dict[str, str]:
    """Takes of a session, each with one to be compared to: those the match rests on first."""
    own, others = (
        [take.id for take in gathered.timeline.takes if take.session == session]
        for session in (match.session, match.reference)
    )
    pairs: dict[str, str] = {}
    for ours, theirs in (*match.takes, *zip(own, cycle(others), strict=False)):
        pairs.setdefault(ours, theirs)
    return pairs


def _middle(frames: Pixels) -> Pixels:
    """The middle one of a take's samples."""
    return np.asarray(frames[len(frames) // 2])
