from __future__ import annotations

from dataclasses import replace

from finisher.c2pa.untyped import maps_of
from finisher.canonical import Json
from finisher.findings import FileAudit, Finding, PolicyAudit, Status, Verdict, Weight
from finisher.report.document import file_document
from finisher.report.html import _environment
from finisher.report.policy_view import (
    policy_document,
    policy_findings,
    policy_lines,
    policy_suites,
    policy_views,
    stale_words,
)

HOSTILE = "A law\x1b[31m<script>alert(1)</script>\u202e"
CHECKS = (
    Finding("law/marking", Status.FAILED, "It is marked. Found: no mark."),
    Finding("law/look", Status.NOT_CHECKED, "Look at it.", Weight.ADVISORY, codes=("by-hand.see",)),
)
FRESH = PolicyAudit("law", HOSTILE, "2026-11-21", stale=False, sources=("Book: x",), checks=CHECKS)
STALE = replace(FRESH, id="old", date="2020-01-01", stale=True)


def audit(*policies: PolicyAudit) -> FileAudit:
    good = (Finding("decodes", Status.PASSED, "it does"),)
    return FileAudit("a.mp4", 1, "a" * 64, Verdict.INTACT, good, policies=policies)


def told(finding: Finding) -> list[str]:
    return [f"{finding.id} {finding.status}"]


def test_nothing_is_said_where_nothing_was_asked() -> None:
    assert list(policy_lines(audit(), told)) == []
    assert policy_suites(audit()) == ()
    assert policy_views(audit()) == ()
    assert page(audit()).strip() == ""


def page(found: FileAudit) -> str:
    module = _environment().get_template("policies.html.j2").module
    return str(module.policies(policy_views(found), 3))  # type: ignore[attr-defined]


def test_text_says_what_is_asked_and_that_it_is_no_advice() -> None:
    lines = list(policy_lines(audit(FRESH), told))
    assert "not legal advice" in lines[0]
    assert lines[-2:] == ["law/marking failed", "law/look not-checked"]
    assert not any("STALE" in line for line in lines)
    assert "\x1b" not in "".join(lines)


def test_every_form_warns_of_a_stale_page() -> None:
    found = audit(FRESH, STALE)
    assert sum("STALE" in line for line in policy_lines(found, told)) == 1
    warned = [one for one in policy_findings(found) if one.id == "old/stale"]
    assert [(one.status, one.severity) for one in warned] == [(Status.WARNED, Weight.ADVISORY)]
    assert not any(one.id == "law/stale" for one in policy_findings(found))
    assert [bool(view.stale) for view in policy_views(found)] == [False, True]
    assert page(found).count("look again") == 1
    assert [len(findings) for _, findings in policy_suites(found)] == [2, 3]
    assert "\x1b" not in stale_words(replace(STALE, date="\x1b[2J"))


def test_the_document_has_all_of_it() -> None:
    def check(finding: Finding) -> dict[str, Json]:
        return {"id": finding.id}

    document = policy_document(STALE, check)
    assert document["stale"] is True
    assert document["date"] == "2020-01-01"
    assert document["checks"] == [{"id": "law/marking"}, {"id": "law/look"}]
    assert "not legal advice" in str(document["disclaimer"])


def test_a_page_escapes_what_a_policy_says() -> None:
    shown = page(audit(FRESH))
    assert "<script>" not in shown
    assert "\x1b" not in shown
    assert "\u202e" not in shown
    assert "law/marking" in shown


def test_a_failed_rule_that_is_required_counts_against_the_file() -> None:
    assert audit().passed
    assert not audit(FRESH).passed
    assert audit(replace(FRESH, checks=CHECKS[1:])).passed


def test_a_title_of_any_length_is_shortened() -> None:
    whole = file_document(audit(replace(FRESH, title="T" * 1_000_000)))
    (document,) = maps_of(whole["policies"])
    assert len(str(document["title"])) == 10_000
    assert str(document["title"]).endswith("T…")
