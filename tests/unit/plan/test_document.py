from __future__ import annotations

import json
import os
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tests.planning import index, taken

from finisher.edl.read import read
from finisher.facts import (
    CredentialFacts,
    Facts,
    FileFacts,
    Integrity,
    MatchFacts,
)
from finisher.geometry import Raster
from finisher.hearing import SoundFacts
from finisher.look import CDL, ColorTags, Look
from finisher.plan.assemble import plan
from finisher.plan.document import plan_document, size_at_most
from finisher.plan.model import Plan
from finisher.presets.model import (
    Audio,
    AudioCodec,
    Container,
    ContainerFormat,
    Loudness,
    Preset,
    Video,
    VideoCodec,
)
from finisher.problems import Problem, Severity
from finisher.timecode import Span
from finisher.timeline import Timeline

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "plan.json"
EDL = {
    "schema": "finisher/edl@1",
    "title": "Harbour teaser",
    "rate": "24",
    "canvas": {"width": 1920, "height": 1080},
    "takes": {
        "s09t02": {"file": "s09t02.mp4", "session": "monday", "watermark": "corner"},
        "s10t01": {"file": "s10t01.mp4", "session": "tuesday"},
    },
    "sessions": {"monday": {}, "tuesday": {"match": "monday", "look": "warm", "strength": 0.5}},
    "events": [
        {"id": "open", "take": "s09t02", "in": "00:00:01:00", "out": "00:00:03:12",
         "focus": [0.93, 0.5]},
        {"id": "push", "take": "s10t01", "in": 24, "out": 72,
         "transition": {"kind": "dissolve", "frames": 12}},
        {"gap": 6},
        {"id": "hero", "take": "s10t01", "in": "2s", "out": "4s",
         "loop": {"times": 2, "seam": "blend", "frames": 8}, "sound": "mute"},
        {"id": "slow", "take": "s09t02", "in": 6, "out": 24, "speed": "1/2", "fit": "blur-pad",
         "transition": {"kind": "wipe", "frames": 5, "align": "end"}},
        {"id": "end", "take": "s09t02", "in": 60, "out": 72, "speed": "-1", "fit": "pad",
         "extend": {"frames": 6, "with": "hold"}, "cdl": {"saturation": 0.8}},
    ],
    "audio": [
        {"id": "vo", "file": "vo.wav", "role": "dialogue", "at": "1s"},
        {"id": "bed", "file": "bed.wav", "role": "music", "at": 0, "loop": True, "gain_db": -8,
         "fade_out": "1s", "duck": {"under": ["dialogue"], "depth_db": -9}},
    ],
    "watermarks": {"corner": {"kind": "visible", "box": [1690, 980, 180, 60]}},
}  # fmt: skip
PRESET = Preset(
    "social916",
    "upright",
    Video(VideoCodec.H264, "high", "yuv420p", crf=18, max_rate=12_000_000, buffer=24_000_000),
    Audio(AudioCodec.AAC, 192_000, Loudness(-14.0, 0.5, -1.0)),
    Container(ContainerFormat.MP4),
    raster=Raster(1080, 1920),
)


def edit(folder: Path) -> Timeline:
    """The edit list, read, with its paths as they would be beside it."""
    path = folder / "edl.json"
    path.write_text(json.dumps(EDL), encoding="utf-8")
    for name in ("s09t02.mp4", "s10t01.mp4", "vo.wav", "bed.wav"):
        (folder / name).touch()
    line = read(path, ())
    return replace(
        line,
        path="edl.json",
        sha256="e" * 64,
        takes=tuple(replace(t, path=f"takes/{t.id}.mp4", where=None) for t in line.takes),
        layers=tuple(replace(a, path=f"audio/{a.id}.wav", where=None) for a in line.layers),
        items=tuple(replace(item, where=None) for item in line.items),
    )


def known() -> Facts:
    """What ingest would have found: nothing here is measured."""
    sound = SoundFacts(240_000, 2, 48_000)
    untagged = ColorTags(None, None, None, None)
    first = replace(
        taken("s09t02", index(120), sound=sound),
        credentials=CredentialFacts(Integrity.INTACT, "urn:c2pa:one", "Dream", "Dream 3", True),
    )
    return Facts(
        {"s09t02": first, "s10t01": taken("s10t01", index(150, "30"), tags=untagged)},
        {
            name: FileFacts(
                f"audio/{name}.wav", name[0] * 64, 9, SoundFacts(96_000, 1, 44_100, speech),
                CredentialFacts(Integrity.ABSENT),
            )
            for name, speech in (("vo", (Span(4_800, 90_000),)), ("bed", ()))
        },
        {
            "tuesday": MatchFacts(
                "tuesday", "monday", CDL(slope=(1.2, 1.0, 0.8), saturation=1.4), 0.9, 5.0, 1.0, 4
            )
        },
        {"warm": Look("warm", "luts/warm.cube", "7" * 64)},
    )  # fmt: skip


@pytest.fixture
def made(tmp_path: Path) -> Plan:
    return plan(edit(tmp_path), PRESET, known())


def test_the_plan_is_the_one_last_looked_at(made: Plan) -> None:
    document = plan_document(made, cached=(0,))
    if os.environ.get("FINISHER_UPDATE_GOLDEN") == "1":
        text = json.dumps(document, indent=1, ensure_ascii=False) + "\n"
        GOLDEN.write_text(text, encoding="utf-8")
    assert document == json.loads(GOLDEN.read_text(encoding="utf-8"))


def test_events_tell_their_frames_and_timecode(made: Plan) -> None:
    document = json.loads(json.dumps(plan_document(made)))
    told = {e["id"]: (e["record"]["start"], e["record"]["end"]) for e in document["events"]}
    assert told == {
        "open": (0, 60), "push": (60, 108), "hero": (114, 210), "slow": (210, 246),
        "end": (246, 264),
    }  # fmt: skip
    assert document["events"][1]["record"]["first"] == "00:00:02:12"
    assert document["events"][1]["record"]["last"] == "00:00:04:11"
    assert document["frames"] == 264
    assert document["seconds"] == "11"


def test_every_frame_names_its_pictures(made: Plan) -> None:
    document = json.loads(json.dumps(plan_document(made)))
    pictures = [picture for unit in document["units"] for picture in unit["pictures"]]
    assert len(pictures) == made.frames
    assert pictures[0] == ["open", 24]
    # The 30 frames a second of the second take: 24 in the edit is its picture 30.
    assert pictures[60] == ["dissolve", ["open", 84], ["push", 30], 6, 12]
    assert pictures[108:114] == [None] * 6
    assert pictures[209] == ["wipe", ["hero", 118], ["slow", 5], 4, 5]
    assert pictures[-7:] == [["end", 60]] * 7


def test_cached_units_are_told_by_their_first_frame(made: Plan) -> None:
    second = made.units[1].start
    document = json.loads(json.dumps(plan_document(made, cached={second})))
    assert [u["cached"] for u in document["units"]][:3] == [False, True, False]


def test_warnings_of_others_join_the_plans_own(made: Plan) -> None:
    more = Problem("mark-cropped", "a mark is cut", severity=Severity.WARNING)
    document = json.loads(json.dumps(plan_document(made, warnings=(more,))))
    assert document["warnings"][-1]["code"] == "mark-cropped"
    assert {r["severity"] for r in document["repairs"]} == {"note"}


def test_the_size_is_bounded_by_the_rate_limits_alone(made: Plan) -> None:
    assert size_at_most(made) == (12_000_000 + 192_000) * 11 // 8
    free = replace(made.preset, video=replace(made.preset.video, max_rate=None))
    assert size_at_most(replace(made, preset=free)) is None
    silent = replace(made.preset, audio=None)
    assert size_at_most(replace(made, preset=silent)) == 12_000_000 * 11 // 8


def test_fractions_of_a_pixel_are_told_in_thousandths(made: Plan) -> None:
    (mark,) = made.events[0].marks
    assert mark.box.x.denominator > 1
    document = json.loads(json.dumps(plan_document(made)))
    box = document["events"][0]["marks"][0]["box"]
    assert box[0] == float(round(mark.box.x, 3))
    assert abs(Fraction(box[2]) - mark.box.width) <= Fraction(1, 2000)
