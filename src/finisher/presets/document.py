"""A preset as its schema knows it: the TOML's keys, and what they come to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag

from finisher.geometry import Raster
from finisher.presets.model import (
    Audio,
    AudioCodec,
    Container,
    ContainerFormat,
    Limits,
    Loudness,
    Preset,
    Video,
    VideoCodec,
)
from finisher.presets.strict import Complaint, Reads, Strict, choice, refuse, shown, validate
from finisher.timecode import Rate

SCHEMA = "finisher/preset@1"

# Which pixel format an encoder takes at a profile; the first profile of each is the usual one.
_FORMATS = {
    "h264": {"high": "yuv420p", "main": "yuv420p", "baseline": "yuv420p"},
    "prores": {
        "hq": "yuv422p10le",
        "standard": "yuv422p10le",
        "lt": "yuv422p10le",
        "proxy": "yuv422p10le",
        "4444": "yuv444p10le",
    },
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
    profile: Annotated[str, choice([name for profiles in _FORMATS.values() for name in profiles])]
    pixel_format: Annotated[str, choice(("yuv420p", "yuv422p10le", "yuv444p10le"))]
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

    codec: Annotated[str, choice(("aac", "pcm_s24le"))]
    bit_rate: int | None = Field(default=None, ge=32_000, le=1_000_000)
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


def preset_of(name: str, value: object) -> Preset | tuple[Complaint, ...]:
    """The preset a document describes, or everything that is wrong with it."""
    read = validate(PresetDoc, value)
    if not isinstance(read, PresetDoc):
        return read
    if misfits := tuple(_misfits(read)):
        return misfits
    return Preset(
        name=name,
        description=read.description,
        video=_video(read.video),
        audio=_audio(read),
        container=Container(ContainerFormat(read.container.format), read.container.edit_list),
        raster=read.raster,
        rate=read.rate,
        limits=Limits(
            read.limits.min_seconds,
            read.limits.max_seconds,
            read.limits.max_bytes,
            read.limits.refuse,
        ),
        loop_frames=read.loop.frames,
        sources=tuple(read.sources),
    )


def _video(document: VideoDoc) -> Video:
    """The picture's part."""
    return Video(
        codec=VideoCodec(document.codec),
        profile=document.profile,
        pixel_format=document.pixel_format,
        speed=document.speed,
        crf=document.crf,
        gop_seconds=document.gop_seconds,
        b_frames=document.b_frames,
        max_rate=document.max_rate,
        buffer=document.buffer,
        vmaf=document.vmaf,
        file_bytes=document.file_bytes,
    )


def _audio(document: PresetDoc) -> Audio | None:
    """The sound's part, None for a delivery without sound."""
    audio = document.audio
    if document.muted or not isinstance(audio, AudioDoc):
        return None
    loudness = None
    if isinstance(audio.loudness, LoudnessDoc):
        loudness = Loudness(
            float(audio.loudness.target_lufs),
            float(audio.loudness.tolerance_lu),
            float(audio.loudness.true_peak_dbtp),
        )
    return Audio(AudioCodec(audio.codec), audio.bit_rate, loudness)


def _misfits(document: PresetDoc) -> Iterator[Complaint]:
    """Values that are each allowed but not together."""
    video, audio, limits = document.video, document.audio, document.limits
    formats = _FORMATS[video.codec]
    if video.profile not in formats:
        message = f'{video.codec} has no profile "{video.profile}"'
        yield Complaint(("video", "profile"), "misfit", message, f"it has {', '.join(formats)}")
    elif video.pixel_format != formats[video.profile]:
        message = f"{video.codec} {video.profile} is {formats[video.profile]} here"
        yield Complaint(("video", "pixel_format"), "misfit", f"{message}, not {video.pixel_format}")
    yield from _deciders(video, limits)
    if video.buffer is not None and video.max_rate is None:
        message = "a buffer means nothing without max_rate"
        yield Complaint(("video", "buffer"), "misfit", message)
    if audio is None and not document.muted:
        message = 'neither a section "audio" nor "muted = true"'
        yield Complaint((), "missing-key", message, "say which: silence is never by accident")
    in_mp4 = document.container.format == ContainerFormat.MP4
    if in_mp4 and video.codec == VideoCodec.PRORES:
        yield Complaint(("container", "format"), "misfit", "ProRes goes into mov, not mp4")
    if in_mp4 and isinstance(audio, AudioDoc) and audio.codec == AudioCodec.PCM_S24:
        yield Complaint(("container", "format"), "misfit", "PCM goes into mov, not mp4")
    low, high = limits.min_seconds, limits.max_seconds
    if low is not None and high is not None and low > high:
        message = f"min_seconds {low} is more than max_seconds {high}"
        yield Complaint(("limits", "min_seconds"), "misfit", message)


def _deciders(video: VideoDoc, limits: LimitsDoc) -> Iterator[Complaint]:
    """Exactly one key decides the quality of an encoder that has one to decide."""
    given = [key for key in DECIDERS if getattr(video, key) is not None]
    if video.codec == VideoCodec.H264 and not given:
        hint = "or give vmaf, or file_bytes: the crf is then found"
        yield Complaint(("video",), "missing-key", '"crf" is missing', hint)
    for key in given[1:]:
        message = f"{given[0]} and {key} both decide the quality"
        yield Complaint(("video", key), "misfit", message, "keep one of them")
    if video.codec == VideoCodec.PRORES:
        for key in given:
            if key != "crf":
                message = f"ProRes has no crf that {key} could be reached by"
                yield Complaint(("video", key), "misfit", message)
    size, most = video.file_bytes, limits.max_bytes
    if size is not None and most is not None and size > most:
        message = f"file_bytes {size} is more than max_bytes {most} of the limits"
        yield Complaint(("video", "file_bytes"), "misfit", message)
