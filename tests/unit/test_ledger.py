from __future__ import annotations

import os
import stat
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from finisher import ledger
from finisher.problems import DocumentError, MachineError, Problem


def test_lines_are_added_to_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "new" / "list"
    ledger.append(path, lambda content: b"one\n" if not content else b"no\n")
    ledger.append(path, lambda content: content.replace(b"one", b"two"))
    ledger.append(path, lambda _: b"")
    assert ledger.read(path) == b"one\ntwo\n"
    assert ledger.read(tmp_path / "none") == b""


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
def test_what_is_private_stays_so(tmp_path: Path) -> None:
    ledger.append(tmp_path / "list", lambda _: b"x\n", 0o600)
    assert stat.S_IMODE((tmp_path / "list").stat().st_mode) == 0o600


def test_nobody_adds_between_reading_and_writing(tmp_path: Path) -> None:
    path = tmp_path / "list"
    with ThreadPoolExecutor(8) as workers:
        list(workers.map(lambda _: ledger.append(path, _numbered), range(60)))
    assert ledger.read(path).split() == [str(n).encode() for n in range(60)]


def _numbered(content: bytes) -> bytes:
    return b"%d\n" % content.count(b"\n")


def test_what_a_line_refuses_changes_nothing(tmp_path: Path) -> None:
    def refuse(content: bytes) -> bytes:
        raise DocumentError(Problem("usage", f"not after {content!r}"))

    ledger.append(tmp_path / "list", lambda _: b"one\n")
    with pytest.raises(DocumentError, match="one"):
        ledger.append(tmp_path / "list", refuse)
    assert ledger.read(tmp_path / "list") == b"one\n"


def test_what_a_first_line_refuses_leaves_no_file_and_no_folder(tmp_path: Path) -> None:
    def refuse(content: bytes) -> bytes:
        raise DocumentError(Problem("usage", f"not after {content!r}"))

    with pytest.raises(DocumentError):
        ledger.append(tmp_path / "new" / "list", refuse)
    assert list(tmp_path.iterdir()) == []


def test_all_that_is_there_with_the_line_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "list"
    assert ledger.append(path, lambda _: b"one\n") == b"one\n"
    assert ledger.append(path, lambda _: b"two\n") == b"one\ntwo\n"


def test_a_line_that_finds_no_room_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "list"
    ledger.append(path, lambda _: b"one\n")
    write = os.write

    def full(handle: int, data: bytes) -> int:
        if len(data) > 3:
            return write(handle, data[:3])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(MachineError, match="No space left"):
        ledger.append(path, lambda _: b"three\n")
    assert ledger.read(path) == b"one\n"


def test_a_place_that_takes_nothing_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    for act in (lambda p: ledger.append(p, lambda _: b"x"), ledger.read):
        with pytest.raises(MachineError) as caught:
            act(tmp_path / "file" / "list")
        assert caught.value.problems[0].code == "ledger-unwritable"
    with pytest.raises(MachineError):
        ledger.append(tmp_path, lambda _: b"x")
