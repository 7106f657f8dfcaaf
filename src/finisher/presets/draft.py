"""A preset's draft: the same programme, small and quick, for looking at."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from finisher.geometry import Raster
from finisher.presets.model import (
    Audio,
    AudioCodec,
    Container,
    ContainerFormat,
    Limits,
    Preset,
    Video,
    VideoCodec,
)

LONG_SIDE = 640
"""Pixels along the longer side: enough to judge cuts, framing and colour, a ninth of 1080p's."""


def drafted(preset: Preset, canvas: Raster) -> Preset:
    """The preset of a draft; `canvas` is the raster of presets that keep the edit's own.

    Its shape, rate and loudness are the preset's, whatever that encodes to is H.264 in MP4.
    """
    audio = preset.audio
    return replace(
        preset,
        raster=_small(preset.raster or canvas),
        video=Video(
            VideoCodec.H264, "high", "yuv420p", "superfast", crf=26, gop_seconds="1", b_frames=0
        ),
        audio=None if audio is None else _plain(audio),
        container=Container(ContainerFormat.MP4),
        limits=Limits(),
        draft=True,
    )


def _plain(audio: Audio) -> Audio:
    """Sound that goes into an MP4: as the preset has it, unless that is uncompressed; no stems."""
    if audio.codec is AudioCodec.AAC:
        return replace(audio, stems=None)
    return replace(audio, codec=AudioCodec.AAC, bit_rate=None, stems=None)


def _small(raster: Raster) -> Raster:
    """A raster of the same shape, its longer side `LONG_SIDE` at most, both even."""
    scale = min(Fraction(1), Fraction(LONG_SIDE, max(raster.width, raster.height)))
    return Raster(*(max(16, round(side * scale / 2) * 2) for side in (raster.width, raster.height)))
