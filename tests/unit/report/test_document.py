import json
import math

import pytest
from tests.unit.report import made

from finisher.findings import Finding, Status, Verdict
from finisher.report.document import audit_document, report_document, strict


def test_the_audit_document_has_the_agreed_shape_in_the_agreed_order() -> None:
    document = audit_document([made.audit()], [made.trust_list()])
    assert list(document) == ["schema", "verdict", "passed", "files", "trust_lists"]
    assert document["schema"] == "finisher/audit@1"
    (file,) = document["files"]
    assert list(file) == ["name", "bytes", "sha256", "verdict", "passed", "checks", "active",
                          "ingredients", "watermarks", "labels", "not_checked",
                          "policies"]  # fmt: skip
    assert list(file["checks"][0]) == ["id", "status", "severity", "codes", "detail", "promised",
                                       "measured"]  # fmt: skip
    assert list(file["ingredients"][0])[:5] == ["title", "depth", "recorded", "now",
                                                "source_rechecked"]  # fmt: skip
    assert list(file["watermarks"][0])[:5] == ["event", "mark", "verdict", "score", "threshold"]
    assert file["checks"][-1]["status"] == "not-checked"


def test_the_worst_file_speaks_for_all() -> None:
    good, bad = made.audit(), made.replace(made.audit(), verdict=Verdict.UNREADABLE, checks=())
    document = audit_document([good, bad, good])
    assert (document["verdict"], document["passed"]) == ("unreadable", False)
    assert [file["passed"] for file in document["files"]] == [True, False, True]


def test_auditing_nothing_is_no_proof_of_anything() -> None:
    with pytest.raises(ValueError, match="empty"):
        audit_document([])


def test_documents_are_json_that_every_reader_takes() -> None:
    odd = Finding("sound-loudness", Status.FAILED, "silent", measured={"lufs": -math.inf})
    audit = made.replace(made.audit(), checks=(odd,), name="\udc80\x1b\u202e.mp4")
    for document in (audit_document([audit]), report_document(made.report(audit=audit))):
        text = json.dumps(document, allow_nan=False)
        assert json.loads(text) == document
        assert '"-inf"' in text
    assert strict([math.nan, 1.5]) == ["nan", 1.5]


def test_the_report_document_tells_ranges_in_frames_and_timecode() -> None:
    document = report_document(made.report())
    assert document["schema"] == "finisher/report@1"
    assert document["events"][1]["record"] == {
        "start": 60, "end": 108, "in": "00:00:02:12", "out": "00:00:04:12"
    }  # fmt: skip
    assert document["plan"]["length"] == "00:00:13:00"
    assert document["transitions"][0]["record"]["start"] == 54
    assert document["transitions"][1]["outgoing"] is None
    assert document["gaps"] == [{"start": 108, "end": 120, "in": "00:00:04:12",
                                 "out": "00:00:05:00"}]  # fmt: skip
    assert document["loudness"]["target"]["target_lufs"] == -14.0
    assert document["loudness"]["momentary"][0] == [0, "-inf"]
    assert {file["kind"] for file in document["files"]} == {"take", "layer", "look"}
    assert document["audit"] == audit_document([made.audit()])["files"][0]


def test_matches_are_told_with_all_they_rest_on() -> None:
    document = report_document(made.report())
    assert document["matches"] == {
        "tuesday": {
            "session": "tuesday",
            "reference": "monday",
            "cdl": strict(made.MATCH),
            "confidence": 0.86,
            "distance_before": 7.91,
            "distance_after": 2.04,
            "pairs": 1840,
            "evidence": "common places",
            "takes": [["s10t01", "s09t02"]],
            "reason": "",
            "residual": {"sha256": made.sha("7"), "strength": 1.0},
        }
    }
    grade = document["events"][1]["grade"]
    assert grade["residual"] == {"sha256": made.sha("7"), "strength": 0.8}
    assert grade["input"] == "rec709"


def test_no_folder_of_the_machine_is_told() -> None:
    document = report_document(made.report())
    places = [repair["where"]["file"] for repair in document.pop("repairs")]
    assert "/home/" not in json.dumps(document)
    assert places == ["edl.json"] * 3
