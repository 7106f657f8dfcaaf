"""One unit of picture work: a self-contained job, its content key, and the call that does it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from finisher.canonical import Json, digest, to_json
from finisher.geometry import Framing, Raster
from finisher.media import versions
from finisher.media.blend import blend, fill
from finisher.media.conform import Conform, PictureInput
from finisher.media.encode import encode
from finisher.media.frames import VideoFrame
from finisher.media.index import picture_shape
from finisher.media.reader import PictureReader
from finisher.plan.model import Fill, Mix, Picture, Shot
from finisher.presets.model import Video
from finisher.problems import Problem, RenderError
from finisher.store import Store
from finisher.timecode import Rate

KIND = "units"
SUFFIX = ".mov"
_REVISION = 1
"""Raised when the same job would be rendered differently by this code."""


@dataclass(frozen=True, slots=True)
class UnitSource:
    """A take as one event of the unit shows it; `lut` is the content digest of a baked cube."""

    sha256: str
    matrix: str
    range: str
    framing: Framing
    lut: str | None


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
        case Fill():
            return None
        case Mix():
            return [
                str(picture.kind),
                compact(picture.outgoing),
                compact(picture.incoming),
                picture.step,
                picture.of,
            ]


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where on this machine the content a job names is found."""

    takes: dict[str, Path]
    """Path of a take by SHA-256."""
    luts: dict[str, Path]
    """Path of a baked cube by digest."""
    store: Path


def render_unit(job: UnitJob, whereabouts: Whereabouts) -> Path:
    """Render a unit into the store, unless it is there, and return its file.

    Raises:
        RenderError: when fewer or more frames come out than the job lists.
        MediaError: when a source picture can't be read.
    """

    def write(destination: Path) -> None:
        with ExitStack() as stack:
            kitchen = _Kitchen(job, whereabouts, stack)
            count = encode(kitchen.pictures(), job.video, job.raster, job.rate, destination)
        if count != len(job.pictures):
            raise RenderError(
                Problem("frame-count", f"{count} frames came out of {len(job.pictures)}")
            )

    return Store(whereabouts.store).make(KIND, job.key, SUFFIX, write)


class _Kitchen:
    """The open takes and graphs of one unit."""

    def __init__(self, job: UnitJob, whereabouts: Whereabouts, stack: ExitStack) -> None:
        self._job = job
        self._streams = {
            number: self._stream(number, lane, whereabouts, stack)
            for number, lane in _lanes(job.pictures).items()
        }

    def _stream(
        self,
        number: tuple[int, int],
        ordinals: list[int],
        whereabouts: Whereabouts,
        stack: ExitStack,
    ) -> Iterator[VideoFrame]:
        """Finished pictures of one source along one lane, in the order the unit asks for them."""
        source = self._job.sources[number[0]]
        path = whereabouts.takes[source.sha256]
        shape = picture_shape(path)
        reader = stack.enter_context(PictureReader(path, shape.index))
        conform = Conform(
            PictureInput(
                shape.pixel_format, Fraction(shape.index.time_base), source.matrix, source.range
            ),
            source.framing,
            whereabouts.luts[source.lut] if source.lut is not None else None,
            self._job.video.pixel_format,
        )
        return (conform(picture) for picture in reader.pictures(ordinals))

    def pictures(self) -> Iterator[VideoFrame]:
        """The unit's pictures, finished."""
        for picture in self._job.pictures:
            yield self._finished(picture, 0)

    def _finished(self, picture: Picture, lane: int) -> VideoFrame:
        match picture:
            case Fill():
                raster = self._job.raster
                return fill(raster.width, raster.height, self._job.video.pixel_format)
            case Shot(event=event):
                return next(self._streams[event, lane])
            case Mix(kind, outgoing, incoming, step, of):
                first = self._finished(outgoing, 2 * lane + 1)
                return blend(kind, first, self._finished(incoming, 2 * lane + 2), step, of)


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
            case Fill():
                pass

    for picture in pictures:
        visit(picture, 0)
    return lanes
