"""Whatever is done to an export, the gate says so."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.tampering import forge
from tests.tampering.operations import EDL, OPERATIONS, TRUSTED, Operation
from tests.tampering.stage import Stage, finish
from tests.tampering.stage import audit as gate

from finisher.audit.audit import audit, required
from finisher.audit.credentials import examine
from finisher.findings import Finding, Status, Weight

QUICK = [operation for operation in OPERATIONS if not operation.slow]
_OF_MEDIA = {"container-slack", "picture-content"}
"""Checks that take measuring; the others are told without, which is ten times as quick."""


@dataclass(frozen=True)
class Judged:
    """A file after an operation, and what was found."""

    path: Path
    verdict: str
    passed: bool
    told: frozenset[str]
    """Checks that failed or warned."""


@pytest.fixture(scope="module")
def judged(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    """Every quick operation done and judged; those held to their edit by the command."""
    found: dict[str, Judged] = {}
    commanded: dict[tuple[str, ...], list[tuple[str, Path]]] = {}
    for number, operation in enumerate(QUICK):
        path = operation.make(stage, tmp_path_factory.mktemp(f"operation{number}"))
        if operation.words == EDL:
            commanded.setdefault(operation.words, []).append((operation.name, path))
        else:
            found[operation.name] = _judged(operation, path, stage.anchors)
    for words, files in commanded.items():
        code, document = gate(stage, [path for _, path in files], *words)
        assert code == 1
        for (name, path), one in zip(files, document["files"], strict=True):
            told = {c["id"] for c in one["checks"] if c["status"] in ("failed", "warned")}
            found[name] = Judged(path, one["verdict"], one["passed"], frozenset(told))
    return found


def _judged(operation: Operation, path: Path, anchors: str) -> Judged:
    """An operation that needs no edit; measured only where that says more."""
    if operation.words == TRUSTED:
        one = required(audit(path, anchors=anchors), {"trust-signer"})
        return Judged(path, str(one.verdict), one.passed, _told(one.checks))
    if operation.exit == 0 or _OF_MEDIA.intersection(operation.checks):
        one = audit(path, anchors=anchors)
        return Judged(path, str(one.verdict), one.passed, _told(one.checks))
    seen = examine(path, anchors).audit
    failed = any(c.status is Status.FAILED and c.severity is Weight.REQUIRED for c in seen.checks)
    return Judged(path, str(seen.verdict), not failed, _told(seen.checks))


def _told(checks: tuple[Finding, ...]) -> frozenset[str]:
    return frozenset(c.id for c in checks if c.status in (Status.FAILED, Status.WARNED))


@pytest.mark.parametrize("operation", QUICK, ids=lambda operation: operation.name)
def test_the_gate_tells(operation: Operation, judged: dict[str, Judged]) -> None:
    one = judged[operation.name]
    assert one.verdict == operation.verdict
    assert one.passed is (operation.exit == 0)
    assert one.told >= set(operation.checks)


BLIND = [
    "a take's pictures changed before it went in",
    "a take's marking rewritten before it went in",
    "a take stripped before it went in",
    "a record alone, with invented successes",
    "a bad take 5 exports down",
    "a take's manifest replaced, its failures foretold",
    "a take's marking rewritten, foretold by another take",
    "the whole film exchanged under an addition",
    "a manifest that nothing refers to",
]


@pytest.mark.parametrize("name", BLIND)
def test_what_the_sdk_trusts_and_the_gate_does_not(
    name: str, stage: Stage, judged: dict[str, Judged]
) -> None:
    assert forge.state(judged[name].path, stage.anchors) == "Trusted"
    assert judged[name].verdict in ("tampered", "incomplete")
    assert not judged[name].passed


def test_a_published_file_whose_failure_lies_two_levels_down(fixtures: Path) -> None:
    folder = fixtures / "c2pa"
    if not folder.is_dir():
        pytest.skip("needs the published files with credentials")
    roots, path = (folder / "test_cert_root_bundle.pem").read_text(), folder / "CACAE-uri-CA.jpg"
    assert forge.state(path, roots) == "Trusted"
    assert examine(path, roots).audit.verdict == "tampered"


def test_the_sdk_s_state_decides_nothing(stage: Stage, judged: dict[str, Judged]) -> None:
    def both(name: str) -> tuple[str, str]:
        return forge.state(judged[name].path, stage.anchors), judged[name].verdict

    # The same state, three verdicts.
    assert both("untouched") == ("Trusted", "intact")
    assert both("a take's pictures changed before it went in") == ("Trusted", "tampered")
    assert both("a take stripped before it went in") == ("Trusted", "incomplete")
    # Another state, two verdicts.
    assert both("a bit of the media") == ("Invalid", "tampered")
    assert both("a good file whose certificate ran out") == ("Invalid", "intact-untrusted")
    # Different states, one verdict.
    assert both("signed by a self-signed stranger") == ("Valid", "intact-untrusted")


def test_the_exit_code_is_the_gate(stage: Stage, judged: dict[str, Judged], tmp_path: Path) -> None:
    trust = ("--trust-anchors", str(stage.anchor_file))
    bad = judged["a take's pictures changed before it went in"].path
    text = tmp_path / "text.mp4"
    text.write_text("not a film")
    assert finish(stage.folder, "audit", str(stage.export), *trust).code == 0
    code, document = gate(stage, [bad, text])
    assert code == 3
    assert [one["verdict"] for one in document["files"]] == ["tampered", "unreadable"]
