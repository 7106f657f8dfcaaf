from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from tests.unit.provenance.plans import plan, promises

from finisher.audit.edit import agrees, held_to
from finisher.consent.people import recognisable
from finisher.findings import Status
from finisher.promises import PromisedHidden, PromisedMark, PromisedRelease, Promises
from finisher.timecode import Span


def film(*names: str, sha256: str = "e" * 64, scope: str = "social", log: str = "") -> Promises:
    """The promises of a film that shows some persons."""
    made = replace(promises(plan()), edl_sha256=sha256)
    people = tuple(sorted(recognisable(name, sha256, made.title) for name in names))
    first, *rest = made.takes
    release = PromisedRelease(scope, ("DE",), None, log) if names else None
    return replace(made, takes=(replace(first, people=people), *rest), release=release)


def told(file: Promises, edit: Promises) -> str:
    found = agrees(file, edit)
    return "" if found.status is Status.PASSED else found.detail


def test_a_film_of_other_persons_is_not_the_edits() -> None:
    assert told(film("ana", "bo"), film("bo", "ana")) == ""
    assert told(film("ana"), film("bo")) == "another choice of persons"
    assert "persons" in told(film(), film("ana"))
    assert "persons" in told(film("ana"), film())


def test_an_edit_list_written_anew_is_held_to_how_many_there_are() -> None:
    assert told(film("ana", sha256="a" * 64), film("ana")) == ""
    assert "persons" in told(film("ana", sha256="a" * 64), film("ana", "bo"))


def test_a_film_for_another_release_is_not_the_edits() -> None:
    assert told(film("ana"), film("ana", scope="*")) == "another release"
    assert told(film("ana", log="a" * 64), film("ana", log="b" * 64)) == ""


MARK = PromisedHidden(
    "open", "h", "dwt", "101", "picture", (Span(0, 9),), (1920, 1080),
    (0.0, 0.0, 608.0, 1080.0), (0.0, 0.0, 1080.0, 1920.0), found=True,
)  # fmt: skip


def carrying(*hidden: PromisedHidden, undeclared: tuple[str, ...] = ()) -> Promises:
    return replace(film(), hidden=hidden, undeclared=undeclared)


@pytest.mark.parametrize(
    "change",
    [
        {"payload": "111"},
        {"spans": (Span(0, 8),)},
        {"crop": (2.0, 0.0, 608.0, 1080.0)},
        {"may_lose": "why not"},
        {"found": False},
    ],
)
def test_hidden_marks_are_the_edits(change: dict[str, Any]) -> None:
    assert told(carrying(MARK), carrying(MARK)) == ""
    assert told(carrying(replace(MARK, **change)), carrying(MARK)) == (
        "hidden marks promised otherwise: h on open"
    )
    assert told(carrying(), carrying(MARK)) == "0 hidden marks, where the edit has 1"


def test_whether_a_hidden_mark_was_read_is_left_open_where_one_could_not_look() -> None:
    nobody = replace(MARK, found=False, reason="no weights")
    assert told(carrying(MARK), carrying(nobody)) == told(carrying(nobody), carrying(MARK)) == ""
    near = replace(MARK, crop=(0.004, 0.0, 608.0, 1080.0))
    assert told(carrying(near), carrying(MARK)) == ""


def test_takes_of_which_nothing_is_told_are_the_edits_unless_the_file_is_older() -> None:
    assert told(carrying(undeclared=("a",)), carrying(undeclared=("a",))) == ""
    assert told(carrying(), carrying(undeclared=("a",))) == ""
    assert told(carrying(undeclared=("b", "a")), carrying(undeclared=("a",))) == (
        "told otherwise whether they carry marks: b"
    )


def test_visible_marks_are_the_edits_place_by_place() -> None:
    made = film()
    mark = PromisedMark("open", "m", (Span(0, 5),), (1.0, 2.0, 30.0, 20.0), "", 0.9, 20.0)
    other = replace(mark, spans=(Span(5, 9),), box=(90.0, 2.0, 30.0, 20.0))
    both = replace(made, marks=(mark, other))
    assert told(both, both) == ""
    assert told(replace(made, marks=(mark,)), both) == "1 marks, where the edit has 2"
    late = replace(made, marks=(mark, replace(other, spans=(Span(5, 8),))))
    assert told(late, both) == "marks promised otherwise: m on open"


SHOWN = PromisedMark(
    "open", "m", (Span(0, 5),), (1.0, 2.0, 30.0, 20.0), "a", 0.9, 0.4,
    verified=True, calibration="1 of 900", take_strength=0.5,
)  # fmt: skip


def showing(*marks: PromisedMark) -> Promises:
    return replace(film(), marks=marks)


@pytest.mark.parametrize(
    "change",
    [
        {"verified": False},
        {"source_score": 0.1},
        {"source_strength": 0.0},
        {"source_strength": 0.3},
        {"calibration": "0 of 10 000 000 000"},
        {"calibration": None},
        {"visible": 0.9},
        {"moved": True},
        {"take_strength": 0.1},
    ],
)
def test_what_a_take_shows_of_a_mark_is_not_the_files_to_say(change: dict[str, Any]) -> None:
    forged = showing(replace(SHOWN, **change))
    assert told(forged, showing(SHOWN)) == "marks promised otherwise: m on open"
    assert held_to(forged, showing(SHOWN)).marks == (SHOWN,)


def test_strengths_measured_again_may_differ_by_a_rounding() -> None:
    again = replace(SHOWN, source_strength=0.39, source_score=0.91, take_strength=0.51)
    assert told(showing(SHOWN), showing(again)) == ""


@pytest.mark.parametrize("thousandths", range(-30, 31, 3))
def test_a_file_is_held_to_the_edit_wherever_their_places_agree(thousandths: int) -> None:
    # No multiple of 3 is 10, the limit: on it a float's last digit would decide. The place lies
    # where one decimal is rounded up or down, and files this old are believed whatever they say.
    here = replace(SHOWN, box=(12.05, 2.0, 30.0, 20.0))
    box = (12.05 + thousandths / 1000, 2.0, 30.0, 20.0)
    word = replace(SHOWN, box=box, verified=None, source_strength=0.01)
    near = abs(thousandths) < 10
    assert (told(showing(word), showing(here)) == "") == near
    assert held_to(showing(word), showing(here)).marks == ((here,) if near else (word,))


def test_each_place_of_a_mark_is_held_to_its_own() -> None:
    there = replace(SHOWN, box=(90.0, 2.0, 30.0, 20.0), source_strength=0.7)
    later = replace(SHOWN, spans=(Span(5, 9),), source_strength=0.2)
    edit = showing(SHOWN, there, later)
    forged = [replace(mark, verified=None, source_strength=0.01) for mark in edit.marks]
    assert held_to(showing(*forged), edit).marks == edit.marks


def test_older_files_say_nothing_of_what_their_takes_show() -> None:
    older = replace(SHOWN, verified=None, source_strength=0.3, take_strength=0.0)
    assert told(showing(older), showing(SHOWN)) == ""
    moved = replace(SHOWN, moved=True)
    before = replace(SHOWN, template_sha256="", take_strength=0.0)
    assert told(showing(before), showing(moved)) == ""


def test_a_file_is_held_to_the_edit_where_both_speak_of_the_same() -> None:
    elsewhere = replace(SHOWN, box=(90.0, 2.0, 30.0, 20.0), verified=False)
    edit = replace(showing(SHOWN), templates={"a": b"png"}, hidden=(MARK,), undeclared=("t",))
    file = replace(showing(elsewhere), hidden=(replace(MARK, found=False, reason="gone"),))
    held = held_to(file, edit)
    assert held.marks == (elsewhere,)
    assert held.hidden == (MARK,)
    assert held.templates["a"] == b"png"
    assert held.undeclared == ("t",)
    unread = replace(edit, hidden=(replace(MARK, found=False, reason="no weights"),))
    assert held_to(replace(file, hidden=(MARK,)), unread).hidden == (MARK,)
