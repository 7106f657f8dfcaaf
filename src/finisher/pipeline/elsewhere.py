"""Whether takes show a learnt mark at other places than the one it was learnt at: then it jumps.

A mark that stands at one place of all takes for part of their time may stand out of their averages,
and is learnt there as if it stood still. Its own template tells: it is scanned for in each take,
and where that finds it elsewhere the audit's own measure must see it there, and not where it was
learnt, in the same pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from pathlib import Path

from finisher.geometry import Box
from finisher.ingest.inputs import looked_at
from finisher.media.sketch import Closer
from finisher.pipeline.glances import COLOUR_SIDE, each, glance, opened
from finisher.pipeline.settings import Settings
from finisher.progress import Listener
from finisher.sighting import MarkPlace
from finisher.store import Store
from finisher.watermark.evidence import presence
from finisher.watermark.jumping import same_place
from finisher.watermark.learnt import Learnt, learnt_png
from finisher.watermark.scan import Scan
from finisher.watermark.template import AnyTemplate, read_template

_TAKES = 2
"""Takes that must show it elsewhere: one may carry something else that looks like it."""
LONG = 12
"""Pictures at a place from which on it counts: in fewer hardly anything moves."""
_TRIM = 1
"""Pictures at either end of a stretch that are left out: an end may be off by so many."""
_PICTURES = 16

Places = tuple[MarkPlace, ...]


def elsewhere(
    files: Sequence[Path], learnt: Learnt, settings: Settings, workers: Executor, listen: Listener
) -> dict[Path, Places]:
    """Where each take shows a mark that jumps, and when; nothing of one that stays where it is.

    Raises:
        MediaError: when a take can't be read.
        MachineError: when a worker is killed.
    """
    circumstances = listen, workers, _places, settings.cache
    found = each("elsewhere", files, *circumstances, learnt_png(learnt))
    if sum(moved for _, moved in found) < _TAKES:
        return {}
    return {path: places for path, (places, _) in zip(files, found, strict=True)}


def _places(path: str, root: Path, png: bytes) -> tuple[Places, bool]:
    """Where one take shows a mark, and whether it is surely not always where it was learnt.

    Raises:
        MediaError: when it can't be read.
    """
    learnt = read_template(png)
    if not isinstance(learnt, Learnt):
        raise TypeError("a learnt mark is looked for")
    box = learnt.told.box
    places = stays(path, root, learnt, box)
    away = [one for one in places if not same_place(one.box, box)]
    longest = max(away, key=lambda one: one.end - one.start, default=None)
    if longest is None or longest.end - longest.start < LONG:
        return places, False
    _, _, kept = glance(path, root, _PICTURES, surely(longest), [learnt.plane])
    seen = [one.planes[learnt.plane] for one in kept]

    def shows(where: Box) -> bool:
        return presence(seen, learnt, where.numbers).found

    return places, shows(longest.box) and not shows(box)


def stays(path: str, root: Path, template: AnyTemplate, box: Box) -> Places:
    """Where the scan finds a mark in one take, as large as a box, and when.

    Raises:
        MediaError: when it can't be read.
    """
    scan, store = Scan(template, (int(box.width), int(box.height))), Store(root)
    _, picture, shape = opened(path, store, root)
    closer = Closer(frozenset(), COLOUR_SIDE, watchers=((scan.plane, scan.add),))
    looked_at(picture, shape, closer, None, store)
    return scan.places()


def surely(place: MarkPlace) -> range:
    """Pictures in which it stands at a place, whichever way its ends are off."""
    return range(place.start + _TRIM, place.end - _TRIM)
