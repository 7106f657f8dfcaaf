from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from tests.unit.compliance.shown import AI, CAMERA, COMPOSITE, audit, source

from finisher.compliance.judge import held
from finisher.compliance.model import Kind, Policy
from finisher.compliance.shelf import everything, find
from finisher.findings import FileAudit, Status, Verdict
from finisher.report.publish import publish_document
from finisher.report.publish_schema import publish_schema

TODAY = date(2026, 11, 21)
PLATFORMS = tuple(policy for policy in everything()[0] if policy.kind is Kind.PLATFORM)
SHOT = audit(COMPOSITE, sources=(source(CAMERA),), verdict=Verdict.INTACT)


def published(found: FileAudit, today: date = TODAY) -> dict[str, Any]:
    document = publish_document(found, "social916", PLATFORMS, today)
    read = json.loads(json.dumps(document))
    assert read["schema"] == "finisher/publish@1"
    assert "not legal advice" in read["disclaimer"]
    assert isinstance(read, dict)
    return read


def fields(document: dict[str, Any]) -> dict[str, bool | None]:
    return {one["field"]: one["value"] for p in document["platforms"] for one in p["fields"]}


@pytest.mark.parametrize(
    ("found", "part", "value"),
    [
        (audit(AI), "yes", True),
        (audit(COMPOSITE, sources=(source(AI),)), "yes", True),
        (SHOT, "no", False),
        (audit(CAMERA), "unknown", None),
        (audit(COMPOSITE, sources=(source(None),)), "unknown", None),
    ],
)
def test_each_platforms_field_follows_what_the_file_says(
    found: FileAudit, part: str, value: bool | None
) -> None:
    document = published(found)
    assert document["ai"]["part"] == part
    assert document["ai"]["because"]
    assert fields(document) == {
        "status.containsSyntheticMedia": value,
        "post_info.is_aigc": value,
        "is_ai_generated": value,
    }


def test_what_is_left_to_do_is_listed_by_hand() -> None:
    todo = {one["id"]: one["by"] for p in published(audit(AI))["platforms"] for one in p["todo"]}
    assert todo["youtube/disclose"] == todo["tiktok/disclose"] == "upload"
    assert todo["meta/disclose"] == "upload"


def test_what_does_not_apply_is_neither_missing_nor_to_do() -> None:
    document = published(SHOT)
    listed = [one["id"] for p in document["platforms"] for k in ("todo", "missing", "open")
              for one in p[k]]  # fmt: skip
    assert "youtube/disclose" not in listed
    assert "youtube/signal" not in listed


def test_a_missing_signal_is_told_and_an_open_one_too() -> None:
    stripped = audit(COMPOSITE, sources=(source(AI),))
    (tiktok,) = [p for p in published(stripped)["platforms"] if p["id"] == "tiktok"]
    assert [one["id"] for one in tiktok["missing"]] == ["tiktok/signal"]
    (tiktok,) = [
        p for p in published(audit(verdict=Verdict.ABSENT))["platforms"] if p["id"] == "tiktok"
    ]
    assert [one["id"] for one in tiktok["open"]] == ["tiktok/signal"]


def test_a_stale_page_is_warned_about() -> None:
    for one in published(audit(AI))["platforms"]:
        assert (one["stale"], one["remark"]) == (False, None)
    for one in published(audit(AI), TODAY + timedelta(days=3650))["platforms"]:
        assert one["stale"] is True
        assert "look again" in one["remark"]


def test_policies_asked_for_are_told_once() -> None:
    asked: list[Policy] = [find("eu"), find("youtube")]
    document = published(held(audit(AI), asked, TODAY))
    assert [one["id"] for one in document["policies"]] == ["eu"]
    assert {one["id"] for one in document["policies"][0]["todo"]} == {
        "eu/watermark", "eu/deep-fake",
    }  # fmt: skip


def test_people_and_their_consent_are_told() -> None:
    assert published(audit(AI))["people"] == {"named": False, "consent": None}
    found = audit(AI, checks={"consent": Status.PASSED})
    assert published(found)["people"] == {"named": True, "consent": "passed"}


def test_a_hostile_title_does_no_harm() -> None:
    document = published(audit(COMPOSITE, sources=(source(AI, title="a\x1b[2Jb\n"),)))
    assert "\x1b" not in json.dumps(document, ensure_ascii=False)


KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str, "integer": int, "boolean": bool, "null": type(None), "array": list,
    "object": dict,
}  # fmt: skip


def holds(value: object, schema: dict[str, Any], at: str = "") -> None:
    """As much of JSON Schema as ours uses; keys it does not name are refused as well."""
    assert "const" not in schema or value == schema["const"], at
    assert "enum" not in schema or value in schema["enum"], at
    kinds = schema.get("type", [*KINDS])
    kinds = kinds if isinstance(kinds, list) else [kinds]
    assert any(isinstance(value, KINDS[kind]) for kind in kinds), at
    if isinstance(value, dict):
        assert set(schema["properties"]) >= set(value) >= set(schema.get("required", ())), at
        for key, member in value.items():
            holds(member, schema["properties"][key], f"{at}/{key}")
    if isinstance(value, list):
        for member in value:
            holds(member, schema["items"], f"{at}/*")


@pytest.mark.parametrize(
    "found",
    [
        audit(AI, iptc=AI, aigc="1"),
        SHOT,
        audit(verdict=Verdict.ABSENT),
        audit(AI, checks={"consent": Status.FAILED}),
    ],
)
def test_what_is_published_is_as_its_schema_says(found: FileAudit) -> None:
    schema = publish_schema()
    holds(published(held(found, [find("china"), find("eu")], TODAY)), schema)
    with pytest.raises(AssertionError):
        holds({**published(found), "more": 1}, schema)


def test_a_text_of_any_length_is_shortened() -> None:
    long = replace(PLATFORMS[0], title="T" * 1_000_000, uncertain=("U" * 1_000_000,))
    found = replace(held(audit(AI), [replace(find("eu"), title="E" * 1_000_000)], TODAY), name="n")
    document = publish_document(found, "small", [long], TODAY)
    assert len(json.dumps(document)) < 60_000  # three texts of ten thousand, and all the others
    assert json.dumps(document).count("E\\u2026") == 1
