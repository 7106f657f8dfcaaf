from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.compliance.shown import AI, CAMERA, COMPOSITE, audit, source

from finisher.compliance.evidence import Part, aigc_degree, evidence
from finisher.compliance.model import Mark
from finisher.findings import FileAudit, Finding, Status, Verdict
from finisher.plan.source_types import OPEN


@pytest.mark.parametrize(
    "found",
    [
        audit(AI),
        audit(COMPOSITE, sources=(source(AI),)),
        audit(COMPOSITE, sources=(source(CAMERA), source(AI, title="other.mp4"))),
        audit(COMPOSITE, iptc="trainedAlgorithmicMedia"),
        audit(aigc="2", verdict=Verdict.ABSENT),
        audit(COMPOSITE, checks={"ai-disclosure": Status.FAILED}),
        audit(AI, verdict=Verdict.TAMPERED),
        audit("urn:iptc:TRAINEDALGORITHMICMEDIA#x", verdict=Verdict.INTACT),
        audit(COMPOSITE, sources=(source("trained-algorithmic-media"),), verdict=Verdict.INTACT),
        audit(CAMERA, iptc="Trained Algorithmic Media", verdict=Verdict.INTACT),
    ],
)
def test_whatever_says_that_a_model_had_a_part_is_believed(found: FileAudit) -> None:
    shown = evidence(found)
    assert shown.part is Part.YES
    assert shown.because


@pytest.mark.parametrize(
    "found",
    [
        audit(CAMERA, verdict=Verdict.INTACT),
        audit(COMPOSITE, sources=(source(CAMERA),), verdict=Verdict.INTACT),
    ],
)
def test_another_origin_counts_where_all_name_one_and_are_trusted(found: FileAudit) -> None:
    assert evidence(found).part is Part.NO


@pytest.mark.parametrize(
    "found",
    [
        audit(verdict=Verdict.ABSENT),
        audit(CAMERA),  # anybody can sign that
        audit(CAMERA, verdict=Verdict.TAMPERED),
        audit(COMPOSITE, verdict=Verdict.INTACT),  # of what, it does not say
        audit(COMPOSITE, sources=(source(CAMERA), source(None)), verdict=Verdict.INTACT),
        audit(
            COMPOSITE,
            sources=(source(CAMERA, now=("signingCredential.untrusted",)),),
            verdict=Verdict.INTACT,
        ),
    ],
)
def test_silence_and_strangers_leave_it_open(found: FileAudit) -> None:
    assert evidence(found).part is Part.UNKNOWN


@pytest.mark.parametrize(
    "word",
    ["http://example.org/digitalsourcetype/digitalCapture", CAMERA.upper(), "digitalCapture", "x"],
)
def test_words_of_no_vocabulary_are_no_other_origin(word: str) -> None:
    camera = (source(CAMERA),)
    for found in (
        audit(word, verdict=Verdict.INTACT),
        audit(COMPOSITE, sources=(*camera, source(word)), verdict=Verdict.INTACT),
    ):
        assert evidence(found).part is Part.UNKNOWN
    stated = evidence(audit(CAMERA, iptc=word, verdict=Verdict.INTACT))
    # Metadata may write the bare word.
    assert stated.part is (Part.NO if word == "digitalCapture" else Part.UNKNOWN)


@pytest.mark.parametrize("label", ["9", {"Label": 1}, {}])
def test_a_label_that_can_not_be_read_leaves_it_open(label: object) -> None:
    assert evidence(audit(CAMERA, verdict=Verdict.INTACT, aigc=label)).part is Part.UNKNOWN


def test_what_the_claim_leaves_open_is_not_denied() -> None:
    found = audit(COMPOSITE, sources=(source(CAMERA),), verdict=Verdict.INTACT)
    told = Finding("ai-disclosure", Status.PASSED, "nobody answers for it", codes=(OPEN,))
    shown = evidence(replace(found, checks=(*found.checks, told)))
    assert (shown.part, shown.because) == (Part.UNKNOWN, ("nobody answers for it",))


def test_a_word_that_readers_do_not_know_is_no_mark() -> None:
    assert evidence(audit("urn:x:TrainedAlgorithmicMedia")).marks == {}


def test_a_mark_counts_only_while_it_binds() -> None:
    assert Mark.CREDENTIALS in evidence(audit(AI)).marks
    for verdict in (Verdict.TAMPERED, Verdict.INCOMPLETE, Verdict.ABSENT, Verdict.UNREADABLE):
        assert Mark.CREDENTIALS not in evidence(audit(AI, verdict=verdict)).marks
    assert Mark.METADATA not in evidence(audit(AI, iptc=CAMERA)).marks
    assert evidence(audit(iptc=AI, aigc="1")).marks == {Mark.METADATA: AI, Mark.LABEL: "1"}


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@given(json_values | st.dictionaries(st.just("Label"), json_values))
def test_a_label_is_read_only_where_it_says_one_of_three_degrees(label: object) -> None:
    degree = aigc_degree(label)  # type: ignore[arg-type]
    said = label.get("Label") if isinstance(label, dict) else None
    assert degree == (said if said in ("1", "2", "3") else None)


@given(st.text(max_size=30))
def test_a_label_that_is_no_json_says_nothing(text: str) -> None:
    assert aigc_degree("{" + text) is None or '"Label"' in text


def test_a_deeply_nested_label_says_nothing() -> None:
    assert aigc_degree("[" * 100_000) is None
