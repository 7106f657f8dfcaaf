"""Damaged files end in a verdict, and nothing a manifest says acts on whoever reads a report."""

from __future__ import annotations

import json
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from tests.tampering import hostile
from tests.tampering.mutate import mutated
from tests.tampering.stage import Stage, finish

from finisher.audit.audit import audit
from finisher.audit.credentials import examine
from finisher.findings import Verdict
from finisher.report.html import audit_html
from finisher.report.junit import audit_junit
from finisher.report.sarif import audit_sarif
from finisher.report.text import audit_text


@pytest.fixture(scope="module")
def told(stage: Stage, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What is said of a hostile manifest, in every format; two of them by the command itself."""
    folder = tmp_path_factory.mktemp("hostile")
    path = hostile.signed(stage.raw("a"), folder / "signed")
    found = [audit(path)]
    ran = finish(folder, "audit", str(path), "--json")
    return {
        "json": ran.out,
        "stderr": ran.err + "-",
        "text": audit_text(found),
        "junit": audit_junit(found),
        "sarif": audit_sarif(found, "0"),
        "html": audit_html(found, [], "0", "2026-11-21T00:00:00+00:00"),
    }


def test_no_control_reaches_a_terminal_or_a_file(told: dict[str, str]) -> None:
    for name, text in told.items():
        assert text, name
        assert hostile.CONTROLS.search(text) is None, name


def test_what_programs_read_is_well_formed(told: dict[str, str]) -> None:
    assert json.loads(told["json"])["schema"] == "finisher/audit@1"
    assert json.loads(told["sarif"])["version"] == "2.1.0"
    suite = ET.fromstring(told["junit"])  # noqa: S314 - our own report
    assert {element.tag for element in suite.iter()} <= {
        "testsuites", "testsuite", "testcase", "failure", "error", "skipped", "properties",
        "property", "system-out", "system-err",
    }  # fmt: skip


def test_a_page_holds_no_element_of_the_manifest(told: dict[str, str]) -> None:
    page = hostile.Elements(told["html"])
    assert page.found.isdisjoint({"script", "img", "x", "iframe", "object", "embed"})
    assert page.active == []


def test_damaged_files_end_in_a_verdict_and_in_time(stage: Stage, tmp_path: Path) -> None:
    sources = [stage.take("a").read_bytes(), stage.export.read_bytes()]
    path = tmp_path / "damaged.mp4"
    seen = set()
    for seed in range(100):
        _, data = mutated(sources[seed % 2], seed)
        path.write_bytes(data)
        began = time.monotonic()
        seen.add(examine(path).audit.verdict)
        assert time.monotonic() - began < 5
    assert Verdict.TAMPERED in seen
