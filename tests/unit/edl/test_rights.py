from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from finisher.edl.days import day
from finisher.edl.read import read
from finisher.edl.rights import USES
from finisher.timeline import Release, Timeline


def timeline(folder: Path, **more: Any) -> Timeline:
    """An edit list with some keys more, as it reads."""
    value = {
        "schema": "finisher/edl@1",
        "rate": 24,
        "canvas": {"width": 64, "height": 64},
        "takes": {"a": {"file": "a.mp4"}},
        "events": [{"take": "a", "in": 0, "out": 24}],
    }
    path = folder / "edl.json"
    path.write_text(json.dumps(value | more), encoding="utf-8")
    return read(path)


def test_who_says_nothing_asks_for_everything_and_says_nothing_to_machines(tmp_path: Path) -> None:
    made = timeline(tmp_path)
    assert made.release == Release("*", ("worldwide",), None)
    assert (made.consent, made.training) == (None, ())


def test_a_release_is_for_something_somewhere_until_a_day(tmp_path: Path) -> None:
    made = timeline(
        tmp_path,
        consent="papers/log.csv",
        release={"scope": "social", "territories": ["DE", "EU", "DE"], "until": "2027-12-31"},
    )
    assert made.release == Release("social", ("DE", "EU"), date(2027, 12, 31))
    assert (made.release.where and made.release.where.pointer) == "/release"
    assert made.consent == str(tmp_path / "papers" / "log.csv")


def test_voices_are_persons_as_faces_are(tmp_path: Path) -> None:
    layer = {"file": "vo.wav", "role": "dialogue", "cameos": ["ana", "bo", "ana"]}
    assert timeline(tmp_path, audio=[layer]).layers[0].cameos == ("ana", "bo")


def test_an_edit_may_say_that_a_model_made_a_file(tmp_path: Path) -> None:
    takes = {"a": {"file": "a.mp4", "generated": True}, "b": {"file": "b.mp4"}}
    layer = {"file": "vo.wav", "role": "dialogue"}
    made = timeline(tmp_path, takes=takes, audio=[layer | {"generated": True}, layer])
    assert [take.generated for take in made.takes] == [True, False]
    assert [layer.generated for layer in made.layers] == [True, False]


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("notAllowed", [(use, "notAllowed", "") for use in USES]),
        ({"constrained": "ask us"}, [(use, "constrained", "ask us") for use in USES]),
        (
            {"data_mining": "allowed", "ai_training": {"constrained": "ask us"}},
            [("ai_training", "constrained", "ask us"), ("data_mining", "allowed", "")],
        ),
        ({}, []),
    ],
)
def test_what_machines_may_do(said: Any, meant: list[tuple[str, str, str]], tmp_path: Path) -> None:
    assert timeline(tmp_path, training=said).training == tuple(meant)


@pytest.mark.parametrize(
    "text", ["", "2027-1-1", "2027-02-29", "20270101", "2027-01-01T00", "٢٠٢٧-01-01", "2027-W01-1"]
)
def test_days_are_written_in_one_way(text: str) -> None:
    assert day("2028-02-29") == date(2028, 2, 29)
    assert day(text) is None
