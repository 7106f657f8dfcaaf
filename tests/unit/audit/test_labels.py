"""Labels set against the claim: agreement, contradiction, and what nobody said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.unit.provenance.plans import plan, promises

from finisher.audit.labels import Labels, judged, read_labels
from finisher.findings import ActiveManifest, FileAudit, Finding, Status, Verdict
from finisher.media.stated import Stated

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
AI, COMPOSITE, CAMERA = (
    _IPTC + term for term in ("compositeWithTrainedAlgorithmicMedia", "composite", "digitalCapture")
)
SURE, MAYBE = '{"Label":"1","ContentProducer":"a"}', '{"Label":"2","ContentProducer":"b"}'
PROMISED = replace(promises(plan()), source_type=AI, aigc=(SURE, MAYBE))


def audited(claimed: str | None) -> FileAudit:
    """An audit so far of a file that claims a source type, or has no credentials."""
    active = ActiveManifest("urn:a", "g", None, None, None, None, False, claimed, ())
    disclosed = Finding("ai-disclosure", Status.PASSED, "nothing says that a model made it")
    checks = (Finding("manifest-present", Status.PASSED, ""), disclosed)
    return FileAudit(
        "a.mp4", 1, "0" * 64, Verdict.INTACT, checks, active if claimed is not None else None
    )


def statuses(found: FileAudit) -> dict[str, Status]:
    return {check.id: check.status for check in found.checks if check.id != "manifest-present"}


@pytest.mark.parametrize(
    ("claimed", "stated", "promised", "status"),
    [
        (AI, AI, True, Status.PASSED),
        (AI, AI.replace("http:", "https:") + "/", True, Status.PASSED),
        (AI, COMPOSITE, True, Status.FAILED),
        (AI, None, True, Status.FAILED),
        (AI, AI, False, Status.PASSED),
        (AI, "trainedAlgorithmicMedia", False, Status.WARNED),
        (CAMERA, COMPOSITE, False, Status.WARNED),
        (CAMERA, AI, False, Status.WARNED),
        (AI, CAMERA, False, Status.WARNED),
        (AI, None, False, None),
        (None, AI, False, None),
    ],
)
def test_claim_and_metadata_say_the_same(claimed, stated, promised, status):
    made = replace(PROMISED, aigc=()) if promised else None
    found = judged(audited(claimed), Labels(Stated(None, stated)), made)
    assert statuses(found).get("source-type-agrees") is status
    assert found.labels == ({} if stated is None else {"iptc": stated})


@pytest.mark.parametrize(
    ("own", "takes", "promised", "status"),
    [
        (SURE, (), True, Status.PASSED),
        (MAYBE, (), True, Status.FAILED),
        (None, (), True, Status.FAILED),
        (None, (SURE,), False, Status.FAILED),
        (MAYBE, (SURE,), False, Status.FAILED),
        (SURE, (MAYBE,), False, Status.PASSED),
        (SURE, (MAYBE, SURE), False, Status.PASSED),
        (SURE, (), False, Status.PASSED),
        ("AIGC", (), False, Status.WARNED),
        (None, (), False, None),
    ],
)
def test_a_label_that_went_in_comes_out(own, takes, promised, status):
    made = replace(PROMISED, source_type=None) if promised else None
    sources = tuple((f"t{n}", Stated(label)) for n, label in enumerate(takes))
    found = judged(audited(AI), Labels(Stated(own), sources), made)
    assert statuses(found).get("aigc-label") is status


@pytest.mark.parametrize(
    "labels",
    [
        Labels(Stated(SURE)),
        Labels(Stated(None, AI)),
        Labels(Stated(), (("t1.mp4", Stated(MAYBE)),)),
        Labels(Stated(), (("t1.mp4", Stated(None, "trainedAlgorithmicMedia")),)),
    ],
)
def test_labels_are_evidence_of_a_models_part(labels):
    assert statuses(judged(audited(CAMERA), labels, None))["ai-disclosure"] is Status.FAILED
    assert statuses(judged(audited(AI), labels, None))["ai-disclosure"] is Status.PASSED
    plain = Labels(Stated(None, CAMERA), (("t1.mp4", Stated()),))
    assert statuses(judged(audited(CAMERA), plain, None))["ai-disclosure"] is Status.PASSED


def test_what_cant_be_read_has_no_labels(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"nothing")
    found = read_labels(tmp_path / "a.mp4", {"t": tmp_path / "missing.mp4"})
    assert found == Labels(Stated(), (("missing.mp4", Stated()),))
