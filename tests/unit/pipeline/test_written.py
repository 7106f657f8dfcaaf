from __future__ import annotations

import json
from pathlib import Path

from finisher.pipeline.written import place, written


def note(data: Path, path: Path, sha256: str) -> None:
    with place(data).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"path": str(path), "sha256": sha256}) + "\n")


def test_an_export_is_known_by_its_path_and_its_bytes(tmp_path: Path) -> None:
    film, other = tmp_path / "film.mp4", tmp_path / "other.mp4"
    assert not written([(str(film), "a")], tmp_path)
    note(tmp_path, film, "a")
    assert written([(str(film), "a")], tmp_path)
    assert not written([(str(film), "a"), (str(other), "b")], tmp_path)
    note(tmp_path, other, "b")
    assert written([(str(film), "a"), (str(other), "b")], tmp_path)
    assert not written([(str(film), "b")], tmp_path)
    # It may lie there again after another did.
    note(tmp_path, film, "c")
    assert written([(str(film), "a")], tmp_path)


def test_damage_hides_no_other_line_and_tells_nothing(tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    place(tmp_path).write_bytes(b'{"path": "x"}\n[1]\n\xff\n' + b"[" * 100_000 + b"\n")
    assert not written([(str(film), "a")], tmp_path)
    note(tmp_path, film, "a")
    assert written([(str(film), "a")], tmp_path)


def test_a_list_that_can_not_be_read_holds_nothing(tmp_path: Path) -> None:
    place(tmp_path).mkdir()
    assert not written([(str(tmp_path / "film.mp4"), "a")], tmp_path)
