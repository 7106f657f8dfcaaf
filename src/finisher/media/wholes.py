"""Whole pictures of a take as RGB, a few of them, one at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from finisher.facts import FrameIndex, PictureFacts
from finisher.look import ColorTags
from finisher.media.index import picture_shape, put_tags
from finisher.media.reader import PictureReader
from finisher.media.sketch import rgb


def wholes(
    path: Path, index: FrameIndex, read: ColorTags, ordinals: Sequence[int]
) -> Iterator[NDArray[np.uint8]]:
    """Pictures of these ordinals as (height, width, 3) display-encoded full-range RGB.

    `index` is that of the very file, see `index_of`. `read` says by which matrix and range they are
    decoded, and nothing more; nothing else is done to their colour.

    Raises:
        MediaError: when one of them can't be decoded.
    """
    with PictureReader(path, index) as reader:
        for picture in reader.pictures(ordinals):
            put_tags(picture, read)
            yield rgb(picture)


def index_of(facts: PictureFacts) -> FrameIndex:
    """The index of the file that a take's pictures are read from: a copy is timed in its own way.

    Raises:
        MediaError: when a copy can't be read.
    """
    return facts.index if facts.copy is None else picture_shape(Path(facts.picture)).index
