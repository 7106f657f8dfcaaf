"""Picture effects an event may ask for: which there are, what each takes, what it does to marks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from finisher.canonical import Json


@dataclass(frozen=True, slots=True)
class Effect:
    """One effect on an event: moviepy's by its class name, or one's own by a dotted name.

    Values are as the EDL means them: times in programme frames from the event's first picture on
    screen, places and lengths in the take's own pixels. In a plan they are in the deliverable's.
    """

    name: str
    parameters: tuple[tuple[str, Json], ...] = ()

    @property
    def own(self) -> bool:
        """Whether it is code that does not come with finisher."""
        return "." in self.name


class Kind(StrEnum):
    """What a parameter is."""

    NUMBER = "number"
    WHOLE = "whole number"
    FLAG = "true or false"
    WORD = "word"
    TIME = "time"
    COLOR = "colour"
    """Red, green and blue, 0 to 255."""
    ACROSS = "place across"
    DOWN = "place down"
    LENGTH = "length"
    PACE = "length a second"
    BOX = "box"
    """Left, top, right and bottom edge."""
    CURVE = "number, or numbers in time"
    """A number, or `[time, number]` keys with straight lines between them."""
    CURVE_ACROSS = "place across, or places in time"
    CURVE_DOWN = "place down, or places in time"


@dataclass(frozen=True, slots=True)
class Parameter:
    """What one parameter may be; bounds are inclusive and count for each number of a value."""

    kind: Kind
    required: bool = False
    low: float | None = None
    high: float | None = None
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """An effect that is understood: its parameters, and whether a mark stays as it is under it.

    `tonal` effects change light and colour alone, everywhere alike: a mark stays in its place and
    is looked for there. All others can move, cover or dissolve one.
    """

    parameters: Mapping[str, Parameter]
    tonal: bool = False
    one_of: tuple[str, ...] = ()
    """Parameters of which exactly one is given."""


_TIME = Parameter(Kind.TIME, required=True, low=1)
_PIXELS = Parameter(Kind.LENGTH, low=0, high=16384)
_MARGIN = Parameter(Kind.LENGTH, low=0, high=2048)
_PACE = Parameter(Kind.PACE, low=-1_000_000, high=1_000_000)
_COLOR = Parameter(Kind.COLOR, low=0, high=255)
_SIDES = ("left", "right", "top", "bottom")


def _factor(low: float, high: float, *, required: bool = True) -> Parameter:
    """A number that must be given."""
    return Parameter(Kind.NUMBER, required=required, low=low, high=high)


def _known(*, tonal: bool = False, one_of: tuple[str, ...] = (), **parameters: Parameter) -> Known:
    return Known(MappingProxyType(parameters), tonal, one_of)


KNOWN: Mapping[str, Known] = MappingProxyType(
    {
        "BlackAndWhite": _known(tonal=True, preserve_luminosity=Parameter(Kind.FLAG)),
        "Blink": _known(duration_on=_TIME, duration_off=_TIME),
        "Crop": _known(
            x1=Parameter(Kind.ACROSS),
            y1=Parameter(Kind.DOWN),
            x2=Parameter(Kind.ACROSS),
            y2=Parameter(Kind.DOWN),
            width=_PIXELS,
            height=_PIXELS,
            x_center=Parameter(Kind.ACROSS),
            y_center=Parameter(Kind.DOWN),
        ),
        "EvenSize": _known(tonal=True),
        "FadeIn": _known(tonal=True, duration=_TIME, initial_color=_COLOR),
        "FadeOut": _known(tonal=True, duration=_TIME, final_color=_COLOR),
        "FreezeRegion": _known(
            one_of=("region", "outside_region"),
            t=Parameter(Kind.TIME),
            region=Parameter(Kind.BOX),
            outside_region=Parameter(Kind.BOX),
        ),
        "GammaCorrection": _known(tonal=True, gamma=_factor(0.01, 100)),
        "HeadBlur": _known(
            fx=Parameter(Kind.CURVE_ACROSS, required=True),
            fy=Parameter(Kind.CURVE_DOWN, required=True),
            radius=Parameter(Kind.LENGTH, required=True, low=1, high=16384),
            intensity=Parameter(Kind.LENGTH, low=0, high=1000),
        ),
        "InvertColors": _known(),
        "LumContrast": _known(
            tonal=True,
            lum=_factor(-255, 255, required=False),
            contrast=_factor(-1, 10, required=False),
            contrast_threshold=_factor(0, 255, required=False),
        ),
        "Margin": _known(
            margin_size=_MARGIN,
            left=_MARGIN,
            right=_MARGIN,
            top=_MARGIN,
            bottom=_MARGIN,
            color=_COLOR,
        ),
        "MaskColor": _known(
            color=_COLOR,
            threshold=_factor(0, 442, required=False),
            stiffness=_factor(0.01, 100, required=False),
        ),
        "MirrorX": _known(),
        "MirrorY": _known(),
        "MultiplyColor": _known(tonal=True, factor=_factor(0, 100)),
        "Painting": _known(
            saturation=_factor(0, 10, required=False), black=_factor(0, 1, required=False)
        ),
        "Resize": _known(new_size=Parameter(Kind.CURVE, required=True, low=0.05, high=20)),
        "Rotate": _known(
            angle=Parameter(Kind.CURVE, required=True, low=-36000, high=36000),
            unit=Parameter(Kind.WORD, words=("deg", "rad")),
            resample=Parameter(Kind.WORD, words=("bilinear", "nearest", "bicubic")),
            expand=Parameter(Kind.FLAG),
            bg_color=_COLOR,
        ),
        "Scroll": _known(
            w=_PIXELS,
            h=_PIXELS,
            x_speed=_PACE,
            y_speed=_PACE,
            x_start=Parameter(Kind.ACROSS, low=0),
            y_start=Parameter(Kind.DOWN, low=0),
        ),
        "SlideIn": _known(duration=_TIME, side=Parameter(Kind.WORD, required=True, words=_SIDES)),
        "SlideOut": _known(duration=_TIME, side=Parameter(Kind.WORD, required=True, words=_SIDES)),
        "SuperSample": _known(
            d=_TIME, n_frames=Parameter(Kind.WHOLE, required=True, low=1, high=64)
        ),
    }
)
"""moviepy's effects that change the pictures of a clip."""

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "AccelDecel": 'the event\'s own "ramp" does that, exactly',
        "CrossFadeIn": 'the event\'s own "transition" does that',
        "CrossFadeOut": 'the "transition" of the event after it does that',
        "Freeze": 'the event\'s own "freeze" or "extend" does that',
        "Loop": 'the event\'s own "loop" does that',
        "MakeLoopable": 'the event\'s own "loop" with a seam does that',
        "MasksAnd": "a mask is a clip of its own, and an event has one picture",
        "MasksOr": "a mask is a clip of its own, and an event has one picture",
        "MultiplySpeed": 'the event\'s own "speed" does that, exactly',
        "TimeMirror": 'the event\'s own "speed": "-1" does that',
        "TimeSymmetrize": 'the event\'s own "loop" with the seam "pingpong" does that',
    }
)
"""moviepy's effects that are not for an event's pictures, and what stands for them."""


def tonal(effect: Effect) -> bool:
    """Whether marks stay where and as they are under an effect; of one's own code nobody knows."""
    known = KNOWN.get(effect.name)
    return known is not None and known.tonal
