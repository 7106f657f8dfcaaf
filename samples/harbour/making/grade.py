"""Known colour: the second session's drift, and RGB to tagged BT.709 4:2:0."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from making.noise import Floats

_LUMA = np.array([[0.2126, 0.7152, 0.0722]], np.float32)
# Rows: Y', Cb, Cr of BT.709, the chroma in -0.5..0.5.
_YCC = np.concatenate(
    [
        _LUMA,
        (np.array([[0, 0, 1]], np.float32) - _LUMA) / np.float32(1.8556),
        (np.array([[1, 0, 0]], np.float32) - _LUMA) / np.float32(1.5748),
    ]
)


def luma(picture: Floats) -> Floats:
    """Rec.709 luma of display-encoded RGB."""
    return np.asarray(cv2.transform(picture, _LUMA), np.float32)


@dataclass(frozen=True)
class Drift:
    """A CDL on display-encoded Rec.709: clip(in * slope + offset) ** power, then saturation."""

    slope: tuple[float, float, float]
    offset: float
    power: float
    saturation: float

    def apply(self, picture: Floats) -> Floats:
        """The picture as this session's generator would have rendered it."""
        slope = np.array(self.slope, np.float32)
        moved = np.clip(picture * slope + np.float32(self.offset), 0, 1)
        moved = np.asarray(cv2.pow(moved, self.power), np.float32)
        # luma + s * (rgb - luma), as one matrix
        keep = np.eye(3, dtype=np.float32) * np.float32(self.saturation)
        matrix = keep + np.repeat(_LUMA, 3, axis=0) * np.float32(1 - self.saturation)
        return np.asarray(np.clip(cv2.transform(moved, matrix), 0, 1), np.float32)


DRIFTS: dict[str, Drift | None] = {
    "monday": None,
    "tuesday": Drift(slope=(0.925, 0.985, 1.060), offset=0.012, power=0.955, saturation=0.90),
}


def to_yuv420(picture: Floats) -> npt.NDArray[np.uint8]:
    """RGB 0..1 to 8-bit yuv420p planes, one above the other: BT.709, limited range.

    Written out because a library's default for RGB input is BT.601. Chroma is sited left
    (the H.264 default): a 1-2-1 filter across, an average of two rows down.
    """
    bright, cb, cr = cv2.split(cv2.transform(picture, _YCC))
    planes = [np.clip(np.round(bright * 219 + 16), 16, 235).astype(np.uint8)]
    width = picture.shape[1]
    for chroma in (cb, cr):
        rows = (chroma[0::2] + chroma[1::2]) * np.float32(0.5)
        left = np.concatenate([rows[:, :1], rows[:, 1:-1:2]], axis=1)
        small = rows[:, 0::2] * 0.5 + (left + rows[:, 1::2]) * np.float32(0.25)
        code = np.clip(np.round(small * 224 + 128), 16, 240).astype(np.uint8)
        planes.append(code.reshape(-1, width))
    return np.concatenate(planes)
