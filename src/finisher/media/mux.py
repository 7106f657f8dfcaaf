"""Joining units and sound into one file with exact, uniform times."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TypeAlias

import av
import av.error
from av.audio.stream import AudioStream
from av.packet import Packet as AnyPacket
from av.video.stream import VideoStream

from finisher.media.encode_sound import AAC_PRIMING
from finisher.media.index import open_media
from finisher.media.parameter_sets import joined
from finisher.presets.model import Container, ContainerFormat
from finisher.problems import Problem, RenderError, Where
from finisher.timecode import Rate

Packet: TypeAlias = "AnyPacket[VideoStream] | AnyPacket[AudioStream]"

_LAYOUTS = {2: "stereo", 6: "5.1(side)"}
_TICKS = 512
"""Ticks of the track's clock to a frame over the rate's denominator: fine enough for any player."""


def mux(
    units: Sequence[Path],
    sound: Path | None,
    rate: Rate,
    container: Container,
    destination: Path,
    metadata: dict[str, str],
) -> int:
    """Join encoded units, in order, and a sound track; return the number of frames written.

    Picture starts at 0 by negative composition offsets and sound at 0 by its encoder having been
    fed accordingly, so that no edit list is needed. WebM's clock ticks in milliseconds: its
    pictures stand at the nearest one, and Opus says by itself how much of it comes before 0.

    Raises:
        RenderError: when units do not share one set of parameters, or writing fails.
    """
    options = _options(container, rate)
    try:
        with av.open(
            f"file:{destination}", "w", format=str(container.format), options=options
        ) as out:
            out.metadata.update(metadata)
            return _write(out, units, sound, rate, container)
    except av.error.FFmpegError as error:
        raise RenderError(
            Problem("mux-failed", f"writing failed: {error.strerror}", Where(str(destination)))
        ) from error


def _options(container: Container, rate: Rate) -> dict[str, str]:
    """Options of the container's muxer."""
    if container.format is ContainerFormat.WEBM:
        # Else it is given a number of its own by chance; the index first, as for the others.
        return {"fflags": "+bitexact", "cues_to_front": "1"}
    flags = "+faststart+use_metadata_tags"
    if not container.edit_list:
        flags += "+negative_cts_offsets"
    return {
        "movflags": flags,
        "use_editlist": str(int(container.edit_list)),
        "video_track_timescale": str(rate.fraction.numerator * _TICKS),
        "write_tmcd": "0",
    }


def _write(
    out: av.container.OutputContainer,
    units: Sequence[Path],
    sound: Path | None,
    rate: Rate,
    container: Container,
) -> int:
    """Interleave picture and sound packets by their times."""
    survey = _survey(units)
    with open_media(units[0]) as first:
        picture_out = out.add_stream_from_template(first.streams.video[0])
    if len(survey.heads) > 1:
        picture_out.codec_context.extradata = _one_head(survey.heads)
    picture_out.time_base = Fraction(rate.fraction.denominator, rate.fraction.numerator * _TICKS)
    pictures = _Pictures(units, rate, survey.delay)
    if sound is None:
        for packet in pictures.packets(picture_out):
            out.mux_one(packet)
        return pictures.count
    with open_media(sound) as source:
        sound_out = out.add_stream_from_template(source.streams.audio[0])
        _name_channels(sound_out)
        # With an edit list the encoder was fed from the first sample: its priming goes before 0.
        primed = container.edit_list and sound_out.codec_context.name == "aac"
        sounds = _sound_packets(source, sound_out, -AAC_PRIMING if primed else 0)
        for packet in _by_time(pictures.packets(picture_out), sounds):
            out.mux_one(packet)
    return pictures.count


def _name_channels(stream: AudioStream) -> None:
    """Say what the channels of uncompressed sound are, which its intermediate could not."""
    context = stream.codec_context
    name = _LAYOUTS.get(context.channels)
    if context.name.startswith("pcm") and name is not None:
        context.layout = name


def _by_time(pictures: Iterator[Packet], sounds: Iterator[Packet]) -> Iterator[Packet]:
    """Packets of both tracks in decoding order; picture goes first on a tie."""
    picture, sound = next(pictures, None), next(sounds, None)
    while picture is not None or sound is not None:
        if sound is None or (picture is not None and _instant(picture) <= _instant(sound)):
            if picture is not None:
                yield picture
            picture = next(pictures, None)
        else:
            yield sound
            sound = next(sounds, None)


def _instant(packet: Packet) -> Fraction:
    """When a packet is due, in seconds."""
    return (packet.dts or 0) * packet.time_base


def _parameters(stream: VideoStream) -> tuple[object, ...]:
    """What all units must share to be one stream."""
    context = stream.codec_context
    return context.name, context.width, context.height, context.pix_fmt


@dataclass(frozen=True, slots=True)
class _Survey:
    """What must be known of all units before the first is written."""

    heads: tuple[bytes, ...]
    """Their heads, each once; pictures carried over have their own."""
    delay: int
    """By how many frames the order of decoding runs ahead of that of display, at most."""


def _survey(units: Sequence[Path]) -> _Survey:
    """Look at every unit once.

    Raises:
        RenderError: when they are of different kinds.
    """
    heads: dict[bytes, None] = {}
    kinds: set[tuple[object, ...]] = set()
    delay = 0
    for unit in units:
        with open_media(unit) as source:
            stream = source.streams.video[0]
            kinds.add(_parameters(stream))
            heads[bytes(stream.codec_context.extradata or b"")] = None
            times = [packet.pts or 0 for packet in source.demux(stream) if packet.size]
        ranks = {pts: i for i, pts in enumerate(sorted(times))}
        delay = max(delay, *(i - ranks[pts] for i, pts in enumerate(times)))
    if len(kinds) > 1:
        raise RenderError(Problem("units-differ", "units were encoded with different parameters"))
    return _Survey(tuple(heads), delay)


def _one_head(heads: Sequence[bytes]) -> bytes:
    """One head for units of several.

    Raises:
        RenderError: when their parameter sets can't stand side by side.
    """
    try:
        return joined(heads)
    except ValueError as error:
        raise RenderError(
            Problem("units-differ", f"units can't be joined into one stream: {error}")
        ) from error


@dataclass(slots=True)
class _Pictures:
    """The picture packets of all units as one stream."""

    units: Sequence[Path]
    rate: Rate
    delay: int
    count: int = 0

    def packets(self, stream: VideoStream) -> Iterator[Packet]:
        """Packets with programme times: pts by rank within the unit, dts uniform."""
        step = self.rate.fraction.denominator * _TICKS
        for unit in self.units:
            with open_media(unit) as source:
                packets = [p for p in source.demux(source.streams.video[0]) if p.size]
                ranks = {pts: i for i, pts in enumerate(sorted(p.pts or 0 for p in packets))}
                for i, packet in enumerate(packets):
                    packet.pts, packet.dts = (
                        (self.count + ranks[packet.pts or 0]) * step,
                        (self.count + i - self.delay) * step,
                    )
                    packet.duration = step
                    packet.time_base = Fraction(1, self.rate.fraction.numerator * _TICKS)
                    packet.stream = stream
                    yield packet
                self.count += len(packets)


def _sound_packets(
    source: av.container.InputContainer, stream: AudioStream, start: int
) -> Iterator[Packet]:
    """Sound packets end to end from `start`, whatever times the intermediate gave them."""
    if source.streams.audio[0].codec_context.name == "opus":
        # Its packets begin before 0 by what is skipped, and the last says where its sound ends.
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                yield packet
        return
    at = start
    rate = source.streams.audio[0].codec_context.sample_rate
    samples = source.streams.audio[0].codec_context.frame_size
    for packet in source.demux(source.streams.audio[0]):
        if not packet.size:
            continue
        length = samples or round((packet.duration or 0) * packet.time_base * rate)
        packet.time_base = Fraction(1, rate)
        packet.pts = packet.dts = at
        packet.duration = length
        packet.stream = stream
        at += length
        yield packet
