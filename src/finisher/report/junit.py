"""An audit as JUnit XML, the form build servers show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from xml.etree import ElementTree as ET

from finisher.findings import FileAudit, Finding, Status
from finisher.report import mark_view
from finisher.report.figures import value
from finisher.report.plain import plain
from finisher.report.policy_view import policy_suites
from finisher.report.words import VERDICTS, group_of, held_against, passes

_LONGEST = 1000


def audit_junit(audits: Sequence[FileAudit]) -> str:
    """One test suite a file, one test case a check; what keeps a file from passing is a failure.

    Advisory checks that were not made are skipped; remarks stand in the case's output, since
    JUnit knows no warning.
    """
    root = ET.Element("testsuites", name="finisher audit")
    for audit in audits:
        root.append(_suite(audit))
        for name, findings in policy_suites(audit):
            root.append(_counted(_cases(f"{plain(audit.name, _LONGEST)}: {name}", findings)))
    # Jenkins' schema (junit-10.xsd) has no `skipped` here, though each suite has one.
    for count in ("tests", "failures", "errors"):
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n'


def _suite(audit: FileAudit) -> ET.Element:
    """A file's checks."""
    name = plain(audit.name, _LONGEST)
    suite = _cases(name, audit.checks, tuple(mark_view.lines(audit)))
    asked = any(held_against(check) for policy in audit.policies for check in policy.checks)
    if not passes(audit) and suite.find("testcase/failure") is None and not asked:
        # An unreadable file has no checks; a build must not take that for success.
        case = ET.SubElement(suite, "testcase", classname=name, name="verdict")
        ET.SubElement(case, "failure", type=str(audit.verdict), message=VERDICTS[audit.verdict])
    return _counted(suite)


def _cases(name: str, checks: Iterable[Finding], marks: Sequence[str] = ()) -> ET.Element:
    """Checks as cases of a suite; lines on `marks` stand with the check of them."""
    suite = ET.Element("testsuite", name=name)
    for check in checks:
        suite.append(_case(name, check, marks))
    return suite


def _counted(suite: ET.Element) -> ET.Element:
    """The suite, with its numbers."""
    suite.set("tests", str(len(suite.findall("testcase"))))
    suite.set("failures", str(len(suite.findall("testcase/failure"))))
    suite.set("errors", "0")
    suite.set("skipped", str(len(suite.findall("testcase/skipped"))))
    return suite


def _case(suite: str, check: Finding, told: Sequence[str] = ()) -> ET.Element:
    """One check."""
    case = ET.Element(
        "testcase",
        classname=f"{suite}.{group_of(check.id)}",
        name=plain(check.id, _LONGEST),
    )
    detail = plain(check.detail, _LONGEST)
    if held_against(check):
        failure = ET.SubElement(case, "failure", type=str(check.status), message=detail)
        failure.text = _figures(check)
    elif check.status is Status.NOT_CHECKED:
        ET.SubElement(case, "skipped", message=detail)
    lines = list(told) if check.id == mark_view.CHECK else []
    if check.status in (Status.WARNED, Status.FAILED) and not held_against(check):
        lines.insert(0, f"{check.status}: {detail}; {_figures(check)}")
    if lines:
        ET.SubElement(case, "system-out").text = "\n".join(lines)
    return case


def _figures(check: Finding) -> str:
    """Promised against measured, and the validation codes."""
    codes = f" ({plain(', '.join(check.codes), _LONGEST)})" if check.codes else ""
    return f"promised {value(check.promised)}; measured {value(check.measured)}{codes}"
