"""What is really done to an event's pictures: by the names of Content Credentials, and in words."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from finisher.effects import Effect
from finisher.event import Event, Extend, Loop, Prolongation, Seam
from finisher.facts import TakeFacts
from finisher.geometry import Fit, Framing
from finisher.look import CDL, Grade, Space
from finisher.timecode import Rate, Span

_TURNS = ("turned", "mirrored")
"""How repairs begin that stand a take's pictures upright."""
_EFFECTS = {
    "BlackAndWhite": "adjustedColor",
    "Crop": "cropped",
    "GammaCorrection": "adjustedColor",
    "HeadBlur": "filtered",
    "InvertColors": "adjustedColor",
    "LumContrast": "adjustedColor",
    "MaskColor": "filtered",
    "MirrorX": "orientation",
    "MirrorY": "orientation",
    "MultiplyColor": "adjustedColor",
    "Painting": "filtered",
    "Resize": "resized",
    "Rotate": "orientation",
}
"""Effects whose kind of edit has a name; all others, and code of one's own, are edits."""
_SEAMS = {
    Seam.CUT: "looped",
    Seam.BLEND: "looped, its ends blended",
    Seam.PINGPONG: "looped there and back",
    Seam.AUTO: "looped",
}
_PROLONGED = {
    Prolongation.HOLD: "its last picture held",
    Prolongation.PINGPONG: "prolonged there and back",
    Prolongation.SLOW: "prolonged by slowing down",
    Prolongation.INTERPOLATE: "prolonged by slowing down, with pictures between its own",
}
_ORDER = (
    *("trimmed", "changedSpeed", "orientation", "adjustedColor", "cropped"),
    *("resized.proportional", "resized", "filtered", "edited"),
)

Doings = dict[str, list[str]]
"""Words by the name of the edit; an edit without any has an empty list."""


def doings(
    event: Event, take: TakeFacts, framing: Framing, grade: Grade, rate: Rate
) -> tuple[tuple[str, str], ...]:
    """The edits made to an event, each once with what there is to say of it.

    Transitions lie between events and are none of theirs. `rate` is the edit's.
    """
    found: Doings = {}
    told = (
        *_timed(event, take, rate),
        *_conformed(take),
        *_graded(grade, take),
        *_framed(framing),
        *map(_effect, event.effects),
    )
    for name, words in told:
        said = found.setdefault(name, [])
        if words and words not in said:
            said.append(words)
    return tuple((name, "; ".join(found[name])) for name in _ORDER if name in found)


def _timed(event: Event, take: TakeFacts, rate: Rate) -> Iterator[tuple[str, str]]:
    """What part of the take is shown, at what speed and how often."""
    if event.source != Span(0, take.index.frames_at(rate)):
        yield "trimmed", ""
    if event.retimed:
        yield "changedSpeed", _speed(event)
    if event.loop is not None:
        yield "edited", _looped(event.loop)
    if event.extend is not None:
        yield "edited", _prolonged(event.extend, event)


def _speed(event: Event) -> str:
    """An event's speed in words."""
    if event.ramp is not None:
        speeds = [key.speed for key in event.ramp.keys]
        return f"a ramp between {min(speeds)} and {max(speeds)} of its speed"
    words = [f"{abs(event.speed)} of its speed"] if abs(event.speed) != 1 else []
    return ", ".join([*words, *(["backwards"] if event.speed < 0 else [])])


def _looped(loop: Loop) -> str:
    return _SEAMS[loop.seam]


def _prolonged(extend: Extend, event: Event) -> str:
    """What an event is prolonged by; one of a single picture is a still."""
    if extend.by is Prolongation.HOLD and event.unextended == 1:
        return "one picture held"
    return _PROLONGED[extend.by]


def _conformed(take: TakeFacts) -> Iterator[tuple[str, str]]:
    """What was done to a take's pictures so that they can be used."""
    for words in take.copy.repairs if take.copy is not None else ():
        yield "orientation" if words.startswith(_TURNS) else "edited", words


def _graded(grade: Grade, take: TakeFacts) -> Iterator[tuple[str, str]]:
    """What was done to colour and exposure."""
    if take.copy is not None and take.copy.steadied:
        yield "adjustedColor", "flicker taken out"
    if grade.input is not Space.REC709:
        yield "adjustedColor", f"from {grade.input} to Rec.709"
    if grade.match != CDL() or grade.residual is not None:
        yield "adjustedColor", "matched to another session"
    if not grade.cdl.identity:
        yield "adjustedColor", "a CDL"
    if grade.look is not None:
        yield "adjustedColor", f"look {grade.look.name}"


def _framed(framing: Framing) -> Iterator[tuple[str, str]]:
    """What the framing cuts off, scales and leaves empty."""
    crop, place = framing.crop, framing.place
    if crop.area != framing.source.width * framing.source.height:
        yield "cropped", ""
    if (crop.width, crop.height) != (place.width, place.height):
        yield "resized.proportional" if _proportional(framing) else "resized", ""
    if place.area != framing.raster.width * framing.raster.height:
        blurred = framing.fit is Fit.BLUR_PAD
        yield "edited", "a blurred copy of itself around it" if blurred else "black bars"


def _proportional(framing: Framing) -> bool:
    """Whether width and height are scaled alike, but for what even pixels round off."""
    crop, place = framing.crop, framing.place
    scale = Fraction(place.width, crop.width)
    # Each side of crop and place was moved to the nearest even number: by a pixel at most.
    return abs(crop.height * scale - place.height) <= 2 + 2 * scale


def _effect(effect: Effect) -> tuple[str, str]:
    """The kind of edit an effect is, and its name."""
    words = f"code of its own: {effect.name}" if effect.own else f"effect {effect.name}"
    return _EFFECTS.get(effect.name, "edited"), words
