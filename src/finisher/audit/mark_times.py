"""When marks show: frames of a programme as time, and as words."""

from __future__ import annotations

from finisher.promises import Promises
from finisher.timecode import Rate


def seconds(promises: Promises, frames: int) -> float:
    """How long frames last, to a millisecond; none of a rate that is none."""
    try:
        return round(float(Rate.parse(promises.rate).seconds(frames)), 3)
    except ValueError:
        return 0.0


def length(promises: Promises, event: str) -> int:
    """Frames from an event's cut to the next one's."""
    starts = [cut.frame for cut in promises.cuts]
    for number, cut in enumerate(promises.cuts):
        if cut.event == event:
            later = starts[number + 1] if number + 1 < len(starts) else promises.frames
            return max(0, later - cut.frame)
    return 0


def clock(promises: Promises, frame: int) -> str:
    """When a frame begins, as minutes and seconds."""
    tenths = round(10 * seconds(promises, frame))
    return f"{tenths // 600}:{tenths // 10 % 60:02d}.{tenths % 10}"
