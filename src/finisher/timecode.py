"""Exact time: integer frames at a rational rate, integer samples; timecode is only a label."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

SAMPLE_RATE = 48_000
"""Samples a second of every sound in the house."""

# Spellings people use for the NTSC family; each stands for exactly one rational rate.
_SPELLINGS = {
    "23.976": Fraction(24000, 1001),
    "23.98": Fraction(24000, 1001),
    "29.97": Fraction(30000, 1001),
    "47.952": Fraction(48000, 1001),
    "59.94": Fraction(60000, 1001),
    "119.88": Fraction(120000, 1001),
}
_TIMECODE = re.compile(r"(\d{1,2}):([0-5]\d):([0-5]\d)([:;])(\d{2,3})")
_SECONDS = re.compile(r"(\d+(?:\.\d+)?|\d+/\d+)s")
_FRAMES = re.compile(r"(\d+)f")


@dataclass(frozen=True, slots=True)
class Rate:
    """Frames per second as a rational number, e.g. 24000/1001."""

    fraction: Fraction

    def __post_init__(self) -> None:
        """Refuse rates no programme has."""
        if not Fraction(1) <= self.fraction <= Fraction(1000):
            raise ValueError(f"a rate lies between 1 and 1000 frames a second, not {self.fraction}")

    @classmethod
    def parse(cls, text: str) -> Rate:
        """Read `24`, `24000/1001` or a known spelling such as `23.976`.

        Raises:
            ValueError: for anything else; a decimal that is no known spelling has no exact meaning.
        """
        if text in _SPELLINGS:
            return cls(_SPELLINGS[text])
        if not re.fullmatch(r"\d+(/\d+)?", text):
            raise ValueError(f"{text!r} is not a rate: write 24, 24000/1001 or 23.976")
        try:
            return cls(Fraction(text))
        except ZeroDivisionError:
            raise ValueError(f"{text!r} divides by zero") from None

    @property
    def nominal(self) -> int:
        """Frames counted in one second of timecode: 30 at 30000/1001."""
        return math.ceil(self.fraction)

    @property
    def drops(self) -> bool:
        """Whether drop-frame timecode exists at this rate (30000/1001 and its multiples)."""
        return self.nominal % 30 == 0 and self.fraction == Fraction(self.nominal * 1000, 1001)

    def seconds(self, frames: int | Fraction) -> Fraction:
        """The instant at which a frame begins, in seconds."""
        return Fraction(frames) / self.fraction

    def frames(self, seconds: Fraction) -> Fraction:
        """A number of seconds in frames; whole only when it falls on a frame."""
        return seconds * self.fraction

    def samples(self, frames: int | Fraction) -> int:
        """The sample at which a frame begins, counted from the start: never a sum of parts.

        Rounded half up, so that boundaries taken anywhere in the programme agree.
        """
        return math.floor(self.seconds(frames) * SAMPLE_RATE + Fraction(1, 2))

    def __str__(self) -> str:
        """`24` or `24000/1001`."""
        return str(self.fraction)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range [start, end) of frames or samples."""

    start: int
    end: int

    def __post_init__(self) -> None:
        """A span never runs backwards."""
        if self.end < self.start:
            raise ValueError(f"span ends before it starts: [{self.start}, {self.end})")

    def __len__(self) -> int:
        """How many frames or samples it holds."""
        return self.end - self.start

    def __contains__(self, position: object) -> bool:
        """Whether a position lies in it."""
        return isinstance(position, int) and self.start <= position < self.end

    def meet(self, other: Span) -> Span | None:
        """What both share, None when that is nothing."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Span(start, end) if start < end else None


def joined(spans: Iterable[Span]) -> list[Span]:
    """Spans in order; those that touch or overlap as one."""
    found: list[Span] = []
    for span in sorted(spans):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return found


def runs(frames: Iterable[int]) -> tuple[Span, ...]:
    """Rising frames as spans of those that follow each other."""
    found: list[Span] = []
    for frame in frames:
        if found and found[-1].end == frame:
            found[-1] = Span(found[-1].start, frame + 1)
        else:
            found.append(Span(frame, frame + 1))
    return tuple(found)


def _dropped_before(minutes: int, per_minute: int) -> int:
    """Labels left out before a minute: some in every minute but each tenth (SMPTE ST 12-1)."""
    return per_minute * (minutes - minutes // 10)


def frame_of_timecode(text: str, rate: Rate) -> int:
    """The frame a timecode labels, counting from 00:00:00:00; `;` marks drop-frame.

    Raises:
        ValueError: if it is not timecode, or labels no frame at this rate.
    """
    match = _TIMECODE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not timecode HH:MM:SS:FF")
    hours, minutes, seconds, frames = (int(match[i]) for i in (1, 2, 3, 5))
    if frames >= rate.nominal:
        raise ValueError(f"{text!r}: at {rate} the last frame of a second is {rate.nominal - 1}")
    total_minutes = hours * 60 + minutes
    count = (total_minutes * 60 + seconds) * rate.nominal + frames
    if match[4] == ":":
        return count
    if not rate.drops:
        raise ValueError(f"{text!r}: there is no drop-frame timecode at {rate}")
    per_minute = rate.nominal // 15
    if seconds == 0 and frames < per_minute and minutes % 10:
        raise ValueError(f"{text!r} is one of the labels drop-frame leaves out")
    return count - _dropped_before(total_minutes, per_minute)


def timecode_of_frame(frame: int, rate: Rate, *, drop: bool = False) -> str:
    """Label a frame; the inverse of `frame_of_timecode`.

    Raises:
        ValueError: for a negative frame, or drop-frame at a rate that has none.
    """
    if frame < 0:
        raise ValueError("timecode labels no frame before the first")
    if drop:
        if not rate.drops:
            raise ValueError(f"there is no drop-frame timecode at {rate}")
        per_minute = rate.nominal // 15
        ten_minutes = rate.nominal * 600 - per_minute * 9
        tens, rest = divmod(frame, ten_minutes)
        minute = max(0, (rest - per_minute) // (rate.nominal * 60 - per_minute))
        frame += per_minute * (9 * tens + minute)
    seconds, frames = divmod(frame, rate.nominal)
    hours, rest = divmod(seconds, 3600)
    width = 2 if rate.nominal <= 100 else 3
    mark = ";" if drop else ":"
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}{mark}{frames:0{width}}"


def seconds_of_text(text: str, rate: Rate) -> Fraction:
    """An exact number of seconds from timecode, `"1.5s"` or `"36f"`.

    Raises:
        ValueError: for any other spelling.
    """
    if match := _SECONDS.fullmatch(text):
        try:
            return Fraction(match[1])
        except ZeroDivisionError:
            raise ValueError(f"{text!r} divides by zero") from None
    if match := _FRAMES.fullmatch(text):
        return rate.seconds(int(match[1]))
    if _TIMECODE.fullmatch(text):
        return rate.seconds(frame_of_timecode(text, rate))
    raise ValueError(f'{text!r} is not a time: write frames (36), "36f", "1.5s" or "00:00:01:12"')
