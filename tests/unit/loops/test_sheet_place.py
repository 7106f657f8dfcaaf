"""Where `finish loop` puts its sheet, and what it never replaces with one."""

from __future__ import annotations

from argparse import Namespace
from pathlib import Path

import pytest

from finisher.cli.loop import _sheet
from finisher.problems import DocumentError


def words(output: str | None, take: str = "takes/sway.mp4") -> Namespace:
    return Namespace(take=Path(take), output=None if output is None else Path(output))


def test_it_stands_beside_the_take_or_where_it_is_named() -> None:
    assert _sheet(words(None)) == Path("takes/sway.loops.png")
    assert _sheet(words("else/where.PNG")) == Path("else/where.PNG")


@pytest.mark.parametrize("output", ["takes/sway.mp4", "edl.json", "", "sheet"])
def test_what_is_no_sheet_is_not_replaced(output: str) -> None:
    with pytest.raises(DocumentError, match=r"\(-o sway\.loops\.png\)"):
        _sheet(words(output))


def test_a_take_that_is_a_png_is_not_replaced() -> None:
    with pytest.raises(DocumentError):
        _sheet(words("takes/../takes/still.png", "takes/still.png"))
