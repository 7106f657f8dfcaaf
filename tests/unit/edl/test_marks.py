"""Watermarks of an edit list: seen in their places, jumping, hidden, and none at all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from finisher.edl.marks import weights
from finisher.edl.read import read
from finisher.edl.schema import json_schema
from finisher.event import Event
from finisher.geometry import Box, Fit, Raster
from finisher.problems import DocumentError, Problem
from finisher.timeline import Carrier, Dwell, Timeline

CORNER = {"kind": "visible", "box": [10, 20, 30, 40]}
JUMPING = {
    "kind": "visible",
    "track": [
        {"from": 0, "to": "1s", "box": [0, 0, 30, 40]},
        {"from": 36, "box": [90, 50.5, 31, 39]},
    ],
}
HIDDEN = {"kind": "invisible", "detector": "dwt", "payload": "0xB3"}
SPOKEN = {"kind": "sound", "detector": "seal"}

Reads = Callable[[dict[str, Any]], Timeline]


def document(marks: dict[str, Any] | None, carries: Any = None, **event: Any) -> dict[str, Any]:
    take = {"file": "a.mp4"} | ({} if carries is None else {"watermark": carries})
    return {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": 1920, "height": 1080},
        "takes": {"a": take, "b": {"file": "b.mp4"}},
        "events": [{"take": "a", "out": 48} | event],
    } | ({} if marks is None else {"watermarks": marks})


@pytest.fixture
def reads(tmp_path: Path) -> Reads:
    def call(value: dict[str, Any]) -> Timeline:
        path = tmp_path / "edl.json"
        path.write_text(json.dumps(value), encoding="utf-8")
        return read(path)

    return call


def refused(reads: Reads, value: dict[str, Any]) -> list[Problem]:
    with pytest.raises(DocumentError) as error:
        reads(value)
    return list(error.value.problems)


def test_a_mark_that_stands_still_stands_there_for_good(reads: Reads) -> None:
    mark = CORNER | {"may_lose": "a test card", "calibration": "marks/corner.json"}
    (found,) = reads(document({"corner": mark}, "corner")).marks
    assert found.places == (Dwell(0, None, Box.of(10, 20, 30, 40)),)
    assert (found.may_lose, found.scan) == ("a test card", False)
    assert found.calibration is not None
    assert found.calibration.endswith("/marks/corner.json")


def test_a_mark_that_jumps_has_its_places_in_order(reads: Reads) -> None:
    (found,) = reads(document({"m": JUMPING}, "m")).marks
    first, second = found.places
    assert (first.start, first.end, second.start, second.end) == (0, 24, 36, None)
    assert found.box == first.box == Box.of(0, 0, 30, 40)
    assert second.box.y * 2 == 101


def test_a_mark_that_is_scanned_for_has_no_places_yet(reads: Reads) -> None:
    scan = {"kind": "visible", "track": "scan", "template": "m.png"}
    (found,) = reads(document({"m": scan}, "m")).marks
    assert (found.scan, found.places, found.box) == (True, (), Box.of(0, 0, 0, 0))
    (sized,) = reads(document({"m": scan | {"size": [64, 16]}}, "m")).marks
    assert sized.box == Box.of(0, 0, 64, 16)


def test_hidden_marks_are_kept_apart_from_those_that_are_seen(reads: Reads) -> None:
    hidden = HIDDEN | {
        "canvas": {"width": 1025, "height": 768},
        "options": {"weights": "w/model.pt", "key": "7"},
    }
    marks = {"c": CORNER, "h": hidden, "s": SPOKEN | {"may_lose": "dubbed"}}
    line = reads(document(marks, ["h", "c", "s"]))
    take, other = line.takes
    assert (take.marks, take.hidden) == (("c",), ("h", "s"))
    picture, sound = line.hidden
    assert (picture.detector, picture.payload, picture.carrier) == ("dwt", "10110011", "picture")
    assert picture.canvas == Raster(1025, 768)
    assert (picture.options[0], picture.options[1][0]) == (("key", "7"), "weights")
    (path,) = weights(picture)
    assert path.endswith("/w/model.pt")
    assert Path(path).is_absolute()
    assert (sound.carrier, sound.payload, sound.may_lose) == (Carrier.SOUND, "", "dubbed")
    assert line.hidden_mark("s") == sound
    assert (take.marks_told, other.marks_told) == (True, False)


@pytest.mark.parametrize(
    ("marks", "carries", "told"),
    [
        (None, None, (False, False)),
        (None, [], (True, False)),
        ({}, None, (True, True)),
        ({"c": CORNER}, None, (False, False)),
        ({"c": CORNER}, "c", (True, False)),
    ],
)
def test_what_is_told_of_a_take_is_told_by_it_or_for_all(
    reads: Reads, marks: dict[str, Any] | None, carries: Any, told: tuple[bool, bool]
) -> None:
    assert tuple(take.marks_told for take in reads(document(marks, carries)).takes) == told


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text("01", min_size=1, max_size=96))
def test_a_payload_reads_as_its_bits_in_either_form(reads: Reads, bits: str) -> None:
    for written in ({"payload": bits}, {"payload": f"0x{int(bits, 2):x}", "bits": len(bits)}):
        (found,) = reads(document({"m": HIDDEN | written}, "m")).hidden
        assert found.payload == bits


def test_an_event_keeps_marks_of_its_take_in_sight(reads: Reads) -> None:
    line = reads(document({"c": CORNER}, "c", keep_visible=["c", "c"], fit="widen"))
    (event,) = line.items
    assert isinstance(event, Event)
    assert (event.keep_visible, event.fit) == (("c",), Fit.WIDEN)


TRACK: dict[str, Any] = {"kind": "visible"}
ONE = {"from": 0, "to": 10, "box": [0, 0, 8, 8]}


@pytest.mark.parametrize(
    ("mark", "code", "pointer"),
    [
        ({"kind": "visible"}, "mark-place", ""),
        (CORNER | JUMPING, "mark-place", ""),
        (CORNER | {"size": [1, 1]}, "size-of-scan", "/size"),
        (CORNER | {"detector": "x"}, "unknown-key", "/detector"),
        (CORNER | {"box": [0, 0, 0, 1]}, "empty-box", "/box"),
        (CORNER | {"calibration": "/etc/x"}, "path-absolute", "/calibration"),
        ({"kind": "seen", "box": [0, 0, 1, 1]}, "unknown-word", "/kind"),
        (TRACK | {"track": "look"}, "unknown-word", "/track"),
        (TRACK | {"track": "scan"}, "scan-template", "/track"),
        (TRACK | {"track": []}, "wrong-length", "/track"),
        (TRACK | {"track": [ONE | {"to": 0}]}, "empty-range", "/track/0/to"),
        (TRACK | {"track": [ONE | {"to": 0.5}]}, "float-time", "/track/0/to"),
        (TRACK | {"track": [ONE | {"box": [0, 0, 8]}]}, "wrong-length", "/track/0/box"),
        (TRACK | {"track": [ONE | {"box": [0, 0, 8, 0]}]}, "empty-box", "/track/0/box"),
        (TRACK | {"track": [ONE, ONE]}, "track-order", "/track/1"),
        (
            TRACK | {"track": [{"from": 0, "box": [0, 0, 8, 8]}, ONE | {"from": 5}]},
            "track-order",
            "/track/1",
        ),
        (
            TRACK | {"track": [ONE, {"from": 10, "box": [0, 0, 10, 8]}]},
            "track-size",
            "/track/1/box",
        ),
        (HIDDEN | {"payload": "102"}, "not-a-payload", "/payload"),
        (HIDDEN | {"payload": "0x"}, "not-a-payload", "/payload"),
        (HIDDEN | {"payload": "101", "bits": 4}, "payload-length", "/bits"),
        (HIDDEN | {"bits": 7}, "payload-length", "/bits"),
        ({"kind": "invisible", "detector": "x", "bits": 7}, "payload-length", "/bits"),
        ({"kind": "sound"}, "missing-key", ""),
        (HIDDEN | {"canvas": {"width": 63, "height": 64}}, "mark-canvas", "/canvas"),
        (HIDDEN | {"canvas": {"width": 8192, "height": 8193}}, "mark-canvas", "/canvas"),
        (SPOKEN | {"canvas": {"width": 8, "height": 8}}, "unknown-key", "/canvas"),
        (SPOKEN | {"options": {"weights": "../w.pt"}}, "path-outside", "/options/weights"),
    ],
)
def test_what_is_refused_of_a_mark(
    reads: Reads, mark: dict[str, Any], code: str, pointer: str
) -> None:
    (problem,) = refused(reads, document({"m": mark}, "m"))
    assert problem.where is not None
    assert (problem.code, problem.where.pointer) == (code, f"/watermarks/m{pointer}")


@pytest.mark.parametrize("size", [(64, 64), (8192, 8192), (16384, 4096)])
def test_canvases_as_large_as_pictures_are(reads: Reads, size: tuple[int, int]) -> None:
    width, height = size
    mark = HIDDEN | {"canvas": {"width": width, "height": height}}
    assert reads(document({"m": mark}, "m")).hidden[0].canvas == Raster(width, height)


def test_boxes_of_one_mark_may_be_measured_a_pixel_apart(reads: Reads) -> None:
    track = [ONE, {"from": 10, "box": [0, 0, 9, 7]}]
    assert len(reads(document({"m": TRACK | {"track": track}}, "m")).marks[0].dwells) == 2


@pytest.mark.parametrize(
    ("event", "code", "pointer"),
    [
        ({"keep_visible": ["d"]}, "unknown-watermark", "/events/0/keep_visible/0"),
        ({"keep_visible": ["c", "h"]}, "unknown-watermark", "/events/0/keep_visible/1"),
        ({"keep_visible": "c"}, "wrong-type", "/events/0/keep_visible"),
        ({"fit": "widen"}, "widen-alone", "/events/0/fit"),
        ({"take": "b", "keep_visible": ["c"]}, "unknown-watermark", "/events/0/keep_visible/0"),
    ],
)
def test_what_can_not_be_kept_in_sight(
    reads: Reads, event: dict[str, Any], code: str, pointer: str
) -> None:
    marks = {"c": CORNER, "d": CORNER, "h": HIDDEN}
    (problem,) = refused(reads, document(marks, ["c", "h"], **event))
    assert problem.where is not None
    assert (problem.code, problem.where.pointer) == (code, pointer)


def test_a_damaged_mark_is_told_once_and_the_rest_is_judged(reads: Reads) -> None:
    marks = {"c": CORNER | {"box": 5}, "j": JUMPING | {"may_lose": 5}, "h": HIDDEN | {"bits": "x"}}
    wrong = refused(reads, document(marks, ["c", "j", "h", "x"], keep_visible=["c"]))
    assert [(p.code, p.where.pointer if p.where else "") for p in wrong] == [
        ("unknown-watermark", "/takes/a/watermark"),
        ("wrong-type", "/watermarks/c/box"),
        ("wrong-type", "/watermarks/j/may_lose"),
        ("wrong-type", "/watermarks/h/bits"),
    ]


def test_the_schema_publishes_each_kind_with_its_own_keys() -> None:
    definitions: Any = json_schema()["$defs"]
    kinds = {
        name: definitions[name]["properties"]["kind"]["const"]
        for name in ("VisibleDoc", "InvisibleDoc", "SoundMarkDoc")
    }
    assert list(kinds.values()) == ["visible", "invisible", "sound"]
    assert "box" not in definitions["InvisibleDoc"]["properties"]
    assert "canvas" not in definitions["SoundMarkDoc"]["properties"]
    assert definitions["DwellDoc"]["required"] == ["from", "box"]
    assert "widen" in definitions["EventDoc"]["properties"]["fit"]["enum"]


def test_the_schema_takes_what_the_reader_takes() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    judge = jsonschema.Draft202012Validator(json_schema())
    for mark in (CORNER, JUMPING, HIDDEN, SPOKEN, TRACK | {"track": "scan", "template": "m.png"}):
        assert judge.is_valid(document({"m": mark}, "m", keep_visible=["m"]))
    for mark in (TRACK, CORNER | JUMPING, CORNER | {"detector": "x"}, HIDDEN | {"payload": "2"}):
        assert not judge.is_valid(document({"m": mark}, "m"))


@pytest.mark.parametrize("reason", ["", "  ", "\t\n", "\u00a0", "\u200b"])
def test_a_reason_of_blanks_is_none(reads: Reads, reason: str) -> None:
    marks = {"c": CORNER | {"may_lose": reason}, "h": HIDDEN | {"may_lose": reason}}
    wrong = refused(reads, document(marks, ["c", "h"], may_crop=reason))
    assert {(p.code, p.where.pointer) for p in wrong if p.where is not None} == {
        ("wrong-length", "/watermarks/c/may_lose"),
        ("wrong-length", "/watermarks/h/may_lose"),
        ("wrong-length", "/events/0/may_crop"),
    }


def test_a_mark_that_is_named_twice_is_carried_once(reads: Reads) -> None:
    line = reads(document({"c": CORNER, "h": HIDDEN}, ["c", "h", "c", "h"]))
    assert (line.takes[0].marks, line.takes[0].hidden) == (("c",), ("h",))
