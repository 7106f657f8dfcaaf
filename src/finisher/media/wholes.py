"""Whole pictures of a take as RGB, a few of them, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.facts import FrameIndex
from finisher.look import ColorTags
from finisher.media.index import put_tags
from finisher.media.reader import PictureReader
from finisher.media.sketch import rgb


def wholes(
    path: Path, index: FrameIndex, read: ColorTags, ordinals: Sequence[int]
) -> Iterator[NDArray[np.uint8]]:
    """Pictures of these ordinals as (height, width, 3) display-encoded full-range RGB.

    `read` says by which matrix and range they are decoded; nothing else is done to their colour.

    Raises:
        MediaError: when one of them can't be decoded.
    """
    with PictureReader(path, index) as reader:
        for picture in reader.pictures(ordinals):
            put_tags(picture, ColorTags(read.range, read.matrix))
            yield rgb(picture)
