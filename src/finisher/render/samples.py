"""Short stretches of a unit that stand for the whole of it, encoded on trial."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

from finisher.geometry import Raster
from finisher.media.encode import encode
from finisher.media.frames import VideoFrame
from finisher.presets.model import Video
from finisher.render.kitchen import Kitchen, Order, Readers, Whereabouts
from finisher.render.unit import UnitJob
from finisher.timecode import Rate

_STRETCH = (8, 16)
"""Frames a stretch has at least and at most: pictures are held, and every trial encodes them."""


def gop(video: Video, rate: Rate) -> int:
    """Frames from one key frame to the next."""
    return max(1, math.floor(Fraction(video.gop_seconds) * rate.fraction))


def sampled(count: int, between_keys: int) -> tuple[int, ...]:
    """Numbers of the frames that stand for a unit of `count`: two stretches of it.

    They lie a quarter of the unit from either end, where neither a transition nor a seam is
    likely. Each is one group of pictures where those are neither very short nor long, and begins
    where one begins, so that key frames weigh in them as they do in the unit. A unit hardly
    longer than its samples stands for itself.
    """
    shortest, longest = _STRETCH
    length = min(max(between_keys, shortest), longest)
    if count <= 3 * length:
        return tuple(range(count))
    groups = count // length
    starts = (length * (groups // 4), length * (groups - 1 - groups // 4))
    return tuple(number for start in starts for number in range(start, start + length))


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """A unit's sampled pictures, ready to be encoded again and again."""

    pictures: Sequence[VideoFrame]
    video: Video
    raster: Raster
    rate: Rate

    def encode(self, tenths: int, destination: Path) -> None:
        """Encode the samples as the unit would be, at a crf in tenths.

        Raises:
            RenderError: when the encoder fails.
        """
        video = at_crf(self.video, tenths)
        encode(self.pictures, video, self.raster, self.rate, destination)


def at_crf(video: Video, tenths: int) -> Video:
    """The encoder's settings with nothing left to be found.

    Tenths: a whole step of crf is an eighth of a file's size and up to a point of VMAF.
    """
    return replace(video, crf=tenths / 10, vmaf=None, file_bytes=None)


def trial(job: UnitJob, whereabouts: Whereabouts) -> Trial:
    """A unit's samples, finished.

    Raises:
        MediaError: when a source picture can't be read.
    """
    numbers = sampled(len(job.pictures), gop(job.video, job.rate))
    with finished(job, whereabouts, numbers) as pictures:
        return Trial(tuple(pictures), job.video, job.raster, job.rate)


@contextmanager
def finished(
    job: UnitJob, whereabouts: Whereabouts, numbers: Sequence[int]
) -> Iterator[Iterator[VideoFrame]]:
    """Some of a unit's pictures as its encoder gets them, in the order of their numbers.

    Raises:
        MediaError: when a source picture can't be read.
    """
    chosen = tuple(job.pictures[number] for number in numbers)
    order = Order(job.sources, chosen, job.raster, job.video.pixel_format, job.stamp)
    with Readers([order]) as readers:
        yield Kitchen(order, whereabouts, readers).pictures()
