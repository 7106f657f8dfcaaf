"""What a preset's document comes to, or everything that is wrong with it."""

from __future__ import annotations

from finisher.channels import Layout
from finisher.presets.document import AudioDoc, LoudnessDoc, PresetDoc, VideoDoc
from finisher.presets.misfits import misfits
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
from finisher.presets.strict import Complaint, validate


def preset_of(name: str, value: object) -> Preset | tuple[Complaint, ...]:
    """The preset a document describes, or everything that is wrong with it."""
    read = validate(PresetDoc, value)
    if not isinstance(read, PresetDoc):
        return read
    if wrong := tuple(misfits(read)):
        return wrong
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
    return Audio(
        AudioCodec(audio.codec), audio.bit_rate, loudness, Layout(audio.layout), audio.stems
    )
