from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.provenance.plans import plan, promises

from finisher.promises import PromisedRelease, Promises
from finisher.provenance.promised import from_assertion, to_assertion

DIGEST = st.text("0123456789abcdef", min_size=64, max_size=64)
RELEASE = st.builds(
    PromisedRelease,
    st.text(min_size=1, max_size=9),
    st.lists(st.sampled_from(["DE", "EU", "worldwide"]), min_size=1, max_size=3).map(tuple),
    st.none() | st.dates().map(lambda day: day.isoformat()),
    st.just("") | DIGEST,
    st.booleans(),
)
LABELS = st.lists(st.text(max_size=9), max_size=3).map(tuple)


def peopled(people: tuple[str, ...], release: PromisedRelease | None) -> Promises:
    made = promises(plan())
    first, *rest = made.takes
    return replace(made, takes=(replace(first, people=people), *rest), release=release)


@given(
    st.lists(DIGEST, min_size=1, max_size=3, unique=True).map(tuple),
    RELEASE,
    LABELS,
    st.none() | st.text(max_size=9),
)
@settings(max_examples=30)
def test_what_is_promised_of_persons_and_labels_comes_back(
    people: tuple[str, ...], release: PromisedRelease, labels: tuple[str, ...], kind: str | None
) -> None:
    made = replace(peopled(people, release), aigc=labels, source_type=kind)
    assert from_assertion(json.loads(json.dumps(to_assertion(made)))) == made


def test_a_file_with_nothing_to_say_of_them_says_nothing() -> None:
    data = to_assertion(promises(plan()))
    assert {"release", "aigc", "source_type"}.isdisjoint(data)
    assert all("people" not in take for take in data["takes"])
    older = from_assertion(data)
    assert (older.release, older.aigc, older.source_type) == (None, (), None)


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (("takes", 0, "people"), ["ana"]),
        (("takes", 0, "people"), ["A" * 64]),
        (("takes", 0, "people"), ["a" * 64] * 2),
        (("takes", 0, "people"), "a" * 64),
        (("takes", 0, "people"), [1]),
        (("takes", 0, "people"), []),
        (("release",), None),
        (("release",), []),
        (("release", "scope"), ""),
        (("release", "scope"), "x" * 101),
        (("release", "territories"), []),
        (("release", "territories"), ["de"]),
        (("release", "territories"), ["DE"] * 301),
        (("release", "until"), "2027-02-30"),
        (("release", "until"), 20270101),
        (("release", "log"), "x" * 64),
        (("release", "log"), None),
        (("release", "linked"), "yes"),
        (("aigc",), "label"),
        (("aigc",), [""] * 1001),
        (("source_type",), 7),
    ],
)
def test_what_can_not_be_meant_is_refused(place: tuple[str | int, ...], value: Any) -> None:
    release = PromisedRelease("social", ("DE",), "2027-01-01", "b" * 64)
    data: Any = json.loads(json.dumps(to_assertion(peopled(("a" * 64,), release))))
    assert from_assertion(data)
    *path, last = place
    part = data
    for key in path:
        part = part[key]
    part[last] = value
    with pytest.raises(ValueError, match="promises"):
        from_assertion(data)


def test_a_release_without_persons_is_none() -> None:
    with pytest.raises(ValueError, match="go together"):
        from_assertion(to_assertion(peopled((), PromisedRelease("*", ("DE",), None, ""))))
