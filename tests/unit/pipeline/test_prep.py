"""Recordings become numbered lines: none lost, none overwritten, no credential gone in silence."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest
from tests.unit.provenance.vendors import ACTIONS, claim, vendor

from finisher.c2pa.signing import SigningRequest, sign
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


def test_silence_leaves_no_folder_and_takes_none_away(tmp_path: Path) -> None:
    file = record(tmp_path / "none.wav", 0)
    prepare_all([file], Wish(tmp_path / "new" / "lines"))
    assert not (tmp_path / "new").exists()
    (tmp_path / "mine").mkdir()
    prepare_all([file], Wish(tmp_path / "mine"))
    assert (tmp_path / "mine").is_dir()


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


def contents(folder: Path) -> dict[str, tuple[bytes, int]]:
    """What the files of a folder hold, and which files they are."""
    files = (path for path in folder.iterdir() if path.is_file())
    return {path.name: (path.read_bytes(), path.stat().st_ino) for path in files}


@pytest.mark.parametrize("wish", [Wish(), Wish(copies=True), Wish(whole=True)])
def test_the_same_again_changes_nothing(wish: Wish, tmp_path: Path) -> None:
    file = record(tmp_path / "anna.wav")
    first = prepare_all([file], wish)
    before = contents(tmp_path)
    assert prepare_all([file], wish) == first
    assert contents(tmp_path) == before
    assert len(list(tmp_path.iterdir())) == len(before)


def test_what_a_run_made_in_part_is_made_whole(tmp_path: Path) -> None:
    file = record(tmp_path / "anna.wav")
    prepare_all([file], Wish())
    before = contents(tmp_path)
    (tmp_path / "anna-02.wav").unlink()
    prepare_all([file], Wish())
    assert (tmp_path / "anna-02.wav").read_bytes() == before["anna-02.wav"][0]


def refused(files: list[Path], wish: Wish) -> list[str]:
    """The names in the way, in the order they are told."""
    with pytest.raises(DocumentError) as caught:
        prepare_all(files, wish)
    assert {problem.code for problem in caught.value.problems} == {"output-exists"}
    return [Path(problem.where.file).name for problem in caught.value.problems if problem.where]


def test_nothing_that_exists_is_replaced(tmp_path: Path) -> None:
    file = record(tmp_path / "anna.wav")
    record(tmp_path / "anna-01.wav", 3)
    (tmp_path / "anna-02.listen.m4a").mkdir()
    (tmp_path / "anna-trimmed.wav").symlink_to("nowhere")
    before = contents(tmp_path)
    assert refused([file], Wish(copies=True)) == ["anna-01.wav", "anna-02.listen.m4a"]
    assert refused([file], Wish(whole=True)) == ["anna-trimmed.wav"]
    assert contents(tmp_path) == before
    assert not list(tmp_path.glob(".finisher-*"))
    assert (tmp_path / "anna-trimmed.wav").is_symlink()


def test_one_line_in_the_way_refuses_all_recordings(tmp_path: Path) -> None:
    files = [record(tmp_path / "anna.wav"), record(tmp_path / "ben.wav")]
    lines = tmp_path / "lines"
    lines.mkdir()
    (lines / "ben-02.wav").write_bytes(b"a take")
    assert refused(files, Wish(lines)) == ["ben-02.wav"]
    assert [path.name for path in lines.iterdir()] == ["ben-02.wav"]


@pytest.mark.parametrize(
    ("name", "stale"),
    [
        *(("anna-03.wav", True), ("anna-117.wav", True), ("anna-02.listen.m4a", True)),
        *(("anna-3.wav", False), ("anna-003.wav", False), ("anna-03.mp3", False)),
        *(("anna-03-x.wav", False), ("anna-trimmed.wav", False), ("hanna-03.wav", False)),
    ],
)
def test_no_stale_line_lies_beside_new_ones(name: str, stale: bool, tmp_path: Path) -> None:
    file = record(tmp_path / "anna.wav")
    lines = tmp_path / "lines"
    lines.mkdir()
    (lines / name).write_bytes(b"of an earlier run")
    if stale:
        assert refused([file], Wish(lines)) == [name]
        assert len(list(lines.iterdir())) == 1
    else:
        prepare_all([file], Wish(lines))
        assert len(list(lines.iterdir())) == 3


def test_other_lines_of_a_recording_are_told_all(tmp_path: Path) -> None:
    file = record(tmp_path / "anna.wav", 3)
    prepare_all([file], Wish())
    record(file, 0)
    assert refused([file], Wish()) == ["anna-01.wav", "anna-02.wav", "anna-03.wav"]


def test_a_stem_is_taken_by_its_letters(tmp_path: Path) -> None:
    (tmp_path / "aXb-03.wav").write_bytes(b"")
    (one,) = prepare_all([record(tmp_path / "a.b.wav")], Wish())
    assert len(one.lines) == 2


def test_names_that_are_too_long_are_told(tmp_path: Path) -> None:
    file = record(tmp_path / f"{'a' * 250}.wav")
    with pytest.raises(MachineError):
        prepare_all([file], Wish())
    with pytest.raises(MachineError):
        prepare_all([record(tmp_path / "anna.wav")], Wish(tmp_path / ("b" * 300) / "lines"))


def test_lines_appear_all_or_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(line: Path, destination: Path) -> None:
        del line
        raise MachineError(Problem("listening-copy", "no", None)) from OSError(str(destination))

    monkeypatch.setattr(prep.prepare, "write_copy", fails)
    with pytest.raises(MachineError):
        prepare_all([record(tmp_path / "anna.wav")], Wish(tmp_path / "lines", copies=True))
    assert not (tmp_path / "lines").exists()


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
