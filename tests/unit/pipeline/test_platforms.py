from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from tests.unit.compliance.shown import AI, audit

from finisher.canonical import digest
from finisher.cli import options
from finisher.compliance.shelf import find
from finisher.pipeline.names import Destination
from finisher.pipeline.platforms import NO_RULES, Rules, judged, rules, write_publication
from finisher.pipeline.settings import Settings
from finisher.problems import DocumentError

TODAY = date(2026, 11, 21)


def settings(tmp_path: Path, policies: str = "") -> Settings:
    return Settings(tmp_path, tmp_path, policies=policies)


def test_a_run_knows_what_is_asked_and_every_platform(tmp_path: Path) -> None:
    found = rules(tmp_path / "edl.json", settings(tmp_path, "eu,india"))
    assert [policy.id for policy in found.asked] == ["eu", "india"]
    assert {"youtube", "tiktok", "meta"} <= {policy.id for policy in found.platforms}
    assert judged(audit(AI), found).policies[0].id == "eu"
    assert judged(audit(AI), NO_RULES) == audit(AI)


def test_an_unknown_policy_stops_a_run_before_it_begins(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        rules(tmp_path / "edl.json", settings(tmp_path, "europe"))
    assert caught.value.problems[0].code == "unknown-policy"


def test_what_is_published_lies_beside_the_film(tmp_path: Path) -> None:
    place = Destination(tmp_path / "film.v2.mp4")
    write_publication(audit(AI), "social916", Rules(TODAY, (), (find("youtube"),)), place)
    document = json.loads((tmp_path / "film.v2.publish.json").read_text(encoding="utf-8"))
    assert document["platforms"][0]["fields"][0]["value"] is True
    assert place.publish in place.files
    assert place.files[-1] == place.media


def test_a_run_is_known_again_until_a_page_says_something_else() -> None:
    youtube, eu = find("youtube"), find("eu")
    run = Rules(TODAY, (eu,), (youtube,))
    assert run.until == datetime.combine(youtube.stale_from, datetime.min.time(), UTC)
    same = replace(run, today=TODAY + timedelta(days=1))
    assert digest(same.parts) == digest(run.parts)
    stale = replace(run, today=youtube.stale_from)
    assert digest(stale.parts) != digest(run.parts)
    ahead = replace(run, asked=(replace(eu, checked=TODAY + timedelta(days=9)),))
    assert ahead.until == datetime.combine(TODAY + timedelta(days=8), datetime.min.time(), UTC)
    elsewhere = replace(run, asked=(replace(eu, path="elsewhere/eu.toml"),))
    assert digest(elsewhere.parts) == digest(run.parts)
    other = replace(run, asked=(replace(eu, summary="other"),))
    assert digest(other.parts) != digest(run.parts)
    assert NO_RULES.until is None
    assert replace(run, today=date(2040, 1, 1)).until is None


def test_the_command_line_carries_the_list_and_no_draft_is_held_to_it() -> None:
    words = options.parse(["render", "edl.json", "--policy", "eu,ours/house.toml"])
    assert options.settings(words).policies == "eu,ours/house.toml"
    with pytest.raises(DocumentError, match="--draft with --policy"):
        options.parse(["render", "edl.json", "--draft", "--policy", "eu"])
