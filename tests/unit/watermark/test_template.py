"""Templates: what is read from a PNG, and where it lands on the pixel grid."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.problems import DocumentError
from finisher.sighting import Plane
from finisher.watermark.template import Template, place, read_template


def png(image: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".png", image)[1])


def test_alpha_and_limited_range_luma_are_read():
    image = np.zeros((4, 6, 4), np.uint8)
    image[:, :3] = (255, 255, 255, 128)
    template = read_template(png(image))
    assert template.alpha.shape == (4, 6)
    assert template.alpha[0, 0] == pytest.approx(128 / 255)
    assert template.alpha[0, 5] == 0
    assert template.colour[Plane.LUMA][0, 0] == pytest.approx(235)
    assert template.colour[Plane.LUMA][0, 5] == pytest.approx(16)


def test_colours_weigh_as_in_bt709():
    green = np.zeros((4, 4, 3), np.uint8)
    green[:] = (0, 255, 0)
    template = read_template(png(green))
    assert template.colour[Plane.LUMA][0, 0] == pytest.approx(16 + 219 * 0.7152, abs=0.01)
    assert (template.alpha == 1).all()


def test_gray_and_sixteen_bits_are_read():
    assert read_template(png(np.full((3, 3), 255, np.uint8))).colour[Plane.LUMA][
        0, 0
    ] == pytest.approx(235)
    deep = np.full((3, 3, 4), 65535, np.uint16)
    assert read_template(png(deep)).alpha[0, 0] == pytest.approx(1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x89PNG",
        b"GIF89a" + bytes(40),
        png(np.zeros((4, 4, 3), np.uint8))[:40],
        # A head that claims 60000 by 60000 pixels must not be unpacked.
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\xea\x60\0\0\xea\x60" + bytes(20),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x10\0\0\0\x10\0" + bytes(20),
        png(np.zeros((4, 4, 4), np.uint8)),
    ],
)
def test_what_is_no_template_is_refused(data):
    with pytest.raises(DocumentError):
        read_template(data)


@settings(max_examples=60, deadline=None)
@given(
    x=st.floats(0, 60),
    y=st.floats(0, 60),
    width=st.floats(16, 120),
    height=st.floats(12, 90),
)
def test_a_placed_template_keeps_its_mass_and_centre(x, y, width, height):
    alpha = np.zeros((40, 60), np.float32)
    alpha[10:30, 15:45] = 1.0  # half of each side, in the middle
    placed = place(
        Template(alpha, {Plane.LUMA: np.full_like(alpha, 200)}), (x, y, width, height), 3
    )
    mass = float(placed.alpha.sum())
    # Bilinear sampling of an edge errs by a fraction of its length.
    assert mass == pytest.approx(width * height / 4, abs=0.3 * (width + height))
    rows, columns = np.indices(placed.alpha.shape)
    centre_x = placed.x + 0.5 + float((columns * placed.alpha).sum()) / mass
    centre_y = placed.y + 0.5 + float((rows * placed.alpha).sum()) / mass
    # A quarter of a pixel: well inside the two pixels a mark is looked for in.
    assert centre_x == pytest.approx(x + width / 2, abs=0.25)
    assert centre_y == pytest.approx(y + height / 2, abs=0.25)


def test_a_large_template_in_a_small_box_costs_no_more_than_the_box(monkeypatch):
    blurred = []
    blur = cv2.GaussianBlur

    def watched(plane, *args, **options):
        blurred.append(plane.size)
        return blur(plane, *args, **options)

    monkeypatch.setattr(cv2, "GaussianBlur", watched)
    alpha = np.ones((2048, 2048), np.float32)
    placed = place(Template(alpha, {Plane.LUMA: 200 * alpha}), (5.0, 5.0, 12.0, 12.0), 3)
    assert float(placed.alpha.sum()) == pytest.approx(144, rel=0.05)  # edges are sampled
    assert max(blurred) < 100 * 100
