"""The edit list as its schema knows it, `finisher/edl@1`: every key, its form and its meaning."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Discriminator, Field, Tag

from finisher.edl.fields import (
    MAX_ENTRIES,
    Exact,
    ForwardSpeed,
    FrameRate,
    Frames,
    Name,
    Names,
    PathText,
    Portion,
    Reason,
    Speed,
    TakeName,
    Time,
)
from finisher.edl.marks_document import MarkAny
from finisher.edl.rights_document import ReleaseDoc, TrainingAny
from finisher.edl.sound_document import LayerDoc, SoundAny
from finisher.effects import KNOWN
from finisher.presets.strict import Reads, Strict, choice, refuse, shown

SCHEMA = "finisher/edl@1"


def _one_of(*keys: str) -> dict[str, object]:
    """JSON Schema for: exactly one of these keys."""
    return {"oneOf": [{"required": [key]} for key in keys]}


def _read_schema(value: object) -> object:
    """The version of the format."""
    if value != SCHEMA:
        raise refuse("unknown-schema", f"this version reads {SCHEMA}, not {shown(value)}")
    return value


class CanvasDoc(Strict):
    """The coordinate space of the edit, in pixels; even, as 4:2:0 pictures are."""

    width: int = Field(ge=16, le=16384, multiple_of=2)
    height: int = Field(ge=16, le=16384, multiple_of=2)


Factor = Annotated[float, Field(ge=0, le=100)]
Power = Annotated[float, Field(gt=0, le=100)]
Shift = Annotated[float, Field(ge=-100, le=100)]
Code = Annotated[int, Field(ge=0, le=255)]
Strength = Annotated[float, Field(ge=0, le=1)]


class CdlDoc(Strict):
    """An ASC colour decision list: out = (in · slope + offset) ^ power, then saturation."""

    slope: list[Factor] = Field(default=[1.0, 1.0, 1.0], min_length=3, max_length=3)
    offset: list[Shift] = Field(default=[0.0, 0.0, 0.0], min_length=3, max_length=3)
    power: list[Power] = Field(default=[1.0, 1.0, 1.0], min_length=3, max_length=3)
    saturation: Factor = 1.0


RangeName = Annotated[str, choice(("limited", "full"))]
MatrixName = Annotated[str, choice(("bt709", "smpte170m", "bt470bg", "smpte240m", "bt2020nc"))]
PrimariesName = Annotated[str, choice(("bt709", "smpte170m", "bt470bg", "bt2020", "smpte432"))]
TransferName = Annotated[str, choice(("bt709", "iec61966-2-1", "smpte2084", "arib-std-b67"))]


class ColorDoc(Strict):
    """What a take's colour is, where its file is silent or wrong; names are FFmpeg's."""

    range: RangeName | None = None
    matrix: MatrixName | None = None
    primaries: PrimariesName | None = None
    transfer: TransferName | None = None


class TakeDoc(Strict):
    """A take: its file and what is declared of it."""

    file: PathText = Field(description="Path relative to the edit list")
    session: Name | None = Field(default=None, description="The session it was generated in")
    scene: str | None = Field(
        default=None,
        min_length=1,
        max_length=100,
        description="Default: read from a file name such as scene09_take02.mp4",
    )
    watermark: Names = Field(
        default=(), description="Watermarks this take carries, seen or not; [] for none"
    )
    cameos: list[Name] = Field(
        default=[], max_length=1000, description="Persons whose likeness it shows"
    )
    color: ColorDoc | None = Field(
        default=None, description="What counts in place of the file's colour tags"
    )
    steady: bool = Field(default=False, description="Take the flicker of exposure out")
    generated: bool = Field(
        default=False, description="A generative model made it, whatever the file itself says"
    )


LookName = Annotated[
    str, Field(min_length=1, max_length=1000, description="A look by name or file")
]


class AreaDoc(Strict):
    """A part of one picture of a take."""

    take: Name
    at: Time = Field(default=0, description="Where in the take, counted at the edit's rate")
    box: list[Exact] = Field(
        min_length=4, max_length=4, description="x, y, width, height in pixels of the take"
    )


class PatchDoc(Strict):
    """Two areas that should agree in colour."""

    ours: AreaDoc = Field(description="In a take of this session")
    theirs: AreaDoc = Field(description="In a take of the session it is matched to")


class SessionDoc(Strict):
    """What is done to the colour of all takes of a session."""

    match: Name | None = Field(default=None, description="The session its colour is matched to")
    look: LookName | None = None
    cdl: CdlDoc | None = None
    strength: Strength = Field(
        default=1.0, description="How much of the session match is applied, 0 to 1"
    )
    patches: list[PatchDoc] = Field(
        default=[], max_length=100, description="What the match is made of, where it is given"
    )


class LoopDoc(Strict):
    """A source range played over and over."""

    rules: ClassVar[dict[str, object]] = _one_of("times", "until")

    times: int | None = Field(default=None, ge=1, le=100_000, description="Passes in all")
    until: Time | None = Field(default=None, description="Exact length; the last pass is cut")
    seam: Annotated[str, choice(("cut", "blend", "pingpong", "auto"))] = Field(
        default="cut", description="How one pass meets the next"
    )
    frames: Frames | None = Field(default=None, description="Length of a blended seam")


class ExtendDoc(Strict):
    """Frames appended after an event's last."""

    frames: Frames
    by: Annotated[str, choice(("hold", "pingpong", "slow", "interpolate"))] = Field(
        alias="with", description="What fills them"
    )


class SpeedKeyDoc(Strict):
    """The speed at one frame of the event."""

    at: Time = Field(description="Programme frames from the event's first; the first key is at 0")
    speed: ForwardSpeed


class TransitionDoc(Strict):
    """How the picture before gives way to this event's."""

    kind: Annotated[str, choice(("dissolve", "dip", "wipe", "blend"))]
    frames: Frames
    align: Annotated[str, choice(("center", "start", "end"))] = Field(
        default="center", description="Where it lies against the cut: around, after or before it"
    )
    color: list[Code] | None = Field(
        default=None,
        min_length=3,
        max_length=3,
        description="What a dip goes through: red, green, blue, 0 to 255; default: black",
    )


def _effect_rules() -> dict[str, object]:
    """JSON Schema for effects: which parameters each known one has, and which it needs."""
    return {
        "allOf": [
            {
                "if": {"properties": {"moviepy": {"const": name}}},
                "then": {
                    "propertyNames": {
                        "anyOf": [{"enum": ["moviepy", *known.parameters]}, {"pattern": "^x-"}]
                    },
                    "required": [n for n, each in known.parameters.items() if each.required],
                },
            }
            for name, known in KNOWN.items()
        ]
    }


class EffectDoc(Strict):
    """An effect of moviepy's by its class name, or one's own by a dotted name; its parameters."""

    model_config = ConfigDict(extra="allow")
    rules: ClassVar[dict[str, object]] = _effect_rules()

    moviepy: str = Field(
        min_length=1,
        max_length=200,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$",
        description="MirrorX, FadeIn, Rotate…, or module.Class with --allow-code",
    )


class EventDoc(Strict):
    """One use of a take; `out` is exclusive, and `duration` or `freeze` may stand for it."""

    rules: ClassVar[dict[str, object]] = _one_of("out", "duration", "freeze")

    id: Name | None = Field(default=None, description="Default: event-1, event-2, …")
    take: TakeName
    start: Time = Field(default=0, alias="in")
    out: Time | None = None
    duration: Time | None = None
    freeze: Frames | None = Field(
        default=None, description="Hold the picture at `in` for so many frames, silent"
    )
    speed: Speed = Fraction(1)
    ramp: list[SpeedKeyDoc] | None = Field(
        default=None,
        min_length=2,
        max_length=1000,
        description="A speed that changes, in place of `speed`: straight from key to key",
    )
    conform: Annotated[str, choice(("nearest", "blend", "motion"))] = Field(
        default="nearest",
        description="What stands between two pictures of a take of another rate, or retimed",
    )
    loop: LoopDoc | None = None
    extend: ExtendDoc | None = None
    transition: TransitionDoc | None = None
    fit: Annotated[str, choice(("cover", "pad", "blur-pad", "widen"))] = Field(
        default="cover", description="How it fills a raster of another shape"
    )
    focus: list[Portion] = Field(
        default=[Fraction(1, 2), Fraction(1, 2)],
        min_length=2,
        max_length=2,
        description="The point to keep when the picture is cut, across and down, 0 to 1",
        json_schema_extra={"default": [0.5, 0.5]},
    )
    may_crop: Reason | None = Field(
        default=None,
        description="Why a visible mark may be cut here; goes into manifest and report",
    )
    keep_visible: list[Name] = Field(
        default=[], max_length=1000, description="Marks of its take that the framing keeps whole"
    )
    look: LookName | None = None
    cdl: CdlDoc | None = None
    strength: Strength | None = None
    sound: SoundAny = Field(default="keep", description="The take's own sound")
    j_cut: Time = Field(default=0, description="How long it is heard before it is seen")
    l_cut: Time = Field(default=0, description="How long it is heard after it was seen")
    effects: list[EffectDoc] = Field(
        default=[], max_length=100, description="Laid on the finished pictures, one after the other"
    )


class GapDoc(Strict):
    """Black, silent frames."""

    gap: Frames


def _kind_of_item(value: object) -> str:
    """Gap or event; the tags are no keys, so that they can be told apart in error locations."""
    return "<gap>" if isinstance(value, dict) and "gap" in value else "<event>"


ItemDoc = Annotated[
    Annotated[EventDoc, Tag("<event>")] | Annotated[GapDoc, Tag("<gap>")],
    Discriminator(_kind_of_item),
]


class OcioDoc(Strict):
    """An OpenColorIO configuration whose named looks may be used."""

    config: PathText = Field(
        description="Path relative to the edit list, or a pinned ocio://… that OpenColorIO brings"
    )
    space: str = Field(
        min_length=1, max_length=200, description="Its colour space for finished SDR pictures"
    )


class DeliverableDoc(Strict):
    """One delivery: a preset, and the keys of it to set otherwise."""

    model_config = ConfigDict(extra="allow")

    preset: Name


class EdlDoc(Strict):
    """An edit list of finisher."""

    schema_: Annotated[str, Reads(_read_schema, {"const": SCHEMA})] = Field(alias="schema")
    title: str | None = Field(
        default=None, min_length=1, max_length=300, description="Default: the file's name"
    )
    rate: FrameRate
    canvas: CanvasDoc
    takes: dict[Name, TakeDoc] = Field(max_length=MAX_ENTRIES)
    sessions: dict[Name, SessionDoc] = Field(default={}, max_length=MAX_ENTRIES)
    # That there is at least one is checked with the rest: an empty list is well-formed.
    events: list[ItemDoc] = Field(max_length=MAX_ENTRIES, json_schema_extra={"minItems": 1})
    audio: list[LayerDoc] = Field(default=[], max_length=MAX_ENTRIES)
    watermarks: dict[Name, MarkAny] = Field(
        default={}, max_length=MAX_ENTRIES, description="Empty: no take carries any"
    )
    ocio: OcioDoc | None = None
    consent: PathText | None = Field(
        default=None, description="Log of consents; default: consent.csv beside the edit list"
    )
    release: ReleaseDoc | None = None
    training: TrainingAny | None = Field(
        default=None,
        description="Training and mining by machines: one choice for all uses, or one for each",
    )
    deliverables: list[DeliverableDoc] = Field(default=[], max_length=1000)
