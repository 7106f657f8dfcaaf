"""How often a mark is found where it is not, on takes like the user's: measured, written down."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Box
from finisher.media.sketch import Kept
from finisher.pipeline.elsewhere import LONG, stays, surely
from finisher.pipeline.glances import each, glance, spare
from finisher.pipeline.names import write_whole
from finisher.pipeline.settings import Settings
from finisher.problems import DocumentError, MediaError, Problem, Where
from finisher.progress import Listener
from finisher.sighting import Plane
from finisher.watermark.calibration import (
    RULE,
    Calibration,
    TakeTried,
    Tried,
    counts,
    is_one,
    once,
    together,
)
from finisher.watermark.evidence import elsewhere, presence
from finisher.watermark.jumping import same_place
from finisher.watermark.learnt import Learnt
from finisher.watermark.rules import SMALLEST_SIDE, found
from finisher.watermark.template import AnyTemplate, PlacedBox, read_template, sha256, views
from finisher.watermark.texture import ENOUGH, textured

_GROUPS = 4
"""Tests of one take: each of its own pictures, spread over it."""
_EACH = 8
"""Pictures of a test, as of an event of ordinary length."""


def calibrate(
    files: Sequence[Path],
    mark: Path,
    box: Box | None,
    settings: Settings,
    workers: Executor,
    listen: Listener,
) -> Calibration:
    """Count how often the decision of an audit finds a mark where takes don't have it.

    `box` is where the mark stands in those that have it, in their pixels; that of a learnt mark is
    known. Takes in which it is found there are looked at elsewhere alone; in all others its own
    place tells too. Takes without texture count for nothing, files of one content once.

    Raises:
        DocumentError: when the template can't be read, or the box is not known, or too small for
            any mark to be told there, or so large that it leaves no other place.
        MediaError: when a take can't be read, is smaller than the box, or none has any texture.
        MachineError: when a worker is killed.
    """
    png = _bytes(mark)
    template = read_template(png)
    if box is None:
        if not isinstance(template, Learnt):
            message = f"{mark.name} does not say where in the takes it stands"
            raise DocumentError(Problem("usage", message, hint="--box x,y,width,height"))
        box = template.told.box
    if min(box.width, box.height) < SMALLEST_SIDE:
        message = f"a mark can't be told by fewer than {SMALLEST_SIDE:.0f} pixels a side"
        raise DocumentError(
            Problem("usage", message, hint="--box x,y,width,height, in take pixels")
        )
    distinct = list({path.resolve(): path for path in files}.values())
    circumstances = listen, workers, _try, settings.cache
    takes = once(tuple(each("takes", distinct, *circumstances, png, box)))
    if all(take.plain for take in takes):
        message = "nothing in these takes could pass for a mark: they are flat, or blurred all over"
        hint = "calibrate on takes with texture, like those of the edit"
        raise MediaError(Problem("takes-plain", message, hint=hint))
    if not counts(takes):
        message = "the mark's box leaves no other place in these takes to look at"
        raise DocumentError(Problem("usage", message, hint="give the mark's own box"))
    return Calibration(sha256(png), RULE, takes)


def _bytes(mark: Path) -> bytes:
    """A template's file.

    Raises:
        DocumentError: when it can't be read.
    """
    try:
        return mark.read_bytes()
    except OSError as error:
        message = f"the template can't be read: {error.strerror or error}"
        raise DocumentError(Problem("template-missing", message, Where(str(mark)))) from error


def _try(path: str, root: Path, png: bytes, box: Box) -> TakeTried:
    """Look for a mark in one take; what a worker does.

    What is found of one that jumps may be the mark itself, at another of its places: where the scan
    finds it at its box and elsewhere the pictures count that show it at its box.

    Raises:
        MediaError: when it can't be read, or is smaller than the box.
    """
    template = read_template(png)
    tried = _tried(path, root, template, box.numbers, None)
    if not (tried.elsewhere.found or tried.unmarked.found):
        return tried
    places = [
        place
        for place in stays(path, root, views(template)[-1], box)
        if place.end - place.start >= LONG
    ]
    here = [place for place in places if same_place(place.box, box)]
    if not here or len(here) == len(places):
        return tried
    when = [picture for place in here for picture in surely(place)]
    return _tried(path, root, template, box.numbers, when)


def _tried(
    path: str, root: Path, template: AnyTemplate, place: PlacedBox, when: Sequence[int] | None
) -> TakeTried:
    """Look for a mark in one take, in all its pictures or those that are told.

    Raises:
        MediaError: when it can't be read, or is smaller than the box.
    """
    wanted = Plane.LUMA, *(view.plane for view in views(template))
    sha256, raster, kept = glance(path, root, _GROUPS * _EACH, when, wanted)
    inside = (
        place[0] + place[2] <= raster.width
        and place[1] + place[3] <= raster.height
        and min(place[:2]) >= 0
    )
    if not inside:
        message = f"the mark's box is not inside its {raster} pictures"
        raise MediaError(Problem("rasters-differ", message, Where(path), "calibrate on one size"))
    count = max(1, len(kept) // _EACH)
    groups = [kept[i::count] for i in range(count)]
    here = [_found(group, template, place) for group in groups]
    marked = sum(here) * 2 > len(here)
    if textured((group[0].luma for group in groups), place) < ENOUGH:
        return TakeTried(Path(path).name, sha256, marked, Tried(0, 0), Tried(0, 0), plain=True)
    away = [_away(group, template, place) for group in groups]
    unmarked = Tried(0, 0) if marked else Tried(len(here), sum(here))
    return TakeTried(Path(path).name, sha256, marked, together(away), unmarked)


def _seen(group: Sequence[Kept], view: AnyTemplate) -> Iterator[NDArray[np.uint8]]:
    """The plane that a mark is looked for in, of each picture."""
    return (one.planes[view.plane] for one in group)


def _found(group: Sequence[Kept], template: AnyTemplate, place: PlacedBox) -> bool:
    """Whether a mark is found at its place, in any plane that it is looked for in."""
    return any(presence(_seen(group, one), one, place).found for one in views(template))


def _away(group: Sequence[Kept], template: AnyTemplate, place: PlacedBox) -> Tried:
    """Places of the picture beside the mark's own, and how many were taken for it."""
    pairs = [elsewhere(_seen(group, one), one, place) for one in views(template)]
    hits = [[found(score, z) for score, z in some.astype(float).tolist()] for some in pairs]
    # The places are the same in every plane: one that passes in any of them is one too many.
    return Tried(len(hits[0]), sum(map(any, zip(*hits, strict=True))))


def write(calibration: Calibration, destination: Path, inputs: Sequence[Path]) -> None:
    """Write a calibration for edits to name.

    Raises:
        DocumentError, MachineError: as `check`; or when it can't be written.
    """
    check(destination, inputs)
    text = json.dumps(calibration.document(), indent=2)
    write_whole(destination, text + "\n")


def check(destination: Path, inputs: Sequence[Path]) -> None:
    """Make sure that a calibration may be written: over nothing but an earlier one.

    Raises:
        DocumentError: when it may not.
        MachineError: when nothing can be written there.
    """
    if destination.suffix.lower() != ".json":
        message = f"-o {destination}: a calibration is a JSON document"
        hint = f"-o {destination.with_suffix('.json').name}"
        raise DocumentError(Problem("usage", message, hint=hint))
    spare([(destination, "a calibration", is_one)], inputs)
