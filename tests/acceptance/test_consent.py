"""Nobody is shown who has not agreed: at the render, and at every audit after it."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from tests.acceptance.studio import Ran, build, edl, finish, write_edl

NAME = "edl.tiny.mp4"
LATER = "2099-12-31"
PERSON = "xochitl"
"""Nothing else in a film is called so."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose second take shows somebody who agreed, and its film."""
    folder = build(tmp_path_factory.mktemp("consent") / "otters")
    value = edl()
    value["takes"]["b"]["cameos"] = [PERSON]
    value["release"] = {"scope": "advertising", "territories": ["DE", "FR"]}
    # Half of it is enough: what is told of persons does not depend on the rest.
    value["events"] = value["events"][:2]
    write_edl(folder, value)
    (folder / "papers").mkdir()
    (folder / "papers" / "paper.pdf").write_bytes(b"signed by Xochitl")
    assert log(folder, "grant", PERSON, *TERMS).code == 0
    ran = finish(folder, "edl.json")
    assert ran.code == 0, ran.err
    return folder


TERMS = (
    *("--scope", "advertising", "--territory", "EU", "--until", LATER),
    *("--evidence", "papers/paper.pdf"),
)


@pytest.fixture
def project(made: Path, tmp_path: Path) -> Path:
    """The project at a place of its own, with its film."""
    folder = tmp_path / "project"
    shutil.copytree(made, folder)
    return folder


def log(folder: Path, *words: str) -> Ran:
    return finish(folder, "consent", *words)


def consent(ran: Ran) -> dict[str, object]:
    """The audit's check of persons."""
    (file,) = ran.document["files"]
    (check,) = [one for one in file["checks"] if one["id"] == "consent"]
    return check


def test_a_revocation_flips_the_same_render_and_the_same_audit(project: Path) -> None:
    render = ("edl.json", "--json")
    audit = ("audit", NAME, "--consent", "consent.csv", "--json")
    assert finish(project, *render).code == 0
    before = finish(project, *audit)
    assert (before.code, consent(before)["status"]) == (0, "passed")
    whole = (project / NAME).read_bytes()

    assert log(project, "revoke", PERSON).code == 0
    refused = finish(project, *render)
    assert refused.code == 5
    (problem,) = refused.document["problems"]
    assert (problem["code"], problem["where"]["pointer"]) == ("consent-revoked", "/takes/b")
    after = finish(project, *audit)
    assert (after.code, consent(after)["status"]) == (1, "failed")
    assert consent(after)["codes"] == ["consent.revoked"]

    rows = (project / "consent.csv").read_text().splitlines(keepends=True)
    (project / "consent.csv").write_text("".join(rows[:-1]))  # as if nobody had revoked
    cut = finish(project, *audit)
    assert (cut.code, consent(cut)["codes"]) == (1, ["consent.log-altered"])
    (project / "consent.csv").write_text("".join(rows))
    assert (project / NAME).read_bytes() == whole

    assert log(project, "grant", PERSON, "--scope", "*", "--territory", "worldwide").code == 0
    assert finish(project, "check", "edl.json").code == 0


def test_a_run_is_remembered_while_the_log_stands(project: Path) -> None:
    assert finish(project, "edl.json").code == 0
    assert "probe" not in finish(project, "edl.json").err
    assert log(project, "grant", "bo", "--scope", "*", "--territory", "DE").code == 0
    looked = finish(project, "edl.json", "--json")
    assert (looked.code, "probe" in looked.err) == (0, True)
    # Another person's row changes no film of theirs.
    assert looked.document["deliverables"][0]["known"] is True


def test_the_film_names_nobody_and_an_auditor_with_the_log_knows_them(project: Path) -> None:
    written = [path for path in project.glob("edl.tiny*") if path.is_file()]
    assert len(written) >= 3  # the film and its reports, which travel with it
    assert all(PERSON.encode() not in path.read_bytes() for path in written)
    told = finish(project, "audit", NAME, "--require", "consent", "--json")
    assert (told.code, consent(told)["status"]) == (1, "not-checked")
    assert any("consent" in what for what in told.document["files"][0]["not_checked"])
    by_edit = finish(project, "audit", NAME, "--edl", "edl.json", "--json")
    assert (by_edit.code, consent(by_edit)["status"]) == (0, "passed")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"scope": "social"}, "consent-scope"),
        ({"scope": "advertising", "territories": ["DE", "US"]}, "consent-territory"),
        ({"scope": "advertising", "territories": ["DE"], "until": "2100-01-01"}, "consent-expired"),
        (None, "consent-scope"),
    ],
)
def test_a_release_beyond_what_was_agreed_is_refused(
    change: dict[str, object] | None, code: str, project: Path
) -> None:
    value = json.loads((project / "edl.json").read_text())
    del value["release"]
    write_edl(project, value | ({"release": change} if change else {}))
    ran = finish(project, "check", "edl.json", "--json")
    found = [one["code"] for one in ran.document["findings"] if one["severity"] == "error"]
    assert (ran.code, found) == (5, [code])


def test_a_document_that_changed_is_told_and_one_that_is_gone_is_too(project: Path) -> None:
    paper = project / "papers" / "paper.pdf"
    paper.write_bytes(b"signed by somebody else")
    assert finish(project, "edl.json").code == 5
    paper.unlink()
    for words, severity in (((), "warning"), (("--strict",), "error")):
        found = finish(project, "check", "edl.json", "--json", *words).document["findings"]
        told = [one["severity"] for one in found if one["code"] == "consent-evidence-absent"]
        assert severity in told


def test_exports_that_show_a_person_are_recalled(project: Path) -> None:
    assert finish(project, "edl.json").code == 0
    sha256 = hashlib.sha256((project / NAME).read_bytes()).hexdigest()
    ran = finish(project, "takes", "recall", PERSON, "--consent", "consent.csv", "--json")
    found = [one for one in ran.document["exports"] if one["path"] == str(project / NAME)]
    assert [(one["sha256"], one["state"]) for one in found] == [(sha256, "there")]
    assert [file["id"] for file in found[0]["files"]] == ["b"]
    assert found[0]["consent"]["outcome"] == "granted"
    (project / NAME).unlink()
    gone = finish(project, "takes", "recall", PERSON, "--json").document["exports"]
    assert [one["state"] for one in gone if one["path"] == str(project / NAME)] == ["gone"]
    none = finish(project, "takes", "recall", "xochit")
    assert (none.code, none.out) == (
        0,
        f"none: no export names xochit (did you mean {PERSON!r}?)\n",
    )


def test_what_is_logged_is_shown_and_what_was_altered_is_told(project: Path) -> None:
    assert log(project, "revoke", PERSON, "--territory", "FR", "--date", "2026-01-31").code == 0
    shown = log(project, "show", PERSON, "--json").document
    assert [(row["act"], row["territory"], row["proof"]) for row in shown["rows"]] == [
        ("grant", ["EU"], "held"),
        ("revoke", ["FR"], "none"),
    ]
    assert "papers/paper.pdf: held" in log(project, "show").err
    assert "nothing is logged of xochitI" in log(project, "show", "xochitI").out
    path = project / "consent.csv"
    path.write_text(path.read_text().replace(LATER, "2199-12-31"))
    for words in (("show",), ("revoke", PERSON)):
        refused = log(project, *words)
        assert (refused.code, "was altered" in refused.err) == (5, True)
    assert log(project, "grant").code == 2
