"""Documents for programs, held to their schemas; hostile strings in every place a file fills."""

import copy
import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from io import StringIO
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.report import made

from finisher.cli.session import put
from finisher.console.problems import show_problems
from finisher.console.table import show_table
from finisher.findings import (
    ActiveManifest,
    FileAudit,
    Finding,
    Ingredient,
    MarkFinding,
    PolicyAudit,
    Status,
    TrustList,
    Verdict,
)
from finisher.problems import Problem, Where
from finisher.report.audit_schema import audit_schema
from finisher.report.document import audit_document
from finisher.report.html import audit_html
from finisher.report.junit import audit_junit
from finisher.report.sarif import audit_sarif
from finisher.report.text import audit_text

jsonschema = pytest.importorskip("jsonschema", reason="validates documents where it is installed")

TEXT = {"type": "string", "minLength": 1}
MESSAGE = {
    "type": "object",
    "properties": {"text": TEXT},
    "required": ["text"],
    "additionalProperties": False,
}
LEVEL = {"enum": ["none", "note", "warning", "error"]}


def closed(properties, *required):
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def several(items, **more):
    return {"type": "array", "items": items, **more}


LOCATION = closed(
    {"uri": {"type": "string", "pattern": r"^[A-Za-z0-9._~/%!$&'()*+,;=@-]+$"}}, "uri"
)
# The parts of SARIF 2.1.0 (OASIS standard, sections 3.8 to 3.58) that an audit uses, closed: what
# is not named here must not be there.
SARIF = closed(
    {
        "$schema": {"type": "string", "format": "uri"},
        "version": {"const": "2.1.0"},
        "runs": several(
            closed(
                {
                    "tool": closed(
                        {
                            "driver": closed(
                                {
                                    "name": TEXT,
                                    "semanticVersion": TEXT,
                                    "rules": several(
                                        closed({"id": TEXT, "shortDescription": MESSAGE}, "id"),
                                        uniqueItems=True,
                                    ),
                                },
                                "name",
                            )
                        },
                        "driver",
                    ),
                    "invocations": several(
                        closed(
                            {
                                "executionSuccessful": {"type": "boolean"},
                                "toolExecutionNotifications": several(
                                    closed({"level": LEVEL, "message": MESSAGE}, "message")
                                ),
                            },
                            "executionSuccessful",
                        )
                    ),
                    "columnKind": {"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
                    "artifacts": several(
                        closed(
                            {
                                "location": LOCATION,
                                "length": {"type": "integer", "minimum": -1},
                                "hashes": {"type": "object", "additionalProperties": TEXT},
                            }
                        ),
                        uniqueItems=True,
                    ),
                    "results": several(
                        closed(
                            {
                                "ruleId": TEXT,
                                "ruleIndex": {"type": "integer", "minimum": -1},
                                "level": LEVEL,
                                "message": MESSAGE,
                                "locations": several(
                                    closed(
                                        {
                                            "physicalLocation": closed(
                                                {"artifactLocation": LOCATION}, "artifactLocation"
                                            )
                                        }
                                    )
                                ),
                                "partialFingerprints": {
                                    "type": "object",
                                    "additionalProperties": {"type": "string"},
                                },
                                # A property bag: section 3.8.
                                "properties": closed({"watermarks": several(TEXT)}),
                            },
                            "message",
                        )
                    ),
                },
                "tool",
            ),
            minItems=1,
        ),
    },
    "version",
    "runs",
)
COUNTS = {"tests", "failures", "errors"}
# What build servers' JUnit schema (Jenkins' junit-10.xsd) knows of the elements an audit uses:
# attributes asked for, further ones allowed, and children.
JUNIT = {
    "testsuites": ({"name"}, COUNTS, {"testsuite"}),
    "testsuite": ({"name", *COUNTS}, {"skipped"}, {"testcase"}),
    "testcase": ({"name", "classname"}, set(), {"failure", "skipped", "system-out"}),
    "failure": ({"type", "message"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
    "system-out": (set(), set(), set()),
}

EVIL = (
    "\x1b]0;title\x07\x1b[31mred\x9b2J",
    "\u202egnp.exe\u2066\u200e",
    "]]></failure><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)><!--',
    "</script></style></bdi><svg onload=alert(1)>",
    "{{ 7*7 }}{% raw %}",
    "\udc80\ud800\ufffe\uffff\ufdd0\x00\x7f\x85\u2028\u2029\xad",
    "[click](https://evil.example/) javascript:alert(1)",
    "[bold red]rich[/] :skull:",
    "line\r\nline\n##[error]x\n::set-output name=a::b",
    "A" * 1_000_000,
)
STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\xad\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)

hostile = st.one_of(
    st.sampled_from(EVIL[:-1]),
    st.text(st.characters(exclude_categories=()), max_size=40),
    st.lists(st.sampled_from(EVIL[:-1]), max_size=3).map("".join),
)


def filled(text: str) -> FileAudit:
    """An audit with a text in every place that a file, or a manifest in it, can fill."""
    part = Ingredient(
        *(text, 1, text, (text,), (text, "signingCredential.untrusted")),
        source_rechecked="same",
        issuer=text,
        source_type=text,
        generator=text,
        anchor=text,
        sha256=made.sha("a"),
    )
    finding = Finding(
        "actions", Status.FAILED, text, codes=(text,), promised={text: [text]}, measured=text
    )
    return FileAudit(
        name=text or "x",
        bytes=1,
        sha256=made.sha("b"),
        verdict=Verdict.TAMPERED,
        checks=(
            finding,
            replace(finding, status=Status.WARNED),
            replace(finding, status=Status.NOT_CHECKED),
            replace(finding, id=text or "x"),
        ),
        active=ActiveManifest(text, text, text, text, text, text, False, text, (text,)),
        ingredients=(part, replace(part, depth=2), replace(part, depth=2, manifest=None)),
        watermarks=(MarkFinding(text, text, text, text),),
        labels={"aigc": text},
        not_checked=(text,),
        policies=(PolicyAudit(text, text, "2026-01-01", True, (text,), (finding,)),),
    )


def trust_list(text: str) -> TrustList:
    return TrustList(text, made.sha("c"), text, 1)


class Elements(HTMLParser):
    """What a page is made of."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.attributes = set(), set()
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}


def fits_junit(text):
    root = ET.fromstring(text)  # noqa: S314
    assert root.tag == "testsuites"
    for element in root.iter():
        asked, more, children = JUNIT[element.tag]
        assert asked <= set(element.attrib) <= asked | more, element.tag
        assert {child.tag for child in element} <= children
        assert all(element.attrib[name].isdigit() for name in COUNTS & set(element.attrib))
    return root


def strictly(schema):
    """The schema with nothing allowed that it does not name."""
    if isinstance(schema, list):
        return [strictly(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    made_strict = {key: strictly(value) for key, value in schema.items()}
    if "properties" in schema:
        made_strict["additionalProperties"] = False
    return made_strict


def fits_audit(document):
    jsonschema.Draft202012Validator(strictly(audit_schema())).validate(document)


def test_the_audit_schema_is_one_and_documents_fit_it():
    jsonschema.Draft202012Validator.check_schema(audit_schema())
    audits = [made.audit(), filled("x"), FileAudit("a", 0, "", Verdict.UNREADABLE, ())]
    document = audit_document(audits, [trust_list("c2pa")])
    fits_audit(document)
    for member in ("schema", "files", "trust_lists"):
        broken = copy.deepcopy(document)
        del broken[member]
        with pytest.raises(jsonschema.ValidationError):
            fits_audit(broken)


@pytest.mark.parametrize("text", EVIL, ids=range(len(EVIL)))
def test_known_attacks_survive_nowhere(text, capsys):
    check_everywhere(text, capsys)


@given(text=hostile)
@settings(max_examples=12)
def test_no_text_survives_that_steers(text):
    check_everywhere(text)


def check_everywhere(text, capsys=None):
    audit = filled(text)
    shown = audit_text([audit], [trust_list(text)])
    assert not STEERING.search(shown)
    assert max(map(len, shown.splitlines())) < 2000
    # Every line of a text begins as its writer meant it: nothing forges a build server's command.
    assert not re.search(r"^(##\[|::)", shown, re.MULTILINE)
    xml = audit_junit([audit])
    assert not STEERING.search(xml)
    fits_junit(xml.encode())
    sarif = audit_sarif([audit], "1.0")
    assert not STEERING.search(sarif)
    document = json.loads(sarif)
    jsonschema.Draft202012Validator(SARIF).validate(document)
    assert "](" not in json.dumps([r["message"] for r in document["runs"][0]["results"]])
    page = audit_html([audit], [trust_list(text)], text, text)
    assert not STEERING.search(page)
    plain = Elements(audit_html([filled("x")], [trust_list("x")], "x", "x"))
    found = Elements(page)
    assert found.tags <= plain.tags
    assert found.attributes <= plain.attributes
    assert len(page) < 200_000  # nothing of a megabyte comes through
    told = audit_document([audit], [trust_list(text)])
    fits_audit(told)
    assert len(json.dumps(told)) < 60 * (1 << 16) * 6
    stream = StringIO()
    show_table(text, (text,), ((text,),), stream)
    problem = Problem("a-problem", text, Where(text.replace("\0", "")[:99], text), hint=text)
    show_problems([problem], stream)
    assert not STEERING.search(stream.getvalue())
    assert len(stream.getvalue()) < 100_000
    if capsys is not None:
        capsys.readouterr()
        put(told)
        out = capsys.readouterr().out
        assert not STEERING.search(out)
        assert json.loads(out) == told


def test_good_and_bad_audits_fit_what_build_servers_know():
    audits = [made.audit(), filled("x"), FileAudit("a", 0, "", Verdict.UNREADABLE, ())]
    root = fits_junit(audit_junit(audits))
    assert next(suite.get("name") for suite in root) == made.audit().name
    jsonschema.Draft202012Validator(SARIF).validate(json.loads(audit_sarif(audits, "1.0.0")))


def test_a_chain_of_any_depth_is_drawn():
    chain = tuple(replace(made.audit().ingredients[0], depth=n + 1) for n in range(3000))
    audit = replace(made.audit(), ingredients=chain)
    page = audit_html([audit], [], "1", "2026-01-01")
    assert page.count("<details") == 3000
    assert audit_text([audit])
