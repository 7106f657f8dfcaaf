from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.acceptance.studio import Ran, build, finish

NAME = "edl.tiny.mp4"


@pytest.fixture(scope="module")
def delivered(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Ran]:
    """A project of generated takes, finished and held against two policies."""
    folder = build(tmp_path_factory.mktemp("policies") / "otters")
    return folder, finish(folder, "edl.json", "--json", "--policy", "eu,youtube")


def policies(ran: Ran) -> dict[str, dict[str, str]]:
    """What each policy's checks came to."""
    document = ran.document
    audits = [one["audit"] for one in document.get("deliverables", [])] or [document]
    found = audits[0]["files"][0]["policies"]
    return {one["id"]: {c["id"]: c["status"] for c in one["checks"]} for one in found}


def test_an_export_is_held_against_what_was_asked(delivered: tuple[Path, Ran]) -> None:
    folder, ran = delivered
    assert ran.code == 0, ran.err
    asked = policies(ran)
    assert asked["eu"]["eu/marking"] == "passed"
    assert asked["eu"]["eu/deep-fake"] == "not-checked"
    assert asked["youtube"]["youtube/disclose"] == "not-checked"
    page = (folder / "edl.tiny.report.html").read_text(encoding="utf-8")
    assert "eu/marking" in page
    assert "not legal advice" in page


def test_what_platforms_ask_lies_beside_it(delivered: tuple[Path, Ran]) -> None:
    folder, ran = delivered
    path = folder / "edl.tiny.publish.json"
    assert Path(ran.document["deliverables"][0]["publish"]).name == path.name
    told = json.loads(path.read_text(encoding="utf-8"))
    assert told["ai"]["part"] == "yes"
    fields = {one["field"]: one["value"] for p in told["platforms"] for one in p["fields"]}
    assert fields == {
        "status.containsSyntheticMedia": True,
        "post_info.is_aigc": True,
        "is_ai_generated": True,
    }
    assert [one["id"] for one in told["policies"]] == ["eu"]


def test_it_is_put_back_where_it_was_spoilt(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    path = folder / "edl.tiny.publish.json"
    whole = path.read_bytes()
    path.write_text("{}", encoding="utf-8")
    ran = finish(folder, "edl.json", "--json", "--policy", "eu,youtube")
    assert ran.document["deliverables"][0]["known"] is True
    assert path.read_bytes() == whole


def test_a_required_check_that_fails_is_no_delivery(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "edl.json", "--json", "--policy", "china", "-o", "abroad/")
    assert ran.code == 1
    assert policies(ran)["china"]["china/implicit"] == "failed"
    left = sorted(path.name for path in (folder / "abroad").iterdir())
    assert left == ["edl.tiny.failed.mp4", "edl.tiny.failed.report.html",
                    "edl.tiny.failed.report.json"]  # fmt: skip
    assert ran.document["deliverables"][0]["publish"] is None


def test_the_gate_asks_the_same(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    ran = finish(folder, "audit", NAME, "--json", "--policy", "eu,china")
    assert (ran.code, ran.document["passed"]) == (1, False)
    assert ran.document["verdict"] == "intact-untrusted"
    assert policies(ran)["eu"]["eu/marking"] == "passed"
    assert policies(ran)["china"]["china/implicit"] == "failed"


@pytest.mark.parametrize("words", [("audit", NAME), ("render", "edl.json")])
def test_an_unknown_policy_is_refused_with_those_there_are(
    words: tuple[str, ...], delivered: tuple[Path, Ran]
) -> None:
    folder, _ = delivered
    ran = finish(folder, *words, "--policy", "yotube")
    assert ran.code == 2
    assert "did you mean 'youtube'" in ran.err


def test_policies_are_listed_and_shown(delivered: tuple[Path, Ran]) -> None:
    folder, _ = delivered
    listed = finish(folder, "policies")
    assert listed.code == 0
    assert "youtube" in listed.out
    assert "not legal advice" in listed.out
    shown = finish(folder, "policies", "eu")
    assert "eu/marking" in shown.out
    assert "Sources" in shown.out
    assert finish(folder, "policies", "eu", "--json").document["id"] == "eu"
    assert finish(folder, "policies", "nowhere").code == 2


def test_one_broken_policy_hides_no_other(delivered: tuple[Path, Ran], tmp_path: Path) -> None:
    del delivered
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "ours.toml").write_text('title = "x"\n', encoding="utf-8")
    ran = finish(tmp_path, "policies")
    assert ran.code == 2
    assert "ours.toml" in ran.err
    assert "youtube" in ran.out
