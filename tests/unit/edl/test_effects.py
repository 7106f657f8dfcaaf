from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from finisher.edl.read import read
from finisher.effects import ELSEWHERE, Effect
from finisher.event import Event
from finisher.problems import DocumentError


def written(folder: Path, *effects: Any, **event: Any) -> Path:
    path = folder / "edl.json"
    document = {
        "schema": "finisher/edl@1",
        "rate": "24",
        "canvas": {"width": 64, "height": 36},
        "takes": {"a": {"file": "a.mp4"}},
        "events": [{"take": "a", "in": 0, "out": 24, "effects": list(effects), **event}],
    }
    path.write_text(json.dumps(document))
    return path


def told(folder: Path, *effects: Any) -> list[tuple[str, str]]:
    with pytest.raises(DocumentError) as caught:
        read(written(folder, *effects))
    return [
        (p.code, p.where.pointer.removeprefix("/events/0/effects/") if p.where else "")
        for p in caught.value.problems
    ]


def test_effects_are_read_in_order_with_times_as_frames(tmp_path: Path) -> None:
    blur = {"moviepy": "HeadBlur", "fx": [[0, 1], ["1s", 300.5]], "fy": 10, "radius": 20}
    timeline = read(
        written(tmp_path, {"moviepy": "MirrorX"}, {"moviepy": "FadeIn", "duration": "0.5s"}, blur)
    )
    event = timeline.items[0]
    assert isinstance(event, Event)
    assert event.effects == (
        Effect("MirrorX"),
        Effect("FadeIn", (("duration", 12),)),
        Effect("HeadBlur", (("fx", [[0, 1], [24, 300.5]]), ("fy", 10), ("radius", 20))),
    )


def test_a_dotted_name_takes_what_it_is_given(tmp_path: Path) -> None:
    event = read(written(tmp_path, {"moviepy": "my.Own", "b": [1], "a": "x", "x-note": 1})).items[0]
    assert isinstance(event, Event)
    assert event.effects == (Effect("my.Own", (("a", "x"), ("b", [1]))),)
    assert event.effects[0].own


def test_a_frozen_event_has_effects_too(tmp_path: Path) -> None:
    path = written(tmp_path, {"moviepy": "MirrorX"})
    document = json.loads(path.read_text())
    del document["events"][0]["out"]
    document["events"][0]["freeze"] = 9
    path.write_text(json.dumps(document))
    event = read(path).items[0]
    assert isinstance(event, Event)
    assert event.effects == (Effect("MirrorX"),)


@pytest.mark.parametrize(
    ("effect", "code", "key"),
    [
        ({"moviepy": "MirorX"}, "unknown-effect", "0/moviepy"),
        ({"moviepy": "FadeIn"}, "missing-key", "0"),
        ({"moviepy": "FadeIn", "duration": 0.5}, "float-time", "0/duration"),
        ({"moviepy": "FadeIn", "duration": 0}, "empty-range", "0/duration"),
        ({"moviepy": "FadeIn", "duration": True}, "not-a-time", "0/duration"),
        ({"moviepy": "FadeIn", "duration": 5, "colour": 1}, "unknown-key", "0/colour"),
        ({"moviepy": "MultiplyColor", "factor": "2"}, "wrong-type", "0/factor"),
        ({"moviepy": "MultiplyColor", "factor": -1}, "out-of-range", "0/factor"),
        ({"moviepy": "MultiplyColor", "factor": True}, "wrong-type", "0/factor"),
        ({"moviepy": "Rotate", "angle": 3, "unit": "degg"}, "unknown-word", "0/unit"),
        ({"moviepy": "Rotate", "angle": 3, "expand": 1}, "wrong-type", "0/expand"),
        ({"moviepy": "Rotate", "angle": [[5, 3], [5, 4]]}, "curve-order", "0/angle"),
        ({"moviepy": "Rotate", "angle": [[5]]}, "wrong-type", "0/angle/0"),
        ({"moviepy": "Rotate", "angle": []}, "curve-order", "0/angle"),
        ({"moviepy": "Margin", "color": [1, 2]}, "wrong-type", "0/color"),
        ({"moviepy": "Margin", "color": [1, 2, 256]}, "out-of-range", "0/color/2"),
        ({"moviepy": "FreezeRegion", "t": 3}, "missing-key", "0"),
        ({"moviepy": "SuperSample", "d": 2, "n_frames": 2.5}, "wrong-type", "0/n_frames"),
        ({"moviepy": "os.system()"}, "not-a-name", "0/moviepy"),
        ({"duration": 3}, "missing-key", "0"),
        ("MirrorX", "wrong-type", "0"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(
    tmp_path: Path, effect: Any, code: str, key: str
) -> None:
    assert told(tmp_path, effect) == [(code, key)]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_no_effect_on_pictures_names_what_is(tmp_path: Path, name: str) -> None:
    with pytest.raises(DocumentError) as caught:
        read(written(tmp_path, {"moviepy": name}))
    (problem,) = caught.value.problems
    assert problem.code == "effect-elsewhere"
    assert problem.hint == ELSEWHERE[name]
