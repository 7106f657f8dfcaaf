"""What an audit holds a film against: the files it promises, not those that lie there now."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.provenance.plans import plan, promises

from finisher.audit import audit, credentials
from finisher.audit.labels import Labels
from finisher.c2pa.reading import Reading
from finisher.facts import CredentialFacts, Integrity
from finisher.findings import FileAudit, Finding, Status, Verdict
from finisher.media.stated import Stated
from finisher.problems import MediaError, Problem
from finisher.promises import LABEL, PromisedTake
from finisher.provenance.completeness import Source
from finisher.provenance.promised import to_assertion

_IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
THEN = PromisedTake("a", "a.mp4", "0" * 64, "urn:then", 1)
NOW = replace(THEN, sha256="1" * 64, manifest="urn:now")
GENERATED = CredentialFacts(
    Integrity.INTACT, "urn:now", source_type=_IPTC + "trainedAlgorithmicMedia"
)


def film() -> Reading:
    """A claim whose promises name the take that went in, as one of its ingredients."""
    data = to_assertion(replace(promises(plan()), takes=(THEN,)))
    created = {"action": "c2pa.created", "digitalSourceType": _IPTC + "composite"}
    part = {"title": "a.mp4", "label": "i", "active_manifest": "urn:then"}
    top = {
        "assertions": [
            {"label": "c2pa.hash.bmff.v3", "data": {}},
            {"label": "c2pa.actions.v2", "data": {"actions": [created]}},
            {"label": LABEL, "data": data},
        ],
        "ingredients": [part],
    }
    manifests = {"top": top, "urn:then": {"assertions": []}}
    return Reading({"active_manifest": "top", "manifests": manifests}, "Valid", embedded=True)


def check(found: FileAudit | credentials.CredentialAudit, name: str) -> Finding:
    return next(check for check in found.checks if check.id == name)


@pytest.fixture
def examined(monkeypatch: pytest.MonkeyPatch) -> credentials.Examined:
    """The film, audited with an edit that measured another, signed take in its place."""
    monkeypatch.setattr(credentials, "reading", lambda *_: film())
    found = {"a": Source(NOW.sha256, GENERATED)}
    monkeypatch.setattr(credentials, "_sources", lambda *_: found)
    return credentials.examine(Path("film.mp4"), None, {"a": Path("a.mp4")}, (NOW,))


def test_another_take_lying_there_now_is_no_loss_of_the_films(
    examined: credentials.Examined,
) -> None:
    found = examined.audit
    assert check(found, "ingredients-complete").status is Status.PASSED
    told = check(found, "sources-unchanged")
    assert told.status is Status.WARNED
    assert "a.mp4 (has other credentials since)" in told.detail
    assert check(found, "ai-disclosure").status is Status.PASSED
    assert examined.others == {"a"}


def test_the_labels_of_another_take_are_none_of_the_films(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, examined: credentials.Examined
) -> None:
    path = tmp_path / "film.mp4"
    path.write_bytes(b"film")
    asked: list[dict[str, Path]] = []

    def unmeasurable(*_: object) -> None:
        raise MediaError(Problem("media-unreadable", "no picture"))

    def labels(_: Path, takes: dict[str, Path]) -> Labels:
        asked.append(takes)
        return Labels(Stated())

    monkeypatch.setattr(audit, "measure", unmeasurable)
    monkeypatch.setattr(audit, "read_labels", labels)
    takes = {"a": Path("a.mp4"), "b": Path("b.mp4")}
    found = audit.measured_too(path, examined, takes, lambda *_: None)
    assert found.verdict in (Verdict.TAMPERED, Verdict.UNREADABLE)
    assert asked == [{"b": Path("b.mp4")}]
