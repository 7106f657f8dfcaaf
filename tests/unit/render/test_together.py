from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import barcode

from finisher.event import TransitionKind
from finisher.geometry import Fit, Raster, frame
from finisher.media.reader import PictureReader
from finisher.plan.model import Fill, Mix, Picture, Shot
from finisher.presets.model import Video, VideoCodec
from finisher.problems import RenderError
from finisher.progress import Event, silent
from finisher.render import unit
from finisher.render.kitchen import UnitSource, Whereabouts
from finisher.render.picture import render_alike
from finisher.render.unit import KIND, SUFFIX, UnitJob, alike, render_together, render_unit
from finisher.store import Store
from finisher.timecode import Rate

WHOLE = Raster(barcode.WIDTH, barcode.HEIGHT)
RASTERS = (WHOLE, Raster(90, 160), Raster(128, 128))
VIDEO = Video(VideoCodec.H264, "high", "yuv420p", "ultrafast", 16)
PICTURES: tuple[Picture, ...] = (
    *(Shot(0, k) for k in range(10, 30)),
    *(Mix(TransitionKind.DISSOLVE, Shot(0, 30 + k), Shot(1, k), k, 6) for k in range(6)),
    Fill(),
    *(Shot(1, k) for k in (5, 6, 7, 5, 6, 7, 7, 6, 5)),
)


@pytest.fixture(scope="module")
def takes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("takes")
    for name in ("one", "two"):
        barcode.write_take(folder / f"{name}.mp4", 60, options={"g": "24", "bf": "2"})
    return {name: folder / f"{name}.mp4" for name in ("one", "two")}


def lumas(path: Path) -> list[NDArray[np.int16]]:
    with av.open(str(path)) as container:
        return [
            np.asarray(frame.to_ndarray()[: frame.height], np.int16)
            for frame in container.decode(video=0)
        ]


def job(raster: Raster, pictures: tuple[Picture, ...] = PICTURES, **change: Any) -> UnitJob:
    framing = frame(WHOLE, raster, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
    sources = tuple(UnitSource(name, "bt709", "tv", framing, None) for name in ("one", "two"))
    return replace(UnitJob(sources, pictures, raster, Rate.parse("24"), VIDEO), **change)


def test_together_they_come_out_as_alone(takes: dict[str, Path], tmp_path: Path) -> None:
    jobs = tuple(map(job, RASTERS))
    alone = [render_unit(one, Whereabouts(takes, {}, tmp_path / "alone")) for one in jobs]
    together = render_together(jobs, Whereabouts(takes, {}, tmp_path / "together"))
    # Pictures, not bytes: x264 weighs some of its choices by what it finds beyond the last row.
    for one, other in zip(alone, together, strict=True):
        apart = [np.abs(a - b).mean() for a, b in zip(lumas(one), lumas(other), strict=True)]
        assert len(apart) == len(PICTURES)
        assert max(apart) < 0.5


def test_every_picture_is_decoded_once(
    takes: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    whole = PictureReader.pictures

    def counted(self: PictureReader, ordinals: Sequence[int]) -> Iterator[Any]:
        asked.extend(ordinals)
        return whole(self, ordinals)

    monkeypatch.setattr(PictureReader, "pictures", counted)
    render_together((job(WHOLE),), Whereabouts(takes, {}, tmp_path / "one"))
    once = len(asked)
    asked.clear()
    render_together(tuple(map(job, RASTERS)), Whereabouts(takes, {}, tmp_path / "three"))
    assert len(asked) == once


def test_only_what_is_missing_is_made(takes: dict[str, Path], tmp_path: Path) -> None:
    where = Whereabouts(takes, {}, tmp_path)
    first = render_unit(job(RASTERS[1]), where)
    changed = first.stat().st_mtime_ns
    paths = render_together(tuple(map(job, RASTERS)), where)
    assert first in paths
    assert first.stat().st_mtime_ns == changed


def test_one_that_fails_keeps_none(
    takes: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def short(count: int, one: UnitJob) -> None:
        raise RenderError(unit.Problem("frame-count", f"{count} of {len(one.pictures)}"))

    monkeypatch.setattr(unit, "_check", short)
    with pytest.raises(RenderError):
        render_together(tuple(map(job, RASTERS)), Whereabouts(takes, {}, tmp_path))
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_what_is_alike_is_what_shows_the_same_pictures() -> None:
    one = job(WHOLE)
    assert alike(one) == alike(job(RASTERS[1])) is not None
    assert alike(job(WHOLE, video=replace(VIDEO, codec=VideoCodec.PRORES, crf=None))) == alike(one)
    assert alike(job(WHOLE, pictures=PICTURES[:-1])) != alike(one)
    assert alike(job(WHOLE, rate=Rate.parse("25"))) != alike(one)
    # What is copied is not decoded; what an encoder is still to be told is not known yet.
    assert alike(job(WHOLE, copied=True)) is None
    assert alike(job(WHOLE, video=replace(VIDEO, crf=None, vmaf=90.0))) is None


def test_deliverables_share_what_they_show_alike(takes: dict[str, Path], tmp_path: Path) -> None:
    where = Whereabouts(takes, {}, tmp_path)
    shared, own = tuple(map(job, RASTERS)), job(WHOLE, pictures=PICTURES[:5])
    heard: list[Event] = []
    with ThreadPoolExecutor(1) as workers:
        render_alike(
            [((shared[0], own), where), ((shared[1],), where), ((shared[2],), where)],
            workers,
            heard.append,
        )
        again: list[Event] = []
        render_alike([((shared[0],), where), ((shared[1],), where)], workers, again.append)
    store = Store(tmp_path)
    assert all(store.get(KIND, one.key, SUFFIX) for one in shared)
    assert store.get(KIND, own.key, SUFFIX) is None
    assert heard
    assert not again
    render_alike([((own,), where)], ThreadPoolExecutor(1), silent)
