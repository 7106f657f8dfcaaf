"""Finished pictures from open takes: read, conformed and mixed, one after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import tee
from pathlib import Path
from types import TracebackType
from typing import Self

from finisher.contents import unchanged
from finisher.geometry import Framing, Raster
from finisher.media.blend import Passing, blend, fill
from finisher.media.conform import Conform, PictureInput, siting
from finisher.media.dither import deep, dithered
from finisher.media.frames import VideoFrame
from finisher.media.index import PictureShape, picture_shape
from finisher.media.reader import PictureReader
from finisher.plan.model import Fill, Mix, Picture, Shot, Worked
from finisher.store import Store

Pictures = Iterator[VideoFrame]


@dataclass(frozen=True, slots=True)
class UnitSource:
    """A take as one event of the unit shows it; `lut` is the content digest of a baked cube."""

    sha256: str
    matrix: str
    range: str
    framing: Framing
    lut: str | None
    marks: tuple[tuple[int, int, int, int], ...] = ()
    """Boxes of its marks (x, y, width, height), where pictures are blended along their motion."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where on this machine the content a job names is found."""

    takes: dict[str, Path]
    """Path of a take by SHA-256."""
    luts: dict[str, Path]
    """Path of a baked cube by digest."""
    store: Path
    digests: tuple[str, ...] = ()
    """Takes that go by the SHA-256 of the very file, and are held to it."""

    def joined(self, other: Whereabouts) -> Whereabouts:
        """What either knows; both have one store."""
        return Whereabouts(
            self.takes | other.takes,
            self.luts | other.luts,
            self.store,
            tuple(sorted({*self.digests, *other.digests})),
        )


@dataclass(frozen=True, slots=True)
class Order:
    """The pictures to be made, in order; `Shot.event` counts the sources."""

    sources: tuple[UnitSource, ...]
    pictures: tuple[Picture, ...]
    raster: Raster
    pixel_format: str
    stamp: tuple[int, int, int, int] | None = None
    """Where a draft's pictures say that they are a draft's: x, y, width, height."""


class Readers:
    """Open takes, read by one kitchen, or by several that make the same pictures in step.

    What several ask for alike is decoded once; each must take its picture before any takes the
    next, or those in between are held.
    """

    def __init__(self, orders: Sequence[Order]) -> None:
        """Readers for the kitchens of these orders."""
        self._stack = ExitStack()
        self._parties = len(orders)
        self._shared: dict[tuple[Path, tuple[int, int], tuple[int, ...]], list[Pictures]] = {}
        largest = max(order.raster.width * order.raster.height for order in orders)
        self.most_held = max(1, _HELD_PIXELS // (largest * len(orders)))
        """Pictures a kitchen may hold because they are shown again."""

    def __enter__(self) -> Self:
        """Use as a context manager to close the takes."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Close the takes; after an error a graph may hold a picture, and is laid anew."""
        if kind is not None:
            _graph.cache_clear()
        self._shared.clear()
        self._stack.close()

    def pictures(self, path: Path, lane: tuple[int, int], ordinals: Sequence[int]) -> Pictures:
        """A take's pictures of these ordinals, along a lane of its own."""
        shared = self._shared.setdefault((path, lane, tuple(ordinals)), [])
        if not shared:
            reader = self._stack.enter_context(PictureReader(path, shape_of(path).index))
            shared += tee(reader.pictures(ordinals), self._parties)
        return shared.pop()


class Kitchen:
    """The open takes and graphs of one order."""

    def __init__(self, order: Order, whereabouts: Whereabouts, readers: Readers) -> None:
        """Open what the order needs; whoever made the readers closes them."""
        self._order = order
        self._marks = tuple(sorted({box for source in order.sources for box in source.marks}))
        self._streams = {
            number: self._stream(number, lane, whereabouts, readers)
            for number, lane in _lanes(order.pictures).items()
        }

    def _stream(
        self,
        number: tuple[int, int],
        ordinals: list[int],
        whereabouts: Whereabouts,
        readers: Readers,
    ) -> Iterator[VideoFrame]:
        """Finished pictures of one source along one lane, in the order they are asked for."""
        source = self._order.sources[number[0]]
        path = whereabouts.takes[source.sha256]
        shape = shape_of(path)
        conform = _graph(
            PictureInput(
                shape.pixel_format,
                Fraction(shape.index.time_base),
                source.matrix,
                source.range,
                siting(shape.codec),
            ),
            source.framing,
            whereabouts.luts[source.lut] if source.lut is not None else None,
            self._format(number[1]),
        )
        schedule = held(ordinals, readers.most_held)
        fresh = [serving.ordinal for serving in schedule if serving.fresh]
        return _served(schedule, conform, readers.pictures(path, number, fresh))

    def pictures(self) -> Iterator[VideoFrame]:
        """The pictures, finished."""
        finished = (self._finished(picture, 0) for picture in self._order.pictures)
        if self._order.stamp is None:
            yield from finished
            return
        from finisher.media.stamp import stamped  # noqa: PLC0415 (drafts alone wait for OpenCV)

        yield from (stamped(picture, self._order.stamp) for picture in finished)

    def _format(self, lane: int) -> str:
        """The format of pictures on a lane: those to be mixed are deep until they are."""
        return deep(self._order.pixel_format) if lane else self._order.pixel_format

    def _finished(self, picture: Picture, lane: int) -> VideoFrame:
        """A picture by itself, or as a lane of a mix has it."""
        match picture:
            case Fill():
                raster = self._order.raster
                return fill(raster.width, raster.height, self._format(lane))
            case Shot(event=event):
                return next(self._streams[event, lane])
            case Worked():
                raise ValueError("an order names finished pictures by their source")
            case Mix(kind, outgoing, incoming, step, of, color):
                first = self._finished(outgoing, 2 * lane + 1)
                second = self._finished(incoming, 2 * lane + 2)
                mixed = blend(first, second, Passing(kind, step, of, color, self._marks))
                return mixed if lane else dithered(mixed, self._order.pixel_format)


def check_sources(sources: Iterable[UnitSource], whereabouts: Whereabouts) -> None:
    """Make sure that takes are the ones that were measured; what lies in the store is sealed.

    Raises:
        MediaError: when one is not, or not any more.
    """
    store = Store(whereabouts.store)
    for sha256 in sorted({source.sha256 for source in sources}.intersection(whereabouts.digests)):
        unchanged(whereabouts.takes[sha256], sha256, store)


def shape_of(path: Path) -> PictureShape:
    """A take as its container describes it, looked at once by each worker.

    Raises:
        MediaError: as `finisher.media.index.picture_shape`.
    """
    try:
        status = path.stat()
    except OSError:
        return picture_shape(path)  # which says what is wrong
    return _shape(path, status.st_size, status.st_mtime_ns)


@lru_cache(maxsize=64)
def _shape(path: Path, size: int, changed: int) -> PictureShape:
    """The same, for as long as the file is the same."""
    del size, changed
    return picture_shape(path)


_HELD_PIXELS = 48_000_000
"""Pixels held for being shown again: two dozen pictures of 1080x1920, some 75 MB in 8 bits, and
twice that where they are to be mixed."""


@lru_cache(maxsize=4)
def _graph(source: PictureInput, framing: Framing, lut: Path | None, pixel_format: str) -> Conform:
    """A graph, kept for the units to come: laying one and reading its cube takes its time."""
    return Conform(source, framing, lut, pixel_format)


@dataclass(frozen=True, slots=True)
class Serving:
    """One picture of a schedule: read anew or held from before, and whether to hold it on."""

    ordinal: int
    fresh: bool
    hold: bool


def held(ordinals: Sequence[int], most: int) -> list[Serving]:
    """Which pictures to hold because they are shown again, never more than `most` at once.

    Those that a loop comes back to; a repeat of the last picture needs no holding.
    """
    last = {ordinal: i for i, ordinal in enumerate(ordinals)}
    kept: set[int] = set()
    found: list[Serving] = []
    for i, ordinal in enumerate(ordinals):
        fresh = ordinal not in kept
        again = last[ordinal] > i
        if again and (not fresh or len(kept) < most):
            kept.add(ordinal)
        else:
            kept.discard(ordinal)
        found.append(Serving(ordinal, fresh, ordinal in kept))
    return found


def _served(
    schedule: Sequence[Serving], conform: Conform, fresh: Iterator[VideoFrame]
) -> Iterator[VideoFrame]:
    """Finished pictures by a schedule, from those read anew."""
    kept: dict[int, VideoFrame] = {}
    for serving in schedule:
        picture = conform(next(fresh)) if serving.fresh else kept[serving.ordinal]
        if serving.hold:
            kept[serving.ordinal] = picture
        else:
            kept.pop(serving.ordinal, None)
        yield picture


def _lanes(pictures: tuple[Picture, ...]) -> dict[tuple[int, int], list[int]]:
    """What each reader will be asked for.

    A source has one reader for every place it takes in a mix (outgoing, incoming, alone), so
    that each reads forwards instead of jumping between the two sides of a seam.
    """
    lanes: dict[tuple[int, int], list[int]] = {}

    def visit(picture: Picture, lane: int) -> None:
        match picture:
            case Shot(event=event, picture=ordinal):
                lanes.setdefault((event, lane), []).append(ordinal)
            case Mix(outgoing=outgoing, incoming=incoming):
                visit(outgoing, 2 * lane + 1)
                visit(incoming, 2 * lane + 2)
            case _:
                pass

    for picture in pictures:
        visit(picture, 0)
    return lanes
