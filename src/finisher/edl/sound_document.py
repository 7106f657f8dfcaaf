"""What the schema knows of sound: that of an event's take, and layers laid into the programme."""

from __future__ import annotations

from typing import Annotated

from pydantic import Discriminator, Field, Tag

from finisher.edl.fields import MAX_ENTRIES, Decibels, Name, PathText, RoleName, Time
from finisher.presets.strict import Reads, Strict, choice, refuse, shown

LOUDEST_DB, SOFTEST_DB = 36, -96
_WORDS = ("keep", "mute", "duck", "stretch", "replace")
NativeWord = Annotated[str, choice(_WORDS)]
DepthDb = Annotated[float, Field(ge=-96, le=0)]


def _read_sound(value: object) -> object:
    """What becomes of a take's own sound: a word, or its gain in dB."""
    if isinstance(value, str):
        return choice(_WORDS).read(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        hint = 'or a number of dB, or {"native": "keep", "gain_db": -6}'
        raise refuse("wrong-type", f"must be one of {', '.join(_WORDS)}, not {shown(value)}", hint)
    if not SOFTEST_DB <= value <= LOUDEST_DB:
        bounds = f"{SOFTEST_DB} and {LOUDEST_DB} dB"
        raise refuse("out-of-range", f"a gain lies between {bounds}, not {shown(value)}")
    return float(value)


def _read_tone(value: object) -> object:
    """Whose room tone is heard: true for the event's own take, or a take's name."""
    if value is True or isinstance(value, str):
        return value
    raise refuse("wrong-type", f"must be true or the name of a take, not {shown(value)}")


SoundWord = Annotated[
    str | float,
    Reads(
        _read_sound,
        {
            "anyOf": [
                {"enum": list(_WORDS)},
                {
                    "type": "number",
                    "minimum": SOFTEST_DB,
                    "maximum": LOUDEST_DB,
                    "description": "Gain in dB",
                },
            ]
        },
    ),
]
ToneName = Annotated[
    bool | str, Reads(_read_tone, {"anyOf": [{"const": True}, {"type": "string"}]})
]


class SoundDoc(Strict):
    """What becomes of a take's own sound in an event."""

    native: NativeWord = "keep"
    gain_db: Decibels = 0.0
    depth_db: DepthDb | None = Field(
        default=None, description="How far it ducks under dialogue and narration; default: -9"
    )
    cut_fade: Time | None = Field(
        default=None, description="Its fade at each cut; default: 240 samples, 5 ms; 0 for none"
    )
    room_tone: ToneName | None = Field(
        default=None,
        description="Where it is silent, the room of this take is heard; true for its own take's",
    )


def _kind_of_sound(value: object) -> str:
    """Word or object; the tags are no keys, so that they can be told apart in error locations."""
    return "<object>" if isinstance(value, dict | SoundDoc) else "<word>"


SoundAny = Annotated[
    Annotated[SoundWord, Tag("<word>")] | Annotated[SoundDoc, Tag("<object>")],
    Discriminator(_kind_of_sound),
]

Milliseconds = Annotated[int, Field(ge=0, le=60_000)]


class DuckDoc(Strict):
    """Lower a layer while others speak; times in whole milliseconds."""

    under: list[RoleName] = Field(min_length=1, max_length=5)
    depth_db: DepthDb = -9.0
    attack_ms: Milliseconds | None = None
    lead_ms: Milliseconds | None = None
    hold_ms: Milliseconds | None = None
    release_ms: Milliseconds | None = None


class PointDoc(Strict):
    """A layer's gain at one instant; straight in dB from one to the next."""

    at: Time = Field(description="From the layer's beginning in the programme")
    gain_db: Decibels


class AlignDoc(Strict):
    """The place of a recording is found by the sound that it replaces."""

    to: Annotated[str, choice(("native",))]
    within: Time = Field(default="1s", description="How far around `at` it is looked for")


def _kind_of_align(value: object) -> str:
    """Word or object, like `_kind_of_sound`."""
    return "<object>" if isinstance(value, dict | AlignDoc) else "<word>"


AlignAny = Annotated[
    Annotated[Annotated[str, choice(("native",))], Tag("<word>")]
    | Annotated[AlignDoc, Tag("<object>")],
    Discriminator(_kind_of_align),
]


class LayerDoc(Strict):
    """A sound file laid into the programme."""

    id: Name | None = Field(default=None, description="Default: layer-1, layer-2, …")
    file: PathText = Field(description="Path relative to the edit list")
    role: RoleName
    at: Time = Field(
        default=0,
        description="Where in the programme it begins; of one that is aligned: about where, and by "
        "default where the event it replaces does",
    )
    start: Time = Field(default=0, alias="in", description="Where in the file it begins")
    out: Time | None = None
    duration: Time | None = None
    fit: Annotated[str, choice(("none", "trim", "pad", "loop", "stretch"))] = Field(
        default="none", description="How it comes to `length`"
    )
    length: Time | None = Field(
        default=None, description="What it fills by `fit`; default: to the programme's end"
    )
    loop: bool = Field(default=False, description='The same as "fit": "loop"')
    gain_db: Decibels = 0.0
    fade_in: Time = 0
    fade_out: Time = 0
    automation: list[PointDoc] = Field(
        default=[], max_length=MAX_ENTRIES, description="Gains over time, on top of `gain_db`"
    )
    duck: DuckDoc | None = None
    replaces: list[str] = Field(
        default=[], max_length=MAX_ENTRIES, description="Events whose own sound it stands for"
    )
    align: AlignAny | None = Field(
        default=None, description="Find its place by the sound of the one event it replaces"
    )
    cameos: list[Name] = Field(
        default=[], max_length=1000, description="Persons whose voice is heard in it"
    )
    generated: bool = Field(
        default=False, description="A generative model made it, whatever the file itself says"
    )
