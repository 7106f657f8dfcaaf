"""Calibrations: bounds that statistics demand, and documents that are read again or refused."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from finisher.problems import DocumentError
from finisher.watermark.calibration import (
    RULE,
    Calibration,
    TakeTried,
    Tried,
    is_one,
    once,
    read,
    upper_bound,
)


def made(found: int = 3, rule: str = RULE) -> Calibration:
    one = TakeTried("a.mp4", "ab" * 32, True, Tried(40_000, found), Tried(0, 0))
    other = TakeTried("b.mp4", "cd" * 32, False, Tried(40_000, 0), Tried(4, 0))
    return Calibration("ef" * 32, rule, (one, other))


def written(path: Path, calibration: Calibration) -> Path:
    path.write_text(json.dumps(calibration.document()))
    return path


def test_none_of_many_is_the_rule_of_three() -> None:
    assert upper_bound(0, 100_000) == pytest.approx(1 - 0.05 ** (1 / 100_000), rel=1e-6)
    assert upper_bound(0, 100_000) == pytest.approx(3 / 100_000, rel=0.01)  # ln 20 is 2.996


@given(st.integers(1, 400), st.data())
@settings(max_examples=25, deadline=None)
def test_at_the_bound_so_few_are_seen_once_in_twenty(samples: int, data: st.DataObject) -> None:
    found = data.draw(st.integers(0, min(samples - 1, 40)))
    rate = upper_bound(found, samples)
    seen = sum(
        math.comb(samples, k) * rate**k * (1 - rate) ** (samples - k) for k in range(found + 1)
    )
    assert seen == pytest.approx(0.05, rel=1e-5)
    assert rate > found / samples


def test_nothing_and_everything_bound_nothing() -> None:
    assert upper_bound(0, 0) == upper_bound(7, 7) == 1.0
    # Beyond a thousand hits the normal distribution stands in; it must join without a step.
    assert upper_bound(1001, 10_000) == pytest.approx(upper_bound(1000, 10_000), rel=0.01)


def test_a_document_is_read_again(tmp_path: Path) -> None:
    path = written(tmp_path / "c.json", made())
    assert read(path, "ef" * 32) == read(path, None) == made()


def test_its_words_are_one_short_sentence() -> None:
    words = made().words
    assert "3 of 80000 other places" in words
    assert "0 of 4 unmarked tests" in words
    assert len(words) <= 200


def test_takes_without_texture_are_told_and_do_not_count() -> None:
    plain = TakeTried("flat.mp4", "12" * 32, False, Tried(0, 0), Tried(0, 0), plain=True)
    words = Calibration("ef" * 32, RULE, (*made().takes, plain)).words
    assert "on 2 takes (not on 1 without texture)" in words
    assert "3 of 80000" in words


def test_what_was_written_before_there_was_texture_is_read(tmp_path: Path) -> None:
    document = json.loads(json.dumps(made().document()))
    for take in document["measured"]["takes"]:
        del take["plain"]
    path = tmp_path / "c.json"
    path.write_text(json.dumps(document))
    assert read(path, "ef" * 32) == made()


def test_one_is_known_whatever_it_was_made_for() -> None:
    document = made(rule="score > 0.1").document()
    assert is_one(json.dumps(document).encode())
    for other in (b"", b"{", b"\xff", b'{"schema": "finisher/edl@1"}', b"[" * 50_000):
        assert not is_one(other)


def test_the_worst_take_is_named() -> None:
    worst = made().worst
    assert worst is not None
    assert worst.name == "a.mp4"
    assert made(0).worst is None


@pytest.mark.parametrize(("template", "rule"), [("00" * 32, RULE), ("ef" * 32, "score > 0.1")])
def test_another_template_or_rule_is_refused(tmp_path: Path, template: str, rule: str) -> None:
    path = written(tmp_path / "c.json", made(rule=rule))
    with pytest.raises(DocumentError) as error:
        read(path, template)
    assert error.value.problems[0].code == "other-calibration"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[" * 50_000,
        json.dumps({"schema": "finisher/calibration@1"}),
        json.dumps({"schema": "finisher/calibration@1", "measured": {"takes": []}}),
        json.dumps(made(50_000).document()),
        json.dumps(
            Calibration(
                "ef" * 32, RULE, (TakeTried("a", "ab" * 32, False, Tried(0, 0), Tried(0, 0)),)
            ).document()
        ),
        " " * (1 << 21),
    ],
)
def test_what_is_no_calibration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "c.json"
    path.write_text(text)
    with pytest.raises(DocumentError) as error:
        read(path, None)
    assert error.value.problems[0].code == "bad-calibration"


def test_a_missing_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError):
        read(tmp_path / "none.json", None)


def changed(name: str) -> dict:
    """A calibration's document that somebody altered."""
    document = json.loads(json.dumps(made().document()))
    takes = document["measured"]["takes"]
    first = takes[0]
    if name == "twice":
        document["measured"]["takes"] = takes * 100
    elif name == "absurd":
        first["elsewhere"]["samples"] = 1 << 40
    elif name == "too many tests":
        takes[1]["unmarked"]["samples"] = 1 << 20
    elif name == "marked and not":
        first["unmarked"]["samples"] = 4
    elif name == "plain and counted":
        first["plain"] = True
    elif name == "nothing":
        for take in takes:
            take["elsewhere"] = take["unmarked"] = {"samples": 0, "found": 0}
    return document


@pytest.mark.parametrize(
    "name",
    ["twice", "absurd", "too many tests", "marked and not", "plain and counted", "nothing"],
)
def test_what_was_never_measured_so_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "c.json"
    path.write_text(json.dumps(changed("")))
    assert read(path, None) == made()
    path.write_text(json.dumps(changed(name)))
    with pytest.raises(DocumentError) as error:
        read(path, None)
    assert error.value.problems[0].code == "bad-calibration"


def test_copies_of_a_take_count_once() -> None:
    first, other = made().takes
    again = replace(first, name="copy.mp4")
    kept = once((first, other, again, replace(again, name="third.mp4")))
    assert kept == (replace(first, copies=("copy.mp4", "third.mp4")), other)
    whole = Calibration("ef" * 32, RULE, kept)
    assert whole.elsewhere == made().elsewhere
    assert "on 2 takes" in whole.words
