from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from finisher.pipeline.housekeeping import prune, sizes
from finisher.problems import MachineError
from finisher.store import Store

KEY = "ab" + "0" * 62


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    store, made = Store(tmp_path), []

    def write(path: Path) -> None:
        made.append(path)
        path.write_text("x")

    first = store.make("kind", KEY, ".txt", write)
    assert store.make("kind", KEY, ".txt", write) == first
    assert len(made) == 1
    assert first.read_text() == "x"


def test_a_failed_making_leaves_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def write(path: Path) -> None:
        path.write_text("half")
        raise RuntimeError

    with pytest.raises(RuntimeError):
        store.make("kind", KEY, ".txt", write)
    assert store.get("kind", KEY, ".txt") is None
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_racing_makers_leave_one_whole_entry(tmp_path: Path) -> None:
    store = Store(tmp_path)
    content = "x" * 100_000
    with ThreadPoolExecutor(8) as pool:
        paths = list(
            pool.map(
                lambda _: store.make("kind", KEY, ".txt", lambda p: _write(p, content)), range(8)
            )
        )
    assert {path.read_text() for path in paths} == {content}
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 1


def _write(path: Path, content: str) -> None:
    path.write_text(content)


def test_json_that_was_damaged_counts_as_missing(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write("facts", KEY, {"a": [1, None]})
    assert store.read("facts", KEY) == {"a": [1, None]}
    store.path("facts", KEY, ".json").write_text('{"a": [1,')
    assert store.read("facts", KEY) is None


def test_a_store_that_cannot_be_written_is_a_problem_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "kind").write_text("a file where a folder should be")
    with pytest.raises((MachineError, OSError)):
        Store(tmp_path).make("kind", KEY, ".txt", lambda p: _write(p, "x"))


def test_pruning_goes_by_last_use(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keys = [f"{i:02x}" + "0" * 62 for i in range(4)]
    for age, key in enumerate(keys):
        path = store.make("units", key, ".mov", lambda p: _write(p, "x" * 1000))
        os.utime(path, (1_700_000_000 - age * 86_400,) * 2)
    assert sizes(store) == {"units": (4, 4000)}
    assert prune(store, None, 2.5e-6) == 2000
    assert [store.get("units", key, ".mov") is not None for key in keys] == [
        True,
        True,
        False,
        False,
    ]
