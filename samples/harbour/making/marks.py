"""Two invented generators' corner marks: drawn, saved with their true alpha, burnt in."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from making.noise import Bytes, Floats

_SS = 8
_ALPHA = 0.52


@dataclass(frozen=True)
class Mark:
    """A mark at one raster: its RGBA template and its place [x, y, w, h] in take pixels."""

    vendor: str
    raster: int
    template: Bytes
    box: tuple[int, int, int, int]

    @property
    def name(self) -> str:
        """The EDL's name for it and the stem of its file."""
        return f"{self.vendor}_{self.raster}"


def make(vendor: str, width: int, height: int) -> Mark:
    """The vendor's mark for a take raster; bottom right or bottom left."""
    wide, tall = (176, 38) if height == 1080 else (120, 26)
    alpha = _lumenfall(wide, tall) if vendor == "lumenfall" else _tidecast(wide, tall)
    template = np.zeros((tall, wide, 4), np.uint8)
    template[..., :3] = 255
    template[..., 3] = np.round(alpha * _ALPHA * 255)
    edge = round(height * 0.042)
    x = width - edge - wide if vendor == "lumenfall" else edge
    return Mark(vendor, height, template, (x, height - edge - tall, wide, tall))


def burn(picture: Floats, mark: Mark) -> None:
    """Composite the template exactly as saved: out = in * (1 - a) + white * a."""
    x, y, wide, tall = mark.box
    alpha = (mark.template[..., 3:].astype(np.float32)) / np.float32(255)
    part = picture[y : y + tall, x : x + wide]
    part += (1 - part) * alpha


def save(mark: Mark, folder: Path) -> None:
    """Write the template as an RGBA PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    bgra = cv2.cvtColor(mark.template, cv2.COLOR_RGBA2BGRA)
    done, data = cv2.imencode(".png", bgra, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    if not done:
        raise RuntimeError(f"cannot encode {mark.name}")
    target = folder / f"{mark.name}.png"
    part = target.with_suffix(".part")
    part.write_bytes(data.tobytes())
    part.replace(target)


def _word(canvas: Bytes, text: str, left: int, wide: int, tall: int) -> None:
    """A wordmark fitted between ``left`` and the right edge, on the optical middle."""
    font, thick = cv2.FONT_HERSHEY_DUPLEX, max(2, round(tall * 0.085))
    (w1, h1), _ = cv2.getTextSize(text, font, 1.0, 1)
    scale = min((wide - left) * 0.98 / w1, tall * 0.56 / h1)
    (_, high), _ = cv2.getTextSize(text, font, scale, thick)
    at = (left, round((tall + high) / 2))
    cv2.putText(canvas, text, at, font, scale, 255, thick, cv2.LINE_AA)


def _canvas(wide: int, tall: int) -> Bytes:
    return np.zeros((tall * _SS, wide * _SS), np.uint8)


def _down(canvas: Bytes, wide: int, tall: int) -> Floats:
    small = cv2.resize(canvas, (wide, tall), interpolation=cv2.INTER_AREA)
    return np.asarray(small, np.float32) / np.float32(255)


def _lumenfall(wide: int, tall: int) -> Floats:
    """A falling light: four bars under a disc."""
    canvas = _canvas(wide, tall)
    unit = tall * _SS / 38
    centre = (round(18 * unit), round(10 * unit))
    cv2.circle(canvas, centre, round(7.5 * unit), 255, -1, cv2.LINE_AA)
    for index, (top, bottom) in enumerate(((14, 27), (21, 37), (21, 37), (14, 27))):
        x = round((5.5 + index * 8.4) * unit)
        cv2.line(
            canvas,
            (x, round(top * unit)),
            (x, round((bottom - 2) * unit)),
            255,
            round(3.6 * unit),
            cv2.LINE_AA,
        )
    _word(canvas, "Lumenfall", round(42 * unit), wide * _SS, tall * _SS)
    return _down(canvas, wide, tall)


def _tidecast(wide: int, tall: int) -> Floats:
    """A wave inside a ring."""
    canvas = _canvas(wide, tall)
    unit = tall * _SS / 38
    centre = (round(19 * unit), round(19 * unit))
    cv2.circle(canvas, centre, round(16.4 * unit), 255, round(3.2 * unit), cv2.LINE_AA)
    u = np.linspace(-11.5, 11.5, 60)
    for drop in (-3.6, 4.2):
        curve = np.stack([19 + u, 19 + drop + 3.0 * np.sin(u * 0.52)], 1) * unit
        fixed = np.round(curve * 16).astype(np.int32)
        cv2.polylines(
            canvas,
            [fixed],
            isClosed=False,
            color=255,
            thickness=round(3.2 * unit),
            lineType=cv2.LINE_AA,
            shift=4,
        )
    _word(canvas, "Tidecast", round(43 * unit), wide * _SS, tall * _SS)
    return _down(canvas, wide, tall)
