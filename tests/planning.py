"""Facts and presets made up for planning: nothing is measured."""

from __future__ import annotations

from fractions import Fraction

from finisher.event import Item
from finisher.facts import (
    CredentialFacts,
    Facts,
    FrameIndex,
    Integrity,
    MatchFacts,
    TakeFacts,
)
from finisher.geometry import Raster
from finisher.hearing import SoundFacts
from finisher.look import ColorTags, Look
from finisher.presets.model import (
    Container,
    ContainerFormat,
    Limits,
    Preset,
    Video,
    VideoCodec,
)
from finisher.timecode import Rate
from finisher.timeline import Session, Take, Timeline

HD = Raster(1920, 1080)
R24 = Rate.parse("24")
BT709 = ColorTags("tv", "bt709", "bt709", "bt709")


def index(pictures: int, rate: str = "24") -> FrameIndex:
    """Evenly timed pictures from 0, a key picture every 24."""
    step = Rate.parse(rate).fraction.denominator
    pts = tuple(i * step for i in range(pictures))
    base = Fraction(1, Rate.parse(rate).fraction.numerator)
    return FrameIndex(base, pts, tuple(range(0, pictures, 24)), pictures * step)


def taken(
    name: str,
    frames: FrameIndex,
    *,
    raster: Raster = HD,
    tags: ColorTags = BT709,
    pixel_format: str = "yuv420p",
    sample_aspect: Fraction = Fraction(1),
    rotation: int = 0,
    interlaced: bool = False,
    integrity: Integrity = Integrity.ABSENT,
    sound: SoundFacts | None = None,
) -> TakeFacts:
    """A take as ingest would have measured it."""
    return TakeFacts(
        path=f"takes/{name}.mp4",
        sha256=name[-1] * 64,
        bytes=1000,
        raster=raster,
        pixel_format=pixel_format,
        codec="h264",
        tags=tags,
        sample_aspect=sample_aspect,
        rotation=rotation,
        interlaced=interlaced,
        index=frames,
        sound=sound,
        credentials=CredentialFacts(integrity),
    )


def facts(
    *takes: tuple[str, TakeFacts],
    matches: dict[str, MatchFacts] | None = None,
    looks: dict[str, Look] | None = None,
) -> Facts:
    """Facts of takes by name."""
    return Facts(dict(takes), {}, matches or {}, looks or {})


def timeline(
    *items: Item,
    takes: tuple[Take, ...] = (
        Take("t1", "takes/t1.mp4", marks_told=True),
        Take("t2", "takes/t2.mp4", marks_told=True),
    ),
    sessions: tuple[Session, ...] = (),
    rate: Rate = R24,
    canvas: Raster = HD,
) -> Timeline:
    """A timeline of these items."""
    return Timeline("made", rate, canvas, takes, sessions, items)


def preset(
    name: str = "made",
    *,
    raster: Raster | None = None,
    rate: str | None = None,
    loop_frames: int = 0,
    limits: Limits | None = None,
) -> Preset:
    """A silent preset."""
    return Preset(
        name,
        "made up",
        Video(VideoCodec.H264, "high", "yuv420p", crf=18),
        None,
        Container(ContainerFormat.MP4),
        raster=raster,
        rate=Rate.parse(rate) if rate else None,
        limits=limits or Limits(),
        loop_frames=loop_frames,
    )
