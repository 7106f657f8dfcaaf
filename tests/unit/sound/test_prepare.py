"""Long dialogue is split at its pauses, and every sample kept as it was."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

from finisher.media.decode_sound import conform
from finisher.problems import MediaError
from finisher.sound.prepare import Pauses, split

RATE = 48_000
SPOKEN = ((0.5, 1.5), (2.6, 3.4), (5.0, 6.2))


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    time = np.arange(7 * RATE) / RATE
    spoken = sum((time >= start) & (time < end) for start, end in SPOKEN)
    samples = (8000 * spoken * np.sin(2 * np.pi * 200 * time)).astype("<i2")
    path = tmp_path / "line.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(samples.tobytes())
    return path


def test_a_recording_is_split_into_its_lines(recording: Path, tmp_path: Path) -> None:
    lines = split(recording, tmp_path)
    assert [line.path.name for line in lines] == ["line-01.wav", "line-02.wav", "line-03.wav"]
    for line, (start, end) in zip(lines, SPOKEN, strict=True):
        # 100 ms of padding, found in steps of 10 ms.
        assert line.source.start / RATE == pytest.approx(start - 0.1, abs=0.011)
        assert line.source.end / RATE == pytest.approx(end + 0.1, abs=0.011)


def test_samples_keep_their_values(recording: Path, tmp_path: Path) -> None:
    lines = split(recording, tmp_path)
    conform(recording, None, tmp_path / "whole.f32")
    whole = np.fromfile(tmp_path / "whole.f32", np.float32).reshape(-1, 2)
    for line in lines:
        conform(line.path, None, tmp_path / "part.f32")
        part = np.fromfile(tmp_path / "part.f32", np.float32).reshape(-1, 2)
        np.testing.assert_array_equal(part, whole[line.source.start : line.source.end])


def test_longer_pauses_split_less(recording: Path, tmp_path: Path) -> None:
    assert len(split(recording, tmp_path, Pauses(shortest_ms=1200))) == 2


def test_silence_has_no_lines(tmp_path: Path) -> None:
    path = tmp_path / "silence.wav"
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(bytes(2 * RATE))
    assert split(path, tmp_path) == ()


def test_a_file_that_is_no_sound_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.wav").write_text("no sound")
    with pytest.raises(MediaError, match=r"a\.wav"):
        split(tmp_path / "a.wav", tmp_path)
