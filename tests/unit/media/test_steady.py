"""Pictures times a factor of their own, to the rounding of two more bits."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import barcode

from finisher.media.index import picture_shape
from finisher.media.reader import PictureReader
from finisher.media.steady import deeper, write_steadied
from finisher.problems import MediaError

GAINS = (1.0, 0.9, 1.1, 1.25, 0.5)


def ramp(number: int) -> NDArray[np.uint8]:
    del number
    across = np.linspace(16, 235, barcode.WIDTH)
    return np.repeat(across[None], barcode.HEIGHT, axis=0).astype(np.uint8)


def luma10(picture: av.VideoFrame) -> NDArray[np.float64]:
    plane = picture.planes[0]
    rows = np.frombuffer(memoryview(plane), np.uint16).reshape(plane.height, -1)
    return rows[:, : plane.width].astype(np.float64)


def test_each_picture_is_multiplied_by_its_own_factor(tmp_path: Path) -> None:
    take, copy = tmp_path / "take.mp4", tmp_path / "copy.nut"
    barcode.write_take(take, len(GAINS), draw=ramp)
    shape = picture_shape(take)
    write_steadied(take, shape, "tv", GAINS, copy)
    with (
        PictureReader(take, shape.index) as before,
        PictureReader(copy, picture_shape(copy).index) as after,
    ):
        everything = range(len(GAINS))
        for gain, one, other in zip(
            GAINS, before.pictures(everything), after.pictures(everything), strict=True
        ):
            assert other.format.name == "yuv420p10le"
            height, width = one.height, one.width
            was = one.to_ndarray()[:height, :width].astype(np.float64) * 4
            wanted = np.clip((was - 64) * gain + 64, 0, 1023)
            # Half a code of ten bits is rounding, an eighth of a code of the take's own.
            assert np.abs(luma10(other) - wanted).max() <= 0.51


def test_a_copy_holds_two_bits_more() -> None:
    assert deeper("yuv420p") == deeper("yuvj420p") == "yuv420p10le"
    assert deeper("yuv444p10le") == "yuv444p12le"
    assert deeper("gray") == "gray10le"
    assert deeper("gbrp") is deeper("yuv420p16le") is deeper("rgb24") is None


def test_what_can_not_be_steadied_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rgb.mkv"
    with av.open(str(path), "w") as out:
        stream = out.add_stream("ffv1", rate=24)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "bgr0"
        frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), np.uint8), format="rgb24")
        out.mux(stream.encode(frame.reformat(format="bgr0")))
        out.mux(stream.encode(None))
    with pytest.raises(MediaError, match="can't be steadied"):
        write_steadied(path, picture_shape(path), "pc", (1.0,), tmp_path / "copy.nut")
