"""The planes that marks are looked for in, by the figures of the standard."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from tests import marking

from finisher.sighting import MarkFacts, Plane
from finisher.watermark.evidence import presence
from finisher.watermark.planes import carried, coded, plane_of, stands_out
from finisher.watermark.rules import clearest
from finisher.watermark.template import mirrored, read_template, seen_in, views

# 100 per cent bars of Rec. ITU-R BT.709 in 8 bits of limited range: Y', Cb, Cr.
BARS = {
    (1, 1, 1): (235, 128, 128),
    (1, 1, 0): (219, 16, 138),
    (0, 1, 1): (188, 154, 16),
    (0, 1, 0): (173, 42, 26),
    (1, 0, 1): (78, 214, 230),
    (1, 0, 0): (63, 102, 240),
    (0, 0, 1): (32, 240, 118),
    (0, 0, 0): (16, 128, 128),
}


@pytest.mark.parametrize(("rgb", "codes"), BARS.items())
def test_colour_bars_have_the_codes_of_the_standard(rgb, codes):
    found = [float(coded(np.array([[rgb]], np.float32), plane)[0, 0]) for plane in Plane]
    # The standard's own are rounded to whole codes.
    assert found == pytest.approx(codes, abs=0.5)


def test_chroma_is_carried_at_half_its_size_and_luma_at_its_own():
    fine = np.tile(np.array([[100, 140]], np.float32), (8, 8))
    assert np.unique(carried(fine, Plane.LUMA)).tolist() == [100, 140]
    assert np.unique(carried(fine, Plane.CR)).tolist() == [120]
    assert carried(np.zeros((7, 5), np.float32), Plane.CB).shape == (7, 5)


def test_chroma_is_carried_as_the_deliverable_has_it():
    rows = np.tile(np.array([[100], [140]], np.float32), (4, 8))
    assert np.unique(carried(rows, Plane.CB, (2, 1))).tolist() == [100, 140]
    assert np.unique(carried(rows.T, Plane.CB, (2, 1))).tolist() == [120]
    assert np.unique(carried(rows.T, Plane.CB, (1, 1))).tolist() == [100, 140]


def test_luma_that_was_kept_as_coded_stays_so():
    picture = np.dstack([np.full((4, 4), v, np.uint8) for v in (255, 0, 0, 99)])
    assert np.unique(plane_of(picture, Plane.LUMA)).tolist() == [99]
    assert np.unique(plane_of(picture, Plane.CR)).tolist() == [240]


@pytest.mark.parametrize(
    ("logo", "plane"),
    [("red glyphs", Plane.CR), ("cyan glyphs", Plane.CR), ("white star", None), ("badge", None)],
)
def test_a_vivid_mark_is_looked_for_in_chroma_too(logo, plane):
    template = read_template(marking.template(logo))
    assert stands_out(template.alpha, template.colour) is plane
    assert [view.plane for view in views(template)] == [Plane.LUMA, *([plane] if plane else [])]
    assert all(seen_in(template, view.plane) is not None for view in views(template))


def test_a_mark_that_is_coloured_in_part_is_looked_for_in_luma_alone():
    logo = marking.logo("red glyphs").copy()
    logo[:, : logo.shape[1] // 4, :3] = 255
    png = cv2.imencode(".png", cv2.cvtColor(logo, cv2.COLOR_RGBA2BGRA))[1].tobytes()
    assert [view.plane for view in views(read_template(png))] == [Plane.LUMA]


def test_a_mirrored_mark_is_looked_for_where_the_mark_is():
    view = views(read_template(marking.template("red glyphs")))[-1]
    turned = mirrored(view)
    assert turned.plane is view.plane
    np.testing.assert_array_equal(turned.codes, view.codes[:, ::-1])


def test_a_mark_as_bright_as_what_it_lies_on_is_found_by_its_colour():
    size, name = (320, 180), "red glyphs"
    # As bright as the red of the mark, and moving: luma has nothing steady to show.
    rng = np.random.default_rng(4)
    noise = [rng.normal(66, 6, (size[1], size[0], 1)) for _ in range(6)]
    frames = [np.clip(one, 0, 255).astype(np.uint8).repeat(3, axis=2) for one in noise]
    box = marking.corner(name, size, 0, 0.6)
    shown = marking.burnt(frames, name, box, 0.25)
    luma, chroma = views(read_template(marking.template(name)))
    found = [
        presence([marking.plane_of(frame, view.plane) for frame in shown], view, box)
        for view in (luma, chroma)
    ]
    assert [one.found for one in found] == [False, True]
    assert [one.plane for one in found] == [Plane.LUMA, Plane.CR]
    assert 0.12 < found[1].strength < 0.27  # half-size chroma takes up to half of thin edges
    bare = [marking.plane_of(frame, chroma.plane) for frame in frames]
    assert not presence(bare, chroma, box).found


def test_the_clearest_comes_first_and_the_others_stay_behind():
    faint, clear = MarkFacts(0.4, 2.0, False), MarkFacts(0.6, 9.0, True, plane=Plane.CR)
    both = clearest([faint, clear])
    assert (both.score, both.found, both.plane) == (0.6, True, Plane.CR)
    assert both.others == (faint,)
    assert [one.score for one in both.planes] == [0.6, 0.4]
