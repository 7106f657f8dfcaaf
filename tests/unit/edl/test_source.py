"""The strict JSON reader: agrees with the standard library, refuses more, and knows its places."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.strategies import json_values

from finisher.edl.source import MAX_BYTES, MAX_DEPTH, Source, pointer_to, scan
from finisher.problems import DocumentError, Problem


def read(text: str) -> Source:
    return scan(text.encode(), "a.json")


def refused(text: str | bytes) -> Problem:
    with pytest.raises(DocumentError) as error:
        scan(text if isinstance(text, bytes) else text.encode(), "a.json")
    (problem,) = error.value.problems
    return problem


def pointers(value: Any, at: str = "") -> Iterator[tuple[str, Any]]:
    yield at, value
    if isinstance(value, dict | list):
        members = value.items() if isinstance(value, dict) else enumerate(value)
        for key, member in members:
            yield from pointers(member, pointer_to(at, key))


@settings(max_examples=150)
@given(json_values(), st.sampled_from([None, 0, 1, "\t"]), st.booleans())
def test_agrees_with_the_standard_library(value: Any, indent: Any, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    assert read(text).value == json.loads(text)


@settings(max_examples=100)
@given(json_values(), st.sampled_from([None, 1]))
def test_every_value_is_found_where_it_stands(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    source = read(text)
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    decoder = json.JSONDecoder()
    for pointer, member in pointers(value):
        place = source.where(pointer)
        assert place.line is not None
        assert place.column is not None
        offset = starts[place.line - 1] + place.column - 1
        assert decoder.raw_decode(text, offset)[0] == member


@settings(max_examples=200)
@given(st.text(alphabet="{}[]\",:0123456789.-+eEtrufalsn \n\\/'#x", max_size=30))
def test_accepts_nothing_the_standard_library_refuses(text: str) -> None:
    try:
        expected = json.loads(text)
    except ValueError:
        problem = refused(text)
        assert problem.where is not None
        assert problem.where.line is not None
        return
    # What the library takes may still be refused: NaN, keys given twice.
    with contextlib.suppress(DocumentError):
        source = read(text)
        assert source.problems or source.value == expected


def test_keys_and_values_have_their_own_places() -> None:
    source = read('{\n  "a/b": {"~": [1,\n    "é", 2]}}')
    assert str(source.where_key("/a~1b")) == "a.json:2:3: /a~1b"
    assert str(source.where("/a~1b")) == "a.json:2:10: /a~1b"
    assert str(source.where("/a~1b/~0/1")) == "a.json:3:5: /a~1b/~0/1"
    assert str(source.where("/a~1b/~0/2")) == "a.json:3:10: /a~1b/~0/2"
    assert str(source.where_key("/a~1b/~0/2")) == "a.json:3:10: /a~1b/~0/2"
    assert str(source.where("/a~1b/~0/3")) == "a.json: /a~1b/~0/3"
    assert str(source.where("/nowhere/at/all")) == "a.json: /nowhere/at/all"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_in_three_ways(ending: str) -> None:
    assert str(read(f'{{{ending}{ending}"a": 1}}').where("/a")) == "a.json:3:6: /a"


def test_repeated_keys_are_all_reported_and_the_first_counts() -> None:
    source = read('{"a": 1,\n "b": {"c": 1, "c": {"d": 2}},\n "a": 3}')
    assert source.value == {"a": 1, "b": {"c": 1}}
    assert [str(problem) for problem in source.problems] == [
        "a.json:2:16: /b/c: the key 'c' is given twice (first on line 2)",
        "a.json:3:2: /a: the key 'a' is given twice (first on line 1)",
    ]
    assert str(source.where("/b/c")) == "a.json:2:13: /b/c"


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        ("", "1:1", "the document ends where a value was expected"),
        ("  \n ", "2:2", "the document ends where a value was expected"),
        ("{", "1:2", "ends inside an object"),
        ('{"a"', "1:5", "expected a colon"),
        ('{"a" 1}', "1:6", "expected a colon"),
        ('{"a": }', "1:7", "expected a value"),
        ('{"a": 1 "b": 2}', "1:9", "expected a comma or }"),
        ('{"a": 1,}', "1:8", "no comma before the closing }"),
        ("[1, 2,\n]", "1:6", "no comma before the closing ]"),
        ("[1 2]", "1:4", "expected a comma or ]"),
        ("[1", "1:3", "the document ends"),
        ('{"a": 1} x', "1:10", "text after the end"),
        ("{'a': 1}", "1:2", "double quotes"),
        ("{a: 1}", "1:2", "double quotes"),
        ("[1, // one\n 2]", "1:5", "no comments"),
        ("[1 # one\n]", "1:4", "no comments"),
        ("[NaN]", "1:2", "NaN"),
        ("[Infinity]", "1:2", "Infinity"),
        ("[-Infinity]", "1:2", "too large, or not a number"),
        ("[1e999]", "1:2", "too large"),
        ("[True]", "1:2", "true"),
        ("[01]", "1:2", "not a JSON number"),
        ("[1.]", "1:2", "not a JSON number"),
        ("[.5]", "1:2", "begins with a digit"),
        ("[+1]", "1:2", "leading +"),
        ("[-]", "1:2", "minus sign"),
        ("[nullx]", "1:6", "expected a comma"),
        ('["abc', "1:2", "no closing quote"),
        ('["a\nb"]', "1:4", "line break"),
        ('["a\\qb"]', "1:4", "backslash"),
        ('["\\u12"]', "1:3", "backslash"),
        ('["\\ud800"]', "1:2", "half a surrogate pair"),
        ("[" + "9" * 5000 + "]", "1:2", "too many digits"),
        ("[١]", "1:2", "expected a value"),
        ('{"' + "k" * 300 + '": 1}', "1:2", "a key of 300 characters"),
    ],
)
def test_syntax_is_refused_at_its_place(text: str, place: str, words: str) -> None:
    problem = refused(text)
    assert problem.code == "syntax"
    assert str(problem).startswith(f"a.json:{place}: ")
    assert words in str(problem)


def test_byte_order_marks_and_other_encodings_are_refused() -> None:
    assert refused(b"\xef\xbb\xbf{}").code == "byte-order-mark"
    assert refused("{}".encode("utf-16")).code == "byte-order-mark"
    problem = refused(b'{"a":\n "\xff"}')
    assert (problem.code, str(problem.where)) == ("not-utf-8", "a.json:2:3")


def test_deep_nesting_is_refused_without_exhausting_the_stack() -> None:
    assert read("[" * MAX_DEPTH + "]" * MAX_DEPTH).value is not None
    for text in ("[" * (MAX_DEPTH + 1), "[" * 1_000_000, '{"a":' * 500_000):
        assert "nested more than" in str(refused(text))


def test_large_documents_are_refused() -> None:
    assert refused(b" " * (MAX_BYTES + 1)).code == "document-too-large"


def test_time_grows_with_the_text_and_no_faster() -> None:
    def seconds(events: int) -> float:
        event = {"id": "e", "take": "t", "in": 24, "focus": [0.42, 0.5]}
        data = json.dumps({"events": [event] * events}, indent=1).encode()
        best = 60.0
        for _ in range(3):
            start = time.process_time()
            scan(data, "a.json")
            best = min(best, time.process_time() - start)
        return best

    # Four times the text in far less than the sixteen times a quadratic reader would take.
    assert seconds(4000) < 10 * seconds(1000)
