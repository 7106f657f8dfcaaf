"""The takes' own pictures that a programme shows: what delivered colours are held against."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.facts import Facts, FrameIndex
from finisher.look import ColorTags
from finisher.media.index import picture_shape
from finisher.media.wholes import wholes
from finisher.plan.model import Plan, Shot


@dataclass(frozen=True, slots=True)
class _Source:
    """A take's pictures, and which of them stand in the programme."""

    path: str
    index: FrameIndex | None
    """None for a copy, which is timed in its own way: its file tells."""
    read: ColorTags
    """Matrix and range."""


@dataclass(frozen=True, slots=True)
class Originals:
    """What pictures of takes a programme shows, and where they are to be had; can be pickled."""

    sources: dict[str, _Source]
    """By event."""
    shown: dict[str, dict[int, int]]
    """By event: ordinals by the programme frames that show them and nothing else."""

    def pictures(
        self, event: str, frames: Sequence[int], size: tuple[int, int]
    ) -> dict[int, NDArray[np.uint8]]:
        """The take's whole pictures behind programme frames, neither graded nor framed.

        By programme frame, (height, width, 3) full-range RGB at a width and height; frames that
        show anything but one picture of that event are left out.

        Raises:
            MediaError: when the take can't be read.
        """
        shown = self.shown.get(event, {})
        wanted = sorted({shown[frame] for frame in frames if frame in shown})
        if not wanted:
            return {}
        source = self.sources[event]
        path = Path(source.path)
        index = picture_shape(path).index if source.index is None else source.index
        found = wholes(path, index, source.read, wanted)
        sized = {o: _sized(picture, size) for o, picture in zip(wanted, found, strict=True)}
        return {frame: sized[shown[frame]] for frame in frames if frame in shown}


def _sized(picture: NDArray[np.uint8], size: tuple[int, int]) -> NDArray[np.uint8]:
    """A picture at a size: by areas where it shrinks, by cubics where it grows."""
    height, width = picture.shape[:2]
    if (width, height) == size:
        return picture
    how = cv2.INTER_AREA if size[0] < width else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(picture, size, interpolation=how), np.uint8)


def originals(plan: Plan, facts: Facts) -> Originals:
    """The pictures of the takes behind every frame of an event that carries hidden marks."""
    reads = {take.id: take.read for take in plan.takes}
    pictures = plan.pictures
    sources, shown = {}, {}
    for number, event in enumerate(plan.events):
        if not event.hidden:
            continue
        take, read = facts.takes[event.take], reads[event.take]
        tags = ColorTags(read.range, read.matrix)
        index = take.index if take.copy is None else None
        sources[event.id] = _Source(take.picture, index, tags)
        shown[event.id] = {
            frame: picture.picture
            for frame, picture in enumerate(pictures)
            if isinstance(picture, Shot) and picture.event == number
        }
    return Originals(sources, shown)
