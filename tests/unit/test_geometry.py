from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.geometry import Box, Fit, Raster, frame, framings_that_keep

HALF = (Fraction(1, 2), Fraction(1, 2))
sides = st.integers(8, 2048).map(lambda n: 2 * n)
rasters = st.builds(Raster, sides, sides)
points = st.fractions(0, 1, max_denominator=1000)
focuses = st.tuples(points, points)


@given(rasters, rasters, st.sampled_from(Fit), focuses)
def test_a_framing_stays_inside_and_on_even_pixels(
    source: Raster, raster: Raster, fit: Fit, focus: tuple[Fraction, Fraction]
) -> None:
    framing = frame(source, raster, fit, focus)
    for box, bounds in ((framing.crop, source), (framing.place, raster)):
        assert box.x >= 0
        assert box.y >= 0
        assert box.x + box.width <= bounds.width
        assert box.y + box.height <= bounds.height
        assert all(side % 2 == 0 for side in (box.x, box.y, box.width, box.height))


@given(rasters, rasters, focuses)
def test_cover_fills_the_raster(
    source: Raster, raster: Raster, focus: tuple[Fraction, Fraction]
) -> None:
    place = frame(source, raster, Fit.COVER, focus).place
    assert (place.width, place.height) == (raster.width, raster.height)


def test_vertical_from_full_hd_is_608_wide_and_follows_the_focus() -> None:
    source, raster = Raster(1920, 1080), Raster(1080, 1920)
    assert frame(source, raster, Fit.COVER, HALF).crop == Box.of(656, 0, 608, 1080)
    right = frame(source, raster, Fit.COVER, (Fraction(1), Fraction(1, 2)))
    assert right.crop == Box.of(1312, 0, 608, 1080)


@given(rasters, rasters, focuses, st.integers(0, 100), st.integers(0, 100))
def test_projection_maps_the_crop_onto_the_place(
    source: Raster, raster: Raster, focus: tuple[Fraction, Fraction], dx: int, dy: int
) -> None:
    framing = frame(source, raster, Fit.COVER, focus)
    assert framing.project(framing.crop) == framing.place
    moved = Box(framing.crop.x + dx, framing.crop.y + dy, Fraction(10), Fraction(10))
    shown = framing.project(moved)
    assert shown.x - framing.place.x == dx * framing.place.width / framing.crop.width


def test_a_corner_mark_is_cut_by_a_centred_vertical_crop() -> None:
    framing = frame(Raster(1920, 1080), Raster(1080, 1920), Fit.COVER, HALF)
    assert framing.visible(Box.of(1690, 980, 180, 60)) == 0
    assert framing.visible(Box.of(1204, 980, 120, 60)) == Fraction(1, 2)


@given(rasters, rasters, focuses, st.data())
def test_every_suggested_framing_keeps_the_box(
    source: Raster, raster: Raster, focus: tuple[Fraction, Fraction], data: st.DataObject
) -> None:
    width = data.draw(st.integers(1, source.width))
    height = data.draw(st.integers(1, source.height))
    box = Box.of(
        data.draw(st.integers(0, source.width - width)),
        data.draw(st.integers(0, source.height - height)),
        width,
        height,
    )
    suggestions = framings_that_keep(source, raster, box, focus)
    assert suggestions
    for suggestion in suggestions:
        assert frame(source, raster, suggestion.fit, suggestion.focus).visible(box) == 1


@given(focuses)
def test_a_mark_wider_than_any_window_leaves_padding_only(
    focus: tuple[Fraction, Fraction],
) -> None:
    wide = Box.of(100, 900, 1700, 100)
    fits = [s.fit for s in framings_that_keep(Raster(1920, 1080), Raster(1080, 1920), wide, focus)]
    assert fits == [Fit.PAD, Fit.BLUR_PAD]


@given(rasters, st.integers(1, 4))
def test_same_shape_is_not_cropped(source: Raster, times: int) -> None:
    raster = Raster(source.width * times, source.height * times)
    framing = frame(source, raster, Fit.COVER, HALF)
    assert (framing.crop.width, framing.crop.height) == (source.width, source.height)


@pytest.mark.parametrize("fit", [Fit.PAD, Fit.BLUR_PAD])
def test_padding_keeps_everything(fit: Fit) -> None:
    framing = frame(Raster(1920, 1080), Raster(1080, 1920), fit, HALF)
    assert framing.crop == Box.of(0, 0, 1920, 1080)
    assert framing.place == Box.of(0, 656, 1080, 608)
