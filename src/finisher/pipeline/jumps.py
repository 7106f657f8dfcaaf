"""When takes show a mark that jumps at one and the same place, so that it is learnt there."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from finisher.geometry import Box, Raster
from finisher.pipeline.glances import each, small
from finisher.pipeline.settings import Settings
from finisher.progress import Listener
from finisher.sighting import MarkPlace
from finisher.watermark.jumping import SIDE, jumping
from finisher.watermark.learn import Area

_MOST = 144
"""Pictures of a take that are looked at, from its beginning: what is compared grows with their
square, and is 220 MB of these."""
_SAME = 0.5
"""Intersection over union from which on what is learnt at a place is what was found to jump."""


@dataclass(frozen=True, slots=True)
class Jumps:
    """Where each of some takes shows a mark, and when; in pixels of the takes."""

    box: Box
    """The place that most of them show long enough."""
    pictures: tuple[tuple[int, ...], ...]
    """Ordinals of each take's pictures that show it there; none of a take that hardly does."""
    places: tuple[tuple[MarkPlace, ...], ...]

    def at(self, areas: Sequence[Area]) -> list[Area]:
        """Those of some areas that are its box, as nearly as boxes are learnt."""
        return [area for area in areas if _overlap(area, self.box) >= _SAME]


def jumps(
    files: Sequence[Path],
    raster: Raster,
    settings: Settings,
    workers: Executor,
    listen: Listener,
) -> Jumps | str:
    """Look for a mark that jumps in takes of a size; or why none was found.

    Raises:
        MediaError: when one can't be read.
        MachineError: when a worker is killed.
    """
    seen = each("jumps", files, listen, workers, small, settings.cache, SIDE, _MOST)
    found = jumping(seen)
    if isinstance(found, str):
        return found
    box, pictures = found.standing()
    scale = Fraction(raster.width, found.learnt.told.raster.width)
    places = tuple(
        tuple(replace(place, box=_scaled(place.box, scale)) for place in take)
        for take in found.places
    )
    return Jumps(_scaled(box, scale), pictures, places)


def _scaled(box: Box, scale: Fraction) -> Box:
    """A box in whole pixels of takes that are `scale` times as large."""
    return Box.of(*(round(side * scale) for side in (box.x, box.y, box.width, box.height)))


def _overlap(area: Area, box: Box) -> float:
    """Intersection over union."""
    x, y, width, height = (float(one) for one in (box.x, box.y, box.width, box.height))
    wide = min(area.x + area.width, x + width) - max(area.x, x)
    high = min(area.y + area.height, y + height) - max(area.y, y)
    both = max(0.0, wide) * max(0.0, high)
    return both / (area.width * area.height + width * height - both)
