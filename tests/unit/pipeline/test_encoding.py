"""What an encode choice comes to: what is foreseen of it, told of it, and held against it."""

from __future__ import annotations

from concurrent.futures import Executor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import NoReturn

import pytest
from tests.unit.report import made

from finisher.canonical import to_json
from finisher.findings import Status, Weight
from finisher.geometry import Fit, Raster, frame
from finisher.pipeline.encoding import (
    CHECK,
    Circumstances,
    encoded,
    fits,
    foreseen,
    reached,
    words,
)
from finisher.pipeline.master import Master, Work
from finisher.plan.model import Shot
from finisher.presets.model import Video, VideoCodec
from finisher.progress import silent
from finisher.render import quality
from finisher.render.kitchen import UnitSource, Whereabouts
from finisher.render.picture import RenderedPicture
from finisher.render.quality import Choice
from finisher.render.unit import UnitJob
from finisher.report.model import Encoding, UnitEncoding
from finisher.store import Store
from finisher.timecode import Rate

RASTER = Raster(64, 64)
WHOLE = frame(RASTER, RASTER, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
SCORED = Video(VideoCodec.H264, "high", "yuv420p", vmaf=93.0)


def job(first: int, video: Video = SCORED) -> UnitJob:
    source = UnitSource("a", "bt709", "tv", WHOLE, None)
    pictures = tuple(Shot(0, first + k) for k in range(48))
    return UnitJob((source,), pictures, RASTER, Rate.parse("24"), video)


def scored(*units: tuple[int, float, float]) -> Encoding:
    starts = [sum(frames for frames, _, _ in units[:n]) for n in range(len(units))]
    told = [UnitEncoding(at, *unit) for at, unit in zip(starts, units, strict=True)]
    return Encoding(tuple(told), vmaf=93.0)


def test_a_choice_made_before_is_foreseen_and_nothing_else_is(tmp_path: Path) -> None:
    store, jobs = Store(tmp_path), (job(0), job(48))
    assert foreseen(jobs, store) == jobs
    choice = Choice(217, 93.1, 48)
    store.write(quality.KIND, quality._key(jobs[1]), to_json(choice))
    first, second = foreseen(jobs, store)
    assert first == jobs[0]
    assert (second.video.crf, second.video.vmaf) == (21.7, None)
    assert second.pictures == jobs[1].pictures
    other = job(48, replace(SCORED, vmaf=95.0))
    assert foreseen([other], store) == (other,)


def test_a_chosen_unit_is_the_unit_of_a_preset_that_gives_its_crf(tmp_path: Path) -> None:
    given = replace(SCORED, crf=21.0, vmaf=None)
    assert quality.chosen(job(0), Choice(210, 93.0, 48)).key == job(0, given).key
    assert job(0).key != job(0, given).key
    del tmp_path


def test_what_is_carried_over_asks_for_nothing(tmp_path: Path) -> None:
    carried = replace(job(0), copied=True)
    (found,) = foreseen([carried], Store(tmp_path))
    assert (found.copied, found.video.vmaf, found.video.crf) == (True, None, None)


class Idle(Executor):
    """Nobody: all there is to do was done."""

    def submit(self, fn: object, /, *args: object, **kwargs: object) -> NoReturn:
        raise AssertionError((fn, args, kwargs))


def test_what_is_encoded_is_chosen_and_what_is_carried_over_is_not_asked(tmp_path: Path) -> None:
    store, seen = Store(tmp_path), []
    jobs = (job(0), replace(job(48), copied=True), job(96))
    for one, choice in ((jobs[0], Choice(217, 93.1, 48)), (jobs[2], Choice(190, 92.9, 48))):
        store.write(quality.KIND, quality._key(one), to_json(choice))
    decided = made.plan()
    decided = replace(decided, preset=replace(decided.preset, video=SCORED))

    def build(work: Work) -> tuple[Master, Path]:
        seen.append(work.units)
        return Master(RenderedPicture((), 3), None), tmp_path / "film.mp4"

    task = Circumstances(decided, Whereabouts({}, {}, tmp_path), store, Idle(), silent)
    master, path, encoding = encoded(task, Work({}, {}, jobs, None), build)
    ((first, second, third),) = seen
    assert [unit.video.crf for unit in (first, second, third)] == [21.7, None, 19.0]
    assert [unit.video.vmaf for unit in (first, second, third)] == [None, None, None]
    assert encoding is not None
    assert [(unit.start, unit.crf) for unit in encoding.units] == [(0, 21.7), (96, 19.0)]
    assert encoding.reached == pytest.approx(93.0)
    assert path == tmp_path / "film.mp4"
    # None of the units was in the store before: whatever joining finds there was made just now.
    assert master.picture.remembered == 0


def test_a_plain_crf_is_left_alone(tmp_path: Path) -> None:
    plain = job(0, replace(SCORED, crf=18, vmaf=None))
    assert foreseen([plain], Store(tmp_path)) == (plain,)
    task = Circumstances(
        made.plan(), Whereabouts({}, {}, tmp_path), Store(tmp_path), Idle(), silent
    )
    given = Work({}, {}, (plain,), None)
    built: list[Work] = []

    def build(work: Work) -> tuple[Master, Path]:
        built.append(work)
        return Master(RenderedPicture((), 0), None), tmp_path

    assert encoded(task, given, build)[2] is None
    assert built == [given]


def test_the_programme_s_score_weighs_units_by_their_frames() -> None:
    told = scored((48, 21.0, 93.0), (144, 24.5, 95.0))
    assert told.reached == 94.5
    assert words(told) == "VMAF 94.50 of 93, crf 21 to 24.5"
    (finding,) = reached(told)
    assert (finding.id, finding.status, finding.promised) == (CHECK, Status.PASSED, 93.0)
    assert finding.measured == {"mean": 94.5, "lowest": 93.0}
    assert "192 frames" in finding.detail


def test_a_stretch_that_misses_is_warned_of_with_its_figure_and_place() -> None:
    (near,) = reached(scored((48, 8.0, 92.5), (48, 20.0, 93.2)))
    assert near.status is Status.PASSED
    (missed,) = reached(scored((48, 20.0, 99.0), (60, 8.0, 91.25), (48, 20.0, 99.0)))
    assert (missed.status, missed.severity) == (Status.WARNED, Weight.ADVISORY)
    assert "91.25" in missed.detail
    assert "in the 60 from 48 on" in missed.detail
    assert "1 of 3 stretches" in missed.detail


def test_where_nothing_was_measured_nothing_is_claimed() -> None:
    sized = Encoding((UnitEncoding(0, 48, 21.5),), file_bytes=100_000)
    assert sized.reached is None
    assert reached(sized) == ()
    assert words(sized) == "crf 21.5"
    nothing = Encoding((), vmaf=93.0)
    assert (nothing.reached, reached(nothing), words(nothing)) == (None, (), "nothing is encoded")


@pytest.mark.parametrize(
    ("size", "status"),
    [(970_000, Status.PASSED), (1_000_000, Status.PASSED), (1_000_001, "failed")],
)
def test_a_file_over_its_size_fails(size: int, status: str) -> None:
    finding = fits(1_000_000, size)
    assert (finding.status, finding.severity) == (status, Weight.REQUIRED)
    assert (finding.promised, finding.measured) == (1_000_000, size)
    assert size != 970_000 or "3.0 % under" in finding.detail
