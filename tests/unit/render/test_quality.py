"""Choosing a crf for a score: the search as a law, and real units by an independent run."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.ffmpeg import program
from finisher.geometry import Fit, Raster, frame
from finisher.media.blend import tag
from finisher.media.reference import picture_bytes
from finisher.plan.model import Fill, Shot
from finisher.presets.model import Video, VideoCodec
from finisher.render import sizing
from finisher.render.kitchen import UnitSource, Whereabouts
from finisher.render.quality import (
    HIGHEST,
    LOWEST,
    NEAR,
    Choice,
    Curve,
    choose,
    chosen,
    corrected,
    known,
    search,
)
from finisher.render.sizing import foretell
from finisher.render.unit import KIND as UNITS
from finisher.render.unit import SUFFIX, UnitJob, render_unit
from finisher.store import Store
from finisher.timecode import Rate

RASTER = Raster(320, 176)
"""Whole macroblocks: only then does x264 make the same bytes of the same pictures every time."""
WHOLE = frame(RASTER, RASTER, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
VIDEO = Video(VideoCodec.H264, "high", "yuv420p", "veryfast")
R24 = Rate.parse("24")
FRAMES = 48


def write_scene(path: Path, grain: float) -> None:
    """A texture that moves, with grain of so many codes on it."""
    dice = np.random.default_rng(5)
    coarse = dice.integers(40, 210, (20, 36)).astype(np.float32)
    wide = cv2.resize(coarse, (520, 300), interpolation=cv2.INTER_CUBIC)
    fine = cv2.resize(dice.normal(0, 6, (150, 260)), (520, 300), interpolation=cv2.INTER_LINEAR)
    with av.open(str(path), "w") as out:
        # One thread: the same take every time, as what is found depends on each of its pictures.
        options = {"crf": "4", "g": "24", "threads": "1"}
        stream = out.add_stream("libx264", rate=24, options=options)
        stream.width, stream.height, stream.pix_fmt = RASTER.width, RASTER.height, "yuv420p"
        stream.codec_context.color_range = stream.codec_context.colorspace = 1
        for number in range(FRAMES):
            x, y = 3 * number, 2 * number
            luma = (wide + fine)[y : y + 176, x : x + 320] + dice.normal(0, grain, (176, 320))
            planes = np.vstack([np.clip(luma, 16, 235), np.full((88, 320), 128)]).astype(np.uint8)
            picture = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            tag(picture)
            picture.pts, picture.time_base = number, Fraction(1, 24)
            out.mux(stream.encode(picture))
        out.mux(stream.encode(None))


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> Whereabouts:
    folder = tmp_path_factory.mktemp("quality")
    takes = {"plain": folder / "plain.mp4", "grainy": folder / "grainy.mp4"}
    write_scene(takes["plain"], 2.5)
    write_scene(takes["grainy"], 9.0)
    return Whereabouts(takes, {}, folder / "store")


def unit(take: str, **video: Any) -> UnitJob:
    source = UnitSource(take, "bt709", "tv", WHOLE, None)
    shots = tuple(Shot(0, number) for number in range(FRAMES))
    return UnitJob((source,), shots, RASTER, R24, replace(VIDEO, **video))


def independent(job: UnitJob, places: Whereabouts, folder: Path) -> float:
    """Mean VMAF of a rendered unit by ffmpeg's own command, against its take."""
    log = folder / "log.json"
    graph = f"[0:v]setpts=N[a];[1:v]setpts=N[b];[a][b]libvmaf=log_fmt=json:log_path={log}"
    subprocess.run(
        [program.executable(), "-v", "fatal", "-r", "24", "-i", render_unit(job, places),
         "-r", "24", "-i", places.takes[job.sources[0].sha256], "-lavfi", graph, "-f", "null", "-"],
        check=True,
    )  # fmt: skip
    return float(json.loads(log.read_text())["pooled_metrics"]["vmaf"]["mean"])


def encoder(top: float, bend: float, steep: float, lump: float) -> dict[int, float]:
    """Scores by crf as encoders make them: level at the top, ever steeper, lumpy."""
    dice = np.random.default_rng(9)
    return {
        tenths: max(0.0, top - steep * max(0.0, (tenths - 120) / 100) ** bend)
        + float(dice.uniform(-lump, lump))
        for tenths in range(LOWEST, HIGHEST + 1)
    }


laws = st.builds(
    encoder, st.floats(96, 100), st.floats(1.0, 3.0), st.floats(2, 12), st.sampled_from([0.0, 0.1])
)


@given(scores=laws, target=st.floats(60, 98))
def test_a_search_ends_at_its_target_or_at_the_end_of_the_range(
    scores: dict[int, float], target: float
) -> None:
    curve = Curve(scores.__getitem__)
    at = search(target, curve)
    assert LOWEST <= at <= HIGHEST
    if scores[HIGHEST] > target + 1:
        assert at == HIGHEST
    elif scores[LOWEST] < target - 1:
        assert at == LOWEST
    elif len(curve.seen) < 6:
        # A straight line for at most one and a half crf of a law that bends, and its lumps.
        assert abs(scores[at] - target) < 1.0
    assert len(curve.seen) <= 6


def test_pictures_as_they_usually_are_take_few_trials() -> None:
    usual = encoder(98.5, 1.7, 3.0, 0.05)
    for target in (90.0, 93.0, 95.0, 97.0):
        curve = Curve(usual.__getitem__)
        assert abs(usual[search(target, curve)] - target) < 0.4
        assert len(curve.seen) <= 4


def test_a_whole_unit_that_is_near_is_left_alone() -> None:
    assert corrected(95.0, {210: 95.0 + NEAR}, {200: 96.0, 220: 94.0}) == 210
    assert corrected(95.0, {210: 95.0 - NEAR}, {200: 96.0, 220: 94.0}) == 210


def test_a_whole_unit_that_misses_moves_by_what_it_misses() -> None:
    # The samples lose a point in ten tenths; the unit stands a point too low.
    assert corrected(95.0, {210: 94.0}, {200: 96.0, 220: 94.0}) == 200
    assert corrected(95.0, {210: 96.0}, {200: 96.0, 220: 94.0}) == 220
    # Two whole units on either side know better than any sample.
    assert corrected(95.0, {210: 94.0, 200: 96.0}, {200: 99.0, 220: 98.0}) == 205


def test_beyond_the_range_there_is_nothing_to_correct() -> None:
    assert corrected(99.0, {LOWEST: 97.0}, {}) == LOWEST
    assert corrected(60.0, {HIGHEST: 80.0}, {}) == HIGHEST


@pytest.mark.parametrize("take", ["plain", "grainy"])
@pytest.mark.parametrize("target", [80.0, 95.0])
def test_a_unit_reaches_its_score_by_an_independent_run(
    places: Whereabouts, tmp_path: Path, take: str, target: float
) -> None:
    job = unit(take, vmaf=target)
    choice = choose(job, places)
    found = independent(chosen(job, choice), places, tmp_path)
    assert choice.frames == FRAMES
    # Two ways of reading the take: through the kitchen, and straight.
    assert abs(found - choice.vmaf) < 0.1
    # Half a point by the chooser's own law, doubled: pictures this small make lumpy curves.
    assert abs(found - target) < 2 * NEAR


def test_targets_and_material_decide_the_crf(places: Whereabouts) -> None:
    crfs = {
        (take, target): (known(job, Store(places.store)) or choose(job, places)).tenths
        for take in ("plain", "grainy")
        for target in (80.0, 95.0)
        for job in [unit(take, vmaf=target)]
    }
    for take in ("plain", "grainy"):
        # One and a half crf: a search that looks at its target alone could not do with less.
        assert crfs[take, 80.0] > crfs[take, 95.0] + 15
    for target in (80.0, 95.0):
        assert abs(crfs["plain", target] - crfs["grainy", target]) > 15


def test_a_choice_is_kept_and_leaves_its_unit_rendered(
    places: Whereabouts, monkeypatch: pytest.MonkeyPatch
) -> None:
    job, store = unit("grainy", vmaf=90.0), Store(places.store)
    assert known(job, store) is None
    choice = choose(job, places)
    assert known(job, store) == choice
    settled = chosen(job, choice)
    assert store.get(UNITS, settled.key, SUFFIX) is not None
    assert known(replace(job, video=replace(job.video, vmaf=91.0)), store) is None
    monkeypatch.setattr("finisher.render.quality._REVISION", 99)
    assert known(job, store) is None


def test_what_can_not_be_reached_ends_at_the_best_and_says_what_it_is(
    places: Whereabouts, tmp_path: Path
) -> None:
    # At most 300 kb/s, a third of what this grain takes at that score.
    job = unit("grainy", vmaf=97.0, max_rate=300_000, buffer=300_000)
    choice = choose(job, places)
    # Below some crf the limit alone decides: scores are level, and the search may end on any.
    assert choice.tenths < 200
    assert choice.vmaf < 97.0 - 2
    assert abs(independent(chosen(job, choice), places, tmp_path) - choice.vmaf) < 0.1


def test_black_takes_next_to_nothing(places: Whereabouts) -> None:
    black = replace(unit("plain", vmaf=95.0), sources=(), pictures=(Fill(),) * 20)
    choice = choose(black, places)
    assert choice.tenths > HIGHEST - 20
    assert choice.frames == 20
    assert choice.vmaf > 95


def test_units_of_different_crfs_share_their_headers(places: Whereabouts) -> None:
    """Joining asks for one set of parameters whatever was chosen."""
    found = set()
    for tenths in (LOWEST, 213, HIGHEST):
        with av.open(
            str(render_unit(chosen(unit("plain", vmaf=95.0), Choice(tenths, 0, 0)), places))
        ) as file:
            found.add(file.streams.video[0].codec_context.extradata)
    assert len(found) == 1


def test_a_unit_without_a_target_is_no_unit_to_choose_for(places: Whereabouts) -> None:
    with pytest.raises(ValueError, match="no VMAF"):
        choose(unit("plain", crf=20), places)


def test_sizes_foretold_are_near_those_rendered(places: Whereabouts) -> None:
    foretold = foretell(unit("plain", file_bytes=100_000), places)
    for tenths, near in ((220, 0.12), (250, 0.2)):
        made = picture_bytes(render_unit(unit("plain", crf=tenths / 10), places))
        # Half of the frames stand for all; between crfs that were tried, a line for a curve.
        assert foretold.at(tenths) == pytest.approx(made, rel=near)
    again = unit("plain", file_bytes=999_999)
    assert sizing.known(again, Store(places.store)) == foretold
