"""Sound as edit lists ask for it: sound apart from its picture, layers that fit, places found."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finisher.edl.read import read
from finisher.event import Event, NativeSound
from finisher.problems import DocumentError, Problem
from finisher.timeline import Filling, Layer, Timeline

Read = Callable[..., Timeline]
FRAME = 2_000


def _item(keys: dict[str, Any]) -> dict[str, Any]:
    """A gap as it is, a freeze or an event of take `a`, two seconds long unless it says so."""
    if "gap" in keys:
        return keys
    return {"take": "a", **keys} if "freeze" in keys else {"take": "a", "out": 48, **keys}


@pytest.fixture
def reads(tmp_path: Path) -> Read:
    """An edit of some items, and layers of dialogue."""

    def call(*items: dict[str, Any], audio: tuple[dict[str, Any], ...] = ()) -> Timeline:
        document = {
            "schema": "finisher/edl@1",
            "rate": "24",
            "canvas": {"width": 1920, "height": 1080},
            "takes": {"a": {"file": "a.mp4"}, "b": {"file": "b.mp4"}},
            "events": [_item(keys) for keys in items],
            "audio": [{"file": "vo.wav", "role": "dialogue", **keys} for keys in audio],
        }
        path = tmp_path / "edl.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        return read(path)

    return call


def wrong(reads: Read, *items: dict[str, Any], audio: tuple[dict[str, Any], ...] = ()) -> Problem:
    with pytest.raises(DocumentError) as error:
        reads(*items, audio=audio)
    (problem,) = error.value.problems
    return problem


def cuts(timeline: Timeline) -> list[tuple[int, int]]:
    return [(item.j_cut, item.l_cut) for item in timeline.items if isinstance(item, Event)]


def test_sound_may_be_heard_before_and_after_its_picture(reads: Read) -> None:
    found = reads({"l_cut": 12}, {"j_cut": "0.25s", "l_cut": "00:00:00:06"}, {"gap": 24}, {})
    assert cuts(found) == [(0, 24_000), (12_000, 12_000), (0, 0)]


def test_it_may_reach_all_over_what_is_before_and_after_and_no_further(reads: Read) -> None:
    assert cuts(reads({"out": 12, "l_cut": 24}, {"out": 24}, {"j_cut": 24})) == [
        (0, 24 * FRAME),
        (0, 0),
        (24 * FRAME, 0),
    ]
    for problem, pointer, words in (
        (wrong(reads, {"out": 12}, {"j_cut": 13}), "/events/1/j_cut", "before the cut"),
        (wrong(reads, {"l_cut": 13}, {"out": 12}), "/events/0/l_cut", "after the cut"),
        (wrong(reads, {}, {"gap": 2}, {"j_cut": 3}), "/events/2/j_cut", "which has 4000"),
    ):
        assert problem.code == "split-too-long"
        assert problem.where is not None
        assert problem.where.pointer == pointer
        assert words in problem.message


def test_a_length_in_frames_is_taken_whatever_sample_its_frames_begin_on(reads: Read) -> None:
    """At 30000/1001 twelve frames last 19,219 or 19,220 samples, by where they lie."""
    document = {
        "schema": "finisher/edl@1",
        "rate": "30000/1001",
        "canvas": {"width": 1920, "height": 1080},
        "takes": {"a": {"file": "a.mp4"}},
        "events": [{"take": "a", "out": 12 - (i == 0), "j_cut": 11 * (i > 0)} for i in range(20)],
    }
    path = Path(reads({}).path)
    path.write_text(json.dumps(document), encoding="utf-8")
    assert len(read(path).items) == 20


@pytest.mark.parametrize(
    "items", [({}, {"j_cut": 4, "transition": {}}), ({"l_cut": 4}, {"transition": {}})]
)
def test_not_across_a_transition(reads: Read, items: tuple[dict[str, Any], ...]) -> None:
    soft = {"transition": {"kind": "dissolve", "frames": 4}}
    items = tuple({**keys, **(soft if "transition" in keys else {})} for keys in items)
    assert wrong(reads, *items).code == "split-transition"


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"l_cut": 4, "sound": "mute"}, "the event is silent"),
        ({"l_cut": 4, "freeze": 24}, "the event is silent"),
        ({"l_cut": 4, "id": "gone"}, "is replaced"),
        ({"l_cut": 4, "sound": "replace", "id": "gone"}, "is replaced"),
        ({"l_cut": 4, "speed": 2}, "take's speed"),
        ({"l_cut": 4, "speed": -1}, "take's speed"),
        ({"l_cut": 4, "extend": {"frames": 4, "with": "hold"}}, "extended by"),
        ({"l_cut": 4, "loop": {"times": 2, "seam": "pingpong"}}, "backwards"),
    ],
)
def test_not_of_what_is_silent_at_the_cut(reads: Read, keys: dict[str, Any], words: str) -> None:
    problem = wrong(reads, keys, {}, audio=({"replaces": ["gone"]},) if "id" in keys else ())
    assert problem.code == "split-silent"
    assert words in problem.message


def test_a_stretched_event_and_the_start_of_an_extended_one_may_be_heard_apart(
    reads: Read,
) -> None:
    found = reads(
        {},
        {"j_cut": 4, "l_cut": 4, "speed": "24/25", "sound": "stretch"},
        {"j_cut": 4, "extend": {"frames": 4, "with": "hold"}},
        {"j_cut": 4, "loop": {"times": 2, "seam": "pingpong"}},
    )
    assert [j for j, _ in cuts(found)] == [0, 8_000, 8_000, 8_000]


def test_replaced_sound_has_a_layer_in_its_place(reads: Read) -> None:
    found = reads({"id": "x", "sound": "replace"}, audio=({"replaces": ["x"]},))
    (event,) = found.items
    assert isinstance(event, Event)
    assert event.sound.native is NativeSound.REPLACE
    assert wrong(reads, {"id": "x", "sound": "replace"}).code == "replace-alone"


def test_a_frozen_picture_may_have_room_tone(reads: Read) -> None:
    tone = {"room_tone": True, "gain_db": -3}
    (event,) = reads({"freeze": 12, "sound": tone}).items
    assert isinstance(event, Event)
    assert (event.sound.native, event.sound.room_tone) == (NativeSound.MUTE, "a")


def layer(reads: Read, **keys: Any) -> Layer:
    (found,) = reads({"id": "x"}, audio=(keys,)).layers
    return found


@pytest.mark.parametrize(
    ("keys", "fit", "length"),
    [
        ({}, Filling.NONE, None),
        ({"loop": True}, Filling.LOOP, None),
        ({"loop": True, "fit": "loop", "length": "1s"}, Filling.LOOP, 48_000),
        ({"fit": "none", "loop": False}, Filling.NONE, None),
        ({"fit": "trim", "length": 12}, Filling.TRIM, 24_000),
        ({"fit": "pad"}, Filling.PAD, None),
        ({"fit": "stretch", "length": "00:00:01:00"}, Filling.STRETCH, 48_000),
    ],
)
def test_how_a_layer_comes_to_its_length(
    reads: Read, keys: dict[str, Any], fit: Filling, length: int | None
) -> None:
    found = layer(reads, **keys)
    assert (found.fit, found.length) == (fit, length)


def test_automation_is_counted_in_samples(reads: Read) -> None:
    points = [{"at": 0, "gain_db": 0}, {"at": "0.5s", "gain_db": -6.5}, {"at": 24, "gain_db": 3}]
    found = layer(reads, automation=points)
    assert found.automation == ((0, 0.0), (24_000, -6.5), (48_000, 3.0))


@pytest.mark.parametrize(
    ("align", "samples"),
    [("native", 48_000), ({"to": "native"}, 48_000), ({"to": "native", "within": 12}, 24_000)],
)
def test_a_layers_place_may_be_found(reads: Read, align: object, samples: int) -> None:
    assert layer(reads, align=align, replaces=["x"], fit="trim").align == samples


def test_it_is_looked_for_around_its_event_unless_it_says_where(reads: Read) -> None:
    keys = {"replaces": ["x"], "align": "native"}
    items = ({"out": 30}, {"gap": 10}, {"id": "x"})
    (found,) = reads(*items, audio=(keys,)).layers
    assert found.at == 40 * FRAME
    (found,) = reads(*items, audio=({**keys, "at": "1s"},)).layers
    assert found.at == 48_000
    (found,) = reads(*items, audio=({"replaces": ["x"]},)).layers
    assert found.at == 0


def test_where_a_layer_cant_be_read_what_it_replaces_is_not_told_too(reads: Read) -> None:
    audio = ({"replaces": ["x"], "gain_db": "loud"},)
    assert wrong(reads, {"id": "x", "sound": "replace"}, audio=audio).code == "wrong-type"
