from __future__ import annotations

import copy
import json
import pickle

import pytest

from finisher.problems import (
    DocumentError,
    Exit,
    FinisherError,
    MachineError,
    MediaError,
    PolicyError,
    Problem,
    RenderError,
    Severity,
    Where,
    listed,
    nearest,
)


@pytest.mark.parametrize(
    ("where", "text"),
    [
        (Where("edl.json", "/events/0/in", 9, 19), "edl.json:9:19: /events/0/in"),
        (Where("edl.json", "", 9), "edl.json:9:1"),
        (Where("edl.json", "/events"), "edl.json: /events"),
        (Where("a.mp4"), "a.mp4"),
    ],
)
def test_a_place_reads_as_editors_expect(where: Where, text: str) -> None:
    assert str(where) == text


def test_a_problem_is_one_line_with_place_and_hint() -> None:
    problem = Problem("bad-time", "no such frame", Where("edl.json", "/a", 2, 3), "use 12")
    assert str(problem) == "edl.json:2:3: /a: no such frame (use 12)"
    assert str(Problem("x", "alone")) == "alone"
    assert str(Problem("x", "alone", hint="do")) == "alone (do)"


def test_a_problem_as_json_keeps_every_part() -> None:
    problem = Problem("x", "m", Where("f", "/p", 1, 2), "h", Severity.NOTE)
    assert json.loads(json.dumps(problem.as_json())) == {
        "code": "x",
        "severity": "note",
        "message": "m",
        "hint": "h",
        "where": {"file": "f", "pointer": "/p", "line": 1, "column": 2},
    }
    assert Problem("x", "m").as_json()["where"] is None


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (DocumentError, Exit.USAGE),
        (MediaError, Exit.MEDIA),
        (RenderError, Exit.RENDER),
        (PolicyError, Exit.POLICY),
        (MachineError, Exit.ENVIRONMENT),
        (FinisherError, Exit.BUG),
    ],
)
def test_errors_lead_to_their_exit_and_travel_whole(kind: type[FinisherError], code: Exit) -> None:
    problems = [Problem("a", "one", Where("f"), "h"), Problem("b", "two")]
    for error in (kind(iter(problems)), kind(problems)):
        for found in (error, pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301
            assert type(found) is kind
            assert found.exit is code
            assert list(found.problems) == problems
            assert str(found) == "f: one (h)\ntwo"


def test_exit_codes_are_the_ones_scripts_know() -> None:
    assert [int(code) for code in Exit] == [0, 1, 2, 3, 4, 5, 6, 70, 130]


def test_the_nearest_word_is_offered_and_no_far_one() -> None:
    words = ["social916", "yt169", "web-hero"]
    assert nearest("social961", words) == "did you mean 'social916'?"
    assert nearest("zzzz", words) is None
    assert nearest("x", []) is None


def test_many_names_are_counted_where_they_end() -> None:
    assert listed([], 2) == ""
    assert listed(["a", "b"], 2) == "a, b"
    assert listed(["a", "b", "c", "d"], 2) == "a, b and 2 more"
