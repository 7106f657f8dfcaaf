"""One unit of picture work: a self-contained job, its content key, and the call that does it."""

from __future__ import annotations

import gc
from collections.abc import Hashable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from finisher.canonical import Json, digest, to_json
from finisher.event import Color, TransitionKind
from finisher.geometry import Raster
from finisher.media import versions
from finisher.media.copying import copy
from finisher.media.encode import Encoder
from finisher.plan.model import Fill, Mix, Picture, Shot, Worked
from finisher.presets.model import Video
from finisher.problems import Problem, RenderError
from finisher.render.kitchen import (
    Kitchen,
    Order,
    Readers,
    UnitSource,
    Whereabouts,
    check_sources,
    shape_of,
)
from finisher.store import Store
from finisher.timecode import Rate

KIND = "units"
SUFFIX = ".mov"
_REVISION = 4
"""Raised when the same job would be rendered differently by this code."""


@dataclass(frozen=True, slots=True)
class UnitJob:
    """Everything that determines a unit's bytes; `Shot.event` counts its sources."""

    sources: tuple[UnitSource, ...]
    pictures: tuple[Picture, ...]
    raster: Raster
    rate: Rate
    video: Video
    parameter_set: int = 0
    """Number of the encoder's own parameter sets."""
    copied: bool = False
    """Whether the one source's coded pictures are carried over instead."""
    stamp: tuple[int, int, int, int] | None = None
    """Where a draft's pictures say that they are a draft's: x, y, width, height."""

    @property
    def order(self) -> Order:
        """The pictures to be encoded."""
        return Order(self.sources, self.pictures, self.raster, self.video.pixel_format, self.stamp)

    @property
    def key(self) -> str:
        """The content key: the job, the libraries that do it, and this code's revision."""
        return digest(
            {
                "sources": to_json(self.sources),
                "pictures": [compact(picture) for picture in self.pictures],
                "raster": str(self.raster),
                "rate": str(self.rate),
                "video": to_json(self.video),
                "coded": [self.parameter_set, self.copied],
                "stamp": to_json(self.stamp),
                "libraries": versions.libraries(),
                "revision": _REVISION,
            }
        )


def compact(picture: Picture) -> Json:
    """A picture in few characters: `[source, ordinal]`, `null`, or a mix with its weights."""
    match picture:
        case Shot():
            return [picture.event, picture.picture]
        case Worked():
            raise ValueError("a job names finished pictures by their source")
        case Fill():
            return None
        case Mix(kind, outgoing, incoming, step, of, color):
            through: list[Json] = [] if color is None else [list(color)]
            return [str(kind), compact(outgoing), compact(incoming), step, of, *through]


def expanded(value: Json) -> Picture:
    """The picture that `compact` made this of.

    Raises:
        ValueError: when it is of no such form.
    """
    match value:
        case None:
            return Fill()
        case [int(source), int(ordinal)]:
            return Shot(source, ordinal)
        case [str(kind), outgoing, incoming, int(step), int(of), *through]:
            mixed = expanded(outgoing), expanded(incoming)
            return Mix(TransitionKind(kind), *mixed, step, of, *map(_color, through))
    raise ValueError(f"no picture: {value!r}")


def _color(value: Json) -> Color:
    match value:
        case [int(red), int(green), int(blue)]:
            return red, green, blue
    raise ValueError(f"no colour: {value!r}")


def render_unit(job: UnitJob, whereabouts: Whereabouts) -> Path:
    """Render a unit into the store, unless it is there, and return its file.

    Raises:
        RenderError: when fewer or more frames come out than the job lists.
        MediaError: when a source picture can't be read.
    """

    def write(destination: Path) -> None:
        check_sources(job.sources, whereabouts)
        count = (_carry if job.copied else _encode)(job, whereabouts, destination)
        _check(count, job)
        check_sources(job.sources, whereabouts)
        _let_go()

    return Store(whereabouts.store).make(KIND, job.key, SUFFIX, write)


def render_together(jobs: Sequence[UnitJob], whereabouts: Whereabouts) -> tuple[Path, ...]:
    """Render units of several deliverables that show the same pictures, each decoded once.

    What is in the store is left as it is; their files, in the order of the jobs.

    Raises:
        RenderError, MediaError: as `render_unit`; then none of those under way is kept.
    """
    store = Store(whereabouts.store)
    left = [job for job in jobs if store.get(KIND, job.key, SUFFIX) is None]

    def write(destinations: Sequence[Path]) -> None:
        orders = [job.order for job in left]
        check_sources(left[0].sources, whereabouts)
        with ExitStack() as stack:
            readers = stack.enter_context(Readers(orders))
            kitchens = [Kitchen(order, whereabouts, readers).pictures() for order in orders]
            encoders = [
                stack.enter_context(_encoder(job, path))
                for job, path in zip(left, destinations, strict=True)
            ]
            for pictures in zip(*kitchens, strict=True):
                for encoder, picture in zip(encoders, pictures, strict=True):
                    encoder.add(picture)
        for job, encoder in zip(left, encoders, strict=True):
            _check(encoder.count, job)
        check_sources(left[0].sources, whereabouts)

    if left:
        store.put_together(KIND, [job.key for job in left], SUFFIX, write)
        _let_go()
    return tuple(store.path(KIND, job.key, SUFFIX) for job in jobs)


def alike(job: UnitJob) -> Hashable:
    """What jobs have in common that can be rendered together; None for one that can't be."""
    if job.copied or job.video.vmaf is not None or job.video.file_bytes is not None:
        return None
    return (tuple(source.sha256 for source in job.sources), job.pictures, job.rate)


def _let_go() -> None:
    """Free what a unit was made with before the next is begun.

    Files and their streams refer to each other: an encoder's memory, some 150 MB, would wait for
    a collection that few objects ever bring about.
    """
    gc.collect()


def _check(count: int, job: UnitJob) -> None:
    if count != len(job.pictures):
        message = f"{count} frames came out of {len(job.pictures)}"
        raise RenderError(Problem("frame-count", message))


def _encode(job: UnitJob, whereabouts: Whereabouts, destination: Path) -> int:
    """Make the unit's pictures and encode them; how many came out."""
    order = job.order
    with Readers([order]) as readers, _encoder(job, destination) as encoder:
        for picture in Kitchen(order, whereabouts, readers).pictures():
            encoder.add(picture)
    return encoder.count


def _encoder(job: UnitJob, destination: Path) -> Encoder:
    return Encoder(destination, job.video, job.raster, job.rate, job.parameter_set)


def _carry(job: UnitJob, whereabouts: Whereabouts, destination: Path) -> int:
    """Carry the unit's coded pictures over from its take; how many came over."""
    path = whereabouts.takes[job.sources[0].sha256]
    shown = [picture.picture for picture in job.pictures if isinstance(picture, Shot)]
    ordinals = range(shown[0], shown[-1] + 1)
    return copy(path, shape_of(path).index, ordinals, job.rate, destination)
