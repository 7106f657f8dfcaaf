from __future__ import annotations

import hashlib
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.planning import facts, index, preset, taken, timeline
from tests.unit.consent.logs import TODAY, grant, log, revoke

from finisher.consent.model import Outcome
from finisher.event import Event
from finisher.findings import FileAudit, Finding, Status, Verdict
from finisher.geometry import Raster
from finisher.ingest.gather import Gathered
from finisher.pipeline import exports
from finisher.pipeline.consents import Consents
from finisher.pipeline.edit import Edit
from finisher.pipeline.recall import State, recall
from finisher.plan.assemble import plan
from finisher.report.delivery import Delivery
from finisher.timecode import Rate, Span
from finisher.timeline import Release, Take

KNOWN = facts(("t1", taken("t1", index(20))), ("t2", taken("t2", index(20))))


def record(folder: Path, name: str, content: bytes, *persons: str, passed: bool = True):
    """Deliver a made-up film with some persons in its first take."""
    takes = (Take("t1", "takes/t1.mp4", cameos=persons), Take("t2", "takes/t2.mp4"))
    line = timeline(Event("a", "t1", Span(0, 9)), Event("b", "t2", Span(0, 9)), takes=takes)
    line = replace(line, path=str(folder / "edl.json"), release=Release("social", ("DE",)))
    edit = Edit(line, (), Gathered(line, KNOWN, {}, {}, {}, {}, 0), Consents(TODAY))
    path = folder / name
    path.write_bytes(content)
    checks = (Finding("decodes", Status.PASSED if passed else Status.FAILED, ""),)
    sha256 = hashlib.sha256(content).hexdigest()
    audit = FileAudit(name, len(content), sha256, Verdict.INTACT, checks)
    delivery = Delivery(
        str(path), len(content), "", "", "made", Raster(2, 2), Rate.parse("24"), 18, audit, ""
    )
    return exports.record(edit, plan(line, preset(), KNOWN), delivery, folder / "data")


def test_an_export_is_written_down_once_with_all_that_went_in(tmp_path: Path) -> None:
    assert record(tmp_path, "film.mp4", b"film", "ana") == ()
    assert record(tmp_path, "film.mp4", b"film", "ana") == ()
    ((export,), problems) = exports.listed(tmp_path / "data")
    assert problems == ()
    assert (export.path, export.bytes, export.preset) == (str(tmp_path / "film.mp4"), 4, "made")
    assert [(file.id, file.persons) for file in export.files] == [("t1", ("ana",)), ("t2", ())]
    assert (export.scope, export.territories, export.until) == ("social", ("DE",), None)
    assert export.time.endswith("+00:00")


@pytest.mark.skipif(sys.platform == "win32", reason="files have no modes there")
def test_the_list_is_its_owners_alone(tmp_path: Path) -> None:
    record(tmp_path, "film.mp4", b"film", "ana")
    assert stat.S_IMODE(exports.place(tmp_path / "data").stat().st_mode) == 0o600


def test_what_failed_its_audit_is_no_export(tmp_path: Path) -> None:
    assert record(tmp_path, "film.mp4", b"film", "ana", passed=False) == ()
    assert exports.listed(tmp_path / "data") == ((), ())


def test_a_list_that_can_not_be_written_is_a_warning(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"a file where a folder should be")
    (told,) = record(tmp_path, "film.mp4", b"film", "ana")
    assert (told.code, str(told.severity)) == ("ledger-unwritable", "warning")


DAMAGE = [b"{", b"[1]", b'{"time": 1}', b"\xff\xfe", b"[" * 100_000]


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_line_is_told_and_hides_no_other(damage: bytes, tmp_path: Path) -> None:
    record(tmp_path, "one.mp4", b"one", "ana")
    with exports.place(tmp_path / "data").open("ab") as file:
        file.write(damage)
    record(tmp_path, "two.mp4", b"two", "ana")
    found, problems = exports.listed(tmp_path / "data")
    assert [Path(export.path).name for export in found] == ["one.mp4", "two.mp4"]
    assert [(p.code, p.where and p.where.line) for p in problems] == [("ledger-damaged", 2)]


def test_films_with_a_person_are_recalled_with_what_became_of_them(tmp_path: Path) -> None:
    for name in ("there.mp4", "changed.mp4", "gone.mp4"):
        record(tmp_path, name, b"film", "ana", "Zoe\u0308")
    record(tmp_path, "other.mp4", b"film", "bo")
    (tmp_path / "changed.mp4").write_bytes(b"flim")
    (tmp_path / "gone.mp4").unlink()
    for name in ("ana", "Zo\u00eb"):
        found = recall(name, tmp_path / "data", None, TODAY)
        assert [(Path(one.export.path).name, one.state) for one in found.exports] == [
            ("there.mp4", State.THERE),
            ("changed.mp4", State.CHANGED),
            ("gone.mp4", State.GONE),
        ]
        assert {one.decision for one in found.exports} == {None}
        assert [file.id for file in found.exports[0].files] == ["t1"]
    none = recall("Ana", tmp_path / "data", None, TODAY)
    assert (none.exports, none.hint) == ((), "did you mean 'ana'?")


def test_a_log_says_of_each_whether_it_may_stand(tmp_path: Path) -> None:
    record(tmp_path, "film.mp4", b"film", "ana")
    outcomes = [
        one.decision and one.decision.outcome
        for acts in ([grant()], [grant(), revoke()], [grant(territory="US")])
        for one in recall("ana", tmp_path / "data", log(*acts), TODAY).exports
    ]
    assert outcomes == [Outcome.GRANTED, Outcome.REVOKED, Outcome.OUT_OF_TERRITORY]


@pytest.mark.parametrize(
    "change", [(b'["DE"]', b"[]"), (b'["DE"]', b'["XX"]'), (b"null}", b'"x"}')]
)
def test_a_line_that_means_nothing_is_damaged_too(
    change: tuple[bytes, bytes], tmp_path: Path
) -> None:
    record(tmp_path, "film.mp4", b"film", "ana")
    path = exports.place(tmp_path / "data")
    until = path.read_bytes().replace(b'"until":null,', b"").replace(b"}\n", b',"until":null}\n')
    path.write_bytes(until)
    assert len(exports.listed(tmp_path / "data")[0]) == 1
    path.write_bytes(until.replace(*change))
    assert exports.listed(tmp_path / "data")[0] == ()
