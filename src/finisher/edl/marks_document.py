"""What the schema knows of watermarks: visible ones in their places, and hidden ones."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar

from pydantic import Discriminator, Field, Tag

from finisher.edl.fields import MAX_ENTRIES, Exact, Name, PathText, Reason, Time
from finisher.presets.strict import Reads, Strict, choice, refuse, shown

VISIBLE, INVISIBLE, SOUND = "visible", "invisible", "sound"
SCAN = "scan"
MAX_BITS = 4096
"""Bits of a payload: no mark that survives anything carries as many."""

_PAYLOAD_FORMS = rf"^([01]{{1,{MAX_BITS}}}|0x[0-9a-fA-F]{{1,{MAX_BITS // 4}}})$"
_PAYLOAD = re.compile(_PAYLOAD_FORMS[:-1] + r"\Z")


def _kind(word: str) -> Reads:
    """The kind of a mark; the schema of each kind publishes its own word alone."""
    return Reads(choice((VISIBLE, INVISIBLE, SOUND)).read, {"const": word})


def _read_payload(value: object) -> object:
    """Bits as they are written."""
    if not isinstance(value, str) or not _PAYLOAD.match(value):
        hint = 'write its bits ("0101…"), or "0x…" in hexadecimal'
        raise refuse("not-a-payload", f"{shown(value)} is no payload", hint)
    return value


def _read_scan(value: object) -> object:
    """The word that stands for a track that is to be found."""
    if value != SCAN:
        hint = f'"{SCAN}" looks for its places in the takes'
        raise refuse("unknown-word", f"{shown(value)} is no list of places", hint)
    return value


Side = Annotated[int, Field(ge=1, le=16384)]
BoxSides = Annotated[list[Exact], Field(min_length=4, max_length=4)]
Payload = Annotated[str, Reads(_read_payload, {"type": "string", "pattern": _PAYLOAD_FORMS})]
ScanWord = Annotated[str, Reads(_read_scan, {"const": SCAN})]


class DwellDoc(Strict):
    """A stretch of a take in which a mark stands at one place."""

    start: Time = Field(alias="from", description="From the take's first frame")
    end: Time | None = Field(
        default=None, alias="to", description="Exclusive; the last may leave it out: the take's end"
    )
    box: BoxSides = Field(description="x, y, width, height in pixels of the take")


def _kind_of_track(value: object) -> str:
    """List or word; the tags are no keys, so that they can be told apart in error locations."""
    return "<places>" if isinstance(value, list) else "<word>"


TrackAny = Annotated[
    Annotated[ScanWord, Tag("<word>")]
    | Annotated[
        Annotated[list[DwellDoc], Field(min_length=1, max_length=MAX_ENTRIES)], Tag("<places>")
    ],
    Discriminator(_kind_of_track),
]


class VisibleDoc(Strict):
    """A visible watermark, in pixels of the take that carries it."""

    rules: ClassVar[dict[str, object]] = {
        "oneOf": [{"required": ["box"]}, {"required": ["track"]}],
        "dependentRequired": {"size": ["track"]},
    }

    kind: Annotated[str, _kind(VISIBLE)]
    template: PathText | None = Field(
        default=None, description="Picture of the mark: a PNG with alpha, or a learnt mark"
    )
    box: BoxSides | None = Field(default=None, description="x, y, width, height")
    track: TrackAny | None = Field(
        default=None,
        description='In place of `box`, of one that jumps: its places in order, or "scan"',
    )
    size: list[Side] | None = Field(
        default=None,
        min_length=2,
        max_length=2,
        description="Width and height of one that is scanned for; default: its template's pixels",
    )
    may_lose: Reason | None = Field(
        default=None, description="Why it may be lost or weakened; goes into manifest and report"
    )
    calibration: PathText | None = Field(
        default=None, description="What `finish watermark calibrate` measured on footage like it"
    )


class SizeDoc(Strict):
    """A size in pixels."""

    width: Side
    height: Side


class _HiddenDoc(Strict):
    """What all watermarks have that are not to be seen or heard."""

    detector: Name = Field(description="Name of the detector that reads it")
    payload: Payload | None = Field(
        default=None, description='The bits it carries: "0101…", or "0x…" in hexadecimal'
    )
    bits: int | None = Field(
        default=None,
        ge=1,
        le=MAX_BITS,
        description="How many bits a hexadecimal payload stands for; default: four a digit",
    )
    options: dict[Name, Annotated[str, Field(max_length=1000)]] = Field(
        default={},
        max_length=100,
        description="What the detector is opened with; `weights` is a path",
    )
    may_lose: Reason | None = Field(
        default=None, description="Why it may be lost; goes into manifest and report"
    )


class InvisibleDoc(_HiddenDoc):
    """A watermark hidden in a take's pictures."""

    kind: Annotated[str, _kind(INVISIBLE)]
    canvas: SizeDoc | None = Field(
        default=None, description="Size it was embedded at; default: the take's"
    )


class SoundMarkDoc(_HiddenDoc):
    """A watermark hidden in a take's sound."""

    kind: Annotated[str, _kind(SOUND)]


def _kind_of_mark(value: object) -> str:
    """Which of the kinds; one that is none is judged as a visible mark."""
    kind = value.get("kind") if isinstance(value, dict) else getattr(value, "kind", None)
    return f"<{kind}>" if kind in (INVISIBLE, SOUND) else f"<{VISIBLE}>"


MarkAny = Annotated[
    Annotated[VisibleDoc, Tag("<visible>")]
    | Annotated[InvisibleDoc, Tag("<invisible>")]
    | Annotated[SoundMarkDoc, Tag("<sound>")],
    Discriminator(_kind_of_mark),
]
