from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from tests import barcode

from finisher.media.stills import jpeg, stills
from finisher.problems import MediaError


def opened(data: bytes) -> NDArray[np.uint8]:
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB)
    assert picture is not None
    return picture.astype(np.uint8)


def test_the_frames_asked_for_come_as_pictures_of_themselves(tmp_path: Path) -> None:
    barcode.write_take(tmp_path / "t.mp4", 30, options={"g": "9999", "bf": "2"})
    found = stills(tmp_path / "t.mp4", [21, 3, 3, 29], 160)
    assert list(found) == [3, 21, 29]
    for frame, data in found.items():
        picture = opened(data)
        assert picture.shape == (90, 160, 3)
        middles = picture[45, 8::16, 1] > 127
        assert sum(1 << bit for bit, on in enumerate(middles) if on) == frame


def test_frames_that_are_not_there_are_left_out(tmp_path: Path) -> None:
    barcode.write_take(tmp_path / "t.mp4", 5)
    assert list(stills(tmp_path / "t.mp4", [-1, 4, 5], 160)) == [4]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(MediaError):
        stills(tmp_path / "none.mp4", [0], 160)


@pytest.mark.parametrize(
    ("size", "side", "wanted"),
    [((300, 200), 100, (100, 67)), ((200, 300), 100, (67, 100)), ((40, 30), 100, (40, 30)),
     ((500, 1), 50, (50, 1))],
)  # fmt: skip
def test_a_picture_is_made_smaller_and_never_larger(
    size: tuple[int, int], side: int, wanted: tuple[int, int]
) -> None:
    picture = np.zeros((size[1], size[0], 3), np.uint8)
    assert opened(jpeg(picture, side)).shape == (wanted[1], wanted[0], 3)


def test_red_stays_red() -> None:
    red = np.zeros((32, 32, 3), np.uint8)
    red[:, :, 0] = 220
    mean = opened(jpeg(red, 32)).reshape(-1, 3).mean(axis=0)
    # JPEG of quality 82 keeps a plain colour to a few codes.
    assert np.abs(mean - [220, 0, 0]).max() < 6
