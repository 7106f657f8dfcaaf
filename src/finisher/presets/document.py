"""A preset as its schema knows it: the TOML's keys and what each may say."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import combinations
from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag

from finisher.channels import Layout
from finisher.geometry import Raster
from finisher.presets.model import (
    AudioCodec,
    ContainerFormat,
    StemFormat,
    VideoCodec,
)
from finisher.presets.strict import Reads, Strict, choice, refuse, shown
from finisher.timecode import Rate

SCHEMA = "finisher/preset@1"

# Which pixel format an encoder takes at a profile; the first profile of each is the usual one.
FORMATS = {
    "h264": {"high": "yuv420p", "main": "yuv420p", "baseline": "yuv420p"},
    "prores": {
        "hq": "yuv422p10le",
        "standard": "yuv422p10le",
        "lt": "yuv422p10le",
        "proxy": "yuv422p10le",
        "4444": "yuv444p10le",
    },
    "dnxhr": {
        "lb": "yuv422p",
        "sq": "yuv422p",
        "hq": "yuv422p",
        "hqx": "yuv422p10le",
    },
    "vp9": {"0": "yuv420p"},
}
_STEMS: dict[object, StemFormat | None] = {
    False: None,
    True: StemFormat.FLOAT,
    **{str(kind): kind for kind in StemFormat},
}
DECIDERS = ("crf", "vmaf", "file_bytes")
"""Keys of `video` that decide the encoder's quality: one of them does."""
_SIDES = (16, 16384)
_SPEEDS = (
    "ultrafast",
    "superfast",
    "veryfast",
    "faster",
    "fast",
    "medium",
    "slow",
    "slower",
    "veryslow",
)


def _read_raster(value: object) -> object:
    """`[width, height]`, or `source` for the edit's canvas."""
    if value == "source":
        return None
    low, high = _SIDES
    if (
        isinstance(value, list | tuple)
        and len(value) == 2
        and all(isinstance(side, int) and low <= side <= high and side % 2 == 0 for side in value)
    ):
        return Raster(*value)
    raise refuse(
        "not-a-raster",
        f"{shown(value)} is not a raster",
        'write [1080, 1920], both even, or "source"',
    )


def _read_rate(value: object) -> object:
    """A frame rate, or `source` for the edit's."""
    if value == "source":
        return None
    if isinstance(value, str) and value.isascii() and len(value) <= 20:
        try:
            return Rate.parse(value)
        except ValueError as error:
            raise refuse("not-a-rate", str(error)) from None
    hint = 'write "25", "30000/1001" or "source"'
    raise refuse("not-a-rate", f"{shown(value)} is not a frame rate", hint)


def _read_gop(value: object) -> object:
    """A length of time between key frames as a rational number of seconds."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,4}(/[1-9][0-9]{0,3})?", value):
        if 0 < Fraction(value) <= 60:
            return value
        raise refuse("out-of-range", f"between 0 and 60 seconds, not {value}")
    raise refuse("not-a-length", f"{shown(value)} is no rational number of seconds", 'write "1/2"')


def _read_off(value: object) -> object:
    """`false`, where a section is switched off."""
    if value is not False:
        raise refuse("wrong-type", f"must be a section or false, not {shown(value)}")
    return False


def _read_stems(value: object) -> object:
    """What stems are written as: `true` for floats, `false` for none."""
    if isinstance(value, bool | str) and value in _STEMS:
        return _STEMS[value]
    message = f"{shown(value)} is no way to write stems"
    raise refuse("not-stems", message, 'write true, false, "float" or "pcm_s24le"')


def _on_or_off(value: object) -> str:
    """Section or `false`; the tags are no keys, so that they can be told apart in locations."""
    return "<section>" if isinstance(value, dict) else "<off>"


Off = Annotated[bool, Reads(_read_off, {"const": False})]


class VideoDoc(Strict):
    """How the picture is encoded; rates in bits a second."""

    rules: ClassVar[dict[str, object]] = {
        "allOf": [{"not": {"required": list(pair)}} for pair in combinations(DECIDERS, 2)]
    }

    codec: Annotated[str, choice(tuple(VideoCodec))]
    profile: Annotated[
        str, choice(dict.fromkeys(name for profiles in FORMATS.values() for name in profiles))
    ]
    pixel_format: Annotated[str, choice(("yuv420p", "yuv422p", "yuv422p10le", "yuv444p10le"))]
    speed: Annotated[str, choice(_SPEEDS)] = Field(
        default="medium", description="Encoder effort by x264's names"
    )
    crf: int | None = Field(default=None, ge=0, le=51, description="Constant quality; less is more")
    vmaf: float | None = Field(
        default=None, ge=50, le=99, description="Mean VMAF to reach, in place of a crf"
    )
    file_bytes: int | None = Field(
        default=None,
        ge=10_000,
        le=1_000_000_000_000,
        description="Size of the whole file to come close to and keep below, in place of a crf",
    )
    gop_seconds: Annotated[str, Reads(_read_gop, {"type": "string"})] = Field(
        default="1/2", description="Longest distance between key frames"
    )
    b_frames: int = Field(default=2, ge=0, le=16)
    max_rate: int | None = Field(default=None, ge=10_000, le=2_000_000_000)
    buffer: int | None = Field(default=None, ge=10_000, le=4_000_000_000)


class LoudnessDoc(Strict):
    """A loudness target, met on the delivered file as it decodes."""

    target_lufs: float = Field(ge=-60, le=0)
    tolerance_lu: float = Field(gt=0, le=10)
    true_peak_dbtp: float = Field(ge=-20, le=0)


class AudioDoc(Strict):
    """How the sound is encoded; without a loudness target its level stays as mixed."""

    codec: Annotated[str, choice(tuple(AudioCodec))]
    bit_rate: int | None = Field(default=None, ge=32_000, le=1_000_000)
    layout: Annotated[str, choice(tuple(Layout))] = Field(
        default="stereo", description="Channels of the sound track"
    )
    stems: Annotated[
        StemFormat | None,
        Reads(
            _read_stems,
            {
                "description": "A WAV file for each role beside the delivery; true for floats",
                "enum": [True, False, *map(str, StemFormat)],
            },
        ),
    ] = None
    loudness: (
        Annotated[
            Annotated[LoudnessDoc, Tag("<section>")] | Annotated[Off, Tag("<off>")],
            Discriminator(_on_or_off),
        ]
        | None
    ) = None


class ContainerDoc(Strict):
    """How the file is put together."""

    format: Annotated[str, choice(tuple(ContainerFormat))]
    edit_list: bool = False


class LimitsDoc(Strict):
    """What the platform takes; beyond it is a warning, or refused where `refuse` is set."""

    min_seconds: float | None = Field(default=None, ge=0)
    max_seconds: float | None = Field(default=None, gt=0)
    max_bytes: int | None = Field(default=None, gt=0)
    refuse: bool = False


class LoopDoc(Strict):
    """Delivery as an endless loop."""

    frames: int = Field(ge=0, le=1000, description="Over which the end dissolves into the start")


class PresetDoc(Strict):
    """A delivery preset of finisher, after inheritance."""

    description: str = Field(min_length=1, max_length=300)
    inherits: str | None = Field(default=None, description="The preset this one differs from")
    raster: Annotated[
        Raster | None,
        Reads(
            _read_raster,
            {
                "description": 'Width and height, or "source" for the edit\'s canvas',
                "anyOf": [
                    {"const": "source"},
                    {
                        "type": "array",
                        "items": {
                            "type": "integer",
                            "minimum": _SIDES[0],
                            "maximum": _SIDES[1],
                            "multipleOf": 2,
                        },
                        "minItems": 2,
                        "maxItems": 2,
                    },
                ],
            },
        ),
    ] = None
    rate: Annotated[
        Rate | None,
        Reads(
            _read_rate,
            {"type": "string", "description": 'Frames a second, or "source" for the edit\'s'},
        ),
    ] = None
    muted: bool = Field(default=False, description="Deliver no sound track")
    video: VideoDoc
    audio: (
        Annotated[
            Annotated[AudioDoc, Tag("<section>")] | Annotated[Off, Tag("<off>")],
            Discriminator(_on_or_off),
        ]
        | None
    ) = None
    container: ContainerDoc
    limits: LimitsDoc = Field(default_factory=LimitsDoc)
    loop: LoopDoc = Field(default_factory=lambda: LoopDoc(frames=0))
    sources: list[str] = Field(
        default=[], max_length=100, description="Where the numbers come from, with dates"
    )
