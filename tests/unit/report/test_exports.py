import json
from xml.etree import ElementTree as ET

import pytest
from tests.unit.report import made

from finisher.findings import FileAudit, Finding, Status, Verdict, Weight
from finisher.report.junit import audit_junit
from finisher.report.sarif import audit_sarif
from finisher.report.text import audit_text

HOSTILE = '<x>&]]>"\x00\x1b[31m\u202e\udc80\ufffe'


def failing() -> FileAudit:
    return made.replace(
        made.audit(),
        checks=(
            *made.checks(),
            Finding("integrity-media", Status.FAILED, "a byte was changed",
                    codes=("assertion.bmffHash.mismatch",)),
            Finding("sound-meters", Status.NOT_CHECKED, "the second meter did not run"),
        ),
    )  # fmt: skip


def unreadable() -> FileAudit:
    return FileAudit("broken.mp4", 3, made.sha("0"), Verdict.UNREADABLE, ())


def hostile() -> FileAudit:
    return made.replace(
        made.audit(),
        name=HOSTILE,
        checks=(Finding(HOSTILE, Status.FAILED, HOSTILE, codes=(HOSTILE,), measured=HOSTILE),
                Finding("b", Status.WARNED, HOSTILE)),
        not_checked=(HOSTILE,),
        watermarks=(made.replace(made.audit().watermarks[0], detail=HOSTILE),),
        ingredients=(made.replace(made.audit().ingredients[0], title=HOSTILE, now=(HOSTILE,)),),
    )  # fmt: skip


def test_junit_counts_what_keeps_a_file_from_passing() -> None:
    root = ET.fromstring(audit_junit([made.audit(), failing()]))  # noqa: S314
    good, bad = root.findall("testsuite")
    assert (good.get("tests"), good.get("failures"), good.get("skipped")) == ("14", "0", "1")
    assert (bad.get("tests"), bad.get("failures"), bad.get("skipped")) == ("16", "2", "1")
    assert (root.get("tests"), root.get("failures")) == ("30", "2")
    assert {f.get("type") for f in bad.iter("failure")} == {"failed", "not-checked"}
    (loud,) = [c for c in good.iter("testcase") if c.get("name") == "loudness"]
    assert loud.get("classname") == "harbour.social916.mp4.Sound"


def test_a_file_that_can_not_be_read_fails_a_build() -> None:
    root = ET.fromstring(audit_junit([unreadable()]))  # noqa: S314
    assert [f.get("type") for f in root.iter("failure")] == ["unreadable"]
    run = json.loads(audit_sarif([unreadable()], "0.1.0"))["runs"][0]
    assert [(r["ruleId"], r["level"]) for r in run["results"]] == [("verdict", "error")]


def test_sarif_has_a_result_for_all_that_did_not_pass() -> None:
    document = json.loads(audit_sarif([failing()], "0.1.0"))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    levels = {r["ruleId"]: r["level"] for r in run["results"]}
    assert levels == {"watermarks": "note", "trust-signer": "note", "integrity-media": "error",
                      "sound-meters": "error"}  # fmt: skip
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert len(set(rules)) == len(rules)
    assert all(rules[r["ruleIndex"]] == r["ruleId"] for r in run["results"])
    notes = [n["message"]["text"] for n in run["invocations"][0]["toolExecutionNotifications"]]
    assert len(notes) == 3
    assert any("time-stamp" in note for note in notes)


def test_a_remark_on_a_required_check_is_a_warning() -> None:
    audit = made.replace(
        made.audit(), checks=(Finding("a", Status.WARNED, "", severity=Weight.REQUIRED),)
    )
    (result,) = json.loads(audit_sarif([audit], "1"))["runs"][0]["results"]
    assert result["level"] == "warning"
    assert result["message"]["text"] == "a"


def test_a_file_audited_twice_is_one_artifact() -> None:
    # The schema wants a run's artifacts to differ from one another.
    run = json.loads(audit_sarif([failing(), failing(), unreadable()], "1"))["runs"][0]
    assert len(run["artifacts"]) == 2
    assert len(run["results"]) == 2 * 4 + 1


@pytest.mark.parametrize(
    ("name", "uri"),
    [("out/a b.mp4", "out/a%20b.mp4"), ("//host/x.mp4", "/host/x.mp4"),
     ("https://host/x", "https%3A//host/x"), ("ü#?.mp4", "%C3%BC%23%3F.mp4")],
)  # fmt: skip
def test_a_name_never_becomes_an_address(name: str, uri: str) -> None:
    run = json.loads(audit_sarif([made.replace(failing(), name=name)], "1"))["runs"][0]
    assert run["artifacts"][0]["location"]["uri"] == uri
    location = run["results"][0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"]["uri"] == uri


def test_hostile_text_stays_text() -> None:
    ET.fromstring(audit_junit([hostile()]).encode("utf-8"))  # noqa: S314
    json.loads(audit_sarif([hostile()], HOSTILE).encode("utf-8"))
    text = audit_text([hostile()], [made.trust_list(HOSTILE)])
    text.encode("utf-8")
    assert not set(text) & set("\x00\x1b\u202e\ufffe\r")


def test_text_leads_with_the_outcome_and_hides_nothing() -> None:
    text = audit_text([failing(), unreadable()], [made.trust_list("C2PA")])
    lines = text.splitlines()
    assert lines[0] == "harbour.social916.mp4: NOT PASSED, intact-untrusted"
    assert lines[1] == "  2 required checks did not pass."
    for told in ("✗ integrity-media", "assertion.bmffHash.mismatch", "– sound-meters",
                 "! trust-signer (advisory)", "storyboard_panel_3.png",
                 "Trust lists: C2PA (2026-11-20, 30 certificates)",
                 "invisible watermarks: none was declared", "0 of 2 files passed."):  # fmt: skip
        assert told in text, told
    # Figures follow only what did not simply pass; of these one compared any.
    assert [line for line in lines if line.startswith("      promised")] == [
        "      promised kept whole; measured 55.6 % kept"
    ]
