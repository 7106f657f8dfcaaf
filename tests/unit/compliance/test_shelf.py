from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.compliance import shelf
from finisher.compliance.model import ByHand, Kind, Policy
from finisher.findings import Weight
from finisher.problems import DocumentError, Problem

GOOD = """\
title = "Our house"
kind = "law"
authority = "us"
summary = "We sign what we make."
checked = 2026-11-21
keeps_days = 30

[dates]
2026-01-01 = "asked"

[sources.book]
title = "House rules"
publisher = "us"
url = "https://example.org/rules"
date = "2026"

[checks.signed]
text = "It is signed."
severity = "required"
when = "always"
passes = ["manifest-present"]
"""


@pytest.fixture(autouse=True)
def no_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "finisher.presets.places.platformdirs.user_config_dir",
        lambda *_, **__: str(tmp_path / "nobody"),
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "house.toml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def problems(house: Path, text: str) -> list[Problem]:
    (house / "policies" / "house.toml").write_text(text, encoding="utf-8")
    with pytest.raises(DocumentError) as caught:
        shelf.find("house", house)
    return list(caught.value.problems)


SHIPPED = shelf.everything()


def test_what_is_shipped_reads() -> None:
    found, wrong = SHIPPED
    assert wrong == ()
    assert [policy.id for policy in found] == [
        *("california", "china", "eu", "india", "meta", "new-york", "tiktok", "youtube"),
    ]


@pytest.mark.parametrize("policy", SHIPPED[0], ids=lambda policy: policy.id)
def test_every_shipped_page_can_be_held_against_its_sources(policy: Policy) -> None:
    assert policy.sources
    assert policy.rules
    assert policy.uncertain, "nothing is ever wholly certain"
    assert policy.checked <= date(2026, 11, 30)
    assert policy.keeps.days <= 180
    assert all(date.fromisoformat(day) <= date(2030, 1, 1) for day, _ in policy.dates)
    assert all(
        rule.severity is Weight.ADVISORY for rule in policy.rules if isinstance(rule.ask, ByHand)
    )


def test_each_platform_has_a_field_to_set_and_something_left_to_do() -> None:
    platforms = [policy for policy in SHIPPED[0] if policy.kind is Kind.PLATFORM]
    fields = {policy.id: [flag.field for flag in policy.flags] for policy in platforms}
    assert fields == {
        "meta": ["is_ai_generated"],
        "tiktok": ["post_info.is_aigc"],
        "youtube": ["status.containsSyntheticMedia"],
    }
    assert all(any(isinstance(r.ask, ByHand) for r in p.rules) for p in platforms)


def test_ones_own_come_first_and_files_are_found_by_path(house: Path) -> None:
    own = house / "policies" / "eu.toml"
    own.write_text(GOOD, encoding="utf-8")
    assert shelf.find("eu", house).title == "Our house"
    assert shelf.find("eu").title != "Our house"
    assert shelf.find(str(own)).id == "eu"
    assert "house" in shelf.names(house)
    assert own in shelf.files(house)
    assert Path("far/away.toml") in shelf.files(house, "eu, far/away.toml")


def test_a_list_of_names_gives_each_once(house: Path) -> None:
    found = shelf.named(" eu, youtube ,eu,", house)
    assert [policy.id for policy in found] == ["eu", "youtube"]
    assert shelf.named("", house) == ()


def test_every_unknown_name_is_told_with_the_nearest(house: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        shelf.named("yotube,eu,../eu", house)
    first, second = caught.value.problems
    assert first.code == second.code == "unknown-policy"
    assert "youtube" in (first.hint or "")
    assert "california" in (second.hint or "")
    assert caught.value.exit == 2


def test_two_policies_of_one_name_are_refused(house: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        shelf.named(f"eu,{_written(house / 'mine', GOOD)}", house)
    assert [problem.code for problem in caught.value.problems] == ["policy-twice"]
    shipped = Path(shelf.find("eu").path)
    again = f"eu,{shipped.parent / '..' / shipped.parent.name / shipped.name}"
    assert len(shelf.named(again, house)) == 1


def _written(folder: Path, text: str) -> Path:
    folder.mkdir()
    path = folder / "eu.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("line", "instead", "code", "at"),
    [
        ('title = "Our house"', "", "missing-key", 1),
        ("keeps_days = 30", "keep_days = 30", "unknown-key", 6),
        ("checked = 2026-11-21", 'checked = "2026-11-21"', "not-a-date", 5),
        ("checked = 2026-11-21", "checked = 2026-11-21T10:00:00", "not-a-date", 5),
        ('2026-01-01 = "asked"', 'soon = "asked"', "not-a-date", 8),
        ('"https://example.org/rules"', '"javascript:alert(1)"', "not-an-address", 14),
        ("[checks.signed]", "[checks.Signed]", "not-a-name", 17),
        ('["manifest-present"]', '["manifest-presen"]', "unknown-word", 21),
        ('passes = ["manifest-present"]', "", "misfit", 17),
        ('passes = ["manifest-present"]', 'by_hand = "see"', "misfit", 19),
        ('passes = ["manifest-present"]', 'carries = ["c2pa"]\nleast = 2', "misfit", 22),
        ('when = "always"', 'when = "allways"', "unknown-word", 20),
        ('when = "always"', 'carries = ["c2pa"]', "misfit", 17),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    house: Path, line: str, instead: str, code: str, at: int
) -> None:
    assert GOOD.count(line) == 1
    found = problems(house, GOOD.replace(line, instead))
    told = [(problem.code, problem.where.line if problem.where else None) for problem in found]
    assert (code, at) in told, found


def test_only_platforms_have_fields(house: Path) -> None:
    flag = '\n[flags.ai]\nfield = "a"\napi = "b"\nsetting = "c"\ntext = "d"\n'
    assert [problem.code for problem in problems(house, GOOD + flag)] == ["misfit"]


def test_a_file_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        shelf.find(str(tmp_path / "none.toml"))
    assert caught.value.problems[0].code == "policy-missing"
    with pytest.raises(DocumentError) as caught:
        shelf.find(str(tmp_path / "No Name.toml"))
    assert caught.value.problems[0].code == "not-a-name"


def test_the_schema_knows_every_key_that_is_shipped() -> None:
    schema = shelf.policy_schema()
    known = schema["properties"]
    assert isinstance(known, dict)
    assert {"title", "checks", "sources", "flags", "dates"} <= set(known)


VALUES = ("1", '""', '"eu"', "[]", "{}", "[1]", "true", "1.5", "2026-11-21", '["c2pa"]', "{a = 1}")


@given(
    st.lists(st.tuples(st.integers(0, 40), st.sampled_from(VALUES)), max_size=3),
    st.sets(st.integers(0, 40), max_size=3),
)
def test_a_spoilt_page_is_read_or_refused_with_its_place(
    changes: list[tuple[int, str]], gone: set[int]
) -> None:
    lines = GOOD.splitlines()
    for number, value in changes:
        key, equals, _ = lines[number % len(lines)].partition(" = ")
        if equals:
            lines[number % len(lines)] = f"{key} = {value}"
    text = "\n".join(line for n, line in enumerate(lines) if n not in gone)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "house.toml"
        path.write_text(text, encoding="utf-8")
        refused: tuple[Problem, ...] = ()
        try:
            assert shelf.find(str(path)).rules
        except DocumentError as error:
            refused = tuple(error.problems)
    assert all(problem.where is not None for problem in refused)
