"""One unit of picture work: a self-contained job, its content key, and the call that does it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from finisher.canonical import Json, digest, to_json
from finisher.geometry import Raster
from finisher.media import versions
from finisher.media.copying import copy
from finisher.media.encode import encode
from finisher.plan.model import Fill, Mix, Picture, Shot, Worked
from finisher.presets.model import Video
from finisher.problems import Problem, RenderError
from finisher.render.kitchen import Kitchen, Order, UnitSource, Whereabouts, shape_of
from finisher.store import Store
from finisher.timecode import Rate
from finisher.timeline import Color, TransitionKind

KIND = "units"
SUFFIX = ".mov"
_REVISION = 2
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
        count = (_carry if job.copied else _encode)(job, whereabouts, destination)
        if count != len(job.pictures):
            raise RenderError(
                Problem("frame-count", f"{count} frames came out of {len(job.pictures)}")
            )

    return Store(whereabouts.store).make(KIND, job.key, SUFFIX, write)


def _encode(job: UnitJob, whereabouts: Whereabouts, destination: Path) -> int:
    """Make the unit's pictures and encode them; how many came out."""
    with ExitStack() as stack:
        order = Order(job.sources, job.pictures, job.raster, job.video.pixel_format, job.stamp)
        pictures = Kitchen(order, whereabouts, stack).pictures()
        return encode(
            pictures,
            job.video,
            job.raster,
            job.rate,
            destination,
            parameter_set=job.parameter_set,
        )


def _carry(job: UnitJob, whereabouts: Whereabouts, destination: Path) -> int:
    """Carry the unit's coded pictures over from its take; how many came over."""
    path = whereabouts.takes[job.sources[0].sha256]
    shown = [picture.picture for picture in job.pictures if isinstance(picture, Shot)]
    ordinals = range(shown[0], shown[-1] + 1)
    return copy(path, shape_of(path).index, ordinals, job.rate, destination)
