"""Effects as jobs: exact to the picture, known again, and keyed by all that decides them."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from tests import barcode

from finisher.effects import Effect
from finisher.event import TransitionKind
from finisher.geometry import Fit, Raster, frame
from finisher.media.index import picture_shape
from finisher.media.lossless import pixels, write_rgb
from finisher.media.reader import PictureReader
from finisher.plan.model import Mix, Shot
from finisher.problems import DocumentError
from finisher.render.kitchen import Kitchen, Order, Readers, UnitSource, Whereabouts
from finisher.render.working import WorkingJob, known, sketches, work
from finisher.store import Store
from finisher.timecode import Rate

RASTER = Raster(barcode.WIDTH, barcode.HEIGHT)
WHOLE = frame(RASTER, RASTER, Fit.COVER, (Fraction(1, 2), Fraction(1, 2)))
JOB = WorkingJob(
    (UnitSource("one", "bt709", "tv", WHOLE, None),),
    (
        Shot(0, 5),
        Shot(0, 6),
        Shot(0, 7),
        Mix(TransitionKind.DISSOLVE, Shot(0, 8), Shot(0, 2), 0, 1),
    ),
    RASTER,
    Rate.parse("24"),
    (Effect("EvenSize"),),
    (),
    Path(),
)


@pytest.fixture
def places(tmp_path: Path) -> Whereabouts:
    take = tmp_path / "take.mp4"
    barcode.write_take(take, 24, options={"g": "24"})
    return Whereabouts({"one": take}, {}, tmp_path / "store")


def shown(path: Path) -> list[np.ndarray]:
    index = picture_shape(path).index
    with PictureReader(path, index) as reader:
        return [pixels(picture) for picture in reader.pictures(range(len(index)))]


def test_pictures_come_back_bit_by_bit(tmp_path: Path) -> None:
    dice = np.random.default_rng(1)
    made = [dice.integers(0, 256, (38, 66, 3), np.uint8) for _ in range(5)]
    assert write_rgb(made, Raster(66, 38), tmp_path / "kept.nut") == 5
    assert all((a == b).all() for a, b in zip(shown(tmp_path / "kept.nut"), made, strict=True))


def test_the_right_pictures_are_worked_in_order(places: Whereabouts) -> None:
    mirrored = shown(work(replace(JOB, effects=(Effect("MirrorX"),)), places))
    plain = shown(work(JOB, places))
    assert len(plain) == 4
    assert all((a == b[:, ::-1]).all() for a, b in zip(mirrored, plain, strict=True))
    for number, picture in zip((5, 6, 7), plain, strict=False):
        middles = picture[90, 16 :: barcode.WIDTH // barcode.BITS, 1] > 128
        assert (middles == barcode.bars(number)).all()


def test_what_was_worked_is_known_with_its_sketches(places: Whereabouts) -> None:
    store = Store(places.store)
    assert not known(JOB, store)
    work(JOB, places)
    assert known(JOB, store)
    small = np.load(sketches(store, JOB.key))
    assert small.shape[0] == 4


def test_an_effect_that_fails_leaves_nothing(places: Whereabouts) -> None:
    job = replace(JOB, effects=(Effect("no_such_module.Thing"),))
    with pytest.raises(DocumentError):
        work(job, places)
    assert not known(job, Store(places.store))


@pytest.mark.parametrize(
    "other",
    [
        replace(JOB, effects=(Effect("MirrorX"),)),
        replace(JOB, effects=(Effect("EvenSize"), Effect("EvenSize"))),
        replace(JOB, pictures=JOB.pictures[:3]),
        replace(JOB, rate=Rate.parse("25")),
        replace(JOB, code=(("own.Thing", "00"),)),
        replace(JOB, sources=(replace(JOB.sources[0], lut="x"),)),
    ],
)
def test_all_that_decides_the_pictures_is_in_the_key(other: WorkingJob) -> None:
    assert other.key != JOB.key


def test_where_code_lies_is_not() -> None:
    assert replace(JOB, folder=Path("/elsewhere")).key == JOB.key


def test_the_round_trip_through_rgb_costs_a_code_at_most(places: Whereabouts) -> None:
    """8-bit RGB holds fewer colours than 8-bit YCbCr: one code of rounding each way."""
    worked = Store(places.store).path("effects", JOB.key, ".nut")
    work(JOB, places)
    again = UnitSource("two", "gbr", "pc", WHOLE, None)
    both = Whereabouts({**places.takes, "two": worked}, {}, places.store)
    planes = []
    for source, ordinals in ((JOB.sources[0], (5, 6, 7)), (again, (0, 1, 2))):
        order = Order((source,), tuple(Shot(0, o) for o in ordinals), RASTER, "yuv420p")
        with Readers([order]) as readers:
            planes.append([f.to_ndarray() for f in Kitchen(order, both, readers).pictures()])
    apart = np.abs(np.array(planes[0]).astype(int) - np.array(planes[1]))
    assert apart.max() <= 1
