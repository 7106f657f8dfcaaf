from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.event import TransitionKind
from finisher.farm.ground import Ground
from finisher.farm.jobs import read, text, unit_json, unit_of
from finisher.geometry import Fit, Raster, frame
from finisher.plan.model import Fill, Mix, Picture, Shot
from finisher.presets.model import Video, VideoCodec
from finisher.problems import DocumentError
from finisher.render.kitchen import UnitSource, Whereabouts
from finisher.render.unit import UnitJob, compact, expanded
from finisher.timecode import Rate

WHOLE = frame(Raster(640, 360), Raster(270, 480), Fit.BLUR_PAD, (Fraction(1, 3), Fraction(1, 2)))
SOURCE = UnitSource("one", "bt709", "tv", WHOLE, None, ((1, 2, 3, 4), (5, 6, 7, 8)))
VIDEO = Video(VideoCodec.H264, "high", "yuv420p", "ultrafast", 12)
JOB = UnitJob(
    (SOURCE, replace(SOURCE, sha256="two", lut="warm")),
    (Shot(0, 7), Mix(TransitionKind.DIP, Shot(0, 8), Shot(1, 0), 0, 3, (9, 8, 7)), Fill()),
    Raster(270, 480),
    Rate.parse("24000/1001"),
    VIDEO,
)
GROUND = Ground("store", {"finisher": "1", "av": "18"})
WHERE = Whereabouts(
    {"one": Path("/takes/one.mp4"), "two": Path("/takes/zwei\udcff.mp4"), "three": Path("/3")},
    {"warm": Path("/luts/warm.cube"), "cold": Path("/luts/cold.cube")},
    Path("/store"),
)

colors = st.none() | st.tuples(*[st.integers(0, 255)] * 3)
singles = st.just(Fill()) | st.builds(Shot, st.integers(0, 9), st.integers(0, 10**7))
pictures: st.SearchStrategy[Picture] = st.recursive(
    singles,
    lambda inside: st.builds(
        Mix,
        st.sampled_from(TransitionKind), inside, inside,
        st.integers(0, 200), st.integers(1, 200), colors,
    ),
    max_leaves=5,
)  # fmt: skip


@given(pictures)
def test_a_picture_comes_back_from_its_short_form(picture: Picture) -> None:
    assert expanded(json.loads(json.dumps(compact(picture)))) == picture


@pytest.mark.parametrize("value", [[], [1], [1, "2"], "shot", ["dissolve", None, None, 1], {}, 3,
                                   ["dip", None, None, 1, 2, [1, 2]], [1.5, 2],
                                   ["melt", None, None, 1, 2]])  # fmt: skip
def test_what_is_no_picture_is_none(value: object) -> None:
    with pytest.raises(ValueError, match=r"no picture|no colour|is not a valid"):
        expanded(value)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "job",
    [
        JOB,
        replace(JOB, sources=(), pictures=(Fill(),)),
        replace(JOB, video=replace(VIDEO, crf=16.0, max_rate=5, buffer=9)),
        replace(JOB, video=replace(VIDEO, crf=23.4, gop_seconds="2/3")),
        replace(JOB, video=Video(VideoCodec.PRORES, "hq", "yuv422p10le")),
    ],
)
def test_a_unit_comes_back_with_its_key(job: UnitJob) -> None:
    back = unit_of(json.loads(json.dumps(unit_json(job))))
    assert back == job
    assert back.key == job.key


def test_a_file_of_jobs_is_read_as_errands_that_name_what_they_need(tmp_path: Path) -> None:
    path = tmp_path / "film.jobs.json"
    path.write_text(text([JOB, replace(JOB, sources=(SOURCE,))], WHERE, GROUND), encoding="ascii")
    first, second = read(path)
    assert (first.job, first.key, first.ground) == (JOB, JOB.key, GROUND)
    assert set(first.whereabouts.takes) == {"one", "two"}
    assert first.whereabouts.takes["two"] == Path("/takes/zwei\udcff.mp4")
    assert set(first.whereabouts.luts) == {"warm"}
    assert (set(second.whereabouts.takes), second.whereabouts.luts) == ({"one"}, {})
    assert second.whereabouts.store == Path("/store")


def test_a_key_is_the_one_that_was_written(tmp_path: Path) -> None:
    path = tmp_path / "film.jobs.json"
    path.write_text(text([JOB], WHERE, GROUND).replace(JOB.key, "f" * 64), encoding="ascii")
    (order,) = read(path)
    assert order.key == "f" * 64 != order.job.key


WRITTEN = text([JOB], WHERE, GROUND)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "no JSON",
        "[]",
        "{}",
        WRITTEN.replace("finisher/jobs@1", "finisher/jobs@2"),
        WRITTEN.replace('"ground"', '"grounds"'),
        WRITTEN.replace('"pictures":[', '"pictures":[[1],'),
        WRITTEN.replace('"units": [', '"units": [7,'),
        WRITTEN.replace('"crf":12', '"crf":"12"'),
        WRITTEN.replace('"raster"', '"rooster"'),
        WRITTEN[: len(WRITTEN) // 2],
    ],
)
def test_what_is_no_file_of_jobs_is_a_problem_with_its_place(written: str, tmp_path: Path) -> None:
    path = tmp_path / "film.jobs.json"
    path.write_text(written, encoding="ascii")
    with pytest.raises(DocumentError) as caught:
        read(path)
    (problem,) = caught.value.problems
    assert problem.code == "jobs-unreadable"
    assert problem.where is not None
    assert problem.where.file == str(path)


def test_a_file_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="No such file"):
        read(tmp_path / "none.json")
