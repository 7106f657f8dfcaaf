"""Values of a preset that are each allowed but not together."""

from __future__ import annotations

from collections.abc import Iterator

from finisher.channels import Layout
from finisher.presets.document import DECIDERS, FORMATS, AudioDoc, LimitsDoc, PresetDoc, VideoDoc
from finisher.presets.model import AudioCodec, ContainerFormat, VideoCodec
from finisher.presets.strict import Complaint

_MP4, _MOV, _WEBM = ContainerFormat.MP4, ContainerFormat.MOV, ContainerFormat.WEBM
_HOMES: dict[str, tuple[str, tuple[ContainerFormat, ...]]] = {
    VideoCodec.H264: ("H.264", (_MP4, _MOV)),
    VideoCodec.PRORES: ("ProRes", (_MOV,)),
    VideoCodec.DNXHR: ("DNxHR", (_MOV,)),
    VideoCodec.VP9: ("VP9", (_WEBM,)),
    AudioCodec.AAC: ("AAC", (_MP4, _MOV)),
    AudioCodec.PCM_S24: ("PCM", (_MOV,)),
    AudioCodec.OPUS: ("Opus", (_WEBM,)),
}
"""What codecs are called, and the containers they go into."""
_SURROUND_RATES: dict[str, tuple[int, int]] = {
    AudioCodec.AAC: (320_000, 448_000),
    AudioCodec.OPUS: (288_000, 384_000),
}
"""Least rate of 5.1 in bits a second, and the encoder's own where none is given.

The least is 64 kb/s for each of AAC's five full-range channels. Below it an encoder takes from one
channel what another needs: at 192 kb/s AAC makes noise in the front 0.6 dB louder, Opus at 128 kb/s
1.3 dB softer.
"""
SMALLEST_DNXHR = (256, 120)
"""Width and height: the encoder takes no smaller pictures."""


def misfits(document: PresetDoc) -> Iterator[Complaint]:
    """Values that are each allowed but not together."""
    video, audio, limits = document.video, document.audio, document.limits
    formats = FORMATS[video.codec]
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
    yield from _homes(document)
    if document.muted and isinstance(audio, AudioDoc) and audio.stems is not None:
        message = "stems are asked for of a delivery without sound"
        yield Complaint(("audio", "stems"), "misfit", message, "stems = false, or muted = false")
    if isinstance(audio, AudioDoc):
        yield from _starved(audio)
    low, high = limits.min_seconds, limits.max_seconds
    if low is not None and high is not None and low > high:
        message = f"min_seconds {low} is more than max_seconds {high}"
        yield Complaint(("limits", "min_seconds"), "misfit", message)


def _starved(audio: AudioDoc) -> Iterator[Complaint]:
    """A rate too low for the channels, inherited from a stereo preset as a rule."""
    rates = _SURROUND_RATES.get(audio.codec)
    if audio.layout != Layout.SURROUND or audio.bit_rate is None or rates is None:
        return
    least, usual = rates
    if audio.bit_rate < least:
        name, _ = _HOMES[audio.codec]
        message = f"{name} needs {least} bits a second for 5.1, and bit_rate is {audio.bit_rate}"
        hint = f"leave bit_rate out, or where it is inherited write bit_rate = {usual:_}"
        # Told of the section: the rate's own line is as a rule in the preset that is inherited.
        yield Complaint(("audio",), "misfit", message, hint)


def _homes(document: PresetDoc) -> Iterator[Complaint]:
    """Containers and sizes that a codec has no place in."""
    video, audio, container = document.video, document.audio, document.container
    for codec in (video.codec, *((audio.codec,) if isinstance(audio, AudioDoc) else ())):
        name, homes = _HOMES[codec]
        if container.format not in homes:
            message = f"{name} goes into {' or '.join(homes)}, not {container.format}"
            yield Complaint(("container", "format"), "misfit", message)
    if container.format == _WEBM and container.edit_list:
        yield Complaint(("container", "edit_list"), "misfit", "webm has no edit lists")
    least, raster = SMALLEST_DNXHR, document.raster if video.codec == VideoCodec.DNXHR else None
    if raster is not None and (raster.width < least[0] or raster.height < least[1]):
        message = f"DNxHR is encoded from {least[0]}x{least[1]} on"
        yield Complaint(("raster",), "misfit", message)


def _deciders(video: VideoDoc, limits: LimitsDoc) -> Iterator[Complaint]:
    """Exactly one key decides the quality of an encoder that has one to decide."""
    codec, name = VideoCodec(video.codec), _HOMES[video.codec][0]
    given = [key for key in DECIDERS if getattr(video, key) is not None]
    if not given and not codec.complete:
        found = codec is VideoCodec.H264
        hint = "or give vmaf, or file_bytes: the crf is then found" if found else None
        yield Complaint(("video",), "missing-key", '"crf" is missing', hint)
    for key in given[1:]:
        message = f"{given[0]} and {key} both decide the quality"
        yield Complaint(("video", key), "misfit", message, "keep one of them")
    if codec is not VideoCodec.H264:
        for key in given:
            if key != "crf":
                message = f"{name} has no crf that {key} could be reached by"
                if codec is VideoCodec.VP9:
                    message = f"{key} is reached with H.264 only; {name} takes a crf"
                yield Complaint(("video", key), "misfit", message)
    if codec is VideoCodec.VP9 and video.max_rate is not None:
        message = "VP9 is encoded at constant quality: nothing holds it below max_rate"
        yield Complaint(("video", "max_rate"), "misfit", message)
    size, most = video.file_bytes, limits.max_bytes
    if size is not None and most is not None and size > most:
        message = f"file_bytes {size} is more than max_bytes {most} of the limits"
        yield Complaint(("video", "file_bytes"), "misfit", message)
