"""A mark learnt from takes: looked at, compared, refused where they are alike, shown to confirm."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from itertools import combinations
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.geometry import Box, Raster
from finisher.media.sheet import Pixels, Row, sheet
from finisher.pipeline.elsewhere import elsewhere
from finisher.pipeline.glances import each, glance, spare
from finisher.pipeline.jumps import jumps
from finisher.pipeline.names import write_whole
from finisher.pipeline.settings import Settings
from finisher.pipeline.sights import edges, enlarged, fitted, framed
from finisher.problems import DocumentError, MediaError, Problem, Where
from finisher.progress import Listener
from finisher.sighting import MarkPlace, Plane
from finisher.watermark import kinship
from finisher.watermark.clearest import agreed, asked
from finisher.watermark.jumping import same_place
from finisher.watermark.kinship import Scene
from finisher.watermark.learn import (
    FEWEST_TAKES,
    Area,
    Field,
    averaged,
    enough,
    mean_field,
    shared,
    support,
)
from finisher.watermark.learnt import SCHEMA, SHEET, Learnt, Told, learnt_png, schema_of, sheet_png

_PICTURES = 16
_SCENES = (0, 5, 10, 15)
"""Of those, the ones whose scenes are compared."""
_ROWS = 8
_SUPPORTING = 0.2
"""Correlation with what the others show below which a take does not show it."""
PLANES = {Plane.LUMA: "luma", Plane.CB: "blue chroma (Cb)", Plane.CR: "red chroma (Cr)"}
"""What planes are called."""


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """What was seen of a take."""

    path: Path
    sha256: str
    raster: Raster
    fields: Mapping[Plane, Field]
    scenes: tuple[Scene, ...]
    bars: tuple[int, int, int, int]
    planes: Mapping[Plane, NDArray[np.uint8]]
    """One picture's, whole."""
    colour: Pixels
    """The same picture, small."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """A mark that was learnt, and what from."""

    learnt: Learnt
    area: Area
    others: tuple[Area, ...]
    """Further places where the takes agree, which may be marks of their own."""
    takes: tuple[Looked, ...]
    support: tuple[float, ...]
    """Each take's correlation with what the others show."""
    jumps: Mapping[Path, tuple[MarkPlace, ...]] = field(default_factory=dict)
    """Of a mark that jumps, where each take shows it, and when."""

    @property
    def png(self) -> bytes:
        """The mark as a file."""
        return learnt_png(self.learnt)

    @property
    def sha256(self) -> str:
        """Of that file."""
        return hashlib.sha256(self.png).hexdigest()

    @property
    def missing(self) -> tuple[Looked, ...]:
        """Takes that do not show it."""
        pairs = zip(self.takes, self.support, strict=True)
        return tuple(take for take, part in pairs if part < _SUPPORTING)


def learn(
    files: Sequence[Path],
    first: int | None,
    settings: Settings,
    workers: Executor,
    listen: Listener,
) -> Lesson:
    """Learn what unrelated takes have in common; `first` looks at so many pictures of each alone.

    Raises:
        DocumentError: when there are too few takes.
        MediaError: when one can't be read, they are of several sizes, show the same thing, or have
            nothing in common that could be a mark.
        MachineError: when a worker is killed.
    """
    distinct = {path.resolve(): path for path in files}
    if len(distinct) < FEWEST_TAKES:
        message = f"{len(distinct)} takes are too few to tell a mark from chance"
        hint = f"give {FEWEST_TAKES} or more that have nothing in common but the mark; 8 are better"
        raise DocumentError(Problem("too-few-takes", message, hint=hint))
    circumstances = listen, workers, look, settings.cache
    taken = tuple(each("takes", list(distinct.values()), *circumstances, first))
    _same_size(taken)
    areas, likely = _likely(taken)
    if likely:
        return _placed(_lesson(taken, likely), settings, workers, listen)
    why = ""
    if first is None:
        found = _jumping(taken, settings, workers, listen)
        if isinstance(found, Lesson):
            return found
        why = f"; nor does a mark jump in them: {found}"
    raise _nothing(taken, areas, why)


def _placed(lesson: Lesson, settings: Settings, workers: Executor, listen: Listener) -> Lesson:
    """The same lesson; of a mark that its takes show at other places too, with those it stands at.

    They are no other marks: what takes agree on there is left out.
    """
    files = [take.path for take in lesson.takes]
    places = elsewhere(files, lesson.learnt, settings, workers, listen)
    known = [place.box for take in places.values() for place in take]
    boxes = [Box.of(one.x, one.y, one.width, one.height) for one in lesson.others]
    pairs = zip(lesson.others, boxes, strict=True)
    others = tuple(one for one, box in pairs if not any(same_place(box, at) for at in known))
    return replace(lesson, jumps=places, others=others)


def _jumping(
    taken: Sequence[Looked], settings: Settings, workers: Executor, listen: Listener
) -> Lesson | str:
    """Learn a mark that jumps from the pictures that show it at one place; or why it can't be.

    What was found to jump tells no more than which pictures these are: what they have in common
    must pass for a mark just as what stands still must.
    """
    found = jumps([one.path for one in taken], taken[0].raster, settings, workers, listen)
    if isinstance(found, str):
        return found
    files = [one.path for one, shown in zip(taken, found.pictures, strict=True) if shown]
    if len(files) < FEWEST_TAKES:
        return f"fewer than {FEWEST_TAKES} of them show it long enough at one place"
    when = dict(zip((str(one.path) for one in taken), found.pictures, strict=True))
    again = tuple(each("places", files, listen, workers, _look_when, settings.cache, when))
    likely = found.at(_likely(again)[1])
    if not likely:
        return "what they show at one place is not enough for a mark"
    places = dict(zip((one.path for one in taken), found.places, strict=True))
    return replace(_lesson(again, likely[:1]), jumps=places)


def _look_when(path: str, root: Path, when: Mapping[str, tuple[int, ...]]) -> Looked:
    """Look at the pictures of one take that are told; what a worker does.

    Raises:
        MediaError: when it can't be read.
    """
    return look(path, root, when[path])


def look(path: str, root: Path, among: int | Sequence[int] | None) -> Looked:
    """Look at one take, or at those pictures of it alone; what a worker does.

    Raises:
        MediaError: when it can't be read.
    """
    sha256, raster, kept = glance(path, root, _PICTURES, among, Plane)
    fields: dict[Plane, Field] = {}
    for plane in Plane:
        mean = averaged(one.planes[plane] for one in kept)
        if mean is None:
            raise MediaError(Problem("media-empty", "it has no pictures", Where(path)))
        fields[plane] = mean
    grays = [cv2.cvtColor(one.colour, cv2.COLOR_RGB2GRAY) for one in kept]
    scenes = [kinship.scene(np.asarray(grays[i], np.uint8)) for i in _SCENES if i < len(grays)]
    middle = kept[len(kept) // 2]
    bars = kinship.bars([one.luma for one in kept])
    return Looked(
        Path(path), sha256, raster, fields, tuple(scenes), bars, middle.planes, middle.colour
    )


def _likely(taken: Sequence[Looked]) -> tuple[tuple[Area, ...], list[Area]]:
    """Where takes agree, and where that is a mark, the clearest first.

    Raises:
        MediaError: when they show the same thing.
    """
    limit = enough(len(taken), min(one.fields[Plane.LUMA].pictures for one in taken))
    areas = agreed([one.fields for one in taken], limit)
    _unrelated(taken, areas)
    return areas, [area for area in areas if area.coherence >= asked(area.plane, limit)]


def _nothing(taken: Sequence[Looked], areas: Sequence[Area], why: str) -> MediaError:
    """What is told of takes that have nothing in common that could be a mark."""
    told = "nothing that has edges shows in them all"
    if areas:
        limit = enough(len(taken), min(one.fields[Plane.LUMA].pictures for one in taken))
        best, needed = areas[0], asked(areas[0].plane, limit)
        told = f"they agree to {best.coherence:.2f} at most, {needed:.2f} is needed"
    message = f"{len(taken)} takes have nothing in common that could be a mark: {told}{why}"
    hint = "give more takes, or those in which it stands at one place; or draw a template"
    return MediaError(Problem("nothing-common", message, hint=hint))


def _same_size(taken: Sequence[Looked]) -> None:
    """Refuse takes of another size than most.

    Raises:
        MediaError: naming each.
    """
    usual = Counter(one.raster for one in taken).most_common(1)[0][0]
    _raise_all(
        Problem(
            "rasters-differ",
            f"its pictures are {one.raster}, those of most takes {usual}",
            Where(str(one.path)),
            "learn from takes of one size: a mark lies elsewhere in others",
        )
        for one in taken
        if one.raster != usual
    )


def _unrelated(taken: Sequence[Looked], areas: Sequence[Area]) -> None:
    """Refuse takes that show the same thing: what they share would pass for a mark.

    Raises:
        MediaError: naming every two.
    """
    _raise_all(
        Problem(
            "takes-alike",
            f"{reason} as {other.path.name}: what both show could pass for a mark",
            Where(str(one.path)),
            "leave one of them out, or give takes of other scenes",
        )
        for one, other in combinations(taken, 2)
        if (reason := _alike(one, other, areas))
    )


def _alike(one: Looked, other: Looked, areas: Sequence[Area]) -> str:
    """In which way two takes are alike; empty where they are not."""
    if one.sha256 == other.sha256:
        return "it is the same file"
    if kinship.same_bars(one.bars, other.bars):
        return "it has the same bars"
    lumas = one.fields[Plane.LUMA], other.fields[Plane.LUMA]
    if kinship.standing(*lumas, areas[0] if areas else None) > kinship.STANDING:
        return "it has the same scenery standing still"
    if kinship.same_scene(one.scenes, other.scenes, areas, one.raster.width):
        return "it shows the same scene"
    return ""


def _raise_all(problems: Iterable[Problem]) -> None:
    """Raise what is wrong with the takes, if anything is."""
    found = tuple(problems)
    if found:
        raise MediaError(found)


def _lesson(taken: tuple[Looked, ...], likely: Sequence[Area]) -> Lesson:
    """What was learnt of the strongest mark."""
    area = likely[0]
    fields = [one.fields[area.plane] for one in taken]
    box = Box.of(area.x, area.y, area.width, area.height)
    digests = tuple(one.sha256 for one in taken)
    either = len(set(area.signs)) > 1
    told = Told(box, taken[0].raster, digests, round(area.coherence, 4), either, area.plane)
    learnt = Learnt(*mean_field(fields, area), told)
    # What reaches into its place is more of it: a glow, or its outline in another plane.
    others = tuple(other for other in likely[1:] if not shared(area, other))
    return Lesson(learnt, area, others, taken, support(fields, area))


def write(lesson: Lesson, mark: Path, picture: Path) -> None:
    """Write a mark and the picture to confirm it by.

    Raises:
        DocumentError, MachineError: as `check`; or when they can't be written.
    """
    check(mark, picture, [one.path for one in lesson.takes])
    write_whole(picture, _sheet(lesson))
    write_whole(mark, lesson.png)


def check(mark: Path, picture: Path, files: Sequence[Path]) -> None:
    """Make sure that outputs may be written: no take, and nothing but earlier ones of their kind.

    Raises:
        DocumentError: when they may not.
        MachineError: when nothing can be written there.
    """
    if mark.suffix.lower() != ".png":
        message = f"-o {mark}: a learnt mark is a PNG"
        raise DocumentError(Problem("usage", message, hint=f"-o {mark.with_suffix('.png').name}"))
    outputs = (
        (mark, "a learnt mark", lambda png: schema_of(png) == SCHEMA),
        (picture, "the sheet of a learnt mark", lambda png: schema_of(png) == SHEET),
    )
    spare(outputs, files)


def _sheet(lesson: Lesson) -> bytes:
    """The mark as found in each take, and what was learnt of it."""
    area, learnt = lesson.area, lesson.learnt
    title = (
        f"{area.width}x{area.height} at {area.x},{area.y} of {learnt.told.raster}: "
        f"coherence {area.coherence:.2f} over {len(lesson.takes)} takes, in {PLANES[area.plane]}"
    )
    rows: list[Row] = []
    for take, part in list(zip(lesson.takes, lesson.support, strict=True))[:_ROWS]:
        shown = (
            (take.path.name[:40], framed(take.colour, take.raster, area)),
            (f"enlarged, agrees {part:.2f}", enlarged(take.planes, take.raster, area)),
            ("its edges that stand", edges(take.fields[area.plane], area)),
        )
        rows.append(Row("" if rows else title, shown))
    planes = (
        ("learnt: along x", learnt.along),
        ("learnt: along y", learnt.across),
        ("weight", 2 * learnt.weight - 1),
    )
    raster = learnt.told.raster
    grays = tuple((words, fitted(128 + 127 * plane, raster)) for words, plane in planes)
    return sheet_png(sheet([*rows, Row("", grays)]))
