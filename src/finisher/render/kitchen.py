"""Finished pictures from open takes: read, conformed and mixed, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from finisher.geometry import Framing, Raster
from finisher.media.blend import Passing, blend, fill
from finisher.media.conform import Conform, PictureInput
from finisher.media.frames import VideoFrame
from finisher.media.index import picture_shape
from finisher.media.reader import PictureReader
from finisher.plan.model import Fill, Mix, Picture, Shot, Worked


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


@dataclass(frozen=True, slots=True)
class Order:
    """The pictures to be made, in order; `Shot.event` counts the sources."""

    sources: tuple[UnitSource, ...]
    pictures: tuple[Picture, ...]
    raster: Raster
    pixel_format: str


class Kitchen:
    """The open takes and graphs of one order."""

    def __init__(self, order: Order, whereabouts: Whereabouts, stack: ExitStack) -> None:
        """Open what the order needs; the stack closes it."""
        self._order = order
        self._marks = tuple(sorted({box for source in order.sources for box in source.marks}))
        self._streams = {
            number: self._stream(number, lane, whereabouts, stack)
            for number, lane in _lanes(order.pictures).items()
        }

    def _stream(
        self,
        number: tuple[int, int],
        ordinals: list[int],
        whereabouts: Whereabouts,
        stack: ExitStack,
    ) -> Iterator[VideoFrame]:
        """Finished pictures of one source along one lane, in the order they are asked for."""
        source = self._order.sources[number[0]]
        path = whereabouts.takes[source.sha256]
        shape = picture_shape(path)
        reader = stack.enter_context(PictureReader(path, shape.index))
        conform = Conform(
            PictureInput(
                shape.pixel_format, Fraction(shape.index.time_base), source.matrix, source.range
            ),
            source.framing,
            whereabouts.luts[source.lut] if source.lut is not None else None,
            self._order.pixel_format,
        )
        return (conform(picture) for picture in reader.pictures(ordinals))

    def pictures(self) -> Iterator[VideoFrame]:
        """The pictures, finished."""
        for picture in self._order.pictures:
            yield self._finished(picture, 0)

    def _finished(self, picture: Picture, lane: int) -> VideoFrame:
        match picture:
            case Fill():
                raster = self._order.raster
                return fill(raster.width, raster.height, self._order.pixel_format)
            case Shot(event=event):
                return next(self._streams[event, lane])
            case Worked():
                raise ValueError("an order names finished pictures by their source")
            case Mix(kind, outgoing, incoming, step, of, color):
                first = self._finished(outgoing, 2 * lane + 1)
                second = self._finished(incoming, 2 * lane + 2)
                return blend(first, second, Passing(kind, step, of, color, self._marks))


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
