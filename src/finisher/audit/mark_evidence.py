"""Evidence of visible marks in a finished file, looked for where geometry alone puts them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from finisher.audit.mark_frames import NONE, Frames, Stretch, parted
from finisher.audit.mark_pictures import Pair, pair
from finisher.problems import DocumentError
from finisher.promises import PromisedMark, Promises
from finisher.sighting import MarkFacts, Plane
from finisher.timecode import Span
from finisher.watermark import rules
from finisher.watermark.evidence import contrast, presence, turned
from finisher.watermark.fidelity import compare
from finisher.watermark.reference import Reference
from finisher.watermark.seen import Fidelity, Left
from finisher.watermark.template import AnyTemplate, read_template, seen_in
from finisher.watermark.unaided import told_alone

_PARTS = 3
"""A stretch's time is looked at in as many parts, each by itself."""
_SEEN = 24.0
"""Codes between a mark and what it lies on from which on it would be seen if it were there."""
_PAIRED = 256
"""Marks of which pictures are kept until it is known which are shown."""


@dataclass(frozen=True, slots=True)
class StretchSample:
    """What was seen of a mark in one of its stretches, or in that part of it that shows it."""

    stretch: Stretch
    evidence: MarkFacts | None
    """None where there was nothing to look for it with."""
    frames: int
    """How many it rests on."""
    turned: str = ""
    """`mirrored` or `inverted` where it was found so, and only so."""
    alone: Left | None = None
    """What is left of it piece by piece and frame by frame, where that can be told."""


@dataclass(frozen=True, slots=True, eq=False)
class MarkSample:
    """What was seen of one promised mark."""

    stretches: tuple[StretchSample, ...] = ()
    fidelity: Fidelity | None = None
    """Of its surroundings; None where they were not compared."""
    pair: Pair | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Compared:
    """References at hand, and which pictures of each are compared."""

    references: Sequence[Reference]
    kept: Mapping[int, tuple[int, ...]]

    def frames(self, plane: Plane | None = None) -> tuple[tuple[int, ...], ...]:
        """Programme frames that are needed whole; for marks that are looked for in a plane."""
        return tuple(
            tuple(self.references[number].frames[row] for row in rows)
            for number, rows in self.kept.items()
            if plane is None or self.references[number].plane is plane
        )


Planes = Mapping[Plane, Frames]
"""Frames that were kept whole, by plane: luma of all that is looked at."""


def measure_marks(
    promises: Promises, stretches: Sequence[Stretch], compared: Compared, kept: Planes
) -> tuple[MarkSample, ...]:
    """Look for each promised mark in whole planes of its frames; one sample for each."""
    if not kept:
        return tuple(MarkSample() for _ in promises.marks)
    templates = _templates(promises)
    seen: dict[int, list[StretchSample]] = {}
    for stretch in stretches:
        mark = promises.marks[stretch.mark]
        template, planes = _template(mark, templates), kept.get(mark.plane, NONE)
        whole = _sample(mark, stretch, template, planes)
        apart = None if template is None else _parted(mark, whole, template, planes)
        parts = apart or (whole,)
        seen.setdefault(stretch.mark, []).extend(_singly(mark, p, template, planes) for p in parts)
    of = {_key(one): number for number, one in enumerate(compared.references)}
    samples = []
    for number, mark in enumerate(promises.marks):
        known = of.get(_key(mark))
        rows = compared.kept.get(known, ()) if known is not None else ()
        stretched, fidelity, both = tuple(seen.get(number, ())), None, None
        if known is not None and rows:
            reference = compared.references[known]
            fidelity, both = _compared(reference, rows, _template(mark, templates), kept)
        elif number < _PAIRED and stretched:
            both = _alone(mark, stretched[0].stretch.frames, kept.get(Plane.LUMA, NONE))
        samples.append(MarkSample(stretched, fidelity, both if number < _PAIRED else None))
    return tuple(samples)


def _template(mark: PromisedMark, templates: Mapping[str, AnyTemplate]) -> AnyTemplate | None:
    """A mark's template, to be looked for in the plane that was promised."""
    known = templates.get(mark.template_sha256)
    return None if known is None else seen_in(known, mark.plane)


def _key(one: PromisedMark | Reference) -> tuple[object, ...]:
    """What tells a mark's place from all others, whatever figures lose by being written down."""
    return one.event, one.mark, tuple(round(side, 2) for side in one.box)


def _sample(
    mark: PromisedMark, stretch: Stretch, template: AnyTemplate | None, kept: Frames
) -> StretchSample:
    """One stretch, measured."""
    planes = kept.of(stretch.frames)
    if template is None or not planes or min(mark.box[2:]) < rules.SMALLEST_SIDE:
        return StretchSample(stretch, None, len(planes))
    found = presence(planes, template, mark.box)
    other = "" if found.found else turned(planes, template, mark.box)
    return StretchSample(stretch, found, len(planes), other)


def _parted(
    mark: PromisedMark, sample: StretchSample, template: AnyTemplate, kept: Frames
) -> tuple[StretchSample, StretchSample] | None:
    """A stretch that a mark clearly shows in for a part of its time alone: that part, and the rest.

    The average of all its frames can't tell a mark that is gone for a third of the time from a
    weaker one. None where it is there throughout, or too faint to say.
    """
    stretch = sample.stretch
    parts = min(_PARTS, sample.frames // rules.FEWEST_FRAMES)
    if parts < 2 or sample.evidence is None or not sample.evidence.found:
        return None
    pieces = [
        _piece(mark, Stretch(stretch.mark, spans, _in(stretch.frames, spans)), template, kept)
        for spans in parted(stretch.spans, parts)
    ]
    most = max(0.0 if one.evidence is None else one.evidence.strength for one in pieces)
    gone: list[StretchSample] = []
    there: list[StretchSample] = []
    for one in pieces:
        (gone if _gone(mark, one, most, template, kept) else there).append(one)
    if not gone or not any(one.evidence is not None and one.evidence.found for one in there):
        return None
    return _together(mark, there, template, kept), _together(mark, gone, template, kept)


def _singly(
    mark: PromisedMark, one: StretchSample, template: AnyTemplate | None, kept: Frames
) -> StretchSample:
    """A sample of a mark that is there, with what is left of it in its pieces and single frames."""
    if template is None or one.evidence is None or not one.evidence.found:
        return one
    return replace(one, alone=told_alone(kept.of(one.stretch.frames), template, mark.box))


def _in(frames: Sequence[int], spans: Sequence[Span]) -> tuple[int, ...]:
    """Those frames that lie in a time."""
    return tuple(n for n in frames if any(span.start <= n < span.end for span in spans))


def _piece(
    mark: PromisedMark, stretch: Stretch, template: AnyTemplate, kept: Frames
) -> StretchSample:
    """A part of a stretch, looked at as it is and no other way."""
    planes = kept.of(stretch.frames)
    return StretchSample(stretch, presence(planes, template, mark.box), len(planes))


def _gone(
    mark: PromisedMark, one: StretchSample, most: float, template: AnyTemplate, kept: Frames
) -> bool:
    """Whether a mark does not show in a part of its time in which it would be seen."""
    evidence = one.evidence
    if evidence is None or evidence.found or evidence.strength >= rules.LOST_BELOW * most:
        return False
    return contrast(kept.of(one.stretch.frames), template, mark.box) >= _SEEN


def _together(
    mark: PromisedMark, parts: Sequence[StretchSample], template: AnyTemplate, kept: Frames
) -> StretchSample:
    """Parts of a stretch, measured as one."""
    spans = tuple(span for one in parts for span in one.stretch.spans)
    frames = tuple(frame for one in parts for frame in one.stretch.frames)
    return _piece(mark, Stretch(parts[0].stretch.mark, spans, frames), template, kept)


def _compared(
    reference: Reference, rows: Sequence[int], template: AnyTemplate | None, kept: Planes
) -> tuple[Fidelity | None, Pair | None]:
    """A mark's surroundings held against what was foretold, and a pair of pictures."""
    luma, region = kept.get(Plane.LUMA, NONE), reference.region
    there = [row for row in rows if reference.frames[row] in luma.row]
    if not there or min(region[:2]) < 0:
        return None, None
    frames = [reference.frames[row] for row in there]
    expected, shown = reference.luma[there], _shown(luma, frames, region)
    coloured, own = kept.get(reference.plane, NONE), None
    told_there = template is not None and template.plane is reference.plane
    if reference.own is not None and told_there and all(frame in coloured.row for frame in frames):
        own = reference.own[there], _shown(coloured, frames, region)
    left, top, across, down = reference.box
    box = (left - region[0], top - region[1], across, down)
    middle = len(there) // 2
    both = pair(frames[middle], shown[middle], expected[middle], box)
    return compare(expected, shown, box, template, own), both


def _shown(
    kept: Frames, frames: Sequence[int], region: tuple[int, int, int, int]
) -> NDArray[np.uint8]:
    """A region of frames that are kept."""
    x, y, width, height = region
    return np.stack([plane[y : y + height, x : x + width] for plane in kept.of(frames)])


def _alone(mark: PromisedMark, frames: Sequence[int], kept: Frames) -> Pair | None:
    """A picture of the file alone, where nothing is at hand to hold beside it."""
    there = [frame for frame in frames if frame in kept.row]
    if not there:
        return None
    frame = there[len(there) // 2]
    x, y, width, height = mark.box
    plane: NDArray[np.uint8] = kept.planes[kept.row[frame]]
    rows, columns = plane.shape
    if not (0 < width <= columns and 0 < height <= rows and -width < x < columns):
        return None
    if not -height < y < rows:
        return None
    left, top = max(0, int(x - width / 2)), max(0, int(y - height / 2))
    shown = plane[top : int(y + 1.5 * height) + 1, left : int(x + 1.5 * width) + 1]
    return pair(frame, shown, None, (x - left, y - top, width, height))


def _templates(promises: Promises) -> dict[str, AnyTemplate]:
    """The templates that can be read, by their hash."""
    templates = {}
    for name, png in promises.templates.items():
        with suppress(DocumentError):
            templates[name] = read_template(png)
    return templates
