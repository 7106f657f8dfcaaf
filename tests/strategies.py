"""Strategies for Hypothesis: rates, spans, events, timelines, and edit lists as JSON values."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st

from finisher.event import (
    Align,
    Conform,
    Event,
    Extend,
    Gap,
    Item,
    Loop,
    NativeSound,
    Prolongation,
    Seam,
    Sounding,
    Transition,
    TransitionKind,
)
from finisher.geometry import Fit, Raster
from finisher.look import CDL
from finisher.retime import Ramp, SpeedKey
from finisher.timecode import Rate, Span
from finisher.timeline import Session, Take, Timeline

TAKES = ("s01t01", "s01t02", "s02t01")
RATE_TEXTS = (
    "24",
    "25",
    "30",
    "48",
    "50",
    "60",
    "24000/1001",
    "30000/1001",
    "60000/1001",
    "12",
    "1000/33",
)


def rates() -> st.SearchStrategy[Rate]:
    """Rates people deliver at, and an odd one."""
    return st.sampled_from(RATE_TEXTS).map(Rate.parse)


@st.composite
def spans(
    draw: st.DrawFn, *, low: int = 0, high: int = 500, least: int = 0, most: int = 240
) -> Span:
    """Half-open ranges that start in [low, high] and hold `least` to `most` positions."""
    start = draw(st.integers(low, high))
    return Span(start, start + draw(st.integers(least, most)))


def speeds() -> st.SearchStrategy[Fraction]:
    """Speeds, forwards and backwards, never zero."""
    forwards = st.builds(Fraction, st.integers(1, 12), st.integers(1, 12))
    return st.one_of(st.just(Fraction(1)), forwards, forwards.map(lambda speed: -speed))


@st.composite
def ramps(draw: st.DrawFn, frames: int) -> Ramp | None:
    """Ramps whose keys all lie inside an event that plays `frames` source frames."""
    rises = draw(st.lists(st.integers(1, 40), min_size=1, max_size=4))
    moving = st.builds(Fraction, st.integers(0, 12), st.integers(1, 6))
    speeds_ = [draw(moving) for _ in rises] + [draw(moving.filter(bool))]
    times = itertools.accumulate(rises, initial=0)
    ramp = Ramp(tuple(SpeedKey(at, speed) for at, speed in zip(times, speeds_, strict=True)))
    return ramp if ramp.keys[-1].at <= ramp.length(frames) <= 5000 else None


@st.composite
def loops(draw: st.DrawFn, single: int) -> Loop:
    """Loops of a pass of `single` frames."""
    period = {
        Seam.CUT: single,
        Seam.BLEND: single,
        Seam.PINGPONG: max(1, 2 * single - 2),
    }
    seam = draw(st.sampled_from([seam for seam in Seam if seam is not Seam.AUTO]))
    frames = draw(st.integers(1, single)) if seam is Seam.BLEND else 0
    if draw(st.booleans()):
        return Loop(draw(st.integers(1, 4)), None, seam, frames)
    return Loop(None, draw(st.integers(1, 3 * period[seam])), seam, frames)


@st.composite
def events(draw: st.DrawFn, *, name: str = "event", takes: tuple[str, ...] = TAKES) -> Event:
    """Events without a transition, each of at least one frame."""
    source = draw(spans(least=1))
    speed = draw(speeds())
    ramp = draw(st.none() | ramps(len(source)))
    speed = Fraction(1) if ramp is not None else speed
    plain = Event(name, draw(st.sampled_from(takes)), source, speed, ramp)
    loop = draw(st.none() | loops(plain.single))
    extend = draw(st.none() | st.builds(Extend, st.integers(1, 30), st.sampled_from(Prolongation)))
    tenths = st.integers(0, 10).map(lambda n: Fraction(n, 10))
    return Event(
        id=name,
        take=plain.take,
        source=source,
        speed=speed,
        ramp=ramp,
        conform=draw(st.sampled_from(Conform)),
        loop=loop,
        extend=extend,
        # What is widened names marks of its take, and none of these has any.
        fit=draw(st.sampled_from([fit for fit in Fit if fit is not Fit.WIDEN])),
        focus=(draw(tenths), draw(tenths)),
        may_crop=draw(st.none() | st.just("the mark stands on the poster anyway")),
        look=draw(st.none() | st.just("warm")),
        cdl=draw(st.none() | st.just(CDL(slope=(1.1, 1.0, 0.9), saturation=0.9))),
        strength=draw(st.none() | st.sampled_from([0.0, 0.5, 1.0])),
        sound=draw(
            st.sampled_from(
                [
                    Sounding(),
                    Sounding(NativeSound.MUTE),
                    Sounding(NativeSound.KEEP, -6.0),
                    Sounding(NativeSound.DUCK, depth_db=-4.5, cut_fade=0),
                    Sounding(NativeSound.MUTE, cut_fade=481, room_tone=TAKES[0]),
                ]
            )
        ),
    )


@st.composite
def tracks(draw: st.DrawFn, *, most: int = 6) -> tuple[Item, ...]:
    """Events and gaps, with transitions wherever some were drawn that have room."""
    count = draw(st.integers(1, most))
    items: list[Item] = [
        draw(events(name=f"e{place}"))
        if place == 0 or draw(st.integers(0, 4))
        else Gap(draw(st.integers(1, 48)))
        for place in range(count)
    ]
    taken = [0] * count
    for place, item in enumerate(items):
        if not isinstance(item, Event) or not draw(st.booleans()):
            continue
        # Of each item's frames one must stay free of transitions.
        before = items[place - 1].length - 1 - taken[place - 1] if place else 16
        # Into the first event everything lies after its start.
        align = Align.CENTER if place else Align.START
        room = min(before, item.length - 1, 16) * (2 if place else 1)
        if room < 1:
            continue
        kind = draw(st.sampled_from(TransitionKind))
        transition = Transition(kind, draw(st.integers(1, room)), align)
        if transition.after > item.length - 1:
            continue
        taken[place] += transition.after
        items[place] = _with(item, transition)
    return tuple(items)


def _with(event: Event, transition: Transition) -> Event:
    """An event with a transition into it."""
    values = {name: getattr(event, name) for name in Event.__slots__}
    return Event(**{**values, "transition": transition})


@st.composite
def timelines(draw: st.DrawFn, *, most: int = 6) -> Timeline:
    """Valid timelines of up to `most` items over three takes of two sessions."""
    return Timeline(
        title="Drawn",
        rate=draw(rates()),
        canvas=Raster(*draw(st.sampled_from([(1920, 1080), (1080, 1920), (640, 360)]))),
        takes=(
            Take("s01t01", "/project/takes/scene01_take01.mp4", "monday", "01"),
            Take("s01t02", "/project/takes/scene01_take02.mp4", "monday", "01"),
            Take("s02t01", "/project/takes/scene02_take01.mp4", "tuesday", "02"),
        ),
        sessions=(Session("monday"), Session("tuesday", match="monday")),
        items=draw(tracks(most=most)),
    )


def edl_of(timeline: Timeline) -> dict[str, Any]:
    """A timeline of `timelines` as the JSON value of an edit list that reads as it."""
    return {
        "schema": "finisher/edl@1",
        "title": timeline.title,
        "rate": str(timeline.rate),
        "canvas": {"width": timeline.canvas.width, "height": timeline.canvas.height},
        "takes": {
            take.id: {"file": take.path.removeprefix("/project/"), "session": take.session}
            for take in timeline.takes
        },
        "sessions": {session.id: _given({"match": session.match}) for session in timeline.sessions},
        "events": [_item(item) for item in timeline.items],
    }


def edl_documents(*, most: int = 6) -> st.SearchStrategy[dict[str, Any]]:
    """Valid edit lists as JSON values."""
    return timelines(most=most).map(edl_of)


def json_values(*, leaves: int = 20) -> st.SearchStrategy[Any]:
    """Any JSON value."""
    scalars = (
        st.none()
        | st.booleans()
        | st.integers(-(2**70), 2**70)
        | st.floats(allow_nan=False, allow_infinity=False)
        | st.text(max_size=12)
    )
    return st.recursive(
        scalars,
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4)
        ),
        max_leaves=leaves,
    )


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """An object without what is None."""
    return {key: value for key, value in values.items() if value is not None}


def _item(item: Item) -> dict[str, Any]:
    """An event or gap as JSON."""
    if isinstance(item, Gap):
        return {"gap": item.frames}
    return _given(
        {
            "id": item.id,
            "take": item.take,
            "in": item.source.start,
            "out": item.source.end,
            "speed": None if item.ramp else str(item.speed),
            "ramp": None
            if item.ramp is None
            else [{"at": key.at, "speed": str(key.speed)} for key in item.ramp.keys],
            "conform": str(item.conform),
            "loop": None if item.loop is None else _loop(item.loop),
            "extend": None
            if item.extend is None
            else {"frames": item.extend.frames, "with": str(item.extend.by)},
            "transition": None if item.transition is None else _transition(item.transition),
            "fit": str(item.fit),
            "focus": [float(part) for part in item.focus],
            "may_crop": item.may_crop,
            "look": item.look,
            "cdl": None if item.cdl is None else _cdl(item.cdl),
            "strength": item.strength,
            "sound": _sound(item.sound),
        }
    )


def _sound(sound: Sounding) -> str | dict[str, Any]:
    """What is done with native sound as JSON: a word where that is all."""
    if sound == Sounding(sound.native):
        return str(sound.native)
    return _given(
        {
            "native": str(sound.native),
            "gain_db": sound.gain_db,
            "depth_db": sound.depth_db if sound.native is NativeSound.DUCK else None,
            "cut_fade": f"{sound.cut_fade}/48000s",
            "room_tone": sound.room_tone,
        }
    )


def _loop(loop: Loop) -> dict[str, Any]:
    """A loop as JSON."""
    return _given(
        {
            "times": loop.times,
            "until": loop.until,
            "seam": str(loop.seam),
            "frames": loop.frames or None,
        }
    )


def _transition(transition: Transition) -> dict[str, Any]:
    """A transition as JSON."""
    return {
        "kind": str(transition.kind),
        "frames": transition.frames,
        "align": str(transition.align),
    }


def _cdl(cdl: CDL) -> dict[str, Any]:
    """A colour decision list as JSON."""
    return {
        "slope": list(cdl.slope),
        "offset": list(cdl.offset),
        "power": list(cdl.power),
        "saturation": cdl.saturation,
    }
