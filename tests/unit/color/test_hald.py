from __future__ import annotations

import struct
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.color import bake, hald

MOST = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535}


def identity(level: int, kind: type[np.generic] = np.uint8) -> np.ndarray:
    """The picture of a look that changes nothing, RGB."""
    steps = np.linspace(0, 1, level * level)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    codes = np.stack([r, g, b], axis=-1) * MOST[np.dtype(kind)]
    return np.round(codes).astype(kind).reshape(level**3, level**3, 3)


def png(picture: np.ndarray, *words: int) -> bytes:
    order = picture[..., ::-1] if picture.ndim == 3 and picture.shape[2] == 3 else picture
    return cv2.imencode(".png", np.ascontiguousarray(order), list(words))[1].tobytes()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def interlaced(picture: np.ndarray) -> bytes:
    """The picture as an Adam7 PNG of 8 bits."""
    data = b""
    for x, y, dx, dy in ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4),
                         (1, 0, 2, 2), (0, 1, 1, 2)):  # fmt: skip
        part = picture[y::dy, x::dx]
        data += b"".join(b"\0" + row.tobytes() for row in part if row.size)
    head = struct.pack(">IIBBBBB", *picture.shape[1::-1], 8, 2, 0, 0, 1)
    body = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


def palette(size: int) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 3, 0, 0, 0))
    data = zlib.compress(b"\0" * (size * (size + 1)))
    body = head + chunk(b"PLTE", b"\1\2\3") + chunk(b"IDAT", data) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(("level", "kind"), [(2, np.uint8), (4, np.uint16), (5, np.uint8),
                                             (8, np.uint8), (8, np.uint16)])  # fmt: skip
def test_a_picture_that_changes_nothing_is_the_lattice(level: int, kind: type[np.generic]) -> None:
    table = hald.read(png(identity(level, kind)))
    side = level * level
    assert table.shape == (side, side, side, 3)
    steps = np.linspace(0, 1, side)
    b, g, r = np.meshgrid(steps, steps, steps, indexing="ij")
    # Half a code of the picture's own.
    assert np.abs(table - np.stack([r, g, b], axis=-1)).max() <= 0.501 / MOST[np.dtype(kind)]


def test_red_runs_fastest_and_blue_slowest() -> None:
    table = hald.read(png(identity(3)))
    assert table[0, 0, 8].tolist() == [1, 0, 0]
    assert table[0, 8, 0].tolist() == [0, 1, 0]
    assert table[8, 0, 0].tolist() == [0, 0, 1]


def test_interlaced_and_opaque_pictures_are_read_alike() -> None:
    picture = identity(4)
    wanted = hald.read(png(picture))
    assert np.array_equal(hald.read(interlaced(picture)), wanted)
    opaque = np.dstack([picture[..., ::-1], np.full(picture.shape[:2], 255, np.uint8)])
    assert np.array_equal(hald.read(png(opaque)), wanted)


SMALL = png(identity(3))
CLEAR = np.dstack([identity(3), np.full((27, 27), 255, np.uint8)])
CLEAR[5, 5, 3] = 254


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (b"", "no PNG"),
        (b"GIF89a" * 10, "no PNG"),
        (SMALL[:30], "no PNG"),
        (SMALL[:-12], "breaks off"),
        (SMALL[: len(SMALL) // 2], "breaks off"),
        (SMALL[:60] + bytes([SMALL[60] ^ 1]) + SMALL[61:], "breaks off"),
        (png(np.zeros((512, 511, 3), np.uint8)), "512"),
        (png(np.zeros((100, 100, 3), np.uint8)), "as no Hald"),
        (png(np.zeros((1, 1, 3), np.uint8)), "as no Hald"),
        (png(np.zeros((64, 64), np.uint8)), "greyscale"),
        (png(np.zeros((64, 64), np.uint16)), "greyscale"),
        (palette(64), "palette"),
        (png(CLEAR), "transparent"),
        # Four thousand million pixels, told before any is unpacked.
        (SMALL[:16] + struct.pack(">II", 65000, 65000) + SMALL[24:], "as no Hald"),
    ],
)
def test_other_pictures_are_told_what_they_are(data: bytes, word: str) -> None:
    with pytest.raises(hald.NoHald, match=word):
        hald.read(data)


def test_a_picture_of_nothing_but_a_head_is_refused() -> None:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 64, 64, 8, 2, 0, 0, 0))
    empty = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IEND", b"")
    with pytest.raises(hald.NoHald, match="breaks off"):
        hald.read(empty)
    hollow = b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", b"junk") + chunk(b"IEND", b"")
    with pytest.raises(hald.NoHald, match="unpacked"):
        hald.read(hollow)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, len(SMALL) - 1), st.integers(1, 255))
def test_a_damaged_picture_is_refused_or_the_same(at: int, by: int) -> None:
    damaged = SMALL[:at] + bytes([SMALL[at] ^ by]) + SMALL[at + 1 :]
    try:
        table = hald.read(damaged)
    except hald.NoHald:
        return
    assert np.array_equal(table, hald.read(SMALL))


def test_on_a_fine_lattice_it_says_what_it_said() -> None:
    curve = identity(8, np.uint16).astype(np.float64) / 65535
    bent = np.round(np.stack([curve[..., 0] ** 1.2, curve[..., 1], 1 - curve[..., 2]], -1) * 65535)
    table = hald.read(png(bent.astype(np.uint16)))
    colours = np.random.default_rng(1).random((500, 3), dtype=np.float32)
    wanted = np.stack([colours[:, 0] ** 1.2, colours[:, 1], 1 - colours[:, 2]], -1)
    # Tetrahedra of 64 points a side under a slight curve.
    assert np.abs(bake.apply(table, colours) - wanted).max() < 1e-3
