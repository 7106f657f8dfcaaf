"""One unit of picture work: a self-contained job, its content key, and the call that does it."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from finisher.canonical import Json, digest, to_json
from finisher.geometry import Raster
from finisher.media import versions
from finisher.media.encode import encode
from finisher.plan.model import Fill, Mix, Picture, Shot, Worked
from finisher.presets.model import Video
from finisher.problems import Problem, RenderError
from finisher.render.kitchen import Kitchen, Order, UnitSource, Whereabouts
from finisher.store import Store
from finisher.timecode import Rate

KIND = "units"
SUFFIX = ".mov"
_REVISION = 1
"""Raised when the same job would be rendered differently by this code."""


@dataclass(frozen=True, slots=True)
class UnitJob:
    """Everything that determines a unit's bytes; `Shot.event` counts its sources."""

    sources: tuple[UnitSource, ...]
    pictures: tuple[Picture, ...]
    raster: Raster
    rate: Rate
    video: Video

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


def render_unit(job: UnitJob, whereabouts: Whereabouts) -> Path:
    """Render a unit into the store, unless it is there, and return its file.

    Raises:
        RenderError: when fewer or more frames come out than the job lists.
        MediaError: when a source picture can't be read.
    """

    def write(destination: Path) -> None:
        with ExitStack() as stack:
            order = Order(job.sources, job.pictures, job.raster, job.video.pixel_format)
            pictures = Kitchen(order, whereabouts, stack).pictures()
            count = encode(pictures, job.video, job.raster, job.rate, destination)
        if count != len(job.pictures):
            raise RenderError(
                Problem("frame-count", f"{count} frames came out of {len(job.pictures)}")
            )

    return Store(whereabouts.store).make(KIND, job.key, SUFFIX, write)
