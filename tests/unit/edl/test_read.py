"""Reading edit lists: what they come to, and what is said of wrong ones."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.strategies import edl_of, json_values, timelines

from finisher.edl.read import read
from finisher.event import (
    Align,
    Event,
    Extend,
    Gap,
    Loop,
    NativeSound,
    Prolongation,
    Seam,
    Sounding,
    Transition,
    TransitionKind,
)
from finisher.geometry import Box, Fit, Raster
from finisher.look import CDL
from finisher.problems import DocumentError, Exit, Problem
from finisher.timecode import Rate, Span
from finisher.timeline import Deliverable, Duck, Role, Timeline

SMALLEST: dict[str, Any] = {
    "schema": "finisher/edl@1",
    "rate": "24",
    "canvas": {"width": 1920, "height": 1080},
    "takes": {"a": {"file": "takes/scene09_take02.mp4"}, "b": {"file": "b.mp4"}},
    "events": [{"take": "a", "out": 48}],
}

EVERYTHING = [
    json.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parents[2] / "examples/positive").glob("*.json"))
]

Read = Callable[[Any], Timeline]
Refused = Callable[[Any], list[Problem]]


@pytest.fixture
def reads(tmp_path: Path) -> Read:
    def call(document: Any) -> Timeline:
        path = tmp_path / "edl.json"
        text = document if isinstance(document, str) else json.dumps(document, indent=1)
        path.write_text(text, encoding="utf-8")
        return read(path)

    return call


@pytest.fixture
def refused(reads: Read) -> Refused:
    def call(document: Any) -> list[Problem]:
        with pytest.raises(DocumentError) as error:
            reads(document)
        assert error.value.exit is Exit.USAGE
        return list(error.value.problems)

    return call


def with_event(**keys: Any) -> dict[str, Any]:
    """The smallest edit list with its event's keys set otherwise; `start` stands for `in`."""
    document = copy.deepcopy(SMALLEST)
    event = {"in" if key == "start" else key: value for key, value in keys.items()}
    document["events"][0] |= event
    return document


def with_layer(**keys: Any) -> dict[str, Any]:
    document = copy.deepcopy(SMALLEST)
    layer = {"in" if key == "start" else key: value for key, value in keys.items()}
    document["audio"] = [{"file": "vo.wav", "role": "dialogue"} | layer]
    return document


def event_of(timeline: Timeline) -> Event:
    (event,) = timeline.items
    assert isinstance(event, Event)
    return event


def test_the_smallest_edit_list(reads: Read, tmp_path: Path) -> None:
    timeline = reads(SMALLEST)
    assert timeline.title == "edl"
    assert timeline.rate == Rate(Fraction(24))
    assert timeline.canvas == Raster(1920, 1080)
    assert timeline.path == str(tmp_path / "edl.json")
    assert timeline.sha256 == hashlib.sha256((tmp_path / "edl.json").read_bytes()).hexdigest()
    first, second = timeline.takes
    assert (first.path, first.scene) == (str(tmp_path / "takes/scene09_take02.mp4"), "09")
    assert (second.session, second.scene) == (None, None)
    event = event_of(timeline)
    assert (event.id, event.source, event.fit) == ("event-1", Span(0, 48), Fit.COVER)
    assert event.focus == (Fraction(1, 2), Fraction(1, 2))
    assert str(event.where) == f"{tmp_path / 'edl.json'}:17:3: /events/0"


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(timelines())
def test_a_timeline_written_down_reads_as_itself(tmp_path: Path, timeline: Timeline) -> None:
    path = tmp_path / "drawn.json"
    path.write_text(json.dumps(edl_of(timeline)), encoding="utf-8")
    again = read(path)
    for part in ("title", "rate", "canvas", "items", "sessions", "length"):
        assert getattr(again, part) == getattr(timeline, part), part
    assert [take.session for take in again.takes] == [take.session for take in timeline.takes]


def ramped(*keys: tuple[int, str]) -> dict[str, Any]:
    """An event's ramp by its keys."""
    return {"ramp": [{"at": at, "speed": speed} for at, speed in keys]}


@pytest.mark.parametrize(
    ("time", "frame"),
    [(36, 36), ("36f", 36), ("1.5s", 36), ("3/2s", 36), ("00:00:01:12", 36)],
)
def test_times_are_written_in_several_ways(reads: Read, time: Any, frame: int) -> None:
    assert event_of(reads(with_event(out=time))).source == Span(0, frame)


def test_drop_frame_timecode_is_a_label(reads: Read) -> None:
    document = with_event(out="00:01:00;02") | {"rate": "29.97"}
    assert event_of(reads(document)).source == Span(0, 1800)


def test_duration_stands_for_out(reads: Read) -> None:
    document = copy.deepcopy(SMALLEST)
    document["events"] = [{"take": "a", "in": "1s", "duration": "1s"}]
    assert event_of(reads(document)).source == Span(24, 48)


@pytest.mark.parametrize(
    ("text", "speed"),
    [("1/2", Fraction(1, 2)), ("-1", Fraction(-1)), ("0.25", Fraction(1, 4)), (2, Fraction(2))],
)
def test_speeds_are_rational(reads: Read, text: Any, speed: Fraction) -> None:
    assert event_of(reads(with_event(speed=text))).speed == speed


def test_decimal_numbers_of_the_framing_are_exact(reads: Read) -> None:
    focus = event_of(reads(with_event(focus=[0.1, 0.42]))).focus
    assert focus == (Fraction(1, 10), Fraction(42, 100))


@pytest.mark.parametrize(
    ("sound", "meaning"),
    [
        ("mute", Sounding(NativeSound.MUTE)),
        ("duck", Sounding(NativeSound.DUCK)),
        (-6, Sounding(NativeSound.KEEP, -6.0)),
        ({"gain_db": 1.5, "x-why": "thin"}, Sounding(NativeSound.KEEP, 1.5)),
        ({"native": "duck", "depth_db": -4}, Sounding(NativeSound.DUCK, depth_db=-4.0)),
        ({"cut_fade": 0, "room_tone": True}, Sounding(cut_fade=0, room_tone="a")),
        (
            {"native": "mute", "cut_fade": "0.01s", "room_tone": "b"},
            Sounding(NativeSound.MUTE, cut_fade=480, room_tone="b"),
        ),
    ],
)
def test_the_sound_of_an_event(reads: Read, sound: Any, meaning: Sounding) -> None:
    assert event_of(reads(with_event(sound=sound))).sound == meaning


def test_everything_else_of_an_event(reads: Read) -> None:
    document = with_event(
        loop={"until": "10s", "seam": "blend", "frames": 8},
        extend={"frames": 12, "with": "hold"},
        transition={"kind": "wipe", "frames": 6, "align": "start"},
        cdl={"slope": [1, 1.1, 1], "saturation": 0.9},
        strength=0.5,
        look="warm",
        fit="blur-pad",
        may_crop="agreed with the client",
    )
    event = event_of(reads(document))
    assert event.loop == Loop(None, 240, Seam.BLEND, 8)
    assert event.extend == Extend(12, Prolongation.HOLD)
    assert event.transition == Transition(TransitionKind.WIPE, 6, Align.START)
    assert event.cdl == CDL(slope=(1.0, 1.1, 1.0), saturation=0.9)
    assert (event.strength, event.look, event.fit) == (0.5, "warm", Fit.BLUR_PAD)
    assert event.may_crop == "agreed with the client"
    assert event.length == 252


def test_layers_are_counted_in_samples(reads: Read, tmp_path: Path) -> None:
    document = with_layer(
        role="foley",
        at="1s",
        start="1/48000s",
        duration="2s",
        fade_in=12,
        duck={"under": ["dialogue", "foley"], "depth_db": -12, "attack_ms": 100},
        replaces=["event-1"],
    )
    (layer,) = reads(document).layers
    assert (layer.id, layer.path) == ("layer-1", str(tmp_path / "vo.wav"))
    assert layer.role is Role.EFFECTS
    assert (layer.at, layer.source_in, layer.source_out) == (48_000, 1, 96_001)
    assert layer.fade_in == 24_000
    assert layer.duck == Duck((Role.DIALOGUE, Role.EFFECTS), -12.0, attack=4_800)
    assert layer.replaces == ("event-1",)


def test_layers_placed_by_frame_begin_where_the_frame_does(reads: Read) -> None:
    document = with_layer(at=1, fade_in="00:00:00:01") | {"rate": "30000/1001"}
    (layer,) = reads(document).layers
    # 1601.6 samples, rounded half up as every boundary of the programme is.
    assert (layer.at, layer.fade_in) == (1602, 1602)


def test_sessions_marks_gaps_and_deliverables(reads: Read, tmp_path: Path) -> None:
    document = copy.deepcopy(SMALLEST)
    document["takes"] = {
        "a": {"file": "a.mp4", "session": "one", "watermark": "logo", "cameos": ["ana"]},
        "b": {"file": "b.mp4", "session": "two", "watermark": ["logo", "date"], "scene": "7B"},
    }
    document["sessions"] = {"one": {}, "two": {"match": "one", "look": "warm", "strength": 0.8}}
    document["watermarks"] = {
        "logo": {"kind": "visible", "template": "marks/logo.png", "box": [1690, 980, 180, 60]},
        "date": {"kind": "visible", "box": [0.5, 0, 10, 10]},
    }
    document["events"].append({"gap": 24})
    document["deliverables"] = [
        {"preset": "yt169"},
        {"preset": "social916", "video": {"crf": 20}, "raster": [1080, 1350], "x-for": "Bo"},
    ]
    timeline = reads(document)
    assert timeline.take("b").marks == ("logo", "date")
    assert timeline.take("b").scene == "7B"
    assert timeline.take("a").cameos == ("ana",)
    two = timeline.session("two")
    assert two is not None
    assert (two.match, two.look, two.strength) == ("one", "warm", 0.8)
    assert timeline.mark("logo").template == str(tmp_path / "marks/logo.png")
    assert timeline.mark("date").box == Box(Fraction(1, 2), Fraction(0), Fraction(10), Fraction(10))
    assert timeline.items[1] == Gap(24)
    assert timeline.length == 72
    assert timeline.deliverables == (
        Deliverable("yt169"),
        Deliverable("social916", (("video.crf", 20), ("raster", (1080, 1350)))),
    )
    assert hash(timeline.deliverables)


def test_own_keys_are_passed_over_everywhere(reads: Read) -> None:
    document = with_event(cdl={"x-by": "me", "saturation": 1.1}, **{"x-note": [None, {"a": 1}]})
    document |= {"x-tool": {"anything": 1.5}}
    document["canvas"]["x-c"] = 1
    event = event_of(reads(document))
    assert event.cdl == CDL(saturation=1.1)


@pytest.mark.parametrize(
    ("keys", "code", "pointer", "words"),
    [
        ({"start": 1.5}, "float-time", "/in", "times are exact"),
        ({"start": True}, "not-a-time", "/in", "true is not a time"),
        ({"start": -1}, "out-of-range", "/in", "never negative"),
        ({"start": "1:30"}, "not-a-time", "/in", "is not a time"),
        ({"start": "١s"}, "not-a-time", "/in", "is not a time"),
        ({"start": "1/0s"}, "not-a-time", "/in", "divides by zero"),
        ({"start": "1.51s"}, "off-frame", "/in", "between frames 36 and 37"),
        ({"start": "00:00:00:24"}, "not-a-time", "/in", "last frame of a second is 23"),
        ({"start": "00:00:00;12"}, "not-a-time", "/in", "no drop-frame timecode"),
        ({"out": "99999999999s"}, "too-long", "/out", "more than 10000000 frames"),
        ({"out": 10_000_001}, "too-long", "/out", "more than 10000000 frames"),
        ({"out": 48.0}, "float-time", "/out", "times are exact"),
        ({"out": 0}, "empty-range", "/out", "ends at frame 0"),
        ({"start": 48}, "empty-range", "/out", "not after its start at frame 48"),
        ({"duration": 5}, "out-and-duration", "", "both"),
        ({"speed": 0.5}, "float-speed", "/speed", "speeds are exact"),
        ({"speed": "0"}, "zero-speed", "/speed", "never zero"),
        ({"speed": 0}, "zero-speed", "/speed", "never zero"),
        ({"speed": "0/5"}, "zero-speed", "/speed", "never zero"),
        ({"speed": "1/0"}, "not-a-speed", "/speed", "divides by zero"),
        ({"speed": "fast"}, "not-a-speed", "/speed", "not a speed"),
        ({"freeze": 12}, "freeze-alone", "/out", "it is one picture, held"),
        ({"freeze": 0}, "out-of-range", "/freeze", ""),
        ({"ramp": [{"at": 0, "speed": 1}]}, "wrong-length", "/ramp", ""),
        (ramped((0, "1"), (8, "-1")), "out-of-range", "/ramp/1/speed", "between 0 and 1000"),
        (ramped((0, "1"), (8, "0")), "zero-speed", "/ramp/1/speed", "never end"),
        (ramped((4, "1"), (8, "2")), "ramp-order", "/ramp", "begin at 0"),
        (ramped((0, "1"), (8, "2"), (8, "1")), "ramp-order", "/ramp", "rise"),
        (ramped((0, "1"), (90, "1")), "ramp-outside", "/ramp", "after 48 frames"),
        (ramped((0, "1"), (8, "1")) | {"speed": "2"}, "ramp-and-speed", "/speed", "both"),
        ({"speed": "1/5000"}, "out-of-range", "/speed", "between 1/1000 and 1000"),
        ({"take": "c"}, "unknown-take", "/take", 'no take "c"'),
        ({"take": {"select": "best"}}, "not-available", "/take", "not available in this version"),
        ({"fit": "crop"}, "unknown-word", "/fit", "none of: cover, pad, blur-pad"),
        ({"fitt": "pad"}, "unknown-key", "/fitt", "did you mean 'fit'?"),
        ({"focus": [0.5]}, "wrong-length", "/focus", "at least 2"),
        ({"focus": [0.5, 1.1]}, "out-of-range", "/focus/1", "between 0 and 1"),
        ({"focus": ["a", 0]}, "wrong-type", "/focus/0", "must be a number"),
        ({"sound": "loud"}, "unknown-word", "/sound", "none of: keep, mute, duck"),
        ({"sound": {"gain": 1}}, "unknown-key", "/sound/gain", "gain_db"),
        ({"sound": []}, "wrong-type", "/sound", "a number of dB"),
        ({"sound": {"room_tone": False}}, "wrong-type", "/sound/room_tone", "name of a take"),
        ({"sound": {"room_tone": "c"}}, "unknown-take", "/sound/room_tone", 'no take "c"'),
        ({"sound": {"depth_db": -3}}, "depth-without-duck", "/sound/depth_db", "no depth"),
        ({"sound": {"cut_fade": "0.00001s"}}, "off-sample", "/sound/cut_fade", "samples 0 and 1"),
        ({"sound": "replace"}, "replace-alone", "/sound", 'no sound layer "replaces"'),
        ({"sound": {"native": "replace"}}, "replace-alone", "/sound", '["event-1"]'),
        ({"j_cut": 1}, "split-too-long", "/j_cut", "before the programme"),
        ({"l_cut": 1}, "split-too-long", "/l_cut", "after the programme"),
        ({"l_cut": "0.00001s"}, "off-sample", "/l_cut", "samples 0 and 1"),
        ({"sound": 200}, "out-of-range", "/sound", "between -96 and 36"),
        ({"strength": "1"}, "wrong-type", "/strength", "must be a number"),
        ({"strength": 2}, "out-of-range", "/strength", "at most 1"),
        ({"cdl": {"power": [0, 1, 1]}}, "out-of-range", "/cdl/power/0", "more than 0"),
        ({"cdl": None}, "null", "/cdl", "leave the key out"),
        ({"may_crop": ""}, "wrong-length", "/may_crop", "must not be empty"),
        ({"look": "../x.cube"}, "path-outside", "/look", "leads out"),
        ({"look": "file:x.cube"}, "path-protocol", "/look", "protocol"),
        ({"id": "a/b"}, "not-a-name", "/id", "is no name"),
        ({"loop": {}}, "loop-length", "/loop", "either"),
        ({"loop": {"times": 2, "until": 9}}, "loop-length", "/loop", "either"),
        ({"loop": {"times": 0}}, "out-of-range", "/loop/times", "at least 1"),
        ({"loop": {"times": 2.0}}, "wrong-type", "/loop/times", "a whole number, not 2.0"),
        ({"loop": {"until": 0}}, "empty-range", "/loop/until", "at least one frame"),
        ({"loop": {"until": "0.01s"}}, "off-frame", "/loop/until", "frames 0 and 1"),
        ({"sound": "stretch", "speed": "11/10"}, "stretch-too-far", "/sound", "6 % at most"),
        ({"sound": "stretch", "speed": -1}, "stretch-too-far", "/sound", "speed -1"),
        (
            {"loop": {"times": 2, "seam": "auto"}, "speed": 2},
            "seam-auto-retimed",
            "/loop/seam",
            "finish loop",
        ),
        ({"loop": {"times": 2, "seam": "blend"}}, "seam-frames", "/loop", "needs"),
        ({"loop": {"times": 2, "frames": 4}}, "seam-frames", "/loop", "has no"),
        (
            {"loop": {"times": 2, "seam": "blend", "frames": 49}},
            "seam-too-long",
            "/loop/frames",
            "a pass of 48",
        ),
        ({"loop": {"times": 100_000}, "speed": "1/1000"}, "too-long", "", "the limit is"),
        ({"extend": {"frames": 5}}, "missing-key", "/extend", '"with" is missing'),
        ({"transition": {"frames": 4}}, "missing-key", "/transition", '"kind" is missing'),
        (
            {"transition": {"kind": "blend", "frames": 4, "color": [0, 0, 0]}},
            "color-of-dip",
            "/transition/color",
            "a blend goes through no colour",
        ),
        (
            {"transition": {"kind": "dip", "frames": 4, "color": [0, 0, 256]}},
            "out-of-range",
            "/transition/color/2",
            "255",
        ),
        (
            {"transition": {"kind": "dip", "frames": 4, "align": "centre"}},
            "unknown-word",
            "/transition/align",
            "did you mean 'center'?",
        ),
        (
            {"transition": {"kind": "dip", "frames": 97}},
            "transition-too-long",
            "/transition",
            "97 of the transition's 97 frames lie after the cut, but the event has only 48",
        ),
    ],
)
def test_what_is_refused_of_an_event(
    refused: Refused, keys: dict[str, Any], code: str, pointer: str, words: str
) -> None:
    (problem,) = refused(with_event(**keys))
    assert problem.code == code
    assert problem.where is not None
    assert problem.where.pointer == f"/events/0{pointer}"
    assert problem.where.line is not None
    assert words in str(problem)


SPOKEN: dict[str, Any] = {"role": "dialogue", "replaces": ["event-1"], "align": "native"}


@pytest.mark.parametrize(
    ("keys", "code", "pointer", "words"),
    [
        ({"at": 0.5}, "float-time", "/at", "times are exact"),
        ({"at": "0.00001s"}, "off-sample", "/at", 'write "0s" or "1/48000s"'),
        ({"start": "1s", "out": "1s"}, "empty-range", "/out", "not after its start"),
        ({"out": 1, "duration": 1}, "out-and-duration", "", "both"),
        ({"role": "voice"}, "unknown-word", "/role", "dialogue"),
        ({"gain_db": "-8"}, "wrong-type", "/gain_db", "must be a number"),
        ({"loop": 1}, "wrong-type", "/loop", "true or false"),
        ({"fit": "bend"}, "unknown-word", "/fit", "none, trim, pad, loop, stretch"),
        ({"fit": "pad", "loop": True}, "fit-and-loop", "/loop", '"pad" and "loop": true'),
        ({"fit": "loop", "loop": False}, "fit-and-loop", "/loop", "false contradict"),
        ({"length": "2s"}, "length-without-fit", "/length", "as long as its file"),
        ({"fit": "pad", "length": 0}, "empty-range", "/length", "one sample"),
        (
            {"automation": [{"at": 5, "gain_db": 0}, {"at": 5, "gain_db": -3}]},
            "automation-order",
            "/automation/1/at",
            "does not come after sample 10000",
        ),
        ({"align": "music"}, "unknown-word", "/align", "none of: native"),
        ({"align": {"within": "1s"}}, "missing-key", "/align", '"to"'),
        (SPOKEN | {"replaces": []}, "align-what", "/align", "exactly one event"),
        (SPOKEN | {"role": "music"}, "align-what", "/align", "dialogue"),
        (SPOKEN | {"fit": "pad"}, "align-what", "/align", '"trim"'),
        ({"duck": {"under": []}}, "wrong-length", "/duck/under", "must not be empty"),
        ({"duck": {"under": ["music"], "depth_db": 3}}, "out-of-range", "/duck/depth_db", "most 0"),
        ({"replaces": ["event-2"]}, "unknown-event", "/replaces/0", "did you mean 'event-1'?"),
        ({"duration": "1s", "fade_out": "2s"}, "fades-too-long", "", "96000"),
        ({"file": "a\\b.wav"}, "path-form", "/file", "backslash"),
    ],
)
def test_what_is_refused_of_a_layer(
    refused: Refused, keys: dict[str, Any], code: str, pointer: str, words: str
) -> None:
    (problem,) = refused(with_layer(**keys))
    assert problem.code == code
    assert problem.where is not None
    assert problem.where.pointer == f"/audio/0{pointer}"
    assert words in str(problem)


@pytest.mark.parametrize(
    ("keys", "code", "pointer"),
    [
        ({"schema": "finisher/edl@2"}, "unknown-schema", "/schema"),
        ({"rate": 23.976}, "float-rate", "/rate"),
        ({"rate": "23.9"}, "not-a-rate", "/rate"),
        ({"rate": "24/0"}, "not-a-rate", "/rate"),
        ({"rate": True}, "not-a-rate", "/rate"),
        ({"rate": 5000}, "not-a-rate", "/rate"),
        ({"canvas": {"width": 1919, "height": 1080}}, "out-of-range", "/canvas/width"),
        ({"canvas": {"width": 1920}}, "missing-key", "/canvas"),
        ({"events": []}, "no-events", "/events"),
        ({"events": {}}, "wrong-type", "/events"),
        ({"events": [5]}, "wrong-type", "/events/0"),
        ({"events": [{"gap": 0}]}, "out-of-range", "/events/0/gap"),
        ({"events": [{"gap": 1, "id": "x"}]}, "unknown-key", "/events/0/id"),
        ({"events": [{"gap": 9_000_000}] * 2}, "too-long", "/events"),
        ({"clips": []}, "unknown-key", "/clips"),
        ({"deliverables": [{"preset": "a"}, {"preset": "a"}]}, "duplicate-deliverable", None),
        ({"deliverables": [{}]}, "missing-key", "/deliverables/0"),
        ({"sessions": {"m": {"match": "n"}}}, "unknown-session", "/sessions/m/match"),
        (
            {"watermarks": {"m": {"kind": "visible", "box": [0, 0, 0, 1]}}},
            "empty-box",
            "/watermarks/m/box",
        ),
    ],
)
def test_what_is_refused_of_the_rest(
    refused: Refused, keys: dict[str, Any], code: str, pointer: str | None
) -> None:
    (problem,) = refused(SMALLEST | keys)
    assert problem.code == code
    assert problem.where is not None
    assert pointer is None or problem.where.pointer == pointer


def test_a_document_that_is_no_object(refused: Refused) -> None:
    (problem,) = refused([1])
    assert str(problem).endswith("edl.json:1:1: must be an object, not [1]")


def test_everything_wrong_is_told_at_once_in_the_order_of_the_text(refused: Refused) -> None:
    document = copy.deepcopy(SMALLEST)
    document["canvas"] = {"width": "1920", "height": 1080}
    document["takes"]["a"]["watermark"] = "corner"
    document["takes"]["b"]["fil"] = 1
    document["events"] = [
        {"take": "a", "in": 1.5, "out": 4},
        {"take": "z", "in": "0.01s", "out": 48},
        {"take": "b", "out": 0},
    ]
    document["audio"] = [{"file": "/etc/passwd", "role": "music"}]
    problems = refused(document)
    assert [(p.code, p.where.pointer if p.where else "") for p in problems] == [
        ("wrong-type", "/canvas/width"),
        ("unknown-watermark", "/takes/a/watermark"),
        ("unknown-key", "/takes/b/fil"),
        ("float-time", "/events/0/in"),
        ("unknown-take", "/events/1/take"),
        ("off-frame", "/events/1/in"),
        ("empty-range", "/events/2/out"),
        ("path-absolute", "/audio/0/file"),
    ]


def test_one_mistake_in_an_entry_hides_no_other(refused: Refused) -> None:
    document = copy.deepcopy(SMALLEST)
    document["events"] = [
        {"id": "one", "take": "a", "out": 9},
        {"id": "one", "take": "z", "in": 1.5, "out": "0.01s", "loop": {"times": 0}},
        {"take": 5, "duration": "0.02s", "speed": 0},
    ]
    document["audio"] = [{"role": "voice", "file": "/a.wav", "at": "0.00001s"}, {}, 7]
    found = [(p.code, p.where.pointer if p.where else "") for p in refused(document)]
    assert found == [
        ("duplicate-id", "/events/1/id"),
        ("unknown-take", "/events/1/take"),
        ("float-time", "/events/1/in"),
        ("off-frame", "/events/1/out"),
        ("out-of-range", "/events/1/loop/times"),
        ("wrong-type", "/events/2/take"),
        ("off-frame", "/events/2/duration"),
        ("zero-speed", "/events/2/speed"),
        ("unknown-word", "/audio/0/role"),
        ("path-absolute", "/audio/0/file"),
        ("off-sample", "/audio/0/at"),
        ("missing-key", "/audio/1"),
        ("missing-key", "/audio/1"),
        ("wrong-type", "/audio/2"),
    ]


def mutations(value: Any) -> list[tuple[Any, Any]]:
    """Every place in a document: its container and its key there."""
    if not isinstance(value, dict | list):
        return []
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    inside = [place for key in keys for place in mutations(value[key])]
    return [(value, key) for key in keys] + inside


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_whatever_is_written_reads_or_is_told_with_its_place(
    tmp_path: Path, data: st.DataObject
) -> None:
    document = copy.deepcopy(data.draw(st.sampled_from(EVERYTHING)))
    for _ in range(data.draw(st.integers(1, 3))):
        container, key = data.draw(st.sampled_from(mutations(document)))
        container[key] = data.draw(json_values(leaves=4))
    path = tmp_path / "mutated.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    try:
        timeline = read(path)
    except DocumentError as error:
        problems = error.problems
    else:
        assert timeline.length > 0
        return
    assert problems
    for problem in problems:
        assert problem.where is not None
        assert problem.where.line is not None, problem
        assert len(str(problem)) < 1500
    assert len({str(problem) for problem in problems}) == len(problems)


def test_an_entry_left_out_causes_no_further_problems(refused: Refused) -> None:
    document = copy.deepcopy(SMALLEST)
    document["takes"]["a"] = {"file": 5, "session": "one"}
    document["sessions"] = {"one": {"look": 5}, "two": {"match": "one"}}
    document["audio"] = [{"file": "a.wav", "role": "music", "replaces": ["gone"]}]
    document["events"] = [{"id": "gone", "take": "a", "in": 1.5, "out": 9}]
    codes = [problem.code for problem in refused(document)]
    assert codes == ["wrong-type", "float-time", "wrong-type"]


def test_names_belong_to_one(refused: Refused) -> None:
    document = copy.deepcopy(SMALLEST)
    document["events"] = [{"take": "a", "out": 9}, {"id": "event-1", "take": "a", "out": 9}]
    document["audio"] = [{"id": "m", "file": "a.wav", "role": "music"}] * 2
    assert [problem.code for problem in refused(document)] == ["duplicate-id", "duplicate-id"]


@pytest.mark.parametrize(
    ("lengths", "transitions", "code"),
    [
        ((48, 24, 48), (0, 24, 23), None),
        ((48, 24, 48), (0, 24, 24), "transitions-touch"),
        ((10, 48, 48), (0, 22, 0), "transition-too-long"),
        ((10, 48, 48), (0, 20, 0), None),
        ((48, 10, 48), (0, 21, 0), "transition-too-long"),
    ],
)
def test_transitions_need_room(
    reads: Read,
    refused: Refused,
    lengths: tuple[int, ...],
    transitions: tuple[int, ...],
    code: str | None,
) -> None:
    document = copy.deepcopy(SMALLEST)
    document["events"] = [{"take": "a", "out": length} for length in lengths]
    for event, frames in zip(document["events"], transitions, strict=True):
        if frames:
            event["transition"] = {"kind": "dissolve", "frames": frames}
    if code is None:
        assert reads(document).length == sum(lengths)
    else:
        assert code in [problem.code for problem in refused(document)]


def test_touching_transitions_are_told_with_their_numbers(refused: Refused) -> None:
    document = copy.deepcopy(SMALLEST)
    transition = {"kind": "dissolve", "frames": 24}
    document["events"] = [
        {"take": "a", "out": 48},
        {"id": "mid", "take": "b", "out": 24, "transition": transition},
        {"take": "a", "out": 48, "transition": transition},
    ]
    (problem,) = refused(document)
    assert problem.message == (
        'the transitions into and out of "mid" touch: 12 frames after its start and 12 before '
        "its end, of 24"
    )


def test_matches_lead_somewhere_and_not_in_a_circle(refused: Refused) -> None:
    document = copy.deepcopy(SMALLEST)
    document["takes"] = {name: {"file": f"{name}.mp4", "session": name} for name in ("a", "b", "c")}
    document["sessions"] = {
        "a": {"match": "b"},
        "b": {"match": "a"},
        "c": {"match": "b"},
        "d": {"match": "e"},
        "e": {},
        "f": {"match": "f"},
    }
    found = [(p.code, p.where.pointer if p.where else "") for p in refused(document)]
    assert found == [
        ("match-cycle", "/sessions/a/match"),
        ("match-cycle", "/sessions/b/match"),
        ("empty-session", "/sessions/d/match"),
        ("empty-session", "/sessions/f/match"),
        ("match-cycle", "/sessions/f/match"),
    ]


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("/etc/passwd", "path-absolute"),
        ("../outside.mp4", "path-outside"),
        ("takes/../../outside.mp4", "path-outside"),
        ("http://example.org/a.mp4", "path-protocol"),
        ("concat:a.mp4|b.mp4", "path-protocol"),
        ("C:/takes/a.mp4", "path-protocol"),
        ("subfile,,start,0,end,9,,:a.mp4", "path-protocol"),
        ("a.mp4|b.mp4", "path-form"),
        ("-", "path-form"),
        ("-i", "path-form"),
        ("a\\b.mp4", "path-form"),
        ("a\nb.mp4", "path-form"),
        ("takes/", "path-form"),
        (".", "path-form"),
        ("", "wrong-length"),
        ("link/a.mp4", "path-outside"),
        ("loop/a.mp4", "path-form"),
    ],
)
def test_paths_stay_inside(refused: Refused, tmp_path: Path, file: str, code: str) -> None:
    (tmp_path / "link").symlink_to(tmp_path.parent)
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    document = copy.deepcopy(SMALLEST)
    document["takes"]["a"]["file"] = file
    (problem,) = refused(document)
    assert problem.code == code
    assert problem.where is not None
    assert problem.where.pointer == "/takes/a/file"


def test_roots_open_other_folders(tmp_path: Path) -> None:
    project, footage = tmp_path / "project", tmp_path / "footage"
    project.mkdir()
    footage.mkdir()
    (project / "linked").symlink_to(footage)
    document = copy.deepcopy(SMALLEST)
    document["takes"] = {"a": {"file": "../footage/a.mp4"}, "b": {"file": "linked/b.mp4"}}
    path = project / "edl.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DocumentError, match="--root"):
        read(path)
    timeline = read(path, [footage])
    assert timeline.take("a").path == str(footage / "a.mp4")
    # The path keeps the link's name: that is what people know the take by.
    assert timeline.take("b").path == str(project / "linked/b.mp4")


def test_the_edit_list_may_be_named_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut/edl.json").write_text(json.dumps(SMALLEST))
    monkeypatch.chdir(tmp_path)
    timeline = read(Path("cut/edl.json"))
    assert timeline.path == str(Path("cut/edl.json"))
    assert timeline.take("b").path == str(tmp_path / "cut/b.mp4")


def test_an_edit_list_that_is_not_there(tmp_path: Path) -> None:
    for path in (tmp_path / "none.json", tmp_path):
        with pytest.raises(DocumentError) as error:
            read(path)
        assert error.value.problems[0].code == "edl-missing"


def test_duplicate_keys_are_told_with_the_rest(refused: Refused) -> None:
    text = json.dumps(with_event(out=1.5)).replace('"rate": "24"', '"rate": "24", "rate": "25"')
    assert [problem.code for problem in refused(text)] == ["duplicate-key", "float-time"]
