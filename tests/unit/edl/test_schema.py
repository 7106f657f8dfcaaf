"""The published JSON Schema says what the reader does."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from finisher.edl.schema import json_schema

EXAMPLES = Path(__file__).parents[2] / "examples" / "positive"


def definition(name: str) -> Any:
    definitions: Any = json_schema()["$defs"]
    return definitions[name]


def test_it_names_its_version_and_no_host() -> None:
    schema = json_schema()
    assert schema["$id"] == "finisher/edl@1"
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert re.findall(r"https?://([^/\"]+)", json.dumps(schema)) == ["json-schema.org"]


def test_it_is_plain_json_without_made_up_titles_or_nulls() -> None:
    text = json.dumps(json_schema())
    assert "null" not in text
    assert '"title": "' not in text


def test_unknown_keys_are_refused_but_for_ones_own() -> None:
    schema = json_schema()
    definitions: Any = schema["$defs"]
    objects: list[Any] = [schema, *definitions.values()]
    for part in objects:
        assert part["description"]
        assert part["patternProperties"] == {"^x-": True}
        if not {"preset", "moviepy"} & part["properties"].keys():
            assert part["additionalProperties"] is False


def test_events_have_the_keys_the_reader_has() -> None:
    event = definition("EventDoc")
    assert set(event["properties"]) >= {"id", "take", "in", "out", "duration", "speed", "loop"}
    assert "start" not in event["properties"]
    assert event["oneOf"] == [{"required": [key]} for key in ("out", "duration", "freeze")]
    assert definition("ExtendDoc")["required"] == ["frames", "with"]
    assert definition("LoopDoc")["properties"]["seam"]["enum"] == [
        "cut",
        "blend",
        "pingpong",
        "auto",
    ]


def test_sound_is_published_with_all_its_forms() -> None:
    word, whole = definition("EventDoc")["properties"]["sound"]["oneOf"]
    assert word["anyOf"][0]["enum"] == ["keep", "mute", "duck", "stretch", "replace"]
    assert whole == {"$ref": "#/$defs/SoundDoc"}
    layer = definition("LayerDoc")["properties"]
    assert layer["fit"]["enum"] == ["none", "trim", "pad", "loop", "stretch"]
    assert {"$ref": "#/$defs/AlignDoc"} in layer["align"]["oneOf"]
    assert layer["automation"]["items"] == {"$ref": "#/$defs/PointDoc"}


def test_every_key_of_the_examples_is_published() -> None:
    properties: Any = json_schema()["properties"]
    for path in EXAMPLES.glob("*.json"):
        document = json.loads(path.read_text(encoding="utf-8"))
        assert {key for key in document if not key.startswith("x-")} <= set(properties)


def test_its_patterns_take_the_times_of_the_examples() -> None:
    time = definition("EventDoc")["properties"]["out"]
    (pattern,) = [part["pattern"] for part in time["anyOf"] if "pattern" in part]
    for text in ("00:00:03:12", "00:01:00;02", "1.5s", "36f", "1001/1000s"):
        assert re.search(pattern, text)
    for text in ("1.5", "36 f", "s", "1:00", "-1s", "1e3s"):
        assert not re.search(pattern, text)
