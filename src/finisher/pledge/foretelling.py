"""A mark and its surroundings in the deliverable, foretold from what was kept of the take."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Box, Framing
from finisher.look import Grade
from finisher.media.closeups import FEWEST, CloseUps, Kept, corner, inside, spread
from finisher.plan.model import Picture, Plan, Shot
from finisher.pledge.alone import alone, within
from finisher.pledge.fingerprints import Grading
from finisher.pledge.operators import luma
from finisher.pledge.scaling import Scaling, scaling
from finisher.sighting import Plane
from finisher.timecode import Span
from finisher.watermark.evidence import amplitude, contrast, presence
from finisher.watermark.planes import Floats, carried, coded, plane_of
from finisher.watermark.template import AnyTemplate, views

MOST = 6
"""Pictures that a mark's strength is foretold from: half of what that costs is grading them."""
DRAWN = 12
"""Programme frames that a place is compared in, drawn once the finished file is there."""
_CHOICE = 256
"""Programme frames of a place that they are drawn from."""
_NEAR = 8
"""Pictures of the take that a mark is looked for in, of those an event shows."""
_DIGITS = 4
"""Decimals of what travels in the file: far more than encoders leave."""
_AROUND = 16
"""Pixels around a mark, beside its shorter side, that have a say in how clearly it shows."""
_LARGE = 4 << 20
"""Pixels of one place's frames in all, above which there are only the fewest."""
_SHARING = {"yuv420": (2, 2), "yuv422": (2, 1), "yuv444": (1, 1)}
"""Pixels across and down that share a sample of chroma, by how formats of deliverables begin."""
One = TypeVar("One")


@dataclass(frozen=True, slots=True)
class Prospect:
    """What can be told of an event's mark at one of its places from what was kept of its take."""

    event: int
    """Number of the event in the plan."""
    mark: int
    """Number of the place among the event's planned marks."""
    frames: tuple[tuple[int, int], ...]
    """Programme frames that show it there alone, each with the row of what was kept of it: all
    that can be foretold, or very many."""
    near: tuple[int, ...]
    """Rows of pictures between those that the event shows."""
    rows: tuple[int, ...]
    """Rows that its strength is foretold from."""
    corner: tuple[int, int]
    """Where what was kept lies in the take."""


@dataclass(frozen=True, slots=True)
class Foretold:
    """What is foretold of an event's mark at one of its places, before anything is rendered."""

    event: int
    mark: int
    strength: float | None
    """What it is to be in the deliverable; None where that can't be told."""
    score: float | None
    """Presence in those pictures of the take that the event shows, None for too few of them."""
    plane: Plane = Plane.LUMA
    """Where it is looked for."""
    contrast: float = 0.0
    """Codes by which it is to stand out there, root mean square."""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Where and when a mark's surroundings are foretold, to hold a finished file against."""

    event: int
    mark: int
    frames: tuple[int, ...]
    """Programme frames, in order; empty where none could be foretold."""
    region: tuple[int, int, int, int]
    """x, y, width, height in the deliverable's pixels."""
    plane: Plane = Plane.LUMA
    """The plane that is foretold besides luma, where it is another."""


def prospects(plan: Plan, known: Mapping[tuple[str, str], CloseUps]) -> tuple[Prospect, ...]:
    """What can be told of each planned mark; `known` is what was kept, by take and mark.

    Of an event with effects nothing can: what they make of a picture nobody foretells.
    """
    pictures = plan.pictures
    found = []
    for number, event in enumerate(plan.events):
        if event.working is not None or not event.marks:
            continue
        framing, runs = event.framing, alone(pictures, number, event.record)
        for at, mark in enumerate(event.marks):
            kept = known.get((event.take, mark.mark))
            if kept is None:
                continue
            where = corner(framing.origin(mark.box), kept.size, framing.source)
            rows = kept.rows(where)
            shown = [_shots(pictures, span) for span in within(runs, mark.shown)]
            exact, near, strong = _prospect([shots for shots in shown if shots], rows)
            if len(near) < FEWEST and len(rows) < len(kept.corners):
                # Too short to tell, and its take may show the mark at its other places alone.
                near = _thinned(tuple(rows.values()), _NEAR)
            found.append(Prospect(number, at, exact, near, strong, where))
    return tuple(found)


def _shots(pictures: Sequence[Picture], span: Span) -> list[tuple[int, int]]:
    """Frames of a span that show a picture of a take as it is, each with its ordinal."""
    frames = ((frame, pictures[frame]) for frame in range(span.start, span.end))
    return [(frame, shot.picture) for frame, shot in frames if isinstance(shot, Shot)]


def _prospect(
    shown: Sequence[Sequence[tuple[int, int]]], rows: Mapping[int, int]
) -> tuple[tuple[tuple[int, int], ...], tuple[int, ...], tuple[int, ...]]:
    """Frames with their rows, rows between them, and rows for the strength.

    `shown` are frames with their ordinals, stretch by stretch: a mark that jumps may have stood
    elsewhere between two of them.
    """
    every = [(frame, rows[o]) for shots in shown for frame, o in shots if o in rows]
    exact = _thinned(every, _CHOICE)
    ends = [(min(o for _, o in shots), max(o for _, o in shots)) for shots in shown]
    between = [row for o, row in rows.items() if any(low <= o <= high for low, high in ends)]
    near = _thinned(between, _NEAR)
    if len(exact) >= FEWEST:
        return exact, near, tuple(row for _, row in _thinned(every))
    return exact, near, _thinned(near if len(near) >= FEWEST else tuple(rows.values()))


def _drawn(values: Sequence[One], most: int, name: str) -> tuple[One, ...]:
    """One of each of so many equal parts; which one follows from a name that nobody foresees."""
    count = min(most, len(values))
    edges = [len(values) * part // count for part in range(count + 1)] if count else []
    return tuple(
        values[start + int.from_bytes(_hash(f"{name}/{start}")[:8]) % (end - start)]
        for start, end in pairwise(edges)
    )


def _hash(name: str) -> bytes:
    return hashlib.sha256(name.encode("utf-8", "replace")).digest()


def _thinned(values: Sequence[One], most: int = MOST) -> tuple[One, ...]:
    """At most so many, spread over all."""
    return tuple(values[i] for i in spread(len(values), most))


def tell(
    plan: Plan, prospect: Prospect, kept: Kept, grading: Grading, template: AnyTemplate | None
) -> Foretold:
    """What a prospect comes to in the plane that a template is looked for in."""
    event = plan.events[prospect.event]
    mark = event.marks[prospect.mark]
    score = _score(kept, prospect, event.framing.origin(mark.box), template)
    scaled = _scaling(event.framing, prospect, kept)
    strength, stands_out = None, 0.0
    if scaled is not None and template is not None and prospect.rows:
        rows = _thinned(prospect.rows, _affordable(scaled, MOST))
        draw = _Drawing(scaled, event.grade, grading, _sharing(plan))
        seen = [draw(kept.pictures[row], template.plane) for row in rows]
        there = inside(mark.box, scaled.region[:2])
        strength = round(amplitude(seen, template, there), _DIGITS)
        known = contrast(seen, template, there) if len(views(template)) > 1 else 0.0
        stands_out = round(strength * known, _DIGITS) if math.isfinite(known) else 0.0
    plane = Plane.LUMA if template is None else template.plane
    return Foretold(prospect.event, prospect.mark, strength, score, plane, stands_out)


def surroundings(
    plan: Plan, prospect: Prospect, kept: Kept, grading: Grading, seed: str, plane: Plane
) -> tuple[Surroundings, NDArray[np.uint8]]:
    """A mark's place in frames drawn by a seed: (planes, frames, height, width).

    The first is luma; `plane` follows where it is another. With a seed that is known only once the
    file is finished, nobody can see to just those frames.
    """
    event = plan.events[prospect.event]
    scaled = _scaling(event.framing, prospect, kept)
    if scaled is None or not prospect.frames:
        nowhere = Surroundings(prospect.event, prospect.mark, (), (0, 0, 0, 0))
        return nowhere, np.zeros((0, 0, 0, 0), np.uint8)
    name = f"{seed}/{event.id}/{prospect.mark}"
    draw = _Drawing(scaled, event.grade, grading, _sharing(plan))
    drawn = _drawn(prospect.frames, _affordable(scaled, DRAWN), name)
    planes = list(dict.fromkeys((Plane.LUMA, plane)))
    seen = {
        row: np.stack([draw(kept.pictures[row], one) for one in planes])
        for row in sorted({row for _, row in drawn})
    }
    frames = tuple(frame for frame, _ in drawn)
    found = Surroundings(prospect.event, prospect.mark, frames, scaled.region, plane)
    return found, np.stack([seen[row] for _, row in drawn], axis=1)


def _sharing(plan: Plan) -> tuple[int, int]:
    """How many pixels across and down share a sample of chroma in the deliverable."""
    return _SHARING[plan.preset.video.pixel_format[:6]]


def _scaling(framing: Framing, prospect: Prospect, kept: Kept) -> Scaling | None:
    """How what was kept is scaled into the deliverable; None where nothing of it gets there."""
    size = kept.wanted.size
    return scaling(framing, Box.of(*prospect.corner, size.width, size.height))


def _affordable(scaled: Scaling, most: int) -> int:
    """As many pictures as wanted, or the fewest that will do where they are large."""
    return most if most * scaled.region[2] * scaled.region[3] <= _LARGE else FEWEST


def _score(kept: Kept, prospect: Prospect, box: Box, template: AnyTemplate | None) -> float | None:
    """How clearly a mark shows in what the event shows of its take."""
    if template is None or len(prospect.near) < FEWEST:
        return None
    x, y, width, height = inside(box, prospect.corner)
    around = int(min(width, height)) + _AROUND
    left, top = max(0, int(x) - around), max(0, int(y) - around)
    near = np.s_[top : int(y + height) + around, left : int(x + width) + around]
    seen = [plane_of(kept.pictures[row][near], template.plane) for row in prospect.near]
    return round(presence(seen, template, (x - left, y - top, width, height)).score, _DIGITS)


@dataclass(frozen=True, slots=True)
class _Drawing:
    """Parts of pictures, graded and scaled in the renderer's order."""

    scaled: Scaling
    grade: Grade
    grading: Grading
    sharing: tuple[int, int]
    """Pixels across and down that share a sample of chroma in the deliverable."""

    def __call__(self, picture: NDArray[np.uint8], plane: Plane) -> NDArray[np.uint8]:
        """A plane of limited range of what was kept as (height, width, 4).

        A picture that is not graded never goes through RGB, whose gamut would cut off what is
        strongly saturated: its luma is what was coded.
        """
        needed = self.scaled.needed(picture)
        rgb = needed[..., :3].astype(np.float32) / np.float32(255)
        if self.scaled.shrinks:
            small = np.stack([self.scaled(rgb[..., channel]) for channel in range(3)], axis=-1)
            rgb = np.clip(small, 0, 1)
        graded = self.grading(self.grade, rgb.astype(np.float64))
        if plane is not Plane.LUMA:
            colour = rgb if graded is None else graded.astype(np.float32)
            return carried(self._at_size(coded(colour, plane)), plane, self.sharing)
        if graded is None:
            codes = self.scaled(needed[..., 3].astype(np.float32))
        else:
            codes = self._at_size(luma(graded).astype(np.float32))
        return np.clip(np.rint(codes), 0, 255).astype(np.uint8)

    def _at_size(self, codes: Floats) -> Floats:
        """A plane scaled, unless that was done before it was graded."""
        return codes if self.scaled.shrinks else self.scaled(codes)
