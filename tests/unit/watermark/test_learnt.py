"""Learnt marks as files: what is written is read, and what is hostile is refused."""

import json
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.geometry import Box, Raster
from finisher.problems import DocumentError
from finisher.watermark.learnt import Learnt, Told, fits, learnt_png, read_learnt

TOLD = Told(Box.of(10, 20, 6, 4), Raster(64, 48), ("ab" * 32,) * 4, 0.75, either=True)


def learnt(told: Told = TOLD, seed: int = 0) -> Learnt:
    dice = np.random.default_rng(seed)
    along, across = dice.uniform(-1, 1, (2, 4, 6)).astype(np.float32)
    return Learnt(along, across, dice.uniform(0, 1, (4, 6)).astype(np.float32), told)


def with_text(text: bytes, png: bytes | None = None) -> bytes:
    """A learnt mark's picture with another text."""
    plain = cv2.imencode(".png", np.full((4, 6, 3), 200, np.uint8))[1].tobytes()
    body = b"tEXtfinisher\0" + text
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    png = png or plain
    return png[:33] + chunk + png[33:]


def document(**changes: object) -> bytes:
    told = {
        "box": {"x": "10", "y": "20", "width": "6", "height": "4"},
        "raster": {"width": 64, "height": 48},
        "takes": ["ab" * 32],
        "coherence": 0.5,
    }
    return json.dumps({"schema": "finisher/mark@1", "told": told | changes}).encode()


@given(st.integers(0, 1000))
@settings(max_examples=10, deadline=None)
def test_what_is_written_is_read(seed: int) -> None:
    made = learnt(seed=seed)
    found = read_learnt(learnt_png(made))
    assert found is not None
    assert found.told == made.told
    for name in ("along", "across", "weight"):
        # Half a step of 1/127 is what eight bits round by.
        assert np.abs(getattr(found, name) - getattr(made, name)).max() <= 0.5 / 127 + 1e-6


def test_an_ordinary_picture_is_none() -> None:
    picture = cv2.imencode(".png", np.zeros((8, 8, 4), np.uint8))[1].tobytes()
    assert read_learnt(picture) is None
    assert read_learnt(b"no picture at all") is None


def test_the_picture_holds_no_colours_to_rebuild_a_mark_from() -> None:
    """Gradients twice as steep, of a mark twice as strong, are the same file."""
    one = learnt()
    pixels = cv2.imdecode(np.frombuffer(learnt_png(one), np.uint8), cv2.IMREAD_UNCHANGED)
    assert pixels.shape == (4, 6, 3)
    assert abs(float(pixels[..., 2].mean()) - 128) < 60


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[]",
        b"[" * 30_000,
        b'{"schema": "finisher/mark@2"}',
        document(box={"x": "60", "y": "20", "width": "6", "height": "4"}),
        document(box={"x": "1/2", "y": "20", "width": "6", "height": "4"}),
        document(box={"x": "1/0", "y": "20", "width": "6", "height": "4"}),
        document(box={"x": "10", "y": "20", "width": "7", "height": "4"}),
        document(raster={"width": 10**9, "height": 10**9}),
        document(takes=["ab" * 31]),
        document(takes=["ab" * 32] * 600),
        document(coherence=2.0),
        document(coherence="high"),
        document(stranger=1),
        b"x" * 70_000,
    ],
)
def test_a_text_that_can_not_be_is_refused(text: bytes) -> None:
    with pytest.raises(DocumentError) as error:
        read_learnt(with_text(text))
    assert error.value.problems[0].code == "bad-template"


def test_damage_is_refused() -> None:
    png = bytearray(learnt_png(learnt()))
    png[len(png) // 2] ^= 0x40
    twice = with_text(document(), with_text(document()))
    grey = cv2.imencode(".png", np.full((4, 6), 200, np.uint8))[1].tobytes()
    empty = cv2.imencode(".png", np.full((4, 6, 3), (0, 128, 128), np.uint8))[1].tobytes()
    cut = learnt_png(learnt())[:-20]
    for data in (bytes(png), twice, with_text(document(), grey), with_text(document(), empty), cut):
        with pytest.raises(DocumentError):
            read_learnt(data)


def test_a_size_out_of_this_world_is_refused_before_it_is_unpacked() -> None:
    head = (1 << 31).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    chunk = b"IHDR" + head
    png = b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + chunk
    png += zlib.crc32(chunk).to_bytes(4, "big")
    with pytest.raises(DocumentError):
        read_learnt(with_text(document(), png))


def drawn_field() -> bytes:
    """A learnt mark as takes would teach it: the gradient of a shape, steepest 1, certain in it."""
    shape = np.zeros((24, 60), np.float32)
    cv2.circle(shape, (20, 12), 7, 1.0, -1)
    cv2.line(shape, (32, 18), (52, 6), 1.0, 3)
    soft = cv2.GaussianBlur(shape, (0, 0), 1.0)
    along, across = (cv2.Sobel(soft, cv2.CV_32F, *way) for way in ((1, 0), (0, 1)))
    slopes = np.hypot(along, across)
    steepest = float(slopes.max())
    weight = np.clip(4 * slopes / steepest, 0, 1)
    told = Told(Box.of(2, 3, 60, 24), Raster(320, 180), ("ab" * 32,) * 4, 0.7)
    return learnt_png(Learnt(along / steepest, across / steepest, weight, told))


def stripped(png: bytes) -> bytes:
    """A PNG file without its text, as tools that make pictures smaller leave it."""
    start = png.index(b"tEXt") - 4
    return png[:start] + png[start + 12 + int.from_bytes(png[start : start + 4], "big") :]


def encoded(image: np.ndarray) -> bytes:
    return cv2.imencode(".png", image)[1].tobytes()


def test_a_learnt_mark_without_its_text_is_no_drawn_template() -> None:
    bare = stripped(drawn_field())
    pixels = cv2.imdecode(np.frombuffer(bare, np.uint8), cv2.IMREAD_UNCHANGED)
    opaque = encoded(np.dstack((pixels, np.full(pixels.shape[:2], 255, np.uint8))))
    for data in (bare, opaque):
        with pytest.raises(DocumentError) as error:
            read_learnt(data)
        assert error.value.problems[0].code == "bad-template"
        assert "learn it again" in error.value.problems[0].message


def test_no_damage_to_its_text_makes_a_learnt_mark_an_ordinary_picture() -> None:
    png = learnt_png(learnt())  # of random pixels: nothing but its words tells what it is
    start = png.index(b"tEXt")
    for at in range(start - 4, start + 40):
        damaged = bytearray(png)
        damaged[at] ^= 1
        with pytest.raises(DocumentError):
            read_learnt(bytes(damaged))


def test_pictures_of_other_kinds_are_not_taken_for_learnt_marks() -> None:
    dice = np.random.default_rng(3)
    grey = dice.integers(128 - 89, 128 + 90, (24, 60, 1)).astype(np.uint8)
    letters = np.zeros((24, 60, 3), np.uint8)
    cv2.putText(letters, "ab", (4, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2)
    noise = dice.integers(0, 256, (24, 60, 3)).astype(np.uint8)
    flat = np.full((24, 60, 3), 128, np.uint8)
    for image in (np.repeat(grey, 3, axis=2), letters, 255 - letters, noise, flat, grey):
        assert read_learnt(encoded(image)) is None


@pytest.mark.parametrize(
    ("sides", "raster", "fitting"),
    [
        ((100, 40), (1920, 1080), True),
        ((112, 45), (1920, 1080), True),
        ((118, 40), (1920, 1080), False),
        ((100, 33), (1920, 1080), False),
        ((50, 20), (960, 540), True),  # it shrinks with the takes
        ((100, 40), (960, 540), True),  # or does not
        ((50, 20), (1920, 1080), False),
        ((56, 22), (1080, 1920), True),  # scaled by a rule of its own, in its own shape
        ((56, 71), (1080, 1920), True),  # stretched as the takes are
        ((56, 40), (1080, 1920), False),
    ],
)
def test_a_box_is_as_large_as_its_mark(
    sides: tuple[int, int],
    raster: tuple[int, int],
    fitting: bool,
) -> None:
    told = Told(Box.of(10, 20, 100, 40), Raster(1920, 1080), ("ab" * 32,), 0.5)
    assert fits(told, Box.of(0, 0, *sides), Raster(*raster)) is fitting
