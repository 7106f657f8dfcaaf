"""The planes of a picture as arrays of samples."""

from __future__ import annotations

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

Plane = NDArray[np.uint8] | NDArray[np.uint16]


def samples(picture: VideoFrame, index: int) -> Plane:
    """A plane (height, width) as it lies in the picture, without the padding at the end of lines.

    Samples of more than 8 bits come as 16, little-endian as the formats in use have them.
    """
    plane = picture.planes[index]
    rows = np.frombuffer(memoryview(plane), np.uint8).reshape(plane.height, plane.line_size)
    if picture.format.components[0].bits == 8:
        return rows[:, : plane.width]
    return rows[:, : 2 * plane.width].view("<u2")
