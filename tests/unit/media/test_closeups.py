from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from tests import barcode
from tests.planning import index

from finisher.geometry import Box, Raster
from finisher.media.closeups import (
    BUDGET,
    FEWEST,
    MOST,
    CloseUps,
    close_ups,
    corner,
    inside,
    kept,
    spread,
    throughout,
)
from finisher.media.index import picture_shape
from finisher.media.sketch import Closer, sketch
from finisher.sighting import MarkPlace, Plane

AS_709 = ("bt709", "tv")
BOX = Box.of(250, 150, 40, 20)


def textured(number: int) -> NDArray[np.uint8]:
    """Luma that is different everywhere."""
    y, x = np.mgrid[0 : barcode.HEIGHT, 0 : barcode.WIDTH]
    return (64 + (x * 3 + y * 5 + number * 7) % 97).astype(np.uint8)


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("closeups") / "take.mp4"
    barcode.write_take(path, 30, options={"g": "12", "crf": "12"}, draw=textured)
    return path


@given(
    st.integers(16, 4000),
    st.integers(16, 2400),
    st.tuples(st.integers(0, 3000), st.integers(0, 2000), st.integers(1, 900), st.integers(1, 700)),
)
def test_what_is_kept_is_even_inside_and_holds_the_box(
    width: int, height: int, sides: tuple[int, int, int, int]
) -> None:
    raster, box = Raster(width, height), Box.of(*sides)
    found = close_ups((MarkPlace(0, 40, box),), raster, index(40))
    assert found is not None
    left, top = found.corners[0][1]
    size = found.size
    assert all(number % 2 == 0 for number in (left, top, size.width, size.height))
    assert 0 <= left <= width - size.width
    assert 0 <= top <= height - size.height
    if box.within(Raster(width // 2 * 2, height // 2 * 2)):
        # An even corner may lie a pixel before the box's own, an even size a pixel short of it.
        assert left <= box.x
        assert left + size.width >= min(box.x + box.width, width) - 1
        assert top + size.height >= min(box.y + box.height, height) - 1


@given(
    st.lists(st.tuples(st.integers(0, 500), st.integers(1, 300)), min_size=1, max_size=60),
    st.integers(10, 1900),
)
def test_no_more_is_kept_than_there_is_room_for(times: list[tuple[int, int]], side: int) -> None:
    box = Box.of(0, 0, side, min(side, 1000))
    places = [MarkPlace(start, start + length, box) for start, length in times]
    found = close_ups(places, Raster(1920, 1080), index(800))
    assert found is not None
    each = found.size.width * found.size.height * 4
    assert len(found.corners) * each <= max(BUDGET, FEWEST * each)
    ordinals = [ordinal for ordinal, _ in found.corners]
    assert ordinals == sorted(set(ordinals))
    assert all(any(p.start <= o < p.end for p in places) for o in ordinals)
    if len(places) == 1:
        assert min(FEWEST, times[0][1]) <= len(ordinals) <= MOST


@given(st.integers(0, 500), st.integers(0, 100))
def test_what_is_spread_is_even_and_away_from_both_ends(count: int, wanted: int) -> None:
    found = spread(count, wanted)
    assert len(found) == min(wanted, count)
    if found:
        edges = [-1 - found[0], *found, 2 * count - 1 - found[-1]]
        steps = {after - before for before, after in pairwise(edges)}
        # Whole numbers can't be spread more evenly; what lies before the first and behind the last
        # is half a step, which is rounded twice.
        assert max(steps) - min(steps) <= 2


def test_parts_are_told_apart_by_where_they_lie() -> None:
    wanted = CloseUps(Raster(64, 32), ((3, (0, 0)), (5, (8, 2)), (9, (0, 0))))
    assert wanted.rows((0, 0)) == {3: 0, 9: 2}
    assert wanted.rows((8, 2)) == {5: 1}
    assert wanted.rows((2, 8)) == {}
    box = Box(Fraction(21, 2), Fraction(7), Fraction(40), Fraction(13, 4))
    assert inside(box, (8, 2)) == (2.5, 5.0, 40.0, 3.25)


def test_a_place_beyond_the_take_has_nothing_to_keep() -> None:
    assert close_ups((MarkPlace(30, 60, BOX),), Raster(320, 180), index(40)) is None
    assert close_ups((), Raster(320, 180), index(40)) is None


def test_each_place_has_its_own_corner() -> None:
    other = replace(BOX, x=Fraction(10))
    found = close_ups(
        (MarkPlace(0, 20, BOX), MarkPlace(20, 40, other)), Raster(320, 180), index(40)
    )
    assert found is not None
    assert {at for o, at in found.corners if o < 20} == {corner(BOX, found.size, Raster(320, 180))}
    assert {at for o, at in found.corners if o >= 20} == {
        corner(other, found.size, Raster(320, 180))
    }


@pytest.mark.parametrize("whole_pass", [True, False])
def test_parts_are_the_pictures_own(take: Path, tmp_path: Path, *, whole_pass: bool) -> None:
    shape = picture_shape(take)
    wanted = CloseUps(Raster(64, 32), ((3, (250, 148)), (17, (2, 6)), (29, (250, 148))))
    closer = Closer(frozenset({17}), 64, ((wanted, tmp_path / "p.npy"),))
    sketches = tmp_path / "s.npy" if whole_pass else None
    assert sorted(sketch(take, shape, AS_709, closer, sketches)) == [17]
    found = kept(wanted, tmp_path / "p.npy")
    assert found is not None
    with av.open(str(take)) as container:
        luma = [f.to_ndarray()[: barcode.HEIGHT] for f in container.decode(video=0)]
    for row, (ordinal, (left, top)) in enumerate(wanted.corners):
        part = luma[ordinal][top : top + 32, left : left + 64]
        np.testing.assert_array_equal(found.pictures[row, ..., 3], part)
        # Grey: all three are the luma, full range; one code for rounding.
        grey = np.clip((part.astype(float) - 16) * 255 / 219, 0, 255)
        assert np.abs(found.pictures[row, ..., :3] - grey[..., None]).max() <= 1


def test_watchers_see_every_picture_in_order(take: Path) -> None:
    seen: list[int] = []
    watcher = (Plane.LUMA, lambda plane: seen.append(int(plane[0, 0])))
    closer = Closer(frozenset(), 64, watchers=(watcher,))
    sketch(take, picture_shape(take), AS_709, closer, None)
    wanted = [int(textured(number)[0, 0]) for number in range(30)]
    assert np.abs(np.array(seen) - wanted).max() <= 6  # coded at crf 12


def test_a_file_of_something_else_is_told_from_parts(tmp_path: Path) -> None:
    wanted = CloseUps(Raster(8, 8), ((0, (0, 0)),))
    assert kept(wanted, tmp_path / "none.npy") is None
    np.save(tmp_path / "p.npy", np.zeros((2, 8, 8, 4), np.uint8))
    assert kept(wanted, tmp_path / "p.npy") is None


@pytest.mark.parametrize("every", [2, 3, 4, 5])
def test_what_comes_and_goes_regularly_is_seen(every):
    """Were they every so many, all of them might miss it."""
    found = throughout(MarkPlace(7, 247, BOX), 80)
    assert len(set(found)) == 80
    assert found == sorted(found)
    assert found[0] > 7
    assert found[-1] < 246
    seen = [sum(ordinal % every == rest for ordinal in found) for rest in range(every)]
    assert min(seen) > 0.6 * 80 / every
