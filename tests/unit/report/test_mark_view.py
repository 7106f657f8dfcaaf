"""What is said of watermarks: every figure with its meaning, and pictures that can be shown."""

import json
from xml.etree import ElementTree as ET

import jsonschema
from tests.unit.report import made

from finisher.findings import Coverage, Finding, MarkFinding, MarkPicture, Status
from finisher.report import mark_view
from finisher.report.audit_schema import audit_schema
from finisher.report.document import audit_document
from finisher.report.html import audit_html
from finisher.report.junit import audit_junit
from finisher.report.sarif import audit_sarif
from finisher.report.text import audit_text

JPEG = b"\xff\xd8\xff\xe0 a picture"
SEEN = MarkFinding(
    "open", "corner", "degraded", "found, weakened", 0.83, 0.42, 11.26, 0.52, 16,
    (1.0, 2.0, 3.0, 4.0), fidelity=0.912, control=0.954, false_positives="1 in 10 000 places",
    coverage=Coverage(48, 72, 80, 2.0), span=(0, 80), allowed="a reason",
)  # fmt: skip
READ = MarkFinding(
    "", "sdxl", "intact", "read blind", 0.98, frames=16, kind="hidden", span=(0, 24),
    detector="dwtDctSvd 0.2.0", matched=(47, 48), p=2.7e-13, variant="blind",
)  # fmt: skip
CHECK = Finding("watermarks", Status.WARNED, "degraded: corner on open")


def audited(*pictures: MarkPicture):
    checks = (*made.audit().checks, CHECK)
    return made.replace(
        made.audit(), watermarks=(SEEN, READ), pictures=pictures, checks=checks, policies=()
    )


def test_every_figure_is_told_with_what_it_means():
    assert mark_view.row(SEEN) == (
        "open",
        "corner",
        "degraded",
        "[0, 80)",
        (
            "score 0.83 (found above 0.42); z 11.3; 52 % of its strength; "
            "surroundings 0.91 (0.95 beside it); 16 looked at; 1 in 10 000 places"
        ),
        "2 s: 48 of 72 frames, its event has 80",
        "found, weakened",
    )
    assert mark_view.figures(READ) == (
        "47 of 48 bits; p = 3e-13; blind; dwtDctSvd 0.2.0; 16 looked at"
    )
    assert len(mark_view.row(READ)) == len(mark_view.HEAD)
    bare = MarkFinding("", "", "not-declared", "nobody said")
    assert set(mark_view.row(bare)) == {"–", "not-declared", "nobody said"}


def test_what_is_alike_is_said_once():
    one = audited()
    assert mark_view.note(one) == "False positives: 1 in 10 000 places"
    assert not any("10 000" in cell for row in mark_view.rows(one) for cell in row)
    other = made.replace(SEEN, event="close", false_positives="0 of 48 000")
    two = made.replace(one, watermarks=(SEEN, other))
    assert mark_view.note(two) == ""
    assert [("10 000" in row[4], "48 000" in row[4]) for row in mark_view.rows(two)] == [
        (True, False),
        (False, True),
    ]
    page = audit_html([one], (), "1.0", "2026-01-01")
    assert page.count("1 in 10 000 places") == 1


def test_every_form_of_an_audit_tells_of_them():
    one = audited()
    text = audit_text([one])
    assert "mark corner on open: degraded, found, weakened" in text
    assert "47 of 48 bits" in text
    document = audit_document([one])
    jsonschema.validate(json.loads(json.dumps(document)), audit_schema())
    (seen, read) = document["files"][0]["watermarks"]
    assert seen["coverage"] == {"confirmed": 48, "predicted": 72, "total": 80, "seconds": 2.0}
    assert (read["matched"], read["p"], read["kind"]) == ([47, 48], 2.7e-13, "hidden")
    case = next(
        case
        for case in ET.fromstring(audit_junit([one])).iter("testcase")  # noqa: S314
        if case.findtext("system-out") and CHECK.detail in str(case.findtext("system-out"))
    )
    assert "52 % of its strength" in str(case.findtext("system-out"))
    results = json.loads(audit_sarif([one], "1.0"))["runs"][0]["results"]
    (told,) = {
        "\n".join(result["properties"]["watermarks"])
        for result in results
        if result["ruleId"] == "watermarks"
    }
    assert "47 of 48 bits" in told


def test_pictures_stand_side_by_side_in_the_page():
    both = MarkPicture("open", "corner", 1234, JPEG, JPEG)
    alone = MarkPicture("close", "corner", 7, JPEG, None)
    page = audit_html([audited(both, alone)], (), "1.0", "2026-01-01")
    assert "corner on open: degraded, frame 1,234" in page
    assert page.count("in the take, framed and graded alike</span>") == 1
    assert page.count("in the file</span>") == 2


def test_what_is_no_picture_is_left_out():
    odd = [
        MarkPicture("open", "corner", 1, b"<script>", None),
        MarkPicture("open", "corner", 1, JPEG, b"nothing"),
        MarkPicture("open", "corner", 1, JPEG + bytes(1 << 20), None),
    ]
    assert mark_view.evidence(audited(*odd)) == ()
    assert len(mark_view.evidence(audited(*[MarkPicture("a", "b", 1, JPEG, None)] * 50))) == 12
