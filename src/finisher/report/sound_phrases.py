"""What will be heard, in plain lines: the track, each sound laid in, and the stems beside it."""

from __future__ import annotations

from collections.abc import Iterator

from finisher.plan.model import Plan, SoundPlan, SoundTrack
from finisher.presets.model import Audio, StemFormat
from finisher.report.figures import clock, number
from finisher.report.plain import plain
from finisher.report.words import plural
from finisher.sound.stems import stem_names
from finisher.timecode import joined

_NAME = 120
_SHOWN = 4
"""Stretches that are told one by one; of more, only their number."""
_STEMS = {StemFormat.FLOAT: "32-bit floats", StemFormat.PCM_S24: "24 bit"}

Row = tuple[str, str, str]


def rows(plan: Plan) -> list[Row]:
    """What, how and where: of a delivery without sound, that there is none."""
    sound, audio = plan.sound, plan.preset.audio
    if sound is None or audio is None:
        return [("no sound track", "", "")]
    return [
        ("sound track", _track(audio), _target(audio)),
        *_sounds(sound),
        *_stems(sound, audio),
    ]


def _track(audio: Audio) -> str:
    """How it is encoded: `AAC, 192 kb/s, stereo`."""
    rate = f", {audio.bit_rate // 1000} kb/s" if audio.bit_rate is not None else ""
    return f"{audio.codec.name.replace('_', ' ')}{rate}, {audio.layout}"


def _target(audio: Audio) -> str:
    """The loudness to be reached."""
    aim = audio.loudness
    if aim is None:
        return "level as mixed"
    return (
        f"{number(aim.target_lufs)} LUFS ± {number(aim.tolerance_lu)}, "
        f"at most {number(aim.true_peak_dbtp)} dBTP"
    )


def _sounds(sound: SoundPlan) -> Iterator[Row]:
    """Every track that holds anything."""
    for track in sound.tracks:
        if track.pieces:
            name = plain(track.id, _NAME) + (f" ({track.role})" if track.role else "")
            yield name, _level(track), _where(track)


def _level(track: SoundTrack) -> str:
    """A track's gain, and how far it moves."""
    level = f"{number(track.gain_db)} dB"
    lowest = min((db for _, db in track.curve), default=0.0)
    highest = max((db for _, db in track.curve), default=0.0)
    if lowest < 0:
        level += f", lowered by up to {number(-lowest)} dB"
    if highest > 0:
        level += f", raised by up to {number(highest)} dB"
    return level


def _where(track: SoundTrack) -> str:
    """Where a track sounds."""
    stretches = joined(piece.span for piece in track.pieces)
    if len(stretches) > _SHOWN:
        whole = f"{clock(stretches[0].start)} to {clock(stretches[-1].end)}"
        return f"{plural(len(stretches), 'stretch')} from {whole}"
    return ", ".join(f"{clock(s.start)} to {clock(s.end)}" for s in stretches)


def _stems(sound: SoundPlan, audio: Audio) -> Iterator[Row]:
    """The files beside the film."""
    if audio.stems is not None:
        yield "stems", f"WAV, {_STEMS[audio.stems]}", ", ".join(stem_names(sound))
