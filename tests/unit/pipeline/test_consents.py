from __future__ import annotations

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from tests.planning import facts, index, preset, taken, timeline
from tests.unit.consent.logs import TODAY, grant, revoke, written
from tests.unit.consent.logs import log as logged
from tests.unit.provenance.plans import plan as made_plan
from tests.unit.provenance.plans import promises

from finisher.consent.idle import last
from finisher.consent.model import Log, Proof
from finisher.consent.people import recognisable
from finisher.event import Event
from finisher.facts import CredentialFacts, Facts, Integrity
from finisher.findings import FileAudit, Status, Verdict
from finisher.ingest.gather import Gathered
from finisher.pipeline import consents, heads, making
from finisher.pipeline.consents import (
    Consents,
    append,
    blocks,
    find,
    midnight,
    peopled,
    read_log,
)
from finisher.pipeline.desk import Desk
from finisher.pipeline.edit import Edit, decide, warnings
from finisher.pipeline.finish import _until as until_of
from finisher.pipeline.master import Work
from finisher.pipeline.names import Destination
from finisher.pipeline.settings import Settings
from finisher.pipeline.signing import SignedBy
from finisher.pipeline.workers import Serial
from finisher.plan.assemble import plan
from finisher.plan.model import Plan
from finisher.pledge.promise import promise
from finisher.problems import DocumentError, PolicyError, Severity
from finisher.progress import silent
from finisher.promises import PromisedRelease
from finisher.store import Store
from finisher.timecode import Span
from finisher.timeline import Layer, Release, Role, Take, Timeline

KNOWN = facts(("t1", taken("t1", index(20))), ("t2", taken("t2", index(20))))


def film(folder: Path, **more: object) -> Timeline:
    """An edit that shows Ana, and declares a take with Bo that it does not use."""
    takes = (
        Take("t1", "takes/t1.mp4", cameos=("ana",)),
        Take("t2", "takes/t2.mp4", cameos=("bo",)),
    )
    made = timeline(Event("a", "t1", Span(0, 9)), takes=takes)
    return replace(made, path=str(folder / "edl.json"), **more)


def decided(line: Timeline) -> Plan:
    return plan(line, preset(), KNOWN)


def found(folder: Path, *acts: dict[str, str]) -> Consents:
    (folder / consents.NAME).write_bytes(written(acts))
    return find(film(folder), TODAY, folder / "data")


def codes(problems) -> list[tuple[str, Severity]]:
    return [(problem.code, problem.severity) for problem in problems]


def test_an_edit_that_names_nobody_looks_for_no_log(tmp_path: Path) -> None:
    (tmp_path / consents.NAME).write_bytes(b"no log at all")
    line = replace(timeline(Event("a", "t1", Span(0, 9))), path=str(tmp_path / "edl.json"))
    assert find(line, TODAY, tmp_path) == Consents(TODAY)


def test_the_log_beside_the_edit_is_found_and_its_place_kept_where_there_is_none(
    tmp_path: Path,
) -> None:
    path = tmp_path / consents.NAME
    assert find(film(tmp_path), TODAY, tmp_path) == Consents(TODAY, None, (path,))
    log = found(tmp_path, grant()).log
    assert log is not None
    assert log.persons == ("ana",)


def test_a_log_that_is_named_has_to_be_there(tmp_path: Path) -> None:
    line = film(tmp_path, consent=str(tmp_path / "else.csv"))
    with pytest.raises(DocumentError) as caught:
        find(line, TODAY, tmp_path)
    assert caught.value.problems[0].code == "consent-log-missing"


def test_only_persons_who_are_used_forbid_and_the_others_are_told(tmp_path: Path) -> None:
    line = film(tmp_path)
    nobody = found(tmp_path, grant("cy"))
    assert codes(blocks(line, decided(line), nobody, strict=False)) == [
        ("consent-missing", Severity.ERROR)
    ]
    ana = found(tmp_path, grant())
    assert blocks(line, decided(line), ana, strict=True) == ()
    told = consents.warnings(line, decided(line), ana, strict=False)
    assert codes(told) == [("consent-missing", Severity.WARNING)]
    assert "'bo' in take 't2'" in told[0].message


def test_a_plan_is_refused_like_for_any_other_policy(tmp_path: Path) -> None:
    line = film(tmp_path)
    gathered = Gathered(line, KNOWN, {}, {}, {}, {}, 0)
    settings = Settings(tmp_path, tmp_path)
    for acts, allowed in ([grant()], True), ([grant(), revoke()], False):
        edit = Edit(line, (), gathered, found(tmp_path, *acts))
        if allowed:
            made = decide(edit, preset(), settings)
            assert "consent-missing" in {p.code for p in warnings(edit, made, settings)}
            continue
        with pytest.raises(PolicyError) as caught:
            decide(edit, preset(), settings)
        assert [p.code for p in caught.value.problems] == ["consent-revoked"]


def test_documents_are_held_against_their_hashes(tmp_path: Path) -> None:
    paper = tmp_path / "ana.pdf"
    paper.write_bytes(b"signed")
    told = {"evidence": "ana.pdf", "evidence_sha256": hashlib.sha256(b"signed").hexdigest()}
    log = tmp_path / consents.NAME
    log.write_bytes(written([grant(**told), grant("bo"), grant("cy", **told)]))

    def proofs() -> list[Proof]:
        return [row.proof for row in read_log(log).rows]

    assert proofs() == [Proof.HELD, Proof.NONE, Proof.HELD]
    paper.write_bytes(b"forged")
    assert proofs() == [Proof.CHANGED, Proof.NONE, Proof.CHANGED]
    # Of an edit, only its own persons' are looked at, and decide whether a run is known.
    mine = find(film(tmp_path), TODAY, tmp_path)
    assert mine.log is not None
    assert [row.proof for row in mine.log.rows] == [Proof.CHANGED, Proof.NONE, Proof.NONE]
    assert mine.files == (log, paper)
    paper.unlink()
    assert proofs() == [Proof.ABSENT, Proof.NONE, Proof.ABSENT]


def test_a_document_that_leads_out_is_refused(tmp_path: Path) -> None:
    told = {"evidence": "../ana.pdf", "evidence_sha256": "a" * 64}
    (tmp_path / consents.NAME).write_bytes(written([grant(**told)]))
    with pytest.raises(DocumentError, match="leads out"):
        read_log(tmp_path / consents.NAME)


def test_acts_are_appended_with_their_documents(tmp_path: Path) -> None:
    log = tmp_path / "logs" / consents.NAME
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "ana.pdf").write_bytes(b"signed")
    (tmp_path / "bo.pdf").write_bytes(b"signed")
    (row,) = append(log, grant(), tmp_path / "logs" / "ana.pdf", tmp_path).rows
    assert (row.evidence, row.proof) == ("ana.pdf", Proof.HELD)
    assert append(log, revoke(), None, tmp_path).rows[-1].where.line == 3
    for paper in (tmp_path / "bo.pdf", tmp_path / "logs" / "none.pdf"):
        with pytest.raises(DocumentError) as caught:
            append(log, grant("bo"), paper, tmp_path)
        assert caught.value.problems[0].code == "consent-evidence"
    assert len(read_log(log).rows) == 2


def test_a_revocation_of_what_nobody_granted_is_remarked_on(tmp_path: Path) -> None:
    log = tmp_path / consents.NAME
    assert last(append(log, grant("anna"), None, tmp_path)) == ()
    (told,) = last(append(log, revoke("ana"), None, tmp_path))
    assert (told.code, told.severity) == ("consent-idle", Severity.WARNING)
    assert told.hint == "did you mean 'anna'?"
    assert last(append(log, revoke("anna"), None, tmp_path)) == ()


def test_a_refused_act_leaves_no_log(tmp_path: Path) -> None:
    log = tmp_path / "new" / consents.NAME
    for act in (grant(territory="ZZ"), grant("=ana")):
        with pytest.raises(DocumentError):
            append(log, act, None, tmp_path / "data")
    assert list(tmp_path.iterdir()) == []


def test_a_log_with_nothing_in_it_is_begun(tmp_path: Path) -> None:
    log = tmp_path / consents.NAME
    log.write_bytes(b"")
    (row,) = append(log, grant(), None, tmp_path / "data").rows
    assert (row.person, row.where.line) == ("ana", 2)


def test_who_appends_together_loses_nothing_and_accuses_nobody(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / consents.NAME

    def add(number: int) -> str:
        return append(log, grant(f"p{number}"), None, data).rows[-1].person

    with ThreadPoolExecutor(8) as workers:
        # Everybody is told of their own act, whoever else adds meanwhile.
        assert list(workers.map(add, range(40))) == [f"p{number}" for number in range(40)]
    whole = heads.held(lambda: read_log(log), data)
    assert not whole.flaws
    assert sorted(whole.persons) == sorted(f"p{number}" for number in range(40))


def test_a_log_that_grows_while_it_is_looked_at_is_not_accused(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / consents.NAME
    append(log, grant(), None, data)

    def reading() -> Log:
        seen = read_log(log)
        append(log, grant("bo"), None, data)  # by somebody else, between reading and judging
        return seen

    assert not heads.held(reading, data).flaws
    assert not heads.held(lambda: read_log(log), data).flaws


def test_files_of_one_content_share_their_persons(tmp_path: Path) -> None:
    one = taken("t1", index(20))
    known = facts(("t1", one), ("t2", one))
    takes = (Take("t1", "takes/t1.mp4"), Take("t2", "takes/t2.mp4", cameos=("ana",)))
    line = replace(film(tmp_path), takes=takes)  # only t1 is used, only t2 names her
    before = find(line, TODAY, tmp_path / "data")
    whole, mine = consents.among(line, known, before, tmp_path / "data")
    assert codes(blocks(whole, decided(whole), mine, strict=False)) == [
        ("consent-missing", Severity.ERROR)
    ]
    (tmp_path / consents.NAME).write_bytes(written([grant()]))
    whole, mine = consents.among(line, known, before, tmp_path / "data")
    assert blocks(whole, decided(whole), mine, strict=False) == ()
    made = promise(decided(whole), known, {}, b"")
    (take,) = peopled(made, whole, mine).takes
    assert take.people == (recognisable("ana", made.edl_sha256, made.title),)


def _of_a_film(folder: Path, *names: str) -> tuple[Timeline, Facts]:
    """An edit that names nobody, and shows a finished film that promises some persons."""
    people = tuple(recognisable(name, "e" * 64, "Film") for name in names)
    credentials = CredentialFacts(Integrity.INTACT, persons=(("e" * 64, "Film", people),))
    known = facts(("t1", replace(taken("t1", index(20)), credentials=credentials)))
    line = replace(film(folder), takes=(Take("t1", "takes/t1.mp4"),))
    return line, known


def test_a_film_among_the_takes_brings_its_persons(tmp_path: Path) -> None:
    line, known = _of_a_film(tmp_path, "ana", "cy")
    data, log = tmp_path / "data", tmp_path / consents.NAME
    log.write_bytes(written([grant(), grant("bo")]))
    before = find(line, TODAY, data)
    assert before == Consents(TODAY)
    whole, mine = consents.among(line, known, before, data)
    assert whole.takes[0].cameos == ("ana",)
    # An audit may be given another log, and knows by that one.
    assert consents.named_by(line, known, logged(grant("cy"))).takes[0].cameos == ("cy",)
    assert mine.files == (log,)
    made = plan(whole, preset(), known)
    assert blocks(whole, made, mine, strict=False) == ()
    (told,) = consents.warnings(whole, made, mine, strict=False)
    assert (told.code, told.severity) == ("persons-unknown", Severity.WARNING)
    assert "1 of them" in told.message
    log.write_bytes(written([grant(), grant("bo"), revoke()]))
    whole, mine = consents.among(line, known, before, data)
    assert codes(blocks(whole, made, mine, strict=False)) == [("consent-revoked", Severity.ERROR)]


def test_a_film_among_the_takes_is_told_where_there_is_no_log(tmp_path: Path) -> None:
    line, known = _of_a_film(tmp_path, "ana", "cy")
    whole, mine = consents.among(line, known, Consents(TODAY), tmp_path / "data")
    # The place of the log counts as one that decides: a run is not remembered past it.
    assert (whole, mine) == (line, Consents(TODAY, None, (tmp_path / consents.NAME,)))
    (told,) = consents.warnings(whole, plan(whole, preset(), known), mine, strict=False)
    assert "2 of them" in told.message
    # Who is named by the edit is no stranger, and is asked for.
    line = replace(line, takes=(Take("t1", "takes/t1.mp4", cameos=("ana", "cy")),))
    made = plan(line, preset(), known)
    assert consents.warnings(line, made, mine, strict=False) == ()
    assert len(blocks(line, made, mine, strict=False)) == 2


def test_a_release_that_is_over_is_told_whoever_is_shown() -> None:
    nobody = replace(
        timeline(Event("a", "t1", Span(0, 9))), release=Release(until=date(2020, 1, 1))
    )
    told = consents.warnings(nobody, decided(nobody), Consents(TODAY), strict=False)
    assert codes(told) == [("release-over", Severity.WARNING)]


def test_rows_taken_off_the_end_show_where_the_end_was_seen(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / consents.NAME
    append(log, grant(), None, data)
    before = log.read_bytes()
    append(log, revoke(), None, data)
    whole = log.read_bytes()
    log.write_bytes(before)
    found_ = find(film(tmp_path), TODAY, data)
    assert codes(blocks(film(tmp_path), decided(film(tmp_path)), found_, strict=False)) == [
        ("consent-log-altered", Severity.ERROR)
    ]
    with pytest.raises(PolicyError):
        append(log, grant("bo"), None, data)
    log.write_bytes(whole)
    assert find(film(tmp_path), TODAY, data).log == read_log(log)
    plain = "\n".join(row.rpartition(",")[0] for row in whole.decode().splitlines())
    log.write_text(plain)
    assert not read_log(log).chained
    assert heads.held(lambda: read_log(log), data).flaws
    # Another log at the same place, and the same on another machine, are not held to it.
    log.write_bytes(before)
    assert not heads.held(lambda: read_log(log), tmp_path / "other").flaws
    log.write_bytes(written([grant("cy")]))
    assert not heads.held(lambda: read_log(log), data).flaws


def test_what_was_seen_survives_a_damaged_line_and_a_folder_that_takes_none(tmp_path: Path) -> None:
    data, log = tmp_path / "data", tmp_path / consents.NAME
    append(log, grant(), None, data)
    with (data / heads.NAME).open("ab") as file:
        file.write(b'["half')
    append(log, revoke(), None, data)
    log.write_bytes(written([grant()]))
    assert heads.held(lambda: read_log(log), data).flaws
    (tmp_path / "file").write_bytes(b"")
    assert not heads.held(lambda: read_log(log), tmp_path / "file").flaws


def test_promises_hold_digests_and_what_was_asked_for(tmp_path: Path) -> None:
    release = Release("advertising", ("DE",), date(2027, 1, 1))
    line = film(tmp_path, release=release)
    made = promise(decided(line), KNOWN, {}, b"")
    log = found(tmp_path, grant(), grant("bo")).log
    assert log is not None
    kept = peopled(made, line, Consents(TODAY, log))
    (take,) = kept.takes
    assert take.people == (recognisable("ana", made.edl_sha256, made.title),)
    # The link is of the last row about her: what is logged of others changes no film.
    link = log.rows[0].link
    assert kept.release == PromisedRelease("advertising", ("DE",), "2027-01-01", link, linked=True)
    assert peopled(made, timeline(Event("a", "t1", Span(0, 9))), Consents(TODAY)) == made


def test_voices_are_promised_with_the_layers_they_are_heard_in() -> None:
    made = promises(made_plan())
    line = replace(
        timeline(Event("a", "t1", Span(0, 9))),
        layers=tuple(
            Layer(take.id, take.title, Role.DIALOGUE, cameos=("bo", "ana"))
            for take in made.takes[-1:]
        ),
    )
    kept = peopled(made, line, Consents(TODAY)).takes
    people = {recognisable(name, made.edl_sha256, made.title) for name in ("ana", "bo")}
    assert [set(take.people) for take in kept] == [*(set() for _ in kept[:-1]), people]
    assert list(kept[-1].people) == sorted(people)


def test_a_run_with_persons_is_looked_into_anew_each_day(tmp_path: Path) -> None:
    line = film(tmp_path)
    nobody = timeline(Event("a", "t1", Span(0, 9)))
    for made, until in ((line, datetime(2026, 11, 22, tzinfo=UTC)), (nobody, None)):
        gathered = Gathered(made, KNOWN, {}, {}, {}, {}, 0)
        edit = Edit(made, (), gathered, Consents(TODAY))
        settings = Settings(tmp_path, tmp_path)
        desk = Desk(edit, settings, Store(tmp_path), Serial(), SignedBy(None))
        assert until_of(desk) == until
    assert midnight(date(2026, 12, 31)) == datetime(2027, 1, 1, tzinfo=UTC)


def test_who_revokes_while_a_film_is_made_fails_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Hours may lie between planning and placing: the delivery's audit reads the log anew."""
    line, audited = film(tmp_path), FileAudit("film", 1, "", Verdict.INTACT, ())
    monkeypatch.setattr(making, "audit", lambda *_, **__: audited)
    planned = found(tmp_path, grant())
    edit = Edit(line, (), Gathered(line, KNOWN, {}, {}, {}, {}, 0), planned)
    settings = Settings(tmp_path, tmp_path / "data")
    desk = Desk(edit, settings, Store(tmp_path), Serial(), SignedBy(None))
    promised = peopled(promise(decided(line), KNOWN, {}, b""), line, planned)
    work = Work({}, {}, (), "")
    task = making.Assignment(decided(line), work, promised, Destination(tmp_path / "film.mp4"))
    for acts, status in ([grant()], Status.PASSED), ([grant(), revoke()], Status.FAILED):
        (tmp_path / consents.NAME).write_bytes(written(acts))
        checks = making._audit(desk, task, tmp_path / "film.mp4", silent).checks
        assert [(check.id, check.status) for check in checks] == [("consent", status)]
