from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finisher.canonical import Json
from finisher.edl.rewrite import with_members
from finisher.edl.source import scan

TEXT = """{
  "events": [
    {"id": "a",   "in": 0, "out": 48,
     "loop": {"times": 2, "seam": "auto"}, "x-note": "é, \\u00e9"},
    {}
  ]
}
"""


def changed(pointer: str, text: str = TEXT, **members: Json) -> str:
    return with_members(text, scan(text.encode(), "edl.json"), pointer, members)


def test_values_are_replaced_where_they_stand_and_nothing_else_is_touched() -> None:
    found = changed("/events/0", out=36, loop={"times": 2, "seam": "cut"})
    assert found == TEXT.replace("48", "36").replace('"auto"', '"cut"')


def test_what_was_not_there_comes_first() -> None:
    assert '{"duration": 9, "id": "a",' in changed("/events/0", duration=9)
    assert '    {"in": 3, "out": 4}\n' in changed("/events/1", **{"in": 3, "out": 4})


def test_what_is_no_object_can_have_no_members() -> None:
    with pytest.raises(KeyError):
        changed("/events/0/in", a=1)
    with pytest.raises(KeyError):
        changed("/events/7", a=1)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-99, 99) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text(max_size=4), JSON, max_size=5),
    st.dictionaries(st.text(max_size=4), JSON, max_size=4),
    st.sampled_from([None, 2]),
)
def test_the_document_is_what_setting_the_members_makes_it(
    whole: dict[str, Json], members: dict[str, Json], indent: int | None
) -> None:
    text = json.dumps({"a": [1, whole]}, indent=indent, ensure_ascii=False)
    found = with_members(text, scan(text.encode(), "f"), "/a/1", members)
    assert json.loads(found) == {"a": [1, whole | members]}
