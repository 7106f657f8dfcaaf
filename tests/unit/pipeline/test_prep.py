"""Recordings become numbered lines: none lost, none overwritten, no credential gone in silence."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from tests.unit.provenance.vendors import ACTIONS, claim, vendor

from finisher.c2pa import SigningRequest, sign
from finisher.pipeline import prep
from finisher.pipeline.prep import Wish, prepare_all
from finisher.problems import DocumentError, MachineError, MediaError, PolicyError, Problem

RATE = 48_000


def record(path: Path, lines: int = 2) -> Path:
    """A buzz of half a second and a second of silence, so many times."""
    time = np.arange(RATE // 2) / RATE
    line = np.concatenate([8000 * np.sin(2 * np.pi * 200 * time), np.zeros(RATE)])
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, RATE, 0, "NONE", ""))
        out.writeframes(np.tile(line, lines).astype("<i2").tobytes())
    return path


def signed(folder: Path) -> Path:
    raw = record(folder / "raw.wav")
    by = vendor("Parrot Voices")
    path = folder / "signed.wav"
    sign(raw, path, SigningRequest(claim("voice"), by.signer, attributed=ACTIONS))
    raw.unlink()
    return path


def test_several_recordings_become_lines_of_one_folder(tmp_path: Path) -> None:
    files = [record(tmp_path / "anna.wav"), record(tmp_path / "ben.wav", 1)]
    made = prepare_all(files, Wish(tmp_path / "new" / "lines", copies=True))
    assert [len(one.lines) for one in made] == [2, 1]
    names = sorted(path.name for path in (tmp_path / "new" / "lines").iterdir())
    stems = ["anna-01", "anna-02", "ben-01"]
    assert names == sorted(f"{stem}.{end}" for stem in stems for end in ("wav", "listen.m4a"))
    assert made[0].lines[1].source.start == pytest.approx(1.4 * RATE, abs=500)
    assert not any(one.problems for one in made)


def test_trimmed_a_recording_keeps_its_pauses(tmp_path: Path) -> None:
    (one,) = prepare_all([record(tmp_path / "anna.wav")], Wish(whole=True))
    assert [line.path.name for line in one.lines] == ["anna-trimmed.wav"]
    assert len(one.lines[0].source) == pytest.approx(2.1 * RATE, abs=500)


def test_a_recording_of_nothing_is_told(tmp_path: Path) -> None:
    (one,) = prepare_all([record(tmp_path / "none.wav", 0)], Wish())
    assert one.lines == ()
    assert [problem.code for problem in one.problems] == ["no-speech"]


def test_nothing_is_written_where_one_recording_is_wrong(tmp_path: Path) -> None:
    files = [record(tmp_path / "anna.wav"), tmp_path / "gone.wav", tmp_path / "page.mp3"]
    files[2].write_text("<html>expired</html>")
    with pytest.raises(MediaError) as caught:
        prepare_all(files, Wish(tmp_path / "lines"))
    assert len(caught.value.problems) == 2
    assert not (tmp_path / "lines").exists()


def test_a_recording_is_never_replaced(tmp_path: Path) -> None:
    record(tmp_path / "anna.wav")
    other = record(tmp_path / "anna-01.wav")
    with pytest.raises(DocumentError, match="replace this recording"):
        prepare_all([tmp_path / "anna.wav", other], Wish())
    before = other.read_bytes()
    with pytest.raises(DocumentError, match="names of those of"):
        prepare_all([tmp_path / "anna.wav", tmp_path / "anna.mp3"], Wish())
    assert other.read_bytes() == before


def test_lines_appear_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(line: Path, destination: Path) -> None:
        del line
        raise MachineError(Problem("listening-copy", "no", None)) from OSError(str(destination))

    monkeypatch.setattr(prep.prepare, "write_copy", fails)
    with pytest.raises(MachineError):
        prepare_all([record(tmp_path / "anna.wav")], Wish(tmp_path / "lines", copies=True))
    assert list((tmp_path / "lines").iterdir()) == []


def test_credentials_are_not_lost_in_silence(tmp_path: Path) -> None:
    path = signed(tmp_path)
    with pytest.raises(PolicyError) as caught:
        prepare_all([path], Wish(tmp_path / "lines"))
    (problem,) = caught.value.problems
    assert problem.code == "credential-lost"
    assert "--allow-credential-loss" in (problem.hint or "")
    assert not (tmp_path / "lines").exists()
    (one,) = prepare_all([path], Wish(tmp_path / "lines", allow_loss=True))
    assert len(one.lines) == 2
    assert [problem.code for problem in one.problems] == ["credential-lost"]
    assert one.credentials.manifest is not None
