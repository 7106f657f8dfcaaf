"""A few pictures of takes, looked at closely: what marks are learnt and calibrated from."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.contents import sha256_of
from finisher.crew import as_done
from finisher.geometry import Raster
from finisher.ingest import take as takes
from finisher.ingest.inputs import looked_at
from finisher.ingest.take import TakeJob
from finisher.media.closeups import spread
from finisher.media.index import PictureShape, picture_shape
from finisher.media.sketch import Closer, Kept
from finisher.pipeline.names import writing
from finisher.problems import DocumentError, Problem, Where
from finisher.progress import Advanced, Finished, Listener, Started
from finisher.sighting import Plane
from finisher.store import Store

COLOUR_SIDE = 640
"""Pixels along the longer side of pictures in colour."""
_LARGEST = 1 << 26
"""Bytes of the largest output there is."""

T = TypeVar("T")


def glance(
    path: str, root: Path, wanted: int, among: int | Sequence[int] | None, planes: Iterable[Plane]
) -> tuple[str, Raster, list[Kept]]:
    """A take's SHA-256, its size, and so many of its pictures, spread over it.

    `among` bounds how far into the take they lie, in pictures, or lists those to choose from;
    `planes` are kept of each.

    Raises:
        MediaError: when it can't be read.
    """
    store = Store(root)
    sha256, picture, shape = opened(path, store, root)
    if among is None or isinstance(among, int):
        among = range(min(len(shape.index), among or len(shape.index)))
    ordinals = [among[i] for i in spread(len(among), wanted)]
    closer = Closer(frozenset(ordinals), COLOUR_SIDE, planes=frozenset(planes))
    kept = looked_at(picture, shape, closer, None, store)
    return sha256, shape.raster, [kept[i] for i in ordinals]


def small(path: str, root: Path, side: int, most: int) -> NDArray[np.uint8]:
    """The luma of a take's pictures, `side` along the longer side, of so many from its beginning.

    Raises:
        MediaError: when it can't be read.
    """
    store = Store(root)
    _, picture, shape = opened(path, store, root)
    scale = min(1.0, side / max(shape.raster.width, shape.raster.height))
    size = (round(shape.raster.width * scale), round(shape.raster.height * scale))
    seen: list[NDArray[np.uint8]] = []

    def watch(plane: NDArray[np.uint8]) -> None:
        if len(seen) < most:
            reduced = cv2.resize(plane, size, interpolation=cv2.INTER_AREA)
            seen.append(np.array(reduced, np.uint8))

    closer = Closer(frozenset(), COLOUR_SIDE, watchers=((Plane.LUMA, watch),))
    looked_at(picture, shape, closer, None, store)
    return np.stack(seen)


def opened(path: str, store: Store, root: Path) -> tuple[str, Path, PictureShape]:
    """A take's SHA-256, the file that holds its pictures, and their shape."""
    job = TakeJob(path, sha256_of(Path(path), store), (), None)
    facts = takes.measured(job, store) or takes.measure(job, root)
    picture = Path(facts.picture)
    return job.sha256, picture, picture_shape(picture)


def each(
    stage: str,
    files: Sequence[Path],
    listen: Listener,
    workers: Executor,
    work: Callable[..., T],
    *more: object,
) -> list[T]:
    """What a worker makes of each take and whatever more it is given, in order of the takes.

    Raises:
        MediaError: when a take can't be read.
        MachineError: when a worker is killed.
    """
    listen(Started(stage, len(files), "takes"))
    calls = [(number, (str(path.resolve()), *more)) for number, path in enumerate(files)]
    made: dict[int, T] = {}
    for number, future in as_done(workers, work, calls):
        made[number] = future.result()
        listen(Advanced(stage))
    listen(Finished(stage))
    return [made[number] for number in range(len(files))]


def spare(
    outputs: Sequence[tuple[Path, str, Callable[[bytes], bool]]], inputs: Sequence[Path]
) -> None:
    """Make sure that outputs may be written, before any work: nobody else's file, in a folder.

    Each output has the words for what it is, and tells by a file's content whether that is an
    earlier one of the kind, which alone is written over.

    Raises:
        DocumentError: when a file that is read would be written over, or one of another kind.
        MachineError: when there is no such folder, or nothing can be written there.
    """
    taken = {path.resolve() for path in inputs}
    for path, kind, ours in outputs:
        if path.resolve() in taken:
            message = f"{path} is read by this command, and is not written over"
            raise DocumentError(Problem("output-is-input", message, Where(str(path))))
        if os.path.lexists(path) and not _earlier(path, ours):
            message = f"{path} is not {kind}, and is not written over"
            hint = "another -o, or move it away"
            raise DocumentError(Problem("output-exists", message, Where(str(path)), hint))
        with writing(path), tempfile.TemporaryFile(dir=path.parent):
            pass  # whether one can be made there is all that is asked


def _earlier(path: Path, ours: Callable[[bytes], bool]) -> bool:
    """Whether a file is an earlier output of ours; one that can't be read, or is huge, is not."""
    with contextlib.suppress(OSError):
        if path.is_file() and path.stat().st_size <= _LARGEST:
            return ours(path.read_bytes())
    return False
