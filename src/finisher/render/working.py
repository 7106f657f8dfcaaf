"""Effects laid on an event's pictures: one job an event, kept as a lossless file of its own."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from finisher import moviepy
from finisher.canonical import digest, to_json
from finisher.effects import Effect
from finisher.facts import TakeFacts
from finisher.geometry import Raster
from finisher.look import Grade
from finisher.media import versions
from finisher.media.index import picture_shape
from finisher.media.lossless import pixels, write_rgb
from finisher.media.reader import PictureReader
from finisher.media.sketch import Closer, rgb, sketch
from finisher.moviepy import Footage, Pixels
from finisher.plan.model import Picture, Plan
from finisher.problems import DocumentError, Problem, RenderError
from finisher.render.grades import Baked
from finisher.render.kitchen import Kitchen, Order, Readers, UnitSource, Whereabouts, check_sources
from finisher.render.sources import Shelf
from finisher.render.unit import compact
from finisher.store import Store
from finisher.timecode import Rate

KIND = "effects"
SUFFIX, SKETCHES = ".nut", ".npy"
_REVISION = 4
"""Raised when the same job would come out differently by this code."""
_CONFORMED = "yuv444p"
"""What effects are computed from: 8 bits, as moviepy knows no other, and chroma at every pixel."""


@dataclass(frozen=True, slots=True)
class WorkingJob:
    """Everything that determines an event's pictures with effects."""

    sources: tuple[UnitSource, ...]
    pictures: tuple[Picture, ...]
    raster: Raster
    rate: Rate
    effects: tuple[Effect, ...]
    code: tuple[tuple[str, str], ...]
    """SHA-256 of the source of each effect of one's own, by name."""
    folder: Path
    """Where such code is looked for; it decides nothing."""

    @property
    def key(self) -> str:
        """The content key: the job, the libraries that do it, and this code's revision."""
        return digest(
            [
                to_json(self.sources),
                [compact(picture) for picture in self.pictures],
                [str(self.raster), str(self.rate)],
                to_json(self.effects),
                to_json(self.code),
                {**versions.libraries(), "moviepy": moviepy.version()},
                _REVISION,
            ]
        )


def jobs(
    plan: Plan, takes: Mapping[str, TakeFacts], baked: Mapping[Grade, Baked], folder: Path
) -> dict[int, WorkingJob]:
    """A job for each event with effects, by its number.

    Effects of one's own are loaded from `folder`: a plan that was not allowed them never gets here.

    Raises:
        DocumentError: when an effect of one's own can't be found.
    """
    shelf, found = Shelf(plan, takes, baked, {}), {}
    for number, event in enumerate(plan.events):
        if event.working is not None:
            working = event.working
            own = sorted({effect.name: effect for effect in working.effects if effect.own}.items())
            code = tuple((name, _source(event.id, effect, folder)) for name, effect in own)
            found[number] = WorkingJob(
                *shelf.order(working.pictures),
                plan.raster,
                working.rate,
                working.effects,
                code,
                folder,
            )
    return found


def _source(event: str, effect: Effect, folder: Path) -> str:
    """The source of an effect of one's own; what is wrong with it names the event."""
    try:
        return moviepy.source_of(effect, folder)
    except DocumentError as error:
        told = [replace(p, message=f"event {event!r}: {p.message}") for p in error.problems]
        raise DocumentError(told) from error


def path(store: Store, key: str) -> Path:
    """Where the pictures of a job lie, or will lie."""
    return store.path(KIND, key, SUFFIX)


def sketches(store: Store, key: str) -> Path:
    """Where the sketches of a job's pictures lie, or will lie."""
    return store.path(KIND, key, SKETCHES)


def known(job: WorkingJob, store: Store) -> bool:
    """Whether a job was done before."""
    return all(store.get(KIND, job.key, suffix) is not None for suffix in (SUFFIX, SKETCHES))


def work(job: WorkingJob, whereabouts: Whereabouts) -> Path:
    """Lay the effects on, into the store, with sketches of what came out.

    Raises:
        RenderError: when an effect fails, or other than the promised frames come out.
        DocumentError: when an effect can't be found or made.
        MediaError: when a source picture can't be read.
    """
    store = Store(whereabouts.store)

    def write(destination: Path) -> None:
        with tempfile.TemporaryDirectory(dir=destination.parent, prefix=".effects-") as folder:
            conformed = Path(folder) / "conformed.nut"
            check_sources(job.sources, whereabouts)
            _conform(job, whereabouts, conformed)
            check_sources(job.sources, whereabouts)
            _lay(job, conformed, destination)

    made = store.make(KIND, job.key, SUFFIX, write)

    def write_sketches(destination: Path) -> None:
        sketch(made, picture_shape(made), ("gbr", "pc"), Closer(frozenset(), 2), destination)

    store.make(KIND, job.key, SKETCHES, write_sketches)
    return made


def _conform(job: WorkingJob, whereabouts: Whereabouts, destination: Path) -> None:
    """The event's pictures as they are without effects, where any can be fetched at any time."""
    order = Order(job.sources, job.pictures, job.raster, _CONFORMED)
    with Readers([order]) as readers:
        pictures = Kitchen(order, whereabouts, readers).pictures()
        count = write_rgb((rgb(picture) for picture in pictures), job.raster, destination)
    _check(count, job)


def _lay(job: WorkingJob, conformed: Path, destination: Path) -> None:
    """The effects over conformed pictures."""
    shape = picture_shape(conformed)
    with PictureReader(conformed, shape.index) as reader:
        footage = Footage(_fetched(reader), len(job.pictures), job.raster, job.rate)
        frames = moviepy.worked(job.effects, footage, job.folder)
        _check(write_rgb(frames, job.raster, destination), job)


def _fetched(reader: PictureReader) -> Callable[[int], Pixels]:
    """Pictures by number, as arrays that an effect may write to."""

    def fetch(number: int) -> Pixels:
        return pixels(next(iter(reader.pictures([number]))))

    return fetch


def _check(count: int, job: WorkingJob) -> None:
    if count != len(job.pictures):
        message = f"{count} frames came out of {len(job.pictures)}"
        raise RenderError(Problem("frame-count", message))
