"""Long dialogue is split at its pauses, and every sample kept as it was."""

from __future__ import annotations

import wave
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from finisher.ffmpeg import program
from finisher.media.decode_sound import SoundShape, conform
from finisher.problems import MachineError, MediaError
from finisher.sound.prepare import (
    Pauses,
    Recording,
    lines,
    recorded,
    trimmed,
    write_copy,
    write_line,
)
from finisher.timecode import Span

RATE = 48_000
SHAPE = SoundShape(2, RATE, 0, 0, 0)
SPOKEN = ((0.5, 1.5), (2.6, 3.4), (5.0, 6.2))


def recording_of(path: Path) -> Recording:
    return recorded(path, path.with_suffix(".f32"))


@pytest.fixture
def recording(tmp_path: Path) -> Recording:
    time = np.arange(7 * RATE) / RATE
    spoken = sum((time >= start) & (time < end) for start, end in SPOKEN)
    samples = (8000 * spoken * np.sin(2 * np.pi * 200 * time)).astype("<i2")
    path = tmp_path / "line.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(samples.tobytes())
    return recording_of(path)


def test_a_recording_is_split_into_its_lines(recording: Recording) -> None:
    found = lines(recording, Pauses())
    assert len(found) == len(SPOKEN)
    for span, (start, end) in zip(found, SPOKEN, strict=True):
        # 100 ms of padding, found in steps of 10 ms.
        assert span.start / RATE == pytest.approx(start - 0.1, abs=0.011)
        assert span.end / RATE == pytest.approx(end + 0.1, abs=0.011)


def test_trimmed_it_is_one(recording: Recording) -> None:
    (span,) = trimmed(recording, Pauses())
    assert span.start / RATE == pytest.approx(0.4, abs=0.011)
    assert span.end / RATE == pytest.approx(6.3, abs=0.011)


def test_samples_and_channels_are_kept(recording: Recording, tmp_path: Path) -> None:
    whole = np.fromfile(recording.raw, np.float32).reshape(-1, 2)
    for span in lines(recording, Pauses()):
        assert write_line(recording, span, tmp_path / "part.wav") == 0
        shape = conform(tmp_path / "part.wav", None, tmp_path / "part.f32")
        assert shape is not None
        assert shape.channels == 1
        part = np.fromfile(tmp_path / "part.f32", np.float32).reshape(-1, 2)
        np.testing.assert_array_equal(part, whole[span.start : span.end])


def test_six_channels_stay_six(tmp_path: Path) -> None:
    sound = np.random.default_rng(1).integers(-9000, 9000, (RATE, 6)).astype("<i2")
    with wave.open(str(tmp_path / "wide.wav"), "wb") as out:
        out.setparams((6, 2, RATE, 0, "NONE", ""))
        out.writeframes(sound.tobytes())
    recording = recording_of(tmp_path / "wide.wav")
    (span,) = lines(recording, Pauses())
    write_line(recording, span, tmp_path / "part.wav")
    conform(tmp_path / "part.wav", None, tmp_path / "part.f32")
    assert (tmp_path / "part.f32").read_bytes() == recording.raw.read_bytes()


def test_values_above_full_scale_are_clipped_and_counted(tmp_path: Path) -> None:
    np.full((100, 2), 1.5, np.float32).tofile(tmp_path / "loud.f32")
    (tmp_path / "a.wav").write_bytes(b"")
    shape = replace(SHAPE, samples=100)
    loud = Recording(tmp_path / "a.wav", tmp_path / "loud.f32", shape)
    assert write_line(loud, Span(0, 100), tmp_path / "b.wav") == 200


def test_longer_pauses_split_less(recording: Recording) -> None:
    assert len(lines(recording, Pauses(shortest_ms=1200))) == 2


def test_silence_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(bytes(2 * RATE))
    assert lines(recording_of(path), Pauses()) == trimmed(recording_of(path), Pauses()) == ()


def test_a_file_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(MediaError, match=r"a\.wav"):
        recording_of(tmp_path / "a.wav")


def test_a_copy_is_made_by_our_own_ffmpeg(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))  # where there is none
    write_line(recording, lines(recording, Pauses())[0], tmp_path / "line.wav")
    write_copy(tmp_path / "line.wav", tmp_path / "line.m4a")
    shape = conform(tmp_path / "line.m4a", None, tmp_path / "copy.f32")
    assert shape is not None
    assert shape.samples == pytest.approx(1.2 * RATE, abs=1_100)  # a frame of the codec
    assert (tmp_path / "line.m4a").stat().st_size < 30_000


def test_a_copy_that_cannot_be_made_is_refused(
    recording: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_line(recording, lines(recording, Pauses())[0], tmp_path / "line.wav")
    monkeypatch.setattr(program, "executable", lambda: "/no/such/ffmpeg")
    with pytest.raises(MachineError, match="no listening copy"):
        write_copy(tmp_path / "line.wav", tmp_path / "line.m4a")
