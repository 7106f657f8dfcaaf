"""One named delivery specification as plain data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from finisher.channels import Layout
from finisher.geometry import Raster
from finisher.timecode import Rate


class VideoCodec(StrEnum):
    """Codecs a preset may ask for."""

    H264 = "h264"
    PRORES = "prores"
    DNXHR = "dnxhr"
    VP9 = "vp9"

    @property
    def complete(self) -> bool:
        """Whether every picture stands by itself, at a rate that its profile decides."""
        return self in (VideoCodec.PRORES, VideoCodec.DNXHR)


class AudioCodec(StrEnum):
    """Sound codecs a preset may ask for."""

    AAC = "aac"
    PCM_S24 = "pcm_s24le"
    OPUS = "opus"


class StemFormat(StrEnum):
    """What the samples of stems are, in WAV files."""

    FLOAT = "float"
    PCM_S24 = "pcm_s24le"


class ContainerFormat(StrEnum):
    """File formats a preset may ask for; the value is the file's suffix too."""

    MP4 = "mp4"
    MOV = "mov"
    WEBM = "webm"


@dataclass(frozen=True, slots=True)
class Video:
    """How the picture is encoded; rates are in bits a second."""

    codec: VideoCodec
    profile: str
    pixel_format: str
    speed: str = "medium"
    """Encoder effort by x264's preset names; unused by ProRes and DNxHR."""
    crf: float | None = None
    """Constant quality; None where `vmaf` or `file_bytes` decides it, or the codec has none."""
    gop_seconds: str = "1/2"
    """Longest distance between key frames, as a rational number of seconds."""
    b_frames: int = 2
    max_rate: int | None = None
    buffer: int | None = None
    vmaf: float | None = None
    """Mean VMAF, 0 to 100, that every unit is to reach; its crf is found for it."""
    file_bytes: int | None = None
    """Size the whole file comes close to and never exceeds; one crf is found for it."""


@dataclass(frozen=True, slots=True)
class Loudness:
    """A loudness target, measured on the delivered, decoded file."""

    target_lufs: float
    tolerance_lu: float
    true_peak_dbtp: float


@dataclass(frozen=True, slots=True)
class Audio:
    """How the sound is encoded; without a loudness target its level stays as mixed."""

    codec: AudioCodec
    bit_rate: int | None = None
    loudness: Loudness | None = None
    layout: Layout = Layout.STEREO
    stems: StemFormat | None = None
    """What a file for each role is written as beside the delivery; None for no such files."""


@dataclass(frozen=True, slots=True)
class Container:
    """How the file is put together."""

    format: ContainerFormat
    edit_list: bool = False
    """Platforms that forbid edit lists need picture and sound in place without one."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the platform takes; beyond it is a warning, or refused where `refuse` is set."""

    min_seconds: float | None = None
    max_seconds: float | None = None
    max_bytes: int | None = None
    refuse: bool = False


@dataclass(frozen=True, slots=True)
class Preset:
    """A deliverable's specification; None for raster or rate keeps the edit's own."""

    name: str
    description: str
    video: Video
    audio: Audio | None
    container: Container
    raster: Raster | None = None
    rate: Rate | None = None
    limits: Limits = Limits()
    loop_frames: int = 0
    """Frames over which the programme's end dissolves into its beginning; 0 for none."""
    sources: tuple[str, ...] = ()
    """Where the numbers come from, with dates."""
    draft: bool = False
    """Whether it is for looking at only: stamped, never signed."""
