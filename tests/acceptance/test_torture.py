from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests import barcode, torture
from tests.torture import CASES, Case, Outcome

from finisher.contents import sha256_of
from finisher.event import Event, Extend, Prolongation
from finisher.facts import Facts
from finisher.geometry import Raster
from finisher.ingest.take import TakeJob, measure
from finisher.media.mux import mux
from finisher.plan.assemble import plan
from finisher.plan.model import Plan
from finisher.presets.model import Container, ContainerFormat, Preset, Video, VideoCodec
from finisher.problems import DocumentError, MediaError
from finisher.render.grades import bake
from finisher.render.kitchen import Whereabouts
from finisher.render.sources import Shelf
from finisher.render.unit import UnitJob, render_unit
from finisher.store import Store
from finisher.timecode import Rate, Span
from finisher.timeline import Take, Timeline

VIDEO = Video(VideoCodec.H264, "high", "yuv420p", speed="ultrafast", crf=12)
PRESET = Preset("torture", "made up", VIDEO, None, Container(ContainerFormat.MP4))
RASTER = Raster(barcode.WIDTH, barcode.HEIGHT)
CLEAR = 0.06
"""How far a bar may lie from its level: two lossy encodings leave under 0.04 at the middles."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where takes are made, with those that others are made of."""
    made = tmp_path_factory.mktemp("torture")
    torture.bases(made)
    return made


def job_of(path: Path, store: Path) -> TakeJob:
    """What to measure of a take."""
    return TakeJob(str(path), sha256_of(path, Store(store)), (), None)


def decide(path: Path, store: Path, case: Case) -> tuple[Plan, Facts]:
    """The facts of a take, and the plan of an edit that trims one event from it."""
    facts = Facts({"t": measure(job_of(path, store), store)}, {}, {}, {})
    extend = Extend(case.hold, Prolongation.HOLD) if case.hold else None
    event = Event("e", "t", Span(*case.span), extend=extend)
    takes = (Take("t", str(path)),)
    timeline = Timeline("torture", Rate.parse(case.rate), RASTER, takes, (), (event,))
    return plan(timeline, PRESET, facts), facts


def rendered(decided: Plan, facts: Facts, folder: Path) -> Path:
    """The planned picture, rendered unit by unit and joined."""
    read = {
        take.picture_key: Path(take.copy.path if take.copy is not None else take.path)
        for take in facts.takes.values()
    }
    baked = bake([event.grade for event in decided.events], Store(folder / "store"))
    luts = {cube.key: cube.path for cube in baked.values()}
    places = Whereabouts(read, luts, folder / "store")
    shelf = Shelf(decided, facts.takes, baked, {})
    files = [
        render_unit(UnitJob(*shelf.order(unit.pictures), RASTER, decided.rate, VIDEO), places)
        for unit in decided.units
    ]
    mux(files, None, decided.rate, PRESET.container, folder / "joined.mp4", {})
    return folder / "joined.mp4"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_take_is_exact_or_repaired_in_words_or_refused(
    case: Case, folder: Path, tmp_path: Path
) -> None:
    path = case.make(folder)
    if case.outcome is Outcome.REFUSED:
        with pytest.raises((MediaError, DocumentError)) as caught:
            decide(path, tmp_path / "store", case)
        assert {problem.code for problem in caught.value.problems} <= set(case.codes)
        return
    decided, facts = decide(path, tmp_path / "store", case)
    if case.outcome is Outcome.REPAIRED:
        assert {repair.code for repair in decided.repairs} & set(case.codes)
    else:
        assert decided.repairs == ()
    found = barcode.levels(rendered(decided, facts, tmp_path))
    frames = [*range(*case.span), *[case.span[1] - 1] * case.hold]
    wanted = np.array([case.level * barcode.bars(case.law(frame)) for frame in frames])
    assert found.shape == wanted.shape
    assert np.abs(found - wanted).max() <= CLEAR


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [("T08", 0.0, 3.0), ("T09", 0.0, 1.8), ("T10", 0.3, 2.1), ("T21", 0.0, 3.0)],
)
def test_sound_lies_where_it_does_beside_the_first_picture(
    name: str, start: float, end: float, folder: Path, tmp_path: Path
) -> None:
    (case,) = (case for case in CASES if case.id == name)
    job = job_of(case.make(folder), tmp_path)
    assert measure(job, tmp_path).sound is not None
    heard = np.fromfile(Store(tmp_path).path("sounds", job.content_key, ".f32"), np.float32)
    (loud,) = np.nonzero(np.abs(heard.reshape(-1, 2)).max(axis=1) > 0.02)
    # A millisecond for the sine's first samples, and for what AAC smears about its ends.
    assert abs(loud[0] - start * 48_000) <= 48
    assert abs(loud[-1] - end * 48_000) <= 48


def test_a_hundred_takes_make_one_programme(tmp_path: Path) -> None:
    names = [f"t{i}" for i in range(100)]
    takes = {}
    for i, name in enumerate(names):
        barcode.write_take(tmp_path / f"{name}.mp4", 1, draw=lambda _, i=i: barcode.draw(i))
        takes[name] = measure(job_of(tmp_path / f"{name}.mp4", tmp_path), tmp_path)
    timeline = Timeline(
        "hundred",
        Rate.parse("24"),
        RASTER,
        tuple(Take(name, facts.path) for name, facts in takes.items()),
        (),
        tuple(Event(name, name, Span(0, 1)) for name in names),
    )
    facts = Facts(takes, {}, {}, {})
    found = barcode.levels(rendered(plan(timeline, PRESET, facts), facts, tmp_path))
    wanted = np.array([barcode.bars(i) for i in range(100)])
    assert np.abs(found - wanted).max() <= CLEAR
