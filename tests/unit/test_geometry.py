from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.geometry import Box, Fit, Raster, frame, framings_that_keep, hull

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
        assert suggestion.framing(source, raster, box).visible(box) == 1


@st.composite
def kept(draw: st.DrawFn) -> tuple[Raster, Raster, Box]:
    """A take, a raster, and a box of the take that is to be kept."""
    source, raster = draw(rasters), draw(rasters)
    width, height = draw(st.integers(1, source.width)), draw(st.integers(1, source.height))
    x, y = draw(st.integers(0, source.width - width)), draw(st.integers(0, source.height - height))
    return source, raster, Box.of(x, y, width, height)


@settings(max_examples=50)
@given(kept(), focuses)
def test_what_is_kept_moves_the_window_no_further_than_it_must(
    given_: tuple[Raster, Raster, Box], focus: tuple[Fraction, Fraction]
) -> None:
    source, raster, box = given_
    plain = frame(source, raster, Fit.COVER, focus)
    moved = frame(source, raster, Fit.COVER, focus, box)
    assert (moved.crop.width, moved.crop.height) == (plain.crop.width, plain.crop.height)
    assert moved.place == plain.place
    if plain.visible(box) == 1:
        assert moved == plain
    elif moved.visible(box) == 1:
        # Two pixels nearer to where it was, and something would be cut: crops lie on even ones.
        for x, was, along in (
            (True, plain.crop.x, moved.crop.x),
            (False, plain.crop.y, moved.crop.y),
        ):
            if was != along:
                back = 2 if was > along else -2
                shift = (back, 0) if x else (0, back)
                nearer = Box(moved.crop.x + shift[0], moved.crop.y + shift[1],
                             moved.crop.width, moved.crop.height)  # fmt: skip
                assert box.meet(nearer) != box
    else:
        # No window of that size on even pixels holds it anywhere.
        starts = range(0, int(source.width - plain.crop.width) + 1, 2)
        tops = range(0, int(source.height - plain.crop.height) + 1, 2)
        holds_x = any(x <= box.x and x + plain.crop.width >= box.x + box.width for x in starts)
        holds_y = any(y <= box.y and y + plain.crop.height >= box.y + box.height for y in tops)
        assert not (holds_x and holds_y)
        assert moved == plain


@settings(max_examples=50)
@given(kept(), focuses)
def test_widening_keeps_what_is_asked_and_no_more_than_that(
    given_: tuple[Raster, Raster, Box], focus: tuple[Fraction, Fraction]
) -> None:
    source, raster, box = given_
    wide = frame(source, raster, Fit.WIDEN, focus, box)
    cover = frame(source, raster, Fit.COVER, focus, box)
    assert wide.visible(box) == 1
    for inner, bounds in ((wide.crop, source), (wide.place, raster)):
        assert inner.within(bounds)
        assert all(side % 2 == 0 for side in (inner.x, inner.y, inner.width, inner.height))
    if cover.visible(box) == 1:
        assert (wide.crop, wide.place) == (cover.crop, cover.place)
    else:
        assert wide.crop.width <= max(cover.crop.width, box.width + 2)
        assert wide.crop.height <= max(cover.crop.height, box.height + 2)
        assert wide.project(wide.crop) == wide.place
    assert wide.origin(wide.project(box)) == box


def test_nothing_to_keep_is_covered() -> None:
    source, raster = Raster(1920, 1080), Raster(1080, 1920)
    wide, cover = (frame(source, raster, fit, HALF) for fit in (Fit.WIDEN, Fit.COVER))
    assert (wide.crop, wide.place) == (cover.crop, cover.place)


def test_a_mark_on_both_sides_is_widened_for_between_bars() -> None:
    source, raster = Raster(1920, 1080), Raster(1080, 1920)
    sides = hull([Box.of(61, 500, 100, 60), Box.of(1700, 900, 160, 60)])
    wide = frame(source, raster, Fit.WIDEN, HALF, sides)
    assert wide.crop == Box.of(60, 0, 1800, 1080)
    assert wide.place == Box.of(0, 636, 1080, 648)


@given(focuses)
def test_a_mark_wider_than_any_window_leaves_bars_or_padding(
    focus: tuple[Fraction, Fraction],
) -> None:
    wide = Box.of(100, 900, 1700, 100)
    fits = [s.fit for s in framings_that_keep(Raster(1920, 1080), Raster(1080, 1920), wide, focus)]
    assert fits == [Fit.WIDEN, Fit.PAD, Fit.BLUR_PAD]


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
