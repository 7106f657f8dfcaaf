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
from finisher.watermark.learnt import Learnt, Told, learnt_png, read_learnt

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
