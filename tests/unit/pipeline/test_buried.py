"""Grades that bury a mark are told of before anything is rendered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import date

import pytest
from tests import marked_take
from tests.planning import preset, timeline

from finisher.event import Event
from finisher.geometry import Box, Raster
from finisher.ingest.gather import Gathered, gather
from finisher.look import CDL
from finisher.pipeline.buried import buried_marks
from finisher.pipeline.consents import Consents
from finisher.pipeline.edit import Edit, warnings
from finisher.pipeline.settings import Settings
from finisher.plan.assemble import plan
from finisher.problems import Problem, Severity, Where
from finisher.progress import silent
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Mark, Take, Timeline

CORNER = Box.of(*marked_take.PLACES[0], *marked_take.SIZE)


def grey(left: float) -> CDL:
    """A grade that keeps so much of all contrast, about the middle."""
    return CDL(slope=(left,) * 3, offset=((1 - left) * 0.45,) * 3)


@dataclass
class Desk:
    line: Timeline
    found: Gathered
    store: Store

    def told(self, *grades: CDL | None, draft: bool = False) -> tuple[Problem, ...]:
        events = [
            Event(f"e{i}", "t1", Span(0, 24), cdl=cdl, where=Where("edl.json", f"/events/{i}"))
            for i, cdl in enumerate(grades)
        ]
        line = replace(self.line, items=tuple(events))
        made = plan(line, replace(preset(), draft=draft), self.found.facts)
        return buried_marks(made, line, self.found, self.store)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    folder = tmp_path_factory.mktemp("buried")
    marked_take.png(folder / "mark.png")
    marked_take.write(folder / "take.mp4", 24, marked_take.standing())
    line = replace(
        timeline(
            Event("a", "t1", Span(0, 24)),
            takes=(Take("t1", str(folder / "take.mp4"), marks=("corner",)),),
            canvas=Raster(marked_take.WIDTH, marked_take.HEIGHT),
        ),
        marks=(Mark("corner", CORNER, str(folder / "mark.png")),),
    )
    store = Store(folder / "store")
    with ThreadPoolExecutor(1) as workers:
        return Desk(line, gather(line, store, workers, None, silent), store)


def test_a_grade_that_leaves_hardly_anything_of_a_mark_is_warned_of(desk: Desk) -> None:
    (told,) = desk.told(None, grey(0.5), grey(0.1))
    assert (told.code, told.severity) == ("mark-buried", Severity.WARNING)
    assert str(told.where) == "edl.json: /events/2"
    share = int(told.message.partition(" leaves ")[2].partition("%")[0])
    # Luma of 8 bits: a tenth of a mark of about a hundred codes is known to a code in ten.
    assert 8 <= share <= 12
    assert told.message.endswith("of the contrast of the mark 'corner'")


def test_the_reason_for_which_a_mark_may_be_lost_is_told_with_it(desk: Desk) -> None:
    line = replace(desk.line, marks=(replace(desk.line.marks[0], may_lose="a night scene"),))
    (told,) = replace(desk, line=line).told(grey(0.1))
    assert told.message.endswith("allowed because: a night scene")


def test_the_limit_is_a_quarter(desk: Desk) -> None:
    assert [p.message[:10] for p in desk.told(grey(0.2), grey(0.3))] == ["event 'e0'"]


@pytest.mark.parametrize("slope", [0.0, 12.0])
def test_marks_in_all_black_and_all_white_pictures_are_buried(desk: Desk, slope: float) -> None:
    # The darkest of what lies around the mark is a tenth of white.
    assert len(desk.told(CDL(slope=(slope,) * 3))) == 1


def test_drafts_are_not_looked_at(desk: Desk) -> None:
    assert desk.told(grey(0.02), draft=True) == ()


def test_it_is_measured_once(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first = desk.told(grey(0.15))
    monkeypatch.setattr("finisher.pipeline.buried.amplitude", None)
    assert desk.told(grey(0.15)) == first != ()


def test_it_is_among_what_a_run_tells(desk: Desk) -> None:
    event = Event("a", "t1", Span(0, 24), cdl=grey(0.02))
    line = replace(desk.line, items=(event,))
    edit = Edit(line, (), desk.found, Consents(date(2026, 11, 21)))
    made = plan(line, preset(), desk.found.facts)
    told = warnings(edit, made, Settings(desk.store.root, desk.store.root))
    assert "mark-buried" in [problem.code for problem in told]
