"""Values of an edit list that are more than plain JSON: times, rates, speeds, exact numbers."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from finisher.presets.strict import Reads, choice, refuse, shown
from finisher.timecode import Rate

MAX_FRAMES = 10_000_000
"""More than four days at 24 frames a second: nothing of that length is one programme."""

MAX_ENTRIES = 100_000
"""Entries of any list: beyond that, the document was made by mistake or malice."""

_TIME_FORMS = (
    r"^([0-9]{1,2}:[0-5][0-9]:[0-5][0-9][:;][0-9]{2,3}|[0-9]{1,12}f"
    r"|[0-9]{1,12}(\.[0-9]{1,12}|/[0-9]{1,12})?s)$"
)
_TIME = re.compile(_TIME_FORMS[:-1] + r"\Z")
_RATIONAL = re.compile(r"-?[0-9]{1,9}(/[0-9]{1,9}|\.[0-9]{1,9})?")
_WRITE_TIME = 'write frames (36), "36f", "1.5s" or "00:00:01:12"'


def _whole(value: object) -> bool:
    """Whether a value is a JSON integer; booleans are integers to Python only."""
    return isinstance(value, int) and not isinstance(value, bool)


def time_form(value: object) -> PydanticCustomError | None:
    """What is wrong with the form of a written time; None where it has one."""
    if isinstance(value, float):
        return refuse("float-time", f"{value} is a decimal number; times are exact", _WRITE_TIME)
    if isinstance(value, int) and _whole(value):
        return (
            refuse("out-of-range", f"a time is never negative, not {value}") if value < 0 else None
        )
    if not isinstance(value, str) or not _TIME.match(value):
        return refuse("not-a-time", f"{shown(value)} is not a time", _WRITE_TIME)
    return None


def _read_time(value: object) -> object:
    """A time as written, its form checked; what it means depends on the edit's rate."""
    wrong = time_form(value)
    if wrong is not None:
        raise wrong
    return value


def _read_rate(value: object) -> object:
    """A frame rate."""
    hint = 'write "24", "24000/1001" or "23.976"'
    if isinstance(value, float):
        raise refuse("float-rate", f"{value} is a decimal number; rates are exact", hint)
    text = str(value) if _whole(value) else value
    if not isinstance(text, str) or not text.isascii() or len(text) > 20:
        raise refuse("not-a-rate", f"{shown(value)} is not a frame rate", hint)
    try:
        return Rate.parse(text)
    except ValueError as error:
        raise refuse("not-a-rate", str(error)) from None


def _rational(value: object) -> Fraction:
    """A speed as an exact number."""
    hint = 'write "1/2", "-1" or "2"'
    if isinstance(value, float):
        raise refuse("float-speed", f"{value} is a decimal number; speeds are exact", hint)
    text = str(value) if _whole(value) else value
    if not isinstance(text, str) or not _RATIONAL.fullmatch(text):
        raise refuse("not-a-speed", f"{shown(value)} is not a speed", hint)
    try:
        return Fraction(text)
    except ZeroDivisionError:
        raise refuse("not-a-speed", f"{shown(value)} divides by zero", hint) from None


def _read_speed(value: object) -> object:
    """A speed: 1 as made, 1/2 twice as long, -1 backwards."""
    speed = _rational(value)
    if speed == 0:
        raise refuse("zero-speed", "a speed is never zero", 'a still is "freeze"')
    if not Fraction(1, 1000) <= abs(speed) <= 1000:
        raise refuse("out-of-range", f"a speed lies between 1/1000 and 1000, not {speed}")
    return speed


def _read_forward_speed(value: object) -> object:
    """A speed on a ramp: forwards, or standing still for an instant."""
    speed = _rational(value)
    if not 0 <= speed <= 1000:
        raise refuse("out-of-range", f"a ramp's speed lies between 0 and 1000, not {speed}")
    return speed


def _read_exact(value: object) -> Fraction:
    """A JSON number, exactly as its decimal text says."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise refuse("wrong-type", f"must be a number, not {shown(value)}")
    if abs(value) > 1_000_000:
        raise refuse("out-of-range", f"{shown(value)} is beyond any picture")
    # repr gives the shortest text that reads as the same number: what the writer wrote.
    return Fraction(repr(value))


def _read_portion(value: object) -> Fraction:
    """A place across or down a picture, 0 to 1."""
    portion = _read_exact(value)
    if not 0 <= portion <= 1:
        raise refuse("out-of-range", f"must lie between 0 and 1, not {shown(value)}")
    return portion


def _read_take(value: object) -> object:
    """The name of a take; selectors are still to come."""
    if isinstance(value, dict) and "select" in value:
        raise refuse(
            "not-available",
            "choosing a take by a selector is not available in this version",
            "name the take",
        )
    if not isinstance(value, str):
        raise refuse("wrong-type", f"must be the name of a take, not {shown(value)}")
    return value


def _read_names(value: object) -> object:
    """One name or a list of them."""
    names = [value] if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise refuse("wrong-type", f"must be a name or a list of names, not {shown(value)}")
    return tuple(dict.fromkeys(names))


def _said(reason: str) -> str:
    """A reason that says something: blanks and signs that nobody sees give none."""
    if not any(sign.isprintable() and not sign.isspace() for sign in reason):
        raise refuse("wrong-length", "must not be blank", "say why, in words")
    return reason


_NAME_PATTERN = r"^[^\s/\\.\-][^/\\\x00-\x1f]*$"
Name = Annotated[str, Field(min_length=1, max_length=100, pattern=_NAME_PATTERN)]
"""What takes, sessions, events, layers and marks are called."""
PathText = Annotated[str, Field(min_length=1, max_length=1000)]
Reason = Annotated[
    str,
    Field(min_length=1, max_length=1000, json_schema_extra={"pattern": r"\S"}),
    AfterValidator(_said),
]
"""Why a rule of ours is let off: words, not blanks."""
Frames = Annotated[int, Field(ge=1, le=MAX_FRAMES)]
Decibels = Annotated[float, Field(ge=-96, le=36)]

Time = Annotated[
    int | str,
    Reads(
        _read_time,
        {
            "description": 'Frames at the edit\'s rate, "36f", "1.5s" or timecode "00:00:01:12" '
            '(";" before the frames counts drop-frame)',
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": MAX_FRAMES},
                {"type": "string", "pattern": _TIME_FORMS},
            ],
        },
    ),
]
FrameRate = Annotated[
    Rate,
    Reads(
        _read_rate,
        {
            "description": 'Frames a second, exactly: "24", "24000/1001", or a spelling of it',
            "anyOf": [
                {"type": "integer", "minimum": 1, "maximum": 1000},
                {
                    "type": "string",
                    "pattern": r"^([0-9]+(/[0-9]+)?|23\.976|23\.98|29\.97|47\.952|59\.94|119\.88)$",
                },
            ],
        },
    ),
]
Speed = Annotated[
    Fraction,
    Reads(
        _read_speed,
        {
            "description": 'A rational speed, never zero: "1/2" is half speed, "-1" backwards',
            "anyOf": [
                {"type": "integer", "not": {"const": 0}},
                {"type": "string", "pattern": f"^{_RATIONAL.pattern}$"},
            ],
        },
    ),
]
ForwardSpeed = Annotated[
    Fraction,
    Reads(
        _read_forward_speed,
        {
            "description": 'A rational speed on a ramp: "1/2" is half speed, 0 stands still',
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": 1000},
                {"type": "string", "pattern": f"^{_RATIONAL.pattern.removeprefix('-?')}$"},
            ],
        },
    ),
]
Exact = Annotated[Fraction, Reads(_read_exact, {"type": "number"})]
Portion = Annotated[Fraction, Reads(_read_portion, {"type": "number", "minimum": 0, "maximum": 1})]
TakeName = Annotated[str, Reads(_read_take, {"type": "string", "description": "A declared take"})]
Names = Annotated[
    tuple[str, ...],
    Reads(
        _read_names,
        {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
    ),
]
RoleName = Annotated[
    str,
    choice(("dialogue", "narration", "music", "effects", "ambience"), alias={"foley": "effects"}),
]
