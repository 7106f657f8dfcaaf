from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from finisher.pipeline.housekeeping import prune, sizes
from finisher.problems import Exit, MachineError, Where
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
    assert [entry.path for entry in store.entries()] == [paths[0]]
    # The entry and its seal.
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 2


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
    with pytest.raises(MachineError) as caught:
        Store(tmp_path).make("kind", KEY, ".txt", lambda p: _write(p, "x"))
    assert caught.value.exit is Exit.ENVIRONMENT
    (problem,) = caught.value.problems
    assert problem.code == "store-unwritable"
    assert problem.where == Where(str(tmp_path / "kind" / KEY[:2]))


@pytest.mark.parametrize(
    "refusal",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EROFS, "Read-only file system"),
        OSError(errno.EIO, "Input/output error"),
        OSError("6000 requested and 12 written"),  # how numpy tells of a short write
    ],
)
def test_whatever_a_disk_refuses_is_the_machine_s(refusal: OSError, tmp_path: Path) -> None:
    def write(path: Path) -> None:
        path.write_text("half")
        raise refusal

    with pytest.raises(MachineError, match=r"can't store: .+"):
        Store(tmp_path).make("kind", KEY, ".txt", write)
    assert not [p for p in tmp_path.rglob("*") if p.is_file()]


def test_a_name_too_long_is_not_there_and_cannot_be_made(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.get("kind", "a" * 300, ".txt") is None
    with pytest.raises(MachineError):
        store.make("kind", "a" * 300, ".txt", lambda p: _write(p, "x"))


def halved(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def zeroed(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def one_byte(path: Path) -> None:
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"!")


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def unsealed(path: Path) -> None:
    path.with_name(f"{path.name}.sum").unlink()


def badly_sealed(path: Path) -> None:
    path.with_name(f"{path.name}.sum").write_bytes(b"\xff\x00")


@pytest.mark.parametrize("size", [3, 3 << 20], ids=["small", "large"])
@pytest.mark.parametrize("damage", [halved, zeroed, one_byte, emptied, unsealed, badly_sealed])
def test_a_damaged_entry_is_made_again(
    damage: Callable[[Path], None], size: int, tmp_path: Path
) -> None:
    store, content = Store(tmp_path), "x" * size
    path = store.make("kind", KEY, ".txt", lambda p: _write(p, content))
    damage(path)
    assert store.get("kind", KEY, ".txt") is None
    assert store.make("kind", KEY, ".txt", lambda p: _write(p, content)) == path
    assert store.get("kind", KEY, ".txt") == path
    assert path.read_text() == content


@pytest.mark.parametrize("size", [3, 3 << 20], ids=["small", "large"])
def test_an_entry_copied_with_its_seal_is_whole(size: int, tmp_path: Path) -> None:
    one = Store(tmp_path / "one")
    one.make("kind", KEY, ".txt", lambda p: _write(p, "x" * size))
    shutil.copytree(tmp_path / "one", tmp_path / "two", copy_function=shutil.copyfile)
    assert Store(tmp_path / "two").get("kind", KEY, ".txt") is not None


def test_small_entries_are_read_whole_even_if_their_date_was_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.make("kind", KEY, ".txt", lambda p: _write(p, "abc"))
    date = path.stat().st_mtime_ns
    one_byte(path)
    os.utime(path, ns=(date, date))
    assert store.get("kind", KEY, ".txt") is None


def test_asking_for_an_entry_leaves_its_own_date_alone(tmp_path: Path) -> None:
    store = Store(tmp_path)
    path = store.make("kind", KEY, ".txt", lambda p: _write(p, "abc"))
    before = path.stat()
    aged(path, 3)
    (old,) = store.entries()
    assert store.get("kind", KEY, ".txt") == path
    (fresh,) = store.entries()
    assert fresh.used > old.used
    after = path.stat()
    assert (after.st_mtime_ns, after.st_ctime_ns) == (before.st_mtime_ns, before.st_ctime_ns)


def test_values_are_replaced_and_odd_names_kept(tmp_path: Path) -> None:
    store = Store(tmp_path)
    store.write("facts", KEY, 1)
    odd = os.fsdecode(b"caf\xe9.mp4")
    store.write("facts", KEY, odd)
    assert store.read("facts", KEY) == odd


NOW = 1_700_000_000


def aged(path: Path, days: float) -> None:
    """Last used so many days before NOW."""
    os.utime(path.with_name(f"{path.name}.sum"), (NOW - days * 86_400,) * 2)


def test_pruning_goes_by_last_use(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keys = [f"{i:02x}" + "0" * 62 for i in range(4)]
    for age, key in enumerate(keys):
        path = store.make("units", key, ".mov", lambda p: _write(p, "x" * 1000))
        aged(path, age)
    assert sizes(store) == {"units": (4, 4000)}
    assert prune(store, None, 2.5e-6) == 2000
    assert [store.get("units", key, ".mov") is not None for key in keys] == [
        True,
        True,
        False,
        False,
    ]
    # Seals go with their entries.
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 4


def leftovers(folder: Path) -> list[Path]:
    """What processes that were killed leave."""
    (folder / ".mix-1").mkdir(parents=True)
    (folder / ".mix-1" / "mixed.f32").write_bytes(b"12345")
    (folder / ".making-1.mov").write_bytes(b"123")
    (folder / ".making-1.mov.sum").write_bytes(b"1")
    (folder / f"{KEY}.mov.sum").write_bytes(b"1")
    return [folder / n for n in (".mix-1", ".making-1.mov", ".making-1.mov.sum", f"{KEY}.mov.sum")]


def test_pruning_removes_what_was_left_half_made(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = store.make("sound", KEY[:-1] + "1", ".nut", lambda p: _write(p, "x"))
    for path in leftovers(kept.parent):
        os.utime(path, (NOW, NOW))
    assert prune(store, None, None) == 0
    assert prune(store, None, 1.0) == 5 + 3 + 1 + 1
    assert {path.name for path in kept.parent.iterdir()} == {kept.name, f"{kept.name}.sum"}


def test_what_may_still_be_in_the_making_stays(tmp_path: Path) -> None:
    store = Store(tmp_path)
    fresh = leftovers(tmp_path / "sound" / KEY[:2])
    assert list(store.entries()) == []
    assert prune(store, None, 1e-9) == 0
    assert all(path.exists() for path in fresh)


def test_an_entry_that_cannot_be_removed_is_a_problem(tmp_path: Path) -> None:
    # Root may remove anything but a folder as if it were a file.
    (tmp_path / "units" / "ab" / f"{KEY}.mov").mkdir(parents=True)
    with pytest.raises(MachineError, match="can't store"):
        prune(Store(tmp_path), 0.0, 0.0)


def test_a_damaged_entry_is_told_and_made_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path)
    path = store.make("k", "ab", ".bin", _whole)
    assert store.get("k", "cd", ".bin") is None
    assert not caplog.records
    path.write_bytes(b"hole!")
    again = store.make("k", "ab", ".bin", _whole)
    assert again.read_bytes() == b"whole"
    (record,) = caplog.records
    assert str(path) in record.getMessage()
    assert "made again" in record.getMessage()


def test_what_is_made_together_appears_together(tmp_path: Path) -> None:
    store = Store(tmp_path)

    def write(made: Sequence[Path]) -> None:
        for i, path in enumerate(made):
            path.write_bytes(bytes([i]))
            assert store.get("k", "ab", ".bin") is None

    paths = store.put_together("k", ["ab", "cd"], ".bin", write)
    assert [path.read_bytes() for path in paths] == [b"\0", b"\1"]
    assert store.get("k", "ab", ".bin") == paths[0]

    def fails(made: Sequence[Path]) -> None:
        made[0].write_bytes(b"half")
        raise ValueError

    with pytest.raises(ValueError, match=r"^$"):
        store.put_together("k", ["ef", "gh"], ".bin", fails)
    assert store.get("k", "ef", ".bin") is None
    assert len([p for p in tmp_path.rglob("*") if p.is_file()]) == 4


def _whole(made: Path) -> None:
    made.write_bytes(b"whole")
