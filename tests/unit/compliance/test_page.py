from __future__ import annotations

import re
import tomllib
from pathlib import Path

from finisher.compliance.meaning import policy_of
from finisher.compliance.model import Policy
from finisher.compliance.shelf import everything

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "policies.md").read_text(encoding="utf-8")


def test_the_page_names_every_shipped_policy_and_field() -> None:
    found, _ = everything()
    assert [p.id for p in found if f"| `{p.id}` |" not in PAGE] == []
    assert [f.field for p in found for f in p.flags if f"`{f.field}`" not in PAGE] == []


def test_the_page_says_when_they_were_read() -> None:
    found, _ = everything()
    assert {f"{p.checked.day} {p.checked:%B %Y}" for p in found} == {
        *re.findall(r"sources on (\d+ \w+ \d+)", PAGE)
    }


def test_the_pages_example_reads() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert isinstance(policy_of("house", tomllib.loads(example)), Policy)
