"""The gate over files that nobody vouches for."""

import json
import os
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.provenance.vendors import assembly, flipped, take, vendor

from finisher.audit import apart
from finisher.cli.main import main
from finisher.findings import Verdict
from finisher.pipeline.gate import Gate, requirements
from finisher.pipeline.settings import Settings
from finisher.pipeline.workers import Serial
from finisher.progress import Finished, Started, silent


@pytest.fixture(scope="module")
def house():
    return vendor("Finishing House")


@pytest.fixture(scope="module")
def export(tmp_path_factory, house):
    folder = tmp_path_factory.mktemp("export")
    return assembly(folder / "export.mp4", house, [take(folder / "t.mp4", vendor())])


def gate(folder, listen=silent, **more):
    settings = Settings(folder, folder, **more)
    return Gate(settings, frozenset(), None, None, Serial(), listen)


def test_a_file_is_audited_in_a_child_and_its_progress_is_heard(tmp_path, export, house):
    pem = tmp_path / "house.pem"
    pem.write_text(house.root, encoding="ascii")
    heard = []
    bad = flipped(export, tmp_path / "bad.mp4")
    good, spoilt = gate(tmp_path, heard.append, anchors=pem).audits([export, bad])
    assert (good.verdict, good.active.anchor) == (Verdict.INTACT, "house.pem")
    assert spoilt.verdict is Verdict.TAMPERED
    assert {type(event) for event in heard} >= {Started, Finished}


def _dies(job, listen):
    del listen
    if job.path.name == "evil.mp4":
        os.kill(os.getpid(), signal.SIGSEGV)
    return apart._audit(job, silent)


def test_a_parser_that_dies_is_a_verdict_and_stops_no_other_file(tmp_path, monkeypatch, export):
    evil = tmp_path / "evil.mp4"
    evil.write_bytes(export.read_bytes())
    run = apart.run
    monkeypatch.setattr(apart, "run", lambda _, *rest: run(_dies, *rest))
    lost, good = gate(tmp_path).audits([evil, export])
    assert (lost.verdict, lost.passed) == (Verdict.UNREADABLE, False)
    (readable,) = lost.checks
    assert readable.codes == ("parser-crashed",)
    assert (lost.bytes, len(lost.sha256)) == (evil.stat().st_size, 64)
    assert good.verdict is Verdict.INTACT_UNTRUSTED


@pytest.mark.parametrize("answer", [None, [], {"audit": {}}, {"audit": {"name": 5}}, "intact"])
def test_a_reader_that_answers_nonsense_is_not_believed(tmp_path, monkeypatch, export, answer):
    monkeypatch.setattr(apart, "run", lambda *_: answer)
    (lost,) = gate(tmp_path).audits([export])
    assert lost.verdict is Verdict.UNREADABLE
    assert lost.checks[0].codes == ("parser-crashed",)


def test_installed_lists_count_and_are_told_of(tmp_path, monkeypatch, capsys, export, house):
    monkeypatch.setenv("FINISHER_DATA", str(tmp_path / "data"))
    pem = tmp_path / "house.pem"
    pem.write_text(house.root, encoding="ascii")
    asked = ["audit", str(export), "--json", "--require", "trusted", "--progress", "none"]
    assert main(asked) == 1
    assert json.loads(capsys.readouterr().out)["trust_lists"] == []
    assert main(["trust", "install", str(pem), "--json"]) == 0
    (installed,) = json.loads(capsys.readouterr().out)["lists"]
    assert main(asked) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["verdict"] == "intact"
    assert told["files"][0]["active"]["anchor"] == "house"
    names = ("name", "sha256", "date", "certificates")
    assert told["trust_lists"] == [{name: installed[name] for name in names}]


def test_what_is_required_may_be_named_by_word(tmp_path, export):
    (found,) = replace(gate(tmp_path), wanted=requirements("trusted,trust-takes")).audits([export])
    assert not found.passed


@pytest.mark.parametrize("name", [".", "/"])
def test_what_has_no_name_is_shown_as_it_was_given(tmp_path, name):
    (found,) = gate(tmp_path).audits([Path(name)])
    assert (found.name, found.verdict) == (name, Verdict.UNREADABLE)


@pytest.mark.parametrize("word", ["--policy", "--require"])
@pytest.mark.parametrize("said", ["", ",", " , "])
def test_a_list_that_names_nothing_opens_no_gate(word, said, capsys):
    assert main(["audit", "film.mp4", f"{word}={said}"]) == 2
    assert "names nothing" in capsys.readouterr().err
