from __future__ import annotations

import hashlib
import os
import time as clock
from pathlib import Path

import pytest

from finisher.contents import sha256_of, unchanged
from finisher.problems import MediaError
from finisher.store import Store


def test_a_file_is_hashed_once_until_it_changes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, path = Store(tmp_path / "store"), tmp_path / "take.mp4"
    path.write_bytes(b"one")
    read = []
    digest = hashlib.file_digest
    monkeypatch.setattr(
        hashlib, "file_digest", lambda f, name: (read.append(name), digest(f, name))[1]
    )
    wanted = hashlib.sha256(b"one").hexdigest()
    assert [sha256_of(path, store) for _ in range(3)] == [wanted] * 3
    # The store seals what it keeps by another hash.
    assert read.count("sha256") == 1
    path.write_bytes(b"two, longer")
    assert sha256_of(path, store) == hashlib.sha256(b"two, longer").hexdigest()
    assert read.count("sha256") == 2


def test_a_file_of_the_same_time_and_another_size_is_read_again(tmp_path: Path) -> None:
    store, path = Store(tmp_path / "store"), tmp_path / "take.mp4"
    path.write_bytes(b"one")
    first, time = sha256_of(path, store), path.stat().st_mtime_ns
    path.write_bytes(b"two, longer")
    os.utime(path, ns=(time, time))
    assert sha256_of(path, store) != first


def test_another_file_of_the_same_name_is_another_file(tmp_path: Path) -> None:
    store, path = Store(tmp_path / "store"), tmp_path / "take.mp4"
    path.write_bytes(b"one")
    first = sha256_of(path, store)
    (tmp_path / "new").write_bytes(b"two")
    (tmp_path / "new").replace(path)
    assert sha256_of(path, store) != first


def test_a_link_is_the_file_it_leads_to(tmp_path: Path) -> None:
    (tmp_path / "take.mp4").write_bytes(b"one")
    (tmp_path / "link.mp4").symlink_to(tmp_path / "take.mp4")
    found = sha256_of(tmp_path / "link.mp4", Store(tmp_path / "store"))
    assert found == hashlib.sha256(b"one").hexdigest()


def test_what_is_no_file_is_missing(tmp_path: Path) -> None:
    for path in (tmp_path / "none.mp4", tmp_path):
        with pytest.raises(MediaError) as caught:
            sha256_of(path, Store(tmp_path / "store"))
        assert caught.value.problems[0].code == "media-missing"


def test_a_change_that_kept_size_and_date_is_seen(tmp_path: Path) -> None:
    path, store = tmp_path / "a.mp4", Store(tmp_path / "store")
    path.write_bytes(b"one")
    first, status = sha256_of(path, store), path.stat()
    # Times of files move in steps of the kernel's clock, some milliseconds long.
    clock.sleep(0.05)
    path.write_bytes(b"two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert sha256_of(path, store) != first


@pytest.mark.parametrize("name", ["shot_%04d.png", "shot_%d.png", "shot_*.png", "shot_####.exr"])
def test_a_sequence_of_images_is_told_what_makes_it_a_take(tmp_path: Path, name: str) -> None:
    with pytest.raises(MediaError) as caught:
        sha256_of(tmp_path / name, Store(tmp_path / "store"))
    (problem,) = caught.value.problems
    assert problem.code == "media-missing"
    assert problem.hint is not None
    assert "image sequence" in problem.hint


def test_any_other_missing_file_is_just_missing(tmp_path: Path) -> None:
    with pytest.raises(MediaError) as caught:
        sha256_of(tmp_path / "100% done.mp4", Store(tmp_path / "store"))
    assert caught.value.problems[0].hint is None


def test_a_file_is_held_to_what_it_was_measured_as(tmp_path: Path) -> None:
    path, store = tmp_path / "take", Store(tmp_path / "store")
    path.write_bytes(b"one")
    found = sha256_of(path, store)
    unchanged(path, found, store)
    path.write_bytes(b"two")
    with pytest.raises(MediaError) as caught:
        unchanged(path, found, store)
    assert caught.value.problems[0].code == "media-changed"
    path.unlink()
    with pytest.raises(MediaError):
        unchanged(path, found, store)
