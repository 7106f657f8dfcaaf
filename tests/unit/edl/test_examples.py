"""Edit lists kept as examples: right ones read, wrong ones say exactly what their file says."""

from __future__ import annotations

from pathlib import Path

import pytest

from finisher.edl.read import read
from finisher.problems import DocumentError

EXAMPLES = Path(__file__).parents[2] / "examples"
POSITIVE = sorted((EXAMPLES / "positive").glob("*.json"))
NEGATIVE = sorted((EXAMPLES / "negative").glob("*.json"))


@pytest.mark.parametrize("path", POSITIVE, ids=lambda path: path.stem)
def test_right_edit_lists_read(path: Path) -> None:
    timeline = read(path)
    assert timeline.length > 0
    for part in (*timeline.items, *timeline.takes, *timeline.layers, *timeline.sessions):
        assert part.where is not None
        assert part.where.line is not None


@pytest.mark.parametrize("path", NEGATIVE, ids=lambda path: path.stem)
def test_wrong_edit_lists_are_told_what_is_wrong(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(path.parent)
    with pytest.raises(DocumentError) as error:
        read(Path(path.name))
    expected = path.with_suffix(".problems").read_text(encoding="utf-8")
    assert f"{error.value}\n" == expected


def test_there_are_examples_of_both() -> None:
    assert len(POSITIVE) >= 3
    assert len(NEGATIVE) >= 8
