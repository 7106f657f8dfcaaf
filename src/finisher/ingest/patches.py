"""The colours of a session's patches, read from the pictures that its edit points at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.color.fit import Colours
from finisher.facts import PictureFacts
from finisher.ingest.inputs import looked_at
from finisher.media.index import picture_shape
from finisher.media.sketch import Closer
from finisher.problems import DocumentError, Problem
from finisher.store import Store
from finisher.timeline import Area, Session, Timeline

Picture = tuple[str, int]
"""A take and the ordinal of one of its pictures."""


def check(timeline: Timeline, session: Session, takes: Mapping[str, PictureFacts]) -> None:
    """Find every patch of a session inside its takes.

    Raises:
        DocumentError: for boxes that reach beyond the picture, and frames beyond the take.
    """
    problems = [
        problem
        for number, patch in enumerate(session.patches)
        for side, area in (("ours", patch.ours), ("theirs", patch.theirs))
        for problem in _wrong(timeline, session, f"patch {number + 1}, {side}", area, takes)
    ]
    if problems:
        raise DocumentError(problems)


def colours(
    timeline: Timeline, session: Session, takes: Mapping[str, PictureFacts], store: Store
) -> Colours:
    """The mean display-encoded Rec.709 RGB of both areas of every patch, all of equal weight.

    A frame shows the last picture at or before its instant. `check` has passed.

    Raises:
        MediaError: when a picture can't be decoded.
        MachineError: when the store can't be written.
    """
    wanted: dict[str, set[int]] = {}
    for patch in session.patches:
        for area in (patch.ours, patch.theirs):
            wanted.setdefault(area.take, set()).add(_picture(timeline, area, takes)[1])
    found: dict[Picture, NDArray[np.uint8]] = {}
    for take, ordinals in wanted.items():
        read = _read(takes[take], frozenset(ordinals), store)
        found |= {(take, ordinal): rgb for ordinal, rgb in read.items()}

    def mean(area: Area) -> NDArray[np.float64]:
        picture = found[_picture(timeline, area, takes)]
        return _mean(picture, area, takes[area.take])

    return Colours(
        np.array([mean(patch.ours) for patch in session.patches]),
        np.array([mean(patch.theirs) for patch in session.patches]),
        np.ones(len(session.patches)),
    )


def _wrong(
    timeline: Timeline, session: Session, what: str, area: Area, takes: Mapping[str, PictureFacts]
) -> Iterator[Problem]:
    """What is wrong with one area."""
    facts = takes[area.take]
    name = f'session "{session.id}", {what}'
    frames = facts.index.frames_at(timeline.rate)
    if not 0 <= area.at < frames:
        message = f'{name}: take "{area.take}" has no frame {area.at}'
        yield Problem("patch-frame", message, session.where, f"its frames are 0 to {frames - 1}")
    if not area.box.area or not area.box.within(facts.raster):
        message = f'{name}: its box is not inside the pictures of take "{area.take}"'
        yield Problem("patch-box", message, session.where, f"they are {facts.raster}")


def _picture(timeline: Timeline, area: Area, takes: Mapping[str, PictureFacts]) -> Picture:
    """The picture that is on screen at an area's frame."""
    return area.take, takes[area.take].index.at(timeline.rate.seconds(area.at))


def _read(
    facts: PictureFacts, ordinals: frozenset[int], store: Store
) -> dict[int, NDArray[np.uint8]]:
    """Pictures of a take at full size, the way its sketches are made."""
    path = Path(facts.picture)
    # What the colour of a copy means, the take alone tells.
    shape = replace(picture_shape(path), tags=facts.tags)
    closer = Closer(ordinals, max(facts.raster.width, facts.raster.height))
    kept = looked_at(path, shape, closer, None, store)
    return {ordinal: picture.colour for ordinal, picture in kept.items()}


def _mean(picture: NDArray[np.uint8], area: Area, facts: PictureFacts) -> NDArray[np.float64]:
    """The mean colour, 0 to 1, of every pixel that an area touches."""
    # Sizes of sketches are even: an odd picture's differs from its own by a pixel.
    down = picture.shape[0] / facts.raster.height
    across = picture.shape[1] / facts.raster.width
    x, y, width, height = area.box.whole()
    rows = slice(int(y * down), max(int(y * down) + 1, round((y + height) * down)))
    columns = slice(int(x * across), max(int(x * across) + 1, round((x + width) * across)))
    mean: NDArray[np.float64] = picture[rows, columns].mean(axis=(0, 1)) / 255.0
    return mean
