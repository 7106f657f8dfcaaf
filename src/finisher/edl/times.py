"""What a written time means: a frame of the picture, a sample of the sound."""

from __future__ import annotations

import math
from fractions import Fraction

from finisher.edl.fields import MAX_FRAMES
from finisher.timecode import SAMPLE_RATE, Rate, seconds_of_text


class NoSuchTime(ValueError):
    """A time that names no frame or sample; carries a code, a message and a way out."""

    def __init__(self, code: str, message: str, hint: str | None = None) -> None:
        """Keep the three apart for whoever knows the place."""
        super().__init__(message)
        self.code, self.message, self.hint = code, message, hint


def frames(time: int | str, rate: Rate) -> int:
    """The frame a time falls on, exactly.

    Raises:
        NoSuchTime: when it falls between two, is no label at this rate, or is absurdly long.
    """
    if isinstance(time, int):
        return _short_enough(time, time)
    exact = rate.frames(_seconds(time, rate))
    _short_enough(math.floor(exact), time)
    if exact.denominator != 1:
        low = math.floor(exact)
        raise NoSuchTime(
            "off-frame",
            f'"{time}" falls between frames {low} and {low + 1} at {rate} frames a second',
            f"write {low} or {low + 1}",
        )
    return exact.numerator


def samples(time: int | str, rate: Rate) -> int:
    """The sample at 48 kHz a time falls on.

    A time in frames or timecode means the sample at which that frame begins, which is where
    pictures and takes' own sound are cut as well; seconds must fall on a sample by themselves.

    Raises:
        NoSuchTime: when seconds fall between two samples, or as for `frames`.
    """
    if isinstance(time, int) or not time.endswith("s"):
        return rate.samples(frames(time, rate))
    seconds = _seconds(time, rate)
    _short_enough(math.floor(rate.frames(seconds)), time)
    exact = seconds * SAMPLE_RATE
    if exact.denominator != 1:
        low = math.floor(exact)
        raise NoSuchTime(
            "off-sample",
            f'"{time}" falls between samples {low} and {low + 1} at {SAMPLE_RATE} Hz',
            f'write "{_written(low)}" or "{_written(low + 1)}"',
        )
    return exact.numerator


def _seconds(time: str, rate: Rate) -> Fraction:
    """A written time in seconds."""
    try:
        return seconds_of_text(time, rate)
    except ValueError as error:
        raise NoSuchTime("not-a-time", str(error)) from None


def _short_enough(count: int, time: int | str) -> int:
    """Refuse what is longer than any programme."""
    if count > MAX_FRAMES:
        raise NoSuchTime("too-long", f"{time} is more than {MAX_FRAMES} frames")
    return count


def _written(sample: int) -> str:
    """A sample's instant as an edit list would write it."""
    return f"{sample}/{SAMPLE_RATE}s" if sample % SAMPLE_RATE else f"{sample // SAMPLE_RATE}s"
