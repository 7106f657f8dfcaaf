from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests import marked_take
from tests.planning import timeline

from finisher.event import Event
from finisher.geometry import Box, Raster
from finisher.ingest.gather import Gathered, gather
from finisher.pipeline.workers import Serial
from finisher.problems import DocumentError, Where
from finisher.progress import silent
from finisher.sighting import MarkFacts
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Dwell, Mark, Take, Timeline
from finisher.watermark.learnt import Learnt, Told, learnt_png

COUNT, EVERY = 48, 12
CORNER = Box.of(*marked_take.PLACES[0], *marked_take.SIZE)
ELSEWHERE = Box.of(*marked_take.PLACES[1], *marked_take.SIZE)
DWELLS = tuple(
    Dwell(start, start + EVERY if start + EVERY < COUNT else None, box)
    for start, box in zip(range(0, COUNT, EVERY), (CORNER, ELSEWHERE) * 2, strict=True)
)


@dataclass
class Desk:
    folder: Path
    store: Store

    def line(self, take: str, mark: Mark) -> Timeline:
        return replace(
            timeline(
                Event("a", "t1", Span(0, COUNT)),
                takes=(Take("t1", str(self.folder / take), marks=(mark.id,)),),
                canvas=Raster(marked_take.WIDTH, marked_take.HEIGHT),
            ),
            marks=(mark,),
        )

    def gather(self, take: str, mark: Mark) -> tuple[Gathered, MarkFacts]:
        found = gather(self.line(take, mark), self.store, Serial(), None, silent)
        return found, dict(found.facts.takes["t1"].marks)[mark.id]


@pytest.fixture(scope="module")
def media(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("marked")
    marked_take.png(folder / "mark.png")
    marked_take.write(folder / "still.mp4", COUNT, marked_take.standing())
    marked_take.write(folder / "jumping.mp4", COUNT, marked_take.jumping(EVERY))
    marked_take.write(folder / "none.mp4", COUNT, lambda _: None)
    return folder


@pytest.fixture
def desk(media: Path, tmp_path: Path) -> Desk:
    return Desk(media, Store(tmp_path / "store"))


def mark(desk: Desk, **more: Any) -> Mark:
    return Mark("corner", CORNER, str(desk.folder / "mark.png"), **more)


def kept(desk: Desk, found: Gathered) -> Path:
    (key,) = found.surroundings.values()
    return desk.store.path("marks", key, ".npy")


def test_a_mark_that_stands_is_found_and_its_surroundings_kept(desk: Desk) -> None:
    found, facts = desk.gather("still.mp4", mark(desk))
    assert facts.found
    assert facts.score > 0.8
    assert facts.places == ()
    assert found.surroundings.keys() == {("t1", "corner")}
    pictures = np.load(kept(desk, found))
    # Two seconds, eight pictures of each; three times the mark's size, of which the height is
    # less than the room that small ones get.
    assert pictures.shape == (16, 88, 180, 4)


def test_a_mark_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert not desk.gather("none.mp4", mark(desk))[1].found


def test_a_jumping_mark_is_looked_for_in_each_of_its_places(desk: Desk) -> None:
    told = desk.gather("jumping.mp4", mark(desk, dwells=DWELLS))[1]
    assert told.found
    assert told.score > 0.8
    # The middle of all, not the best: where it stands is declared the wrong way round.
    swapped = tuple(replace(d, box=ELSEWHERE if d.box == CORNER else CORNER) for d in DWELLS)
    assert not desk.gather("jumping.mp4", mark(desk, dwells=swapped))[1].found


def test_a_mark_is_found_where_half_of_its_places_show_it(desk: Desk) -> None:
    assert desk.gather("still.mp4", mark(desk, dwells=DWELLS))[1].found


def test_a_mark_without_a_template_keeps_its_surroundings_too(desk: Desk) -> None:
    found, facts = desk.gather("still.mp4", Mark("corner", CORNER))
    assert not facts.found
    assert len(np.load(kept(desk, found))) == 16


def test_places_are_scanned_for(desk: Desk) -> None:
    size = Box.of(0, 0, *marked_take.SIZE)
    found, facts = desk.gather("jumping.mp4", replace(mark(desk), box=size, scan=True))
    assert facts.found
    wanted = marked_take.places(COUNT, EVERY)
    assert len(facts.places) == len(wanted)
    for place, true in zip(facts.places, wanted, strict=True):
        # What is told of a change of place is good to a picture or two, of the place to a pixel.
        assert abs(place.start - true.start) <= 2
        assert abs(place.box.x - true.box.x) <= 1
        assert abs(place.box.y - true.box.y) <= 1
    assert len(np.load(kept(desk, found))) >= 4 * len(wanted)


def test_what_was_measured_is_known_again(desk: Desk) -> None:
    first = desk.gather("jumping.mp4", mark(desk, dwells=DWELLS))
    kept(desk, first[0]).unlink()
    again = desk.gather("jumping.mp4", mark(desk, dwells=DWELLS))
    assert again[0].remembered == 0
    assert again[1] == first[1]
    assert desk.gather("jumping.mp4", mark(desk, dwells=DWELLS))[0].remembered == 1


def test_a_mark_declared_later_takes_no_more_than_its_pictures(desk: Desk) -> None:
    line = replace(desk.line("still.mp4", mark(desk)), marks=())
    line = replace(line, takes=(replace(line.takes[0], marks=()),))
    before = gather(line, desk.store, Serial(), None, silent)
    sketched = before.sketches["t1"].stat().st_mtime_ns
    found, facts = desk.gather("still.mp4", mark(desk))
    assert facts.found
    assert found.sketches["t1"].stat().st_mtime_ns == sketched
    assert len(np.load(kept(desk, found))) == 16


def test_a_calibration_that_cannot_be_read_is_told_before_measuring(desk: Desk) -> None:
    (desk.store.root.parent / "c.json").write_text("{}")
    wrong = mark(desk, calibration=str(desk.store.root.parent / "c.json"))
    with pytest.raises(DocumentError) as caught:
        desk.gather("still.mp4", wrong)
    assert caught.value.problems[0].message.startswith("mark 'corner': ")


def test_a_learnt_mark_is_declared_as_large_as_it_was_learnt(desk: Desk, tmp_path: Path) -> None:
    width, height = marked_take.SIZE
    fields = np.random.default_rng(1).uniform(-0.7, 0.7, (2, height, width)).astype(np.float32)
    told = Told(CORNER, Raster(marked_take.WIDTH, marked_take.HEIGHT), ("ab" * 32,), 0.5)
    png = tmp_path / "learnt.png"
    png.write_bytes(learnt_png(Learnt(*fields, np.ones_like(fields[0]), told)))
    own = replace(mark(desk), template=str(png), where=Where("edit.json", "/watermarks/corner"))
    desk.gather("still.mp4", own)
    half = replace(own, box=replace(CORNER, width=CORNER.width / 2, height=CORNER.height / 2))
    with pytest.raises(DocumentError) as caught:
        desk.gather("still.mp4", half)
    problem = caught.value.problems[0]
    assert (problem.code, problem.where) == ("mark-size", own.where)
    assert f"{width}x{height}" in str(problem.hint)
