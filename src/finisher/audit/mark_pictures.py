"""Pictures as evidence: a mark in the finished file beside what its take foretells."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from finisher.findings import MarkFinding, MarkPicture
from finisher.media.stills import jpeg

SHOWN = 12
"""Marks whose pictures are told: a page with more would be slow to open."""
_SIDE = 480
"""Pixels of a shown picture's longer side."""
_LARGEST = 4
"""Times a picture is enlarged at most."""
_BLACK, _SPAN = 16.0, 219.0
_LINE = (255, 64, 64)
_WORST = ("lost", "altered", "cropped", "degraded")

Pixels = NDArray[np.uint8]
PlacedBox = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True, eq=False)
class Pair:
    """The surroundings of a mark at one frame, in luma of limited range."""

    frame: int
    shown: Pixels
    """As the finished file has them."""
    foretold: Pixels | None
    """As its take, framed and graded alike, would; None where no take was at hand."""
    box: PlacedBox
    """The mark's own, in pixels of both."""


def pair(frame: int, shown: Pixels, foretold: Pixels | None, box: PlacedBox) -> Pair | None:
    """What is kept of a mark until it is known whether it is shown; None of nothing."""
    if shown.size == 0 or (foretold is not None and foretold.shape != shown.shape):
        return None
    scale = min(1.0, _SIDE / max(shown.shape))
    sized = tuple(part * scale for part in box)
    other = None if foretold is None else _scaled(foretold, scale)
    return Pair(frame, _scaled(shown, scale), other, (sized[0], sized[1], sized[2], sized[3]))


def _scaled(plane: Pixels, scale: float) -> Pixels:
    """A plane of its own, smaller where it is too large."""
    if scale == 1.0:
        return np.array(plane)
    size = tuple(max(1, round(side * scale)) for side in plane.shape[::-1])
    return np.asarray(cv2.resize(plane, size, interpolation=cv2.INTER_AREA), np.uint8)


def pictures(
    findings: Sequence[MarkFinding], pairs: Sequence[Pair | None]
) -> tuple[MarkPicture, ...]:
    """The pictures of the marks that fared worst, of as many as a page has room for."""
    told = [(one, both) for one, both in zip(findings, pairs, strict=True) if both is not None]
    told.sort(key=lambda both: _rank(both[0].verdict))
    return tuple(
        MarkPicture(
            one.event,
            one.mark,
            both.frame,
            _drawn(both.shown, both.box),
            None if both.foretold is None else _drawn(both.foretold, both.box),
        )
        for one, both in told[:SHOWN]
    )


def _rank(verdict: str) -> int:
    return _WORST.index(verdict) if verdict in _WORST else len(_WORST)


def _drawn(plane: Pixels, box: PlacedBox) -> bytes:
    """A plane as JPEG, enlarged, with a line around the box that covers nothing of the mark."""
    times = max(1, min(_LARGEST, _SIDE // max(plane.shape)))
    gray = np.clip((plane.astype(np.float32) - _BLACK) * (255.0 / _SPAN), 0, 255)
    size = (plane.shape[1] * times, plane.shape[0] * times)
    large = cv2.resize(gray.astype(np.uint8), size, interpolation=cv2.INTER_CUBIC)
    picture = np.repeat(np.asarray(large, np.uint8)[:, :, None], 3, axis=2)
    x, y, width, height = (part * times for part in box)
    first = (int(np.floor(x)) - 2, int(np.floor(y)) - 2)
    last = (int(np.ceil(x + width)) + 1, int(np.ceil(y + height)) + 1)
    cv2.rectangle(picture, first, last, _LINE, 1)
    return jpeg(picture, _SIDE * _LARGEST)
