"""Sessions matched without delivering: figures, sheets of before and after, files for others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.color.bake import apply, cube_text
from finisher.edl.declared import scene_of
from finisher.edl.read import read
from finisher.event import Gap
from finisher.facts import MatchFacts
from finisher.geometry import Raster
from finisher.ingest import looks
from finisher.ingest.gather import sessions_of
from finisher.look import Grade
from finisher.media.sheet import Pixels, Row, sheet
from finisher.ocio.cdl import FORMATS, cdl_text
from finisher.ocio.cubes import cube
from finisher.pipeline.names import write_whole
from finisher.pipeline.settings import Settings
from finisher.problems import DocumentError, Problem, Where, nearest
from finisher.progress import Listener
from finisher.store import Store
from finisher.timecode import Rate
from finisher.timeline import Session, Take, Timeline

_ROWS = 8
"""Pairs of takes a sheet shows at most."""
_SIDE = 320
"""Pixels along the longer side of a sheet's pictures."""
_POINTS = 33


@dataclass(frozen=True, slots=True)
class Matched:
    """A session's match, and where the pictures it was made from lie, by take."""

    facts: MatchFacts
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    samples: dict[str, Path]
    made_from: frozenset[Path]
    """Files of the edit, which nothing is written over."""

    @property
    def grade(self) -> Grade:
        """The match alone, at full strength."""
        return self.facts.grade()


def of_edit(
    path: Path, name: str | None, settings: Settings, workers: Executor, listen: Listener
) -> tuple[Matched, ...]:
    """The matches an edit list asks for, or that of one session.

    Raises:
        DocumentError: when the edit list is wrong, asks for none, or has no such session.
        MediaError: when a take can't be read.
    """
    timeline = read(path, settings.roots)
    asking = [session.id for session in timeline.sessions if session.match is not None]
    if name is not None and name not in asking:
        message = f"session {name!r} is matched to none in this edit list"
        raise DocumentError(
            Problem("unknown-session", message, Where(str(path)), nearest(name, asking))
        )
    if not asking:
        message = "no session of this edit list is matched to another"
        hint = 'write "match" into one, or give files with --ours and --theirs'
        raise DocumentError(Problem("match-none", message, Where(str(path)), hint))
    return _matched(timeline, [name] if name is not None else asking, settings, workers, listen)


def of_files(
    ours: Sequence[Path],
    theirs: Sequence[Path],
    settings: Settings,
    workers: Executor,
    listen: Listener,
) -> tuple[Matched, ...]:
    """The match from some takes to others that no edit list names.

    Raises:
        MediaError: when a take can't be read.
    """
    takes = tuple(
        Take(f"{session} {i}: {path.stem}", str(path.absolute()), session, scene_of(path.name))
        for session, files in (("ours", ours), ("theirs", theirs))
        for i, path in enumerate(files, 1)
    )
    timeline = Timeline(
        title="match",
        rate=Rate.parse("24"),
        canvas=Raster(1920, 1080),
        takes=takes,
        sessions=(Session("ours", match="theirs"), Session("theirs")),
        items=(Gap(1),),
    )
    return _matched(timeline, ["ours"], settings, workers, listen)


def _matched(
    timeline: Timeline,
    names: Sequence[str],
    settings: Settings,
    workers: Executor,
    listen: Listener,
) -> tuple[Matched, ...]:
    """The matches of these sessions."""
    found, samples = sessions_of(timeline, names, Store(settings.cache), workers, listen)
    of_edit = {path.resolve() for path in _files(timeline) if path.exists()}

    def takes_of(session: str) -> tuple[str, ...]:
        of_session = (take.id for take in timeline.takes if take.session == session)
        return tuple(take for take in of_session if take in samples)

    return tuple(
        Matched(
            facts, takes_of(facts.session), takes_of(facts.reference), samples, frozenset(of_edit)
        )
        for facts in found
    )


def _files(timeline: Timeline) -> Iterator[Path]:
    """Every file an edit names."""
    yield Path(timeline.path)
    yield from (Path(take.path) for take in timeline.takes)
    yield from (Path(layer.path) for layer in timeline.layers)
    yield from (Path(mark.template) for mark in timeline.marks if mark.template is not None)
    yield from looks.candidates(timeline)


def spare(matched: Matched, *destinations: Path) -> None:
    """Make sure that no file of the edit is about to be written over.

    Raises:
        DocumentError: when one is.
    """
    for path in destinations:
        if path.resolve() in matched.made_from:
            message = f"{path} is a file of the edit, and is not written over"
            raise DocumentError(Problem("output-is-input", message, Where(str(path))))


def match_text(matched: Matched, destination: Path) -> str:
    """A match for use elsewhere: its CDL as an ASC file, or all of it as a cube of 33 points.

    Raises:
        DocumentError: when the suffix is none of these, there is no match, or it is more than its
            CDL.
    """
    facts, suffix = matched.facts, destination.suffix.lower()
    if suffix not in (*FORMATS, ".cube"):
        message = f"{destination.name} is neither an ASC CDL nor a cube"
        hint = ", ".join((*FORMATS, ".cube"))
        raise DocumentError(Problem("match-suffix", message, Where(str(destination)), hint))
    if facts.confidence == 0:
        message = f"session {facts.session!r} has no reliable match to {facts.reference!r}"
        raise DocumentError(Problem("match-none", message, hint=facts.reason or None))
    if suffix == ".cube":
        return cube_text(cube(matched.grade, _POINTS))
    if facts.residual is not None:
        message = "the match is more than a CDL can say"
        hint = f"write a cube: {destination.with_suffix('.cube').name}"
        raise DocumentError(Problem("match-suffix", message, Where(str(destination)), hint))
    return cdl_text(facts.cdl, suffix, facts.session)


def write_sheet(matched: Matched, destination: Path) -> None:
    """A picture of a match: pairs of takes it rests on, and what it does to the session's others.

    Raises:
        MachineError: when it can't be written.
    """
    lattice = cube(matched.grade, _POINTS)
    title, rows = _words(matched.facts), list[Row]()
    for ours, theirs in matched.facts.takes[:_ROWS]:
        shown = _before_and_after(matched, ours, lattice)
        wanted = _fitted(_picture(matched, theirs), shown[0][1])
        words = f"{matched.facts.reference}: {theirs}"
        rows.append(Row("" if rows else title, ((words, wanted), *shown)))
    paired = {ours for ours, _ in matched.facts.takes}
    for ours in [take for take in matched.ours if take not in paired][: _ROWS - len(rows)]:
        rows.append(Row("" if rows else title, _before_and_after(matched, ours, lattice)))
    write_whole(destination, sheet(rows))


def _before_and_after(
    matched: Matched, take: str, lattice: NDArray[np.float32]
) -> tuple[tuple[str, Pixels], tuple[str, Pixels]]:
    """A take's picture as it is and as the match makes it, each with its words."""
    before = _picture(matched, take)
    after = np.asarray(apply(lattice, before), np.uint8)
    return (f"{take} before", before), (f"{take} after", after)


def _words(facts: MatchFacts) -> str:
    """A match's figures in a line."""
    return (
        f"{facts.session} to {facts.reference}: {facts.distance_before:.2f} -> "
        f"{facts.distance_after:.2f} dE2000, confidence {facts.confidence:.2f}, {facts.evidence}"
    )


def _picture(matched: Matched, take: str) -> Pixels:
    """The middle one of a take's sampled pictures, at a sheet's size."""
    frames: NDArray[np.uint8] = np.load(matched.samples[take], mmap_mode="r")
    picture = np.ascontiguousarray(frames[len(frames) // 2])
    scale = _SIDE / max(picture.shape[:2])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC), np.uint8)


def _fitted(picture: Pixels, to: Pixels) -> Pixels:
    """A picture within the size of another, whole, on black."""
    height, width = to.shape[:2]
    scale = min(height / picture.shape[0], width / picture.shape[1])
    size = (round(picture.shape[1] * scale), round(picture.shape[0] * scale))
    small = np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA), np.uint8)
    canvas = np.zeros_like(to)
    top, left = (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    canvas[top : top + small.shape[0], left : left + small.shape[1]] = small
    return canvas
