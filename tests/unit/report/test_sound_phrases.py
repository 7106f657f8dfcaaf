"""What a plan says of its sound."""

from __future__ import annotations

from dataclasses import replace

from tests.unit.report import made

from finisher.channels import Layout
from finisher.plan.model import Piece, Plan
from finisher.presets.model import Audio, AudioCodec, StemFormat
from finisher.report.sound_phrases import rows


def with_audio(audio: Audio | None) -> Plan:
    plan = made.plan()
    return replace(plan, preset=replace(plan.preset, audio=audio))


def test_the_track_the_sounds_and_the_target_are_told() -> None:
    assert rows(made.plan()) == [
        ("sound track", "AAC, 192 kb/s, stereo", "−14 LUFS ± 1, at most −1 dBTP"),
        ("native", "0 dB", "0:00 to 0:04.50, 0:05 to 0:11"),
        ("vo (dialogue)", "0 dB", "0:01 to 0:04.60"),
        ("bed (music)", "−8 dB, lowered by up to 9 dB", "0:00 to 0:13"),
    ]


def test_stems_are_told_by_name() -> None:
    spec = Audio(AudioCodec.PCM_S24, layout=Layout.SURROUND, stems=StemFormat.PCM_S24)
    told = rows(with_audio(spec))
    assert told[0] == ("sound track", "PCM S24, 5.1", "level as mixed")
    assert told[-1] == ("stems", "WAV, 24 bit", "dialogue, music, native, music-and-effects, mix")


def test_no_sound_track_is_said() -> None:
    assert rows(with_audio(None)) == [("no sound track", "", "")]
    assert rows(replace(made.plan(), sound=None)) == [("no sound track", "", "")]


def test_many_stretches_are_counted_and_a_raised_one_is_told() -> None:
    plan = made.plan()
    assert plan.sound is not None
    native = replace(
        plan.sound.tracks[0],
        pieces=tuple(Piece("take:s09t02", 0, at * 48_000, 24_000) for at in range(6)),
        curve=((0, 0.0), (48_000, 3.0)),
    )
    odd = replace(plan, sound=replace(plan.sound, tracks=(native,)))
    assert rows(odd)[1] == (
        "native",
        "0 dB, raised by up to 3 dB",
        "6 stretches from 0:00 to 0:05.50",
    )
