"""Figures as people read them: sizes, lengths, ranges, and the values of findings."""

from __future__ import annotations

import math
from fractions import Fraction

from finisher.canonical import Json
from finisher.report.plain import plain
from finisher.timecode import SAMPLE_RATE, Rate, Span, timecode_of_frame

_LONGEST_VALUE = 160


def size(count: int) -> str:
    """Bytes in powers of 1000, as platforms state their limits: `12.4 MB`."""
    if count < 1000:
        return f"{count} B"
    value = float(count)
    for unit in ("kB", "MB", "GB"):
        value /= 1000
        # 999.95 would be written as 1000.0
        if value < 999.95:
            return f"{value:.1f} {unit}"
    return f"{value / 1000:.1f} TB"


def number(value: float) -> str:
    """A number with no more than three decimals and no idle zeros; a real minus sign."""
    if not math.isfinite(value):
        text = "not a number" if math.isnan(value) else "∞" if value > 0 else "-∞"
    else:
        text = f"{value:.3f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text.replace("-", "−")


def seconds(length: Fraction) -> str:
    """`12.5 s`, from a minute on `1 min 02.5 s`; rounded to milliseconds for reading only."""
    thousandths = round(length * 1000)
    minutes, rest = divmod(thousandths, 60_000)
    if not minutes:
        return f"{number(rest / 1000)} s"
    whole, part = divmod(rest, 1000)
    fraction = f".{part:03}".rstrip("0").rstrip(".")
    return f"{minutes} min {whole:02}{fraction} s"


def elapsed(taken: float) -> str:
    """Time on the clock on the wall: `0.4 s`, `12 s`, `3 min 05 s`, `1 h 02 min`."""
    if taken < 10:
        return f"{taken:.1f} s"
    minutes, rest = divmod(round(taken), 60)
    if not minutes:
        return f"{rest} s"
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    return f"{minutes // 60} h {minutes % 60:02} min"


def frames(span: Span) -> str:
    """A half-open range of frames: `[24, 84)`."""
    return f"[{span.start}, {span.end})"


def timecodes(span: Span, rate: Rate) -> tuple[str, str]:
    """The labels of a range's first frame and of the frame after its last."""
    return timecode_of_frame(span.start, rate), timecode_of_frame(span.end, rate)


def clock(samples: int) -> str:
    """A position in the sound as minutes and seconds: `0:07.25`, `1:30`."""
    hundredths = round(Fraction(samples * 100, SAMPLE_RATE))
    minutes, rest = divmod(hundredths, 6000)
    part = f".{rest % 100:02}" if rest % 100 else ""
    return f"{minutes}:{rest // 100:02}{part}"


def value(data: Json) -> str:
    """What a check promised or measured, as one short line of safe text."""
    return plain(_words(data), _LONGEST_VALUE)


def _words(data: Json) -> str:
    """A JSON value in words; nested ones are set in a row."""
    if data is None:
        return "–"
    if isinstance(data, bool):
        return "yes" if data else "no"
    if isinstance(data, int | float):
        return number(data) if isinstance(data, float) else str(data).replace("-", "−")
    if isinstance(data, str):
        return data
    # A long list is cut before it is spelt: promises may hold one entry a frame.
    if isinstance(data, list):
        return ", ".join(map(_words, data[:_LONGEST_VALUE])) or "none"
    pairs = list(data.items())[:_LONGEST_VALUE]
    return ", ".join(f"{key.replace('_', ' ')} {_words(item)}" for key, item in pairs) or "none"
