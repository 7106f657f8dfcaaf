from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest

from finisher.findings import FileAudit, Finding, Status, Verdict
from finisher.pipeline.memory import key_of, put, recall, remember
from finisher.pipeline.names import Destination
from finisher.problems import Exit, MachineError, Problem, Severity
from finisher.store import Store

KEY = key_of("a delivery")


def audit_of(content: bytes) -> FileAudit:
    return FileAudit(
        "a.mp4",
        len(content),
        hashlib.sha256(content).hexdigest(),
        Verdict.INTACT,
        (Finding("frames", Status.PASSED, "as promised", promised=3, measured=3),),
        labels={"AIGC": None},
    )


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "store")


@pytest.fixture
def place(tmp_path: Path, store: Store) -> Destination:
    folder = tmp_path / "out"
    folder.mkdir()
    made = Destination(folder / "a.mp4")
    made.media.write_bytes(b"a film")
    made.json.write_text("{}", encoding="utf-8")
    made.html.write_text("<p>", encoding="utf-8")
    made.publish.write_text("[]", encoding="utf-8")
    remember(store, KEY, made, audit_of(b"a film"), {})
    return made


def test_a_delivery_is_recalled_with_its_audit(place: Destination, store: Store) -> None:
    known = recall(store, KEY, ".mp4")
    assert known is not None
    assert known.audit == audit_of(b"a film")
    assert known.media.read_bytes() == place.media.read_bytes()
    assert recall(store, key_of("another"), ".mp4") is None


def test_what_was_said_of_its_sound_is_said_again(place: Destination, store: Store) -> None:
    remark = Problem("limiting-heavy", "up to 7.1 dB", hint="louder", severity=Severity.WARNING)
    remember(store, KEY, place, audit_of(b"a film"), {}, (remark,))
    known = recall(store, KEY, ".mp4")
    assert known is not None
    assert known.remarks == (remark,)


def test_what_is_in_place_is_left_alone(place: Destination, store: Store) -> None:
    known = recall(store, KEY, ".mp4")
    assert known is not None
    before = place.media.stat().st_mtime_ns
    assert put(known, place) is False
    assert place.media.stat().st_mtime_ns == before


@pytest.mark.parametrize("change", ["gone", "other", "same length", "report"])
def test_what_was_changed_is_put_back(change: str, place: Destination, store: Store) -> None:
    known = recall(store, KEY, ".mp4")
    assert known is not None
    match change:
        case "gone":
            place.media.unlink()
        case "other":
            place.media.write_bytes(b"another film")
        case "same length":
            place.media.write_bytes(b"b film")
        case _:
            place.html.unlink()
    assert put(known, place) is True
    assert place.media.read_bytes() == b"a film"
    assert place.html.read_text(encoding="utf-8") == "<p>"
    assert sorted(p.name for p in place.media.parent.iterdir()) == [
        "a.mp4", "a.publish.json", "a.report.html", "a.report.json",
    ]  # fmt: skip


def test_a_copy_that_was_changed_is_not_recalled(place: Destination, store: Store) -> None:
    del place
    store.path("deliveries", KEY, ".mp4").write_bytes(b"A film")
    assert recall(store, KEY, ".mp4") is None


@pytest.mark.parametrize(
    "suffix", [".mp4", ".json", ".report.json", ".report.html", ".publish.json"]
)
def test_a_copy_with_a_part_missing_is_not_recalled(
    suffix: str, place: Destination, store: Store
) -> None:
    del place
    store.path("deliveries", KEY, suffix).unlink()
    assert recall(store, KEY, ".mp4") is None


def test_an_audit_that_cannot_be_read_is_not_recalled(place: Destination, store: Store) -> None:
    del place
    store.path("deliveries", KEY, ".json").write_text('{"name": 1}', encoding="utf-8")
    assert recall(store, KEY, ".mp4") is None


def test_a_delivery_made_again_takes_the_olds_place(place: Destination, store: Store) -> None:
    place.media.write_bytes(b"a better film")
    remember(store, KEY, place, audit_of(b"a better film"), {})
    known = recall(store, KEY, ".mp4")
    assert known is not None
    assert known.media.read_bytes() == b"a better film"


def test_a_changed_destination_does_not_change_the_copy(place: Destination, store: Store) -> None:
    with place.media.open("r+b") as file:
        file.write(b"X")
    known = recall(store, KEY, ".mp4")
    assert known is not None
    assert known.media.read_bytes() == b"a film"


def rot(path: Path) -> None:
    """Change a byte as a bad disk does: size and dates stay."""
    status = path.stat()
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def test_a_delivery_that_rotted_is_put_back(place: Destination, store: Store) -> None:
    known = recall(store, KEY, ".mp4")
    assert known is not None
    assert put(known, place) is False
    rot(place.media)
    assert put(known, place) is True
    assert place.media.read_bytes() == b"a film"


def test_a_copy_that_rotted_is_not_recalled(place: Destination, store: Store) -> None:
    del place
    assert recall(store, KEY, ".mp4") is not None
    rot(store.path("deliveries", KEY, ".mp4"))
    assert recall(store, KEY, ".mp4") is None


def test_a_place_that_cannot_be_written_is_the_machines_problem(
    place: Destination, store: Store, tmp_path: Path
) -> None:
    known = recall(store, KEY, ".mp4")
    assert known is not None
    blocked = Destination(place.media / "a.mp4")
    with pytest.raises(MachineError) as caught:
        put(known, blocked)
    assert caught.value.exit is Exit.ENVIRONMENT
    assert caught.value.problems[0].code == "output-unwritable"
    # Media never comes without its reports: a report that can't be written keeps it away.
    other = Destination(tmp_path / "out" / "b.mp4")
    other.html.mkdir()
    with pytest.raises(MachineError):
        put(known, other)
    assert not other.media.exists()


@pytest.fixture
def beside(place: Destination, store: Store) -> Destination:
    """A delivery whose credentials lie beside it."""
    made = replace(place, sidecarred=True)
    made.sidecar.write_bytes(b"its credentials")
    remember(store, KEY, made, audit_of(b"a film"), {})
    return made


@pytest.mark.parametrize("change", ["gone", "other"])
def test_credentials_beside_it_are_put_back_too(
    change: str, beside: Destination, store: Store
) -> None:
    known = recall(store, KEY, ".mp4")
    assert known is not None
    assert put(known, beside) is False
    if change == "gone":
        beside.sidecar.unlink()
    else:
        beside.sidecar.write_bytes(b"another's")
    assert put(known, beside) is True
    assert beside.sidecar.read_bytes() == b"its credentials"


def test_a_delivery_without_its_credentials_is_none(beside: Destination, store: Store) -> None:
    known = recall(store, KEY, ".mp4")
    assert known is not None
    assert known.sidecar is not None
    kept, _ = known.sidecar
    kept.chmod(0o600)
    kept.write_bytes(b"spoilt")
    beside.sidecar.unlink()
    assert put(known, beside) is None
    assert not beside.sidecar.exists()
    kept.unlink()
    assert recall(store, KEY, ".mp4") is None
