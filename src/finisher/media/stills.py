"""Single frames of a file as JPEG, for reports and thumbnails."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.media.index import picture_shape
from finisher.media.reader import PictureReader
from finisher.media.sketch import rgb

_QUALITY = 82


def stills(path: Path, frames: Iterable[int], long_side: int) -> dict[int, bytes]:
    """JPEGs of these frames, counted from 0 in presentation order.

    Raises:
        MediaError: when the file can't be read, or holds no such frame.
    """
    shape = picture_shape(path)
    wanted = sorted({frame for frame in frames if 0 <= frame < len(shape.index)})
    found: dict[int, bytes] = {}
    with PictureReader(path, shape.index) as reader:
        for frame, picture in zip(wanted, reader.pictures(wanted), strict=True):
            found[frame] = jpeg(rgb(picture), long_side)
    return found


def jpeg(picture: NDArray[np.uint8], long_side: int) -> bytes:
    """A picture (height, width, 3), at most `long_side` pixels long, as JPEG."""
    height, width = picture.shape[:2]
    scale = min(1.0, long_side / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    _, data = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    return data.tobytes()
