from __future__ import annotations

import os
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.strategies import timelines

from finisher.canonical import digest, from_json, to_json
from finisher.timeline import Timeline


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Inner:
    at: Fraction
    names: tuple[str, ...]


@dataclass(frozen=True)
class Outer:
    inner: Inner
    pair: tuple[int, float]
    colour: Colour
    data: bytes
    path: Path
    table: dict[str, Inner]
    maybe: Inner | None = None


OUTER = Outer(
    Inner(Fraction(1001, 24000), ("a", "b")),
    (1, 2.5),
    Colour.RED,
    b"\x00\xff",
    Path("a/b"),
    {"k": Inner(Fraction(1), ())},
)


def test_values_survive_the_way_through_json() -> None:
    assert from_json(Outer, to_json(OUTER)) == OUTER


@given(timelines())
def test_a_timeline_has_one_digest(timeline: Timeline) -> None:
    assert digest(timeline) == digest(timeline)


@given(st.dictionaries(st.text(max_size=5), st.integers(), min_size=2, max_size=6))
def test_the_order_of_keys_does_not_count(table: dict[str, int]) -> None:
    turned = dict(reversed(list(table.items())))
    assert digest(table) == digest(turned)


def test_every_field_counts() -> None:
    assert digest(OUTER) != digest(Outer(OUTER.inner, (1, 2.5), Colour.RED, b"", Path("a/b"), {}))


@pytest.mark.parametrize("value", [True, "1", 1.5, None, [1]])
def test_json_of_another_kind_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        from_json(int, value)  # type: ignore[arg-type]


def test_what_has_no_json_form_is_refused() -> None:
    with pytest.raises(TypeError):
        to_json(object())


def test_names_that_are_no_utf_8_have_digests_of_their_own() -> None:
    first, second = (os.fsdecode(name) for name in (b"caf\xe9.mp4", b"caf\xe8.mp4"))
    assert digest([first]) == digest([Path(first)]) != digest([second])
